//! What a wire could break: the same over both networks.

use std::sync::Arc;

use dupeproof_core::{Mono, Span, Stored, VersionQuery};
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{PlayerId, RequestId};
use dupeproof_sim::network::Network;
use dupeproof_sim::request::{Attributes, Key, SortedQuery};
use dupeproof_sim::rng::{Seed, Stream};
use dupeproof_sim::schedule::{Latency, RequestClass, RequestFault};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::update::{Next, Transformed, UpdateAsync, Updated};
use dupeproof_sim::{Contract, Event, Guest, Input, Output, Request, Schedule, ServerPlan, Subject, Turn, Version};
use serde_json::{Value as Json, json};

use super::backend::json as stored;
use crate::scripted::{Script, Scripted, Tape, compare_and_set, fail_next, get, remove, schedule, script, set};

const NETWORKS: [Network; 2] = [Network::Event, Network::Turmoil];

fn run(network: Network, schedule: &Schedule, subject: &dyn Subject) -> Tape {
    let mut tape = Tape::default();
    network.run(schedule, subject, &mut tape);
    tape
}

/// What one server is answered and what is committed, without times.
fn seen(network: Network, schedule: &Schedule, scripts: &[Script]) -> (Vec<String>, Vec<Option<Json>>) {
    let tape = run(network, schedule, &Scripted { scripts: scripts.to_vec() });
    let answers = tape.lines(0).into_iter().filter(|line| line.contains("Ok(") || line.contains("Err("));
    let commits = tape.commits().into_iter().map(|(_, value)| value.map(|value| value.to_json()));
    (answers.map(|line| without_times(&line)).collect(), commits.collect())
}

/// Numbers of 13 digits are milliseconds since 1970.
fn without_times(line: &str) -> String {
    let is_digit = |character: char| character.is_ascii_digit();
    let parts = line.split_inclusive(|character| !is_digit(character));
    parts.map(|part| if part.trim_end_matches(|c| !is_digit(c)).len() == 13 { "time " } else { part }).collect()
}

#[test]
fn every_request_is_answered_the_same_over_both_networks() {
    let (key, coins) = (key_of(PlayerId(0)), Key::from("ordered:Coins/global/a"));
    let metadata = json!({ "kind": "test", "level": 1.5 });
    let attributes = Some(Arc::new(Attributes { user_ids: vec![11, -12], metadata }));
    let requests = [
        Request::Set { key: "k".into(), value: stored(7), attributes: attributes.clone() },
        Request::get("k".into()),
        Request::Increment { key: "k".into(), delta: -9, attributes },
        Request::compare_and_set("k".into(), Some(Version(1)), stored("é\n")),
        Request::set(key.clone(), stored(json!({ "GlobalUpdates": [1, [[1, "mail"]]] }))),
        Request::ListVersions { key: key.clone(), query: VersionQuery::default(), page_size: 1 },
        Request::GetVersion { key: key.clone(), version: Version(1) },
        Request::GetVersion { key: key.clone(), version: Version(99) },
        Request::GetVersionAtTime { key: key.clone(), at: 1 },
        Request::Remove { key: key.clone() },
        Request::get(key),
        Request::ListKeys { prefix: "Player".into(), page_size: 1, after: None, exclude_deleted: false },
        Request::set(coins.clone(), stored(3)),
        Request::GetSorted { store: coins, query: SortedQuery { page_size: 10, ..SortedQuery::default() } },
        Request::set("".into(), stored(1)),
    ];
    let scripts = [script((0..).map(|number| number * 1_000).zip(requests.clone()))];
    let [event, turmoil] = NETWORKS.map(|network| seen(network, &schedule(&scripts), &scripts));
    assert_eq!(event.0.len(), requests.len(), "{event:#?}");
    assert_eq!(event, turmoil);
}

#[test]
fn every_request_fault_is_the_same_over_both_networks() {
    let span = Span::secs(40);
    let scripts = [script([
        (1_000, get(0)),
        (2_000, compare_and_set(0, 1, 7)),
        (3_000, set(1, 8)),
        (4_000, remove(1)),
        (5_000, set(1, 9)),
        (6_000, set(0, 10)),
        (50_000, get(0)),
        (51_000, get(1)),
    ])];
    let mut schedule = schedule(&scripts);
    schedule.timeline = vec![
        fail_next(0, RequestClass::Read, RequestFault::NilRead),
        fail_next(0, RequestClass::Write, RequestFault::LateApply { span }),
        fail_next(0, RequestClass::Set, RequestFault::AppliedTwice { span }),
        fail_next(0, RequestClass::Remove, RequestFault::AppliedThenError),
        fail_next(0, RequestClass::Set, RequestFault::LateReply { span: Span::secs(20) }),
        fail_next(0, RequestClass::Set, RequestFault::LostReply),
    ];
    let [event, turmoil] = NETWORKS.map(|network| seen(network, &schedule, &scripts));
    let values: Vec<Option<Json>> =
        [Some(8), None, Some(9), Some(10), Some(8)].map(|value| value.map(Json::from)).into();
    assert_eq!(event.1, values);
    assert_eq!(event.0.len(), 8, "{event:#?}");
    assert_eq!(event, turmoil);
}

#[test]
fn what_a_key_does_not_let_through_is_the_same_over_both_networks() {
    let scripts = [script((0..4).map(|number| (number * 1_000, set(0, number))))];
    let mut schedule = schedule(&scripts);
    schedule.services.limits.padding_kb = 1_500;
    let [event, turmoil] = NETWORKS.map(|network| seen(network, &schedule, &scripts));
    assert_eq!(event.1.len(), 2);
    assert_eq!(event, turmoil);
}

/// Each server adds one to the same key again and again with `UpdateAsync`, as fast as it can.
struct Counters;

const UPDATES: u32 = 10;

const CONTRACT: Contract = Contract::none(Span::secs(5), Span::secs(5));

struct Counter {
    call: UpdateAsync,
    draws: Stream,
    done: u32,
    requests: u32,
    resume: Option<Mono>,
}

impl Subject for Counters {
    fn name(&self) -> &str {
        "counters"
    }

    fn about(&self) -> &str {
        "counts"
    }

    fn contract(&self) -> &Contract {
        &CONTRACT
    }

    fn guest(&self, boot: &Boot) -> Box<dyn Guest> {
        let call = UpdateAsync::new("count".into(), boot.update);
        Box::new(Counter { call, draws: Seed(boot.seed).stream("updates", 0), done: 0, requests: 0, resume: None })
    }

    fn record(&self, _player: PlayerId, _items: &[u32]) -> Stored {
        stored(0)
    }
}

impl Counter {
    fn ask(&mut self, request: Request, out: &mut Vec<Output>) {
        self.requests += 1;
        out.push(Output::Request(RequestId(self.requests), request));
    }
}

impl Guest for Counter {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        let now = turn.now.mono;
        match input {
            Input::Wake if self.requests == 0 || self.resume.is_some_and(|at| at <= now) => {
                self.resume = None;
                self.ask(self.call.read(), out);
            }
            Input::Response(_, answer) => {
                let count = |value: Option<&Stored>| value.and_then(|value| value.to_json().as_u64()).unwrap_or(0);
                let add = |value: Option<&Stored>| Transformed::Write(stored(count(value) + 1), None);
                match self.call.answered(answer, &mut self.draws, |value, _| add(value)) {
                    Next::Ask(request) => self.ask(request, out),
                    Next::Pause(span) => self.resume = Some(now + span),
                    Next::Done(Ok(Updated::Written(..))) => {
                        self.done += 1;
                        if self.done < UPDATES {
                            self.ask(self.call.read(), out);
                        }
                    }
                    Next::Done(other) => panic!("{other:?}"),
                }
            }
            Input::Close => out.push(Output::Closed),
            _ => {}
        }
        self.resume
    }
}

#[test]
fn no_update_is_lost_however_many_servers_update_one_key_at_once() {
    for network in NETWORKS {
        let mut ends = Vec::new();
        for pause in [Span::ZERO, Span::millis(2_000)] {
            let mut schedule = schedule(&[]);
            schedule.servers = vec![ServerPlan::default(); 3];
            schedule.services.conflict_delay = Latency { min: pause, max: pause };
            schedule.services.datastore_latency.max = Span::millis(90);
            let tape = run(network, &schedule, &Counters);
            // The fresh server counts, too.
            let count = tape.commits().last().and_then(|(_, value)| value.as_ref()?.to_json().as_u64());
            assert_eq!(count, Some(u64::from(UPDATES) * 4), "{network:?}");
            let conflicts = tape.times(|event| matches!(event, Event::Conflicted { .. }));
            assert!(conflicts.len() > 5, "{network:?}: {} conflicts", conflicts.len());
            let last_of_the_three = tape.commits()[UPDATES as usize * 3 - 1].0;
            ends.push(last_of_the_three);
        }
        assert!(ends[1] > ends[0] + 2_000, "{network:?}: {ends:?}");
    }
}
