//! What goes wrong on purpose, and when: mostly right where something else is going on.

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{ServiceName, Slot};
use dupeproof_sim::schedule::{Action, Direction, Step};

use super::draw::Draw;
use super::feature_odds::Feature;
use super::features::Features;
use super::itinerary::Stay;
use super::request_faults::RequestFaultPlan;
use super::shape::Between;
use crate::fault::Fault;

/// Where faults may strike.
pub(super) struct Target<'a> {
    pub(super) servers: u16,
    length: Span,
    /// The steps of the players.
    players: &'a [Step],
}

/// Appends one fault.
type Strike = fn(&mut Draw, &Target<'_>, &mut Vec<Step>);

/// Appends, in no order, the faults of a schedule whose timeline so far is what its players do.
pub(super) fn plan(
    draw: &mut Draw,
    features: &Features,
    request_faults: &RequestFaultPlan,
    (servers, length): (u16, Span),
    timeline: &mut Vec<Step>,
) {
    let players = timeline.len();
    let mut faults: Vec<Step> = Vec::with_capacity(16);
    let target = Target { servers, length, players: &timeline[..players] };
    let kinds: [(Fault, Strike); 8] = [
        (Fault::Crash, crash),
        (Fault::Close, close),
        (Fault::Freeze, freeze),
        (Fault::Partition, |draw, target, faults| {
            let both = &[ServiceName::DataStore, ServiceName::Messaging];
            partition(draw, target, &[&both[..1], &both[1..], both], faults);
        }),
        (Fault::Disconnect, |draw, target, faults| {
            disconnect(draw, target, &[ServiceName::DataStore, ServiceName::DataStore, ServiceName::Messaging], faults);
        }),
        (Fault::OutageDatastore, |draw, target, faults| outage(draw, target, ServiceName::DataStore, faults)),
        (Fault::OutageMessaging, |draw, target, faults| outage(draw, target, ServiceName::Messaging, faults)),
        (Fault::ClockStep, clock_step),
    ];
    for (kind, strike) in kinds {
        if features.has(kind) {
            // Larger worlds get more of each.
            for _ in 0..=draw.below(2 + servers / 2) {
                strike(draw, &target, &mut faults);
            }
        }
    }
    if features.has(Fault::Move) {
        moved(draw, &target, features.has(Fault::Close), &mut faults);
    }
    request_faults.strike(draw, &target, &mut faults);
    if features.has(Feature::SilentHolder) {
        silent_holder(draw, &target, features.has(Fault::Freeze), &mut faults);
    }
    faults.retain(|step| step.at <= length);
    timeline.append(&mut faults);
}

/// What befalls memory stores and the ways to them, around what else happens. Apart from the others: most who are tested
/// do not use them.
pub(super) fn of_memory_stores(
    draw: &mut Draw,
    features: &Features,
    (servers, _, length): (u16, u16, Span),
    timeline: &mut Vec<Step>,
) {
    if !Fault::ALL.iter().any(|fault| fault.is_of_memory_stores() && features.has(*fault)) {
        return;
    }
    let mut faults = Vec::new();
    let target = Target { servers, length, players: timeline };
    if features.has(Fault::OutageMemoryStore) {
        for _ in 0..=draw.below(3) {
            outage(draw, &target, ServiceName::MemoryStore, &mut faults);
        }
    }
    // Of many servers the one that cannot refresh its lock loses it to the others, which an outage for all does not show.
    if features.has(Fault::Partition) {
        for _ in 0..=draw.below(3) {
            partition(draw, &target, &[&[ServiceName::MemoryStore]], &mut faults);
        }
    }
    if features.has(Fault::Disconnect) {
        disconnect(draw, &target, &[ServiceName::MemoryStore], &mut faults);
    }
    faults.retain(|step| step.at <= length);
    timeline.append(&mut faults);
}

impl Target<'_> {
    /// A moment and a server: a little before or after something that a player does there, or anywhere.
    fn pick(&self, draw: &mut Draw) -> (Span, Slot) {
        if self.players.is_empty() || draw.percent(15) {
            let at = draw.span(Between { min: Span::ZERO, max: self.length });
            return (at, draw.below(self.servers));
        }
        let step = &self.players[draw.index(self.players.len())];
        let Action::Command { server, .. } = step.action else { return (step.at, draw.below(self.servers)) };
        let reach = draw.pick(&[Span::millis(300), Span::secs(3), Span::secs(45)]);
        let after = draw.span(Between { min: Span::ZERO, max: reach });
        let at = if draw.percent(70) { step.at + after } else { Span(step.at.0.saturating_sub(after.0)) };
        (at, server)
    }

    /// Up to 400 ms before something that a player does; `None` where nobody does anything.
    pub(super) fn before_a_step(&self, draw: &mut Draw) -> Option<(Span, Slot)> {
        if self.players.is_empty() {
            return None;
        }
        let step = &self.players[draw.index(self.players.len())];
        let Action::Command { server, .. } = step.action else { return Some((step.at, draw.below(self.servers))) };
        let before = draw.span(Between { min: Span(0), max: Span::millis(400) });
        Some((Span(step.at.0.saturating_sub(before.0)), server))
    }
}

fn crash(draw: &mut Draw, target: &Target<'_>, faults: &mut Vec<Step>) {
    let (at, server) = target.pick(draw);
    faults.push(Step { at, action: Action::Crash { server } });
    restart(draw, at, server, faults);
}

fn close(draw: &mut Draw, target: &Target<'_>, faults: &mut Vec<Step>) {
    let (at, server) = target.pick(draw);
    faults.push(Step { at, action: Action::Close { server } });
    // The slot is free at the kill at the latest.
    restart(draw, at + Span::secs(30), server, faults);
}

fn restart(draw: &mut Draw, down: Span, server: Slot, faults: &mut Vec<Step>) {
    let wait = match draw.below(5) {
        0 => return,
        1..4 => Between { min: Span::millis(100), max: Span::secs(10) },
        _ => Between { min: Span::secs(10), max: Span::secs(120) },
    };
    faults.push(Step { at: down + draw.span(wait), action: Action::Restart { server } });
}

fn freeze(draw: &mut Draw, target: &Target<'_>, faults: &mut Vec<Step>) {
    let (at, server) = target.pick(draw);
    let scale = draw.pick(&[
        Between { min: Span::millis(100), max: Span::secs(5) },
        Between { min: Span::secs(5), max: Span::secs(60) },
        Between { min: Span::secs(40), max: Span::secs(180) },
    ]);
    faults.push(Step { at, action: Action::Freeze { server, span: draw.span(scale) } });
}

fn partition(draw: &mut Draw, target: &Target<'_>, services: &[&[ServiceName]], faults: &mut Vec<Step>) {
    let (at, server) = target.pick(draw);
    let services = draw.pick(services);
    let direction = draw.pick(&[Direction::ToService, Direction::FromService, Direction::Both]);
    let span = draw.cut();
    let cut = |&service| Step { at, action: Action::Partition { server, service, direction, span } };
    faults.extend(services.iter().map(cut));
}

fn disconnect(draw: &mut Draw, target: &Target<'_>, services: &[ServiceName], faults: &mut Vec<Step>) {
    let (at, server) = target.before_a_step(draw).unwrap_or_else(|| target.pick(draw));
    // While something of that step is on its way.
    let at = at + draw.span(Between { min: Span::ZERO, max: Span::secs(1) });
    let service = draw.pick(services);
    faults.push(Step { at, action: Action::Disconnect { server, service } });
}

fn clock_step(draw: &mut Draw, target: &Target<'_>, faults: &mut Vec<Step>) {
    let (at, server) = target.pick(draw);
    let by = draw.unix_offset();
    faults.push(Step { at, action: Action::ClockStep { server, by } });
}

/// Everybody on one server, or on each in turn, is moved to another. Where servers close, the old one does once they
/// are gone, and comes back as a new one.
fn moved(draw: &mut Draw, target: &Target<'_>, closes: bool, faults: &mut Vec<Step>) {
    if target.servers < 2 {
        return;
    }
    let (begin, first) = target.pick(draw);
    let fleet = draw.percent(30);
    let each = draw.pick(&[Span::ZERO, Span::secs(2), Span::secs(40)]);
    for number in 0..if fleet { target.servers } else { 1 } {
        let from = (first + number) % target.servers;
        let to = (from + 1 + if fleet { 0 } else { draw.below(target.servers - 1) }) % target.servers;
        let at = Span(begin.0 + each.0 * u64::from(number));
        faults.push(Step { at, action: Action::Move { from, to } });
        if closes && draw.percent(60) {
            let at = at + draw.span(Between { min: Span::ZERO, max: Span::secs(25) });
            faults.push(Step { at, action: Action::Close { server: from } });
            restart(draw, at + Span::secs(30), from, faults);
        }
    }
}

fn outage(draw: &mut Draw, target: &Target<'_>, service: ServiceName, faults: &mut Vec<Step>) {
    let (at, _) = target.pick(draw);
    faults.push(Step { at, action: Action::Outage { service, span: draw.cut() } });
}

/// A server is frozen or cut off, for about as long as leases last or longer, after a player arrived there; around
/// that moment the player turns up on another server and stays until that one may take over.
fn silent_holder(draw: &mut Draw, target: &Target<'_>, can_freeze: bool, faults: &mut Vec<Step>) {
    if target.players.is_empty() || target.servers < 2 {
        return;
    }
    let first = draw.index(target.players.len());
    let (before, after) = target.players.split_at(first);
    let arrival = after.iter().chain(before).find_map(|step| match step.action {
        Action::Command { server, command: Command::Join(player) } => Some((step.at, server, player)),
        _ => None,
    });
    let Some((joined, holder, player)) = arrival else { return };
    let waiter = (holder + 1 + draw.below(target.servers - 1)) % target.servers;
    let at = joined + draw.span(Between { min: Span::millis(100), max: Span::secs(30) });
    let reach = draw.pick(&[Span::secs(2), Span::secs(20)]);
    let arrives = at + draw.span(Between { min: Span::ZERO, max: reach });
    let arrives = if draw.percent(50) { arrives } else { Span((2 * at.0).saturating_sub(arrives.0)) };
    let leaves = arrives + draw.span(Between { min: Span::secs(50), max: Span::secs(200) });
    let mut command = |at, server, command| faults.push(Step { at, action: Action::Command { server, command } });
    command(arrives, waiter, Command::Join(player));
    command(draw.span(Between { min: arrives, max: leaves }), waiter, Command::Edit(player));
    command(leaves, waiter, Command::Leave(player));
    if draw.percent(50) {
        // The holder's last word: a save that only just gets through.
        let before = draw.span(Between { min: Span::millis(100), max: Span::millis(1_500) });
        command(Span(at.0.saturating_sub(before.0)), holder, Command::Save(player));
    }
    silence(draw, (at, holder), can_freeze, (arrives, waiter), faults);
}

/// Two servers ask for a lock that is held, one after the other. The first falls silent, the second gives up; when
/// the first is back, everything it knows of its own request is out of date.
pub(super) fn third_waiters(
    draw: &mut Draw,
    features: &Features,
    (servers, _, length): (u16, u16, Span),
    stays: &[Stay],
    timeline: &mut Vec<Step>,
) {
    if stays.is_empty() || servers < 3 || !features.has(Feature::ThirdWaiter) {
        return;
    }
    let Stay { player, server: holder, from, .. } = stays[draw.index(stays.len())];
    let mut push = |at, action| timeline.extend((at <= length).then_some(Step { at, action }));
    let [first, second] = [1, 2].map(|next| (holder + next) % servers);
    let asked = from + draw.span(Between { min: Span::secs(1), max: Span::secs(8) });
    let again = asked + draw.span(Between { min: Span::ZERO, max: Span::secs(2) });
    let silent = again + draw.span(Between { min: Span::ZERO, max: Span::secs(2) });
    let gives_up = again + draw.span(Between { min: Span::millis(200), max: Span::secs(6) });
    let span = draw.span(Between { min: Span::secs(20), max: Span::secs(100) });
    let leaves = silent + span + draw.span(Between { min: Span::secs(1), max: Span::secs(60) });
    let outage = Span(leaves.0 - from.0);
    push(from, Action::Outage { service: ServiceName::Messaging, span: outage });
    push(asked, Action::Command { server: first, command: Command::Join(player) });
    push(again, Action::Command { server: second, command: Command::Join(player) });
    push(gives_up, Action::Command { server: second, command: Command::Leave(player) });
    push(leaves, Action::Command { server: first, command: Command::Leave(player) });
    let service = ServiceName::DataStore;
    push(
        silent,
        match draw.below(3) {
            0 => Action::Partition { server: first, service, direction: Direction::Both, span },
            _ => Action::Freeze { server: first, span },
        },
    );
}

/// The holder cannot be reached from `at` on; sometimes nobody can be told before, and the waiter's first requests
/// take their time.
fn silence(
    draw: &mut Draw,
    (at, holder): (Span, Slot),
    can_freeze: bool,
    (arrives, waiter): (Span, Slot),
    faults: &mut Vec<Step>,
) {
    let span = draw.span(Between { min: Span::secs(30), max: Span::secs(120) });
    let cut = |server, direction, span| {
        let service = ServiceName::DataStore;
        Action::Partition { server, service, direction, span }
    };
    let action = if can_freeze && draw.percent(50) {
        Action::Freeze { server: holder, span }
    } else {
        let direction = draw.pick(&[Direction::ToService, Direction::FromService, Direction::Both]);
        cut(holder, direction, span)
    };
    faults.push(Step { at, action });
    if draw.percent(50) {
        let from = Span(at.min(arrives).0.saturating_sub(500_000));
        let action = Action::Outage { service: ServiceName::Messaging, span: Span(at.0 - from.0) + span };
        faults.push(Step { at: from, action });
    }
    if draw.percent(30) {
        let span = draw.span(Between { min: Span::secs(2), max: Span::secs(25) });
        faults.push(Step { at: arrives, action: cut(waiter, Direction::ToService, span) });
    }
}

impl Draw {
    /// How long a link is cut or a service out.
    fn cut(&mut self) -> Span {
        let scale = self.pick(&[
            Between { min: Span::secs(1), max: Span::secs(20) },
            Between { min: Span::secs(20), max: Span::secs(90) },
            Between { min: Span::secs(60), max: Span::secs(240) },
        ]);
        self.span(scale)
    }
}
