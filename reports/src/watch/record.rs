//! A player's record at one moment: what a write made of it, or what is stored.

use dupeproof_core::Stored;
use dupeproof_sim::id::{PlayerId, ServerId, SessionRef};
use dupeproof_sim::{Event, Global};

use crate::escape;
use crate::page::Illustration;
use crate::picture::Cast;
use crate::picture::cast::marker;
use crate::record_diff::{self, FieldChange};
use crate::wording::{job, player as name};

/// What is shown of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordLines {
    /// Whose, and what it is.
    pub title: String,
    /// A field each.
    pub lines: Vec<String>,
}

/// After these events of a run: what the last of them wrote, or what is stored of the player whom it is about, or whom the last
/// one was about that was about anybody.
pub fn record(events: &[(Global, Event)], illustration: &Illustration) -> RecordLines {
    let cast = &illustration.picture.cast;
    let Some(player) = events.iter().rev().find_map(|(_, event)| player_of(event, cast)) else {
        return RecordLines { title: "no record yet".into(), lines: Vec::new() };
    };
    let shown = match events.last() {
        Some((at, Event::Committed { server, key, before, after, .. })) if cast.player_of(key) == Some(player) => {
            let lock = lock_lines(*server, holder_until(illustration, player, *at), before.as_ref(), after.as_ref());
            written(player, *server, before.as_ref(), after.as_ref(), lock)
        }
        _ => stored(player, events, cast),
    };
    let named = |text: String| escape::name(&illustration.names.in_text(text)).into_owned();
    RecordLines { title: named(shown.title), lines: shown.lines.into_iter().map(named).collect() }
}

/// Whom of the cast an event is about.
fn player_of(event: &Event, cast: &Cast) -> Option<PlayerId> {
    use dupeproof_sim::schedule::Action;
    match event {
        Event::Committed { key, .. } | Event::Conflicted { key, .. } => cast.player_of(key),
        Event::Requested { target: Some(target), .. } => cast.player_of(target),
        Event::Acted { action: Action::Command { command, .. }, .. } => {
            let (player, partner) = command.players();
            [Some(player), partner].into_iter().flatten().find(|player| cast.players.contains(player))
        }
        Event::Guest { server, event, .. } => {
            event.session().and_then(|no| cast.player_in(SessionRef { server: *server, no }))
        }
        _ => None,
    }
}

/// Who held the lock of a player's record until this moment.
fn holder_until(illustration: &Illustration, player: PlayerId, at: Global) -> Option<ServerId> {
    let mut holds = illustration.picture.keys.iter().filter(|lane| lane.player == player).flat_map(|lane| &lane.holds);
    holds.find(|hold| hold.until == at).map(|hold| hold.server)
}

fn written(
    player: PlayerId,
    server: ServerId,
    before: Option<&Stored>,
    after: Option<&Stored>,
    lock: Vec<String>,
) -> RecordLines {
    let changes = record_diff::changes(before, after);
    let same = after
        .into_iter()
        .flat_map(record_diff::fields)
        .filter(|(field, _)| !changes.iter().any(|change| change.field.split('.').next() == Some(field)));
    let same = same.map(|(field, value)| format!("  {field}: {value}"));
    let mut lines: Vec<String> = changes.iter().map(changed).collect();
    lines.extend(lock);
    if lines.is_empty() {
        lines.push("  nothing of the game's data changes".into());
    }
    if before.is_some() {
        lines.extend(same);
    }
    let title = match (before, after) {
        (None, _) => format!("record of {}: before (nothing) and after this write of {}", name(player), job(server)),
        (_, None) => format!("record of {}: removed by {}", name(player), job(server)),
        _ => format!("record of {}: before and after this write of {}", name(player), job(server)),
    };
    RecordLines { title, lines }
}

fn changed(change: &FieldChange) -> String {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("~ {}: {before} -> {after}", change.field),
        (Some(before), None) => format!("- {}: {before}", change.field),
        (None, after) => format!("+ {}: {}", change.field, after.as_deref().unwrap_or_default()),
    }
}

/// What a write does to the lock, and to who asks for it.
fn lock_lines(
    server: ServerId,
    holder: Option<ServerId>,
    before: Option<&Stored>,
    after: Option<&Stored>,
) -> Vec<String> {
    let (old, new) = (before.and_then(Stored::active_session), after.and_then(Stored::active_session));
    let (asked, asks) = (before.and_then(marker), after.and_then(marker));
    let mut lines = Vec::new();
    if old != new {
        let holder = holder.map_or_else(|| "another session".into(), job);
        lines.push(match (old, new) {
            (_, None) => format!("- lock: {holder}"),
            (None, Some(_)) => format!("+ lock: {}", job(server)),
            (Some(_), Some(_)) => format!("~ lock: {holder} -> {}", job(server)),
        });
    }
    if asked != asks {
        lines.push(match asks {
            None => "- nobody asks for the lock any more".to_owned(),
            Some(_) => format!("+ {} asks for the lock", job(server)),
        });
    }
    lines
}

fn stored(player: PlayerId, events: &[(Global, Event)], cast: &Cast) -> RecordLines {
    let last = events.iter().rev().find_map(|(at, event)| match event {
        Event::Committed { key, server, after, .. } if cast.player_of(key) == Some(player) => Some((at, server, after)),
        _ => None,
    });
    let Some((at, server, after)) = last else {
        return RecordLines { title: format!("record of {}: not written yet", name(player)), lines: Vec::new() };
    };
    let title = format!("record of {}: as {} wrote it at {}", name(player), job(*server), crate::format::moment(*at));
    let fields = after.iter().flat_map(record_diff::fields);
    let mut lines: Vec<String> = fields.map(|(field, value)| format!("  {field}: {value}")).collect();
    match after {
        None => lines.push("  it is removed".into()),
        Some(after) if after.active_session().is_some() => lines.push("  lock: held".into()),
        Some(_) => {}
    }
    RecordLines { title, lines }
}
