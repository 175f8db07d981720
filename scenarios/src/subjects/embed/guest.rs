//! One server: its tasks, and how they are run.

use std::rc::Rc;

use dupeproof_core::{Config, Mono};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Guest, Input, Output, Turn};
use futures::executor::LocalPool;

use super::desk::Desk;
use super::game::Game;

/// One server.
pub(super) struct EmbedGuest {
    desk: Desk,
    game: Rc<Game>,
    tasks: LocalPool,
}

impl EmbedGuest {
    pub(super) fn new(config: Config, boot: &Boot) -> EmbedGuest {
        let (desk, tasks) = (Desk::new(boot), LocalPool::new());
        let game = Game::new(config, boot, desk.clone(), tasks.spawner());
        EmbedGuest { desk, game, tasks }
    }
}

impl Guest for EmbedGuest {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        self.desk.set_now(turn.now);
        match input {
            Input::Wake => self.desk.wake(),
            Input::Response(id, answer) => self.desk.answered(id, answer),
            Input::Message(subscription, message) => self.desk.message(subscription, message),
            Input::Command(command) => self.game.command(command),
            Input::Close => self.game.close(),
        }
        self.tasks.run_until_stalled();
        self.game.look_at_leases();
        self.desk.clear(out)
    }
}
