//! The step at fault: the one write, answer or belief of a run after which its finding could not be helped.
//!
//! What is judged by the stored data at the end came about long before: by the last write after which the data was wrong and
//! stayed so. Where two sessions are live, it is the write that gave the later one the lock, or that freed the lock of the
//! earlier one, or the later start if nothing did; locks are in records or in memory stores. A decision to write nothing is a
//! step, too: an update that its transform cancelled. Of other findings, the moment at which they are found is the step itself.

mod lock;
mod mechanism;
mod run;
mod stored;

use std::sync::Arc;

use dupeproof_scenarios::invariant::false_ack::Unstored;
use dupeproof_scenarios::invariant::{lock_stuck::Stuck, lost_update::Overwrite};
use dupeproof_scenarios::{Fact, Finding};
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::ServerId;
use dupeproof_sim::{Event, Global, Key};

pub use self::mechanism::Mechanism;
use self::run::Run;
use self::stored::{places_of_item, times_bought, times_there};
use crate::calls::{self, Calls};
use crate::record_diff::FieldChange;

/// When it was, what, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepAtFault {
    /// When.
    pub at: Global,
    /// In a sentence without a full stop.
    pub text: String,
    /// The server that did it.
    pub server: ServerId,
    /// The key that it wrote, or the address in a memory store, or that it decided not to write; `None` if it is neither.
    pub key: Option<Key>,
    /// The calls of the user's scripts that did it, the innermost first; `None` if no script did.
    pub calls: Option<Arc<str>>,
    /// What it changed in the game's data; nothing if it is no write.
    pub changes: Vec<FieldChange>,
    /// Where one server takes what another relies on: what that one had done.
    pub other_side: Option<OtherSide>,
    /// How it led to the finding, if the run shows that.
    pub mechanism: Option<Mechanism>,
}

/// What the other server had done before a step at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherSide {
    /// When.
    pub at: Global,
    /// In a sentence without a full stop.
    pub text: String,
    /// The calls of the user's scripts that did it, the innermost first; `None` if no script did.
    pub calls: Option<Arc<str>>,
}

/// All that happened, in order.
type Events<'a> = &'a [(Global, Event)];

/// The step at fault of a finding, if it is another one than the moment at which it is found.
pub fn of(events: Events<'_>, finding: &Finding) -> Option<StepAtFault> {
    let run = Run(events);
    let found_at = run.until(finding.at);
    match &finding.fact {
        Fact::ItemDuplicated(found) => {
            let says = format!("leaves item {} in two places", found.item.0);
            run.last_turn(|store| places_of_item(store, found.item) > 1, &says)
        }
        Fact::ItemLost(found) => {
            let says = format!("leaves item {} nowhere", found.item.0);
            run.last_turn(|store| places_of_item(store, found.item) == 0, &says)
        }
        Fact::CoinsDuplicated(sum) | Fact::CoinsLost(sum) => {
            run.last_change_of_coins(sum.stored.saturating_sub(sum.began))
        }
        Fact::PurchaseDuplicated(found) => {
            let says = format!("leaves purchase {} in the data twice", found.receipt.0);
            run.last_turn(|store| times_bought(store, found.receipt) > 1, &says)
        }
        Fact::PurchaseLost(found) => {
            let says = format!("takes purchase {} out of the data", found.receipt.0);
            let write = run.last_turn(|store| times_bought(store, found.receipt) == 0, &says);
            write.or_else(|| run.granted(found.receipt))
        }
        Fact::MessageDuplicated(found) if found.second.is_some() => {
            let says = format!("leaves message {} in the data twice", found.message.0);
            run.last_turn(|store| times_there(store, found.message) > 1, &says)
        }
        Fact::MessageLost(found) => {
            let says = format!("leaves message {} nowhere", found.message.0);
            let write = run.last_turn(|store| times_there(store, found.message) == 0, &says);
            write.or_else(|| run.accepted(found.message))
        }
        Fact::DoubleLive(found) => run.began(found.first, found.second, finding),
        Fact::SilentEnd(found) => run.began(found.session, found.later, finding),
        Fact::LockStuck(Stuck::LeftBehind { .. } | Stuck::NotLoaded { .. }) => {
            run.last_taken(finding.player?, finding.at)
        }
        Fact::LostUpdate(Overwrite::NeverStored { session, state }) => {
            run.not_stored(*session, *state, finding.player?)
        }
        Fact::FalseAck(Unstored::State { session, state }) => {
            run.not_written(*session, *state, finding.player?, found_at)
        }
        Fact::FalseAck(Unstored::Purchase { receipt, .. }) => run.purchase_not_written(*receipt),
        Fact::StartRefused(found) => run.refused(found.server, finding.player?, found_at),
        Fact::UnaskedEnd(found) => {
            let session = found.session();
            run.decided(session.server, finding.player?, run.started(session)?..found_at)
        }
        _ => None,
    }
}

/// The calls of the user's scripts that made what happened at the moment of a finding, the innermost first: a write of the
/// player's record, or else the last that they did then; `None` if they did nothing then.
fn calls_at(events: Events<'_>, finding: &Finding) -> Option<Arc<str>> {
    let mut asked = Calls::default();
    let key = finding.player.map(key_of);
    let (mut write, mut any) = (None, None);
    for (at, event) in events.iter().take_while(|(at, _)| *at <= finding.at) {
        let from = asked.of(event);
        if *at != finding.at || from.is_none() {
            continue;
        }
        if matches!(event, Event::Committed { key: written, .. } if Some(written) == key.as_ref()) {
            write.clone_from(&from);
        }
        any = from;
    }
    write.or(any).map(calls::in_module)
}

/// The calls to be told of a finding: those of its step at fault, or of its own moment if there is no step before.
pub fn calls_of(step: Option<&StepAtFault>, events: Events<'_>, finding: &Finding) -> Option<Arc<str>> {
    step.map_or_else(|| calls_at(events, finding), |step| step.calls.clone())
}
