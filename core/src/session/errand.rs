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

use serde_json::{Value as Json, json};

use super::{Context, Held, Phase, Session, topic};
use crate::backoff::Backoff;
use crate::coordinator::{self, Move, Outcome, Verdict};
use crate::door::{Event, Guid, Key, OpId, Output, Owner, UpdateOutcome};
use crate::mail::{self, Delivery, Mail};
use crate::plan::{Decision, Plan, Transform};
use crate::record::{Escrow, Stored};
use crate::sabotage::Sabotage;
use crate::time::{Mono, Span};

/// An errand in progress.
#[derive(Debug)]
pub(crate) struct Errand {
    pub id: Guid,
    escrow: Escrow,
    stage: Stage,
    /// The update in flight.
    call: Option<u32>,
    next_try: Mono,
    backoff: Backoff,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
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
fn resumed_timeout(config: &crate::Config) -> Span {
    TRADE_TIMEOUT.max(config.takeover_wait(config.lease))
}

/// How often the coordinator is asked.
const ASK_PERIOD: Span = Span::secs(2);

impl Errand {
    /// A new one: its escrow is in the data from `write` on.
    pub(crate) fn new(id: Guid, escrow: Escrow, write: u64, now: Mono) -> Errand {
        let stage = Stage::Escrowing { write };
        Errand { id, escrow, stage, call: None, next_try: now, backoff: Backoff::default() }
    }

    /// One that an earlier session left behind. Whether a trade was prepared is not known, so it is not prepared
    /// now: the other side may have given up.
    pub(crate) fn resumed(id: Guid, escrow: Escrow, now: Mono, config: &crate::Config) -> Errand {
        let stage = match &escrow {
            Escrow::Trade { .. } => Stage::Asking { deadline: now + resumed_timeout(config) },
            Escrow::Gift { .. } => Stage::Sending,
            Escrow::Settled { .. } => Stage::Marking,
        };
        Errand { id, escrow, stage, call: None, next_try: now, backoff: Backoff::default() }
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

    fn key(&self) -> Key {
        match &self.escrow {
            Escrow::Trade { .. } | Escrow::Settled { .. } => coordinator::key_of(&self.id),
            Escrow::Gift { to, .. } => Arc::clone(to),
        }
    }

    /// One run of the transform of its update, for a profile that began then.
    fn transform(
        &self,
        (own, began): (&Key, i64),
        now: Mono,
        current: Option<&Stored>,
        config: &crate::Config,
    ) -> Transform {
        match (&self.escrow, &self.stage) {
            (Escrow::Gift { gives, number, .. }, _) => {
                // A profile that was removed and began anew numbers its gifts from the start: it is another sender.
                let sender = format!("{own}@{began}").into();
                let mail = Mail { sender, number: *number, message: Arc::clone(gives) };
                mail::append(std::iter::once(&mail), current, config)
            }
            (Escrow::Trade { partner, gives }, stage) => {
                let step = match stage {
                    Stage::Sending => Move::Prepare,
                    Stage::Asking { deadline } if *deadline <= now => Move::Abort,
                    _ => Move::Ask,
                };
                coordinator::step(step, own, partner, gives, current, config)
            }
            (Escrow::Settled { partner }, _) => {
                let nothing = Arc::new(Json::Null);
                coordinator::step(Move::MarkApplied, own, partner, &nothing, current, config)
            }
        }
    }
}

impl Session {
    fn errand_mut(&mut self, matches: impl Fn(&Errand) -> bool) -> Option<&mut Errand> {
        match &mut self.phase {
            Phase::Holding(holding) => holding.errands.iter_mut().find(|errand| matches(errand)),
            _ => None,
        }
    }

    /// One run of the transform of an errand's update, if this call is one.
    pub(crate) fn errand_transform(
        &self,
        no: u32,
        now: Mono,
        current: Option<&Stored>,
        config: &crate::Config,
    ) -> Option<Transform> {
        let Phase::Holding(holding) = &self.phase else { return None };
        let errand = holding.errands.iter().find(|errand| errand.call == Some(no))?;
        if !holding.is_active(now) && !config.breaks(Sabotage::DealsWithoutLease) {
            return Some(Transform { write: None, plan: Plan(Decision::Nothing) });
        }
        let began = holding.held.profile.meta.profile_create_time;
        Some(errand.transform((&self.key, began), now, current, config))
    }

    /// What was left behind is taken up again.
    pub(crate) fn resume_errands(held: &Held, now: Mono, config: &crate::Config) -> Vec<Errand> {
        if config.breaks(Sabotage::EscrowNotResumed) {
            return Vec::new();
        }
        let escrow = held.profile.meta.escrow.iter();
        let resumed = escrow.map(|(id, escrow)| Errand::resumed(Arc::clone(id), escrow.clone(), now, config));
        resumed.map(|errand| errand.mistaken(held.load_count, config)).collect()
    }

    /// Moves every errand on as far as it goes: writes may have been acknowledged, times may have come.
    pub(crate) fn run_errands(&mut self, context: &mut Context<'_>) {
        let Phase::Holding(holding) = &self.phase else { return };
        let live = holding.is_active(context.now.mono);
        for place in 0..holding.errands.len() {
            self.run_errand(place, live, context);
        }
        if let Phase::Holding(holding) = &mut self.phase {
            for done in holding.errands.extract_if(.., |errand| errand.is_done()) {
                holding.held.forget_settled(&done.id);
            }
        }
    }

    fn run_errand(&mut self, place: usize, live: bool, context: &mut Context<'_>) {
        let (id, now) = (self.id, context.now.mono);
        let Phase::Holding(holding) = &mut self.phase else { return };
        let acknowledged = holding.held.acknowledged();
        let Some(errand) = holding.errands.get_mut(place) else { return };
        let early = context.config.breaks(Sabotage::PrepareBeforeEscrowIsStored);
        match &mut errand.stage {
            Stage::Escrowing { write } if *write <= acknowledged || early => errand.stage = Stage::Sending,
            Stage::Applying { write }
                if *write <= acknowledged || context.config.breaks(Sabotage::MarkBeforeApplied) =>
            {
                errand.stage = match errand.escrow {
                    Escrow::Trade { .. } | Escrow::Settled { .. } => Stage::Marking,
                    Escrow::Gift { .. } => Stage::Done,
                };
            }
            Stage::Decided { committed, items, told } if live && !*told => {
                *told = true;
                let (trade, committed, items) = (Arc::clone(&errand.id), *committed, Arc::clone(items));
                let event = Event::TradeDecided { session: id, trade, committed, items };
                context.outputs.push_back(Output::Event(event));
            }
            _ => {}
        }
        let overtakes = context.config.breaks(Sabotage::GiftsOvertake);
        let due = holding.errands[place].due(if overtakes { &[] } else { &holding.errands });
        if due.is_some_and(|due| due <= now) && (live || context.config.breaks(Sabotage::DealsWithoutLease)) {
            self.send_errand(place, context);
        }
    }

    fn send_errand(&mut self, place: usize, context: &mut Context<'_>) {
        let no = self.op();
        let op = OpId { owner: Owner::Session(self.id), no };
        let Phase::Holding(holding) = &mut self.phase else { return };
        let errand = &mut holding.errands[place];
        errand.call = Some(no);
        let key = errand.key();
        context.outputs.push_back(match errand.stage {
            Stage::Removing => Output::Remove { op, key },
            _ => Output::Update { op, key },
        });
    }

    /// An errand's update came back. False if it is none of an errand.
    pub(crate) fn errand_done(&mut self, no: u32, outcome: &UpdateOutcome, context: &mut Context<'_>) -> bool {
        let now = context.now.mono;
        let Some(errand) = self.errand_mut(|errand| errand.call == Some(no)) else { return false };
        errand.call = None;
        let Some(decision) = outcome.decision() else {
            errand.next_try = now + errand.backoff.next();
            if context.config.breaks(Sabotage::UnknownDecisionIsAbort)
                && let (Escrow::Trade { gives, .. }, Stage::Sending | Stage::Asking { .. }) =
                    (&errand.escrow, &errand.stage)
            {
                errand.stage = Stage::Decided { committed: false, items: Arc::clone(gives), told: false };
            }
            if context.config.breaks(Sabotage::UnknownGiftHasArrived) && matches!(errand.escrow, Escrow::Gift { .. }) {
                let id = Arc::clone(&errand.id);
                self.gift_delivered(&id, &Delivery::Arrived { holder: None }, context);
            }
            return true;
        };
        errand.backoff = Backoff::default();
        match decision {
            Decision::Coordinated(outcome) => {
                errand.coordinated(outcome, now);
                if let Stage::Decided { committed: false, items, .. } = &mut errand.stage
                    && context.config.breaks(Sabotage::AbortReturnsNothing)
                {
                    *items = Arc::new(Json::Null);
                }
            }
            Decision::Delivered(deliveries) => {
                let id = Arc::clone(&errand.id);
                for delivery in deliveries {
                    self.gift_delivered(&id, delivery, context);
                }
            }
            _ => errand.next_try = now + errand.backoff.next(),
        }
        true
    }

    /// A coordinator was removed, or not: nobody needs it any more.
    pub(crate) fn errand_removed(&mut self, no: u32, failed: bool, context: &mut Context<'_>) {
        let now = context.now.mono;
        let Some(errand) = self.errand_mut(|errand| errand.call == Some(no)) else { return };
        errand.call = None;
        if failed {
            errand.next_try = now + errand.backoff.next();
        } else {
            errand.stage = Stage::Done;
        }
        self.run_errands(context);
    }

    fn gift_delivered(&mut self, id: &Guid, delivery: &Delivery, context: &mut Context<'_>) {
        let (session, now) = (self.id, context.now.mono);
        if let Delivery::Arrived { holder: Some((guid, load_count)) } = delivery {
            self.publish(topic(guid), json!({"LoadCount": load_count}), context);
        }
        let Phase::Holding(holding) = &mut self.phase else { return };
        let write = holding.held.writes + 1;
        let Some(errand) = holding.errands.iter_mut().find(|errand| errand.id == *id) else { return };
        match delivery {
            Delivery::Arrived { .. } => {
                errand.stage = Stage::Applying { write };
                Arc::make_mut(&mut holding.held.profile.meta.escrow).remove(id);
                let event = Event::GiftDelivered { session, gift: Arc::clone(id) };
                context.outputs.push_back(Output::Event(event));
                self.save(context);
            }
            Delivery::QueueFull | Delivery::Unstorable(_) | Delivery::NotARecord => {
                errand.next_try = now + errand.backoff.next();
            }
        }
    }

    /// The game takes what it gets: the escrow leaves with the same write. `None` if there is nothing to take.
    pub(crate) fn settle(
        &mut self,
        trade: &str,
        take: impl FnOnce(&mut Json, &Json),
        context: &mut Context<'_>,
    ) -> Option<()> {
        let Phase::Holding(holding) = &mut self.phase else { return None };
        let write = holding.held.writes + 1;
        let errand = holding.errands.iter_mut().find(|errand| &*errand.id == trade)?;
        let (Stage::Decided { items, .. }, Escrow::Trade { partner, .. }) = (&errand.stage, &errand.escrow) else {
            return None;
        };
        take(Arc::make_mut(&mut holding.held.profile.data), items);
        let settled = Escrow::Settled { partner: Arc::clone(partner) };
        if !context.config.breaks(Sabotage::EscrowOutlivesSettling) {
            let escrow = Arc::make_mut(&mut holding.held.profile.meta.escrow);
            escrow.insert(Arc::clone(&errand.id), settled.clone());
            if context.config.breaks(Sabotage::SettledIsForgotten) {
                escrow.remove(trade);
            }
        }
        errand.escrow = settled;
        errand.stage = Stage::Applying { write };
        self.save(context);
        Some(())
    }
}

impl Errand {
    /// The same, with the deliberate mistake that is to be made.
    fn mistaken(mut self, load_count: u64, config: &crate::Config) -> Errand {
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

    fn coordinated(&mut self, outcome: &Outcome, now: Mono) {
        let gives = match &self.escrow {
            Escrow::Trade { gives, .. } => gives,
            Escrow::Settled { .. } => {
                (self.stage, self.next_try) = (if outcome.finished { Stage::Removing } else { Stage::Done }, now);
                return;
            }
            Escrow::Gift { .. } => return,
        };
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

impl UpdateOutcome {
    /// What is known to have been decided; `None` if it is not known.
    pub(crate) fn decision(&self) -> Option<&Decision> {
        match self {
            UpdateOutcome::Committed(Plan(decision)) | UpdateOutcome::Cancelled(Plan(decision)) => Some(decision),
            UpdateOutcome::Failed(_) => None,
        }
    }
}
