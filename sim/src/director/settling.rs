//! After the chaos: everything heals, everybody leaves, and everything is tried once more on a fresh server.

use dupeproof_core::Span;

use super::task::Task;
use super::{Cue, Director};
use crate::clock::Global;
use crate::guest::Command;
use crate::id::PlayerId;
use crate::node::NodeInput;
use crate::schedule::Action;
use crate::trace::{Event, Trace};

/// From the healing until the players leave.
const RECOVERY: Span = Span::secs(30);

/// Who came to the fresh server and got no session comes again after so long, as players do: a module may refuse for a
/// while, and still load within its bound. When nobody needs to, the visit is over.
const AGAIN: Span = Span::secs(300);

impl Director {
    pub(super) fn heal(&mut self, at: Global, trace: &mut Trace<'_>) {
        trace.record(at, &Event::Healed);
        self.cues.push_back(Cue::Heal);
        self.marketplace.heal();
        self.end_faults(at, trace);
        self.event_queue.push(at + RECOVERY, Task::SendHome);
        self.event_queue.push(at + RECOVERY + self.drain_bound, Task::FinalCheck);
    }

    pub(super) fn send_home(&mut self, at: Global, trace: &mut Trace<'_>) {
        for slot in 0..=self.fresh_server().slot {
            self.all_leave(at, None, slot, trace);
        }
    }

    pub(super) fn begin_final_check(&mut self, at: Global, trace: &mut Trace<'_>) {
        let server = self.fresh_server();
        self.start(server, at, trace);
        trace.record(at, &Event::FinalCheckBegan { server });
        self.visit(at, trace);
    }

    pub(super) fn visit(&mut self, at: Global, trace: &mut Trace<'_>) {
        let server = self.fresh_server();
        self.let_in.clear();
        for player in 0..self.players {
            self.act_out(at, None, server.slot, Command::Join(PlayerId(player)), trace);
        }
        self.look_later(at, at + self.start_bound);
    }

    /// The visit is over when its time is, or when all have what they came for.
    pub(super) fn look(&mut self, at: Global, until: Global, trace: &mut Trace<'_>) {
        let waits = (0..self.players).map(PlayerId).any(|player| !self.let_in.contains(&player));
        if at < until && waits {
            self.come_again(at, trace);
            self.look_later(at, until);
            return;
        }
        self.send_home(at, trace);
        self.visits -= 1;
        let next = if self.visits > 0 { Task::Visit } else { Task::End };
        self.event_queue.push(at + self.drain_bound, next);
    }

    fn look_later(&mut self, at: Global, until: Global) {
        self.event_queue.push((at + AGAIN).min(until), Task::Look(until));
    }

    /// Guests take no notice of who is there already.
    fn come_again(&mut self, at: Global, trace: &mut Trace<'_>) {
        let server = self.fresh_server();
        for player in (0..self.players).map(PlayerId) {
            let command = Command::Join(player);
            trace.record(at, &Event::Acted { step: None, action: Action::Command { server: server.slot, command } });
            self.cues.push_back(Cue::Input(server, NodeInput::Command(command)));
        }
    }
}
