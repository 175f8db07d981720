//! What is explored, what an exploration comes to, and a run of it again.

use dupeproof_core::{Config, Span};

use super::choice::Choice;
use super::ending::Endings;
use super::exploration::{Exploration, Progress, ResumeError};
use super::monitor::Violation;
use super::script::Script;
use super::world::{Setting, World};

/// An exploration of all runs of a script.
#[derive(Debug)]
pub struct Proof {
    setting: Setting,
    jobs: usize,
}

/// What an exploration came to, up to a number of deviations.
#[derive(Clone, Debug)]
pub struct Explored {
    /// Deviations in one run, at most.
    pub deviations: u8,
    /// States that differ. Those are not counted in which only one thing can happen, and takes no time.
    pub states: u64,
    /// Transitions between them.
    pub transitions: u64,
    /// The length of the longest run before it meets a state that was met before.
    pub depth: u32,
    /// A run that breaks a promise: one of the shortest.
    pub counterexample: Option<Counterexample>,
    /// Whether all states were met. If not, it was stopped, or there is a counterexample.
    pub complete: bool,
}

/// A run that breaks a promise.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// Which promise.
    pub violation: Violation,
    /// A bit for each server, from the lowest: its clock is fast.
    pub fast: u32,
    /// The run. If the promise is one about the end, everybody leaves after it.
    pub choices: Vec<Choice>,
}

impl Proof {
    /// Of the core with these constants, on the script's servers.
    pub fn new(script: Script, config: Config) -> Proof {
        // An auto-save is a save at a time of its own. Saves of the script come at any time.
        let config = Config {
            auto_save_period: Span::secs(86_400),
            critical_state_error_count: 0,
            // At the moments of checks: a moment of its own for each question only multiplies the states.
            trade_ask_period: config.lease,
            ..config
        };
        let leases = script.leases.iter().copied().chain(script.set_leases()).chain([config.lease.as_secs()]);
        let longest = Span::secs(leases.max().unwrap_or_default());
        // The longest span that the protocol measures back from the present: a wait before a lock is taken.
        let far = config.takeover_wait(longest) + Span::secs(1);
        Proof { setting: Setting::new(script, config, far), jobs: 0 }
    }

    /// With so many threads; 0, the default, is one for each core.
    #[must_use]
    pub fn with_jobs(self, jobs: usize) -> Proof {
        Proof { jobs, ..self }
    }

    /// What is explored.
    pub fn script(&self) -> &Script {
        &self.setting.script
    }

    /// Explores all runs with so many deviations at most. `progress` is told how far it is, and says whether to go on.
    pub fn explore(&self, deviations: u8, progress: &mut dyn FnMut(&Progress) -> bool) -> Explored {
        self.begin(deviations).run(progress)
    }

    /// The beginning of an exploration.
    pub fn begin(&self, deviations: u8) -> Exploration<'_> {
        Exploration::begin(&self.setting, deviations, self.jobs)
    }

    /// An exploration goes on that [`Exploration::save`] has written. The script must be the same, and the program.
    ///
    /// # Errors
    /// [`ResumeError`] if it cannot be read, or is not of this script and this program.
    pub fn resume(&self, from: &mut dyn std::io::Read) -> Result<Exploration<'_>, ResumeError> {
        Exploration::load(&self.setting, self.jobs, from)
    }

    /// Runs a counterexample again. `each` sees every state and what is chosen in it. A run that the script does not have
    /// ends where it cannot go on, without a violation.
    pub fn replay(&self, fast: u32, choices: &[Choice], each: &mut dyn FnMut(&str)) -> Option<Violation> {
        let mut world = World::new(&self.setting, fast);
        let mut possible = Vec::new();
        for choice in choices {
            possible.clear();
            world.choices(&self.setting, true, &mut possible);
            if !possible.contains(choice) {
                each(&format!("cannot happen here: {choice:?}"));
                return None;
            }
            each(&world.describe(&self.setting, *choice));
            world.take(&self.setting, *choice);
        }
        if let Some(violation) = world.violation {
            return Some(violation);
        }
        if !world.is_at_rest(&self.setting) {
            return None;
        }
        each("everybody leaves, and a fresh server loads each profile once more");
        Endings::default().check(&self.setting, world)
    }
}
