//! Whether a finding that was kept in a file is still there.

use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{CaseResult, FailureFile, Preflight, Suite};
use dupeproof_sim::id::{ServiceName, Slot};
use dupeproof_sim::schedule::{Action, RequestClass, RequestFault};
use dupeproof_sim::{Command, Event, Global, GuestEvent, Schedule, Subject};

use crate::calm_run::CalmRun;
use crate::exit::ExitCode;

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

    /// The exit code of a replay.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Standing::StillThere => ExitCode::Unsafe,
            Standing::Fixed => ExitCode::Safe,
            Standing::Changed(_) => ExitCode::Unknown,
        }
    }

    /// Of a file whose schedule was run again.
    pub fn of(file: &FailureFile, subject: &dyn Subject, result: &CaseResult, events: &[(Global, Event)]) -> Standing {
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
        match idle(&file.schedule, events).or_else(|| if is_built_in { None } else { broken(file, subject) }) {
            Some(why) => Standing::Changed(why),
            None => Standing::Fixed,
        }
    }
}

/// What of the schedule did not come about; `None` if all of it did.
fn idle(schedule: &Schedule, events: &[(Global, Event)]) -> Option<String> {
    let joins = |action: &Action| matches!(action, Action::Command { command: Command::Join(_), .. });
    let is_start = |event: &Event| matches!(event, Event::Guest { event: GuestEvent::SessionStarted { .. }, .. });
    let started = events.iter().any(|(_, event)| is_start(event));
    if !started && schedule.timeline.iter().any(|step| joins(&step.action)) {
        return Some("no player got a session".into());
    }
    let mut struck: Vec<Struck> = events.iter().filter_map(|(_, event)| fault(event)).collect();
    for (step, number) in schedule.timeline.iter().zip(1..) {
        let Action::FailNext { server, service, class, fault } = step.action else { continue };
        match struck.iter().position(|other| *other == (server, service, class, fault)) {
            Some(place) => drop(struck.swap_remove(place)),
            None => return Some(format!("step {number} lets a request fail that the game does not make any more")),
        }
    }
    None
}

/// A request that met a fault: of which server, to which service.
type Struck = (Slot, ServiceName, RequestClass, RequestFault);

fn fault(event: &Event) -> Option<Struck> {
    let Event::RequestFault { server, kind, fault, .. } = event else { return None };
    Some((server.slot, kind.service(), RequestClass::of(*kind), *fault))
}

/// Why scripts that do not work even in a calm world prove nothing.
fn broken(file: &FailureFile, subject: &dyn Subject) -> Option<String> {
    let suite = Suite::named(&file.suite).unwrap_or(&Suite::all()[0]);
    let preflight = Preflight::of(suite, subject);
    let headline = || CalmRun::of(&preflight, None).headline();
    preflight.is_broken().then(|| format!("`{}` does not work even in a calm world: {}", subject.name(), headline()))
}
