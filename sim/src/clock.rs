//! Global simulated time, and the clocks that each server reads instead of it.

use dupeproof_core::{Mono, Now, Span, Unix};
use serde::{Deserialize, Serialize};

use crate::schedule::{ServerPlan, WorldClock};

/// Simulated time in microseconds since the start of the run. Nobody in the world can read it but the world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Global(pub u64);

impl Global {
    /// The span since `earlier`; zero if `earlier` is later.
    pub const fn since(self, earlier: Global) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl std::ops::Add<Span> for Global {
    type Output = Global;
    fn add(self, span: Span) -> Global {
        Global(self.0.saturating_add(span.0))
    }
}

/// The UTC hour that every run starts before, in microseconds: 2025-06-15T13:00:00Z.
const HOUR_UNIX_MICROS: i64 = 1_749_992_400_000_000;

/// The Unix time at which a run starts, in microseconds.
pub fn epoch_unix_micros(clocks: &WorldClock) -> i64 {
    HOUR_UNIX_MICROS - i64::try_from(clocks.before_the_hour.0).expect("runs start within 292,000 years of the hour")
}

/// One server's clocks: both run at the same, slightly wrong, rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// When the server started.
    pub started: Global,
    /// What the monotonic clock showed then, in microseconds.
    pub mono_start: u64,
    /// What the wall clock showed then, in microseconds.
    pub unix_start: i64,
    /// How much faster than global time both run, in parts per million.
    pub rate_ppm: i32,
}

impl Clock {
    /// The clocks of a server that starts now, on a host whose wall clock was set by so much since the run began.
    pub fn new(at: Global, mono_start: u64, clocks: &WorldClock, plan: &ServerPlan, stepped: i64) -> Clock {
        let since = i64::try_from(at.0).expect("runs are shorter than 292,000 years");
        let unix_start = epoch_unix_micros(clocks) + since + plan.unix_offset.saturating_add(stepped);
        Clock { started: at, mono_start, unix_start, rate_ppm: plan.rate_ppm }
    }

    /// Reads both clocks.
    pub fn now(&self, at: Global) -> Now {
        let local = self.elapsed(at);
        Now {
            mono: Mono(self.mono_start + local),
            unix: Unix(self.unix_start + i64::try_from(local).expect("runs are shorter than 292,000 years")),
        }
    }

    /// The wall clock is set to another time; the monotonic one knows nothing of it (`os.clock`: "unaffected by NTP").
    pub fn step(&mut self, by: i64) {
        self.unix_start = self.unix_start.saturating_add(by);
    }

    /// The first global moment at which the monotonic clock shows `mono` or more.
    pub fn when(&self, mono: Mono) -> Global {
        let local = mono.0.saturating_sub(self.mono_start);
        // Only times beyond a hundred days need the wide, slow arithmetic.
        let global = match local.checked_mul(MILLION) {
            Some(scaled) => scaled.div_ceil(self.rate()),
            None => narrow((u128::from(local) * u128::from(MILLION)).div_ceil(u128::from(self.rate()))),
        };
        self.started + Span(global)
    }

    fn elapsed(&self, at: Global) -> u64 {
        scaled(at.since(self.started).0, self.rate())
    }

    fn rate(&self) -> u64 {
        rate(self.rate_ppm)
    }
}

/// The DataStore's own clock: key infos, versions and their hours are by it, and no server can read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackendClock {
    /// What it showed when the run began, in microseconds.
    unix_start: i64,
    /// How much faster than global time it runs, in parts per million.
    rate_ppm: i32,
}

impl BackendClock {
    /// As the schedule says.
    pub fn new(clocks: &WorldClock) -> BackendClock {
        let unix_start = epoch_unix_micros(clocks).saturating_add(clocks.backend_offset);
        BackendClock { unix_start, rate_ppm: clocks.backend_rate_ppm }
    }

    /// Unix milliseconds.
    pub fn unix_millis(&self, at: Global) -> i64 {
        let local = i64::try_from(scaled(at.0, rate(self.rate_ppm))).expect("runs are shorter than 292,000 years");
        self.unix_start.saturating_add(local).div_euclid(1_000)
    }
}

const MILLION: u64 = 1_000_000;

/// Microseconds of its own in a million of global time.
fn rate(ppm: i32) -> u64 {
    u64::try_from(1_000_000 + i64::from(ppm)).expect("clocks never stop: a rate is above -1,000,000 ppm")
}

/// What a clock of this rate counts in so many microseconds of global time.
fn scaled(global: u64, rate: u64) -> u64 {
    match global.checked_mul(rate) {
        Some(scaled) => scaled / MILLION,
        None => narrow(u128::from(global) * u128::from(rate) / u128::from(MILLION)),
    }
}

fn narrow(micros: u128) -> u64 {
    u64::try_from(micros).unwrap_or(u64::MAX)
}
