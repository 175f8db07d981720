//! Where one stands in a run, and where the keys lead.

use dupeproof_sim::{Event, Global};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::entry::{self, Entry};
use super::record::{self, RecordLines};
use crate::page::Illustration;
use crate::story::{self, Weight};

/// Whether it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// With what is shown now.
    Show,
    /// No more.
    End,
}

/// What the keys do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// They lead through the run.
    #[default]
    Stepping,
    /// They are typed: these words.
    Searching(String),
    /// They lead through what it means and what to change, which is shown from this line on.
    Answers(u16),
}

/// A run, and where one stands in it.
pub struct View<'a> {
    /// What it means for the players.
    pub headline: String,
    /// Where, how real, what to change, and how to run it again.
    pub answers: Vec<String>,
    /// The picture and the story.
    pub illustration: &'a Illustration,
    /// Everything that happened.
    pub entries: Vec<Entry>,
    /// The place of the current one.
    pub current: usize,
    /// What the keys do.
    pub mode: Mode,
    /// What the last key could not do; empty if it did what it should.
    pub note: String,
    /// What was looked for last.
    sought: String,
    events: &'a [(Global, Event)],
}

impl<'a> View<'a> {
    /// Of a run, at its start.
    pub fn of(
        events: &'a [(Global, Event)],
        illustration: &'a Illustration,
        headline: String,
        answers: Vec<String>,
    ) -> View<'a> {
        let entries = entry::entries(events, illustration);
        let (mode, note, sought) = Default::default();
        View { headline, answers, illustration, entries, current: 0, mode, note, sought, events }
    }

    /// What happens now.
    pub fn entry(&self) -> &Entry {
        &self.entries[self.current]
    }

    /// The record that it is about.
    pub fn record(&self) -> RecordLines {
        record::record(&self.events[..self.entry().happened], self.illustration)
    }

    /// The line of the story that was told last; `None` before the first.
    pub fn line(&self) -> Option<usize> {
        self.entries[..=self.current].iter().rev().find_map(|entry| entry.line)
    }

    /// The number of the event that happened last, from one, and how many there are.
    pub fn number(&self) -> (usize, usize) {
        let count = |entries: &[Entry]| entries.iter().filter(|entry| entry.is_event).count();
        (count(&self.entries[..=self.current]), count(&self.entries))
    }

    /// Does what a key says.
    pub fn press(&mut self, key: KeyEvent) -> Next {
        self.note.clear();
        if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
            return Next::End;
        }
        match std::mem::take(&mut self.mode) {
            Mode::Stepping => return self.step(key.code),
            Mode::Searching(words) => self.type_words(words, key.code),
            Mode::Answers(from) => self.mode = read(from, self.answers.len(), key.code),
        }
        Next::Show
    }

    fn step(&mut self, key: KeyCode) -> Next {
        match key {
            KeyCode::Char('q') | KeyCode::Esc => return Next::End,
            KeyCode::Left | KeyCode::Char('h') => self.current = self.current.saturating_sub(1),
            KeyCode::Right | KeyCode::Char('l') => self.current = (self.current + 1).min(self.entries.len() - 1),
            KeyCode::Up | KeyCode::Char('p' | 'k') => self.go_back("before", View::is_told),
            KeyCode::Down | KeyCode::Char('n' | 'j') => self.go_on("after", View::is_told),
            KeyCode::Char('f') => self.go_on_or_around("fault", |_, entry| entry.weight == Weight::Fault),
            KeyCode::Char('s') => self.go_to_step_at_fault(),
            KeyCode::Home | KeyCode::Char('g') => self.current = 0,
            KeyCode::End | KeyCode::Char('G') => self.current = self.entries.len() - 1,
            KeyCode::Char('/') => self.mode = Mode::Searching(String::new()),
            KeyCode::Char('i' | '?') => self.mode = Mode::Answers(0),
            _ => {}
        }
        Next::Show
    }

    /// A line of the story that matters.
    fn is_told(&self, entry: &Entry) -> bool {
        entry.line.is_some_and(|line| !story::folded(&self.illustration.story).contains(&line))
    }

    fn after(&self, from: usize, is_it: impl Fn(&Self, &Entry) -> bool) -> Option<usize> {
        self.entries[from..].iter().position(|entry| is_it(self, entry)).map(|place| from + place)
    }

    fn go_on(&mut self, word: &str, is_it: impl Fn(&Self, &Entry) -> bool) {
        match self.after(self.current + 1, is_it) {
            Some(place) => self.current = place,
            None => self.note = format!("the story tells nothing {word} this"),
        }
    }

    fn go_back(&mut self, word: &str, is_it: impl Fn(&Self, &Entry) -> bool) {
        match self.entries[..self.current].iter().rposition(|entry| is_it(self, entry)) {
            Some(place) => self.current = place,
            None => self.note = format!("the story tells nothing {word} this"),
        }
    }

    /// The next one, or else the first.
    fn go_on_or_around(&mut self, what: &str, is_it: impl Fn(&Self, &Entry) -> bool + Copy) {
        let next = self.after(self.current + 1, is_it);
        match next.or_else(|| self.after(0, is_it)) {
            Some(place) => {
                if next.is_none() {
                    self.note = format!("no {what} after that: this is the first");
                }
                self.current = place;
            }
            None => self.note = format!("there is no {what} in this run"),
        }
    }

    fn go_to_step_at_fault(&mut self) {
        let place = |weight| self.entries.iter().position(|entry| entry.weight == weight);
        if let Some(step) = place(Weight::AtFault) {
            self.current = step;
        } else if let Some(finding) = place(Weight::Finding) {
            self.current = finding;
            self.note = "the finding itself is the step at fault".into();
        }
    }

    fn type_words(&mut self, mut words: String, key: KeyCode) {
        match key {
            KeyCode::Esc => return,
            KeyCode::Enter => return self.search(&words),
            KeyCode::Backspace => drop(words.pop()),
            KeyCode::Char(letter) => words.push(letter),
            _ => {}
        }
        self.mode = Mode::Searching(words);
    }

    /// Goes on to what has these words, or, without any, those of the last time.
    fn search(&mut self, words: &str) {
        if !words.is_empty() {
            self.sought = words.to_lowercase();
        }
        let sought = std::mem::take(&mut self.sought);
        if sought.is_empty() {
            return;
        }
        let has = |text: &String| text.to_lowercase().contains(&sought);
        self.go_on_or_around(&format!("`{sought}`"), |_, entry| has(&entry.text) || entry.calls.iter().any(has));
        self.sought = sought;
    }
}

/// Reads on in the answers, or no more.
fn read(from: u16, lines: usize, key: KeyCode) -> Mode {
    let last = u16::try_from(lines.saturating_sub(1)).unwrap_or(u16::MAX);
    match key {
        KeyCode::Down | KeyCode::Char('n' | 'j') => Mode::Answers((from + 1).min(last)),
        KeyCode::Up | KeyCode::Char('p' | 'k') => Mode::Answers(from.saturating_sub(1)),
        _ => Mode::Stepping,
    }
}
