//! What is special about a game: messages that wait, and errands of sessions that are over.

use dupeproof_core::Span;
use dupeproof_scenarios::run_case;
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_sim::id::{MessageId, PlayerId, TradeId};
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{Action, GamePlan, PlayerPlan, Schedule, ServerPlan, Step};
use dupeproof_sim::trace::{Event, Observer};
use dupeproof_sim::{Command, Global, GuestEvent};

use crate::stream::PLAYER;

/// What guests say, with the whole seconds.
#[derive(Default)]
struct Said(Vec<(u64, GuestEvent)>);

impl Observer for Said {
    fn observe(&mut self, at: Global, event: &Event) {
        if let Event::Guest { event, .. } = event {
            self.0.push((at.0 / 1_000_000, event.clone()));
        }
    }
}

fn said(subject: &str, game: GamePlan, commands: &[(u64, Command)]) -> Vec<(u64, GuestEvent)> {
    let step = |&(second, command)| Step { at: Span::secs(second), action: Action::Command { server: 0, command } };
    let schedule = Schedule {
        seed: 1,
        servers: vec![ServerPlan::default()],
        players: vec![PlayerPlan { items: Some(2) }; 2],
        game,
        timeline: commands.iter().map(step).collect(),
        length: Span::secs(60),
        ..Schedule::default()
    };
    let (subjects, mut said) = (Subjects::default(), Said::default());
    let result = run_case(&schedule, subjects.named(subject).unwrap(), Network::Event, &mut said);
    assert_eq!(result.findings, []);
    said.0
}

#[test]
fn messages_that_wait_are_handled_one_after_the_other_and_the_newest_first() {
    let send = |second, message| (second, Command::Send { to: PLAYER, message: MessageId(message) });
    let commands = [(1, Command::Join(PLAYER)), send(5, 1), send(7, 2), send(9, 3)];
    let handled = |message_delay| {
        let game = GamePlan { message_delay, ..GamePlan::default() };
        let said = said("core", game, &commands).into_iter();
        let handled = said.filter_map(|(second, event)| match event {
            GuestEvent::MessageHandled { message, .. } => Some((second, message.0)),
            _ => None,
        });
        handled.collect::<Vec<_>>()
    };
    let order = |handled: &[(u64, u32)]| handled.iter().map(|(_, message)| *message).collect::<Vec<_>>();
    assert_eq!(order(&handled(Span::ZERO)), [1, 2, 3]);
    let late = handled(Span::secs(10));
    assert_eq!(order(&late), [3, 2, 1]);
    assert_eq!((late[1].0 - late[0].0, late[2].0 - late[1].0), (10, 10));
}

#[test]
fn a_session_that_is_over_does_nothing_more_for_its_game() {
    let errands = Command::Errands { player: PLAYER, partner: PlayerId(1), errand: TradeId(1) };
    let commands = [(1, Command::Join(PLAYER)), (5, errands), (9, Command::Leave(PLAYER)), (9, errands), (12, errands)];
    for subject in ["core", "embed"] {
        let changes = |event: &GuestEvent| {
            matches!(
                event,
                GuestEvent::Edited { .. } | GuestEvent::ItemPutAside { .. } | GuestEvent::PurchaseGranted { .. }
            )
        };
        let said = said(subject, GamePlan::default(), &commands);
        assert!(said.iter().any(|(_, event)| matches!(event, GuestEvent::SessionEnded { .. })));
        assert!(!said.iter().any(|(_, event)| changes(event)), "{subject}: {said:?}");
    }
}
