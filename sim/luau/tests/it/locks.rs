//! Modules do not say how a session acquired its lock; its server has seen it.

use dupeproof_core::Span;
use dupeproof_luau::{Files, LuauSubject, Options};
use dupeproof_sim::guest::Acquired;
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::PlayerPlan;
use dupeproof_sim::{Action, Command, Event, Global, GuestEvent, Observer, Schedule, ServerPlan, Step};

use crate::common::{contract, fenced};

#[derive(Default)]
struct Starts(Vec<(u16, Acquired)>);

impl Observer for Starts {
    fn observe(&mut self, _: Global, event: &Event) {
        if let Event::Guest { server, event: GuestEvent::SessionStarted { acquired, .. }, .. } = event {
            self.0.push((server.slot, *acquired));
        }
    }
}

/// Takes whatever lock there is, or thinks that any is its own. Its lock is a GUID, which it leaves behind, or always the
/// same text, which it clears.
const STEALER: &str = r#"
local store = game:GetService("DataStoreService"):GetDataStore("PlayerData")
local guid = game:GetService("HttpService")
return {
    name = "thief",
    where = { store = "PlayerData", scope = "global", key = "Player_%d", data = { "Data" }, lock = { "Lock" } },
    setup = function() end,
    load = function(visit)
        local lock = if SAME then "same" else guid:GenerateGUID(false)
        local record = store:UpdateAsync(visit.key, function(record)
            if record.Lock == nil or not SHARES then
                record.Lock = lock
            end
            return record
        end)
        return { data = record.Data, key = visit.key, open = true }
    end,
    leave = function(session)
        session.open = false
        if SAME then
            store:UpdateAsync(session.key, function(record)
                record.Lock = nil
                return record
            end)
        end
    end,
    read = function(session) return session.data end,
    is_live = function(session) return session.open end,
    record = function(data) return { Data = data } end,
}
"#;

fn stealer(shares: bool, same: bool) -> Options {
    let script = STEALER.replace("SHARES", &shares.to_string()).replace("SAME", &same.to_string());
    let adapter = ("thief".into(), script);
    Options { adapter: Some(adapter), ..Options::new(Files::new()) }
}

fn starts(options: &Options, commands: &[(u64, u16, Command)]) -> Vec<(u16, Acquired)> {
    let subject = LuauSubject::new(options, contract(&[])).unwrap_or_else(|problem| panic!("{problem}"));
    let step = |&(at, server, command)| Step { at: Span::secs(at), action: Action::Command { server, command } };
    let schedule = Schedule {
        seed: 1,
        subject: "luau".into(),
        servers: vec![ServerPlan::default(); 2],
        players: vec![PlayerPlan { items: Some(1) }],
        timeline: commands.iter().map(step).collect(),
        length: Span::secs(200),
        ..Schedule::default()
    };
    let mut starts = Starts::default();
    Network::Event.run(&schedule, &subject, &mut starts);
    // Without the one on the server that tries everything once more.
    starts.0.retain(|(slot, _)| *slot < 2);
    starts.0
}

const JOIN: Command = Command::Join(PlayerId(0));
const LEAVE: Command = Command::Leave(PlayerId(0));

#[test]
fn a_lock_that_nobody_holds_is_free_and_one_that_is_waited_for_is_handed_over() {
    let commands =
        [(1, 0, JOIN), (20, 1, JOIN), (30, 0, LEAVE), (60, 1, LEAVE), (80, 0, JOIN), (90, 0, LEAVE), (91, 0, JOIN)];
    let expected = [(0, Acquired::Free), (1, Acquired::HandedOver), (0, Acquired::Free), (0, Acquired::Free)];
    assert_eq!(starts(&fenced(), &commands), expected);
}

#[test]
fn a_lock_that_takes_the_place_of_anothers_is_taken_without_protection() {
    let options = stealer(false, false);
    let commands = [(1, 0, JOIN), (20, 1, JOIN), (40, 1, LEAVE), (60, 1, JOIN)];
    let expected = [(0, Acquired::Free), (1, Acquired::Unprotected), (1, Acquired::Free)];
    assert_eq!(starts(&options, &commands), expected, "the last takes the place of its server's own");
}

#[test]
fn a_lock_may_stand_under_a_key_of_its_own() {
    let options = stealer(false, false);
    let (name, source) = options.adapter.clone().expect("it has one");
    let source = source
        .replace(r#"lock = { "Lock" }"#, r#"lock = { store = "Locks", key = "lock_%d", path = { "by" } }"#)
        .replace(
            "return { data = record.Data",
            r#"game:GetService("DataStoreService"):GetDataStore("Locks"):UpdateAsync(
            `lock_{visit.user_id}`, function() return { by = lock } end)
        return { data = record.Data"#,
        );
    let options = Options { adapter: Some((name, source)), ..options };
    let expected = [(0, Acquired::Free), (1, Acquired::Unprotected)];
    assert_eq!(starts(&options, &[(1, 0, JOIN), (20, 1, JOIN)]), expected);
}

#[test]
fn a_session_that_begins_under_anothers_lock_has_no_protection() {
    let expected = [(0, Acquired::Free), (1, Acquired::Unprotected), (0, Acquired::Free)];
    assert_eq!(starts(&stealer(true, false), &[(1, 0, JOIN), (20, 1, JOIN), (40, 0, LEAVE), (60, 0, JOIN)]), expected);
}

#[test]
fn a_lock_is_not_ones_own_because_it_says_the_same() {
    let commands = [(1, 0, JOIN), (10, 0, LEAVE), (20, 1, JOIN), (40, 0, JOIN)];
    let expected = [(0, Acquired::Free), (1, Acquired::Free), (0, Acquired::Unprotected)];
    assert_eq!(starts(&stealer(true, true), &commands), expected, "server 0 has cleared the one it had");
    let commands = [(1, 0, JOIN), (10, 0, LEAVE), (20, 1, JOIN), (30, 1, LEAVE), (40, 0, JOIN)];
    let expected = [(0, Acquired::Free), (1, Acquired::Free), (0, Acquired::Free)];
    assert_eq!(starts(&stealer(true, true), &commands), expected);
}
