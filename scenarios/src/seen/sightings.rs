//! Counts interesting events as they come.

mod trade;

use dupeproof_core::{Span, Stored};
use dupeproof_sim::guest::{Acquired, MessageId, PlayerId, ReceiptId};
use dupeproof_sim::request::{MemoryError, RequestKind, Service};
use dupeproof_sim::schedule::{Action, Fate, Slot};
use dupeproof_sim::trace::{Event, ServerId};
use dupeproof_sim::{Command, EndReason, Global, GuestEvent, RequestId, Schedule, ServiceError, StartFailure};

use super::{Counter, Seen};
use crate::ledger::{Ledger, Note, Place, SessionState};

/// A receipt's newest delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Delivered {
    receipt: ReceiptId,
    slot: Slot,
    at: Global,
    /// Answered with granted since.
    granted: bool,
}

/// So soon after the last delivery the server there may not have answered.
const AT_ONCE: Span = Span::secs(5);

/// Counts what happens in one run.
#[derive(Clone, Debug, Default)]
pub struct Sightings {
    seen: Seen,
    /// The newest request, to know what kind it is that is throttled next.
    newest: Option<(ServerId, RequestId, RequestKind)>,
    /// Steals whose session has not started.
    steals: Vec<(Slot, PlayerId)>,
    /// Delivered so far, in order of number.
    receipts: Vec<Delivered>,
    /// Handled so far, in order of number.
    handled: Vec<MessageId>,
    /// Slots whose servers run in Studio.
    studios: Vec<Slot>,
}

impl Sightings {
    /// Nothing has happened yet.
    pub fn of(schedule: &Schedule) -> Sightings {
        let plans = (0..).zip(&schedule.servers);
        Sightings {
            studios: plans.filter(|(_, plan)| plan.studio).map(|(slot, _)| slot).collect(),
            ..Sightings::default()
        }
    }

    /// Takes the next event in; the ledger has it already.
    pub fn observe(&mut self, at: Global, event: &Event, note: Note, ledger: &Ledger) {
        match event {
            Event::Requested { server, id, kind, .. } => self.newest = Some((*server, *id, *kind)),
            Event::Throttled { server, id } => self.throttled(*server, *id),
            Event::Answered { kind, error: Some(error), .. } => self.failed(*kind, *error),
            Event::AnsweredTooLate { .. } => self.seen.count(Counter::AnsweredTooLate),
            Event::Mishap { kind, .. } if kind.service() == Service::MemoryStore => {
                self.seen.count(Counter::MemoryStoreMishap);
            }
            Event::Mishap { fate, .. } => self.seen.count(of_fate(*fate)),
            Event::MemoryConflicted { .. } => self.seen.count(Counter::MemoryStoreConflict),
            Event::MemoryExpired { items, .. } => {
                self.seen.0[Counter::MemoryStoreExpired as usize] += u64::from(*items);
            }
            Event::Conflicted { .. } => self.seen.count(Counter::TransformRerun),
            Event::MessageLost { .. } => self.seen.count(Counter::MessageLost),
            Event::MessageDoubled { .. } => self.seen.count(Counter::MessageDoubled),
            Event::ServedFromCache { .. } => self.seen.count(Counter::ServedFromCache),
            Event::MessageDropped { .. } => self.seen.count(Counter::MessageDropped),
            Event::SubscribeHung { .. } => self.seen.count(Counter::SubscribeHung),
            Event::Disconnected { .. } => self.seen.count(Counter::Disconnected),
            Event::ReceiptNotRecorded { .. } => self.seen.count(Counter::ReceiptNotRecorded),
            Event::Acted { action: Action::ClockStep { .. }, .. } => self.seen.count(Counter::ClockStepped),
            Event::ServerStarted { server } if self.studios.contains(&server.slot) => {
                self.seen.count(Counter::StudioStarted);
            }
            Event::ServerCrashed { .. } => self.seen.count(Counter::Crashed),
            Event::ServerFroze { .. } => self.seen.count(Counter::Froze),
            Event::ServerClosed { .. } => self.seen.count(Counter::ClosedInTime),
            Event::ServerKilled { .. } => self.seen.count(Counter::KilledAt30s),
            Event::PartitionBegan { .. } => self.seen.count(Counter::Partitioned),
            Event::OutageBegan { service: Service::DataStore } => self.seen.count(Counter::OutageDataStore),
            Event::OutageBegan { service: Service::Messaging } => self.seen.count(Counter::OutageMessaging),
            Event::OutageBegan { service: Service::MemoryStore } => self.seen.count(Counter::OutageMemoryStore),
            Event::Guest { server, event, .. } => self.guest(*server, event, note, ledger),
            Event::Acted { action: Action::Command { server, command }, .. } => self.command(at, *server, *command),
            Event::Acted { action: Action::Move { .. }, .. } => self.seen.count(Counter::PlayersMoved),
            Event::Committed { server, before, after, .. } => {
                self.committed(*server, before.as_ref(), after.as_ref(), note, ledger);
            }
            Event::Ended { .. } => self.seen.0[Counter::UnsavedEditsLost as usize] += ledger.edits_lost(),
            _ => {}
        }
    }

    /// What was counted.
    pub fn into_seen(self) -> Seen {
        self.seen
    }

    fn throttled(&mut self, server: ServerId, id: RequestId) {
        self.seen.count(Counter::Throttled);
        if self.newest.is_some_and(|newest| newest.0 == server && newest.1 == id && newest.2.is_write()) {
            self.seen.count(Counter::ThrottledSave);
        }
    }

    fn failed(&mut self, kind: RequestKind, error: ServiceError) {
        match error {
            ServiceError::TimedOut => self.seen.count(Counter::TimedOut),
            ServiceError::QueueFull(_) | ServiceError::ServerThrottled(_) => self.seen.count(Counter::QueueFull),
            ServiceError::ExperienceThrottled(_) => self.seen.count(Counter::ExperienceThrottled),
            ServiceError::KeyThrottled => self.seen.count(Counter::KeyThrottled),
            ServiceError::ConnectionLost => self.seen.count(Counter::ConnectionLost),
            ServiceError::Memory(MemoryError::Requests) => self.seen.count(Counter::MemoryStoreThrottled),
            _ => {}
        }
        match kind {
            RequestKind::Publish => self.seen.count(Counter::PublishFailed),
            RequestKind::Subscribe => self.seen.count(Counter::SubscribeFailed),
            _ => {}
        }
    }

    fn command(&mut self, at: Global, slot: Slot, command: Command) {
        match command {
            Command::Steal(player) => self.steals.push((slot, player)),
            Command::Join(player) => self.steals.retain(|steal| *steal != (slot, player)),
            Command::Receipt { receipt, .. } => self.delivered(Delivered { receipt, slot, at, granted: false }),
            _ => {}
        }
    }

    fn delivered(&mut self, delivered: Delivered) {
        match self.receipts.binary_search_by_key(&delivered.receipt, |other| other.receipt) {
            Ok(place) => {
                let last = std::mem::replace(&mut self.receipts[place], delivered);
                self.seen.count(Counter::PurchaseRedelivered);
                if !last.granted && last.slot != delivered.slot && delivered.at.since(last.at) <= AT_ONCE {
                    self.seen.count(Counter::ReceiptAtOnce);
                }
            }
            Err(place) => self.receipts.insert(place, delivered),
        }
    }

    fn committed(
        &mut self,
        server: ServerId,
        before: Option<&Stored>,
        after: Option<&Stored>,
        note: Note,
        ledger: &Ledger,
    ) {
        let Note::Commit { asked_for, .. } = note else { return };
        if asked_for && before.is_some_and(|before| ledger.lock(before).is_some()) {
            let removed = after.is_none();
            self.seen.count(if removed { Counter::RemovedWhileActive } else { Counter::RolledBackWhileActive });
        }
        if trade::resumes_gift(server, before, after, ledger) {
            self.seen.count(Counter::EscrowResumed);
        }
    }

    fn guest(&mut self, server: ServerId, event: &GuestEvent, note: Note, ledger: &Ledger) {
        match event {
            GuestEvent::SessionStarted { acquired, player, .. } => {
                self.stolen(server.slot, *player, *acquired);
                self.started(*acquired, note, ledger);
            }
            GuestEvent::Suspended { .. } => self.seen.count(Counter::Suspended),
            GuestEvent::Resumed { .. } => self.seen.count(Counter::Resumed),
            GuestEvent::SessionEnded { reason, .. } => self.seen.count(of_end(*reason)),
            GuestEvent::StartFailed { failure, .. } => self.seen.count(of_failure(*failure)),
            GuestEvent::Saved { .. } => self.seen.count(Counter::SavesAcknowledged),
            GuestEvent::Edited { .. } => self.seen.count(Counter::Edits),
            GuestEvent::ItemPutAside { .. } => self.seen.count(Counter::ItemsPutAside),
            GuestEvent::TradeDecided { trade, committed, .. } => {
                if let Note::Session(place) = note {
                    trade::decided(*trade, *committed, place, ledger, &mut self.seen);
                }
            }
            GuestEvent::MessageAccepted { .. } => self.seen.count(Counter::MessageAccepted),
            GuestEvent::MessageRefused { .. } => self.seen.count(Counter::MessageRefused),
            GuestEvent::MessageHandled { message, .. } => {
                let again = !insert(&mut self.handled, *message);
                self.seen.count(if again { Counter::MessageHandledAgain } else { Counter::MessageHandled });
            }
            GuestEvent::PurchaseGranted { receipt, .. } => {
                self.seen.count(Counter::PurchaseGranted);
                if let Ok(place) = self.receipts.binary_search_by_key(receipt, |other| other.receipt) {
                    self.receipts[place].granted = true;
                }
            }
            GuestEvent::ItemTaken { trade, .. } => {
                if ledger.is_gift(*trade) {
                    self.seen.count(Counter::GiftDelivered);
                }
            }
            GuestEvent::ItemMoved { .. } => self.seen.count(Counter::ItemsMoved),
            GuestEvent::Renewed { .. } => {}
        }
    }

    fn stolen(&mut self, slot: Slot, player: PlayerId, acquired: Acquired) {
        let Some(place) = self.steals.iter().position(|steal| *steal == (slot, player)) else { return };
        self.steals.swap_remove(place);
        if acquired == Acquired::Unprotected {
            self.seen.count(Counter::Stolen);
        }
    }

    fn started(&mut self, acquired: Acquired, note: Note, ledger: &Ledger) {
        self.seen.count(Counter::SessionsStarted);
        let Note::Session(place) = note else { return };
        let former = former(place, ledger);
        let taken = matches!(acquired, Acquired::TakenOver | Acquired::Unprotected);
        match acquired {
            Acquired::Free => {}
            Acquired::HandedOver => self.seen.count(Counter::HandedOver),
            Acquired::TakenOver => self.seen.count(Counter::TakenOver),
            Acquired::Unprotected => self.seen.count(Counter::UnprotectedTakeover),
        }
        let Some(former) = former.map(|former| &ledger.sessions()[former]) else { return };
        if taken && former.state == SessionState::Died {
            self.seen.count(Counter::TakeoverAfterCrash);
        }
        if former.state == SessionState::Running && ledger.is_frozen(former.id.server) {
            self.seen.count(Counter::FreezeAcrossTakeover);
        }
    }
}

/// Puts a number into a list in order. False if it is there already.
fn insert<T: Ord>(list: &mut Vec<T>, number: T) -> bool {
    match list.binary_search(&number) {
        Ok(_) => false,
        Err(place) => {
            list.insert(place, number);
            true
        }
    }
}

/// The session of the same player before this one.
fn former(place: Place, ledger: &Ledger) -> Option<Place> {
    let sessions = ledger.sessions_of(ledger.sessions()[place].player);
    sessions.iter().rev().copied().find(|&former| former < place)
}

fn of_fate(fate: Fate) -> Counter {
    match fate {
        Fate::Refused => Counter::Refused,
        Fate::AppliedThenError => Counter::AppliedThenError,
        Fate::LostReply => Counter::LostReply,
        Fate::LateReply { .. } => Counter::LateReply,
        Fate::LateApply { .. } => Counter::LateApply,
        Fate::AppliedTwice { .. } => Counter::AppliedTwice,
        Fate::NilRead => Counter::NilRead,
    }
}

fn of_end(reason: EndReason) -> Counter {
    match reason {
        EndReason::Manual => Counter::EndedManual,
        EndReason::External => Counter::EndedExternal,
        EndReason::Shutdown => Counter::EndedShutdown,
        EndReason::Lost => Counter::EndedLost,
        EndReason::Removed => Counter::EndedRemoved,
        EndReason::Overwritten => Counter::EndedOverwritten,
    }
}

fn of_failure(failure: StartFailure) -> Counter {
    match failure {
        StartFailure::AlreadyActive => Counter::StartAlreadyActive,
        StartFailure::Superseded => Counter::StartSuperseded,
        StartFailure::Cancelled => Counter::StartCancelled,
        StartFailure::TimedOut => Counter::StartTimedOut,
        StartFailure::Closing => Counter::StartClosing,
        StartFailure::Failed | StartFailure::ReservedKey => Counter::StartFailed,
    }
}
