//! The faults there are, by the name a tester would say.

use dupeproof_sim::schedule::{Action, Fate};

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its name.
    pub name: &'static str,
    /// One line on what it does.
    pub about: &'static str,
}

macro_rules! faults {
    ($($(#[$doc:meta])* $constant:ident = $name:literal, $about:literal;)*) => {
        impl Fault {
            $($(#[$doc])* pub const $constant: Fault = Fault { name: $name, about: $about };)*

            /// All of them: those of servers, of links, of the DataStore, of MessagingService.
            pub const ALL: &'static [Fault] = &[$(Fault::$constant),*];
        }
    };
}

faults! {
    /// A server stops.
    CRASH = "crash", "a server stops at once and cleans up nothing";
    /// A server shuts down.
    CLOSE = "close", "a server shuts down: BindToClose, and a kill after 30 s";
    /// A server starts again.
    RESTART = "restart", "a server that is down starts again as a new JobId";
    /// A server stalls.
    FREEZE = "freeze", "a server does nothing for a while, then everything at once";
    /// The wall clock is wrong.
    CLOCK_OFFSET = "clock-offset", "a server's wall clock is off by seconds to days";
    /// The clocks run at the wrong rate.
    CLOCK_RATE = "clock-rate", "a server's clocks run too fast or too slow";
    /// A link is cut.
    PARTITION = "partition", "the link to one service holds back requests, replies, or both, until it heals";
    /// A service is down.
    OUTAGE = "outage", "a service refuses everything for a while";
    /// An honest error.
    REFUSED = "refused", "the DataStore answers with an error and applies nothing";
    /// A lying error.
    APPLIED_THEN_ERROR = "applied-then-error", "the DataStore applies the request and answers with an error";
    /// No answer.
    LOST_REPLY = "lost-reply", "the DataStore applies the request and its answer never comes";
    /// A late answer.
    LATE_REPLY = "late-reply", "the DataStore applies the request and answers late";
    /// A late write.
    LATE_APPLY = "late-apply", "the DataStore answers with an error at once and applies the request later";
    /// A write comes twice.
    APPLIED_TWICE = "applied-twice", "the DataStore applies the request and answers, and applies it once more later";
    /// A read finds nothing.
    NIL_READ = "nil-read", "a read finds nothing though there is something, as in January 2019";
    /// A connection breaks.
    DISCONNECT = "disconnect", "a connection breaks: what is on its way is lost, and requests fail";
    /// A wall clock is set.
    CLOCK_STEP = "clock-step", "a server's wall clock jumps";
    /// The request budget is spent.
    THROTTLE = "throttle", "requests wait for their budget, and are dropped when 30 wait already";
    /// A message is lost.
    MESSAGE_LOST = "message-lost", "a message never reaches a subscriber";
    /// A message comes twice.
    MESSAGE_DOUBLED = "message-doubled", "a message reaches a subscriber twice, in any order with others";
    /// A publish fails, or says so.
    PUBLISH_ERROR = "publish-error", "a publish is answered with an error; half of them were accepted all the same";
    /// A subscribe fails.
    SUBSCRIBE_ERROR = "subscribe-error", "a subscribe is answered with an error";
}

impl Fault {
    /// The fault an action is; `None` for what players and the game do.
    pub fn of_action(action: &Action) -> Option<Fault> {
        match action {
            Action::Command { .. } | Action::Move { .. } | Action::Purchase { .. } => None,
            Action::Disconnect { .. } => Some(Fault::DISCONNECT),
            Action::ClockStep { .. } => Some(Fault::CLOCK_STEP),
            Action::Crash { .. } => Some(Fault::CRASH),
            Action::Restart { .. } => Some(Fault::RESTART),
            Action::Close { .. } => Some(Fault::CLOSE),
            Action::Freeze { .. } => Some(Fault::FREEZE),
            Action::Partition { .. } => Some(Fault::PARTITION),
            Action::Outage { .. } => Some(Fault::OUTAGE),
            Action::Mishap { fate, .. } => Some(Fault::of_fate(*fate)),
        }
    }

    /// The fault a request's fate is.
    pub fn of_fate(fate: Fate) -> Fault {
        match fate {
            Fate::Refused => Fault::REFUSED,
            Fate::AppliedThenError => Fault::APPLIED_THEN_ERROR,
            Fate::LostReply => Fault::LOST_REPLY,
            Fate::LateReply { .. } => Fault::LATE_REPLY,
            Fate::LateApply { .. } => Fault::LATE_APPLY,
            Fate::AppliedTwice { .. } => Fault::APPLIED_TWICE,
            Fate::NilRead => Fault::NIL_READ,
        }
    }
}

#[cfg(test)]
mod tests {
    use dupeproof_core::Span;
    use dupeproof_sim::request::Service;
    use dupeproof_sim::schedule::{Direction, Leg};

    use super::*;

    #[test]
    fn every_fault_an_action_can_be_is_listed() {
        let (server, span, service) = (0, Span::ZERO, Service::DataStore);
        let mut actions = vec![
            Action::Crash { server },
            Action::Restart { server },
            Action::Close { server },
            Action::Freeze { server, span },
            Action::Partition { server, service, direction: Direction::Both, span },
            Action::Outage { service, span },
        ];
        let late = [Fate::LateReply { span }, Fate::LateApply { span }];
        let fates = [Fate::Refused, Fate::AppliedThenError, Fate::LostReply].into_iter().chain(late);
        actions.extend(fates.map(|fate| Action::Mishap { server, leg: Leg::Read, fate }));
        let mut names: Vec<&str> = actions.iter().filter_map(Fault::of_action).map(|fault| fault.name).collect();
        assert!(names.iter().all(|name| Fault::ALL.iter().any(|fault| fault.name == *name)), "{names:?}");
        names.dedup();
        assert_eq!(names.len(), actions.len(), "each is a fault of its own");
    }
}
