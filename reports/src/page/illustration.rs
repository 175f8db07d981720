//! One run, shown as a picture and told as a story.

use dupeproof_scenarios::Finding;
use dupeproof_sim::{Event, Global};

use crate::names::Names;
use crate::picture::Picture;
use crate::step_at_fault::{self, StepAtFault};
use crate::story::{self, Line};

/// One run, shown as a picture and told.
#[derive(Clone, Debug)]
pub struct Illustration {
    /// The picture.
    pub picture: Picture,
    /// The story.
    pub story: Vec<Line>,
    /// The step at fault, if it is another one than the moment at which the finding is found.
    pub at_fault: Option<StepAtFault>,
    /// What the records of players are called.
    pub names: Names,
}

impl Illustration {
    /// Shows and tells a run with a finding.
    pub fn of(events: &[(Global, Event)], finding: &Finding) -> Illustration {
        let picture = Picture::of(events, finding);
        let at_fault = step_at_fault::of(events, finding);
        let story = story::story(events, finding, at_fault.as_ref(), &picture);
        Illustration { picture, story, at_fault, names: Names::default() }
    }

    /// The same, with the keys of a game's own.
    #[must_use]
    pub fn named(mut self, names: Names) -> Illustration {
        for line in &mut self.story {
            line.text = names.in_text(std::mem::take(&mut line.text));
        }
        Illustration { names, ..self }
    }
}
