//! What there is to step through: everything that happened, those of the story in its words.

use dupeproof_sim::{Event, Global};

use crate::calls::{self, Calls};
use crate::escape;
use crate::page::Illustration;
use crate::story::{Line, Weight, event_words};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Global,
    /// What, in one line.
    pub text: String,
    /// How it is marked.
    pub weight: Weight,
    /// The calls of the user's scripts that did it, the innermost first.
    pub calls: Vec<String>,
    /// How many events of the run have happened then.
    pub happened: usize,
    /// Whether it is an event of its own, and not what others came to.
    pub is_event: bool,
    /// Which line of the story it is; `None` if that leaves it out.
    pub line: Option<usize>,
}

/// All of a run, up to the end of its picture.
pub fn entries(events: &[(Global, Event)], illustration: &Illustration) -> Vec<Entry> {
    let shown = events.partition_point(|(at, _)| *at <= illustration.picture.until);
    let mut entries =
        Entries { events: &events[..shown], illustration, calls: Calls::default(), all: Vec::new(), next: 0 };
    for (place, line) in illustration.story.iter().enumerate() {
        entries.tell(place, line);
    }
    entries.leave_out_until(shown);
    entries.all
}

struct Entries<'a> {
    events: &'a [(Global, Event)],
    illustration: &'a Illustration,
    calls: Calls,
    all: Vec<Entry>,
    /// The next event.
    next: usize,
}

impl Entries<'_> {
    fn tell(&mut self, place: usize, line: &Line) {
        match line.event {
            Some(event) => {
                self.leave_out_until(event);
                self.calls.of(&self.events[event].1);
                self.next = event + 1;
            }
            None => self.leave_out_until(self.events.partition_point(|(at, _)| *at <= line.at)),
        }
        self.all.push(Entry {
            at: line.at,
            text: escape::name(&line.text).into_owned(),
            weight: line.weight,
            calls: escaped(line.calls.as_deref()),
            happened: self.next,
            is_event: line.event.is_some(),
            line: Some(place),
        });
    }

    /// The events before this one, of which the story says nothing.
    fn leave_out_until(&mut self, place: usize) {
        while self.next < place {
            let (at, event) = &self.events[self.next];
            self.next += 1;
            let calls = self.calls.of(event);
            if matches!(event, Event::CalledFrom { .. }) {
                continue;
            }
            let text = self.illustration.names.in_text(event_words::of(event));
            self.all.push(Entry {
                at: *at,
                text: escape::name(&text).into_owned(),
                weight: Weight::Plain,
                calls: escaped(calls.as_deref()),
                happened: self.next,
                is_event: true,
                line: None,
            });
        }
    }
}

fn escaped(calls: Option<&str>) -> Vec<String> {
    calls::listed(calls).iter().map(|call| escape::name(call).into_owned()).collect()
}
