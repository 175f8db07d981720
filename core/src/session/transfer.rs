//! What a live session does for a trade or a gift: from its own escrow to another profile's record and back.
//!
//! A trade, for each side: 1. what it gives moves from the data into the escrow, in one write; 2. once that is known
//! to be stored, the side prepares in the coordinator record; 3. it asks for the decision, and forces `aborted` when
//! time is up; 4. the escrow leaves and what is received (or what was given) enters the data, in one write; 5. once
//! that is known to be stored, the side marks the decision as applied; the last to do so removes the coordinator.
//! Until then, a note in the escrow says that this is still to be done.
//! None of this is done by a session that is not live: only saves are fenced, and its successor may have gone on.
//! A gift: 1. as above; 2. the message is appended to the other record; 3. the escrow leaves.
//! The escrow entry is the only mark of "not yet": a session that finds one when it starts goes on with it.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::backoff::Backoff;
use crate::config::Config;
use crate::coordinator::{self, TradeDecision, TradeStatus, TradeStep};
use crate::ids::{Guid, Key};
use crate::message::{self, Message};
use crate::plan::{Decision, Plan, Transform};
use crate::record::{Escrow, Stored};
use crate::sabotage::Sabotage;
use crate::time::{Mono, Span};

/// One side of a trade, or a gift, in progress.
#[derive(Debug)]
pub(crate) struct Transfer {
    /// The trade's or gift's id, and the name of its escrow entry.
    pub id: Guid,
    pub escrow: Escrow,
    pub stage: Stage,
    /// The number of the request in flight.
    pub call: Option<u32>,
    /// When to make the next request, if there is one to make.
    pub next_try: Mono,
    pub backoff: Backoff,
    /// Since when it has found no coordinator.
    absent_since: Option<Mono>,
}

/// What a transfer waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// This write of the session, with the escrow in it, is to be known to be stored.
    Escrowing { write: u64 },
    /// The coordinator is to have our side, or the recipient our gift.
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

/// How long a prepared side waits for the other before it forces the trade to be aborted. Longer than a hand-over,
/// shorter than a player is willing to wait.
const TRADE_TIMEOUT: Span = Span::secs(30);

/// How long a session that found an escrow when it started waits for the other side. Also longer than a lease: an
/// earlier session that was not waited for, because its lock was stolen, may still prepare while it believes that it
/// is live.
fn resumed_timeout(config: &Config) -> Span {
    TRADE_TIMEOUT.max(config.takeover_wait(config.lease))
}

/// How often the coordinator is asked.
const ASK_PERIOD: Span = Span::secs(2);

impl Transfer {
    /// A transfer that begins: its escrow is in the record from `write` on.
    pub(crate) fn new(id: Guid, escrow: Escrow, write: u64, now: Mono) -> Transfer {
        let stage = Stage::Escrowing { write };
        Transfer::at(stage, id, escrow, now)
    }

    fn at(stage: Stage, id: Guid, escrow: Escrow, now: Mono) -> Transfer {
        Transfer { id, escrow, stage, call: None, next_try: now, backoff: Backoff::default(), absent_since: None }
    }

    /// A transfer that an earlier session left behind. Whether a trade was prepared is not known, so it is not prepared
    /// now: the other side may have given up.
    pub(crate) fn resumed(id: Guid, escrow: Escrow, now: Mono, config: &Config) -> Transfer {
        let stage = match &escrow {
            Escrow::Trade { .. } => Stage::Asking { deadline: now + resumed_timeout(config) },
            Escrow::Gift { .. } => Stage::Sending,
            Escrow::Settled { .. } => Stage::Marking,
        };
        Transfer::at(stage, id, escrow, now)
    }

    /// When to make the next request; `None` while one is in flight, or while another of these transfers goes first.
    pub(crate) fn due(&self, all: &[Transfer]) -> Option<Mono> {
        let waits = matches!(self.stage, Stage::Sending | Stage::Asking { .. } | Stage::Marking | Stage::Removing);
        let free = self.call.is_none() && !all.iter().any(|other| self.follows(other));
        (waits && free).then_some(self.next_try)
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

    /// One run of the transform of the update in flight. `began` is when the profile was created, `confirmed` when the
    /// session's last confirming call was started.
    pub(crate) fn transform(
        &self,
        (own, began): (&Key, i64),
        (now, confirmed): (Mono, Mono),
        current: Option<&Stored>,
        config: &Config,
    ) -> Transform {
        match (&self.escrow, &self.stage) {
            (Escrow::Gift { gives, number, .. }, _) => {
                // A profile that was removed and created again numbers its gifts from the start: it is another sender.
                let sender = format!("{own}@{began}").into();
                let message = Message { sender, number: *number, payload: Arc::clone(gives) };
                let (write, deliveries) = message::append(std::iter::once(&message), current, config);
                Transform { write, plan: Plan(Decision::Delivered(deliveries)) }
            }
            (Escrow::Trade { partner, gives }, stage) => {
                let step = match stage {
                    Stage::Sending => TradeStep::Prepare,
                    // Where there is no record, a later session may have settled the trade and removed it.
                    Stage::Asking { .. } if current.is_none() && !self.outlasts_absence(confirmed) => TradeStep::Ask,
                    Stage::Asking { deadline } if *deadline <= now => TradeStep::Abort,
                    _ => TradeStep::Ask,
                };
                coordinated(coordinator::step(step, own, partner, gives, current, config))
            }
            (Escrow::Settled { partner }, _) => {
                let nothing = Arc::new(Json::Null);
                coordinated(coordinator::step(TradeStep::MarkApplied, own, partner, &nothing, current, config))
            }
        }
    }

    /// Whether the lock was seen to be ours after the coordinator was seen to be gone.
    fn outlasts_absence(&self, confirmed: Mono) -> bool {
        self.absent_since.is_some_and(|since| since <= confirmed)
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

    /// A step in the coordinator came back with this.
    pub(crate) fn coordinated(&mut self, status: &TradeStatus, now: Mono) {
        let gives = match &self.escrow {
            Escrow::Trade { gives, .. } => gives,
            // The side is marked as applied. The last one to be marked removes the record.
            Escrow::Settled { .. } => {
                (self.stage, self.next_try) = (if status.finished { Stage::Removing } else { Stage::Done }, now);
                return;
            }
            Escrow::Gift { .. } => return,
        };
        debug_assert!(
            matches!(self.stage, Stage::Sending | Stage::Asking { .. }),
            "a decided trade asks for nothing: {:?}",
            self.stage
        );
        self.absent_since = if status.absent { self.absent_since.or(Some(now)) } else { None };
        let next = match (&self.stage, status.decision, &status.receives) {
            (_, TradeDecision::Committed, items) => {
                Stage::Decided { committed: true, items: items.clone().unwrap_or_default(), announced: false }
            }
            (_, TradeDecision::Aborted, _) => {
                Stage::Decided { committed: false, items: Arc::clone(gives), announced: false }
            }
            (Stage::Sending, TradeDecision::Pending, _) if !status.prepared => Stage::Sending,
            (Stage::Asking { deadline }, TradeDecision::Pending, _) => Stage::Asking { deadline: *deadline },
            (_, TradeDecision::Pending, _) => Stage::Asking { deadline: now + TRADE_TIMEOUT },
        };
        self.next_try = if matches!(next, Stage::Asking { .. }) { now + ASK_PERIOD } else { now };
        self.stage = next;
    }
}

fn coordinated((write, status): (Option<Stored>, TradeStatus)) -> Transform {
    Transform { write, plan: Plan(Decision::Coordinated(status)) }
}
