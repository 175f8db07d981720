//! A session at its errands: sending them, and what comes of it.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::errand::{Errand, Stage};
use super::{Held, Phase, Session};
use crate::backoff::Backoff;
use crate::config::Config;
use crate::context::Context;
use crate::event::Event;
use crate::ids::{Guid, OpId, Owner};
use crate::io::Output;
use crate::mail::Delivery;
use crate::plan::{Decision, Plan, Transform, UpdateOutcome};
use crate::record::{Escrow, Stored};
use crate::sabotage::Sabotage;
use crate::time::Mono;

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
        config: &Config,
    ) -> Option<Transform> {
        let Phase::Holding(holding) = &self.phase else { return None };
        let errand = holding.errands.iter().find(|errand| errand.call == Some(no))?;
        if !holding.is_active(now) {
            return Some(Transform { write: None, plan: Plan(Decision::Nothing) });
        }
        let began = holding.held.profile.meta.profile_create_time;
        let confirmed = holding.live_until - config.lease;
        Some(errand.transform((&self.key, began), (now, confirmed), current, config))
    }

    /// What was left behind is taken up again.
    pub(crate) fn resume_errands(held: &Held, now: Mono, config: &Config) -> Vec<Errand> {
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
                context.emit(event);
            }
            _ => {}
        }
        let overtakes = context.config.breaks(Sabotage::GiftsOvertake);
        let due = holding.errands[place].due(if overtakes { &[] } else { &holding.errands });
        if due.is_some_and(|due| due <= now) && live {
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
            self.publish(guid, json!({"LoadCount": load_count}), context);
        }
        let Phase::Holding(holding) = &mut self.phase else { return };
        let write = holding.held.writes + 1;
        let Some(errand) = holding.errands.iter_mut().find(|errand| errand.id == *id) else { return };
        match delivery {
            Delivery::Arrived { .. } => {
                errand.stage = Stage::Applying { write };
                Arc::make_mut(&mut holding.held.profile.meta.escrow).remove(id);
                let event = Event::GiftDelivered { session, gift: Arc::clone(id) };
                context.emit(event);
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
