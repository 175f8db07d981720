//! How the services behave throughout a schedule.

use dupeproof_core::Span;
use dupeproof_sim::schedule::{FateOdds, Latency, Limits, RequestFaults, ServiceProfile};

use super::draw::Draw;
use super::shape::{Between, Odds};

/// Draws a profile: each fault kind exists or not on its own.
pub(super) fn profile(draw: &mut Draw, odds: &Odds) -> ServiceProfile {
    let healthy = ServiceProfile::default();
    ServiceProfile {
        datastore_latency: draw.leg(odds, healthy.datastore_latency),
        messaging_latency: draw.leg(odds, healthy.messaging_latency),
        delivery_delay: draw.delivery(odds, healthy.delivery_delay),
        faults: RequestFaults::all(FateOdds {
            refused_ppm: draw.ppm(odds.datastore),
            applied_then_error_ppm: draw.ppm(odds.datastore),
            lost_reply_ppm: draw.ppm(odds.datastore),
            late_reply_ppm: draw.ppm(odds.datastore),
            late_apply_ppm: draw.ppm(odds.datastore),
            ..FateOdds::default()
        }),
        lateness: draw.lateness(),
        message_lost_ppm: draw.ppm(odds.messaging),
        message_doubled_ppm: draw.ppm(odds.messaging),
        publish_error_ppm: draw.ppm(odds.messaging),
        subscribe_error_ppm: draw.ppm(odds.messaging),
        limits: draw.limits(odds, healthy.limits),
        request_timeout: if draw.percent(odds.latency) { Span::secs(10) } else { healthy.request_timeout },
        ..healthy
    }
}

impl Draw {
    /// Mostly none; else from hardly ever to every other time.
    fn ppm(&mut self, percent: u8) -> u32 {
        if self.percent(percent) { self.pick(&[2_000, 10_000, 50_000, 150_000, 400_000]) } else { 0 }
    }

    fn leg(&mut self, odds: &Odds, healthy: Latency) -> Latency {
        if !self.percent(odds.latency) {
            return healthy;
        }
        self.pick(&[
            Latency { min: Span::millis(1), max: Span::millis(10) },
            Latency { min: Span::millis(200), max: Span::secs(1) },
            Latency { min: Span::millis(5), max: Span::millis(1_200) },
        ])
    }

    fn delivery(&mut self, odds: &Odds, healthy: Latency) -> Latency {
        if !self.percent(odds.latency) {
            return healthy;
        }
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

    fn limits(&mut self, odds: &Odds, healthy: Limits) -> Limits {
        if !self.percent(odds.throttle) {
            return healthy;
        }
        Limits {
            server_percent: u32::from(Between { min: 3, max: 20 }.draw(self)),
            startup_burst: 1 + u32::from(self.below(6)),
            saved_seconds: 10,
            queue: self.pick(&[3, 10, 30]),
            ..healthy
        }
    }
}
