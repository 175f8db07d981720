//! One calm run before anything is judged: a subject that cannot even do that is broken, not unsafe.
//!
//! Two players join, change their data, buy something, leave, come back on the same server and on another, hop, and are there
//! when a server shuts down. Nothing goes wrong in the world. Whether a change outlives the shutdown is left to the search, which
//! judges it: a game without `BindToClose` is unsafe, and works.

mod problem;
mod watch;

use dupeproof_core::Span;
use dupeproof_sim::id::{PlayerId, ReceiptId, Slot};
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{Action, PlayerPlan, ServerPlan, Step};
use dupeproof_sim::{Command, Schedule, Subject};

use crate::suite::Suite;
pub use problem::{Problem, ScriptError};
use watch::Watch;

/// What the calm run showed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preflight {
    /// What its scripts said went wrong, each text once, in order of time.
    pub errors: Vec<ScriptError>,
    /// Why nothing can be judged; none if all went well.
    pub problems: Vec<Problem>,
}

impl Preflight {
    /// Runs the subject once, with the constants of a suite.
    pub fn of(suite: &Suite, subject: &dyn Subject) -> Preflight {
        let schedule = Schedule { constants: suite.shape.constants.clone(), ..schedule(subject.name()) };
        let players = suite.shape.topology.players.max.max(OLD.0 + 1);
        if let Err((player, error)) = subject.check_records(players) {
            return Preflight { problems: vec![Problem::NoRecord { player, error }], ..Preflight::default() };
        }
        let mut watch = Watch::new(&schedule, subject);
        Network::Event.run(&schedule, subject, &mut watch);
        watch.into_preflight()
    }

    /// What went wrong first, in a line.
    pub fn headline(&self) -> String {
        let error = self.errors.first().and_then(|error| error.text.lines().next());
        let problem = self.problems.first().map(ToString::to_string);
        let problem = problem.as_ref().and_then(|problem| problem.lines().next());
        error.or(problem).unwrap_or_default().to_owned()
    }

    /// Whether nothing can be judged.
    pub fn is_broken(&self) -> bool {
        !self.problems.is_empty()
    }
}

/// Who never played before.
const NEW: PlayerId = PlayerId(0);
/// Who did.
const OLD: PlayerId = PlayerId(1);

/// The server that shuts down, and when.
const CLOSES: (Slot, Span) = (0, Span::secs(290));

/// When both players buy something, in seconds: before the save that stores what they have changed.
const BUYS: u64 = 45;

/// When the last return comes from which a change must be back.
const JUDGED_UNTIL: Span = Span::secs(200);

fn schedule(subject: &str) -> Schedule {
    let all =
        |at: u64, server: Slot, what: fn(PlayerId) -> Command| [NEW, OLD].map(|player| (at, server, what(player)));
    let commands = [
        all(2, 0, Command::Join),
        all(40, 0, Command::Edit),
        all(50, 0, Command::Save),
        all(60, 0, Command::Leave),
        [(100, 1, Command::Join(NEW)), (100, 0, Command::Join(OLD))],
        [(140, 1, Command::Edit(NEW)), (140, 0, Command::Edit(OLD))],
        [(160, 1, Command::Leave(NEW)), (160, 0, Command::Leave(OLD))],
        all(190, 0, Command::Join),
        all(240, 0, Command::Edit),
        // A hop: the other server has the player at once.
        [(250, 0, Command::Leave(OLD)), (251, 1, Command::Join(OLD))],
    ];
    let after_close = [(330, 1, Command::Join(NEW)), (370, 1, Command::Leave(NEW)), (370, 1, Command::Leave(OLD))];
    let step = |at: u64, action: Action| Step { at: Span::secs(at), action };
    let told = |(at, server, command): (u64, Slot, Command)| step(at, Action::Command { server, command });
    let mut timeline: Vec<Step> = commands.into_iter().flatten().map(told).collect();
    timeline.push(Step { at: CLOSES.1, action: Action::Close { server: CLOSES.0 } });
    timeline.extend(
        [(NEW, 0), (OLD, 1)]
            .map(|(player, receipt)| step(BUYS, Action::Purchase { player, receipt: ReceiptId(receipt) })),
    );
    timeline.extend(after_close.map(told));
    timeline.sort_by_key(|step| step.at);
    Schedule {
        seed: 1,
        subject: subject.to_owned(),
        servers: vec![ServerPlan::default(); 2],
        players: vec![PlayerPlan { items: None }, PlayerPlan { items: Some(2) }],
        timeline,
        length: Span::secs(400),
        ..Schedule::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{JUDGED_UNTIL, Preflight, schedule};
    use crate::Suite;
    use crate::subjects::Subjects;

    #[test]
    fn every_built_in_subject_works_in_a_calm_world() {
        let subjects = Subjects::default();
        for subject in subjects.all() {
            let preflight = Preflight::of(&Suite::all()[0], subject);
            assert_eq!(preflight, Preflight::default(), "{}", subject.name());
        }
    }

    #[test]
    fn the_timeline_is_in_order_and_what_is_judged_ends_before_the_shutdown() {
        let timeline = schedule("core").timeline;
        assert!(timeline.is_sorted_by_key(|step| step.at));
        let close = timeline.iter().find(|step| matches!(step.action, super::Action::Close { .. })).expect("it closes");
        assert!(JUDGED_UNTIL < close.at);
    }
}
