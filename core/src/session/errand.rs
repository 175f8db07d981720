//! What a live session does for a trade or a gift: from its own escrow to somebody else's record and back.
//!
//! A trade, for each side: 1. what it gives moves from the data into the escrow, in one write; 2. once that is known
//! to be stored, it is prepared, in the coordinator record; 3. it asks for the decision, and forces `aborted` when
//! time is up; 4. the escrow leaves and what is received (or what was given) enters the data, in one write; 5. once
//! that is known to be stored, it has applied the decision; the last to say so removes the coordinator. What is left
//! of the escrow until then is only a note that this is still to be said.
//! None of this is done by a session that is not live: only saves are fenced, and its successor may have gone on.
//! A gift: 1. as above; 2. the message is appended to the other record; 3. the escrow leaves.
//! The escrow entry is the only mark of "not yet": a session that finds one when it starts goes on with it.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::backoff::Backoff;
use crate::config::Config;
use crate::coordinator::{self, Move, Outcome, Verdict};
use crate::ids::{Guid, Key};
use crate::mail::{self, Mail};
use crate::plan::{Decision, Plan, Transform};
use crate::record::{Escrow, Stored};
use crate::sabotage::Sabotage;
use crate::time::{Mono, Span};

/// An errand in progress.
#[derive(Debug)]
pub(crate) struct Errand {
    pub id: Guid,
    pub escrow: Escrow,
    pub stage: Stage,
    /// The update in flight.
    pub call: Option<u32>,
    pub next_try: Mono,
    pub backoff: Backoff,
    /// Since when it has found no coordinator.
    absent_since: Option<Mono>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Until this write of the session is known to be stored.
    Escrowing {
        write: u64,
    },
    /// Until the coordinator has our side, or the recipient our gift.
    Sending,
    /// Until the coordinator has a decision; after the deadline we make it.
    Asking {
        deadline: Mono,
    },
    /// Until the game has taken what it gets into the data.
    Decided {
        committed: bool,
        items: Arc<Json>,
        told: bool,
    },
    /// Until this write is known to be stored.
    Applying {
        write: u64,
    },
    /// Until the coordinator knows.
    Marking,
    /// The coordinator is of no use any more.
    Removing,
    Done,
}

/// How long a prepared side waits for the other before it forces the trade to be aborted. Longer than a hand-over,
/// shorter than a player's patience.
const TRADE_TIMEOUT: Span = Span::secs(30);

/// How long a session that found its side put aside waits for the other. Also longer than any lease: a predecessor
/// that was not waited for, because its lock was stolen, may still prepare while it believes that it is live.
fn resumed_timeout(config: &Config) -> Span {
    TRADE_TIMEOUT.max(config.takeover_wait(config.lease))
}

/// How often the coordinator is asked.
const ASK_PERIOD: Span = Span::secs(2);

impl Errand {
    /// A new one: its escrow is in the data from `write` on.
    pub(crate) fn new(id: Guid, escrow: Escrow, write: u64, now: Mono) -> Errand {
        let stage = Stage::Escrowing { write };
        Errand::at(stage, id, escrow, now)
    }

    fn at(stage: Stage, id: Guid, escrow: Escrow, now: Mono) -> Errand {
        Errand { id, escrow, stage, call: None, next_try: now, backoff: Backoff::default(), absent_since: None }
    }

    /// One that an earlier session left behind. Whether a trade was prepared is not known, so it is not prepared
    /// now: the other side may have given up.
    pub(crate) fn resumed(id: Guid, escrow: Escrow, now: Mono, config: &Config) -> Errand {
        let stage = match &escrow {
            Escrow::Trade { .. } => Stage::Asking { deadline: now + resumed_timeout(config) },
            Escrow::Gift { .. } => Stage::Sending,
            Escrow::Settled { .. } => Stage::Marking,
        };
        Errand::at(stage, id, escrow, now)
    }

    /// When it has something to ask for, beside all errands of its session.
    pub(crate) fn due(&self, all: &[Errand]) -> Option<Mono> {
        let waits = matches!(self.stage, Stage::Sending | Stage::Asking { .. } | Stage::Marking | Stage::Removing);
        let free = self.call.is_none() && !all.iter().any(|other| self.follows(other));
        (waits && free).then_some(self.next_try)
    }

    /// Whether another must be done first: gifts to one profile arrive in the order of their numbers, for a number
    /// that is not above the newest that arrived is taken for a retry.
    fn follows(&self, other: &Errand) -> bool {
        match (&self.escrow, &other.escrow) {
            (Escrow::Gift { to, number, .. }, Escrow::Gift { to: others, number: earlier, .. }) => {
                let on_its_way = matches!(other.stage, Stage::Escrowing { .. } | Stage::Sending);
                on_its_way && earlier < number && to == others
            }
            _ => false,
        }
    }

    /// The game may have been told at a moment at which it could not act.
    pub(crate) fn tell_again(&mut self) {
        if let Stage::Decided { told, .. } = &mut self.stage {
            *told = false;
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    pub(crate) fn key(&self) -> Key {
        match &self.escrow {
            Escrow::Trade { .. } | Escrow::Settled { .. } => coordinator::key_of(&self.id),
            Escrow::Gift { to, .. } => Arc::clone(to),
        }
    }

    /// One run of the transform of its update, for a profile that began then, by a session that was last confirmed by
    /// a call that started then.
    pub(crate) fn transform(
        &self,
        (own, began): (&Key, i64),
        (now, confirmed): (Mono, Mono),
        current: Option<&Stored>,
        config: &Config,
    ) -> Transform {
        match (&self.escrow, &self.stage) {
            (Escrow::Gift { gives, number, .. }, _) => {
                // A profile that was removed and began anew numbers its gifts from the start: it is another sender.
                let sender = format!("{own}@{began}").into();
                let mail = Mail { sender, number: *number, message: Arc::clone(gives) };
                let (write, deliveries) = mail::append(std::iter::once(&mail), current, config);
                Transform { write, plan: Plan(Decision::Delivered(deliveries)) }
            }
            (Escrow::Trade { partner, gives }, stage) => {
                let step = match stage {
                    Stage::Sending => Move::Prepare,
                    // Where there is nothing, a successor may have settled it and cleared it away.
                    Stage::Asking { .. } if current.is_none() && !self.outlasts_absence(confirmed) => Move::Ask,
                    Stage::Asking { deadline } if *deadline <= now => Move::Abort,
                    _ => Move::Ask,
                };
                coordinated(coordinator::step(step, own, partner, gives, current, config))
            }
            (Escrow::Settled { partner }, _) => {
                let nothing = Arc::new(Json::Null);
                coordinated(coordinator::step(Move::MarkApplied, own, partner, &nothing, current, config))
            }
        }
    }

    /// Whether the lock was seen to be ours after the coordinator was seen to be gone.
    fn outlasts_absence(&self, confirmed: Mono) -> bool {
        self.absent_since.is_some_and(|since| since <= confirmed)
    }

    /// The same, with the deliberate mistake that is to be made.
    pub(crate) fn mistaken(mut self, load_count: u64, config: &Config) -> Errand {
        match &mut self.escrow {
            Escrow::Trade { gives, .. } if config.breaks(Sabotage::ResumedTradeIsAborted) => {
                self.stage = Stage::Decided { committed: false, items: Arc::clone(gives), told: false };
            }
            Escrow::Gift { number, .. } if config.breaks(Sabotage::ResumedGiftIsNewMessage) => {
                *number = load_count << 32;
            }
            _ => {}
        }
        self
    }

    pub(crate) fn coordinated(&mut self, outcome: &Outcome, now: Mono) {
        let gives = match &self.escrow {
            Escrow::Trade { gives, .. } => gives,
            Escrow::Settled { .. } => {
                (self.stage, self.next_try) = (if outcome.finished { Stage::Removing } else { Stage::Done }, now);
                return;
            }
            Escrow::Gift { .. } => return,
        };
        self.absent_since = if outcome.absent { self.absent_since.or(Some(now)) } else { None };
        let next = match (&self.stage, outcome.verdict, &outcome.receives) {
            (_, Verdict::Committed, Some(items)) => {
                Stage::Decided { committed: true, items: Arc::clone(items), told: false }
            }
            (_, Verdict::Committed, None) => {
                Stage::Decided { committed: true, items: Arc::new(Json::Null), told: false }
            }
            (_, Verdict::Aborted, _) => Stage::Decided { committed: false, items: Arc::clone(gives), told: false },
            (Stage::Sending, Verdict::Pending, _) if !outcome.prepared => Stage::Sending,
            (Stage::Asking { deadline }, Verdict::Pending, _) => Stage::Asking { deadline: *deadline },
            (_, Verdict::Pending, _) => Stage::Asking { deadline: now + TRADE_TIMEOUT },
        };
        self.next_try = if matches!(next, Stage::Asking { .. }) { now + ASK_PERIOD } else { now };
        self.stage = next;
    }
}

fn coordinated((write, outcome): (Option<Stored>, Outcome)) -> Transform {
    Transform { write, plan: Plan(Decision::Coordinated(outcome)) }
}
