//! The scripts: what players do on two servers in two minutes.

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{MessageId, PlayerId, ReceiptId, Slot};
use dupeproof_sim::schedule::{Action, PlayerPlan, Schedule, ServerPlan, Step};

use crate::suite::Suite;
use dupeproof_sim::{FindingKind, Subject};

/// A script, without faults.
#[derive(Clone, Copy, Debug)]
pub struct ShortScript {
    /// Its name.
    pub name: &'static str,
    /// What happens in it, in one line.
    pub about: &'static str,
    /// When, in milliseconds, and what.
    steps: fn() -> Vec<(u64, Action)>,
}

const SWAP: &str = "swap";
const PURCHASE: &str = "purchase";
const MESSAGE: &str = "message";

const ALL: &[ShortScript] = &[
    ShortScript { name: "stay", about: "a player plays on a server, leaves, and comes back to another", steps: stay },
    ShortScript {
        name: "hop",
        about: "a player joins another server while the one before stores what is last",
        steps: hop,
    },
    ShortScript { name: "two_devices", about: "a player joins a server while still on another", steps: two_devices },
    ShortScript { name: "race", about: "two players each join two servers at the same moment", steps: race },
    ShortScript {
        name: "give_up",
        about: "a player joins a second server, leaves before it has a session, and plays on at the first",
        steps: give_up,
    },
    ShortScript { name: "rejoin", about: "a player comes back to the server that they left", steps: rejoin },
    ShortScript { name: "shutdown", about: "a server closes with its player, who goes to another", steps: shutdown },
    ShortScript { name: SWAP, about: "two players swap items in memory, leave, and join another server", steps: swap },
    ShortScript { name: PURCHASE, about: "a player buys something and goes to another server", steps: purchase },
    ShortScript {
        name: MESSAGE,
        about: "a message is sent to a player who plays, and to one who is away",
        steps: message,
    },
];

/// Who plays.
const ONE: PlayerId = PlayerId(0);
/// With whom.
const OTHER: PlayerId = PlayerId(1);
/// When everything heals: two minutes after the last of them does something.
const LENGTH: Span = Span::secs(240);

impl ShortScript {
    /// All of them.
    pub fn all() -> &'static [ShortScript] {
        ALL
    }

    /// Whether a suite has it: one that says of its game that nobody swaps items in memory has no swap.
    pub fn is_of(&self, suite: &Suite) -> bool {
        self.name != SWAP || suite.shape.workload.swaps > 0
    }

    /// Why a subject cannot do what it is about; `None` if it can.
    pub fn not_tried(&self, subject: &dyn Subject) -> Option<&'static str> {
        match self.name {
            SWAP => subject.not_tried(FindingKind::ItemDuplicated),
            PURCHASE => subject.not_tried(FindingKind::PurchaseLost),
            MESSAGE => subject.not_tried(FindingKind::MessageLost),
            _ => None,
        }
    }

    /// Its run without a fault: both players have played before.
    pub fn schedule(&self, subject: &str, seed: u64) -> Schedule {
        let step = |(millis, action): (u64, Action)| Step { at: Span::millis(millis), action };
        Schedule {
            seed,
            subject: subject.to_owned(),
            servers: vec![ServerPlan::default(); 2],
            players: vec![PlayerPlan { items: Some(2) }; 2],
            timeline: (self.steps)().into_iter().map(step).collect(),
            length: LENGTH,
            ..Schedule::default()
        }
    }
}

fn on(server: Slot, command: Command) -> Action {
    Action::Command { server, command }
}

fn stay() -> Vec<(u64, Action)> {
    vec![
        (1_000, on(0, Command::Join(ONE))),
        (10_000, on(0, Command::Edit(ONE))),
        (50_000, on(0, Command::Edit(ONE))),
        (60_000, on(0, Command::Leave(ONE))),
        (80_000, on(1, Command::Join(ONE))),
        (90_000, on(1, Command::Edit(ONE))),
        (110_000, on(1, Command::Leave(ONE))),
    ]
}

fn hop() -> Vec<(u64, Action)> {
    vec![
        (1_000, on(0, Command::Join(ONE))),
        (10_000, on(0, Command::Edit(ONE))),
        (20_000, on(0, Command::Leave(ONE))),
        (20_300, on(1, Command::Join(ONE))),
        (60_000, on(1, Command::Edit(ONE))),
        (110_000, on(1, Command::Leave(ONE))),
    ]
}

fn two_devices() -> Vec<(u64, Action)> {
    vec![
        (1_000, on(0, Command::Join(ONE))),
        (10_000, on(0, Command::Edit(ONE))),
        (20_000, on(1, Command::Join(ONE))),
        (25_000, on(0, Command::Edit(ONE))),
        (70_000, on(1, Command::Edit(ONE))),
        (100_000, on(0, Command::Leave(ONE))),
        (110_000, on(1, Command::Leave(ONE))),
    ]
}

fn race() -> Vec<(u64, Action)> {
    vec![
        (10_000, on(0, Command::Join(ONE))),
        (10_000, on(1, Command::Join(ONE))),
        (15_000, on(0, Command::Join(OTHER))),
        (15_060, on(1, Command::Join(OTHER))),
        (40_000, on(0, Command::Edit(ONE))),
        (40_000, on(1, Command::Edit(OTHER))),
        (70_000, on(0, Command::Leave(ONE))),
        (70_000, on(0, Command::Leave(OTHER))),
        (110_000, on(1, Command::Leave(ONE))),
        (110_000, on(1, Command::Leave(OTHER))),
    ]
}

fn give_up() -> Vec<(u64, Action)> {
    vec![
        (1_000, on(0, Command::Join(ONE))),
        (10_000, on(0, Command::Edit(ONE))),
        (20_000, on(1, Command::Join(ONE))),
        (22_000, on(1, Command::Leave(ONE))),
        (30_000, on(0, Command::Edit(ONE))),
        (40_000, on(1, Command::Join(ONE))),
        (70_000, on(0, Command::Leave(ONE))),
        (110_000, on(1, Command::Leave(ONE))),
    ]
}

fn rejoin() -> Vec<(u64, Action)> {
    vec![
        (1_000, on(0, Command::Join(ONE))),
        (10_000, on(0, Command::Edit(ONE))),
        (20_000, on(0, Command::Leave(ONE))),
        (26_000, on(0, Command::Join(ONE))),
        (40_000, on(0, Command::Edit(ONE))),
        (50_000, on(0, Command::Leave(ONE))),
        (52_000, on(1, Command::Join(ONE))),
        (110_000, on(1, Command::Leave(ONE))),
    ]
}

fn shutdown() -> Vec<(u64, Action)> {
    vec![
        (1_000, on(0, Command::Join(ONE))),
        (10_000, on(0, Command::Edit(ONE))),
        (20_000, Action::Close { server: 0 }),
        (22_000, on(1, Command::Join(ONE))),
        (70_000, on(1, Command::Edit(ONE))),
        (110_000, on(1, Command::Leave(ONE))),
    ]
}

fn swap() -> Vec<(u64, Action)> {
    vec![
        (1_000, on(0, Command::Join(ONE))),
        (2_000, on(0, Command::Join(OTHER))),
        (15_000, on(0, Command::Swap(ONE, OTHER))),
        (20_000, on(0, Command::Leave(ONE))),
        (21_000, on(1, Command::Join(ONE))),
        (40_000, on(0, Command::Leave(OTHER))),
        (41_000, on(1, Command::Join(OTHER))),
        (105_000, on(1, Command::Leave(ONE))),
        (110_000, on(1, Command::Leave(OTHER))),
    ]
}

fn purchase() -> Vec<(u64, Action)> {
    vec![
        (1_000, on(0, Command::Join(ONE))),
        (15_000, Action::Purchase { player: ONE, receipt: ReceiptId(1) }),
        (20_000, on(0, Command::Leave(ONE))),
        (21_000, on(1, Command::Join(ONE))),
        (50_000, Action::Purchase { player: ONE, receipt: ReceiptId(2) }),
        (110_000, on(1, Command::Leave(ONE))),
    ]
}

fn message() -> Vec<(u64, Action)> {
    vec![
        (1_000, on(0, Command::Join(ONE))),
        (10_000, on(1, Command::Send { to: ONE, message: MessageId(1) })),
        (11_000, on(1, Command::Send { to: OTHER, message: MessageId(2) })),
        (60_000, on(0, Command::Leave(ONE))),
        (62_000, on(1, Command::Join(OTHER))),
        (110_000, on(1, Command::Leave(OTHER))),
    ]
}
