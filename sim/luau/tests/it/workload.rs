//! What players do reaches a module through its adapter, and the trace records the result.

use std::path::Path;

use dupeproof_core::Span;
use dupeproof_luau::{Files, LuauSubject, Options, SubjectError, read_adapter};
use dupeproof_sim::id::{MessageId, PlayerId, ReceiptId, ServerId, TradeId};
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::PlayerPlan;
use dupeproof_sim::{
    Action, Command, Contract, Event, Global, GuestEvent, Observer, Schedule, ServerPlan, Step, Subject,
};

const ONE: PlayerId = PlayerId(0);
const OTHER: PlayerId = PlayerId(1);

/// What guests said before everything was over, and what was stored then.
#[derive(Default)]
struct Trace {
    told: Vec<String>,
    store: String,
}

impl Observer for Trace {
    fn observe(&mut self, _: Global, event: &Event) {
        match event {
            Event::Guest { server: ServerId { slot: 0 | 1, .. }, event, .. } => self.told.push(told(event)),
            Event::Logged { line, .. } => self.told.push(line.to_string()),
            Event::Ended { store } => self.store = serde_json::to_string(store).expect("it is JSON"),
            _ => {}
        }
    }
}

/// In words, without stamps.
fn told(event: &GuestEvent) -> String {
    match event {
        GuestEvent::SessionStarted { session, player, .. } => format!("{} started for {}", session.0, player.0),
        GuestEvent::SessionEnded { session, reason } => format!("{} ended: {reason:?}", session.0),
        GuestEvent::StartFailed { player, failure } => format!("no session for {}: {failure:?}", player.0),
        GuestEvent::Suspended { session } => format!("{} suspended", session.0),
        GuestEvent::Resumed { session, .. } => format!("{} resumed", session.0),
        GuestEvent::Edited { session, .. } => format!("{} edited", session.0),
        GuestEvent::Saved { session, .. } => format!("{} saved", session.0),
        GuestEvent::ItemMoved { item, from, to } => format!("item {}: {} to {}", item.0, from.0, to.0),
        GuestEvent::ItemPutAside { item, trade, .. } => format!("item {} aside for {}", item.0, trade.0),
        GuestEvent::ItemTaken { item, session, trade } => format!("item {}: {} to {}", item.0, trade.0, session.0),
        GuestEvent::MessageAccepted { message } => format!("message {} accepted", message.0),
        GuestEvent::MessageRefused { message } => format!("message {} refused", message.0),
        GuestEvent::MessageHandled { session, message } => format!("message {} handled by {}", message.0, session.0),
        GuestEvent::PurchaseGranted { player, receipt } => format!("purchase {} granted to {}", receipt.0, player.0),
        other => format!("{other:?}"),
    }
}

fn subject(adapter: &str) -> Result<LuauSubject, SubjectError> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let adapter = read_adapter(&fixtures.join(adapter).to_string_lossy()).unwrap_or_else(|problem| panic!("{problem}"));
    start(adapter)
}

fn start(adapter: (String, String)) -> Result<LuauSubject, SubjectError> {
    let contract = Contract::none(Span::secs(600), Span::secs(60));
    LuauSubject::new(&Options { adapter: Some(adapter), ..Options::new(Files::new()) }, contract)
}

/// Runs these commands, each on a server at a second, with two players who own two items each.
fn run(subject: &LuauSubject, commands: &[(u64, u16, Command)]) -> Trace {
    let mut trace = Trace::default();
    let step = |&(at, server, command)| Step { at: Span::secs(at), action: Action::Command { server, command } };
    let schedule = Schedule {
        seed: 3,
        subject: subject.name().into(),
        servers: vec![ServerPlan::default(); 2],
        players: vec![PlayerPlan { items: Some(2) }; 2],
        timeline: commands.iter().map(step).collect(),
        length: Span::secs(60),
        ..Schedule::default()
    };
    Network::Event.run(&schedule, subject, &mut trace);
    trace
}

#[test]
fn items_are_swapped_traded_and_given_in_memory_and_by_message() {
    let subject = subject("market_adapter.luau").unwrap_or_else(|problem| panic!("{problem}"));
    let trade = |player, partner| Command::Trade { player, partner, trade: TradeId(7) };
    let gift = |from, to, gift| Command::Gift { from, to, gift: TradeId(gift) };
    let trace = run(
        &subject,
        &[
            (1, 0, Command::Join(ONE)),
            (1, 0, Command::Join(OTHER)),
            (6, 0, Command::Swap(ONE, OTHER)),
            (7, 0, trade(ONE, OTHER)),
            (8, 0, trade(OTHER, ONE)),
            (9, 0, gift(ONE, OTHER, 8)),
            (12, 0, Command::Leave(OTHER)),
            (16, 0, gift(ONE, OTHER, 9)),
            (20, 1, Command::Join(OTHER)),
            (30, 0, Command::Leave(ONE)),
        ],
    );
    // Whoever is loaded first has the first session.
    let expected = [
        "1 started for 1",
        "2 started for 0",
        "2 edited",
        "1 edited",
        "item 0: 2 to 1",
        "item 256: 1 to 2",
        // The trade, once both have agreed.
        "2 edited",
        "1 edited",
        "item 1: 2 to 1",
        "item 257: 1 to 2",
        "2 edited",
        "1 edited",
        "item 256: 2 to 1",
        "1 ended: Manual",
        "1 saved",
        // To somebody who is nowhere, and comes to another server.
        "2 edited",
        "item 257 aside for 9",
        "1 started for 1",
        "1 edited",
        "item 257: 9 to 1",
        "2 ended: Manual",
        "2 saved",
        "1 ended: Manual",
        "1 saved",
    ];
    assert_eq!(trace.told, expected);
}

#[test]
fn messages_and_purchases_are_told_as_the_module_answers() {
    let subject = subject("market_adapter.luau").unwrap_or_else(|problem| panic!("{problem}"));
    let send = |message| Command::Send { to: OTHER, message: MessageId(message) };
    let receipt = Command::Receipt { player: ONE, receipt: ReceiptId(5) };
    let trace = run(
        &subject,
        &[
            (1, 0, Command::Join(ONE)),
            (3, 0, send(12)),
            (4, 0, send(13)),
            (8, 1, Command::Join(OTHER)),
            (12, 0, receipt),
            (15, 0, receipt),
            (20, 1, Command::Leave(OTHER)),
        ],
    );
    let expected = [
        "1 started for 0",
        "message 12 accepted",
        "message 13 refused",
        "1 started for 1",
        "1 edited",
        "message 12 handled by 1",
        // The first delivery.
        "1 edited",
        "1 suspended",
        "1 saved",
        "purchase 5 granted to 0",
        "1 resumed",
        // The second has no effect but its answer.
        "1 suspended",
        "purchase 5 granted to 0",
        "1 resumed",
        "1 ended: Manual",
        "1 saved",
        "1 ended: Manual",
    ];
    assert_eq!(trace.told, expected);
}

#[test]
fn starts_fail_and_sessions_are_suspended() {
    let subject = subject("market_adapter.luau").unwrap_or_else(|problem| panic!("{problem}"));
    let trace = run(
        &subject,
        &[
            (1, 0, Command::Steal(ONE)),
            (2, 0, Command::Leave(ONE)),
            (3, 0, Command::Join(ONE)),
            (2, 1, Command::Join(OTHER)),
            (2, 1, Command::Leave(OTHER)),
            (5, 0, Command::Save(ONE)),
            (6, 0, Command::Edit(OTHER)),
            (10, 1, Command::Rollback(ONE)),
            (12, 0, Command::Edit(ONE)),
            (13, 0, Command::Leave(ONE)),
            (30, 1, Command::Remove(OTHER)),
        ],
    );
    let expected = [
        "no session for 0: TimedOut",
        "no session for 1: Cancelled",
        "1 started for 0",
        "1 suspended",
        "1 saved",
        "1 resumed",
        "1 edited",
        "1 ended: Manual",
        "1 saved",
    ];
    assert_eq!(trace.told, expected);
    // The edit was rolled back; whoever's record was removed begins anew.
    let stored = r#"[["Player_0",{"Data":{"Items":[0,1],"Stamp":0}}],["Player_1",{"Data":{"Items":[]}}]]"#;
    assert_eq!(trace.store, stored);
}

#[test]
fn what_is_wrong_with_an_adapter_is_said() {
    let problem = |source: &str| match start(("mine".into(), source.into())) {
        Ok(_) => panic!("this adapter starts: {source}"),
        Err(problem) => problem.to_string(),
    };
    let expected = [
        ("return 1", "an adapter returns a table with `name` and `where`"),
        ("return { name = 'mine', where = {} }", "the adapter mine needs a function `load`"),
        ("return +", "the adapter does not compile"),
        ("error('deliberately')", "mine (adapter):1: deliberately"),
        ("task.wait(1) return { name = 'mine', where = {} }", "the adapter waits while it is loaded"),
    ];
    for (source, part) in expected {
        let problem = problem(source);
        assert!(problem.contains(part), "{problem}");
    }
}
