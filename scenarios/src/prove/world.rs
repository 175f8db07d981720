//! One state of an explored world, and its transitions.
//!
//! What is healthy takes no time: a request is carried out and answered in one transition, in any order with everything
//! else, and time goes on only when nothing healthy is on its way. Subscribing and publishing are answered at once: what
//! can go wrong there is that messages are lost or late, which is a deviation of the message. Time goes from timer to
//! timer; steps of the script, late arrivals and the ends of freezes fall on the moments of timers.

mod choices;
mod effect;
mod fingerprint;
mod flight;
mod grains;
mod server;
mod setting;
mod topics;
mod watch;

use std::sync::Arc;

use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{PlayerId, RequestId, ServerId};
use dupeproof_sim::request::{Request, ServiceError};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::update::UpdateRules;
use dupeproof_sim::{Command, Schedule};

use self::effect::{Done, Stimulus};
use self::flight::Asked;
pub(crate) use self::flight::{Cargo, Flight};
pub(crate) use self::grains::Grains;
use self::grains::{FAST, SLOW};
use self::server::BOOTED;
pub(crate) use self::server::Slot;
pub(crate) use self::setting::Setting;
use self::topics::Topics;
pub(crate) use self::watch::Watch;
use super::choice::{Choice, FlightDeviation};
use super::monitor::{Monitor, Violation};
use super::script::{Deed, Step};
use super::store::{Commit, Reply, Store};
use crate::subjects::core::CoreGuest;
use crate::subjects::leased;

type Print = rapidhash::fast::RapidHasher<'static>;

/// Requests that fail while a server is cut off from the data store, at most: enough for a lease to run out.
const CUT_OFF: u8 = 12;

/// One state.
#[derive(Clone)]
pub(crate) struct World {
    /// For people to read: nothing depends on it.
    pub now: Grains,
    pub slots: Vec<Slot>,
    pub store: Arc<Store>,
    pub flights: Vec<Flight>,
    topics: Arc<Topics>,
    /// Steps that each actor has taken.
    pub progress: Vec<u8>,
    pub watch: Watch,
    pub violation: Option<Violation>,
}

impl World {
    /// The start: these servers are fast, the others slow.
    pub(crate) fn new(setting: &Setting, fast: u32) -> World {
        let rate = |slot: usize| if fast >> slot & 1 == 1 { FAST } else { SLOW };
        let script = &setting.script;
        let mut store = Store::default();
        let mut first = 0;
        for (player, count) in script.items.iter().enumerate() {
            let items: Vec<u32> = (first..first + u32::from(*count)).collect();
            first += u32::from(*count);
            let player = player_id(player);
            if !script.new.contains(&player.0) {
                store.put(key_of(player), leased::record(&items));
            }
        }
        let slots = 0..script.leases.len();
        let mut world = World {
            now: Grains(0),
            slots: slots.clone().map(|slot| Slot::new(slot_id(slot), rate(slot))).collect(),
            store: Arc::new(store),
            flights: Vec::new(),
            topics: Arc::default(),
            progress: vec![0; script.actors.len()],
            watch: Watch::new(Monitor::new(script.items.len(), first)),
            violation: None,
        };
        slots.for_each(|slot| world.boot(setting, slot, script.leases[slot]));
        for step in &script.prelude {
            world.act(setting, *step);
            world.calm_down(setting);
        }
        world
    }

    /// Everything healthy arrives, in the order in which it set out.
    fn calm_down(&mut self, setting: &Setting) {
        let mut choices = Vec::new();
        loop {
            choices.clear();
            self.choices(setting, false, &mut choices);
            let arrives = |choice: &&Choice| matches!(choice, Choice::Arrive(_) | Choice::Wake(_));
            let Some(choice) = choices.iter().find(arrives) else { return };
            self.take(setting, *choice);
        }
    }

    /// A server that no script names, with the core's own lease.
    pub(crate) fn add_server(&mut self, setting: &Setting) -> usize {
        let slot = self.slots.len();
        self.slots.push(Slot::new(slot_id(slot), SLOW));
        self.boot(setting, slot, setting.config.lease.as_secs());
        slot
    }

    fn boot(&mut self, setting: &Setting, slot: usize, lease: u64) {
        let id = self.slots[slot].id;
        let seed = u64::from(id.slot) << 16 | u64::from(id.life);
        let boot = Boot {
            server: id,
            job_id: id.job_id(),
            constants: std::collections::BTreeMap::new(),
            lease: dupeproof_core::Span::secs(lease),
            game: dupeproof_sim::schedule::GamePlan::default(),
            seed,
            update: UpdateRules::of(&Schedule::default().services),
            servers: self.slots.len(),
            removing_at_close: true,
            reads_calls: false,
        };
        let mut guest = CoreGuest::new(setting.config.clone(), &boot);
        guest.set_lease(lease);
        self.slots[slot].becomes(setting.effects.begin(guest, BOOTED));
        self.give(setting, slot, &Stimulus::Wake);
    }

    /// When the next timer is due: so long from now.
    pub(crate) fn next_timer(&self, setting: &Setting) -> Option<Grains> {
        self.slots.iter().filter_map(|slot| slot.due(setting.grid)).min()
    }

    /// Whether what a choice names is there. One that was offered here can always be taken.
    pub(crate) fn can(&self, choice: Choice) -> bool {
        match choice {
            Choice::Step(actor) => usize::from(actor) < self.progress.len(),
            Choice::Advance => true,
            Choice::Wake(slot)
            | Choice::Thaw(slot)
            | Choice::Reconnect(slot)
            | Choice::Freeze(slot)
            | Choice::CutOff(slot) => usize::from(slot) < self.slots.len(),
            Choice::Arrive(index) | Choice::ApplyLate(index) | Choice::Flight(index, _) => {
                usize::from(index) < self.flights.len()
            }
        }
    }

    /// Makes a transition.
    pub(crate) fn take(&mut self, setting: &Setting, choice: Choice) {
        match choice {
            Choice::Advance => self.advance(setting),
            Choice::Wake(slot) => self.give(setting, usize::from(slot), &Stimulus::Wake),
            Choice::Step(actor) => self.step(setting, usize::from(actor)),
            Choice::Arrive(index) => self.arrive(setting, usize::from(index)),
            Choice::ApplyLate(index) => {
                if let Cargo::LateWrite(asked) = self.flights.remove(usize::from(index)).cargo {
                    drop(self.serve(&asked));
                }
            }
            Choice::Thaw(slot) => self.thaw(setting, usize::from(slot)),
            Choice::Freeze(slot) => self.slots[usize::from(slot)].kept = Some(Vec::new()),
            Choice::CutOff(slot) => self.slots[usize::from(slot)].cut_off = CUT_OFF,
            Choice::Reconnect(slot) => self.slots[usize::from(slot)].cut_off = 0,
            Choice::Flight(index, how) => self.deviate(setting, usize::from(index), how),
        }
        self.watch_sessions(setting);
    }

    fn advance(&mut self, setting: &Setting) {
        let Some(span) = self.next_timer(setting) else { return };
        self.now.0 += span.0;
        for slot in &mut self.slots {
            if let Some(server) = &slot.server {
                let before = slot.since;
                slot.since += slot.micros(span);
                slot.print = setting.effects.aged(server, slot.print, slot.since, slot.since - before);
            }
        }
    }

    fn arrive(&mut self, setting: &Setting, index: usize) {
        let Flight { server, cargo, .. } = self.flights.remove(index);
        match cargo {
            Cargo::Request(place, asked) => {
                let slot = &mut self.slots[usize::from(server.slot)];
                let reply = if slot.cut_off > 0 {
                    slot.cut_off -= 1;
                    Reply::failed(ServiceError::ConnectionLost)
                } else {
                    self.serve(&asked)
                };
                self.reach(setting, server, Stimulus::Reply(place, reply));
            }
            Cargo::Answer(place, _, reply) => self.reach(setting, server, Stimulus::Reply(place, reply)),
            Cargo::Message(subscription, data) => {
                self.reach(setting, server, Stimulus::Message(subscription, data));
            }
            Cargo::LateWrite(_) => unreachable!("it is applied, not answered"),
        }
    }

    fn deviate(&mut self, setting: &Setting, index: usize, how: FlightDeviation) {
        if matches!(how, FlightDeviation::Hold) {
            self.flights[index].held = true;
            return;
        }
        let Flight { server, cargo, .. } = self.flights.remove(index);
        let refused = |place| Stimulus::Reply(place, Reply::failed(ServiceError::Rejected));
        match (how, cargo) {
            (FlightDeviation::HoldAnswer, Cargo::Request(place, asked)) => {
                let reply = self.serve(&asked);
                self.flights.push(Flight { server, cargo: Cargo::Answer(place, asked, reply), held: true });
            }
            (FlightDeviation::Refuse, Cargo::Request(place, _)) => self.reach(setting, server, refused(place)),
            (FlightDeviation::ApplyThenError, Cargo::Request(place, asked)) => {
                drop(self.serve(&asked));
                self.reach(setting, server, refused(place));
            }
            (FlightDeviation::ErrorThenApply, Cargo::Request(place, asked)) => {
                self.flights.push(Flight { server, cargo: Cargo::LateWrite(asked), held: true });
                self.reach(setting, server, refused(place));
            }
            (FlightDeviation::Double, Cargo::Message(subscription, data)) => {
                let cargo = Cargo::Message(subscription, Arc::clone(&data));
                self.flights.push(Flight { server, cargo, held: false });
                self.reach(setting, server, Stimulus::Message(subscription, data));
            }
            (_, _) => {}
        }
    }

    fn serve(&mut self, asked: &Asked) -> Reply {
        // The store of the state before is shared as long as nothing changes.
        if let Some(reply) = self.store.read(&asked.request, asked.overtaken) {
            return reply;
        }
        let (reply, commit) = Arc::make_mut(&mut self.store).serve(&asked.request, asked.overtaken);
        if let Some(commit) = commit {
            self.committed(&commit);
        }
        reply
    }

    fn committed(&mut self, commit: &Commit) {
        let violation = self.watch.tell(|monitor| monitor.commits(commit));
        self.report(violation);
        self.flights.retain_mut(|flight| flight.overtake(&commit.key));
        self.slots.iter_mut().for_each(|slot| slot.overtake(&commit.key));
    }

    fn report(&mut self, violation: Option<Violation>) {
        if self.violation.is_none() {
            self.violation = violation;
        }
    }

    /// What comes for a life of a server that is over is lost.
    fn reach(&mut self, setting: &Setting, server: ServerId, stimulus: Stimulus) {
        let index = usize::from(server.slot);
        let slot = &mut self.slots[index];
        if slot.id != server || slot.server.is_none() {
            return;
        }
        match &mut slot.kept {
            Some(kept) => kept.push(stimulus),
            None => self.give(setting, index, &stimulus),
        }
    }

    fn step(&mut self, setting: &Setting, actor: usize) {
        let step = setting.script.actors[actor][usize::from(self.progress[actor])];
        self.progress[actor] += 1;
        self.act(setting, step);
    }

    fn act(&mut self, setting: &Setting, step: Step) {
        let slot = usize::from(step.server);
        let server = self.slots[slot].id;
        if let Deed::Command(Command::Rollback(player)) = step.deed {
            self.watch.tell(|monitor| {
                monitor.overrules(player);
                None
            });
        }
        match step.deed {
            Deed::Command(command) => self.reach(setting, server, Stimulus::Command(command)),
            Deed::Close => self.reach(setting, server, Stimulus::Close),
            Deed::Crash => self.crash(slot),
            Deed::Restart => {
                self.crash(slot);
                self.slots[slot].id.life += 1;
                self.boot(setting, slot, setting.script.leases[slot]);
            }
            Deed::SetLease(seconds) => {
                if self.slots[slot].server.is_some() {
                    self.give(setting, slot, &Stimulus::Lease(seconds));
                }
            }
        }
    }

    /// What it had asked for may still be applied.
    fn crash(&mut self, slot: usize) {
        let slot = &mut self.slots[slot];
        slot.shut_down();
        let id = slot.id;
        self.flights.retain_mut(|flight| match &flight.cargo {
            _ if flight.server != id => true,
            Cargo::Request(_, asked) if asked.changes_values() && !asked.overtaken => {
                (flight.cargo, flight.held) = (Cargo::LateWrite(asked.clone()), true);
                true
            }
            Cargo::LateWrite(_) => true,
            Cargo::Request(..) | Cargo::Answer(..) | Cargo::Message(..) => false,
        });
        Arc::make_mut(&mut self.topics).forget(id);
    }

    fn thaw(&mut self, setting: &Setting, slot: usize) {
        while let Some(kept) = self.slots[slot].kept.as_mut().filter(|kept| !kept.is_empty()) {
            let stimulus = kept.remove(0);
            self.give(setting, slot, &stimulus);
        }
        self.slots[slot].kept = None;
    }

    /// Lets a player leave, whatever the script says.
    pub(crate) fn leave(&mut self, setting: &Setting, slot: usize, player: PlayerId) {
        self.give(setting, slot, &Stimulus::Command(Command::Leave(player)));
    }

    /// Lets a player join, whatever the script says.
    pub(crate) fn join(&mut self, setting: &Setting, slot: usize, player: PlayerId) {
        self.give(setting, slot, &Stimulus::Command(Command::Join(player)));
    }

    /// Something happens to a server, and it does what it then does.
    fn give(&mut self, setting: &Setting, index: usize, stimulus: &Stimulus) {
        let slot = &mut self.slots[index];
        let Some(server) = &slot.server else { return };
        let effect = setting.effects.of(server, slot.clock(server), slot.print, stimulus);
        if let Stimulus::Reply(place, _) = stimulus {
            self.answered(index, *place);
        }
        let slot = &mut self.slots[index];
        let id = slot.id;
        if let Some(stimulated) = &effect.server {
            slot.becomes(stimulated.clone());
        }
        for done in &effect.done {
            self.does(id, done);
        }
        if effect.breaks_off {
            self.report(Some(Violation::Unanswered { server: id.slot }));
        }
        if effect.server.is_none() {
            self.crash(index);
        }
    }

    /// Requests are named by their place among those that are not answered.
    fn answered(&mut self, slot: usize, place: RequestId) {
        let id = self.slots[slot].id;
        self.flights.iter_mut().for_each(|flight| flight.move_up(id, place));
        self.slots[slot].move_up(place);
    }

    fn does(&mut self, server: ServerId, done: &Done) {
        match done {
            Done::Ask(place, request, print) => {
                let overtaken = matches!(&**request, Request::CompareAndSet { key, expected, .. }
                    if self.store.version(key) != *expected);
                let asked = Asked { request: Arc::clone(request), print: *print, overtaken };
                self.flights.push(Flight { server, cargo: Cargo::Request(*place, asked), held: false });
            }
            Done::Subscribe(topic, subscription) => {
                Arc::make_mut(&mut self.topics).subscribe(server, *subscription, Arc::clone(topic));
            }
            Done::Unsubscribe(subscription) => {
                Arc::make_mut(&mut self.topics).unsubscribe(server, *subscription);
                self.flights.retain(|flight| {
                    flight.server != server
                        || !matches!(flight.cargo, Cargo::Message(other, _) if other == *subscription)
                });
            }
            Done::Publish(topic, data) => {
                for (server, subscription) in self.topics.subscribers(topic) {
                    let cargo = Cargo::Message(subscription, Arc::clone(data));
                    self.flights.push(Flight { server, cargo, held: false });
                }
            }
            Done::Say(event, session) => {
                let violation = self.watch.tell(|monitor| monitor.hears(event, *session));
                self.report(violation);
            }
        }
    }

    fn watch_sessions(&mut self, setting: &Setting) {
        if setting.script.takes_locks_away() || self.violation.is_some() {
            return;
        }
        for player in (0..setting.script.items.len()).map(player_id) {
            if self.slots.iter().filter(|slot| slot.is_live(player)).count() > 1 {
                self.violation = Some(Violation::DoubleLive { player });
            }
        }
    }

    /// Whether the script is over, and nothing unusual is under way.
    pub(crate) fn is_at_rest(&self, setting: &Setting) -> bool {
        let over =
            setting.script.actors.iter().zip(&self.progress).all(|(steps, taken)| steps.len() == usize::from(*taken));
        let plain = self.slots.iter().all(|slot| slot.kept.is_none() && slot.cut_off == 0);
        let landed = self.flights.iter().all(|flight| matches!(flight.cargo, Cargo::LateWrite(_)));
        let slept = self.slots.iter().all(|slot| !slot.is_due(setting.grid));
        over && plain && landed && slept
    }

    /// A choice in words.
    pub(crate) fn describe(&self, setting: &Setting, choice: Choice) -> String {
        let seconds = self.now.0 as f64 / (SLOW as f64 * 1e6);
        let flight = |index: u8| self.flights[usize::from(index)].describe();
        let what = match choice {
            Choice::Step(actor) => {
                let step = setting.script.actors[usize::from(actor)][usize::from(self.progress[usize::from(actor)])];
                format!("server {}: {}", step.server, step.deed)
            }
            Choice::Advance => "time goes on".into(),
            Choice::Wake(slot) => format!("server {slot}: a timer"),
            Choice::Arrive(index) => format!("{}: arrives", flight(index)),
            Choice::ApplyLate(index) => format!("{}: is applied late", flight(index)),
            Choice::Thaw(slot) => format!("server {slot}: goes on after a freeze"),
            Choice::Reconnect(slot) => format!("server {slot}: reaches the data store again"),
            Choice::Flight(index, how) => format!("{}: {how:?}", flight(index)),
            Choice::Freeze(slot) => format!("server {slot}: freezes"),
            Choice::CutOff(slot) => format!("server {slot}: is cut off from the data store"),
        };
        format!("{seconds:>9.3} s  {what}")
    }
}

fn slot_id(slot: usize) -> u16 {
    u16::try_from(slot).expect("there are few servers")
}

pub(crate) fn player_id(player: usize) -> PlayerId {
    PlayerId(u16::try_from(player).expect("there are few players"))
}

/// The players on a server.
pub(crate) fn players_on(world: &World, slot: usize) -> Vec<PlayerId> {
    let server = world.slots[slot].server.as_ref();
    server.map(|server| server.guest.players_here().collect()).unwrap_or_default()
}
