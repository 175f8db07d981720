//! The simple script does what such scripts do.

use std::collections::BTreeMap;

use dupeproof_core::{Mono, Now, Span, Stored, Unix};
use dupeproof_scenarios::game_record;
use dupeproof_scenarios::subjects::naive::NaiveSubject;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{ItemId, MessageId, PlayerId, ReceiptId, RequestId, ServerId, SessionNo, Stamp, TradeId};
use dupeproof_sim::request::{Entry, KeyInfo, Reading};
use dupeproof_sim::schedule::GamePlan;
use dupeproof_sim::subject::Boot;
use dupeproof_sim::update::UpdateRules;
use dupeproof_sim::{
    EndReason, Guest, GuestEvent, Input, Output, Request, Response, ServiceError, ServiceProfile, StartFailure,
    Subject, Turn, Version,
};

const PLAYER: PlayerId = PlayerId(0);

const INFO: KeyInfo = KeyInfo { version: Version(1), created_time: 0, updated_time: 0, attributes: None };

fn found(value: Stored) -> Response {
    Response::Value(Reading { version: Some(INFO.version), entry: Some(Entry { value, info: INFO }) })
}

/// The script, and what it did last.
struct Script {
    guest: Box<dyn Guest>,
    out: Vec<Output>,
    wake: Option<Mono>,
}

impl Script {
    fn new() -> Script {
        let boot = Boot {
            server: ServerId { slot: 0, life: 0 },
            job_id: "job-0-0".into(),
            constants: BTreeMap::new(),
            lease: Span::ZERO,
            game: GamePlan::default(),
            seed: 1,
            update: UpdateRules::of(&ServiceProfile::default()),
            servers: 1,
            removing_at_close: true,
            reads_calls: false,
        };
        Script { guest: NaiveSubject.guest(&boot), out: Vec::new(), wake: None }
    }

    fn takes(&mut self, second: u64, input: Input) -> &mut Script {
        self.out.clear();
        let now = Now { mono: Mono(Span::secs(second).0), unix: Unix(0) };
        self.wake = self.guest.handle(&Turn::new(now, &()), input, &mut self.out);
        self
    }

    fn command(&mut self, second: u64, command: Command) -> &mut Script {
        self.takes(second, Input::Command(command))
    }

    /// The newest request.
    fn request(&self) -> Option<(RequestId, &Request)> {
        self.out.iter().rev().find_map(|output| match output {
            Output::Request(id, request) => Some((*id, request)),
            _ => None,
        })
    }

    fn events(&self) -> Vec<GuestEvent> {
        let event = |output: &Output| match output {
            Output::Event(event) => Some(event.clone()),
            _ => None,
        };
        self.out.iter().filter_map(event).collect()
    }

    fn joined(items: &[u32]) -> Script {
        let mut script = Script::new();
        let (id, _) = script.command(0, Command::Join(PLAYER)).request().unwrap();
        let value = Stored::from_json(game_record::data(items));
        script.takes(1, Input::Response(id, Ok(found(value))));
        assert!(matches!(script.events()[..], [GuestEvent::SessionStarted { .. }]));
        script
    }

    fn set(&self) -> (RequestId, Stamp) {
        let Some((id, Request::Set { value, .. })) = self.request() else { panic!("no SetAsync: {:?}", self.out) };
        (id, game_record::stamp(value.data().unwrap()))
    }
}

#[test]
fn it_saves_every_minute_and_on_leave_whatever_anybody_else_did() {
    let mut script = Script::joined(&[1]);
    assert_eq!(script.wake, Some(Mono(Span::secs(61).0)));
    script.command(10, Command::Edit(PLAYER));
    let (id, stamp) = script.takes(61, Input::Wake).set();
    assert_eq!(stamp, Stamp(1));
    script.takes(62, Input::Response(id, Ok(Response::Committed(INFO))));
    assert_eq!(script.events(), [GuestEvent::Saved { session: SessionNo(1), stamp: Stamp(1) }]);
    script.command(70, Command::Edit(PLAYER)).command(71, Command::Leave(PLAYER));
    let ended = GuestEvent::SessionEnded { session: SessionNo(1), reason: EndReason::Manual };
    assert_eq!((script.events(), script.set().1), (vec![ended], Stamp(2)));
}

#[test]
fn it_reads_four_times_and_then_gives_up() {
    let mut script = Script::new();
    script.command(0, Command::Join(PLAYER));
    for second in 0..4 {
        let (id, request) = script.request().unwrap();
        assert!(matches!(request, Request::Get { .. }));
        script.takes(second, Input::Response(id, Err(ServiceError::Rejected)));
        if second < 3 {
            assert_eq!(script.wake, Some(Mono(Span::secs(second + 1).0)));
            script.takes(second + 1, Input::Wake);
        }
    }
    assert_eq!(script.events(), [GuestEvent::StartFailed { player: PLAYER, failure: StartFailure::Failed }]);
    assert_eq!(script.wake, None);
}

#[test]
fn a_player_without_a_record_begins_with_nothing() {
    let mut script = Script::new();
    let (id, _) = script.command(0, Command::Join(PLAYER)).request().unwrap();
    script.takes(1, Input::Response(id, Ok(Response::Value(Reading::default()))));
    assert!(matches!(script.events()[..], [GuestEvent::SessionStarted { stamp: Stamp(0), live_until: None, .. }]));
}

#[test]
fn leaving_before_the_data_is_there_saves_nothing() {
    let mut script = Script::new();
    script.command(0, Command::Join(PLAYER)).command(1, Command::Leave(PLAYER));
    assert_eq!(script.events(), [GuestEvent::StartFailed { player: PLAYER, failure: StartFailure::Cancelled }]);
    assert!(script.request().is_none());
}

#[test]
fn it_is_closed_when_everything_is_saved_or_given_up() {
    let mut script = Script::joined(&[1]);
    let (id, _) = script.takes(5, Input::Close).set();
    assert!(!script.out.contains(&Output::Closed));
    script.takes(6, Input::Response(id, Err(ServiceError::Rejected)));
    let (id, _) = script.takes(7, Input::Wake).set();
    script.takes(8, Input::Response(id, Ok(Response::Committed(INFO))));
    assert!(script.out.contains(&Output::Closed));
    script.command(9, Command::Join(PLAYER));
    assert_eq!(script.events(), [GuestEvent::StartFailed { player: PLAYER, failure: StartFailure::Closing }]);
    assert!(!script.out.contains(&Output::Closed), "it says so once");
}

const OTHER: PlayerId = PlayerId(1);

impl Script {
    /// Answers the newest request with this value; says what the script writes then.
    fn read(&mut self, second: u64, items: &[u32]) -> Option<serde_json::Value> {
        let (id, request) = self.request().unwrap();
        assert!(matches!(request, Request::Get { .. }), "{request:?}");
        self.takes(second, Input::Response(id, Ok(found(Stored::from_json(game_record::data(items))))));
        match self.request() {
            Some((_, Request::Set { value, .. })) => value.data().cloned(),
            _ => None,
        }
    }
}

#[test]
fn a_gift_to_a_player_elsewhere_goes_into_their_record_whoever_has_it_loaded() {
    let mut script = Script::joined(&[1]);
    script.command(1, Command::Gift { from: PLAYER, to: OTHER, gift: TradeId(7) });
    let [GuestEvent::ItemPutAside { item, trade, .. }, GuestEvent::Edited { .. }] = script.events()[..] else {
        panic!("{:?}", script.out);
    };
    assert_eq!((item, trade), (ItemId(1), TradeId(7)));
    let written = script.read(2, &[9]).unwrap();
    assert_eq!(game_record::items(&written).collect::<Vec<_>>(), [ItemId(9), ItemId(1)]);
}

#[test]
fn a_message_goes_into_the_record_and_is_refused_after_four_tries() {
    let mut script = Script::new();
    let written = script.command(0, Command::Send { to: OTHER, message: MessageId(3) }).read(1, &[]).unwrap();
    assert_eq!(game_record::messages(&written).collect::<Vec<_>>(), [MessageId(3)]);
    for second in 2..6 {
        assert_eq!(script.events(), []);
        let (id, _) = script.takes(second, Input::Wake).request().unwrap_or((RequestId(2), &Request::get("".into())));
        script.takes(second, Input::Response(id, Err(ServiceError::Rejected)));
    }
    assert_eq!(script.events(), [GuestEvent::MessageRefused { message: MessageId(3) }]);
}

#[test]
fn a_receipt_is_applied_in_memory_once_and_granted_each_time() {
    let mut script = Script::joined(&[]);
    let receipt = Command::Receipt { player: PLAYER, receipt: ReceiptId(5) };
    let granted = GuestEvent::PurchaseGranted { player: PLAYER, receipt: ReceiptId(5) };
    assert_eq!(script.command(1, receipt).events().last(), Some(&granted));
    assert_eq!(script.command(2, receipt).events(), [granted]);
}

#[test]
fn a_trade_is_a_swap_when_both_are_here_and_both_have_agreed() {
    let mut script = Script::joined(&[1]);
    let side = |player, partner| Command::Trade { player, partner, trade: TradeId(1) };
    assert_eq!(script.command(1, side(PLAYER, OTHER)).events(), [], "the other is not here");
    script.command(2, Command::Join(OTHER)).read(3, &[2]);
    assert_eq!(script.command(4, side(PLAYER, OTHER)).events(), [], "the other has not agreed");
    let moved = script.command(5, side(OTHER, PLAYER)).events();
    assert_eq!(moved.iter().filter(|event| matches!(event, GuestEvent::ItemMoved { .. })).count(), 2);
}

#[test]
fn an_admin_removes_a_record_or_writes_back_what_was_read() {
    let mut script = Script::new();
    script.command(0, Command::Remove(OTHER));
    assert!(matches!(script.request(), Some((_, Request::Remove { .. }))));
    let written = script.command(1, Command::Rollback(OTHER)).read(2, &[4]).unwrap();
    assert_eq!(written, game_record::data(&[4]));
}
