//! A span for each life of a server, and one for each session inside its server's.

use std::collections::BTreeMap;

use tracing::{Span, info_span};

use super::{SERVER, SESSION};
use crate::guest::GuestEvent;
use crate::id::{PlayerId, ServerId, SessionNo};
use crate::trace::Event;

/// The spans that are open.
#[derive(Default)]
pub(super) struct Spans(BTreeMap<ServerId, ServerSpan>);

/// One life, and the sessions that it has.
struct ServerSpan {
    // Dropped first: a session's span closes before its server's.
    sessions: BTreeMap<SessionNo, Span>,
    span: Span,
}

impl Spans {
    /// Opens what begins with this event.
    pub(super) fn before(&mut self, event: &Event) {
        match event {
            Event::ServerStarted { server } => {
                let span = info_span!(target: SERVER, "server", slot = server.slot, life = server.life);
                self.0.insert(*server, ServerSpan { sessions: BTreeMap::new(), span });
            }
            Event::Guest { server, event: GuestEvent::SessionStarted { session, player, .. }, .. } => {
                if let Some(server) = self.0.get_mut(server) {
                    server.open(*session, *player);
                }
            }
            _ => {}
        }
    }

    /// Emits an event inside the spans that it belongs to.
    pub(super) fn around(&self, event: &Event, emit: impl FnOnce()) {
        let Some(id) = server_of(event) else { return emit() };
        let Some(server) = self.0.get(&id) else {
            return info_span!(target: SERVER, "stopped_server", slot = id.slot, life = id.life).in_scope(emit);
        };
        // Both are entered, since filters go by the spans that are.
        server.span.in_scope(|| match session_of(event) {
            Some(no) => server.session(no).in_scope(emit),
            None => emit(),
        });
    }

    /// Closes what ends with this event.
    pub(super) fn after(&mut self, event: &Event) {
        match event {
            Event::ServerCrashed { server } | Event::ServerClosed { server } | Event::ServerKilled { server } => {
                self.0.remove(server);
            }
            Event::Guest { server, event: GuestEvent::SessionEnded { session, .. }, .. } => {
                if let Some(server) = self.0.get_mut(server) {
                    server.sessions.remove(session);
                }
            }
            _ => {}
        }
    }
}

impl ServerSpan {
    fn open(&mut self, no: SessionNo, player: PlayerId) {
        let span = info_span!(target: SESSION, parent: &self.span, "session", no = no.0, player = player.0);
        self.sessions.insert(no, span);
    }

    /// A session is saved once more after its game was told that it is over.
    fn session(&self, no: SessionNo) -> Span {
        let open = self.sessions.get(&no).cloned();
        open.unwrap_or_else(|| info_span!(target: SESSION, "ended_session", no = no.0))
    }
}

/// The life that an event concerns, if it is one.
fn server_of(event: &Event) -> Option<ServerId> {
    match event {
        Event::ServerStarted { server }
        | Event::ServerCrashed { server }
        | Event::ServerFroze { server }
        | Event::ServerLagged { server, .. }
        | Event::ServerRecovered { server }
        | Event::ServerWoke { server }
        | Event::ServerClosing { server }
        | Event::ServerClosed { server }
        | Event::ServerKilled { server }
        | Event::FinalCheckBegan { server }
        | Event::Requested { server, .. }
        | Event::Throttled { server, .. }
        | Event::RequestFault { server, .. }
        | Event::Committed { server, .. }
        | Event::Conflicted { server, .. }
        | Event::Answered { server, .. }
        | Event::AnsweredTooLate { server, .. }
        | Event::Published { server, .. }
        | Event::MessageReceived { server, .. }
        | Event::Guest { server, .. }
        | Event::ServedFromCache { server, .. }
        | Event::Disconnected { server, .. }
        | Event::SubscribeHung { server, .. }
        | Event::Logged { server, .. }
        | Event::MemoryChanged { server, .. }
        | Event::MemoryConflicted { server, .. }
        | Event::ScriptCrashed { server, .. }
        | Event::CalledFrom { server, .. }
        | Event::UpdateCancelled { server, .. }
        | Event::MessageSays { server, .. }
        | Event::MessageLost { to: server, .. }
        | Event::MessageDoubled { to: server, .. }
        | Event::MessageDropped { to: server, .. } => Some(*server),
        Event::Acted { .. }
        | Event::PartitionBegan { .. }
        | Event::PartitionHealed { .. }
        | Event::OutageBegan { .. }
        | Event::OutageEnded { .. }
        | Event::Healed
        | Event::ReceiptNotRecorded { .. }
        | Event::Ended { .. }
        | Event::MemoryExpired { .. } => None,
    }
}

/// The session that an event concerns, if it is one.
fn session_of(event: &Event) -> Option<SessionNo> {
    let Event::Guest { event, .. } = event else { return None };
    event.session()
}
