//! Counts interesting events as they come.

mod trade;

use dupeproof_core::{Span, Stored};
use dupeproof_sim::guest::{Acquired, MessageId, PlayerId, ReceiptId};
use dupeproof_sim::id::{ServerId, ServiceName, Slot};
use dupeproof_sim::request::{MemoryError, RequestKind};
use dupeproof_sim::schedule::{Action, RequestFault};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Command, EndReason, Global, GuestEvent, RequestId, Schedule, ServiceError, StartFailure};

use super::{Coverage, Probe};
use crate::history::{Entry, History, SessionIndex, SessionState};

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
pub struct CoverageObserver {
    coverage: Coverage,
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

impl CoverageObserver {
    /// Nothing has happened yet.
    pub fn of(schedule: &Schedule) -> CoverageObserver {
        let plans = (0..).zip(&schedule.servers);
        CoverageObserver {
            studios: plans.filter(|(_, plan)| plan.studio).map(|(slot, _)| slot).collect(),
            ..CoverageObserver::default()
        }
    }

    /// Takes the next event in; the ledger has it already.
    pub fn observe(&mut self, at: Global, event: &Event, entry: Entry, history: &History) {
        match event {
            Event::Requested { server, id, kind, .. } => self.newest = Some((*server, *id, *kind)),
            Event::Throttled { server, id } => self.throttled(*server, *id),
            Event::Answered { kind, error: Some(error), .. } => self.failed(*kind, *error),
            Event::AnsweredTooLate { .. } => self.coverage.count(Probe::AnsweredTooLate),
            Event::RequestFault { kind, .. } if kind.service() == ServiceName::MemoryStore => {
                self.coverage.count(Probe::MemoryStoreRequestFault);
            }
            Event::RequestFault { fault, .. } => self.coverage.count(of_request_fault(*fault)),
            Event::MemoryConflicted { .. } => self.coverage.count(Probe::MemoryStoreConflict),
            Event::MemoryExpired { items, .. } => {
                self.coverage.0[Probe::MemoryStoreExpired as usize] += u64::from(*items);
            }
            Event::Conflicted { .. } => self.coverage.count(Probe::TransformRerun),
            Event::MessageLost { .. } => self.coverage.count(Probe::MessageLost),
            Event::MessageDoubled { .. } => self.coverage.count(Probe::MessageDoubled),
            Event::ServedFromCache { .. } => self.coverage.count(Probe::ServedFromCache),
            Event::MessageDropped { .. } => self.coverage.count(Probe::MessageDropped),
            Event::SubscribeHung { .. } => self.coverage.count(Probe::SubscribeHung),
            Event::Disconnected { .. } => self.coverage.count(Probe::Disconnected),
            Event::ReceiptNotRecorded { .. } => self.coverage.count(Probe::ReceiptNotRecorded),
            Event::Acted { action: Action::ClockStep { .. }, .. } => self.coverage.count(Probe::ClockStepped),
            Event::ServerStarted { server } if self.studios.contains(&server.slot) => {
                self.coverage.count(Probe::StudioStarted);
            }
            Event::ServerCrashed { .. } => self.coverage.count(Probe::Crashed),
            Event::ServerFroze { .. } => self.coverage.count(Probe::Froze),
            Event::ServerClosed { .. } => self.coverage.count(Probe::ClosedInTime),
            Event::ServerKilled { .. } => self.coverage.count(Probe::KilledAt30s),
            Event::PartitionBegan { .. } => self.coverage.count(Probe::Partitioned),
            Event::OutageBegan { service: ServiceName::DataStore } => self.coverage.count(Probe::OutageDataStore),
            Event::OutageBegan { service: ServiceName::Messaging } => self.coverage.count(Probe::OutageMessaging),
            Event::OutageBegan { service: ServiceName::MemoryStore } => self.coverage.count(Probe::OutageMemoryStore),
            Event::Guest { server, event, .. } => self.guest(*server, event, entry, history),
            Event::Acted { action: Action::Command { server, command }, .. } => self.command(at, *server, *command),
            Event::Acted { action: Action::Move { .. }, .. } => self.coverage.count(Probe::PlayersMoved),
            Event::Committed { server, before, after, .. } => {
                self.committed(*server, before.as_ref(), after.as_ref(), entry, history);
            }
            Event::Ended { .. } => self.coverage.0[Probe::UnsavedEditsLost as usize] += history.edits_lost(),
            _ => {}
        }
    }

    /// What was counted.
    pub fn into_coverage(self) -> Coverage {
        self.coverage
    }

    fn throttled(&mut self, server: ServerId, id: RequestId) {
        self.coverage.count(Probe::Throttled);
        if self.newest.is_some_and(|newest| newest.0 == server && newest.1 == id && newest.2.is_write()) {
            self.coverage.count(Probe::ThrottledSave);
        }
    }

    fn failed(&mut self, kind: RequestKind, error: ServiceError) {
        match error {
            ServiceError::TimedOut => self.coverage.count(Probe::TimedOut),
            ServiceError::QueueFull(_) | ServiceError::ServerThrottled(_) => self.coverage.count(Probe::QueueFull),
            ServiceError::ExperienceThrottled(_) => self.coverage.count(Probe::ExperienceThrottled),
            ServiceError::KeyThrottled => self.coverage.count(Probe::KeyThrottled),
            ServiceError::ConnectionLost => self.coverage.count(Probe::ConnectionLost),
            ServiceError::Memory(MemoryError::Requests) => self.coverage.count(Probe::MemoryStoreThrottled),
            _ => {}
        }
        match kind {
            RequestKind::Publish => self.coverage.count(Probe::PublishFailed),
            RequestKind::Subscribe => self.coverage.count(Probe::SubscribeFailed),
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
            Ok(index) => {
                let last = std::mem::replace(&mut self.receipts[index], delivered);
                self.coverage.count(Probe::PurchaseRedelivered);
                if !last.granted && last.slot != delivered.slot && delivered.at.since(last.at) <= AT_ONCE {
                    self.coverage.count(Probe::ReceiptAtOnce);
                }
            }
            Err(index) => self.receipts.insert(index, delivered),
        }
    }

    fn committed(
        &mut self,
        server: ServerId,
        before: Option<&Stored>,
        after: Option<&Stored>,
        entry: Entry,
        history: &History,
    ) {
        let Entry::Commit { asked_for, .. } = entry else { return };
        if asked_for && before.is_some_and(|before| history.lock(before).is_some()) {
            let removed = after.is_none();
            self.coverage.count(if removed { Probe::RemovedWhileActive } else { Probe::RolledBackWhileActive });
        }
        if trade::resumes_gift(server, before, after, history) {
            self.coverage.count(Probe::EscrowResumed);
        }
    }

    fn guest(&mut self, server: ServerId, event: &GuestEvent, entry: Entry, history: &History) {
        match event {
            GuestEvent::SessionStarted { acquired, player, .. } => {
                self.stolen(server.slot, *player, *acquired);
                self.started(*acquired, entry, history);
            }
            GuestEvent::Suspended { .. } => self.coverage.count(Probe::Suspended),
            GuestEvent::Resumed { .. } => self.coverage.count(Probe::Resumed),
            GuestEvent::SessionEnded { reason, .. } => self.coverage.count(of_end(*reason)),
            GuestEvent::StartFailed { failure, .. } => self.coverage.count(of_failure(*failure)),
            GuestEvent::Saved { .. } => self.coverage.count(Probe::SavesAcknowledged),
            GuestEvent::Edited { .. } => self.coverage.count(Probe::Edits),
            GuestEvent::ItemPutAside { .. } => self.coverage.count(Probe::ItemsPutAside),
            GuestEvent::TradeDecided { trade, committed, .. } => {
                if let Entry::Session(index) = entry {
                    trade::decided(*trade, *committed, index, history, &mut self.coverage);
                }
            }
            GuestEvent::MessageAccepted { .. } => self.coverage.count(Probe::MessageAccepted),
            GuestEvent::MessageRefused { .. } => self.coverage.count(Probe::MessageRefused),
            GuestEvent::MessageHandled { message, .. } => {
                let again = !insert(&mut self.handled, *message);
                self.coverage.count(if again { Probe::MessageHandledAgain } else { Probe::MessageHandled });
            }
            GuestEvent::PurchaseGranted { receipt, .. } => {
                self.coverage.count(Probe::PurchaseGranted);
                if let Ok(index) = self.receipts.binary_search_by_key(receipt, |other| other.receipt) {
                    self.receipts[index].granted = true;
                }
            }
            GuestEvent::ItemTaken { trade, .. } => {
                if history.is_gift(*trade) {
                    self.coverage.count(Probe::GiftDelivered);
                }
            }
            GuestEvent::ItemMoved { .. } => self.coverage.count(Probe::ItemsMoved),
            GuestEvent::Renewed { .. } => {}
        }
    }

    fn stolen(&mut self, slot: Slot, player: PlayerId, acquired: Acquired) {
        let Some(index) = self.steals.iter().position(|steal| *steal == (slot, player)) else { return };
        self.steals.swap_remove(index);
        if acquired == Acquired::Unprotected {
            self.coverage.count(Probe::Stolen);
        }
    }

    fn started(&mut self, acquired: Acquired, entry: Entry, history: &History) {
        self.coverage.count(Probe::SessionsStarted);
        let Entry::Session(index) = entry else { return };
        let former = former(index, history);
        let taken = matches!(acquired, Acquired::TakenOver | Acquired::Unprotected);
        match acquired {
            Acquired::Free => {}
            Acquired::HandedOver => self.coverage.count(Probe::HandedOver),
            Acquired::TakenOver => self.coverage.count(Probe::TakenOver),
            Acquired::Unprotected => self.coverage.count(Probe::UnprotectedTakeover),
        }
        let Some(former) = former.map(|former| &history.sessions()[former]) else { return };
        if taken && former.state == SessionState::Died {
            self.coverage.count(Probe::TakeoverAfterCrash);
        }
        if former.state == SessionState::Running && history.is_frozen(former.id.server) {
            self.coverage.count(Probe::FreezeAcrossTakeover);
        }
    }
}

/// Puts a number into a list in order. False if it is there already.
fn insert<T: Ord>(list: &mut Vec<T>, number: T) -> bool {
    match list.binary_search(&number) {
        Ok(_) => false,
        Err(index) => {
            list.insert(index, number);
            true
        }
    }
}

/// The session of the same player before this one.
fn former(index: SessionIndex, history: &History) -> Option<SessionIndex> {
    let sessions = history.sessions_of(history.sessions()[index].player);
    sessions.iter().rev().copied().find(|&former| former < index)
}

fn of_request_fault(fault: RequestFault) -> Probe {
    match fault {
        RequestFault::Refused => Probe::Refused,
        RequestFault::AppliedThenError => Probe::AppliedThenError,
        RequestFault::LostReply => Probe::LostReply,
        RequestFault::LateReply { .. } => Probe::LateReply,
        RequestFault::LateApply { .. } => Probe::LateApply,
        RequestFault::AppliedTwice { .. } => Probe::AppliedTwice,
        RequestFault::NilRead => Probe::NilRead,
    }
}

fn of_end(reason: EndReason) -> Probe {
    match reason {
        EndReason::Manual => Probe::EndedManual,
        EndReason::External => Probe::EndedExternal,
        EndReason::Shutdown => Probe::EndedShutdown,
        EndReason::Lost => Probe::EndedLost,
        EndReason::Removed => Probe::EndedRemoved,
        EndReason::Overwritten => Probe::EndedOverwritten,
    }
}

fn of_failure(failure: StartFailure) -> Probe {
    match failure {
        StartFailure::AlreadyActive => Probe::StartAlreadyActive,
        StartFailure::Superseded => Probe::StartSuperseded,
        StartFailure::Cancelled => Probe::StartCancelled,
        StartFailure::TimedOut => Probe::StartTimedOut,
        StartFailure::Closing => Probe::StartClosing,
        StartFailure::Failed | StartFailure::ReservedKey => Probe::StartFailed,
    }
}
