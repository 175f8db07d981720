//! Counts interesting events as they come.

mod trade;
mod visit;

use dupeproof_core::{Span, Stored};
use dupeproof_sim::guest::Acquired;
use dupeproof_sim::id::{MessageId, PlayerId, ReceiptId, RequestId, ServerId, ServiceName, Slot};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::{Action, ServerPlan};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Command, EndReason, Global, GuestEvent, Schedule, ServiceError, StartFailure};

use self::visit::Visits;
use super::probe::BY_EVENT;
use super::{Coverage, Milestone};
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
    /// By slot.
    plans: Vec<ServerPlan>,
    /// Servers whose links to the DataStore are cut, once for each way.
    cut: Vec<Slot>,
    visits: Visits,
}

impl CoverageObserver {
    /// Nothing has happened yet.
    pub fn of(schedule: &Schedule) -> CoverageObserver {
        CoverageObserver { plans: schedule.servers.clone(), ..CoverageObserver::default() }
    }

    /// Takes the next event in; the history has it already.
    pub fn observe(&mut self, at: Global, event: &Event, entry: Entry, history: &History) {
        match event {
            Event::Requested { server, id, kind, .. } => self.newest = Some((*server, *id, *kind)),
            Event::ServedFromCache { .. } => self.coverage.count(Milestone::ServedFromCache),
            Event::Committed { server, before, after, .. } => {
                self.committed(*server, before.as_ref(), after.as_ref(), entry, history);
            }
            Event::Conflicted { .. } => self.coverage.count(Milestone::TransformRerun),
            Event::MemoryConflicted { .. } => self.coverage.count(Milestone::MemoryStoreConflict),
            Event::MemoryExpired { items, .. } => {
                self.coverage.count_many(Milestone::MemoryStoreExpired, u64::from(*items));
            }
            Event::Answered { error: None, .. } => {}
            Event::AnsweredTooLate { .. } => self.coverage.count(Milestone::AnsweredTooLate),
            Event::Guest { server, event, .. } => self.guest(*server, event, entry, history),
            Event::Acted { action: Action::Command { server, command }, .. } => self.command(at, *server, *command),
            Event::Acted { action: Action::SetLease { .. }, .. } => self.coverage.count(Milestone::LeaseSet),
            Event::Ended { .. } => self.coverage.count_many(Milestone::UnsavedEditsLost, history.edits_lost()),
            Event::Throttled { server, id } => {
                self.throttled(*server, *id);
                self.struck(event);
            }
            Event::Answered { error: Some(error), .. } => {
                self.failed(*error);
                self.struck(event);
            }
            Event::MessageReceived { .. } | Event::Published { .. } | Event::Logged { .. } => {}
            Event::PartitionBegan { slot, service: ServiceName::DataStore, .. } => {
                self.cut.push(*slot);
                self.struck(event);
            }
            Event::PartitionHealed { slot, service: ServiceName::DataStore, .. } => {
                if let Some(place) = self.cut.iter().position(|cut| cut == slot) {
                    self.cut.swap_remove(place);
                }
                self.struck(event);
            }
            // All that is left is rare: what a fault may show in.
            _ => self.struck(event),
        }
    }

    /// Counts the faults that an event shows.
    fn struck(&mut self, event: &Event) {
        let coverage = &mut self.coverage;
        match event {
            Event::Answered { kind, error: Some(error), .. } => {
                let shown = BY_EVENT.errors.iter().filter(|(_, shows)| shows(*kind, error));
                shown.for_each(|(probe, _)| coverage.count(*probe));
            }
            Event::RequestFault { kind, fault, .. } => {
                let shown = BY_EVENT.request_faults.iter().filter(|(_, shows)| shows(*kind, fault));
                shown.for_each(|(probe, _)| coverage.count(*probe));
            }
            _ => {
                let shown = BY_EVENT.events.iter().filter(|(_, shows)| shows(event, &self.plans));
                shown.for_each(|(probe, _)| coverage.count(*probe));
            }
        }
    }

    /// What was counted.
    pub fn into_coverage(self) -> Coverage {
        self.coverage
    }

    fn throttled(&mut self, server: ServerId, id: RequestId) {
        if self.newest.is_some_and(|newest| newest.0 == server && newest.1 == id && newest.2.is_write()) {
            self.coverage.count(Milestone::ThrottledSave);
        }
    }

    fn failed(&mut self, error: ServiceError) {
        match error {
            ServiceError::TimedOut => self.coverage.count(Milestone::TimedOut),
            ServiceError::QueueFull(_) | ServiceError::ServerThrottled(_) => self.coverage.count(Milestone::QueueFull),
            ServiceError::ConnectionLost => self.coverage.count(Milestone::ConnectionLost),
            _ => {}
        }
    }

    fn command(&mut self, at: Global, slot: Slot, command: Command) {
        if let Some(milestone) = self.visits.told(at, slot, command) {
            self.coverage.count(milestone);
        }
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
                self.coverage.count(Milestone::PurchaseRedelivered);
                if !last.granted && last.slot != delivered.slot && delivered.at.since(last.at) <= AT_ONCE {
                    self.coverage.count(Milestone::ReceiptAtOnce);
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
        let Entry::Commit { asked_for, before: from, after: to, .. } = entry else { return };
        if to.is_some_and(|to| to != from) {
            self.coverage.count(Milestone::ChangesStored);
        }
        if asked_for && before.is_some_and(|before| history.lock(before).is_some()) {
            let removed = after.is_none();
            self.coverage.count(if removed { Milestone::RemovedWhileActive } else { Milestone::RolledBackWhileActive });
        }
        if trade::resumes_gift(server, before, after, history) {
            self.coverage.count(Milestone::EscrowResumed);
        }
    }

    fn guest(&mut self, server: ServerId, event: &GuestEvent, entry: Entry, history: &History) {
        match event {
            GuestEvent::SessionStarted { acquired, player, .. } => {
                self.stolen(server.slot, *player, *acquired);
                self.started(*acquired, entry, history);
            }
            GuestEvent::Suspended { .. } => self.coverage.count(Milestone::Suspended),
            GuestEvent::Resumed { .. } => self.coverage.count(Milestone::Resumed),
            GuestEvent::SessionEnded { reason, .. } => self.coverage.count(of_end(*reason)),
            GuestEvent::StartFailed { failure, .. } => self.coverage.count(of_failure(*failure)),
            GuestEvent::Saved { .. } => self.coverage.count(Milestone::SavesAcknowledged),
            GuestEvent::Edited { .. } => self.coverage.count(Milestone::Edits),
            GuestEvent::ItemPutAside { .. } => self.coverage.count(Milestone::ItemsPutAside),
            GuestEvent::TradeDecided { trade, committed, .. } => {
                if let Entry::Session(index) = entry {
                    trade::decided(*trade, *committed, index, history, &mut self.coverage);
                }
            }
            GuestEvent::MessageAccepted { .. } => self.coverage.count(Milestone::MessageAccepted),
            GuestEvent::MessageRefused { .. } => self.coverage.count(Milestone::MessageRefused),
            GuestEvent::MessageHandled { message, .. } => {
                let again = !insert(&mut self.handled, *message);
                self.coverage.count(if again { Milestone::MessageHandledAgain } else { Milestone::MessageHandled });
            }
            GuestEvent::PurchaseGranted { receipt, .. } => {
                self.coverage.count(Milestone::PurchaseGranted);
                if let Ok(index) = self.receipts.binary_search_by_key(receipt, |other| other.receipt) {
                    self.receipts[index].granted = true;
                }
            }
            GuestEvent::ItemTaken { trade, .. } => {
                if history.is_gift(*trade) {
                    self.coverage.count(Milestone::GiftDelivered);
                }
            }
            GuestEvent::ItemMoved { .. } => self.coverage.count(Milestone::ItemsMoved),
            GuestEvent::Overfilled { .. } => self.coverage.count(Milestone::Overfilled),
            GuestEvent::Renewed { .. } => {}
        }
    }

    fn stolen(&mut self, slot: Slot, player: PlayerId, acquired: Acquired) {
        let Some(index) = self.steals.iter().position(|steal| *steal == (slot, player)) else { return };
        self.steals.swap_remove(index);
        if acquired == Acquired::Unprotected {
            self.coverage.count(Milestone::Stolen);
        }
    }

    fn started(&mut self, acquired: Acquired, entry: Entry, history: &History) {
        self.coverage.count(Milestone::SessionsStarted);
        let Entry::Session(index) = entry else { return };
        let former = former(index, history);
        if let Some(former) = former.map(|former| history.sessions()[former].id.server) {
            let here = former == history.sessions()[index].id.server;
            self.coverage.count(if here { Milestone::Rejoined } else { Milestone::Hopped });
        }
        let taken = matches!(acquired, Acquired::TakenOver | Acquired::Unprotected);
        match acquired {
            Acquired::Free => {}
            Acquired::HandedOver => self.coverage.count(Milestone::HandedOver),
            Acquired::TakenOver => self.coverage.count(Milestone::TakenOver),
            Acquired::Unprotected => self.coverage.count(Milestone::UnprotectedTakeover),
        }
        let Some(former) = former.map(|former| &history.sessions()[former]) else { return };
        if taken && former.state == SessionState::Died {
            self.coverage.count(Milestone::TakeoverAfterCrash);
        }
        if former.state == SessionState::Running && history.is_frozen(former.id.server) {
            self.coverage.count(Milestone::FreezeAcrossTakeover);
        }
        if former.state == SessionState::Running && self.cut.contains(&former.id.server.slot) {
            self.coverage.count(Milestone::CutAcrossTakeover);
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

fn of_end(reason: EndReason) -> Milestone {
    match reason {
        EndReason::Manual => Milestone::EndedManual,
        EndReason::External => Milestone::EndedExternal,
        EndReason::Shutdown => Milestone::EndedShutdown,
        EndReason::Lost => Milestone::EndedLost,
        EndReason::Removed => Milestone::EndedRemoved,
        EndReason::Overwritten => Milestone::EndedOverwritten,
    }
}

fn of_failure(failure: StartFailure) -> Milestone {
    match failure {
        StartFailure::AlreadyActive => Milestone::StartAlreadyActive,
        StartFailure::Superseded => Milestone::StartSuperseded,
        StartFailure::Cancelled => Milestone::StartCancelled,
        StartFailure::TimedOut => Milestone::StartTimedOut,
        StartFailure::Closing => Milestone::StartClosing,
        StartFailure::Failed | StartFailure::ReservedKey => Milestone::StartFailed,
    }
}
