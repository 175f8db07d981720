//! Session bars: which server had a session, from when to when, and when it was live.

use std::collections::BTreeMap;

use dupeproof_sim::guest::EndReason;
use dupeproof_sim::id::{ItemId, MessageId, PlayerId, ServerId, SessionRef, Stamp, TradeId};
use dupeproof_sim::{Event, Global, GuestEvent};

use super::cast::Cast;

/// One session of one player, from its start to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionBar {
    /// Which.
    pub id: SessionRef,
    /// Whose.
    pub player: PlayerId,
    /// When the game got it.
    pub from: Global,
    /// When it was over, or the picture is.
    pub until: Global,
    /// How it ended; `None` if it had not.
    pub end: Option<BarEnd>,
    /// When it was live; in between it was suspended, or its lease had run out.
    pub live: Vec<(Global, Global)>,
    /// Changes to its data.
    pub edits: Vec<(Global, Stamp)>,
    /// Items that left its data or came into it.
    pub moves: Vec<Moved>,
    /// Messages it handled.
    pub messages: Vec<(Global, MessageId)>,
}

/// How a session bar ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarEnd {
    /// The game was told.
    Told(EndReason),
    /// Its server stopped.
    ServerGone,
}

/// An item leaves a session's data or comes into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// When.
    pub at: Global,
    /// What.
    pub item: ItemId,
    /// Which way.
    pub way: Way,
}

/// Which way an item goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To another session, in memory.
    Given,
    /// From another session, in memory.
    Got,
    /// Aside, for a trade or a gift.
    Aside(TradeId),
    /// Out of a trade or a gift.
    Taken(TradeId),
}

/// Two sessions of one player, live at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// Whose.
    pub player: PlayerId,
    /// The session that began first.
    pub earlier: SessionRef,
    /// The other.
    pub later: SessionRef,
    /// From when.
    pub from: Global,
    /// Until when.
    pub until: Global,
}

impl SessionBar {
    /// Where it is.
    pub fn server(&self) -> ServerId {
        self.id.server
    }

    /// The spans in which it was there but not live.
    pub fn dormant(&self) -> Vec<(Global, Global)> {
        let mut from = self.from;
        let mut dormant = Vec::new();
        for (begins, ends) in &self.live {
            dormant.push((from, *begins));
            from = *ends;
        }
        dormant.push((from, self.until));
        dormant.retain(|(from, until)| from < until);
        dormant
    }
}

/// The bars of the cast's sessions, in order of start.
pub fn bars(events: &[(Global, Event)], cast: &Cast, until: Global) -> Vec<SessionBar> {
    let mut drafts = Drafts::default();
    for (at, event) in events {
        match event {
            Event::Guest { server, live_until, event } => drafts.guest(*at, *server, *live_until, event, cast),
            Event::ServerCrashed { server } | Event::ServerClosed { server } | Event::ServerKilled { server } => {
                drafts.stop(*at, *server);
            }
            _ => {}
        }
    }
    drafts.finish(until)
}

/// An item on its way from one session to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// What.
    pub item: ItemId,
    /// From which session, and when it left.
    pub from: (SessionRef, Global),
    /// To which session, and when it was there.
    pub to: (SessionRef, Global),
}

/// The items that went from one of these sessions to another, in memory or over a trade or a gift.
pub fn transfers<'a>(bars: impl Iterator<Item = &'a SessionBar> + Clone) -> Vec<Transfer> {
    let moves = bars.flat_map(|bar| bar.moves.iter().map(move |moved| (bar.id, moved)));
    let arrives = |from: SessionRef, left: &Moved| {
        let leads_to = |to: SessionRef, got: &Moved| match (left.way, got.way) {
            (Way::Given, Way::Got) => got.at == left.at && to.server == from.server,
            (Way::Aside(trade), Way::Taken(same)) => trade == same && got.at >= left.at,
            _ => false,
        };
        let mut others = moves.clone().filter(|(to, got)| *to != from && got.item == left.item);
        others.find(|(to, got)| leads_to(*to, got)).map(|(to, got)| (to, got.at))
    };
    let transfer = |(from, left): (SessionRef, &Moved)| {
        Some(Transfer { item: left.item, from: (from, left.at), to: arrives(from, left)? })
    };
    moves.clone().filter_map(transfer).collect()
}

/// Where sessions of one player were live at once, in order of time.
pub fn overlaps(bars: &[SessionBar]) -> Vec<Overlap> {
    let mut overlaps = Vec::new();
    for (place, earlier) in bars.iter().enumerate() {
        for later in bars[place + 1..].iter().filter(|later| later.player == earlier.player) {
            for (one_from, one_until) in &earlier.live {
                for (other_from, other_until) in &later.live {
                    let (from, until) = (*one_from.max(other_from), *one_until.min(other_until));
                    if from < until {
                        let (earlier, player) = (earlier.id, earlier.player);
                        overlaps.push(Overlap { player, earlier, later: later.id, from, until });
                    }
                }
            }
        }
    }
    overlaps.sort_by_key(|overlap| overlap.from);
    overlaps
}

/// A bar that is not finished.
struct Draft {
    bar: SessionBar,
    /// Since when it is live, and until when at most; `None` while suspended.
    live: Option<(Global, Option<Global>)>,
}

impl Draft {
    /// Live from `at`, until the given moment unless told otherwise.
    fn extend(&mut self, at: Global, until: Option<Global>) {
        if let Some((from, old)) = self.live
            && old.is_none_or(|old| old >= at)
        {
            self.live = Some((from, until));
            return;
        }
        self.pause(at);
        self.live = Some((at, until));
    }

    /// Not live from `at`, if it still was.
    fn pause(&mut self, at: Global) {
        if let Some((from, until)) = self.live.take() {
            let ended = until.map_or(at, |until| until.min(at));
            if from < ended {
                self.bar.live.push((from, ended));
            }
        }
    }

    fn end(&mut self, at: Global, end: Option<BarEnd>) {
        self.pause(at);
        self.bar.until = at;
        self.bar.end = end;
    }
}

#[derive(Default)]
struct Drafts {
    open: BTreeMap<SessionRef, Draft>,
    done: Vec<SessionBar>,
}

impl Drafts {
    fn guest(&mut self, at: Global, server: ServerId, until: Option<Global>, event: &GuestEvent, cast: &Cast) {
        let id = |no| SessionRef { server, no };
        match event {
            GuestEvent::SessionStarted { session, .. } => {
                if let Some(player) = cast.player_in(id(*session)) {
                    self.start(at, id(*session), player, until);
                }
            }
            GuestEvent::Renewed { session, .. } | GuestEvent::Resumed { session, .. } => {
                self.with(id(*session), |draft| draft.extend(at, until));
            }
            GuestEvent::Suspended { session } => self.with(id(*session), |draft| draft.pause(at)),
            GuestEvent::SessionEnded { session, reason } => {
                if let Some(mut draft) = self.open.remove(&id(*session)) {
                    draft.end(at, Some(BarEnd::Told(*reason)));
                    self.done.push(draft.bar);
                }
            }
            GuestEvent::Edited { session, stamp, .. } => {
                self.with(id(*session), |draft| draft.bar.edits.push((at, *stamp)));
            }
            GuestEvent::ItemMoved { item, from, to } => {
                for (session, way) in [(from, Way::Given), (to, Way::Got)] {
                    self.with(id(*session), |draft| draft.bar.moves.push(Moved { at, item: *item, way }));
                }
            }
            GuestEvent::ItemPutAside { item, session, trade } => {
                let moved = Moved { at, item: *item, way: Way::Aside(*trade) };
                self.with(id(*session), |draft| draft.bar.moves.push(moved));
            }
            GuestEvent::ItemTaken { item, session, trade } => {
                let moved = Moved { at, item: *item, way: Way::Taken(*trade) };
                self.with(id(*session), |draft| draft.bar.moves.push(moved));
            }
            GuestEvent::MessageHandled { session, message } => {
                self.with(id(*session), |draft| draft.bar.messages.push((at, *message)));
            }
            GuestEvent::StartFailed { .. }
            | GuestEvent::Overfilled { .. }
            | GuestEvent::Saved { .. }
            | GuestEvent::TradeDecided { .. }
            | GuestEvent::MessageAccepted { .. }
            | GuestEvent::MessageRefused { .. }
            | GuestEvent::PurchaseGranted { .. } => {}
        }
    }

    fn with(&mut self, id: SessionRef, change: impl FnOnce(&mut Draft)) {
        if let Some(draft) = self.open.get_mut(&id) {
            change(draft);
        }
    }

    fn start(&mut self, at: Global, id: SessionRef, player: PlayerId, until: Option<Global>) {
        let bar = SessionBar {
            id,
            player,
            from: at,
            until: at,
            end: None,
            live: Vec::new(),
            edits: Vec::new(),
            moves: Vec::new(),
            messages: Vec::new(),
        };
        self.open.insert(id, Draft { bar, live: Some((at, until)) });
    }

    fn stop(&mut self, at: Global, server: ServerId) {
        let gone: Vec<SessionRef> = self.open.keys().filter(|id| id.server == server).copied().collect();
        for id in gone {
            if let Some(mut draft) = self.open.remove(&id) {
                draft.end(at, Some(BarEnd::ServerGone));
                self.done.push(draft.bar);
            }
        }
    }

    fn finish(mut self, until: Global) -> Vec<SessionBar> {
        for mut draft in self.open.into_values() {
            draft.end(until, None);
            self.done.push(draft.bar);
        }
        self.done.sort_by_key(|bar| (bar.from, bar.id));
        self.done
    }
}
