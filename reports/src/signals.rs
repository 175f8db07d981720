//! The signals that ask a command to stop: the first ends it with what it has, the second at once.

use std::sync::Once;

use dupeproof_scenarios::stop;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::exit::ExitCode;

const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

/// From here on, a signal sets [`stop::flag`], and the next one ends the process. For commands that look at the flag: all
/// others are ended by the first.
pub fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for signal in SIGNALS {
            // In this order: the first signal finds the flag not set. Where a handler cannot be set, a signal does what it always
            // did.
            drop(flag::register_conditional_shutdown(signal, ExitCode::Stopped as i32, stop::flag()));
            drop(flag::register(signal, stop::flag()));
        }
        tell();
    });
}

/// From here on, a signal sets [`stop::flag`], and nothing else: for commands that look at it all the time, and must give back
/// what they have before they end.
pub fn note() {
    for signal in SIGNALS {
        drop(flag::register(signal, stop::flag()));
    }
}

/// Says that the signal has come: a case may take a while to end.
#[cfg(unix)]
fn tell() {
    let Ok(mut signals) = signal_hook::iterator::Signals::new(SIGNALS) else { return };
    let told = move || {
        if signals.forever().next().is_some() {
            crate::output::note("stopping with what there is so far; a second signal ends at once");
        }
    };
    // Without a thread for it, nothing is said.
    drop(std::thread::Builder::new().name("signals".into()).spawn(told));
}

#[cfg(not(unix))]
fn tell() {}
