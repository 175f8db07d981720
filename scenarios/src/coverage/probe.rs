//! What is counted.

use std::sync::LazyLock;

use crate::catalogue::catalogue;
use crate::fault::{Evidence, Fault, Shows, ShowsError, ShowsEvent, ShowsRequestFault, Sign};

catalogue! {
    /// Something that sessions, trades, messages and requests come to, whatever goes wrong.
    pub enum Milestone {
        SessionsStarted "sessions_started" "Sessions that went live.",
        HandedOver "handed_over" "Locks released by their holder because another server asked.",
        TakenOver "taken_over" "Locks taken from a holder that did not answer, after its lease.",
        TakeoverAfterCrash "takeover_after_crash" "Locks taken over from a server that had died.",
        Stolen "stolen" "Sessions that a steal started by taking the lock from a holder at once.",
        UnprotectedTakeover "unprotected_takeover" "Locks taken over from a holder without a lease.",
        Suspended "suspended" "Sessions whose lease ran out unconfirmed.",
        Resumed "resumed" "Suspended sessions that were confirmed after all.",
        FreezeAcrossTakeover "freeze_across_takeover" "Sessions started while the former holder was frozen.",
        CutAcrossTakeover "cut_across_takeover" "Sessions started while the former holder was cut off from the DataStore.",
        Hopped "hopped" "Sessions of a player whose former session was on another server.",
        Rejoined "rejoined" "Sessions of a player whose former session was on the same server.",
        LeftWhileStarting "left_while_starting" "Players who left within a quarter second of coming.",
        AskedAtOnce "asked_at_once" "Players who came to three servers within two seconds.",
        StayedLong "stayed_long" "Stays of half an hour or more.",
        EditedWhileSaving "edited_while_saving" "Changes asked for within 0.4 s of a save of the same data.",
        EndedManual "ended_manual" "Sessions the game ended.",
        EndedExternal "ended_external" "Sessions ended because another server asked.",
        EndedShutdown "ended_shutdown" "Sessions ended by a closing server.",
        EndedLost "ended_lost" "Sessions that found that another server holds the lock.",
        EndedRemoved "ended_removed" "Sessions whose record was removed.",
        EndedOverwritten "ended_overwritten" "Sessions whose record was overwritten by something else.",
        StartAlreadyActive "start_already_active" "Starts refused: the session is active on this server.",
        StartSuperseded "start_superseded" "Starts replaced by a newer start.",
        StartCancelled "start_cancelled" "Starts the game no longer wanted.",
        StartTimedOut "start_timed_out" "Starts that took too long.",
        StartClosing "start_closing" "Starts refused by a closing server.",
        StartFailed "start_failed" "Starts that could not read the record.",
        Edits "edits" "Changes of data in memory.",
        ChangesStored "changes_stored" "Writes of changed data to a player's record.",
        ItemsMoved "items_moved" "Items moved between two profiles in memory.",
        ItemsPutAside "items_put_aside" "Items put aside for a trade or a gift.",
        TradeCommitted "trade_committed" "Sides of trades that were told it committed.",
        TradeAborted "trade_aborted" "Sides of trades that were told it aborted.",
        TradeAcrossServers "trade_across_servers" "Trades that committed between two servers.",
        GiftDelivered "gift_delivered" "Gifts whose receiver took them into the data.",
        EscrowResumed "escrow_resumed" "Trades and gifts continued by a later session than the one that began them.",
        MessageAccepted "message_accepted" "Messages between profiles whose sender was told that they will arrive.",
        MessageRefused "message_refused" "Messages between profiles whose sender was told that they will not arrive.",
        MessageHandled "message_handled" "Messages between profiles handled by the game, for the first time.",
        MessageHandledAgain "message_handled_again" "Messages handled again: the first time was not stored.",
        PurchaseGranted "purchase_granted" "Receipts answered with granted.",
        PurchaseRedelivered "purchase_redelivered" "Receipts delivered again.",
        RemovedWhileActive "removed_while_active" "Records removed by an admin while a session held the lock.",
        RolledBackWhileActive "rolled_back_while_active" "Records set by an admin while a session held the lock.",
        SavesAcknowledged "saves_acknowledged" "States the game was told are stored.",
        UnsavedEditsLost "unsaved_edits_lost" "Changes never stored because the server died or the lock was lost.",
        TransformRerun "transform_rerun" "Conditional writes that met a conflict, so that the transform ran again.",
        ThrottledSave "throttled_save" "Writes that waited for budget.",
        QueueFull "queue_full" "Requests dropped because the throttle queue was full.",
        ServedFromCache "served_from_cache" "Reads answered by the server's own cache.",
        TimedOut "timed_out" "Requests the client gave up on.",
        AnsweredTooLate "answered_too_late" "Answers that came after the client had given up.",
        ReceiptAtOnce "receipt_at_once" "Receipts delivered on one server within 5 s of another that had not granted them.",
        ConnectionLost "connection_lost" "Requests that failed because their connection broke.",
        MemoryStoreConflict "memory_store_conflict" "Conditional writes to memory stores that met a conflict.",
        Overfilled "overfilled" "States of the data that could not be stored.",
        LeaseSet "lease_set" "Changes of the lease of a server that runs.",
        MemoryStoreExpired "memory_store_expired" "Items of memory stores whose time had passed.",
    }
}

/// What every subject shows that loads and saves, whatever else it does.
pub const EVERYBODY: [Milestone; 5] =
    [Milestone::SessionsStarted, Milestone::Hopped, Milestone::Rejoined, Milestone::Edits, Milestone::ChangesStored];

/// Something interesting that can happen in a run: a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Probe {
    /// Something that sessions, trades, messages and requests come to.
    Milestone(Milestone),
    /// A fault has struck: the place of its sign among those of all faults.
    Fault(u8),
}

/// The signs of all faults, in order of the faults.
static SIGNS: [&Sign; COUNT] = {
    let mut signs = [&Fault::named("crash").signs()[0]; COUNT];
    let (mut place, mut fault) = (0, 0);
    while fault < Fault::COUNT {
        let of_fault = Fault::ALL[fault].signs();
        let mut sign = 0;
        while sign < of_fault.len() {
            signs[place] = &of_fault[sign];
            (place, sign) = (place + 1, sign + 1);
        }
        fault += 1;
    }
    signs
};

const COUNT: usize = first_of(Fault::COUNT);

/// The place of a fault's first sign.
const fn first_of(fault: usize) -> usize {
    let (mut count, mut before) = (0, 0);
    while before < fault {
        count += Fault::ALL[before].signs().len();
        before += 1;
    }
    count
}

impl Probe {
    /// How many there are.
    pub const COUNT: usize = Milestone::ALL.len() + COUNT;

    /// All, in the order in which they are listed.
    pub const ALL: &[Probe] = &{
        let mut all = [Probe::Fault(0); Probe::COUNT];
        let mut place = 0;
        while place < Milestone::ALL.len() {
            all[place] = Probe::Milestone(Milestone::ALL[place]);
            place += 1;
        }
        let mut sign: u8 = 0;
        while place < Probe::COUNT {
            all[place] = Probe::Fault(sign);
            (place, sign) = (place + 1, sign + 1);
        }
        all
    };

    /// Those that show a fault.
    pub fn of_fault(fault: Fault) -> impl Iterator<Item = Probe> {
        let first = first_of(fault.place());
        (first..first + fault.signs().len()).map(|place| Probe::ALL[Milestone::ALL.len() + place])
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Probe> {
        Probe::ALL.iter().copied().find(|probe| probe.name() == name)
    }

    /// The name, as suites and reports use it.
    pub fn name(self) -> &'static str {
        match self {
            Probe::Milestone(milestone) => milestone.name(),
            Probe::Fault(place) => SIGNS[usize::from(place)].name,
        }
    }

    /// One line for people.
    pub fn about(self) -> &'static str {
        match self {
            Probe::Milestone(milestone) => milestone.about(),
            Probe::Fault(place) => SIGNS[usize::from(place)].about,
        }
    }

    /// How real what it counts can be at best.
    pub fn evidence(self) -> Evidence {
        let of = |name| Fault::named(name).evidence();
        match self {
            Probe::Milestone(Milestone::FreezeAcrossTakeover) => of("freeze"),
            Probe::Milestone(Milestone::CutAcrossTakeover) => of("partition"),
            Probe::Milestone(Milestone::ConnectionLost) => of("disconnect"),
            Probe::Milestone(Milestone::TimedOut | Milestone::AnsweredTooLate) => of("lost_reply"),
            Probe::Milestone(_) => Evidence::Ordinary,
            Probe::Fault(_) => {
                let fault = Fault::ALL.iter().find(|fault| Probe::of_fault(**fault).any(|probe| probe == self));
                fault.expect("every sign is that of a fault").evidence()
            }
        }
    }

    /// The faults' probes that a world brings about for every subject that loads and saves; a subject may send no messages,
    /// use no memory store, and close at once.
    pub fn strikes_of_everybody() -> impl Iterator<Item = Probe> {
        let faults = Fault::ALL.iter().copied().filter(|fault| fault.strikes_everybody());
        faults.flat_map(Probe::of_fault).filter(|probe| probe.name() != "killed_at_30s")
    }

    /// Its place among all.
    pub(super) fn place(self) -> usize {
        match self {
            Probe::Milestone(milestone) => milestone as usize,
            Probe::Fault(place) => Milestone::ALL.len() + usize::from(place),
        }
    }
}

/// The signs of faults, each with its probe, by the sort of event that they are about.
#[derive(Default)]
pub(super) struct Signs {
    pub(super) errors: Vec<(Probe, ShowsError)>,
    pub(super) request_faults: Vec<(Probe, ShowsRequestFault)>,
    pub(super) events: Vec<(Probe, ShowsEvent)>,
}

/// Of all faults.
pub(super) static BY_EVENT: LazyLock<Signs> = LazyLock::new(|| {
    let mut signs = Signs::default();
    for (place, sign) in (0..).zip(&SIGNS) {
        let probe = Probe::Fault(place);
        match sign.shows {
            Shows::Error(shows) => signs.errors.push((probe, shows)),
            Shows::RequestFault(shows) => signs.request_faults.push((probe, shows)),
            Shows::Event(shows) => signs.events.push((probe, shows)),
        }
    }
    signs
});

impl From<Milestone> for Probe {
    fn from(milestone: Milestone) -> Probe {
        Probe::Milestone(milestone)
    }
}
