//! Whether a finding that was kept in a file is still there.

use dupeproof_sim::id::{ServiceName, Slot};
use dupeproof_sim::schedule::{Action, RequestClass, RequestFault};
use dupeproof_sim::{Command, Event, Global, GuestEvent, Observer, Schedule, Subject};

use crate::case::CaseResult;
use crate::failure::FailureFile;
use crate::preflight::Preflight;
use crate::subjects::Subjects;
use crate::suite::Suite;

/// What became of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The schedule shows it.
    StillThere,
    /// The schedule was carried out, and does not show it.
    Fixed,
    /// The schedule does not apply any more, so that it shows nothing; and why.
    Changed(String),
}

/// What of a schedule came about in a run of it.
#[derive(Clone, Debug, Default)]
pub struct CameAbout {
    /// Whether a session started.
    started: bool,
    /// The requests that met a fault.
    struck: Vec<Struck>,
}

/// A request that met a fault: of which server, to which service.
type Struck = (Slot, ServiceName, RequestClass, RequestFault);

impl Observer for CameAbout {
    fn observe(&mut self, _at: Global, event: &Event) {
        match event {
            Event::Guest { event: GuestEvent::SessionStarted { .. }, .. } => self.started = true,
            Event::RequestFault { server, kind, fault, .. } => {
                self.struck.push((server.slot, kind.service(), RequestClass::of(*kind), *fault));
            }
            _ => {}
        }
    }
}

impl Standing {
    /// In one or two words.
    pub fn name(&self) -> &'static str {
        match self {
            Standing::StillThere => "still there",
            Standing::Fixed => "fixed",
            Standing::Changed(_) => "changed",
        }
    }

    /// With the reason, if it needs one.
    pub fn words(&self) -> String {
        match self {
            Standing::Changed(why) => format!("changed: {why}"),
            _ => self.name().to_owned(),
        }
    }

    /// Of a file whose schedule was run again.
    pub fn of(file: &FailureFile, subject: &dyn Subject, result: &CaseResult, came_about: CameAbout) -> Standing {
        let is_built_in = Subjects::default().named(subject.name()).is_some();
        let is_same_build = is_built_in && file.dupeproof == env!("CARGO_PKG_VERSION");
        if is_same_build && result.end.digest != file.digest {
            let why = "the version of dupeproof that wrote the file gives another run: the file was edited, or the run is not \
                       deterministic";
            return Standing::Changed(why.into());
        }
        if result.shows(file.finding.kind()) {
            return Standing::StillThere;
        }
        match came_about.lacks(&file.schedule).or_else(|| if is_built_in { None } else { broken(file, subject) }) {
            Some(why) => Standing::Changed(why),
            None => Standing::Fixed,
        }
    }
}

impl CameAbout {
    /// What of the schedule did not come about; `None` if all of it did.
    fn lacks(mut self, schedule: &Schedule) -> Option<String> {
        let joins = |action: &Action| matches!(action, Action::Command { command: Command::Join(_), .. });
        if !self.started && schedule.timeline.iter().any(|step| joins(&step.action)) {
            return Some("no player got a session".into());
        }
        for (step, number) in schedule.timeline.iter().zip(1..) {
            let Action::FailNext { server, service, class, fault } = step.action else { continue };
            match self.struck.iter().position(|other| *other == (server, service, class, fault)) {
                Some(place) => drop(self.struck.swap_remove(place)),
                None => return Some(format!("step {number} lets a request fail that the game does not make any more")),
            }
        }
        None
    }
}

/// Why scripts that do not work even in a calm world prove nothing.
fn broken(file: &FailureFile, subject: &dyn Subject) -> Option<String> {
    let suite = Suite::named(&file.suite).unwrap_or(&Suite::all()[0]);
    let preflight = Preflight::of(suite, subject);
    let why = || format!("`{}` does not work even in a calm world: {}", subject.name(), preflight.headline());
    preflight.is_broken().then(why)
}
