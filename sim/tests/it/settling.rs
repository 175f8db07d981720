//! How long everybody stays on the fresh server: as long as somebody is not let in, up to the bound.

use dupeproof_core::{Mono, Span, Stored};
use dupeproof_sim::guest::{Acquired, Command, Turn};
use dupeproof_sim::id::{PlayerId, SessionNo, Stamp};
use dupeproof_sim::network::Network;
use dupeproof_sim::subject::Boot;
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Contract, Guest, GuestEvent, Input, Output, Schedule, Subject};

use crate::scripted::{Tape, schedule, server};

/// Lets players in once a server has been up for so long, and has promised to within 31 min.
struct Gate {
    opens: Span,
}

struct GateKeeper {
    opens: Span,
    started: Option<Mono>,
    let_in: Vec<PlayerId>,
}

impl Subject for Gate {
    fn name(&self) -> &str {
        "gate"
    }

    fn about(&self) -> &str {
        "lets players in after a while"
    }

    fn contract(&self) -> &Contract {
        const { &Contract::none(Span::secs(31 * 60), Span::secs(10)) }
    }

    fn guest(&self, _boot: &Boot) -> Box<dyn Guest> {
        Box::new(GateKeeper { opens: self.opens, started: None, let_in: Vec::new() })
    }

    fn record(&self, _player: PlayerId, _items: &[u32]) -> Stored {
        crate::scripted::stored(0)
    }
}

impl Guest for GateKeeper {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        let now = turn.now.mono;
        let started = *self.started.get_or_insert(now);
        if let Input::Command(Command::Join(player)) = input
            && started + self.opens <= now
            && !self.let_in.contains(&player)
        {
            self.let_in.push(player);
            out.push(Output::Event(GuestEvent::SessionStarted {
                session: SessionNo(u32::from(player.0)),
                player,
                stamp: Stamp(0),
                live_until: None,
                acquired: Acquired::Free,
            }));
        }
        None
    }
}

/// Minutes after which all leave the fresh server again, if it is up for so many before it lets anybody in.
fn minutes(opens: u64) -> [u64; 2] {
    [Network::Event, Network::Turmoil].map(|network| {
        let mut tape = Tape::default();
        let schedule = Schedule { length: Span::secs(1), ..schedule(&[]) };
        network.run(&schedule, &Gate { opens: Span::secs(60 * opens) }, &mut tape);
        let began =
            tape.times(|event| matches!(event, Event::FinalCheckBegan { server: fresh } if *fresh == server(0)))[0];
        let left = |event: &Event| {
            let Event::Acted { action: dupeproof_sim::Action::Command { command, .. }, .. } = event else {
                return false;
            };
            *command == Command::Leave(PlayerId(1))
        };
        let [left] = tape.times(left)[..] else { panic!("they come once") };
        (left - began) / 60_000
    })
}

#[test]
fn the_visit_is_over_when_all_have_been_let_in() {
    assert_eq!(minutes(0), [5, 5]);
}

#[test]
fn who_is_not_let_in_comes_again_until_the_bound() {
    // Those who come again at 10 min are let in, and that is seen 5 min later.
    assert_eq!(minutes(8), [15, 15]);
    assert_eq!(minutes(40), [31, 31]);
}
