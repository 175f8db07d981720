//! The home-made script does what such scripts do.

use dupeproof_core::{Mono, Now, Span, Stored, Unix};
use dupeproof_scenarios::subjects::game;
use dupeproof_scenarios::subjects::naive::NaiveSubject;
use dupeproof_sim::guest::{Command, PlayerId, SessionNo};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::trace::ServerId;
use dupeproof_sim::{
    EndReason, Guest, GuestEvent, Input, Output, Request, RequestId, Response, ServiceError, Stamp, StartFailure,
    Subject, Version,
};

const PLAYER: PlayerId = PlayerId(0);

/// The script, and what it did last.
struct Script {
    guest: Box<dyn Guest>,
    out: Vec<Output>,
    wake: Option<Mono>,
}

impl Script {
    fn new() -> Script {
        let boot = Boot { server: ServerId { slot: 0, life: 0 }, job_id: "job-0-0".into(), seed: 1 };
        Script { guest: NaiveSubject.guest(&boot), out: Vec::new(), wake: None }
    }

    fn takes(&mut self, second: u64, input: Input) -> &mut Script {
        self.out.clear();
        let now = Now { mono: Mono(Span::secs(second).0), unix: Unix(0) };
        self.wake = self.guest.handle(now, input, &mut self.out);
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
        let value = Stored::from_json(game::data(items));
        script.takes(1, Input::Response(id, Ok(Response::Value(Some((Version(1), value))))));
        assert!(matches!(script.events()[..], [GuestEvent::SessionStarted { .. }]));
        script
    }

    fn set(&self) -> (RequestId, Stamp) {
        let Some((id, Request::Set { value, .. })) = self.request() else { panic!("no SetAsync: {:?}", self.out) };
        (id, game::stamp(value.data().unwrap()))
    }
}

#[test]
fn it_saves_every_minute_and_on_leave_whatever_anybody_else_did() {
    let mut script = Script::joined(&[1]);
    assert_eq!(script.wake, Some(Mono(Span::secs(61).0)));
    script.command(10, Command::Edit(PLAYER));
    let (id, stamp) = script.takes(61, Input::Wake).set();
    assert_eq!(stamp, Stamp(1));
    script.takes(62, Input::Response(id, Ok(Response::Committed(Version(2)))));
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
    script.takes(1, Input::Response(id, Ok(Response::Value(None))));
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
    script.takes(8, Input::Response(id, Ok(Response::Committed(Version(2)))));
    assert!(script.out.contains(&Output::Closed));
    script.command(9, Command::Join(PLAYER));
    assert_eq!(script.events(), [GuestEvent::StartFailed { player: PLAYER, failure: StartFailure::Closing }]);
    assert!(!script.out.contains(&Output::Closed), "it says so once");
}
