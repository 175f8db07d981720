//! Schedules as a proptest strategy.
//!
//! One draw from the runner seeds a local stream, and everything else is drawn from that: plain code, because a
//! search draws tens of thousands of schedules a second. Swarm testing: each schedule first draws which fault kinds
//! exist in it at all and how hard they hit, so that rare combinations get whole runs to themselves.

mod faults;
mod feature_odds;
mod features;
mod itinerary;
mod market;
mod pattern;
mod services;
mod setting;
mod shape;
mod tree;
mod workload;

use std::sync::Arc;

use dupeproof_sim::rng::Seed;
use dupeproof_sim::schedule::{PlayerPlan, Schedule, ServerPlan};
use proptest::prelude::Rng;
use proptest::strategy::{NewTree, Strategy};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

pub use crate::between::Between;
use crate::fault::{Draw, RequestFaultPlan};
pub use feature_odds::{Feature, FeatureOdds};
use features::Features;
pub use pattern::Pattern;
pub use setting::{Setting, Values};
pub use shape::{Shape, Topology};
pub use tree::ScheduleTree;
pub use workload::{Workload, WorkloadRate};

/// All schedules of one shape.
#[derive(Clone, Debug)]
pub struct Schedules {
    /// How they look.
    pub shape: Arc<Shape>,
    /// The subject they are for.
    pub subject: String,
}

impl Strategy for Schedules {
    type Tree = ScheduleTree;
    type Value = Schedule;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Schedules> {
        Ok(ScheduleTree::of(self.shape.draw(&self.subject, runner.rng())))
    }
}

impl Shape {
    /// Draws a schedule, without the means to shrink it.
    pub fn draw(&self, subject: &str, rng: &mut TestRng) -> Schedule {
        let seed = Seed(rng.next_u64());
        let mut draw = Draw::new(seed, "schedule");
        let features = Features::of(&self.odds, seed);
        let request_faults = RequestFaultPlan::of(&features.faults, &mut Draw::new(seed, "fates"));
        let servers = self.topology.servers.draw(&mut draw);
        let players = self.topology.players.draw(&mut draw);
        let length = draw.span(self.topology.length);
        let mut timeline = Vec::with_capacity(64);
        let world = (servers, players, length);
        let stays = itinerary::plan(&mut draw, self, world, &mut timeline);
        market::plan(&mut Draw::new(seed, "market"), self, world, &stays, &mut timeline);
        faults::plan(&mut Draw::new(seed, "faults"), &features, &request_faults, (servers, length), &mut timeline);
        if features.has(Pattern::ThirdWaiter) {
            pattern::third_waiter(&mut Draw::new(seed, "rivals"), world, &stays, &mut timeline);
        }
        faults::of_memory_stores(&mut Draw::new(seed, "memory faults"), &features, world, &mut timeline);
        faults::apart(seed, &features, world, &mut timeline);
        timeline.sort_by_key(|step| step.at);
        if Draw::new(seed, "in memory").percent(self.workload.in_memory) {
            market::in_memory(&mut timeline);
        }
        let mut schedule = Schedule {
            seed: draw.bits(),
            subject: subject.to_owned(),
            servers: vec![ServerPlan::default(); usize::from(servers)],
            constants: self.constants.clone(),
            timeline,
            length,
            ..Schedule::default()
        };
        faults::server_plans(&mut draw, &features.faults, &mut schedule);
        schedule.players = player_plans(&mut draw, self, players);
        services::plan(seed, &features.faults, &request_faults, &mut schedule);
        faults::settings_apart(seed, &features.faults, &mut schedule);
        setting::apply(&self.settings, seed, &mut schedule);
        schedule
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

fn player_plans(draw: &mut Draw, shape: &Shape, players: u16) -> Vec<PlayerPlan> {
    // Who has nothing can offer nothing.
    let least = u8::from(shape.workload.trades > 0);
    let mut items =
        || if draw.percent(85) { Some(least + u8::try_from(draw.below(4)).expect("below 4")) } else { None };
    (0..players).map(|_| PlayerPlan { items: items() }).collect()
}
