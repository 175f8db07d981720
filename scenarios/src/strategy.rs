//! Schedules as a proptest strategy.
//!
//! One draw from the runner seeds a local stream, and everything else is drawn from that: plain code, because a
//! search draws tens of thousands of schedules a second. Swarm testing: each schedule first draws which fault kinds
//! exist in it at all and how hard they hit, so that rare combinations get whole runs to themselves.

mod draw;
mod faults;
mod itinerary;
mod market;
mod services;
mod shape;
mod tree;

use dupeproof_sim::rng::Seed;
use dupeproof_sim::schedule::{PlayerPlan, Schedule, ServerPlan};
use proptest::prelude::Rng;
use proptest::strategy::{NewTree, Strategy};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use draw::Draw;
pub use shape::{Between, Dealings, Odds, Shape};
pub use tree::ScheduleTree;

/// All schedules of one shape.
#[derive(Clone, Debug)]
pub struct Schedules {
    /// How they look.
    pub shape: Shape,
    /// The subject they are for.
    pub subject: String,
}

impl Strategy for Schedules {
    type Tree = ScheduleTree;
    type Value = Schedule;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Schedules> {
        Ok(ScheduleTree::of(self.draw(runner.rng())))
    }
}

impl Schedules {
    /// Draws one, without the means to shrink it.
    pub fn draw(&self, rng: &mut TestRng) -> Schedule {
        let shape = &self.shape;
        let seed = Seed(rng.next_u64());
        let mut draw = Draw::new(seed, "schedule");
        let servers = shape.servers.draw(&mut draw);
        let players = shape.players.draw(&mut draw);
        let length = draw.span(shape.length);
        let mut timeline = Vec::with_capacity(64);
        let world = (servers, players, length);
        let stays = itinerary::plan(&mut draw, shape, world, &mut timeline);
        market::plan(&mut Draw::new(seed, "market"), shape, world, &stays, &mut timeline);
        faults::plan(&mut draw, shape, servers, length, &mut timeline);
        faults::rivals(&mut Draw::new(seed, "rivals"), shape, world, &stays, &mut timeline);
        timeline.sort_by_key(|step| step.at);
        if shape.dealings.in_memory {
            market::in_memory(&mut timeline);
        }
        Schedule {
            seed: draw.bits(),
            subject: self.subject.clone(),
            servers: server_plans(&mut draw, shape, servers),
            players: player_plans(&mut draw, shape, players),
            services: services::profile(&mut draw, &shape.odds),
            timeline,
            length,
            ..Schedule::default()
        }
    }
}

/// The runner of case number `case` of a root seed. Its first draw is that case's schedule.
pub fn runner(seed: u64, case: u64) -> TestRunner {
    runner_with(Config { failure_persistence: None, ..Config::default() }, seed, case)
}

/// The same, with proptest's own settings (how long to shrink).
pub fn runner_with(config: Config, seed: u64, case: u64) -> TestRunner {
    TestRunner::new_with_rng(config, rng(seed, case))
}

/// The randomness of case number `case` of a root seed.
pub fn rng(seed: u64, case: u64) -> TestRng {
    let mut bytes = [0_u8; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&case.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

fn server_plans(draw: &mut Draw, shape: &Shape, servers: u16) -> Vec<ServerPlan> {
    let off = draw.percent(shape.odds.clocks);
    let plan = |_| ServerPlan {
        unix_offset: if off { draw.unix_offset() } else { 0 },
        rate_ppm: if off { draw.rate_ppm() } else { 0 },
        timers_first: draw.percent(25),
        studio: false,
    };
    (0..servers).map(plan).collect()
}

fn player_plans(draw: &mut Draw, shape: &Shape, players: u16) -> Vec<PlayerPlan> {
    // Who has nothing can offer nothing.
    let least = u8::from(shape.dealings.trades > 0);
    let mut items =
        || if draw.percent(85) { Some(least + u8::try_from(draw.below(4)).expect("below 4")) } else { None };
    (0..players).map(|_| PlayerPlan { items: items() }).collect()
}
