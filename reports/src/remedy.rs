//! What would prevent a finding, by its kind and by what it needs: one table, the most specific first.

use dupeproof_sim::FindingKind::{self, *};

use crate::step_at_fault::Mechanism;

/// A change of the game or of its data module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// What to do, in a sentence without a full stop.
    pub change: &'static str,
    /// Why that helps.
    pub why: &'static str,
    /// Where the reason is documented or reported; empty for what follows from the run itself.
    pub source: &'static str,
}

/// No finding has more than this many: who is told everything does nothing.
const MOST: usize = 3;

/// What would prevent a finding of this kind whose cause needs these factors, and which came about like this: at least one
/// remedy.
pub fn remedies(kind: FindingKind, needs: &[String], mechanism: Option<Mechanism>) -> Vec<&'static Remedy> {
    let is_needed = |row: &&Row| row.factors.iter().any(|factor| needs.iter().any(|need| need == factor));
    let of_kind = || ROWS.iter().filter(|row| row.kinds.contains(&kind));
    let general = of_kind().filter(|row| row.factors.is_empty());
    let specific = of_kind().filter(is_needed);
    let of_step = mechanism.map(Mechanism::remedy);
    of_step.into_iter().chain(specific.chain(general).map(|row| &row.remedy)).take(MOST).collect()
}

/// A remedy, with what it is for.
#[derive(Debug)]
pub struct Row {
    /// The findings that it would prevent.
    pub kinds: &'static [FindingKind],
    /// One of them must be needed; if there are none, it always helps.
    pub factors: &'static [&'static str],
    /// What to change.
    pub remedy: Remedy,
}

const fn row(
    kinds: &'static [FindingKind],
    factors: &'static [&'static str],
    change: &'static str,
    why: &'static str,
    source: &'static str,
) -> Row {
    Row { kinds, factors, remedy: Remedy { change, why, source } }
}

const ITEMS: &[FindingKind] = &[ItemDuplicated, ItemLost];
/// A save that was missed, or one that should not have been made.
const SAVES: &[FindingKind] = &[
    ItemDuplicated,
    ItemLost,
    PurchaseDuplicated,
    PurchaseLost,
    MessageDuplicated,
    MessageLost,
    LostUpdate,
    FalseAck,
    UnfencedWrite,
    StaleStart,
];
/// A session that is taken for live, and is not.
const BELIEFS: &[FindingKind] =
    &[ItemDuplicated, ItemLost, LostUpdate, FalseAck, DoubleLive, UnfencedWrite, EditNotLive, SilentEnd];
/// A session that begins too early, or too late.
const STARTS: &[FindingKind] = &[
    ItemDuplicated,
    ItemLost,
    PurchaseDuplicated,
    PurchaseLost,
    MessageDuplicated,
    MessageLost,
    LostUpdate,
    FalseAck,
    DoubleLive,
    UnfencedWrite,
    StaleStart,
    SilentEnd,
];
const LOCKS: &[FindingKind] = &[LockStuck, StartRefused, Overdue, OlderStartWon];

const PURCHASES_PAGE: &str = "Roblox, player-data-purchasing";
const ERRORS_PAGE: &str = "Roblox, error-codes-and-limits (2026-04-02): a failed write \"does not always guarantee that the backend write did not occur\"";

/// All of them.
#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    row(SAVES, &["writes_ambiguous", "datastore_disconnected"],
        "After an error, read the record again without the cache before you try again or give up, and give each write a number by which the transform knows it",
        "the write may have been applied although its answer was an error or never came", ERRORS_PAGE),
    row(SAVES, &["late_write"],
        "Give each write a number that only grows, and let the transform return nil if the record has a higher one",
        "a write that was answered with an error may be applied seconds later, over newer data", ERRORS_PAGE),
    row(SAVES, &["writes_refused", "datastore_unavailable", "datastore_disconnected"],
        "Retry the final save with growing pauses until it is stored, and keep the lock until then",
        "a save that is given up loses what the player did since the last one", "Roblox, error-codes-and-limits: 502, InternalServerError"),
    row(SAVES, &["reads_failing", "datastore_unavailable"],
        "Begin no session with data that was not read, and save none: an error of GetAsync is not an empty record",
        "what is saved after a failed read replaces all that the player had", "Roblox, player-data-purchasing"),
    row(ITEMS, &["overfill", "full_record"],
        "Check what goes into the data when it comes in: utf8.len of texts, finite numbers, its size as JSON",
        "data that cannot be stored stops every save of one side of a trade, which players do on purpose", "reported of Islands; Roblox, player-data-purchasing"),
    row(&[LostUpdate, LockStuck, ShutdownOverrun, StartRefused, FalseAck, Overdue, RequestStorm], &["overfill", "full_record"],
        "Check what goes into the data when it comes in: utf8.len of texts, finite numbers, its size as JSON",
        "data that cannot be stored stops every save, the final one too", ""),
    row(ITEMS, &["freeze", "lag", "clocks", "messages_missing", "datastore_unavailable", "steal", "errands"],
        "Ask for the lock again, with a write, before a trade",
        "a server may take its session for live when another has taken the lock; only the store knows", ""),
    row(BELIEFS, &["freeze", "lag"],
        "After each yield, ask the clock whether the session can still be live before you change or save anything",
        "a server that stood still goes on with what it believed before", ""),
    row(BELIEFS, &["messages_missing", "subscribes_failing"],
        "Do not rely on a message to end a session: look at the lock in every save, and let the next server wait longer than the time between two saves",
        "messages are lost, and a subscription can fail", "Roblox, MessagingService: delivery is best effort"),
    row(LOCKS, &["subscribes_failing"],
        "Call SubscribeAsync in a pcall, retry it, and hold the session without it as if no message would come",
        "a subscription can fail or never be answered", "ProfileStore, PR 4"),
    row(BELIEFS, &["clocks"],
        "Do not compare os.time of two servers: let the waiting server count with os.clock since it saw the lock last change",
        "wall clocks differ between servers, and jump", "Roblox, os library: os.time is synchronised within a few hundred milliseconds, if at all"),
    row(LOCKS, &["clocks"],
        "Do not compare os.time of two servers: let the waiting server count with os.clock since it saw the lock last change",
        "wall clocks differ between servers, and jump", "Roblox, os library"),
    row(STARTS, &["memory_store"],
        "Decide in the record itself who has the profile; use a memory store only to shorten the wait",
        "an item of a memory store can be gone before its time, and no write to the record is refused for it", ""),
    row(STARTS, &["rejoin", "quick_rejoin"],
        "On one server, wait for the last save of a profile before you load it again",
        "the player is back before the save that their leaving began", ""),
    row(STARTS, &["two_devices", "quick_hop", "move"],
        "Take a lock in the record before the profile is used, and wait until its holder has saved and released it, or has not renewed it for longer than a healthy holder ever needs",
        "the player is on the next server before the one before has saved",
        "Roblox, player-data-purchasing: \"you can't assume that data from one session is always saved before the next session starts\""),
    row(SAVES, &["crash"],
        "Save at once what must not be lost, such as a trade or a purchase, and tell the player only then",
        "what was not saved is gone with the server", PURCHASES_PAGE),
    row(SAVES, &["close"],
        "Save in BindToClose and in PlayerRemoving, whichever comes first, all profiles at the same time, and wait for them",
        "a closing server has 30 s, and the order of the two is not documented", "Roblox, DataModel.BindToClose"),
    row(STARTS, &["steal"],
        "Do not start with Steal while the holder may be alive: ask it to end its session, and take the lock only when nobody renews it",
        "the holder is not told, and plays on with data that will not be saved", ""),
    row(&[LostUpdate, DoubleLive, UnfencedWrite, SilentEnd, AdminUndone, ItemDuplicated, ItemLost], &["removal", "rollback"],
        "Let admin tools change a record with UpdateAsync and leave the lock in it, or end the session first",
        "a write from outside removes the lock, and the session that had it is not told", ""),
    row(STARTS, &["nil_read"],
        "Do not write a template over a profile because one read found nothing: read again, or keep a mark elsewhere of who was here before",
        "reads have found nothing although something was stored", "the incident of January 2019"),
    row(ITEMS, &[],
        "Move items through the records: put the item aside in the giver's record, let the other record take it by a number that it remembers, then remove it",
        "two profiles are saved one after the other, so one save can be missed; what is between the two is then in both, or in neither", PURCHASES_PAGE),
    row(&[PurchaseLost, FalseAck], &[],
        "Answer PurchaseGranted only after a save that contains the purchase is stored",
        "Roblox delivers an answered receipt no more", "Roblox, MarketplaceService.ProcessReceipt"),
    row(&[FalseAck], &[],
        "Take a save for done only if the value that UpdateAsync returns is this session's",
        "a transform that returns nil is no error", ""),
    row(&[LostUpdate, UnfencedWrite, ItemDuplicated, ItemLost, PurchaseLost, MessageLost], &[],
        "Compare the lock inside the transform of UpdateAsync, and return nil if it is not this session's",
        "the transform sees what is stored now; a check before the call, or SetAsync, overwrites what came in between", "Roblox, GlobalDataStore:UpdateAsync"),
    row(&[PurchaseDuplicated], &[],
        "Keep the PurchaseId in the player's data, written together with what it grants, and look for it inside the transform",
        "a receipt comes again until it is answered, and may run on two servers at the same time", "Roblox, MarketplaceService.ProcessReceipt"),
    row(&[MessageDuplicated, MessageLost], &[],
        "Remember the number of a message in the same write as its effect, and remove the message only in that write or later",
        "between two writes a server can stop: then the effect is there twice, or not at all", ""),
    row(&[LostUpdate], &[],
        "Save when the player leaves and when the server closes, and retry until it is stored",
        "a change that is only in memory ends with the session", "Roblox, DataModel.BindToClose"),
    row(&[AdminUndone], &[],
        "End the session before an admin writes, or leave a mark in the record that a running session's transform respects",
        "a session that began before writes its own data back", ""),
    row(&[DoubleLive, SilentEnd, EditNotLive], &[],
        "Let a session end by itself if it could not confirm its lock for as long as another server waits before a takeover, and a margin",
        "nobody may be able to tell it that the lock is gone", ""),
    row(&[EditNotLive], &[], "Ask whether the session is live right before each change, without a yield between",
        "a change after that is not saved", ""),
    row(&[SilentEnd], &[], "When a save finds another lock in the record, tell the game, and stop changing the data",
        "the player plays on for nothing, and gives away what others keep", ""),
    row(&[DoubleLive, UnfencedWrite], &[],
        "Take the lock and read the data in one UpdateAsync, and begin the session only with its answer",
        "between a read and a write another server can do the same", "Roblox, GlobalDataStore:UpdateAsync"),
    row(&[StaleStart], &[],
        "Begin with the value that the write returned which took the lock, not with an earlier read",
        "an earlier read is old, and GetAsync may come from the cache of 4 s", "Roblox, data store caching"),
    row(&[UnaskedEnd], &[], "End or suspend a session only if the record names another one, or its time has run out by the server's own clock",
        "a guess throws a player out while all is well", ""),
    row(&[StartRefused], &[], "Keep trying as long as the player is there, and take over a lock that nobody has renewed for longer than a lease",
        "the holder may be gone for good", ""),
    row(&[OlderStartWon], &[], "Give up a waiting start as soon as its player has left, and let a newer one replace it in the record",
        "otherwise the profile goes to a server where nobody waits", ""),
    row(&[LockStuck], &[], "Release the lock in the final save, retry that until it is stored, and let others take over a lock that nobody renews",
        "nobody else can load the profile meanwhile", ""),
    row(&[UndatedSave], &[], "Write the time of each save into the record",
        "other servers tell by it that a session is dead", "ProfileStore, `LastUpdate`"),
    row(&[Crashed], &[], "Look at the line that the error names: what it takes for granted was not there, or a loop there has no task.wait",
        "an error that nobody catches ends what the script was doing for everybody on the server", ""),
    row(&[Overdue], &[], "Save each profile at fixed times that do not depend on the others, and look at a lock more often while a player waits",
        "what is late here had no reason to be", ""),
    row(&[ShutdownOverrun], &[], "In BindToClose, save all profiles at the same time, and bound what one of them may take",
        "Roblox kills the server after 30 s", "Roblox, DataModel.BindToClose"),
    row(&[RequestStorm], &[], "Pause between two tries, longer each time, and stop when nobody waits for the answer",
        "requests that do nothing use up the budget of everybody on the server", "Roblox, error-codes-and-limits: 60 s budgets"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use dupeproof_scenarios::Factor;

    use super::*;

    #[test]
    fn every_kind_has_a_remedy_whatever_it_needs_and_none_has_the_same_twice() {
        for kind in FindingKind::ALL {
            assert!(!remedies(kind, &[], None).is_empty(), "{}", kind.name());
            for factor in Factor::all() {
                let told = remedies(kind, &[factor.name().to_owned()], None);
                let changes: BTreeSet<&str> = told.iter().map(|remedy| remedy.change).collect();
                assert_eq!(changes.len(), told.len(), "{} {}", kind.name(), factor.name());
            }
        }
    }

    #[test]
    fn what_a_finding_needs_comes_before_what_always_helps() {
        let needs = ["clocks".to_owned()];
        let first = remedies(DoubleLive, &needs, None)[0];
        assert!(first.change.contains("os.time") && !remedies(DoubleLive, &[], None).contains(&first));
    }

    #[test]
    fn every_row_is_for_a_kind_and_for_factors_that_there_are_and_is_told_of_some_finding() {
        let names: BTreeSet<&str> = Factor::all().iter().map(|factor| factor.name()).collect();
        for row in ROWS {
            assert!(row.factors.iter().all(|factor| names.contains(factor)), "{:?}", row.factors);
            let needs: Vec<String> = row.factors.iter().map(|factor| (*factor).to_owned()).collect();
            let told =
                |needs: &[String]| row.kinds.iter().any(|kind| remedies(*kind, needs, None).contains(&&row.remedy));
            let alone = || needs.iter().any(|need| told(std::slice::from_ref(need)));
            assert!(if needs.is_empty() { told(&[]) } else { alone() }, "{}", row.remedy.change);
        }
    }

    #[test]
    fn what_prevents_the_step_itself_comes_first() {
        for mechanism in Mechanism::ALL {
            let told = remedies(DoubleLive, &["clocks".to_owned()], Some(mechanism));
            assert_eq!(told[0], mechanism.remedy());
            assert!(told.len() == MOST && told[1].change.contains("os.time"));
            assert!(!told[0].change.ends_with('.') && !told[0].why.ends_with('.'));
        }
    }
}
