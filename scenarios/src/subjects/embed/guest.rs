//! One server: its tasks, and how they are run.

use std::rc::Rc;

use dupeproof_core::{Config, Mono};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Guest, Input, Output, Turn};
use futures::executor::LocalPool;

use super::game::Game;
use super::services::Services;

/// One server.
pub(super) struct EmbedGuest {
    services: Services,
    game: Rc<Game>,
    tasks: LocalPool,
}

impl EmbedGuest {
    pub(super) fn new(config: Config, boot: &Boot) -> EmbedGuest {
        let (services, tasks) = (Services::new(boot), LocalPool::new());
        let game = Game::new(config, boot, services.clone(), tasks.spawner());
        EmbedGuest { services, game, tasks }
    }
}

impl Guest for EmbedGuest {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        self.services.set_now(turn.now);
        match input {
            Input::Wake => self.services.wake(),
            Input::Response(id, answer) => self.services.answered(id, answer),
            Input::Message(subscription, message) => self.services.message(subscription, message),
            Input::Command(command) => self.game.command(command),
            Input::SetLease(lease) => self.game.set_lease(lease),
            Input::Close => self.game.close(),
        }
        self.tasks.run_until_stalled();
        self.game.look_at_leases();
        self.services.clear(out)
    }
}
