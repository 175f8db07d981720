//! Two servers live at one instant.

use dupeproof_core::Span;
use dupeproof_sim::FindingKind::{self, DoubleLive};
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::trace::Event;

use crate::stream::{PLAYER, Stream, server};

const NONE: [FindingKind; 0] = [];

#[test]
fn a_session_that_starts_while_another_is_live_is_caught_and_measured() {
    // Live 1..45 and 40..: five seconds.
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(45.0)).starts(40.0, 1, 0, Some(85.0)).ends(90.0, 0).ends(91.0, 1);
    let (findings, _) = stream.verdict();
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].kind(), findings[0].lasted), (DoubleLive, Some(Span::secs(5))));
    assert_eq!((findings[0].player, findings[0].servers().collect()), (Some(PLAYER), vec![server(0), server(1)]));
}

#[test]
fn a_session_that_starts_the_moment_the_other_lease_runs_out_is_clean() {
    assert_eq!(Stream::new().starts(1.0, 0, 0, Some(45.0)).starts(45.0, 1, 0, Some(90.0)).kinds(), NONE);
}

#[test]
fn a_lease_confirmed_after_it_ran_out_and_was_taken_is_caught() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(45.0)).starts(50.0, 1, 0, Some(95.0)).renewed(60.0, 0, 100.0);
    assert_eq!(stream.kinds(), [DoubleLive]);
}

#[test]
fn a_session_that_resumes_under_another_is_caught() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(45.0)).suspended(45.0, 0).starts(50.0, 1, 0, Some(95.0)).resumed(60.0, 0, 70.0);
    let (findings, _) = stream.ends(80.0, 0).verdict();
    assert_eq!((findings[0].kind(), findings[0].lasted), (DoubleLive, Some(Span::secs(10))));
}

#[test]
fn a_session_that_resumes_after_the_other_ended_is_clean() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(45.0)).suspended(45.0, 0).starts(50.0, 1, 0, Some(95.0)).ends(55.0, 1);
    assert_eq!(stream.resumed(60.0, 0, 70.0).kinds(), NONE);
}

#[test]
fn an_overlap_lasts_as_long_as_renewals_keep_it() {
    // The first is renewed to 100, the second ends at 80: 80 - 40 = 40 s, told once.
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(45.0)).starts(40.0, 1, 0, Some(60.0)).renewed(42.0, 0, 100.0);
    let (findings, _) = stream.renewed(55.0, 1, 110.0).ends(80.0, 1).ends(90.0, 0).verdict();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].lasted, Some(Span::secs(40)));
}

#[test]
fn a_session_that_is_live_until_it_ends_overlaps_to_its_end() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, None).starts(10.0, 1, 0, None).ends(25.0, 0).over(100.0, &[&[]]);
    let (findings, _) = stream.verdict();
    assert_eq!((findings[0].kind(), findings[0].lasted), (DoubleLive, Some(Span::secs(15))));
}

#[test]
fn an_overlap_that_nobody_ends_lasts_until_the_run_is_over() {
    let mut stream = Stream::new();
    let (findings, _) = stream.starts(1.0, 1, 0, None).starts(10.0, 0, 0, None).over(100.0, &[&[]]).verdict();
    assert_eq!((findings[0].kind(), findings[0].lasted), (DoubleLive, Some(Span::secs(90))));
}

#[test]
fn a_session_that_ended_first_is_clean() {
    assert_eq!(Stream::new().starts(1.0, 0, 0, None).ends(9.0, 0).starts(9.0, 1, 0, None).kinds(), NONE);
}

#[test]
fn a_frozen_servers_session_counts_as_its_clock_says() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(45.0)).tell(5.0, Event::ServerFroze { server: server(0) });
    assert_eq!(stream.starts(30.0, 1, 0, Some(75.0)).kinds(), [DoubleLive]);
}

#[test]
fn a_frozen_server_that_wakes_after_its_lease_is_clean() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(45.0)).tell(5.0, Event::ServerFroze { server: server(0) });
    stream.starts(50.0, 1, 0, Some(95.0)).tell(60.0, Event::ServerWoke { server: server(0) });
    assert_eq!(stream.suspended(60.0, 0).kinds(), NONE);
}

/// Server 0 has a session without a lease and freezes; server 1 starts one of the same player.
fn started_while_frozen() -> Stream {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, None).tell(5.0, Event::ServerFroze { server: server(0) }).starts(50.0, 1, 0, Some(200.0));
    stream
}

/// And server 0 wakes.
fn overlapped_while_frozen() -> Stream {
    let mut stream = started_while_frozen();
    stream.tell(60.0, Event::ServerWoke { server: server(0) });
    stream
}

#[test]
fn a_frozen_servers_session_without_a_lease_is_live_if_it_is_when_it_wakes() {
    let goes_on = |stream: &mut Stream| {
        let (findings, _) = stream.verdict();
        findings.iter().map(|finding| (finding.kind(), finding.lasted)).collect::<Vec<_>>()
    };
    let lasted = |millis| vec![(DoubleLive, Some(Span::millis(millis)))];
    assert_eq!(goes_on(overlapped_while_frozen().ends(70.0, 0)), lasted(20_000), "it says nothing for ten seconds");
    assert_eq!(goes_on(overlapped_while_frozen().asks(60.0, 0, "Player_0", 1).ends(60.2, 0)), lasted(10_200));
    let mut first = started_while_frozen();
    first.ends(55.0, 1).tell(60.0, Event::ServerWoke { server: server(0) });
    assert_eq!(goes_on(first.ends(70.0, 0)), lasted(5_000), "the other ended first");
    assert_eq!(goes_on(overlapped_while_frozen().asks(60.1, 0, "Player_0", 1).suspended(60.1, 0).ends(60.2, 0)), []);
    assert_eq!(goes_on(overlapped_while_frozen().suspended(60.0, 0).resumed(60.5, 0, 61.5)).len(), 1, "live again");
}

#[test]
fn a_frozen_server_that_never_wakes_has_nothing_live_without_a_lease() {
    assert_eq!(started_while_frozen().crashes(60.0, 0).over(99.0, &[&[]]).kinds(), NONE);
}

#[test]
fn a_server_that_is_gone_holds_nothing() {
    assert_eq!(Stream::new().starts(1.0, 0, 0, None).crashes(5.0, 0).starts(6.0, 1, 0, None).kinds(), NONE);
}

#[test]
fn two_sessions_on_one_server_are_not_two_servers() {
    assert_eq!(Stream::new().starts(1.0, 0, 0, None).starts(2.0, 0, 0, None).kinds(), NONE);
}

#[test]
fn a_lease_confirmed_at_the_moment_at_which_it_ran_out_does_not_bridge_it() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(45.0)).starts(45.0, 1, 0, Some(95.0)).renewed(45.0, 0, 60.0);
    assert_eq!(stream.kinds(), [DoubleLive]);
}

#[test]
fn a_confirmation_that_is_over_when_it_comes_makes_nothing_live() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(45.0)).starts(50.0, 1, 0, Some(95.0)).renewed(60.0, 0, 60.0);
    assert_eq!(stream.kinds(), NONE);
}

#[test]
fn a_confirmation_that_takes_liveness_back_ends_the_overlap_when_it_comes() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(90.0)).starts(40.0, 1, 0, Some(85.0)).renewed(50.0, 0, 45.0);
    let (findings, _) = stream.ends(91.0, 0).verdict();
    assert_eq!((findings.len(), findings[0].lasted), (1, Some(Span::secs(10))));
}

#[test]
fn an_overlap_ends_with_one_of_its_own_sessions() {
    let mut stream = Stream::of_players(&[Some(0), Some(0)]);
    stream.starts(1.0, 0, 0, None).starts(10.0, 1, 0, None).starts_for(11.0, 2, PlayerId(1)).ends(12.0, 2);
    let (findings, _) = stream.ends(25.0, 0).verdict();
    assert_eq!((findings.len(), findings[0].lasted), (1, Some(Span::secs(15))));
}

#[test]
fn a_lease_that_ran_out_and_is_confirmed_again_makes_another_overlap() {
    // 40 to 45, and 50 to 60.
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(45.0)).starts(40.0, 1, 0, Some(60.0)).renewed(50.0, 0, 100.0);
    let (findings, _) = stream.ends(70.0, 0).verdict();
    let lasted: Vec<_> = findings.iter().map(|finding| finding.lasted).collect();
    assert_eq!(lasted, [Some(Span::secs(5)), Some(Span::secs(10))]);
}
