//! Each fault is met by the request, and at the moment, that it was placed at.

use std::collections::BTreeMap;

use dupeproof_sim::id::{RequestId, Slot};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::{Action, RequestClass, RequestFault};
use dupeproof_sim::{Event, Global, Observer};

use super::*;
use crate::subjects::Subjects;

/// The requests of a run, and those that met a fault.
#[derive(Default)]
struct Requests {
    made: BTreeMap<(Slot, RequestId), (Global, RequestKind)>,
    struck: Vec<(Slot, RequestId, RequestFault)>,
    ended: Vec<(Slot, Global)>,
}

impl Observer for Requests {
    fn observe(&mut self, at: Global, event: &Event) {
        match event {
            Event::Requested { server, id, kind, .. } if server.life == 0 => {
                self.made.insert((server.slot, *id), (at, *kind));
            }
            Event::RequestFault { server, id, fault, .. } => self.struck.push((server.slot, *id, *fault)),
            Event::ServerCrashed { server } => self.ended.push((server.slot, at)),
            _ => {}
        }
    }
}

#[test]
fn each_fault_is_met_where_it_was_placed() {
    let subjects = Subjects::default();
    let subject = subjects.named("core").expect("it is built in");
    let everywhere = Everywhere { suite: &Suite::all()[0], subject, seed: 1, jobs: 1 };
    let script = &ShortScript::all()[0];
    let calm = everywhere.calm(script);
    let observed = |schedule: &Schedule| {
        let mut requests = Requests::default();
        Network::Event.run(schedule, subject, &mut requests);
        requests
    };
    let (_, points) = try_case(&calm, subject, Network::Event, Points::default).unwrap_or_else(|_| panic!("it runs"));
    let made = observed(&calm).made;
    let (mut of_requests, mut crashes) = (0, 0);
    for (_, schedule) in everywhere.with_faults(&calm, &points.all(calm.length)) {
        let step = schedule.timeline.iter().find(|step| !calm.timeline.contains(step)).expect("one more");
        match step.action {
            Action::FailNext { server, class, fault, .. } => {
                let run = observed(&schedule);
                let (slot, id, met) = run.struck[0];
                let (at, kind) = made[&(slot, id)];
                assert_eq!((slot, met), (server, fault), "{step:?}");
                assert_eq!((at.0, RequestClass::of(kind)), (step.at.0 + 1, class), "{step:?}");
                of_requests += 1;
            }
            Action::Crash { server } => {
                assert_eq!(observed(&schedule).ended, [(server, Global(step.at.0))], "{step:?}");
                crashes += 1;
            }
            _ => {}
        }
    }
    assert!(of_requests > 50 && crashes > 50, "{of_requests} requests and {crashes} crashes");
}
