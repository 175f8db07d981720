//! What all invariants ask of the history: what was stored, who was overtaken, which session is the later one, who is
//! gone.

use dupeproof_core::Stored;
use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::silent_end::Silence;
use dupeproof_sim::FindingKind::{self, FalseAck, LockStuck, LostUpdate, SilentEnd, UnfencedWrite};
use dupeproof_sim::id::{PlayerId, ServerId, SessionRef};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Command, EndReason};
use serde_json::json;

use crate::stream::{PLAYER, SESSION, Stream, record, server, studio_start, unlocked};

const NONE: [FindingKind; 0] = [];

fn locked(slot: u16) -> Option<Stored> {
    Some(record(0, Some(server(slot))))
}

/// Server 0 has the lock and a session with an unsaved state 1.
fn unsaved() -> Stream {
    let mut stream = Stream::new();
    stream.commits(0.5, 0, locked(0)).starts(1.0, 0, 0, Some(40.0)).edits(2.0, 0, 0, 1);
    stream
}

fn lost(stream: &mut Stream) -> usize {
    stream.probes(200.0).kinds().into_iter().filter(|kind| *kind == LostUpdate).count()
}

#[test]
fn a_state_that_nobody_says_to_have_made_was_stored_while_it_is_in_the_store_and_not_else() {
    let told = |stored: Option<u64>| {
        let mut stream = Stream::new();
        stream.starts(1.0, 0, 0, None);
        if let Some(stamp) = stored {
            stream.commits(2.0, 0, Some(unlocked(stamp)));
        }
        stream.saved(3.0, 0, 9).kinds()
    };
    assert_eq!((told(Some(9)), told(None), told(Some(8))), (NONE.to_vec(), vec![FalseAck], vec![FalseAck]));
}

#[test]
fn the_untouched_state_was_stored_whatever_has_come_since() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, None).edits(2.0, 0, 0, 1).commits(3.0, 0, Some(unlocked(1)));
    assert_eq!(stream.saved(4.0, 0, 0).kinds(), NONE);
}

#[test]
fn a_state_may_be_made_from_one_that_nobody_says_to_have_made() {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, Some(unlocked(5))).starts(2.0, 0, 5, None).edits(3.0, 0, 5, 7);
    assert_eq!(stream.commits(4.0, 0, Some(unlocked(7))).kinds(), NONE);
    let mut stream = Stream::new();
    stream.commits(1.0, 0, Some(unlocked(5))).starts(2.0, 0, 5, None).edits(3.0, 0, 6, 7);
    assert_eq!(stream.commits(4.0, 0, Some(unlocked(7))).kinds(), [LostUpdate], "made from another");
}

#[test]
fn of_each_session_the_newest_state_that_was_not_stored_counts() {
    assert_eq!(lost(unsaved().edits(2.5, 0, 1, 2).ends(3.0, 0)), 1);
    let mut stream = unsaved();
    stream.ends(3.0, 0).commits(3.5, 0, Some(record(0, None))).commits(4.0, 1, locked(1)).starts(5.0, 1, 0, None);
    assert_eq!(lost(stream.edits(6.0, 1, 0, 2).ends(7.0, 1)), 2, "two sessions have lost something");
}

#[test]
fn who_is_killed_had_no_chance_to_save_and_who_closes_had() {
    assert_eq!(lost(unsaved().tell(3.0, Event::ServerKilled { server: server(0) })), 0);
    assert_eq!(lost(unsaved().tell(3.0, Event::ServerClosed { server: server(0) })), 1);
    assert_eq!(lost(unsaved().ends(3.0, 0).tell(4.0, Event::ServerClosed { server: server(0) })), 1);
}

#[test]
fn how_a_session_ended_stays_when_its_server_closes() {
    let mut stream = unsaved();
    stream.ends_as(3.0, 0, EndReason::Lost).tell(4.0, Event::ServerClosed { server: server(0) });
    assert_eq!(lost(&mut stream), 0);
}

#[test]
fn a_session_on_a_server_that_has_closed_has_nobody_to_tell() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(45.0)).starts(50.0, 1, 0, Some(95.0)).ends(60.0, 1);
    stream.tell(150.0, Event::ServerClosed { server: server(0) }).probes(200.0).starts(201.0, 3, 0, Some(250.0));
    assert_eq!(stream.ends(260.0, 3).over(300.0, &[&[]]).kinds(), NONE);
}

#[test]
fn a_life_that_follows_a_crash_is_not_dead() {
    let left = |life| {
        let (crashed, next) = (server(0), ServerId { slot: 0, life: 1 });
        let mut stream = Stream::new();
        stream.tell(1.0, Event::ServerCrashed { server: crashed }).tell(2.0, Event::ServerStarted { server: next });
        stream.commits_for(3.0, ServerId { slot: 0, life }, PLAYER, locked(0)).probes(200.0);
        stream.starts(250.0, 3, 0, None).kinds()
    };
    assert_eq!((left(0), left(1)), (NONE.to_vec(), vec![LockStuck]));
}

#[test]
fn a_write_that_leaves_the_lock_as_it_is_does_not_end_its_taking() {
    let mut stream = Stream::new();
    stream.commits(0.4, 0, locked(0)).commits(0.5, 0, locked(0)).starts(1.0, 0, 0, Some(40.0)).edits(2.0, 0, 0, 1);
    assert_eq!(lost(stream.ends(3.0, 0).commits(50.0, 1, locked(1))), 0, "overtaken");
}

#[test]
fn a_server_that_takes_its_own_lock_anew_overtakes_nobody() {
    let taken = |by| {
        let mut stream = Stream::new();
        stream.commits(0.5, 0, Some(studio_start(0, 1))).starts(1.0, 0, 0, Some(40.0)).edits(2.0, 0, 0, 1);
        lost(stream.ends(3.0, 0).commits(50.0, by, Some(studio_start(0, 2))))
    };
    assert_eq!((taken(0), taken(1)), (1, 0));
}

#[test]
fn a_session_that_has_not_taken_the_lock_comes_after_all_who_had() {
    // Server 1's session has no lock; server 0's has, and its game gets it only later.
    let mut stream = Stream::new();
    stream.commits(1.0, 0, locked(0)).starts(2.0, 1, 0, None).ends(2.5, 1).starts(3.0, 0, 0, None);
    let (findings, _) = stream.over(300.0, &[&[]]).verdict();
    let [session, later] = [0, 1].map(|slot| SessionRef { server: server(slot), no: SESSION });
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].kind(), &findings[0].fact), (SilentEnd, &Fact::SilentEnd(Silence { session, later })));
}

#[test]
fn a_session_does_not_begin_by_a_lock_that_its_server_has_released() {
    // Server 0's second session has no lock, and is the later one: server 1 may not write any more.
    let mut stream = Stream::new();
    stream.commits(1.0, 0, locked(0)).commits(2.0, 0, Some(record(0, None))).commits(3.0, 1, locked(1));
    stream.starts(3.5, 1, 0, None).edits(4.0, 1, 0, 7).ends(5.0, 1).starts(6.0, 0, 0, None);
    assert_eq!(stream.commits(7.0, 1, Some(record(7, Some(server(1))))).kinds(), [UnfencedWrite]);
}

#[test]
fn a_lock_is_nobodys_only_where_it_made_a_record_after_an_admins_removal() {
    let left = |write: &dyn Fn(&mut Stream)| {
        let mut stream = Stream::new();
        stream.commits(0.5, 0, Some(record(0, None)));
        write(&mut stream);
        stream.commits(4.0, 0, locked(0)).probes(200.0).starts(201.0, 3, 0, None).kinds()
    };
    let asked = |stream: &mut Stream| {
        stream.acts(1.0, 1, Command::Remove(PLAYER)).commits(2.0, 1, None);
    };
    assert_eq!(left(&asked), NONE);
    assert_eq!(
        left(&|stream| {
            stream.commits(2.0, 1, None);
        }),
        [LockStuck],
        "nobody asked"
    );
    let made_anew = |stream: &mut Stream| {
        asked(stream);
        stream.commits(3.0, 1, Some(record(0, None)));
    };
    assert_eq!(left(&made_anew), [LockStuck], "the record was there");
    let rolled_back = |stream: &mut Stream| {
        stream.acts(1.0, 1, Command::Rollback(PLAYER)).commits(2.0, 1, Some(record(0, None))).commits(3.0, 1, None);
    };
    assert_eq!(left(&rolled_back), [LockStuck], "a set is no removal");
}

#[test]
fn what_was_stored_of_another_player_is_no_state_to_roll_back_to() {
    let mut stream = Stream::of_players(&[Some(0), Some(0)]);
    stream.commits(0.5, 0, locked(0)).starts(1.0, 0, 0, None).acts(2.0, 1, Command::Rollback(PLAYER));
    stream.commits_for(2.5, server(2), PlayerId(1), Some(record(9, None)));
    stream.edits(3.0, 0, 0, 1).commits(4.0, 0, Some(record(1, Some(server(0)))));
    assert_eq!(stream.commits(5.0, 1, Some(record(9, None))).kinds(), [LostUpdate, UnfencedWrite]);
}

#[test]
fn a_set_that_leaves_a_sessions_signature_as_it_is_is_an_admins() {
    let signed = |lock: Option<ServerId>, number: u64| {
        let mut json = record(0, lock).to_json();
        json["MetaData"]["LastWrite"] = json!(["guid", number]);
        Some(Stored::from_json(json))
    };
    let set = |number| {
        let mut stream = Stream::new();
        stream.commits(0.5, 0, signed(Some(server(0)), 3)).starts(1.0, 0, 0, None);
        stream.acts(2.0, 1, Command::Rollback(PLAYER)).commits(5.0, 1, signed(None, number)).kinds()
    };
    assert_eq!((set(3), set(4)), (NONE.to_vec(), vec![UnfencedWrite]));
}
