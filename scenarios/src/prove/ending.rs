//! What must hold when all is over: from a state at rest, everybody leaves, all servers go, and a fresh one loads each
//! profile once more.

use std::hash::Hasher;
use std::sync::Mutex;

use dupeproof_core::Span;
use rapidhash::RapidHashSet;

use super::choice::Choice;
use super::monitor::Violation;
use super::world::{Cargo, Grains, Setting, Slot, World, player_id, players_on};

/// States from which the end is known to be good.
#[derive(Debug, Default)]
pub(crate) struct Endings {
    known: Mutex<RapidHashSet<u64>>,
}

/// Transitions of one ending, at most: more are an endless loop.
const TRANSITIONS_MAX: usize = 100_000;

/// How long a fresh server may take to load all profiles. Starts that time out are made again.
const LOADING: Span = Span::secs(1_500);

impl Endings {
    /// What is wrong at the end of a run that is at rest, if anything.
    pub(crate) fn check(&self, setting: &Setting, mut world: World) -> Option<Violation> {
        // What was not applied by now never will be; that it is applied is a transition of its own.
        world.flights.retain(|flight| !matches!(flight.cargo, Cargo::LateWrite(_)));
        let untold = world
            .slots
            .iter()
            .zip(0..)
            .find(|(slot, _)| slot.server.as_ref().is_some_and(|server| server.guest.misses_an_end()));
        if let Some((_, server)) = untold {
            return Some(Violation::Untold { server });
        }
        for slot in 0..world.slots.len() {
            players_on(&world, slot).into_iter().for_each(|player| world.leave(setting, slot, player));
        }
        let mut ending = Ending { setting, transitions: 0 };
        let mut met = Vec::new();
        loop {
            let fingerprint = world.fingerprint();
            if self.knows(fingerprint) {
                self.learn(&met);
                return None;
            }
            met.push(fingerprint);
            if !ending.go_on(&mut world, Grains(u64::MAX)) {
                break;
            }
            if let Some(violation) = world.violation.take() {
                return Some(violation);
            }
            if ending.transitions > TRANSITIONS_MAX {
                break;
            }
        }
        let unanswered = world.slots.iter().zip(0..).find(|(slot, _)| {
            let guest = slot.server.as_ref().map(|server| &server.guest);
            guest.is_some_and(|guest| guest.has_open_calls() || guest.players_here().next().is_some())
        });
        if let Some((_, server)) = unanswered {
            return Some(Violation::Unanswered { server });
        }
        let violation = self.check_store(setting, world);
        if violation.is_none() {
            self.learn(&met);
        }
        violation
    }

    /// All sessions are over: what is stored decides the rest.
    fn check_store(&self, setting: &Setting, world: World) -> Option<Violation> {
        let mut state = rapidhash::fast::RapidHasher::default();
        state.write_u64(world.store.hash());
        state.write_u64(world.watch.print);
        let fingerprint = state.finish();
        if self.knows(fingerprint) {
            return None;
        }
        let violation = Endings::load_all(setting, world);
        if violation.is_none() {
            self.learn(&[fingerprint]);
        }
        violation
    }

    /// A fresh server loads each profile once more.
    fn load_all(setting: &Setting, mut world: World) -> Option<Violation> {
        world.flights.clear();
        world.slots.iter_mut().for_each(Slot::shut_down);
        let slot = world.add_server(setting);
        let mut ending = Ending { setting, transitions: 0 };
        let players = setting.script.items.len();
        let deadline = world.now.after(LOADING);
        while (0..players).any(|player| !world.slots[slot].is_live(player_id(player))) {
            (0..players).for_each(|player| world.join(setting, slot, player_id(player)));
            if world.now >= deadline || !ending.go_on(&mut world, deadline) {
                let missing = (0..players).map(player_id).find(|player| !world.slots[slot].is_live(*player));
                return missing.map(|player| Violation::NotLoaded { player });
            }
        }
        // Trades that are resumed wait for their other side, and for sessions that a lock was stolen from.
        let settled = world.now.after(Span(setting.far.0 + Span::secs(120).0));
        while world.now < settled && ending.go_on(&mut world, settled) {}
        players_on(&world, slot).into_iter().for_each(|player| world.leave(setting, slot, player));
        while ending.go_on(&mut world, Grains(u64::MAX)) && ending.transitions <= TRANSITIONS_MAX {}
        world.violation.take().or_else(|| world.watch.monitor().ends(&setting.script, &world.store))
    }

    fn knows(&self, fingerprint: u64) -> bool {
        self.known.lock().expect("no thread panics with it").contains(&fingerprint)
    }

    /// The end is good from these on: learned only then, so that every thread finds a bad one for itself.
    fn learn(&self, fingerprints: &[u64]) {
        self.known.lock().expect("no thread panics with it").extend(fingerprints);
    }
}

/// The one way in which an ending goes.
struct Ending<'a> {
    setting: &'a Setting,
    transitions: usize,
}

impl Ending<'_> {
    /// The next transition without a deviation, not after a moment. False if there is none.
    fn go_on(&mut self, world: &mut World, until: Grains) -> bool {
        let mut choices = Vec::new();
        world.choices(self.setting, false, &mut choices);
        let next = choices.into_iter().find(|choice| !matches!(choice, Choice::Step(_)));
        let Some(choice) = next else { return false };
        if choice == Choice::Advance
            && world.next_timer(self.setting).is_none_or(|span| span.0 > until.0.saturating_sub(world.now.0))
        {
            return false;
        }
        self.transitions += 1;
        world.take(self.setting, choice);
        true
    }
}
