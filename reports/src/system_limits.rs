//! What the operating system does to a process that goes beyond its limits: an error that says so, instead of a signal that
//! ends it without a word.

#[cfg(unix)]
use {
    crate::{error::CliError, exit::ExitCode, output},
    rustix::process::{Resource, getrlimit, setrlimit},
    signal_hook::consts::{SIGXCPU, SIGXFSZ},
    signal_hook::iterator::Signals,
    std::sync::{Arc, atomic::AtomicBool},
};

/// From here on, a file that becomes too large is an error of whoever writes it, and the end of the CPU time is told.
#[cfg(unix)]
pub fn watch() {
    // The flag is of no interest: a signal that is handled makes the write fail.
    drop(signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false))));
    let mut cpu = getrlimit(Resource::Cpu);
    if cpu.current.is_none() {
        return;
    }
    // At the hard limit the process is killed; the signal comes at the other one, which must be before that.
    if cpu.current == cpu.maximum {
        cpu.current = cpu.current.map(|seconds| seconds.saturating_sub(1).max(1));
        if setrlimit(Resource::Cpu, cpu).is_err() {
            return;
        }
    }
    let Ok(mut signals) = Signals::new([SIGXCPU]) else { return };
    let told = move || {
        if signals.forever().next().is_some() {
            output::say(CliError::new("the CPU time that this process may use is over").hint(
                "raise the limit (`ulimit -t`), or run fewer cases with --cases; what was not written yet is lost",
            ));
            std::process::exit(ExitCode::Usage as i32);
        }
    };
    // Without a thread for it, the limit ends the process as ever.
    drop(std::thread::Builder::new().name("cpu-limit".into()).spawn(told));
}

/// Other systems have no such limits.
#[cfg(not(unix))]
pub fn watch() {}
