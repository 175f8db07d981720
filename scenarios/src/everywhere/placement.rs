//! The faults that are placed at a point.

use dupeproof_core::Span;
use dupeproof_sim::id::{ServiceName, Slot};
use dupeproof_sim::schedule::{Action, Direction, RequestClass, RequestFault, Step};

use super::point::Point;

/// How long answers and writes are late: more than any module waits between two tries, and more than leases last.
const LATE: [Span; 2] = [Span::secs(8), Span::secs(45)];

/// How long servers stand still and links are cut: a hiccup, longer than a request may take, longer than leases last, and
/// longer than dead locks do.
const SHORT_TO_LONG: [Span; 4] = [Span::secs(5), Span::secs(45), Span::secs(100), Span::secs(200)];

/// One step for each fault that can be placed at a point.
pub(super) fn steps(point: &Point) -> Vec<Step> {
    let (at, server) = (point.at, point.server);
    let actions = match point.request {
        Some((service, class)) => {
            of_request(class).into_iter().map(|fault| Action::FailNext { server, service, class, fault }).collect()
        }
        None => of_server(server),
    };
    actions.into_iter().map(|action| Step { at, action }).collect()
}

/// What can happen to one request. A read that finds nothing, though there is something, is left out: nobody can tell it from
/// a missing key, and no subject is held to its promises under it.
fn of_request(class: RequestClass) -> Vec<RequestFault> {
    let mut faults = vec![RequestFault::Refused, RequestFault::LostReply];
    faults.extend(LATE.map(|span| RequestFault::LateReply { span }));
    match class {
        RequestClass::Read | RequestClass::List => {}
        RequestClass::Write | RequestClass::Set | RequestClass::Remove => {
            faults.push(RequestFault::AppliedThenError);
            faults.extend(LATE.map(|span| RequestFault::LateApply { span }));
            faults.extend(LATE.map(|span| RequestFault::AppliedTwice { span }));
        }
    }
    faults
}

/// What can happen to a server, its links, and the services.
fn of_server(server: Slot) -> Vec<Action> {
    let mut actions = vec![Action::Crash { server }, Action::Close { server }];
    for service in ServiceName::ALL {
        actions.push(Action::Disconnect { server, service });
    }
    for span in SHORT_TO_LONG {
        actions.push(Action::Freeze { server, span });
        for direction in [Direction::ToService, Direction::FromService] {
            actions.push(Action::Partition { server, service: ServiceName::DataStore, direction, span });
        }
        let direction = Direction::Both;
        for service in [ServiceName::Messaging, ServiceName::MemoryStore] {
            actions.push(Action::Partition { server, service, direction, span });
        }
        actions.push(Action::Outage { service: ServiceName::DataStore, span });
    }
    actions
}
