//! The two clocks a real server has, and the spans between their readings.
//!
//! Only [`Unix`] can be compared between servers, and it may be wrong by any amount. [`Mono`] measures spans on one
//! server and cannot be compared with another's.

use std::fmt;
use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// A span of time in microseconds; `Debug` shows seconds, such as `1.5s`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub u64);

impl fmt::Debug for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}s", self.as_secs_f64())
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// A span of whole seconds.
    pub const fn secs(seconds: u64) -> Span {
        Span(seconds * 1_000_000)
    }

    /// A span of milliseconds.
    pub const fn millis(milliseconds: u64) -> Span {
        Span(milliseconds * 1_000)
    }

    /// Microseconds in this span.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Whole seconds in this span, rounded down.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000_000
    }

    /// Seconds as a fraction, for people to read.
    #[expect(clippy::cast_precision_loss, reason = "for display only")]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// This span times `numerator / denominator`, rounded up.
    pub const fn scaled(self, numerator: u64, denominator: u64) -> Span {
        Span((self.0 * numerator).div_ceil(denominator))
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0 + other.0)
    }
}

/// A reading of one server's monotonic clock, in microseconds since that server's own arbitrary start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(feature = "explore"), derive(Hash))]
#[serde(transparent)]
pub struct Mono(pub u64);

#[cfg(feature = "explore")]
impl std::hash::Hash for Mono {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        crate::explore::time(self.0, state);
    }
}

impl Mono {
    /// The span since `earlier`; zero if `earlier` is later.
    pub const fn since(self, earlier: Mono) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Span> for Mono {
    type Output = Mono;
    fn add(self, span: Span) -> Mono {
        Mono(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Mono {
    type Output = Mono;
    fn sub(self, span: Span) -> Mono {
        Mono(self.0.saturating_sub(span.0))
    }
}

/// A moment from which something may happen. Once it has passed, how long ago that was decides nothing: so explorers of all
/// runs do not tell states apart by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due(pub Mono);

#[cfg(feature = "explore")]
impl std::hash::Hash for Due {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        crate::explore::due(self.0.0, state);
    }
}

/// A reading that only auto-saves and assertions look at. Explorers make no auto-saves, and do not tell states apart by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Overlooked(pub Mono);

#[cfg(feature = "explore")]
impl std::hash::Hash for Overlooked {
    fn hash<H: std::hash::Hasher>(&self, _state: &mut H) {}
}

/// A reading of one server's wall clock, in microseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unix(pub i64);

impl Unix {
    /// What `os.time()` answers: whole seconds since the Unix epoch.
    pub const fn os_time(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

/// Both clocks of one server, read at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// The monotonic clock.
    pub mono: Mono,
    /// The wall clock.
    pub unix: Unix,
}
