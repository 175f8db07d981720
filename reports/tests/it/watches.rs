//! What `dupeproof watch` shows, and where its keys lead.

use dupeproof::page::Illustration;
use dupeproof::story::Weight;
use dupeproof::watch::screen::Screen;
use dupeproof::watch::view::{Next, View};
use dupeproof_scenarios::Finding;
use dupeproof_sim::{Event, Global};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Color;

use crate::stage::{frozen_holder, half_saved_swap};
use crate::terminal;

/// A run with a finding, ready to be watched.
struct Run {
    events: Vec<(Global, Event)>,
    illustration: Illustration,
}

impl Run {
    fn of((events, finding): (Vec<(Global, Event)>, Finding)) -> Run {
        let illustration = Illustration::of(&events, &finding);
        Run { events, illustration }
    }

    fn view(&self) -> View<'_> {
        let kind = self.illustration.picture.finding.0;
        let headline =
            format!("{} (breaks a promise): what that means for the players, who are two here.", kind.name());
        let answers = ["where          here", "what to change  that"].map(str::to_owned).to_vec();
        View::of(&self.events, &self.illustration, headline, answers)
    }
}

fn press(view: &mut View<'_>, code: KeyCode) -> Next {
    view.press(KeyEvent::new(code, KeyModifiers::NONE))
}

fn letters(view: &mut View<'_>, keys: &str) {
    for key in keys.chars() {
        let code = if key == '\n' { KeyCode::Enter } else { KeyCode::Char(key) };
        assert_eq!(press(view, code), Next::Show, "{key}");
    }
}

fn drawn(view: &View<'_>, columns: u16, rows: u16, colours: bool) -> TestBackend {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("it is in memory");
    terminal.draw(|frame| Screen { colours }.draw(frame, view)).expect("it is in memory");
    terminal.backend().clone()
}

#[test]
fn the_screen_of_80_by_24_shows_lanes_story_event_and_record() {
    let run = Run::of(frozen_holder());
    let mut view = run.view();
    letters(&mut view, "s");
    insta::assert_snapshot!(drawn(&view, 80, 24, true));
}

#[test]
fn the_screen_of_60_by_20_shows_the_same() {
    let run = Run::of(half_saved_swap());
    let mut view = run.view();
    letters(&mut view, "s");
    insta::assert_snapshot!(drawn(&view, 60, 20, true));
}

#[test]
fn left_and_right_go_through_every_event_and_up_and_down_through_the_story() {
    let run = Run::of(frozen_holder());
    let mut view = run.view();
    let mut events = vec![view.entry().text.clone()];
    for _ in 1..view.entries.len() {
        letters(&mut view, "l");
        events.push(view.entry().text.clone());
    }
    assert_eq!(events, view.entries.iter().map(|entry| entry.text.clone()).collect::<Vec<_>>());
    let shown = run.events.iter().filter(|(at, _)| *at <= run.illustration.picture.until).count();
    assert_eq!(view.number(), (shown, shown));
    letters(&mut view, "l");
    assert_eq!(view.current, view.entries.len() - 1, "there is no more");
    let mut told = Vec::new();
    while view.note.is_empty() {
        told.extend(view.entry().line);
        press(&mut view, KeyCode::Up);
    }
    told.reverse();
    let lines: Vec<usize> = (0..run.illustration.story.len()).collect();
    assert_eq!(told, lines);
    assert!(view.note.contains("nothing before"), "{}", view.note);
}

#[test]
fn keys_jump_to_the_step_at_fault_the_next_fault_and_the_ends() {
    let run = Run::of(frozen_holder());
    let mut view = run.view();
    letters(&mut view, "f");
    assert_eq!(view.entry().weight, Weight::Fault);
    let first = view.current;
    while view.note.is_empty() {
        letters(&mut view, "f");
    }
    assert_eq!(view.current, first, "after the last comes the first: {}", view.note);
    letters(&mut view, "G");
    assert_eq!(view.current, view.entries.len() - 1);
    press(&mut view, KeyCode::Home);
    assert_eq!(view.current, 0);
    letters(&mut view, "s");
    assert!(matches!(view.entry().weight, Weight::AtFault | Weight::Finding));
}

#[test]
fn a_search_goes_on_to_what_has_the_words_and_an_empty_one_to_the_next() {
    let run = Run::of(frozen_holder());
    let mut view = run.view();
    letters(&mut view, "/FREEZES\n");
    assert!(view.entry().text.contains("freezes"), "{}", view.entry().text);
    letters(&mut view, "/job\n");
    let first = view.current;
    letters(&mut view, "/\n");
    assert!(view.current > first && view.entry().text.contains("job"));
    letters(&mut view, "/no such words\n");
    assert_eq!(view.note, "there is no `no such words` in this run");
    letters(&mut view, "/q");
    assert_eq!(press(&mut view, KeyCode::Esc), Next::Show, "it only ends the typing");
    assert_eq!(press(&mut view, KeyCode::Char('q')), Next::End);
    assert_eq!(view.press(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)), Next::End);
}

#[test]
fn what_to_change_is_one_key_away() {
    let run = Run::of(frozen_holder());
    let mut view = run.view();
    letters(&mut view, "i");
    let shown = drawn(&view, 60, 20, true).to_string();
    assert!(shown.contains("what to change  that"), "{shown}");
    letters(&mut view, "x");
    assert!(!drawn(&view, 60, 20, true).to_string().contains("what to change  that"));
}

#[test]
fn without_colours_there_are_none_and_no_size_is_too_small() {
    let run = Run::of(half_saved_swap());
    let mut view = run.view();
    letters(&mut view, "f");
    let has_colours = |colours| {
        let screen = drawn(&view, 80, 24, colours);
        screen.buffer().content.iter().any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset)
    };
    assert_eq!([true, false].map(has_colours), [true, false]);
    for (columns, rows) in [(1, 1), (39, 14), (40, 13), (40, 14), (60, 20), (300, 100)] {
        drawn(&view, columns, rows, true);
    }
}

#[test]
fn without_a_terminal_one_line_names_explain() {
    let answer = terminal::Terminal::new().dupeproof("watch some.json");
    answer.refuses(&["`watch` needs a terminal", "`dupeproof explain some.json`"]);
    assert_eq!(answer.stderr.lines().count(), 1);
}
