//! How the services behave throughout a schedule, and how servers close and receipts come.

use dupeproof_core::Span;
use dupeproof_sim::schedule::{Latency, Lifecycle, Limits, MemoryStoreProfile, ServiceProfile, WorldClock};

use super::draw::Draw;
use super::features::Features;
use super::request_faults::RequestFaultPlan;
use super::shape::Between;
use crate::fault::Fault;

/// Draws how the services behave.
pub(super) fn profile(draw: &mut Draw, features: &Features, request_faults: &RequestFaultPlan) -> ServiceProfile {
    let mut services = ServiceProfile::default();
    if features.has(Fault::Latency) {
        latencies(draw, &mut services);
    }
    ServiceProfile {
        faults: request_faults.steady(draw),
        lateness: draw.lateness(),
        message_lost_ppm: draw.ppm(features.has(Fault::MessageLost)),
        message_doubled_ppm: draw.ppm(features.has(Fault::MessageDoubled)),
        publish_error_ppm: draw.ppm(features.has(Fault::PublishError)),
        subscribe_error_ppm: draw.ppm(features.has(Fault::SubscribeError)),
        subscribe_hang_ppm: draw.ppm(features.has(Fault::SubscribeHang)),
        limits: limits(draw, features),
        ..services
    }
}

/// Draws what memory stores are like.
pub(super) fn memory_store(draw: &mut Draw, features: &Features) -> MemoryStoreProfile {
    let mut profile = MemoryStoreProfile::default();
    if features.has(Fault::MemoryStoreLatency) {
        profile.latency = draw.class();
    }
    if features.has(Fault::MemoryStoreErrors) {
        profile.faults = RequestFaultPlan::of_memory_stores(draw).steady(draw);
    }
    if features.has(Fault::MemoryStoreLimits) {
        profile.units_ppm = draw.pick(&[500, 1_000, 3_000]);
    }
    profile
}

/// Draws how servers close and receipts come.
pub(super) fn lifecycle(draw: &mut Draw, features: &Features) -> Lifecycle {
    let mut lifecycle = Lifecycle::default();
    if features.has(Fault::CloseSpread) {
        lifecycle.close_spread = draw.pick(&[Span::secs(1), Span::secs(5), Span::secs(15)]);
    }
    if features.has(Fault::MoveSpread) {
        lifecycle.move_spread = draw.pick(&[Span::secs(1), Span::secs(5), Span::secs(30)]);
    }
    if features.has(Fault::ReceiptNotRecorded) {
        // There are few receipts, and a lost record shows only if the player comes back.
        lifecycle.unrecorded_ppm = draw.pick(&[50_000, 200_000, 500_000]);
    }
    lifecycle
}

/// Draws the backend's clock.
pub(super) fn clocks(draw: &mut Draw, features: &Features) -> WorldClock {
    let clocks = WorldClock::default();
    if !features.has(Fault::BackendClock) {
        return clocks;
    }
    WorldClock { backend_offset: draw.unix_offset(), backend_rate_ppm: draw.rate_ppm(), ..clocks }
}

/// Each way unusual or not, and one at least.
fn latencies(draw: &mut Draw, services: &mut ServiceProfile) {
    let first = draw.below(3);
    for way in 0..3 {
        let unusual = draw.percent(40) || way == first;
        match way {
            _ if !unusual => {}
            0 => services.datastore_latency = draw.class(),
            1 => services.messaging_latency = draw.class(),
            _ => services.delivery_delay = draw.delivery(),
        }
    }
}

fn limits(draw: &mut Draw, features: &Features) -> Limits {
    let mut limits = Limits::default();
    if features.has(Fault::ServerLimits) {
        limits.server_percent = u32::from(Between { min: 3, max: 20 }.draw(draw));
        limits.startup_burst = 1 + u32::from(draw.below(6));
        limits.saved_seconds = 10;
        limits.queue = draw.pick(&[3, 10, 30]);
    }
    limits.fifo = !features.has(Fault::UnorderedQueues);
    if features.has(Fault::ExperienceLoad) {
        limits.other_load_percent = draw.pick(&[70, 95, 120]);
        limits.other_players = draw.pick(&[0, 10, 100]);
    }
    if features.has(Fault::KeyThroughput) {
        limits.padding_kb = draw.pick(&[300, 1_000, 4_000]);
    }
    if features.has(Fault::MessagingLimits) {
        limits.messaging_percent = draw.pick(&[1, 3, 10]);
    }
    limits
}

impl Draw {
    /// From hardly ever to every other time.
    pub(super) fn steady_ppm(&mut self) -> u32 {
        self.pick(&[2_000, 10_000, 50_000, 150_000, 400_000])
    }

    fn ppm(&mut self, exists: bool) -> u32 {
        if exists { self.steady_ppm() } else { 0 }
    }

    fn class(&mut self) -> Latency {
        self.pick(&[
            Latency { min: Span::millis(1), max: Span::millis(10) },
            Latency { min: Span::millis(200), max: Span::secs(1) },
            Latency { min: Span::millis(5), max: Span::millis(1_200) },
        ])
    }

    fn delivery(&mut self) -> Latency {
        self.pick(&[
            Latency { min: Span::millis(10), max: Span::millis(50) },
            Latency { min: Span::secs(1), max: Span::secs(8) },
            Latency { min: Span::millis(100), max: Span::secs(40) },
        ])
    }

    fn lateness(&mut self) -> Latency {
        let max = self.pick(&[Span::secs(5), Span::secs(30), Span::secs(120)]);
        Latency { min: Span::secs(1), max }
    }
}
