//! One calm run before anything is judged: a subject that cannot even do that is broken, not unsafe.
//!
//! Two players join, change their data, leave, come back on the same server and on another, hop, and are there when a
//! server shuts down. Nothing goes wrong in the world. Whether a change outlives the shutdown is left to the search, which
//! judges it: a game without `BindToClose` is unsafe, and works.

mod problem;
mod watch;

use dupeproof_core::Span;
use dupeproof_sim::id::{PlayerId, Slot};
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
        let mut watch = Watch::new(&schedule, subject);
        Network::Event.run(&schedule, subject, &mut watch);
        watch.into_preflight()
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

/// When the last return comes from which a change must be back.
const JUDGED_UNTIL: Span = Span::secs(200);

fn schedule(subject: &str) -> Schedule {
    let mut timeline = Vec::new();
    let mut add = |seconds: u64, action: Action| timeline.push(Step { at: Span::secs(seconds), action });
    let command = |server: Slot, command: Command| Action::Command { server, command };
    let both = [NEW, OLD];
    both.into_iter().for_each(|player| add(2, command(0, Command::Join(player))));
    both.into_iter().for_each(|player| add(40, command(0, Command::Edit(player))));
    both.into_iter().for_each(|player| add(50, command(0, Command::Save(player))));
    both.into_iter().for_each(|player| add(60, command(0, Command::Leave(player))));
    add(100, command(1, Command::Join(NEW)));
    add(100, command(0, Command::Join(OLD)));
    add(140, command(1, Command::Edit(NEW)));
    add(140, command(0, Command::Edit(OLD)));
    add(160, command(1, Command::Leave(NEW)));
    add(160, command(0, Command::Leave(OLD)));
    both.into_iter().for_each(|player| add(190, command(0, Command::Join(player))));
    both.into_iter().for_each(|player| add(240, command(0, Command::Edit(player))));
    // A hop: the other server has the player at once.
    add(250, command(0, Command::Leave(OLD)));
    add(251, command(1, Command::Join(OLD)));
    add(290, Action::Close { server: 0 });
    add(330, command(1, Command::Join(NEW)));
    both.into_iter().for_each(|player| add(370, command(1, Command::Leave(player))));
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
