use std::process::Command as Process;
use std::thread;

use dupeproof_core::Span;
use dupeproof_luau::{LuauSubject, Options, read_adapter};
use dupeproof_scenarios::Suite;
use dupeproof_sim::network::{Network, RunEnd};
use dupeproof_sim::schedule::{FaultRates, RequestFaultRates};
use dupeproof_sim::{Digest, Schedule};

use crate::common::{contract, fenced, run, schedule, script};

/// Logs everything that could differ between two runs, and makes enough garbage to be collected many times.
const SHOW: &str = "
    local Players = game:GetService('Players')
    local HttpService = game:GetService('HttpService')
    local keyed, weak = {}, setmetatable({}, {__mode = 'k'})
    local function fill(from)
        for n = from, from + 99 do
            local key = if n % 3 == 0 then {} elseif n % 3 == 1 then function() return n end else coroutine.create(print)
            keyed[key] = n
            weak[{}] = string.rep('x', 5000) .. n
        end
    end
    local function show()
        local shown, left = {}, 0
        for key, n in keyed do table.insert(shown, `{n} {key}`) end
        for _ in weak do left += 1 end
        print(table.concat(shown, ','), left, gcinfo(), math.random(), Random.new():NextNumber())
        print(os.clock(), os.time(), tick(), time(), DateTime.now().UnixTimestampMillis, HttpService:GenerateGUID())
    end
    for turn = 1, 20 do
        fill(turn * 100)
        show()
        task.wait(0.05)
    end
    local store = game:GetService('DataStoreService'):GetDataStore('Store')
    for turn = 1, 20 do
        print(pcall(store.UpdateAsync, store, 'key', function(old) return (old or 0) + turn end))
        print(pcall(store.SetAsync, store, `key{turn}`, {turn, tostring({})}))
    end";

fn faulty(mut schedule: Schedule) -> Schedule {
    let odds = FaultRates { refused_ppm: 100_000, lost_reply_ppm: 100_000, ..FaultRates::default() };
    schedule.services.faults = RequestFaultRates::all(odds);
    schedule
}

fn shown() -> (Vec<String>, RunEnd) {
    run(&script(SHOW), &faulty(schedule(60)), Network::Event)
}

/// Cases of the suite with everything in it.
fn searched(options: &Options) -> Vec<Digest> {
    let suite = Suite::named("swarm").expect("it is there");
    let subject = LuauSubject::new(options, contract(&[])).unwrap_or_else(|problem| panic!("{problem}"));
    let digest = |case| Network::Event.run(&suite.schedule(3, case, "luau"), &subject, &mut ()).digest;
    (0..5).map(digest).collect()
}

fn all() -> String {
    let naive = Options { adapter: Some(read_adapter("naive").expect("built in")), ..script("") };
    format!("{:?} {:?} {:?}", shown().1, searched(&naive), searched(&fenced()))
}

#[test]
fn a_script_shows_the_same_in_every_thread() {
    let (here, end) = shown();
    assert!(here.len() > 60 && here.iter().map(String::len).sum::<usize>() > 100_000, "{} lines", here.len());
    assert!(!here.iter().any(|line| line.starts_with("crashed")), "{here:?}");
    let there = thread::spawn(shown).join().expect("it runs");
    assert_eq!((here, end), there);
}

#[test]
fn another_seed_shows_something_else() {
    let other = Schedule { seed: 2, ..faulty(schedule(60)) };
    assert_ne!(run(&script(SHOW), &other, Network::Event).1.digest, shown().1.digest);
}

/// What the other process runs; on its own it has nothing to compare with.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn says_its_digests() {
    println!("digests: {}", all());
}

#[test]
fn two_processes_give_the_same_digests() {
    let output = Process::new(std::env::current_exe().expect("this is one"))
        .args(["determinism::says_its_digests", "--exact", "--ignored", "--nocapture"])
        .output()
        .expect("it runs again");
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    let there = output.lines().find_map(|line| line.split_once("digests: ")).unwrap_or_else(|| panic!("{output}"));
    assert_eq!(there.1, all());
}

#[test]
fn both_networks_carry_luau() {
    let mut short = schedule(5);
    short.services.datastore_latency.max = Span::millis(50);
    let saves = script(
        "local store = game:GetService('DataStoreService'):GetDataStore('Store')
        store:SetAsync('key', 7) print(store:GetAsync('key'))",
    );
    for network in [Network::Event, Network::Turmoil] {
        let (lines, end) = run(&saves, &short, network);
        assert!(lines[0].starts_with("7 "), "{lines:?}");
        assert_eq!((lines, end), run(&saves, &short, network));
    }
}
