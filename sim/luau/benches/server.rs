//! The cost of Luau servers: starting one, and simulated time with ten of them.

use std::path::Path;

use divan::Bencher;
use divan::counter::ItemsCount;
use dupeproof_core::{Mono, Now, Span, Unix};
use dupeproof_luau::{Fidelity, LuauSubject, Options};
use dupeproof_sim::id::{PlayerId, ServerId};
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{PlayerPlan, ServiceProfile};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::update::UpdateRules;
use dupeproof_sim::{Action, Command, Contract, Input, Schedule, ServerPlan, Step, Subject, Turn};

fn main() {
    divan::main();
}

const SERVERS: u16 = 10;
const HOUR: u64 = 3_600;

fn subject(fidelity: Fidelity) -> LuauSubject {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let adapter = fixtures.join("fenced_adapter.luau");
    let options = Options::module(&fixtures.join("fenced.luau"), &adapter.to_string_lossy()).expect("they are there");
    let contract = Contract::none(Span::secs(600), Span::secs(60));
    LuauSubject::new(&Options { fidelity, ..options }, contract).expect("it starts")
}

/// A server's virtual machine with the prelude, the adapter and the module.
#[divan::bench]
fn start(bencher: Bencher<'_, '_>) {
    let subject = subject(Fidelity::Coarse);
    let server = ServerId { slot: 0, life: 0 };
    let boot = Boot {
        server,
        job_id: server.job_id(),
        constants: Default::default(),
        lease: Default::default(),
        game: Default::default(),
        seed: 1,
        update: UpdateRules::of(&ServiceProfile::default()),
        servers: 1,
        removing_at_close: true,
        reads_calls: false,
    };
    let turn = Turn::new(Now { mono: Mono(3_600_000_000), unix: Unix(0) }, &());
    bencher.bench_local(|| {
        let mut guest = subject.guest(&boot);
        let mut out = Vec::new();
        guest.handle(&turn, Input::Wake, &mut out);
        guest
    });
}

/// One step of a server whose module listens to `Heartbeat` and has nothing to do.
#[divan::bench]
fn heartbeat(bencher: Bencher<'_, '_>) {
    let subject = subject(Fidelity::Sixty);
    let server = ServerId { slot: 0, life: 0 };
    let boot = Boot {
        server,
        job_id: server.job_id(),
        constants: Default::default(),
        lease: Default::default(),
        game: Default::default(),
        seed: 1,
        update: UpdateRules::of(&ServiceProfile::default()),
        servers: 1,
        removing_at_close: true,
        reads_calls: false,
    };
    let mut guest = subject.guest(&boot);
    let mut out = Vec::new();
    let mut mono = Mono(3_600_000_000);
    bencher.bench_local(|| {
        let turn = Turn::new(Now { mono, unix: Unix(0) }, &());
        mono = guest.handle(&turn, Input::Wake, &mut out).unwrap_or(mono);
    });
}

/// Counts simulated seconds.
#[divan::bench(args = [Fidelity::Coarse, Fidelity::Sixty], sample_count = 3, sample_size = 1)]
fn ten_servers_for_an_hour(bencher: Bencher<'_, '_>, fidelity: Fidelity) {
    let subject = subject(fidelity);
    let command = |at, server, command| Step { at: Span::secs(at), action: Action::Command { server, command } };
    let joins = (0..SERVERS).map(|server| command(1, server, Command::Join(PlayerId(server))));
    let edits =
        (1..50).map(|at| command(at * 60, u16::try_from(at).unwrap_or(0) % SERVERS, Command::Edit(PlayerId(0))));
    let schedule = Schedule {
        seed: 1,
        subject: subject.name().into(),
        servers: vec![ServerPlan::default(); SERVERS.into()],
        players: vec![PlayerPlan { items: Some(3) }; SERVERS.into()],
        timeline: joins.chain(edits).collect(),
        length: Span::secs(HOUR),
        ..Schedule::default()
    };
    let run = || Network::Event.run(&schedule, &subject, &mut ());
    let simulated = run().at.since(Default::default()).as_secs();
    bencher.counter(ItemsCount::new(simulated)).bench_local(run);
}
