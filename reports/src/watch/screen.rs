//! What stands on the screen: the headline, the lanes, the story, the event, the record, and the keys.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Paragraph, Wrap};

use super::lanes::{self, Lane, Tracks};
use super::view::{Mode, View};
use crate::escape;
use crate::format;
use crate::story::Weight;

/// Below this, nothing can be read.
const LEAST: (u16, u16) = (40, 14);

/// The keys, as long as they fit.
const KEYS: [&str; 3] = [
    "h/l event  n/p story  s step at fault  f next fault  / search  i what to change  home end  q quit",
    "h/l event  n/p story  s at fault  f fault  / search  i what to change  q quit",
    "h/l event n/p story s at fault f fault / search i more q quit",
];

/// How it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Whether colours may be used; all can be read without.
    pub colours: bool,
}

impl Screen {
    /// Draws where one stands.
    pub fn draw(self, frame: &mut Frame<'_>, view: &View<'_>) {
        let area = frame.area();
        if area.width < LEAST.0 || area.height < LEAST.1 {
            let words = format!("make the terminal larger: it has less than {} columns and {} rows", LEAST.0, LEAST.1);
            return frame.render_widget(Paragraph::new(words).wrap(Wrap { trim: true }), area);
        }
        let [head, rest, keys] = Layout::vertical([
            Constraint::Length(self.head_rows(view, area.width)),
            Constraint::Fill(1),
            Constraint::Length(1),
        ])
        .areas(area);
        self.head(frame, view, head);
        self.body(frame, view, rest);
        self.keys(frame, view, keys);
    }

    fn body(self, frame: &mut Frame<'_>, view: &View<'_>, area: Rect) {
        let lanes = self.lanes(view, usize::from(area.width));
        // A third is for the lanes, and they need four rows: the times, two servers, a lock.
        let most = (area.height / 3).max(5);
        let rows = u16::try_from(lanes.len()).unwrap_or(u16::MAX).saturating_add(1).min(most);
        let [lane_area, story, event, record] =
            Layout::vertical([Constraint::Length(rows), Constraint::Fill(3), Constraint::Fill(2), Constraint::Fill(2)])
                .areas(area);
        self.pane(
            frame,
            lane_area,
            "servers and locks",
            Paragraph::new(around(lanes, lane_of(view), usize::from(rows) - 1)),
        );
        if let Mode::Answers(from) = view.mode {
            let all = story.union(event).union(record);
            return self.answers(frame, view, from, all);
        }
        self.story(frame, view, story);
        self.event(frame, view, event);
        let shown = view.record();
        self.pane(frame, record, &shown.title, wrapped(Text::from_iter(shown.lines)));
    }

    fn head_rows(self, view: &View<'_>, width: u16) -> u16 {
        if Line::raw(&view.headline).width() > usize::from(width) { 3 } else { 2 }
    }

    fn head(self, frame: &mut Frame<'_>, view: &View<'_>, area: Rect) {
        let [headline, place] = Layout::vertical([Constraint::Fill(1), Constraint::Length(1)]).areas(area);
        let bold = Style::new().add_modifier(Modifier::BOLD);
        frame.render_widget(Paragraph::new(&*view.headline).style(bold).wrap(Wrap { trim: true }), headline);
        let ((number, events), lines) = (view.number(), view.illustration.story.len());
        let line = view.line().map_or(0, |line| line + 1);
        let at = format::moment(view.entry().at);
        let words = format!("{at}   event {number} of {events}   line {line} of {lines} of the story");
        frame.render_widget(Line::raw(words), place);
    }

    fn lanes(self, view: &View<'_>, width: usize) -> Vec<Line<'static>> {
        // Of what a name leaves, the track gets two fifths: at 60 columns, a state and its player fit beside it.
        let shown = |tracks: &Tracks| {
            let mut all = vec![lanes::times(view.illustration, tracks, view.entry().at)];
            all.extend(lanes::lanes(view.illustration, tracks, view.entry().at));
            all
        };
        let picture = &view.illustration.picture;
        let names =
            shown(&Tracks::new(picture, 1)).iter().map(|lane| Line::raw(&*lane.name).width()).max().unwrap_or(0);
        let names = names.min(width / 3);
        let tracks = Tracks::new(picture, width.saturating_sub(names) * 2 / 5);
        let column = tracks.column(view.entry().at);
        shown(&tracks).into_iter().map(|lane| self.lane(lane, names, column)).collect()
    }

    fn lane(self, lane: Lane, names: usize, column: usize) -> Line<'static> {
        let Lane { name, track, now } = lane;
        let part = |letters: &[char]| Span::raw(letters.iter().collect::<String>());
        let here = Span::styled(track[column].to_string(), Style::new().add_modifier(Modifier::REVERSED));
        Line::from(vec![
            Span::raw(format!("{name:names$} ")),
            part(&track[..column]),
            here,
            part(&track[column + 1..]),
            Span::raw(format!(" {now}")),
        ])
    }

    fn story(self, frame: &mut Frame<'_>, view: &View<'_>, area: Rect) {
        let lines = &view.illustration.story;
        let current = view.line();
        let shown = lines.iter().enumerate().map(|(place, line)| {
            let pointer = match current {
                Some(current) if current == place => {
                    if view.entry().line.is_some() {
                        '»'
                    } else {
                        '›'
                    }
                }
                _ => ' ',
            };
            let text = format!("{pointer}{} {:>10}  {}", line.weight.mark(), format::moment(line.at), line.text);
            let text = cut(&escape::name(&text), usize::from(area.width));
            Line::styled(text, self.weight(line.weight, current == Some(place)))
        });
        let rows = usize::from(area.height.saturating_sub(1));
        let shown = around(shown.collect(), current.unwrap_or(0), rows);
        self.pane(frame, area, "story (! a fault, * the step at fault, > the finding)", Paragraph::new(shown));
    }

    fn event(self, frame: &mut Frame<'_>, view: &View<'_>, area: Rect) {
        let entry = view.entry();
        let mut lines = vec![Line::styled(entry.text.clone(), self.weight(entry.weight, false))];
        let words = ["in"].into_iter().chain(std::iter::repeat("called from"));
        lines.extend(entry.calls.iter().zip(words).map(|(call, word)| Line::raw(format!("  {word} {call}"))));
        let title = format!("at {}", format::moment(entry.at));
        self.pane(frame, area, &title, wrapped(Text::from(lines)));
    }

    fn answers(self, frame: &mut Frame<'_>, view: &View<'_>, from: u16, area: Rect) {
        let text = Text::from_iter(view.answers.iter().map(|line| escape::name(line)));
        self.pane(frame, area, "what it means, and what to change", wrapped(text).scroll((from, 0)));
    }

    fn keys(self, frame: &mut Frame<'_>, view: &View<'_>, area: Rect) {
        let fits = |keys: &&str| Line::raw(*keys).width() <= usize::from(area.width);
        let words = match &view.mode {
            Mode::Searching(words) => format!("/{words}_"),
            Mode::Answers(_) => "up/down to read on, any other key goes back".into(),
            Mode::Stepping if !view.note.is_empty() => view.note.clone(),
            Mode::Stepping => KEYS.into_iter().find(fits).unwrap_or(KEYS[2]).into(),
        };
        frame.render_widget(Line::styled(words, Style::new().add_modifier(Modifier::REVERSED)), area);
    }

    /// A title, and what is below it; there may be more than fits.
    fn pane(self, frame: &mut Frame<'_>, area: Rect, title: &str, below: Paragraph<'_>) {
        let [top, inner] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
        let begin = format!("── {title} ");
        let rest = usize::from(area.width).saturating_sub(Line::raw(&*begin).width());
        frame.render_widget(Line::styled(begin + &"─".repeat(rest), self.coloured(Color::Cyan)), top);
        frame.render_widget(below, inner);
    }

    fn weight(self, weight: Weight, is_current: bool) -> Style {
        let style = match weight {
            Weight::Plain => Style::new(),
            Weight::Fault => self.coloured(Color::Yellow),
            Weight::AtFault | Weight::Finding => self.coloured(Color::Red),
        };
        if is_current { style.add_modifier(Modifier::BOLD) } else { style }
    }

    fn coloured(self, colour: Color) -> Style {
        if self.colours { Style::new().fg(colour) } else { Style::new() }
    }
}

/// A text of one row; what it lacks is told by `…`.
fn cut(text: &str, columns: usize) -> String {
    if Line::raw(text).width() <= columns {
        return text.to_owned();
    }
    text.chars().take(columns.saturating_sub(1)).chain(['…']).collect()
}

fn wrapped(text: Text<'_>) -> Paragraph<'_> {
    Paragraph::new(text).wrap(Wrap { trim: false })
}

/// As many lines as there are rows, this one among them.
fn around(mut lines: Vec<Line<'static>>, place: usize, rows: usize) -> Vec<Line<'static>> {
    let from = place.saturating_sub(rows / 2).min(lines.len().saturating_sub(rows));
    lines.drain(..from);
    lines.truncate(rows);
    lines
}

/// The lane of the server that does what happens now: below the times.
fn lane_of(view: &View<'_>) -> usize {
    let text = &view.entry().text;
    let mut slots = view.illustration.picture.slots.keys();
    slots.position(|slot| text.contains(&format!("job-{slot}-"))).map_or(0, |place| place + 1)
}
