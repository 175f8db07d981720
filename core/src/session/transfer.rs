//! What a live session does for a trade or a gift: from its own escrow to another profile's record and back.
//!
//! A trade, for each side:
//! 1. What it gives moves from the data into the escrow, in one save.
//! 2. Once that is known to be stored, the side sees to it that there is a coordinator record.
//! 3. Once it has seen one that is pending, it binds its escrow, in one save.
//! 4. Once that is known to be stored, it votes in the coordinator. With the second vote the trade is committed.
//! 5. It asks for the decision, and forces `aborted` when time is up.
//! 6. The escrow leaves and what is received (or what was given) enters the data, in one save.
//! 7. Once that is known to be stored, the side marks the decision as applied; the last to do so removes the coordinator.
//!    Until then, a note in the escrow says that this is still to be done.
//!
//! Why a trade is applied on both sides or on neither, whatever becomes of the sessions: a side votes only after a save
//! that bound the escrow, and saves are fenced. So no session votes once another has the lock, unless the escrow that
//! the other finds is bound; and a bound escrow waits for the decision. An escrow that is not bound has no vote, and is
//! given back at once. A vote counts only in the coordinator that its escrow is bound to, never makes one, and each
//! coordinator is made once; a committed one is removed only when both sides have applied it. So a bound escrow whose
//! coordinator is gone belongs to a trade that was aborted. No time is compared.
//!
//! None of this is done by a session that is not live: only saves are fenced, and its successor may have gone on.
//! A gift: 1. as above; 2. the message is appended to the other record; 3. the escrow leaves.
//! The escrow entry is the only mark of "not yet": a session that finds one when it starts goes on with it.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::backoff::Backoff;
use crate::config::Config;
use crate::coordinator::{self, Side, TradeDecision, TradeStatus, TradeStep};
use crate::ids::{Guid, Key, OpNo};
use crate::message::{self, Message};
use crate::plan::{Decision, Plan, Transform};
use crate::record::{CoordinatorId, Escrow, Stored};
use crate::sabotage::Sabotage;
use crate::time::{Due, Mono};

/// One side of a trade, or a gift, in progress.
#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
pub(crate) struct Transfer {
    /// The trade's or gift's id, and the name of its escrow entry.
    pub id: Guid,
    pub escrow: Escrow,
    pub stage: Stage,
    /// The number of the request in flight.
    pub call: Option<OpNo>,
    /// When to make the next request, if there is one to make.
    pub next_try: Due,
    pub backoff: Backoff,
    /// Since when it has found no coordinator.
    absent_since: Option<Mono>,
    /// Not before this can a coordinator be closed for good.
    pub closes_from: Due,
    /// The coordinator that it is bound to, or tries to make.
    coordinator: CoordinatorId,
}

/// What a transfer waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) enum Stage {
    /// This write of the session, with the escrow in it, is to be known to be stored.
    Escrowing { write: u64 },
    /// There is to be a coordinator.
    Creating,
    /// This write, which binds the escrow, is to be known to be stored.
    Binding { write: u64 },
    /// The coordinator is to have our vote, or the recipient our gift.
    Sending,
    /// The coordinator is to have a decision; after the deadline we make it.
    Asking { deadline: Mono },
    /// The game is to take what it gets into the data.
    Decided { committed: bool, items: Arc<Json>, announced: bool },
    /// This write, with the decision applied, is to be known to be stored.
    Applying { write: u64 },
    /// The coordinator is to know that the decision is applied.
    Marking,
    /// The coordinator, which is not needed any more, is to be removed.
    Removing,
    /// Nothing.
    Done,
}

impl Transfer {
    /// A transfer that begins: its escrow is in the record from `write` on, the session's of this guid.
    pub(crate) fn new(id: Guid, escrow: Escrow, (guid, write): (&Guid, u64), now: Mono) -> Transfer {
        Transfer::at(Stage::Escrowing { write }, id, escrow, (Arc::clone(guid), 0), now)
    }

    fn at(stage: Stage, id: Guid, escrow: Escrow, coordinator: CoordinatorId, now: Mono) -> Transfer {
        Transfer {
            id,
            escrow,
            stage,
            call: None,
            next_try: Due(now),
            backoff: Backoff::default(),
            absent_since: None,
            closes_from: Due(now),
            coordinator,
        }
    }

    /// A transfer that an earlier session left behind. If its lock was taken without waiting for it, it may make one
    /// more coordinator until `stolen_until`.
    pub(crate) fn resumed(
        id: Guid,
        escrow: Escrow,
        guid: &Guid,
        (now, stolen_until): (Mono, Mono),
        config: &Config,
    ) -> Transfer {
        let stage = match &escrow {
            Escrow::Trade { bound: Some(_), .. } => Stage::Asking { deadline: now + config.trade_timeout },
            Escrow::Trade { bound: None, gives, .. } => {
                Stage::Decided { committed: false, items: Arc::clone(gives), announced: false }
            }
            Escrow::Gift { .. } if config.breaks(Sabotage::ResumedGiftForgotten) => Stage::Done,
            Escrow::Settled { .. } if config.breaks(Sabotage::SettledNotResumed) => Stage::Done,
            Escrow::Gift { .. } => Stage::Sending,
            Escrow::Settled { .. } => Stage::Marking,
        };
        let coordinator = match &escrow {
            Escrow::Trade { bound: Some(bound), .. } | Escrow::Settled { bound: Some(bound), .. } => bound.clone(),
            _ => (Arc::clone(guid), 0),
        };
        let begins = if matches!(escrow, Escrow::Settled { bound: None, .. }) { stolen_until } else { now };
        Transfer { closes_from: Due(stolen_until), ..Transfer::at(stage, id, escrow, coordinator, begins) }
    }

    /// When to make the next request; `None` while one is in flight, or while another of these transfers goes first.
    pub(crate) fn due(&self, all: &[Transfer]) -> Option<Mono> {
        let waits = matches!(
            self.stage,
            Stage::Creating | Stage::Sending | Stage::Asking { .. } | Stage::Marking | Stage::Removing
        );
        let free = self.call.is_none() && !all.iter().any(|other| self.follows(other));
        (waits && free).then_some(self.next_try.0)
    }

    /// Whether another must be done first: gifts to one profile arrive in the order of their numbers, because a number
    /// that is not above the newest that arrived is taken for a retry.
    fn follows(&self, other: &Transfer) -> bool {
        match (&self.escrow, &other.escrow) {
            (Escrow::Gift { to, number, .. }, Escrow::Gift { to: others, number: earlier, .. }) => {
                let on_its_way = matches!(other.stage, Stage::Escrowing { .. } | Stage::Sending);
                on_its_way && earlier < number && to == others
            }
            _ => false,
        }
    }

    /// The game may have been told of the decision when it could not act on it.
    pub(crate) fn announce_again(&mut self) {
        if let Stage::Decided { announced, .. } = &mut self.stage {
            *announced = false;
        }
    }

    /// Each try makes another coordinator: an earlier one, of unknown outcome, may have been made and removed.
    pub(crate) fn tries_to_create(&mut self, tries: u64) {
        self.coordinator.1 = tries;
    }

    /// The coordinator that its escrow is to be bound to.
    pub(crate) fn coordinator(&self) -> &CoordinatorId {
        &self.coordinator
    }

    pub(crate) fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// The record that the requests are about.
    pub(crate) fn key(&self) -> Key {
        match &self.escrow {
            Escrow::Trade { .. } | Escrow::Settled { .. } => coordinator::key_of(&self.id),
            Escrow::Gift { to, .. } => Arc::clone(to),
        }
    }

    /// One run of the transform of the update in flight. `began` is when the profile was created.
    pub(crate) fn transform(
        &self,
        (own, began): (&Key, i64),
        now: Mono,
        current: Option<&Stored>,
        config: &Config,
    ) -> Transform {
        let nothing = Arc::new(Json::Null);
        let (step, partner, gives) = match (&self.escrow, &self.stage) {
            (Escrow::Gift { gives, number, .. }, _) => {
                let sender = message::gift_sender(own, began);
                let message = Message { sender, number: *number, payload: Arc::clone(gives) };
                let (write, deliveries) = message::append(std::iter::once(&message), current, config);
                return Transform { write, plan: Plan(Decision::Delivered(deliveries)) };
            }
            (Escrow::Trade { partner, gives, .. }, stage) => {
                let step = match stage {
                    Stage::Creating => TradeStep::Create,
                    Stage::Sending => TradeStep::Vote,
                    Stage::Asking { deadline } if *deadline <= now && !config.breaks(Sabotage::TimeUpOnlyAsks) => {
                        TradeStep::Abort
                    }
                    _ => TradeStep::Ask,
                };
                (step, partner, gives)
            }
            (Escrow::Settled { partner, bound: None }, _) => (TradeStep::Close, partner, &nothing),
            (Escrow::Settled { partner, bound: Some(_) }, _) => (TradeStep::MarkApplied, partner, &nothing),
        };
        let side = Side { own, partner, gives, coordinator: &self.coordinator };
        let (write, status) = coordinator::step(step, side, current, config);
        Transform { write, plan: Plan(Decision::Coordinated(status)) }
    }

    /// The same with a deliberate mistake, if one is configured.
    pub(crate) fn sabotaged(mut self, load_count: u64, config: &Config) -> Transfer {
        match &mut self.escrow {
            Escrow::Trade { gives, .. } if config.breaks(Sabotage::ResumedTradeIsAborted) => {
                self.stage = Stage::Decided { committed: false, items: Arc::clone(gives), announced: false };
            }
            Escrow::Gift { number, .. } if config.breaks(Sabotage::ResumedGiftIsNewMessage) => {
                *number = load_count << 32;
            }
            _ => {}
        }
        self
    }

    /// A step in the coordinator came back with this. `confirmed` is when the session's last confirming call was started.
    pub(crate) fn coordinated(
        &mut self,
        status: &TradeStatus,
        (now, confirmed): (Mono, Mono),
        config: &Config,
    ) -> Progress {
        let gives = match &self.escrow {
            Escrow::Trade { gives, .. } => Arc::clone(gives),
            // The side is marked as applied. The last one to be marked removes the record.
            Escrow::Settled { .. } => {
                (self.stage, self.next_try) = (if status.finished { Stage::Removing } else { Stage::Done }, Due(now));
                return Progress::Next;
            }
            Escrow::Gift { .. } => return Progress::Next,
        };
        debug_assert!(
            matches!(self.stage, Stage::Creating | Stage::Sending | Stage::Asking { .. }),
            "a decided trade asks for nothing: {:?}",
            self.stage
        );
        self.next_try = Due(now);
        let aborted = || Stage::Decided { committed: false, items: gives, announced: false };
        if status.absent {
            // A later session may have applied the decision, and removed the record. If not, the trade was aborted.
            let since = *self.absent_since.get_or_insert(now);
            if since <= confirmed && !config.breaks(Sabotage::AbsenceNeverBelieved) {
                self.stage = aborted();
                return Progress::Next;
            }
            self.next_try = Due(now + config.trade_ask_period);
            return Progress::Unconfirmed;
        }
        self.absent_since = None;
        self.stage = match (&self.stage, status.decision) {
            // It was made for an earlier trade of this id.
            (Stage::Creating, TradeDecision::Committed | TradeDecision::Aborted) => aborted(),
            (Stage::Creating, TradeDecision::Pending) => {
                if !config.breaks(Sabotage::BindsToOwnTry) {
                    self.coordinator = status.id.clone().unwrap_or_else(|| self.coordinator.clone());
                }
                return Progress::Bind;
            }
            (_, TradeDecision::Committed) => {
                let items = status.receives.clone().unwrap_or_default();
                Stage::Decided { committed: true, items, announced: false }
            }
            (_, TradeDecision::Aborted) => aborted(),
            // An earlier session of this side has not voted, and the other side may have given up.
            (Stage::Asking { .. }, TradeDecision::Pending) if !status.voted => Stage::Asking { deadline: now },
            (Stage::Asking { deadline }, TradeDecision::Pending) => {
                self.next_try = Due(now + config.trade_ask_period);
                let renewed = config.breaks(Sabotage::TimeIsNeverUp);
                Stage::Asking { deadline: if renewed { now + config.trade_timeout } else { *deadline } }
            }
            (_, TradeDecision::Pending) => {
                self.next_try = Due(now + config.trade_ask_period);
                Stage::Asking { deadline: now + config.trade_timeout }
            }
        };
        Progress::Next
    }
}

/// What a step in the coordinator leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) enum Progress {
    /// The next stage.
    Next,
    /// There is a coordinator: the escrow is to be bound.
    Bind,
    /// Nothing, until the lock is seen to be ours.
    Unconfirmed,
}
