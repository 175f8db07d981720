//! Schedules as a proptest strategy: [`schedules`].
//!
//! One draw from the runner seeds a local stream, and everything else is drawn from that: plain code, because a
//! search draws tens of thousands of schedules a second. Swarm testing: each schedule first draws which fault kinds
//! exist in it at all and how often each one hits, so that rare combinations get whole runs to themselves.

mod constants;
mod faults;
mod feature_odds;
mod features;
mod full_records;
mod itinerary;
mod lateness;
mod leases;
mod market;
mod pattern;
mod services;
mod setting;
mod shape;
mod tree;
mod visits;
mod workload;

use std::sync::Arc;

use dupeproof_core::Span;
use dupeproof_sim::Subject;
use dupeproof_sim::rng::Seed;
use dupeproof_sim::schedule::{PlayerPlan, Schedule, ServerPlan};
use proptest::prelude::Rng;
use proptest::strategy::{NewTree, Strategy};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

pub use crate::between::Between;
use crate::factor::{Factor, Intervention};
use crate::fault::{Draw, RequestFaultPlan};
pub use feature_odds::{Feature, FeatureOdds};
use features::Features;
use leases::Leases;
pub use pattern::Pattern;
pub use setting::{Setting, Values};
pub use shape::{Shape, Topology};
pub use tree::ScheduleTree;
pub use workload::{WORKLOAD_UNIT, Workload, WorkloadRate};

/// The schedules of a suite (`&Suite`) or of a shape (`&Shape`), for a subject: what `x in schedules(..)` draws in a
/// `proptest!` test.
///
/// Drawing takes one number from proptest's runner, so a persisted failure (`proptest-regressions/`) draws the same
/// schedule again as long as the suite stays as it is. To keep a failure for longer, keep the schedule itself: it is
/// plain data ([`crate::FailureFile`]).
///
/// Shrinking is delta debugging ([`ScheduleTree`]): whole parts of the timeline, then kinds of fault, servers, players
/// and numbers of the world, then times. A schedule of the default suite is short after a few hundred runs; proptest's
/// default `max_shrink_iters` (four times `cases`, at 256 cases 1,024) is enough.
///
/// ```
/// use dupeproof_scenarios::subjects::core::CoreSubject;
/// use dupeproof_scenarios::{Suite, run_case, schedules};
/// use dupeproof_sim::network::Network;
/// use proptest::prelude::*;
///
/// let suite = Suite::named("crash").expect("it is built in");
/// let subject = CoreSubject::default();
/// # let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(20) };
/// // In a test crate: `proptest! { #[test] fn .. (schedule in schedules(suite, &subject)) { .. } }`
/// proptest!(config, |(schedule in schedules(suite, &subject))| {
///     let findings = run_case(&schedule, &subject, Network::Event, &mut ()).findings;
///     let broken = findings.iter().find(|finding| suite.forbids(finding.kind(), &subject));
///     prop_assert!(broken.is_none(), "{broken:?}");
/// });
/// ```
///
/// `examples/test_my_own_guest.rs` does this for a game with save code of its own.
pub fn schedules(family: impl AsRef<Shape>, subject: &dyn Subject) -> Schedules {
    Schedules { shape: Arc::new(family.as_ref().clone()), subject: subject.name().to_owned() }
}

/// The strategy that [`schedules`] makes.
#[derive(Clone, Debug)]
pub struct Schedules {
    shape: Arc<Shape>,
    /// A schedule names what it is for.
    subject: String,
}

impl Strategy for Schedules {
    type Tree = ScheduleTree;
    type Value = Schedule;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Schedules> {
        Ok(ScheduleTree::of(self.shape.draw(&self.subject, runner.rng()), Arc::clone(&self.shape)))
    }
}

impl Shape {
    /// Puts back the numbers of a simpler schedule that this family could not have.
    pub(crate) fn hold(&self, simpler: &mut Schedule, from: &Schedule) {
        setting::hold(&self.settings, simpler, from);
        lateness::hold(&self.settings, simpler, from);
    }

    /// Whether a number of a schedule would be smaller if this family let it.
    pub(crate) fn is_held(&self, schedule: &Schedule) -> bool {
        lateness::is_held(&self.settings, schedule)
    }

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
        for &(_, stream, situation) in pattern::AFTERWARDS.iter().filter(|(pattern, ..)| features.has(*pattern)) {
            situation(&mut Draw::new(seed, stream), world, &stays, &mut timeline);
        }
        faults::of_memory_stores(&mut Draw::new(seed, "memory faults"), &features, world, &mut timeline);
        faults::apart(seed, &features, world, &mut timeline);
        let length = visits::plan(seed, &self.workload, world, &stays, &mut timeline);
        let mut leases = Leases::of(seed, self.workload.leases);
        if let Some(leases) = &mut leases {
            leases.change(servers, world.2, &mut timeline);
        }
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
        if let Some(leases) = &mut leases {
            leases.give(&mut schedule.servers);
        }
        full_records::fill(seed, self.workload.full_records, &mut schedule);
        let mut delay = Draw::new(seed, "message delay");
        if delay.percent(self.workload.message_delays) {
            schedule.game.message_delay =
                delay.pick(&[Span::millis(300), Span::secs(2), Span::secs(10), Span::secs(40)]);
        }
        constants::set(seed, self.workload.constants, &mut schedule.game);
        setting::apply(&self.settings, seed, &mut schedule);
        self.believe.keep_to(&mut schedule);
        if self.workload.two_devices == 0 {
            Factor::Intervention(Intervention::TwoDevices).take_out(&mut schedule);
        }
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
