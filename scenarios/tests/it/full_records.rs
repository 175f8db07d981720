//! Records that are full of what they remember only so much of.

use std::collections::BTreeSet;

use dupeproof_core::{Record, Span, Stored};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Suite, run_case};
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{MessageId, ReceiptId};
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{Action, GamePlan, PlayerPlan, Schedule, ServerPlan, Step};
use dupeproof_sim::trace::{Event, Observer};
use dupeproof_sim::{Command, Global};

use crate::stream::PLAYER;

/// What is stored at the end, in the player's record.
#[derive(Default)]
struct Last(Option<Record>);

impl Observer for Last {
    fn observe(&mut self, _at: Global, event: &Event) {
        if let Event::Ended { store } = event
            && let Some((_, Stored::Record(record))) = store.iter().find(|(key, _)| *key == key_of(PLAYER))
        {
            self.0 = Some(Record::clone(record));
        }
    }
}

#[test]
fn a_full_record_forgets_what_is_oldest_for_a_purchase_and_for_a_new_sender() {
    let step = |second, action| Step { at: Span::secs(second), action };
    let schedule = Schedule {
        seed: 1,
        servers: vec![ServerPlan::default(); 2],
        players: vec![PlayerPlan { items: Some(0) }],
        game: GamePlan { remembered: 3, ..GamePlan::default() },
        timeline: vec![
            step(1, Action::Command { server: 0, command: Command::Join(PLAYER) }),
            step(5, Action::Purchase { player: PLAYER, receipt: ReceiptId(7) }),
            step(6, Action::Command { server: 1, command: Command::Send { to: PLAYER, message: MessageId(1) } }),
        ],
        length: Span::secs(60),
        ..Schedule::default()
    };
    for subject in ["core", "embed"] {
        let (subjects, mut last) = (Subjects::default(), Last::default());
        let result = run_case(&schedule, subjects.named(subject).unwrap(), Network::Event, &mut last);
        assert_eq!(result.findings, []);
        let record = last.0.unwrap();
        let receipts: Vec<&str> =
            record.profile.as_ref().unwrap().meta.receipts.iter().map(|receipt| &**receipt).collect();
        assert_eq!(receipts, ["old-1", "old-2", "7"]);
        let senders: Vec<&str> = record.senders.iter().map(|(sender, _)| &**sender).collect();
        assert_eq!((senders.len(), &senders[..2]), (3, &["old-1", "old-2"][..]));
    }
}

#[test]
fn some_records_are_full_and_remember_all_that_can_come_in_their_run() {
    let suite = Suite::named("admin").unwrap();
    let mut full = 0;
    for case in 0..2_000 {
        let schedule = suite.schedule(3, case, "core");
        let remembered = usize::try_from(schedule.game.remembered).unwrap();
        full += u32::from(remembered > 0);
        let actions = || schedule.timeline.iter().map(|step| step.action);
        let receipts: BTreeSet<_> = actions()
            .filter_map(|action| match action {
                Action::Purchase { receipt, .. } => Some(receipt),
                _ => None,
            })
            .collect();
        let restarts = actions().filter(|action| matches!(action, Action::Restart { .. })).count();
        let lives = schedule.servers.len() + 1 + restarts;
        assert!(remembered == 0 || (remembered >= receipts.len() && remembered >= lives + schedule.players.len()));
    }
    assert!((240..360).contains(&full), "{full} of 2,000 at 15 %");
}
