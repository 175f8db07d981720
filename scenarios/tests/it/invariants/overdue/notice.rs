//! Sessions that lost their lock by force. The lease is 45 s, and the lock is lost at 10 s: 55 s is in time.

use dupeproof_core::{Span, Stored};
use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::overdue::Overdue;
use dupeproof_sim::Command;
use dupeproof_sim::FindingKind;
use dupeproof_sim::id::SessionRef;
use dupeproof_sim::trace::Event;

use super::leased;
use crate::stream::{PLAYER, SESSION, Stream, record, server};

const NONE: [FindingKind; 0] = [];

/// Server 0 has a session, live until 46 s, and at 10 s somebody takes its lock away.
fn robbed(command: Command) -> Stream {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, Some(Stored::from_json(leased(0, server(0), "a")))).starts(1.0, 0, 0, Some(46.0));
    let after = match command {
        Command::Remove(_) => None,
        Command::Rollback(_) => Some(record(0, None)),
        _ => Some(Stored::from_json(leased(0, server(1), "b"))),
    };
    stream.acts(9.0, 1, command).commits(10.0, 1, after);
    stream
}

fn overdue(stream: &mut Stream) -> usize {
    let (findings, _) = stream.verdict();
    let notice = Overdue::Notice { session: SessionRef { server: server(0), no: SESSION }, taker: server(1) };
    findings.iter().filter(|finding| finding.fact == Fact::Overdue(notice)).count()
}

const ALL: [Command; 3] = [Command::Steal(PLAYER), Command::Remove(PLAYER), Command::Rollback(PLAYER)];

#[test]
fn a_session_whose_lease_is_confirmed_beyond_the_loss_of_its_lock_is_caught() {
    for command in ALL {
        let renewed = |until| overdue(robbed(command).renewed(20.0, 0, until));
        assert_eq!((renewed(55.0), renewed(55.1)), (0, 1), "{command:?}");
        let resumed = |until| overdue(robbed(command).suspended(46.0, 0).resumed(50.0, 0, until));
        assert_eq!((resumed(55.0), resumed(80.0)), (0, 1), "{command:?}");
    }
}

#[test]
fn a_game_that_is_told_nothing_within_the_lease_is_caught_once() {
    for command in ALL {
        let at = |second| overdue(robbed(command).renewed(20.0, 0, 55.0).acts(second, 2, Command::Edit(PLAYER)));
        assert_eq!((at(56.0), at(56.1)), (0, 1), "{command:?}");
        let mut stream = robbed(command);
        stream.acts(60.0, 2, Command::Edit(PLAYER)).acts(70.0, 2, Command::Edit(PLAYER));
        assert_eq!(overdue(&mut stream), 1, "{command:?}");
    }
}

#[test]
fn a_game_that_is_told_in_time_is_clean() {
    let mut suspended = robbed(Command::Steal(PLAYER));
    assert_eq!(suspended.suspended(46.0, 0).acts(90.0, 2, Command::Edit(PLAYER)).kinds(), NONE);
    let mut over = robbed(Command::Steal(PLAYER));
    assert_eq!(over.ends(12.0, 0).acts(90.0, 2, Command::Edit(PLAYER)).kinds(), NONE);
    let mut gone = robbed(Command::Steal(PLAYER));
    assert_eq!(gone.crashes(12.0, 0).acts(90.0, 2, Command::Edit(PLAYER)).kinds(), NONE);
}

#[test]
fn a_frozen_server_tells_when_it_wakes() {
    let woken = |told: Option<f64>| {
        let mut stream = robbed(Command::Steal(PLAYER));
        stream.tell(12.0, Event::ServerFroze { server: server(0) });
        stream.acts(80.0, 2, Command::Edit(PLAYER)).tell(100.0, Event::ServerWoke { server: server(0) });
        if let Some(second) = told {
            stream.suspended(second, 0);
        }
        overdue(stream.acts(102.0, 2, Command::Edit(PLAYER)))
    };
    assert_eq!((woken(Some(100.0)), woken(None)), (0, 1));
}

#[test]
fn a_server_that_lags_tells_when_it_has_recovered() {
    let mut stream = robbed(Command::Steal(PLAYER));
    stream.tell(12.0, Event::ServerLagged { server: server(0), frame: Span::secs(5) });
    stream.acts(58.0, 2, Command::Edit(PLAYER)).suspended(58.5, 0);
    stream.tell(60.0, Event::ServerRecovered { server: server(0) });
    assert_eq!(overdue(stream.acts(90.0, 2, Command::Edit(PLAYER))), 0);
}

#[test]
fn a_session_without_a_lease_has_no_bound() {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, Some(record(0, Some(server(0))))).starts(1.0, 0, 0, None);
    stream.acts(9.0, 1, Command::Steal(PLAYER)).commits(10.0, 1, Some(record(0, Some(server(1)))));
    assert_eq!(overdue(stream.acts(900.0, 2, Command::Edit(PLAYER))), 0);
}

#[test]
fn a_late_write_that_brings_the_lock_back_after_a_removal_is_clean() {
    let mut stream = robbed(Command::Remove(PLAYER));
    stream.commits(11.0, 0, Some(Stored::from_json(leased(0, server(0), "a")))).renewed(20.0, 0, 65.0);
    assert_eq!(overdue(stream.acts(64.0, 2, Command::Edit(PLAYER))), 0);
}
