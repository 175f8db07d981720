//! Sessions that lost their lock by force. The lease is 45 s, and the lock is lost at 10 s: 55 s is in time.

use dupeproof_core::{Mono, Span, Stored};
use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::overdue::Overdue;
use dupeproof_sim::guest::Acquired;
use dupeproof_sim::id::{PlayerId, SessionNo, SessionRef, Stamp};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Command, FindingKind, Global, GuestEvent};

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
    assert_eq!((woken(Some(100.0)), woken(Some(101.0)), woken(None)), (0, 0, 1));
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

#[test]
fn a_game_that_is_told_too_late_is_caught_though_nothing_happened_before() {
    let told = |tell: &dyn Fn(&mut Stream)| {
        let mut stream = robbed(Command::Steal(PLAYER));
        stream.renewed(20.0, 0, 55.0);
        tell(&mut stream);
        overdue(&mut stream)
    };
    assert_eq!(
        told(&|stream| {
            stream.suspended(56.0, 0);
        }),
        0
    );
    assert_eq!(
        told(&|stream| {
            stream.suspended(70.0, 0);
        }),
        1
    );
    assert_eq!(
        told(&|stream| {
            stream.ends(56.0, 0);
        }),
        0
    );
    assert_eq!(
        told(&|stream| {
            stream.ends(70.0, 0);
        }),
        1
    );
    assert_eq!(
        told(&|stream| {
            stream.crashes(56.0, 0);
        }),
        0
    );
}

#[test]
fn a_lease_beyond_the_loss_is_caught_once_and_to_the_millisecond() {
    let renewed =
        |until| overdue(robbed(Command::Steal(PLAYER)).renewed(20.0, 0, until).acts(60.0, 2, Command::Edit(PLAYER)));
    let told_at_once = |until| overdue(robbed(Command::Steal(PLAYER)).renewed(20.0, 0, until));
    assert_eq!((told_at_once(55.001), told_at_once(55.002)), (0, 1));
    assert_eq!(renewed(90.0), 1);
}

#[test]
fn a_lock_that_was_taken_over_and_not_by_force_has_bounds_of_its_own() {
    let mut stream = robbed(Command::Edit(PLAYER));
    assert_eq!(overdue(stream.renewed(20.0, 0, 90.0).acts(100.0, 2, Command::Edit(PLAYER))), 0);
}

#[test]
fn what_others_are_told_is_another_matter() {
    let mut thief = robbed(Command::Steal(PLAYER));
    thief.starts(11.0, 1, 0, Some(100.0)).renewed(30.0, 1, 120.0);
    assert!(!thief.kinds().contains(&FindingKind::Overdue));
    // Another player's session on the same server has a first taking of its own.
    let mut neighbour = Stream::of_players(&[Some(0), Some(0)]);
    let (other, lock) = (PlayerId(1), |slot, guid| Some(Stored::from_json(leased(0, server(slot), guid))));
    neighbour.commits_for(0.5, server(0), other, lock(0, "n"));
    let (session, stamp, live_until) = (SessionNo(2), Stamp(0), Some(Mono(0)));
    let begun = GuestEvent::SessionStarted { session, player: other, stamp, live_until, acquired: Acquired::Free };
    let live_until = Some(Global(200_000_000));
    neighbour.commits(1.0, 0, lock(0, "a")).starts(1.0, 0, 0, Some(46.0));
    neighbour.acts(9.0, 1, Command::Steal(PLAYER)).commits(10.0, 1, lock(1, "b"));
    neighbour.tell(11.0, Event::Guest { server: server(0), live_until, event: begun }).ends(12.0, 0);
    assert_eq!(neighbour.acts(90.0, 2, Command::Edit(PLAYER)).kinds(), NONE);
}

#[test]
fn a_lease_ends_by_its_own_servers_clock() {
    // A clock that is a tenth too slow counts 45 s in 50 s, and one that is a tenth too fast in 40.9 s.
    let renewed = |rate_ppm, until| {
        let mut stream = Stream::scheduled(&[Some(0)], RecordLayout::Record, |schedule| {
            schedule.servers[0].rate_ppm = rate_ppm;
        });
        stream.commits(1.0, 0, Some(Stored::from_json(leased(0, server(0), "a")))).starts(1.0, 0, 0, Some(46.0));
        stream.acts(9.0, 1, Command::Steal(PLAYER));
        stream.commits(10.0, 1, Some(Stored::from_json(leased(0, server(1), "b"))));
        overdue(stream.renewed(20.0, 0, until))
    };
    assert_eq!((renewed(-100_000, 60.0), renewed(-100_000, 60.1)), (0, 1));
    assert_eq!((renewed(100_000, 50.9), renewed(100_000, 51.0)), (0, 1));
}
