//! Clocks, timers and randomness: all that a store needs beside its services.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use dupeproof_core::{Guid, Mono, Now, Unix};
use tokio::time::Instant;

/// The source of time and of unique names. A simulation brings its own, and so does an executor other than tokio.
pub trait Environment: Send + Sync + 'static {
    /// Both clocks of this server. The monotonic one goes on while the server is frozen, never goes back, and runs
    /// no more than [`dupeproof_core::Config::drift`] faster or slower than another server's.
    fn now(&self) -> Now;

    /// Ends when this much time has passed. It may end late, as timers do. A sleep that ends early costs work and
    /// breaks nothing: what has to wait asks [`Environment::now`].
    fn sleep(&self, span: Duration) -> impl Future<Output = ()> + Send;

    /// A globally unique name.
    fn guid(&self) -> Guid;
}

impl<E: Environment> Environment for Arc<E> {
    fn now(&self) -> Now {
        E::now(self)
    }

    fn sleep(&self, span: Duration) -> impl Future<Output = ()> + Send {
        E::sleep(self, span)
    }

    fn guid(&self) -> Guid {
        E::guid(self)
    }
}

/// The operating system's clocks and randomness. Its monotonic clock and its timers are tokio's, so that they stop
/// where tokio's time is paused. It can sleep only in a tokio runtime with time enabled.
///
/// On Linux that clock also stops while the whole machine sleeps. A server that can be put to sleep (a laptop, a
/// virtual machine that is suspended) needs an environment whose clock goes on, such as `CLOCK_BOOTTIME`. Otherwise
/// it would believe that its leases still run when it wakes.
#[derive(Clone, Copy, Debug)]
pub struct SystemEnvironment {
    start: Instant,
}

impl SystemEnvironment {
    /// Its monotonic clock starts now.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the real clocks")]
    pub fn new() -> SystemEnvironment {
        SystemEnvironment { start: Instant::now() }
    }
}

impl Default for SystemEnvironment {
    fn default() -> SystemEnvironment {
        SystemEnvironment::new()
    }
}

impl Environment for SystemEnvironment {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the real clocks")]
    fn now(&self) -> Now {
        let mono = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let unix = match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |micros| -micros),
        };
        Now { mono: Mono(mono), unix: Unix(unix) }
    }

    fn sleep(&self, span: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(span)
    }

    /// # Panics
    /// If the operating system has no randomness.
    fn guid(&self) -> Guid {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes).expect("the operating system has randomness");
        let number = u128::from_be_bytes(bytes);
        let hex = format!("{number:032X}");
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-").into()
    }
}
