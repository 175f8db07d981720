//! The trades and gifts of one session that are in progress.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::held::Held;
use super::requester::Requester;
use super::transfer::{Progress, Stage, Transfer};
use crate::backoff::Backoff;
use crate::config::Config;
use crate::context::Context;
use crate::event::Event;
use crate::ids::{Guid, OpNo};
use crate::io::Output;
use crate::message::Delivery;
use crate::plan::{Decision, UpdateOutcome};
use crate::record::Escrow;
use crate::sabotage::Sabotage;
use crate::time::{Due, Mono};

/// All transfers of one session, in the order in which they began.
#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
pub(crate) struct Transfers {
    transfers: Vec<Transfer>,
    /// Tries to make a coordinator.
    creations: u64,
}

/// Whether an answer was a transfer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) enum Answered {
    /// No transfer has asked for this.
    NotAsked,
    /// A transfer has taken it.
    Taken,
    /// A transfer has taken it, and has changed the profile: it must be saved.
    SaveNeeded,
    /// A transfer has taken it, and must know whether the lock is ours.
    CheckNeeded,
}

impl Transfers {
    /// Those that an earlier session left in the escrow are taken up again.
    pub(super) fn resume(held: &Held, guid: &Guid, now: Mono, config: &Config) -> Transfers {
        if config.breaks(Sabotage::EscrowNotResumed) {
            return Transfers { transfers: Vec::new(), creations: 0 };
        }
        let escrow = held.profile.meta.escrow.iter();
        let resumed = escrow.map(|(id, escrow)| {
            let stolen_until = if config.breaks(Sabotage::ClosedTooEarly) { now } else { held.stolen_until.0 };
            Transfer::resumed(Arc::clone(id), escrow.clone(), guid, (now, stolen_until), config)
        });
        let transfers = resumed.map(|transfer| transfer.sabotaged(held.load_count, config)).collect();
        Transfers { transfers, creations: 0 }
    }

    pub(super) fn push(&mut self, transfer: Transfer) {
        self.transfers.push(transfer);
    }

    /// When the next request is to be made.
    pub(super) fn due(&self) -> Option<Mono> {
        self.transfers.iter().filter_map(|transfer| transfer.due(&self.transfers)).min()
    }

    /// The transfer that made this request.
    pub(super) fn of_request(&self, no: OpNo) -> Option<&Transfer> {
        self.transfers.iter().find(|transfer| transfer.call == Some(no))
    }

    /// Every decision is announced to the game again.
    pub(super) fn announce_again(&mut self) {
        self.transfers.iter_mut().for_each(Transfer::announce_again);
    }

    /// Moves every transfer on as far as it goes, and drops those that are done.
    pub(super) fn run(&mut self, live: bool, held: &mut Held, requester: &mut Requester, context: &mut Context<'_>) {
        for index in 0..self.transfers.len() {
            self.transfers[index].advance(live, held.acknowledged(), requester, context);
            let overtakes = context.config.breaks(Sabotage::GiftsOvertake);
            let due = self.transfers[index].due(if overtakes { &[] } else { &self.transfers });
            if live && due.is_some_and(|due| due <= context.now.mono) {
                if self.transfers[index].stage == Stage::Creating {
                    self.creations += 1;
                    self.transfers[index].tries_to_create(self.creations);
                }
                self.transfers[index].send(requester, context);
            }
        }
        for done in self.transfers.extract_if(.., |transfer| transfer.is_done()) {
            if !context.config.breaks(Sabotage::SettledIsNeverForgotten) {
                held.forget_settled(&done.id);
            }
        }
    }

    /// An update was answered.
    pub(super) fn update_done(
        &mut self,
        no: OpNo,
        outcome: &UpdateOutcome,
        confirmed: Mono,
        held: &mut Held,
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> Answered {
        let now = context.now.mono;
        let Some(transfer) = self.transfers.iter_mut().find(|transfer| transfer.call == Some(no)) else {
            return Answered::NotAsked;
        };
        transfer.call = None;
        let Some(decision) = outcome.decision() else {
            return transfer.failed(held, requester, context);
        };
        transfer.backoff = Backoff::default();
        match decision {
            Decision::Coordinated(status) => {
                let hasty = context.config.breaks(Sabotage::AbsenceNotConfirmed);
                let progress = transfer.coordinated(status, (now, if hasty { now } else { confirmed }), context.config);
                if let Stage::Decided { committed: false, items, .. } = &mut transfer.stage
                    && context.config.breaks(Sabotage::AbortReturnsNothing)
                {
                    *items = Arc::new(Json::Null);
                }
                match progress {
                    Progress::Next => Answered::Taken,
                    Progress::Bind if context.config.breaks(Sabotage::VoteWithoutBinding) => {
                        transfer.stage = Stage::Sending;
                        Answered::Taken
                    }
                    Progress::Bind => transfer.bind(held, context.config),
                    Progress::Unconfirmed => Answered::CheckNeeded,
                }
            }
            Decision::Delivered(deliveries) => {
                debug_assert_eq!(deliveries.len(), 1, "a gift is one message");
                deliveries
                    .first()
                    .map_or(Answered::Taken, |delivery| transfer.delivered(delivery, held, requester, context))
            }
            // The session was not live when the transform ran.
            _ => {
                transfer.next_try = Due(now + transfer.backoff.next());
                Answered::Taken
            }
        }
    }

    /// The removal of a coordinator was answered. False if no transfer has asked for it.
    pub(super) fn removed(&mut self, no: OpNo, failed: bool, now: Mono) -> bool {
        let Some(transfer) = self.transfers.iter_mut().find(|transfer| transfer.call == Some(no)) else {
            return false;
        };
        transfer.call = None;
        if failed {
            transfer.next_try = Due(now + transfer.backoff.next());
        } else {
            transfer.stage = Stage::Done;
        }
        true
    }

    /// The game takes what it gets: the escrow leaves with the same write. `None` if there is nothing to take.
    pub(super) fn settle(
        &mut self,
        trade: &str,
        take: impl FnOnce(&mut Json, &Json),
        held: &mut Held,
        config: &Config,
    ) -> Option<()> {
        let transfer = self.transfers.iter_mut().find(|transfer| &*transfer.id == trade)?;
        let (Stage::Decided { items, .. }, Escrow::Trade { partner, bound, .. }) = (&transfer.stage, &transfer.escrow)
        else {
            return None;
        };
        take(Arc::make_mut(&mut held.profile.data), items);
        let settled = Escrow::Settled { partner: Arc::clone(partner), bound: bound.clone() };
        if !config.breaks(Sabotage::EscrowOutlivesSettling) {
            let escrow = Arc::make_mut(&mut held.profile.meta.escrow);
            escrow.insert(Arc::clone(&transfer.id), settled.clone());
            if config.breaks(Sabotage::SettledIsForgotten) {
                escrow.remove(trade);
            }
        }
        transfer.escrow = settled;
        transfer.stage =
            Stage::Applying { write: held.writes + u64::from(!config.breaks(Sabotage::SettlingOneWriteEarly)) };
        Some(())
    }
}

impl Transfer {
    /// Takes the next stage if what this one waits for has happened.
    fn advance(&mut self, live: bool, acknowledged: u64, requester: &Requester, context: &mut Context<'_>) {
        let early = context.config.breaks(Sabotage::CreateBeforeEscrowIsStored);
        let hasty = context.config.breaks(Sabotage::VoteBeforeBindingIsStored);
        match &mut self.stage {
            Stage::Escrowing { write } if *write <= acknowledged || early => {
                self.stage = match self.escrow {
                    Escrow::Gift { .. } => Stage::Sending,
                    Escrow::Trade { .. } | Escrow::Settled { .. } => Stage::Creating,
                };
            }
            Stage::Binding { write } if *write <= acknowledged || hasty => self.stage = Stage::Sending,
            Stage::Applying { write }
                if *write <= acknowledged || context.config.breaks(Sabotage::MarkBeforeApplied) =>
            {
                self.stage = match self.escrow {
                    Escrow::Trade { .. } | Escrow::Settled { .. } => Stage::Marking,
                    Escrow::Gift { .. } => Stage::Done,
                };
                self.next_try = Due(context.now.mono);
                let waits = !context.config.breaks(Sabotage::ClosesAtOnce);
                if waits && matches!(self.escrow, Escrow::Settled { bound: None, .. }) {
                    self.next_try = self.next_try.max(self.closes_from);
                }
            }
            Stage::Decided { committed, items, announced } if live && !*announced => {
                *announced = true;
                let (trade, committed, items) = (Arc::clone(&self.id), *committed, Arc::clone(items));
                context.emit(Event::TradeDecided { session: requester.id, trade, committed, items });
            }
            _ => {}
        }
    }

    /// There is a coordinator: from the next write on, only the decision frees the escrow.
    fn bind(&mut self, held: &mut Held, config: &Config) -> Answered {
        let coordinator = self.coordinator().clone();
        if let Escrow::Trade { bound, .. } = &mut self.escrow {
            *bound = Some(coordinator);
        }
        Arc::make_mut(&mut held.profile.meta.escrow).insert(Arc::clone(&self.id), self.escrow.clone());
        self.stage = Stage::Binding { write: held.writes + u64::from(!config.breaks(Sabotage::BindingOneWriteEarly)) };
        Answered::SaveNeeded
    }

    /// Makes the request of the present stage.
    fn send(&mut self, requester: &mut Requester, context: &mut Context<'_>) {
        debug_assert!(self.call.is_none(), "a transfer makes one request at a time");
        let op = requester.op();
        self.call = Some(op.no);
        let key = self.key();
        context.outputs.push_back(match self.stage {
            Stage::Removing => Output::Remove { op, key },
            _ => Output::Update { op, key },
        });
    }

    /// The request was answered with an error: its effect is unknown, and it is made again.
    fn failed(&mut self, held: &mut Held, requester: &mut Requester, context: &mut Context<'_>) -> Answered {
        self.next_try = Due(context.now.mono + self.backoff.next());
        if context.config.breaks(Sabotage::UnknownDecisionIsAbort)
            && let (Escrow::Trade { gives, .. }, Stage::Sending | Stage::Asking { .. }) = (&self.escrow, &self.stage)
        {
            self.stage = Stage::Decided { committed: false, items: Arc::clone(gives), announced: false };
        }
        if context.config.breaks(Sabotage::UnknownGiftHasArrived) && matches!(self.escrow, Escrow::Gift { .. }) {
            return self.delivered(&Delivery::Arrived { holder: None }, held, requester, context);
        }
        Answered::Taken
    }

    /// A gift was appended to the recipient's queue, or not.
    fn delivered(
        &mut self,
        delivery: &Delivery,
        held: &mut Held,
        requester: &mut Requester,
        context: &mut Context<'_>,
    ) -> Answered {
        let arrived = &Delivery::Arrived { holder: None };
        let delivery = if context.config.breaks(Sabotage::RefusedGiftHasArrived) { arrived } else { delivery };
        let Delivery::Arrived { holder } = delivery else {
            // The queue may have room later, and the record may be a profile later.
            self.next_try = Due(context.now.mono + self.backoff.next());
            return Answered::Taken;
        };
        // The recipient's session finds the gift at its next check; a message makes it check at once.
        if let Some((guid, load_count)) = holder {
            requester.publish(guid, json!({"LoadCount": load_count}), context);
        }
        self.stage = Stage::Applying { write: held.writes + 1 };
        if !context.config.breaks(Sabotage::DeliveredGiftStays) {
            Arc::make_mut(&mut held.profile.meta.escrow).remove(&self.id);
        }
        context.emit(Event::GiftDelivered { session: requester.id, gift: Arc::clone(&self.id) });
        Answered::SaveNeeded
    }
}
