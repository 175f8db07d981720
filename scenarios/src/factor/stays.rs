//! Where players are, according to a timeline; and the same timeline with them elsewhere or gone sooner.

use std::collections::BTreeMap;

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{PlayerId, Slot};
use dupeproof_sim::schedule::{Action, Schedule, Step};

/// A longer stay than this is a long one: moments and minutes are what most stays take.
pub(super) const LONG: Span = Span::secs(120);

/// One player on one server, from the step with which it begins.
#[derive(Clone, Copy)]
struct Stay {
    server: Slot,
    since: Span,
    /// When the player joined it last: it can be joined by who is there.
    joined: Span,
}

/// Where the players are, step by step.
#[derive(Default)]
struct Whereabouts {
    /// The stays that go on, of each player the earliest first.
    now: BTreeMap<PlayerId, Vec<Stay>>,
    /// The server that a player was last on.
    last: BTreeMap<PlayerId, Slot>,
}

/// What a step does to stays.
enum Change {
    Arrives(PlayerId, Slot),
    Leaves(PlayerId, Slot),
    /// Everybody on a server is gone from it.
    Empties(Slot),
    Moves(Slot, Slot),
    Nothing,
}

fn change(action: &Action) -> Change {
    match *action {
        Action::Command { server, command: Command::Join(player) | Command::Steal(player) } => {
            Change::Arrives(player, server)
        }
        Action::Command { server, command: Command::Leave(player) } => Change::Leaves(player, server),
        Action::Crash { server } | Action::Close { server } => Change::Empties(server),
        Action::Move { from, to } => Change::Moves(from, to),
        _ => Change::Nothing,
    }
}

impl Whereabouts {
    fn of(&self, player: PlayerId) -> &[Stay] {
        self.now.get(&player).map_or(&[], Vec::as_slice)
    }

    /// What is so after a step.
    fn follow(&mut self, step: &Step) {
        match change(&step.action) {
            Change::Arrives(player, server) => self.arrive(player, server, step.at),
            Change::Leaves(player, server) => self.leave(player, server),
            Change::Empties(server) => {
                for stays in self.now.values_mut() {
                    stays.retain(|stay| stay.server != server);
                }
                self.last.retain(|_, last| *last != server);
            }
            Change::Moves(from, to) => {
                let there = |stays: &Vec<Stay>| stays.iter().any(|stay| stay.server == from);
                let moved: Vec<PlayerId> =
                    self.now.iter().filter(|(_, stays)| there(stays)).map(|(player, _)| *player).collect();
                for player in moved {
                    self.leave(player, from);
                    self.arrive(player, to, step.at);
                }
            }
            Change::Nothing => {}
        }
    }

    fn arrive(&mut self, player: PlayerId, server: Slot, at: Span) {
        self.last.insert(player, server);
        let stays = self.now.entry(player).or_default();
        match stays.iter_mut().find(|stay| stay.server == server) {
            Some(stay) => stay.joined = at,
            None => stays.push(Stay { server, since: at, joined: at }),
        }
    }

    fn leave(&mut self, player: PlayerId, server: Slot) {
        if let Some(stays) = self.now.get_mut(&player) {
            stays.retain(|stay| stay.server != server);
        }
    }
}

/// Players leave whatever server they are on before they join another, as long before as they are under way.
pub(super) fn one_at_a_time(schedule: &mut Schedule) {
    let mut whereabouts = Whereabouts::default();
    let mut sooner = Sooner::default();
    for step in &schedule.timeline {
        if let Change::Arrives(player, server) = change(&step.action) {
            for stay in whereabouts.of(player).to_vec().into_iter().filter(|stay| stay.server != server) {
                whereabouts.leave(player, stay.server);
                let at = Span(step.at.0.saturating_sub(TRAVEL.0)).max(stay.joined);
                sooner.leave(at, player, stay.server);
            }
        }
        sooner.keep(step, &whereabouts);
        whereabouts.follow(step);
    }
    schedule.timeline = sooner.timeline;
    schedule.timeline.sort_by_key(|step| step.at);
}

/// Players do not come back to the server that they were last on.
pub(super) fn nobody_comes_back(schedule: &mut Schedule) {
    let mut whereabouts = Whereabouts::default();
    let mut timeline = Vec::with_capacity(schedule.timeline.len());
    let mut gone: Vec<(PlayerId, Slot)> = Vec::new();
    for step in &schedule.timeline {
        match change(&step.action) {
            Change::Arrives(player, server)
                if whereabouts.of(player).is_empty() && whereabouts.last.get(&player) == Some(&server) =>
            {
                gone.push((player, server));
                continue;
            }
            // The end of a stay that does not take place.
            Change::Leaves(player, server) if gone.contains(&(player, server)) => {
                gone.retain(|stay| *stay != (player, server));
                if !whereabouts.of(player).iter().any(|stay| stay.server == server) {
                    continue;
                }
            }
            _ => {}
        }
        whereabouts.follow(step);
        timeline.push(step.clone());
    }
    schedule.timeline = timeline;
}

/// What a player who goes from one server to another takes at least: a place has to be loaded.
pub(crate) const TRAVEL: Span = Span::secs(5);

/// Where a player goes who leaves a server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// To another one.
    Hop,
    /// To the same one.
    Back,
}

/// Players who leave a server join the next one on such a route no sooner than they can be there; what comes after it comes
/// later.
pub(super) fn nobody_hurries(schedule: &mut Schedule, route: Route) {
    let mut whereabouts = Whereabouts::default();
    let mut left: BTreeMap<PlayerId, (Slot, Span)> = BTreeMap::new();
    let mut late = Span::ZERO;
    for step in &mut schedule.timeline {
        step.at = step.at + late;
        match change(&step.action) {
            Change::Arrives(player, server) if whereabouts.of(player).is_empty() => {
                let soonest = left
                    .get(&player)
                    .filter(|(from, _)| (*from == server) == (route == Route::Back))
                    .map(|(_, at)| *at + TRAVEL);
                if let Some(soonest) = soonest.filter(|soonest| *soonest > step.at) {
                    late = late + Span(soonest.0 - step.at.0);
                    step.at = soonest;
                }
            }
            Change::Leaves(player, server) => drop(left.insert(player, (server, step.at))),
            _ => {}
        }
        whereabouts.follow(step);
    }
    schedule.length = schedule.length + late;
}

/// Nobody stays for longer than [`LONG`].
pub(super) fn nobody_stays_long(schedule: &mut Schedule) {
    let mut whereabouts = Whereabouts::default();
    let mut sooner = Sooner::default();
    for step in &schedule.timeline {
        sooner.leave_after(LONG, step.at, &mut whereabouts);
        sooner.keep(step, &whereabouts);
        whereabouts.follow(step);
    }
    sooner.leave_after(LONG, schedule.length, &mut whereabouts);
    schedule.timeline = sooner.timeline;
    schedule.timeline.sort_by_key(|step| step.at);
}

/// The longest stay, if one is long; a player who never leaves does when the chaos ends.
pub(super) fn longest(schedule: &Schedule) -> Option<Span> {
    let mut whereabouts = Whereabouts::default();
    let mut longest = Span::ZERO;
    let mut look = |whereabouts: &Whereabouts, at: Span| {
        let stays = whereabouts.now.values().flatten();
        longest = stays.map(|stay| Span(at.0 - stay.since.0)).fold(longest, Span::max);
    };
    for step in &schedule.timeline {
        look(&whereabouts, step.at);
        whereabouts.follow(step);
    }
    look(&whereabouts, schedule.length);
    (longest > LONG).then_some(longest)
}

/// A timeline in which players leave sooner.
#[derive(Default)]
struct Sooner {
    timeline: Vec<Step>,
    /// Who left before their time: their own step comes later, and is dropped.
    early: Vec<(PlayerId, Slot)>,
}

impl Sooner {
    fn leave(&mut self, at: Span, player: PlayerId, server: Slot) {
        self.timeline.push(Step { at, action: Action::Command { server, command: Command::Leave(player) } });
        self.early.push((player, server));
    }

    /// Lets those leave who will have been somewhere for longer than this.
    fn leave_after(&mut self, most: Span, at: Span, whereabouts: &mut Whereabouts) {
        for (player, stays) in whereabouts.now.clone() {
            for stay in stays.into_iter().filter(|stay| at > stay.since + most) {
                whereabouts.leave(player, stay.server);
                self.leave(stay.since + most, player, stay.server);
            }
        }
    }

    /// Takes a step over, unless it is the end of a stay that has ended.
    fn keep(&mut self, step: &Step, whereabouts: &Whereabouts) {
        if let Change::Leaves(player, server) = change(&step.action)
            && !whereabouts.of(player).iter().any(|stay| stay.server == server)
            && let Some(place) = self.early.iter().position(|early| *early == (player, server))
        {
            self.early.remove(place);
            return;
        }
        self.timeline.push(step.clone());
    }
}
