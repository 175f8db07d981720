//! Servers that ask without a pause. An account holds 60 requests and fills by one a second.

use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::request_storm::{Storm, Target};
use dupeproof_sim::FindingKind::{self, RequestStorm};
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{ItemId, MessageId, PlayerId, ReceiptId, RequestId, ServerId, TradeId};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Command, GuestEvent};

use crate::stream::{PLAYER, SESSION, Stream, server};

const NONE: [FindingKind; 0] = [];

/// So many requests a second of server 0 for player 0's key, for a time.
fn asked(a_second: u32, seconds: u32) -> Vec<FindingKind> {
    let mut stream = Stream::new();
    for second in 0..seconds {
        stream.asks(f64::from(second), 0, "Player_0", a_second);
    }
    stream.kinds()
}

#[test]
fn a_key_asked_for_five_times_a_second_for_twenty_seconds_is_caught_once() {
    assert_eq!(asked(5, 20), [RequestStorm]);
    assert_eq!(asked(5, 200), [RequestStorm]);
}

#[test]
fn a_burst_and_a_steady_pace_are_clean() {
    assert_eq!(asked(60, 1), NONE);
    assert_eq!(asked(1, 600), NONE);
    assert_eq!(asked(5, 14), NONE);
}

#[test]
fn each_server_each_life_and_each_key_has_its_own_account() {
    let mut stream = Stream::of_players(&[Some(0), Some(0)]);
    stream.asks(1.0, 0, "Player_0", 60).asks(1.0, 0, "Player_1", 60).asks(1.0, 1, "Player_0", 60);
    let (server, life) =
        (ServerId { slot: 0, life: 1 }, Event::ServerStarted { server: ServerId { slot: 0, life: 1 } });
    stream.tell(2.0, life);
    for _ in 0..60 {
        let (kind, target) = (RequestKind::Set, Some("Player_0".into()));
        stream.tell(2.0, Event::Requested { server, id: RequestId(1), kind, target });
    }
    assert_eq!(stream.kinds(), NONE);
}

#[test]
fn what_there_is_to_do_pays_for_itself_and_for_no_more() {
    let sent = |requests| {
        let mut stream = Stream::new();
        for message in 0..100 {
            stream.acts(1.0, 0, Command::Send { to: PLAYER, message: MessageId(message) });
        }
        stream.asks(1.0, 0, "Player_0", requests).kinds()
    };
    assert_eq!((sent(260), sent(261)), (vec![], vec![RequestStorm]));
}

#[test]
fn what_a_game_takes_in_pays_for_the_look_and_the_save() {
    let handled = |requests| {
        let mut stream = Stream::new();
        stream.starts(1.0, 0, 0, None);
        stream.says(1.0, 0, GuestEvent::MessageHandled { session: SESSION, message: MessageId(1) });
        stream.asks(1.0, 0, "Player_0", requests).kinds()
    };
    assert_eq!((handled(63), handled(64)), (vec![], vec![RequestStorm]));
}

#[test]
fn a_conflict_pays_for_the_next_try() {
    let conflicted = |requests| {
        let mut stream = Stream::new();
        stream.tell(1.0, Event::Conflicted { server: server(0), id: RequestId(1), key: key_of(PLAYER) });
        stream.asks(1.0, 0, "Player_0", requests).kinds()
    };
    assert_eq!((conflicted(62), conflicted(63)), (vec![], vec![RequestStorm]));
}

#[test]
fn a_trades_coordinator_can_be_stormed_too() {
    let mut stream = Stream::new();
    let (player, partner, trade) = (PLAYER, PlayerId(1), TradeId(4));
    stream.acts(1.0, 0, Command::Trade { player, partner, trade }).asks(1.0, 0, "Trade_4", 69);
    let (findings, _) = stream.verdict();
    let storm = Storm { server: server(0), target: Target::Trade(trade) };
    assert_eq!((findings[0].player, &findings[0].fact), (None, &Fact::RequestStorm(storm)));
}

#[test]
fn messages_are_no_requests_for_a_key() {
    let mut stream = Stream::new();
    for _ in 0..200 {
        let (server, kind, target) = (server(0), RequestKind::Publish, Some("Player_0".into()));
        stream.tell(1.0, Event::Requested { server, id: RequestId(1), kind, target });
    }
    assert_eq!(stream.kinds(), NONE);
}

/// How many requests for a key this pays for: with one more than that beside the 60, it is a storm.
#[track_caller]
fn pays(command: Command, key: &str, requests: u32) {
    let asked = |times| {
        let mut stream = Stream::of_players(&[Some(0), Some(0)]);
        stream.acts(1.0, 0, command).asks(1.0, 0, key, times).kinds()
    };
    assert_eq!((asked(60 + requests), asked(61 + requests)), (vec![], vec![RequestStorm]), "{command:?} for {key}");
}

#[test]
fn each_command_pays_for_its_own_updates() {
    let (player, partner, receipt) = (PLAYER, PlayerId(1), ReceiptId(1));
    for command in [
        Command::Join(player),
        Command::Steal(player),
        Command::Leave(player),
        Command::Save(player),
        Command::Remove(player),
        Command::Receipt { player, receipt },
        Command::Send { to: player, message: MessageId(1) },
    ] {
        pays(command, "Player_0", 2);
        pays(command, "Player_1", 0);
    }
    pays(Command::Rollback(player), "Player_0", 3);
    pays(Command::Edit(player), "Player_0", 0);
    pays(Command::Swap(player, partner), "Player_0", 0);
    let trade = Command::Trade { player, partner, trade: TradeId(4) };
    pays(trade, "Player_0", 4);
    pays(trade, "Player_1", 0);
    pays(trade, "Trade_4", 8);
    pays(trade, "Trade_5", 0);
    let gift = Command::Gift { from: player, to: partner, gift: TradeId(4) };
    pays(gift, "Player_0", 4);
    pays(gift, "Player_1", 2);
}

#[test]
fn whatever_a_game_takes_in_pays_the_same() {
    let (session, item, trade) = (SESSION, ItemId(1), TradeId(4));
    for event in [
        GuestEvent::MessageHandled { session, message: MessageId(1) },
        GuestEvent::ItemTaken { session, item, trade },
        GuestEvent::TradeDecided { session, trade, committed: false },
    ] {
        let took = |requests| {
            let mut stream = Stream::new();
            stream.starts(1.0, 0, 0, None).says(1.0, 0, event.clone()).asks(1.0, 0, "Player_0", requests).kinds()
        };
        assert_eq!((took(63), took(64)), (vec![], vec![RequestStorm]), "{event:?}");
    }
}

#[test]
fn writes_can_storm_as_reads_can() {
    let mut stream = Stream::new();
    for _ in 0..61 {
        let (server, kind, target) = (server(0), RequestKind::Set, Some("Player_0".into()));
        stream.tell(1.0, Event::Requested { server, id: RequestId(1), kind, target });
    }
    assert_eq!(stream.kinds(), [RequestStorm]);
}

/// So many requests a minute of server 0 for an item of a memory store, for five minutes.
fn asked_of_memory(kind: RequestKind, a_minute: u32) -> Vec<FindingKind> {
    let mut stream = Stream::new();
    for asked in 0..5 * a_minute {
        let (server, target) = (server(0), Some("map Locks/Player_0".into()));
        let second = f64::from(asked) * 60.0 / f64::from(a_minute);
        stream.tell(second, Event::Requested { server, id: RequestId(1), kind, target });
    }
    stream.kinds()
}

#[test]
fn an_item_of_a_memory_store_can_be_stormed_and_a_look_each_second_is_clean() {
    assert_eq!(asked_of_memory(RequestKind::MemoryGet, 240), [RequestStorm]);
    assert_eq!(asked_of_memory(RequestKind::MemoryCompareAndSet, 240), [RequestStorm]);
    assert_eq!(asked_of_memory(RequestKind::MemoryGet, 118), NONE);
    assert_eq!(asked_of_memory(RequestKind::QueueRead, 240), NONE, "a queue is nobody's key");
}
