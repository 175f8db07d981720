//! A check that cannot fail is a defect: the core is broken on purpose, one mistake at a time, and every mistake is
//! found. Two-sided: on the same schedules the unmodified core has no finding.
//!
//! Which schedule found a mistake is recorded in `sabotage_found.txt`, and is tried first: the search from the first schedule on is
//! for mistakes that it does not find any more. `UPDATE=1` searches for all, and writes the file anew.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use dupeproof_core::{Config, Sabotage};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::subjects::core::CoreSubject;
use dupeproof_scenarios::subjects::embed::EmbedSubject;
use dupeproof_scenarios::{Suite, run_case};
use dupeproof_sim::network::Network;
use dupeproof_sim::{FindingKind, Subject};
use rayon::prelude::*;

/// The root seed of these searches.
const SEED: u64 = 12;

/// The suites a mistake with single profiles may show itself in, each searched in turn.
const PROFILES: &[&str] = &["swarm", "no_swap"];

/// The suite in which servers vie for a lock.
const RIVALS: &[&str] = &["hand_over"];

/// The suite a mistake between profiles shows itself in.
const MARKET: &[&str] = &["market"];

/// Each mistake with single profiles, and how many schedules are enough to find it (about ten times what was needed
/// when it was written).
const PROFILE_MISTAKES: &[(Sabotage, u64)] = &[
    (Sabotage::NoFence, 2_000),
    (Sabotage::FenceByAnyLock, 20_000),
    (Sabotage::NoLockIsOwnLock, 20_000),
    (Sabotage::LeaseFromReply, 2_000),
    (Sabotage::NoWait, 2_000),
    (Sabotage::WaitWithoutDrift, 50_000),
    (Sabotage::WaitByWallClock, 2_000),
    (Sabotage::WaitFromRequest, 50_000),
    (Sabotage::MarkerNotRechecked, 20_000),
    (Sabotage::NoMarker, 2_000),
    (Sabotage::FinalSaveNotRetried, 2_000),
    (Sabotage::ReleaseDoesNotCompare, 20_000),
    (Sabotage::CheckIgnoresMarker, 2_000),
    (Sabotage::CheckIgnoresLock, 20_000),
    (Sabotage::SaveIgnoresMarker, 20_000),
    (Sabotage::ResumeWithoutConfirming, 2_000),
    (Sabotage::NoLease, 2_000),
    (Sabotage::SameServerIsSameSession, 20_000),
    (Sabotage::LossNotTold, 20_000),
    (Sabotage::CancelLeavesLock, 20_000),
    (Sabotage::WithdrawalLeavesLateWrite, 50_000),
    (Sabotage::ReleaseKeepsLock, 2_000),
    (Sabotage::SuspendedCanBeEdited, 2_000),
    (Sabotage::SubscriptionStays, 100),
    (Sabotage::SaveIsUndated, 500),
    (Sabotage::WaitByOwnLease, 2_000),
    // The rarest of all: the change of a lease has to fall between two saves of a session that is then silent.
    (Sabotage::LeaseChangesAtOnce, 80_000),
    (Sabotage::UnstorableKeepsLock, 500),
    (Sabotage::KeptIsAcknowledged, 500),
    (Sabotage::KeptIgnoresMarker, 50_000),
];

/// The same where servers vie for a lock.
const RIVAL_MISTAKES: &[(Sabotage, u64)] =
    &[(Sabotage::OldWaitForNewMarker, 2_000), (Sabotage::ReleasedNotHeard, 2_000)];

/// The same for starts, messages, trades, gifts, purchases, acknowledgements and shutdowns.
const MARKET_MISTAKES: &[(Sabotage, u64)] = &[
    (Sabotage::CancelIgnored, 100),
    (Sabotage::LoadCountNotRaised, 500),
    (Sabotage::FirstSessionDropsMessages, 2_000),
    (Sabotage::RetryIsNewMessage, 500),
    (Sabotage::UnknownSendIsRefused, 500),
    (Sabotage::SaveForgetsSeenMessages, 1_000),
    (Sabotage::SaveDropsUnseenMessages, 100),
    (Sabotage::FullQueueDropsOldest, 1_000),
    (Sabotage::ProcessedNotRemoved, 100),
    (Sabotage::RemovedBeforeProcessed, 1_000),
    (Sabotage::CreateBeforeEscrowIsStored, 12_000),
    (Sabotage::VoteBeforeBindingIsStored, 80_000),
    (Sabotage::CommitWithOneSide, 100),
    (Sabotage::DecisionChanges, 12_000),
    (Sabotage::UnknownDecisionIsAbort, 5_000),
    (Sabotage::EscrowOutlivesSettling, 100),
    (Sabotage::MarkBeforeApplied, 100_000),
    (Sabotage::AbortWaitsForAll, 100),
    (Sabotage::SettledIsForgotten, 1_000),
    (Sabotage::CoordinatorRemovedByFirst, 100),
    (Sabotage::AbortReturnsNothing, 100),
    (Sabotage::ResumedTradeIsAborted, 200),
    (Sabotage::EscrowNotResumed, 4_000),
    (Sabotage::ReleaseDropsEscrow, 100),
    (Sabotage::EscrowNotStored, 100),
    (Sabotage::ResumedGiftIsNewMessage, 500),
    (Sabotage::UnknownGiftHasArrived, 500),
    (Sabotage::GiftsOvertake, 12_000),
    (Sabotage::PurchaseGrantedBeforeStored, 1_500),
    (Sabotage::ReceiptNotKept, 100),
    (Sabotage::ReceiptUnderWayIsStored, 4_000),
    (Sabotage::AcknowledgedBeforeStored, 100),
    (Sabotage::UnknownIsAcknowledged, 100),
    (Sabotage::RefusedIsAcknowledged, 500),
    (Sabotage::NoBackoff, 3_000),
    (Sabotage::ShutdownDoesNotWait, 100),
    (Sabotage::ShutdownRefusesMessagesUnderWay, 1_000),
    (Sabotage::SettledIsNeverForgotten, 100),
    (Sabotage::AnyMessageEnds, 500),
    (Sabotage::NewestReceiptForgotten, 4_000),
    (Sabotage::NewestSenderForgotten, 1_000),
    (Sabotage::EndedTakesChanges, 1_000),
    (Sabotage::SuspendedBuysBlindly, 500),
    (Sabotage::OldestIsProcessed, 500),
    (Sabotage::ProcessedWaitsForOlder, 1_000),
];

/// The suite in which admins steal, remove and roll back, also in the middle of trades. There two servers may be live at
/// once, within bounds.
const ADMIN: &[&str] = &["admin"];

/// The same where admins take locks away, some from holders that hang in the middle of a trade.
const ADMIN_MISTAKES: &[(Sabotage, u64)] = &[
    (Sabotage::CheckIgnoresLock, 2_000),
    (Sabotage::VoteWithoutBinding, 400),
    (Sabotage::AnyCoordinatorWillDo, 40_000),
    (Sabotage::VoteMakesCoordinator, 10_000),
    (Sabotage::ClosedTooEarly, 20_000),
];

/// What a mutation tool would make of the core: a statement dropped, a comparison turned, a field or a constant
/// exchanged. Each shows itself where everything happens,
const SMALL_MISTAKES: &[(Sabotage, u64)] = &[
    (Sabotage::ReceiptsNotSaved, 400),
    (Sabotage::LastWriteOneAhead, 1_000),
    (Sabotage::FinalSaveKeepsStoredData, 100),
    (Sabotage::WithdrawalClearsAnyLock, 100),
    (Sabotage::WithdrawalKeepsLock, 200),
    (Sabotage::ForeignMarkerIsOwn, 400),
    (Sabotage::FailedTryIsForgotten, 2_000),
    (Sabotage::DriftIsSubtracted, 7_000),
    (Sabotage::WithdrawalNotRetried, 100),
    (Sabotage::WithdrawalDoesNotWait, 1_000),
    (Sabotage::LastTryIsForgotten, 17_000),
    (Sabotage::ResumptionNotTold, 1_000),
    (Sabotage::SaveInFlightWillDo, 60_000),
    (Sabotage::LostSessionStaysSubscribed, 2_000),
    (Sabotage::EndNotTold, 100),
    (Sabotage::EscrowOneWriteEarly, 10_000),
    (Sabotage::OwnLockIsForeign, 300),
    (Sabotage::TakeKeepsMarker, 100),
    (Sabotage::LeaseNotWritten, 100),
    (Sabotage::LastMessageReadAgain, 6_000),
    (Sabotage::FailedRemovalIsDone, 1_500),
    (Sabotage::GoneIsRetried, 100),
    (Sabotage::FinishedSessionStays, 100),
    (Sabotage::NoAutoSave, 9_000),
    (Sabotage::MessagesToAllKeysTogether, 100),
    (Sabotage::MessagesDoNotWait, 100),
    (Sabotage::FullQueueIsDone, 200),
    (Sabotage::VoteForPartner, 100),
    (Sabotage::CoordinatorNeverRemoved, 100),
    (Sabotage::TimeIsNeverUp, 100),
    (Sabotage::TimeUpOnlyAsks, 100),
    (Sabotage::ResumedGiftForgotten, 100),
    (Sabotage::SettledNotResumed, 700),
    (Sabotage::AbsenceNeverBelieved, 700),
    (Sabotage::BindsToOwnTry, 2_000),
    (Sabotage::RefusedGiftHasArrived, 5_000),
    (Sabotage::DeliveredGiftStays, 100),
    (Sabotage::AnyWriterIsOwn, 500),
    (Sabotage::OlderWriteIsThisOne, 1_000),
    (Sabotage::QueueCountsItself, 400),
    (Sabotage::YoungMessagesForgotten, 10_000),
    (Sabotage::OnlyNewestReceiptKept, 1_000),
    (Sabotage::PendingIsGrantedAgain, 500),
    (Sabotage::GiftsShareNumber, 400),
    (Sabotage::GiftNumbersRestart, 700),
    (Sabotage::HandledWithoutEffect, 100),
    (Sabotage::IndexNotRaised, 100),
    (Sabotage::HandledAgain, 1_000),
    (Sabotage::OnlyNewestSenderRemembered, 1_000),
];

/// where admins take locks away,
const SMALL_ADMIN_MISTAKES: &[(Sabotage, u64)] = &[
    (Sabotage::FenceByLoadCount, 2_000),
    (Sabotage::FenceByServer, 2_000),
    (Sabotage::SuspensionNotTold, 1_000),
    (Sabotage::SaveConfirmsFromReply, 2_000),
    (Sabotage::SetKeepsLock, 100),
    (Sabotage::SetDropsMessages, 100),
];

/// or where servers vie for a lock. The others are found by exploration (`prove.rs`).
const SMALL_RIVAL_MISTAKES: &[(Sabotage, u64)] =
    &[(Sabotage::MarkerNotComparedWhenTaking, 500), (Sabotage::ReplacedMarkerIsWrittenAgain, 12_000)];

/// What a full queue does.
const NEED_SHORT_QUEUES: [Sabotage; 2] = [Sabotage::FullQueueIsDone, Sabotage::RefusedGiftHasArrived];

/// The core with a mistake. What a full queue does shows only where queues are short.
fn core_with(sabotage: Sabotage) -> CoreSubject {
    let mut config = Config { sabotage: Some(sabotage), ..Config::default() };
    if NEED_SHORT_QUEUES.contains(&sabotage) {
        config.max_message_queue = 5;
    }
    CoreSubject::with_config(config)
}

/// What the file says: the schedule, counted from one over the suites in turn, by mistake and suites.
static FOUND: LazyLock<BTreeMap<(String, String), u64>> = LazyLock::new(|| {
    let lines = include_str!("sabotage_found.txt").lines().filter(|line| !line.starts_with('#'));
    let parsed = lines.map(|line| {
        let mut words = line.split_whitespace().map(str::to_owned);
        let mut next = || words.next().unwrap_or_else(|| panic!("`{line}`: a mistake, suites and a number"));
        ((next(), next()), next().parse().unwrap_or_else(|_| panic!("`{line}`: the last word is a number")))
    });
    parsed.collect()
});

fn updates() -> bool {
    std::env::var_os("UPDATE").is_some()
}

/// What is to be written, once all of a test's are found.
static NEW: Mutex<BTreeMap<(String, String), u64>> = Mutex::new(BTreeMap::new());

/// Keeps what an update has found.
fn note(place: (String, String), schedules: u64) {
    let mut new = NEW.lock().unwrap();
    new.insert(place, schedules);
    let all: BTreeMap<_, _> = FOUND.iter().chain(new.iter()).collect();
    let lines = all.into_iter().map(|((mistake, suites), schedules)| format!("{mistake} {suites} {schedules}\n"));
    let head = "# The schedule of seed 12, counted from one, on which each deliberate mistake shows itself first.\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/sabotage_found.txt");
    std::fs::write(path, lines.fold(head.to_owned(), |text, line| text + &line)).unwrap();
}

/// The schedule on which a mistake shows itself: the recorded one, or the first that does.
fn found(mistake: &str, subject: &dyn Subject, suites: &[&Suite], limit: u64) -> Option<(u64, FindingKind)> {
    let names: Vec<&str> = suites.iter().map(|suite| suite.name.as_str()).collect();
    let place = (mistake.to_owned(), names.join("+"));
    let recorded = FOUND.get(&place).copied().filter(|recorded| *recorded <= limit && !updates());
    if let Some(kind) = recorded.and_then(|recorded| shown(suites, subject, recorded - 1)) {
        return recorded.map(|recorded| (recorded, kind));
    }
    let found = schedules_of(suites, subject, limit)?;
    if updates() {
        note(place, found.0);
    } else {
        println!("{mistake} is found by another schedule than is recorded: write it down with UPDATE=1");
    }
    Some(found)
}

fn named(suites: &[&str]) -> Vec<&'static Suite> {
    suites.iter().map(|name| Suite::named(name).unwrap()).collect()
}

/// What a subject shows that it may not on one schedule, counted over the suites in turn.
fn shown(suites: &[&Suite], subject: &dyn Subject, number: u64) -> Option<FindingKind> {
    let turns = u64::try_from(suites.len()).unwrap();
    let suite = suites[usize::try_from(number % turns).unwrap()];
    let schedule = suite.schedule(SEED, number / turns, subject.name());
    let result = run_case(&schedule, subject, Network::Event, &mut ());
    result.findings.iter().map(|finding| finding.kind()).find(|kind| suite.forbids(*kind, subject))
}

/// The first schedule, counted over the suites in turn, on which the subject shows what it may not.
fn schedules_of(suites: &[&Suite], subject: &dyn Subject, limit: u64) -> Option<(u64, FindingKind)> {
    (0..usize::try_from(limit).unwrap()).into_par_iter().by_exponential_blocks().find_map_first(|number| {
        let number = u64::try_from(number).unwrap();
        shown(suites, subject, number).map(|kind| (number + 1, kind))
    })
}

fn all_are_found(mistakes: &[(Sabotage, u64)], suites: &[&str]) {
    let mut missed = Vec::new();
    for &(sabotage, limit) in mistakes {
        match found(&format!("{sabotage:?}"), &core_with(sabotage), &named(suites), limit) {
            Some((schedules, kind)) => println!("{sabotage:?}: {kind:?} after {schedules} schedules"),
            None => missed.push(sabotage),
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}

/// Mistakes of the core that reach the game through the façade's saves, checks, ends, promises, handlers and
/// shutdown, with the suite each shows itself in.
const EMBEDDED_MISTAKES: [(Sabotage, &[&str], u64); 8] = [
    (Sabotage::NoFence, PROFILES, 2_000),
    (Sabotage::NoLease, PROFILES, 2_000),
    (Sabotage::FinalSaveNotRetried, PROFILES, 2_000),
    (Sabotage::LossNotTold, PROFILES, 20_000),
    (Sabotage::AcknowledgedBeforeStored, MARKET, 100),
    (Sabotage::PurchaseGrantedBeforeStored, MARKET, 1_000),
    (Sabotage::RetryIsNewMessage, MARKET, 500),
    (Sabotage::ShutdownDoesNotWait, MARKET, 100),
];

#[test]
fn a_deliberate_mistake_is_found_through_the_facade_too() {
    for (sabotage, suites, limit) in EMBEDDED_MISTAKES {
        let subject = EmbedSubject::with_config(Config { sabotage: Some(sabotage), ..Config::default() });
        let found = found(&format!("Embedded{sabotage:?}"), &subject, &named(suites), limit);
        let (schedules, kind) = found.unwrap_or_else(|| panic!("{sabotage:?} was not found"));
        println!("{sabotage:?}: {kind:?} after {schedules} schedules");
    }
}

/// A game whose players stay for several auto-save periods: elsewhere they leave before they are passed over for long.
const LONG_STAYS: &str = r#"
name = "long_stays"
about = "players who stay, on servers that save often"
world = "calm"

[topology]
servers = 2
players = 6
stays = 1
length_s = [500, 600]

[constants]
AUTO_SAVE_PERIOD = 30
"#;

#[test]
fn an_auto_save_that_passes_sessions_over_is_found_where_players_stay() {
    let suite = Suite::parse(LONG_STAYS, &Subjects::default()).unwrap();
    let found = schedules_of(&[&suite], &core_with(Sabotage::AutoSaveTakesNewest), 100);
    println!("{:?}: {found:?}", Sabotage::AutoSaveTakesNewest);
    assert!(matches!(found, Some((_, FindingKind::Overdue))), "{found:?}");
    assert_eq!(schedules_of(&[&suite], &CoreSubject::default(), 2_000), None);
}

#[test]
fn every_deliberate_mistake_with_single_profiles_is_found() {
    all_are_found(PROFILE_MISTAKES, PROFILES);
    all_are_found(RIVAL_MISTAKES, RIVALS);
}

#[test]
fn every_deliberate_mistake_between_profiles_is_found() {
    all_are_found(MARKET_MISTAKES, MARKET);
    all_are_found(ADMIN_MISTAKES, ADMIN);
}

/// Servers that vie for the lock of one that is silent, with writes of unknown outcome.
const CONTESTS: &str = r#"
name = "contests"
about = "three servers vie for a lock, and their writes are answered with errors"
world = "swarm"

[topology]
gatherings = [2, 3]
stays = [2, 5]

[odds]
silent_holder = 100
third_waiter = 100
applied_then_error = 100
partition = 60
message_lost = 60
"#;

/// A game in which much is bought, on servers that crash.
const PURCHASES: &str = r#"
name = "purchases"
about = "players buy much, and servers crash"
world = "swarm"

[odds]
crash = 100
receipt_not_recorded = 0

[workload]
swaps = 0
purchases = 100
"#;

/// Small mistakes that show themselves rarely in the suites that are built in.
const RARE_MISTAKES: [(Sabotage, &str, u64); 3] = [
    (Sabotage::UnknownMarkerIsThere, CONTESTS, 30_000),
    (Sabotage::UnknownMarkerBeginsNoWait, CONTESTS, 30_000),
    (Sabotage::PurchaseStoredWithAnySave, PURCHASES, 25_000),
];

#[test]
fn small_mistakes_that_show_themselves_rarely_are_found() {
    for (sabotage, suite, limit) in RARE_MISTAKES {
        let suite = Suite::parse(suite, &Subjects::default()).unwrap();
        let found = found(&format!("{sabotage:?}"), &core_with(sabotage), &[&suite], limit);
        let (schedules, kind) = found.unwrap_or_else(|| panic!("{sabotage:?} was not found"));
        println!("{sabotage:?}: {kind:?} after {schedules} schedules");
        assert_eq!(schedules_of(&[&suite], &CoreSubject::default(), 1_000), None);
    }
}

#[test]
fn every_small_mistake_is_found() {
    all_are_found(SMALL_MISTAKES, MARKET);
    all_are_found(SMALL_ADMIN_MISTAKES, ADMIN);
    all_are_found(SMALL_RIVAL_MISTAKES, RIVALS);
}

/// On those by which the mistakes are found, and on the first thousands. (CI runs hundreds of thousands, optimised.)
#[test]
fn the_unmodified_core_shows_no_finding_on_the_same_schedules() {
    let core = CoreSubject::default();
    for (suites, limit) in [(PROFILES, 4_000), (RIVALS, 2_000), (MARKET, 3_000), (ADMIN, 4_000)] {
        let (suites, name) = (named(suites), suites.join("+"));
        assert_eq!(schedules_of(&suites, &core, limit), None, "{name}");
        for ((mistake, _), number) in FOUND.iter().filter(|((_, of), _)| *of == name) {
            assert_eq!(shown(&suites, &core, number - 1), None, "{mistake}: {name}, schedule {number}");
        }
    }
}
