//! The turmoil network.

use std::sync::Arc;

use dupeproof_core::{Mono, Span, Stored};
use dupeproof_sim::Turn;
use dupeproof_sim::guest::{Command, Guest, Input, Output, key_of};
use dupeproof_sim::id::{PlayerId, RequestId, ServerId, ServiceName, Slot, SubscriptionId};
use dupeproof_sim::network::{RunEnd, turmoil};
use dupeproof_sim::request::Reading;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::{
    Action, Direction, Latency, Limits, PlayerPlan, RequestClass, RequestFault, Schedule, ServerPlan, ServiceProfile,
    Step,
};
use dupeproof_sim::subject::{Boot, Contract, Subject};
use dupeproof_sim::{Event, Global, Observer, Request, Response};
use serde_json::json;

/// A guest that counts: each `Edit` adds one to the player's number with `UpdateAsync`, each `Save` tells every server.
struct Counting;

/// Panics at its first `Edit`.
struct Panicking;

const CONTRACT: Contract = Contract::none(Span::secs(5), Span::secs(5));

impl Subject for Counting {
    fn name(&self) -> &str {
        "counting"
    }

    fn about(&self) -> &str {
        "counts"
    }

    fn contract(&self) -> &Contract {
        &CONTRACT
    }

    fn guest(&self, _boot: &Boot) -> Box<dyn Guest> {
        Box::new(CountingGuest { next: 0, reads: Vec::new() })
    }

    fn record(&self, _player: PlayerId, _items: &[u32]) -> Stored {
        number(0)
    }
}

impl Subject for Panicking {
    fn name(&self) -> &str {
        "panicking"
    }

    fn about(&self) -> &str {
        "panics"
    }

    fn contract(&self) -> &Contract {
        &CONTRACT
    }

    fn guest(&self, _boot: &Boot) -> Box<dyn Guest> {
        Box::new(PanickingGuest)
    }

    fn record(&self, _player: PlayerId, _items: &[u32]) -> Stored {
        number(0)
    }
}

struct PanickingGuest;

impl Guest for PanickingGuest {
    fn handle(&mut self, _turn: &Turn<'_>, input: Input, _out: &mut Vec<Output>) -> Option<Mono> {
        assert!(!matches!(input, Input::Command(Command::Edit(_))), "the guest's own words");
        None
    }
}

struct CountingGuest {
    next: u32,
    /// Reads whose write is still to come.
    reads: Vec<(RequestId, PlayerId)>,
}

impl CountingGuest {
    fn request(&mut self, request: Request, out: &mut Vec<Output>) -> RequestId {
        let id = RequestId(self.next);
        self.next += 1;
        out.push(Output::Request(id, request));
        id
    }

    fn write(&mut self, player: PlayerId, read: Reading, out: &mut Vec<Output>) {
        let expected = read.version;
        let before = read.value().map_or(0, |value| value.to_json().as_u64().unwrap());
        self.request(Request::compare_and_set(key_of(player), expected, number(before + 1)), out);
    }
}

impl Guest for CountingGuest {
    fn handle(&mut self, _turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        match input {
            Input::Wake => {
                self.request(Request::Subscribe { topic: "all".into(), subscription: SubscriptionId(0) }, out);
            }
            Input::Command(Command::Edit(player)) => {
                let id = self.request(Request::get(key_of(player)), out);
                self.reads.push((id, player));
            }
            Input::Command(Command::Save(player)) => {
                self.request(Request::Publish { topic: "all".into(), data: Arc::new(json!(player)) }, out);
            }
            Input::Response(id, Ok(Response::Value(value))) => {
                let read = self.reads.iter().position(|(read, _)| *read == id).expect("only edits read");
                let (_, player) = self.reads.remove(read);
                self.write(player, value, out);
            }
            Input::Close => out.push(Output::Closed),
            Input::Response(..) | Input::Message(..) | Input::Command(_) | Input::SetLease(_) => {}
        }
        None
    }
}

fn number(number: u64) -> Stored {
    Stored::from_json(json!(number))
}

/// Keeps everything.
#[derive(Default)]
struct Tape(Vec<(Global, Event)>);

impl Observer for Tape {
    fn observe(&mut self, at: Global, event: &Event) {
        assert!(self.0.last().is_none_or(|(before, _)| *before <= at), "time runs backwards");
        self.0.push((at, event.clone()));
    }
}

impl Tape {
    fn at(&self, which: impl Fn(&Event) -> bool) -> Vec<Global> {
        self.0.iter().filter(|(_, event)| which(event)).map(|(at, _)| *at).collect()
    }

    fn commits_of(&self, life: ServerId) -> Vec<Global> {
        self.at(|event| matches!(event, Event::Committed { server, .. } if *server == life))
    }

    fn writes_answered_to(&self, life: ServerId) -> Vec<Global> {
        self.at(|event| {
            matches!(event, Event::Answered { server, kind: RequestKind::CompareAndSet, error: None, .. }
                if *server == life)
        })
    }
}

fn life(slot: Slot, life: u16) -> ServerId {
    ServerId { slot, life }
}

fn world(servers: usize, timeline: Vec<(Span, Action)>) -> Schedule {
    Schedule {
        seed: 7,
        subject: "counting".into(),
        servers: vec![ServerPlan::default(); servers],
        players: vec![PlayerPlan { items: Some(0) }; servers],
        services: ServiceProfile::default(),
        timeline: timeline.into_iter().map(|(at, action)| Step { at, action }).collect(),
        length: Span::secs(60),
        ..Schedule::default()
    }
}

fn join(server: Slot, player: u16) -> (Span, Action) {
    (Span::secs(1), Action::Command { server, command: Command::Join(PlayerId(player)) })
}

fn edit(at: Span, server: Slot, player: u16) -> (Span, Action) {
    (at, Action::Command { server, command: Command::Edit(PlayerId(player)) })
}

fn record(schedule: &Schedule) -> (RunEnd, Tape) {
    let mut tape = Tape::default();
    let end = turmoil::run(schedule, &Counting, &mut tape);
    (end, tape)
}

/// Something of everything.
fn chaos() -> Schedule {
    let slot = |number: u64| Slot::try_from(number % 3).unwrap();
    let mut timeline = vec![join(0, 0), join(1, 1), join(2, 2)];
    for number in 0..40 {
        timeline.push(edit(Span::millis(1_500 + number * 700), slot(number), u16::try_from(number % 3).unwrap()));
        let command = Command::Save(PlayerId(slot(number)));
        timeline.push((Span::millis(1_600 + number * 900), Action::Command { server: slot(number), command }));
    }
    let both = Direction::Both;
    timeline.extend([
        (Span::secs(4), Action::Crash { server: 0 }),
        (Span::secs(6), Action::Restart { server: 0 }),
        (Span::millis(6_001), join(0, 0).1),
        (Span::secs(8), Action::Freeze { server: 1, span: Span::secs(3) }),
        (
            Span::secs(9),
            Action::Partition { server: 2, service: ServiceName::DataStore, direction: both, span: Span::secs(5) },
        ),
        (Span::secs(12), Action::Outage { service: ServiceName::Messaging, span: Span::secs(3) }),
        (
            Span::secs(15),
            Action::FailNext {
                server: 1,
                service: ServiceName::DataStore,
                class: RequestClass::Write,
                fault: RequestFault::LostReply,
            },
        ),
        (Span::secs(20), Action::Close { server: 2 }),
    ]);
    let mut schedule = world(3, timeline);
    schedule.services.faults.read.late_reply_ppm = 200_000;
    schedule.services.faults.write.late_reply_ppm = 200_000;
    schedule.services.message_doubled_ppm = 300_000;
    schedule
}

#[test]
fn a_schedule_gives_the_same_digest_twice() {
    let (first, tape) = record(&chaos());
    assert!(tape.0.len() > 200, "the schedule does little: {} events", tape.0.len());
    assert_eq!(first, record(&chaos()).0);
    let other = Schedule { seed: 8, ..chaos() };
    assert_ne!(first.digest, record(&other).0.digest, "the seed decides nothing");
}

#[test]
#[ignore = "run by the next test in a process of its own"]
fn a_process_of_its_own_prints_its_digest() {
    println!("digest {}", record(&chaos()).0.digest);
}

#[test]
fn a_schedule_gives_the_same_digest_in_another_process() {
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["turmoil::a_process_of_its_own_prints_its_digest", "--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8(child.stdout).unwrap();
    let here = format!("digest {}", record(&chaos()).0.digest);
    assert!(said.lines().any(|line| line.ends_with(&here)), "here {here}, there {said}");
}

/// 60 s, 30 s to recover, then 5 s to drain, 5 s to start, 5 s to drain.
#[test]
fn a_run_ends_when_its_director_says() {
    assert_eq!(record(&world(1, Vec::new())).0.at, Global(0) + Span::secs(60 + 30 + 5 + 5 + 5));
}

/// A read and a write cross the wire twice each: four legs of 25 to 100 ms, each rounded to a tick of 10 ms.
#[test]
fn an_edit_takes_as_long_as_its_legs() {
    let edits = (0..20).map(|number| edit(Span::secs(2 + number), 0, 0));
    let (_, tape) = record(&world(1, [join(0, 0)].into_iter().chain(edits).collect()));
    let answered = tape.writes_answered_to(life(0, 0));
    assert_eq!(answered.len(), 20);
    let took: Vec<Span> =
        (0..).zip(&answered).map(|(number, at)| at.since(Global(0) + Span::secs(2 + number))).collect();
    assert!(took.iter().all(|took| (Span::millis(80)..=Span::millis(420)).contains(took)), "{took:?}");
    assert!(took.iter().max().unwrap().0 - took.iter().min().unwrap().0 > 50_000, "all alike: {took:?}");
}

#[test]
fn a_request_that_waits_at_a_cut_link_is_applied_once_the_link_heals() {
    for direction in [Direction::ToService, Direction::Both] {
        let span = Span::secs(20);
        let cut = (Span::secs(5), Action::Partition { server: 0, service: ServiceName::DataStore, direction, span });
        let (_, tape) =
            record(&world(2, vec![join(0, 0), join(1, 1), cut, edit(Span::secs(6), 0, 0), edit(Span::secs(6), 1, 1)]));
        let commits = tape.commits_of(life(0, 0));
        assert_eq!(commits.len(), 1, "{direction:?}");
        assert!((Span::secs(25)..Span::secs(26)).contains(&commits[0].since(Global(0))), "{direction:?}: {commits:?}");
        assert!(tape.commits_of(life(1, 0))[0] < Global(0) + Span::secs(7), "the other server's link is its own");
    }
}

#[test]
fn a_reply_that_waits_at_a_cut_link_arrives_once_the_link_heals() {
    // 10 ms after the write's request is made at the latest, so that the cut begins with a write on its way.
    let (direction, span) = (Direction::FromService, Span::secs(20));
    let edits = vec![join(0, 0), edit(Span::secs(5), 0, 0)];
    let (_, tape) = record(&world(1, edits.clone()));
    let committed = tape.commits_of(life(0, 0))[0];
    let cut = Action::Partition { server: 0, service: ServiceName::DataStore, direction, span };
    let (_, tape) = record(&world(1, [edits, vec![(Span(committed.0), cut)]].concat()));
    assert_eq!(tape.commits_of(life(0, 0)), [committed], "the request was there before the cut");
    let answered = tape.writes_answered_to(life(0, 0));
    assert!((committed + span..committed + Span::secs(21)).contains(&answered[0]), "{answered:?}");
}

#[test]
fn what_a_server_sent_before_it_crashed_is_applied_and_answered_to_nobody() {
    let edits = vec![join(0, 0), edit(Span::secs(5), 0, 0)];
    let (_, tape) = record(&world(1, edits.clone()));
    let committed = tape.commits_of(life(0, 0))[0];
    let crash = |at: Global| [edits.clone(), vec![(Span(at.0), Action::Crash { server: 0 })]].concat();

    let (_, tape) = record(&world(1, crash(committed)));
    assert_eq!(tape.commits_of(life(0, 0)).len(), 1, "the write was on its way");
    assert_eq!(tape.writes_answered_to(life(0, 0)), []);
    let (_, tape) = record(&world(1, crash(Global(0) + Span::millis(5_010))));
    assert_eq!(tape.commits_of(life(0, 0)), [], "the write was never made");
}

#[test]
fn a_request_held_at_a_cut_link_survives_the_crash_of_its_sender() {
    for direction in [Direction::ToService, Direction::Both] {
        let (_, tape) = record(&world(1, vec![join(0, 0), edit(Span::secs(5), 0, 0)]));
        // One tick before the write arrives.
        let cut_at = Span(tape.commits_of(life(0, 0))[0].0 - 10_000);
        let cut = Action::Partition { server: 0, service: ServiceName::DataStore, direction, span: Span::secs(20) };
        let (_, tape) = record(&world(
            1,
            vec![join(0, 0), edit(Span::secs(5), 0, 0), (cut_at, cut), (Span::secs(8), Action::Crash { server: 0 })],
        ));
        let commits = tape.commits_of(life(0, 0));
        assert_eq!(commits.len(), 1, "{direction:?}");
        assert!(commits[0] >= Global(0) + cut_at + Span::secs(20), "{direction:?}: {commits:?}");
    }
}

#[test]
fn a_server_that_restarts_connects_as_a_new_life() {
    let (_, tape) = record(&world(
        1,
        vec![
            join(0, 0),
            (Span::secs(5), Action::Crash { server: 0 }),
            (Span::secs(6), Action::Restart { server: 0 }),
            (Span::secs(7), join(0, 0).1),
            edit(Span::secs(8), 0, 0),
        ],
    ));
    assert_eq!(tape.writes_answered_to(life(0, 0)), []);
    assert_eq!(tape.writes_answered_to(life(0, 1)).len(), 1);
}

#[test]
fn a_server_that_crashes_while_it_connects_is_replaced_all_the_same() {
    for seed in 0..10 {
        let crash = (Span::millis(130), Action::Crash { server: 0 });
        let restart = (Span::millis(140), Action::Restart { server: 0 });
        let schedule = world(1, vec![crash, restart, join(0, 0), edit(Span::secs(2), 0, 0)]);
        let (_, tape) = record(&Schedule { seed, length: Span::secs(4), ..schedule });
        assert_eq!(tape.writes_answered_to(life(0, 1)).len(), 1, "seed {seed}");
    }
}

#[test]
fn a_message_reaches_the_other_servers_and_none_that_is_gone() {
    let save = |at: Span| (at, Action::Command { server: 0, command: Command::Save(PlayerId(0)) });
    let crash = (Span::secs(15), Action::Crash { server: 2 });
    let (_, tape) = record(&world(3, vec![join(0, 0), save(Span::secs(5)), crash, save(Span::secs(20))]));
    let received = |slot| {
        tape.at(|event| {
            matches!(event, Event::MessageReceived { server, publisher, .. }
                if *server == life(slot, 0) && *publisher == Some(life(0, 0)))
        })
    };
    assert_eq!([received(0).len(), received(1).len(), received(2).len()], [2, 2, 1]);
    assert!(received(1)[0] < Global(0) + Span::secs(8));
}

#[test]
fn a_late_reply_to_a_life_that_is_over_does_not_reach_the_next() {
    let fault = RequestFault::LateReply { span: Span::secs(10) };
    let (_, tape) = record(&world(
        1,
        vec![
            join(0, 0),
            (
                Span::secs(2),
                Action::FailNext { server: 0, service: ServiceName::DataStore, class: RequestClass::Read, fault },
            ),
            edit(Span::secs(3), 0, 0),
            (Span::secs(5), Action::Crash { server: 0 }),
            (Span::secs(6), Action::Restart { server: 0 }),
        ],
    ));
    assert_eq!(tape.at(|event| matches!(event, Event::RequestFault { .. })).len(), 1);
    assert_eq!(tape.at(|event| matches!(event, Event::AnsweredTooLate { .. })), []);
}

#[test]
fn the_subscriptions_of_a_server_end_with_its_connection() {
    let save = |at: Span| (at, Action::Command { server: 0, command: Command::Save(PlayerId(0)) });
    let crash = (Span::secs(10), Action::Crash { server: 1 });
    let mut schedule = world(2, vec![join(0, 0), save(Span::secs(5)), crash, save(Span::secs(20))]);
    schedule.services.message_lost_ppm = 1_000_000;
    let (_, tape) = record(&schedule);
    let lost_to = |slot| tape.at(|event| matches!(event, Event::MessageLost { to, .. } if *to == life(slot, 0))).len();
    assert_eq!([lost_to(0), lost_to(1)], [2, 1]);
}

/// One read and one write a minute are not enough for two edits; the ordinary budget is.
#[test]
fn healing_ends_the_throttling_on_every_server() {
    let edits = [0, 0, 1, 1].map(|slot| edit(Span::secs(5), slot, slot));
    let mut schedule = world(2, [join(0, 0), join(1, 1)].into_iter().chain(edits).collect());
    schedule.services.limits = Limits { server_percent: 1, startup_burst: 1, saved_seconds: 1, ..Limits::default() };
    schedule.length = Span::secs(20);
    let (_, tape) = record(&schedule);
    let healed = Global(0) + Span::secs(20);
    for slot in [0, 1] {
        let commits = tape.commits_of(life(slot, 0));
        assert_eq!(commits.len(), 2, "server {slot}");
        assert!((healed..healed + Span::secs(5)).contains(&commits[1]), "server {slot}: {commits:?}");
    }
}

#[test]
fn a_closing_server_is_stopped_when_its_guest_is_done() {
    let (_, tape) = record(&world(1, vec![join(0, 0), (Span::secs(5), Action::Close { server: 0 })]));
    let closed = tape.at(|event| matches!(event, Event::ServerClosed { .. }));
    assert_eq!(closed, [Global(0) + Span::secs(5)]);
    assert_eq!(tape.at(|event| matches!(event, Event::ServerKilled { .. })), []);
}

/// With one latency for all, two servers that read and write one key at one moment always meet in one tick.
#[test]
fn either_of_two_servers_can_win_a_race_within_one_tick() {
    let mut wins = [0, 0];
    for seed in 0..20 {
        let mut schedule = world(2, vec![join(0, 0), join(1, 0), edit(Span::secs(5), 0, 0), edit(Span::secs(5), 1, 0)]);
        schedule.seed = seed;
        schedule.services.datastore_latency = Latency { min: Span::millis(50), max: Span::millis(50) };
        let (_, tape) = record(&schedule);
        assert_eq!(tape.at(|event| matches!(event, Event::Conflicted { .. })).len(), 1);
        wins[usize::from(tape.commits_of(life(0, 0)).is_empty())] += 1;
    }
    assert!(wins[0] > 2 && wins[1] > 2, "{wins:?}");
}

#[test]
#[should_panic(expected = "the guest's own words")]
fn a_panic_on_a_host_ends_the_run_with_its_own_message() {
    turmoil::run(&world(2, vec![join(1, 0), edit(Span::secs(5), 1, 0)]), &Panicking, &mut ());
}

#[test]
fn a_fleet_of_24_servers_runs() {
    let slots = 0..24;
    let timeline = slots.clone().map(|slot| join(slot, slot));
    let edits = slots.clone().map(|slot| edit(Span::secs(5), slot, slot));
    let schedule = Schedule { length: Span::secs(10), ..world(24, timeline.chain(edits).collect()) };
    let (_, tape) = record(&schedule);
    for slot in slots {
        assert_eq!(tape.writes_answered_to(life(slot, 0)).len(), 1, "server {slot}");
    }
}
