//! The reports of dupeproof, and its command line.
//!
//! [`main`] is the binary `dupeproof`: it reads the command line ([`args`]), searches ([`run`]), replays one run
//! ([`replay`]), tells what it shows ([`explain`]), steps through it ([`watch`]), tests a repository ([`test`](mod@test)),
//! writes a report again ([`report`]), checks which faults have an effect ([`audit`]), compares subjects ([`bakeoff`]), tells
//! whether one is worse than another ([`compare`](mod@compare)), tries many settings ([`sweep`](mod@sweep)), explores every
//! run of small scripts ([`prove`]), lists names ([`list`]), writes files to start from ([`init`]), or completes commands and
//! prints the manual ([`completions`], [`man`]). Results become a [`summary`], failure files ([`failure_files`]), a picture of
//! each finding ([`picture`]), its [`story`], and one HTML [`page`]. [`wording`] puts each finding into a sentence,
//! [`consequence`] says what it means for players, and [`remedy`] what would prevent it.
//! Results go to stdout; progress and errors go to stderr ([`output`]).

pub mod annotations;
pub mod args;
pub mod atomic_file;
pub mod audit;
pub mod bakeoff;
pub mod by_name;
pub mod calls;
pub mod calm_run;
pub mod checkpoint;
pub mod compare;
pub mod comparison;
pub mod completions;
pub mod confidence;
pub mod consequence;
pub mod corpus;
pub mod distribution;
pub mod earlier;
pub mod error;
pub mod escape;
pub mod exit;
pub mod explain;
pub mod failure_files;
pub mod fingerprint;
pub mod folder_lock;
pub mod format;
pub mod init;
pub mod internal;
pub mod junit;
pub mod list;
pub mod location;
pub mod log;
pub mod machine;
pub mod man;
pub mod markdown_summary;
pub mod names;
pub mod needed;
pub mod output;
pub mod output_dir;
pub mod page;
pub mod perfetto;
pub mod picture;
pub mod progress;
pub mod proof_file;
pub mod prove;
pub mod reality;
pub mod record_diff;
pub mod remedy;
pub mod replay;
pub mod report;
pub mod result_file;
pub mod resume_file;
pub mod run;
pub mod sarif;
pub mod saved_cases;
pub mod saved_failures;
pub mod scripts;
pub mod shard_file;
pub mod shown_again;
pub mod signals;
pub mod step_at_fault;
pub mod stopped;
pub mod stopwatch;
pub mod story;
pub mod summary;
pub mod sweep;
pub mod system_limits;
pub mod test;
pub mod test_file;
pub mod text_table;
pub mod told;
pub mod watch;
pub mod wording;
pub mod wrap;

pub use exit::ExitCode;
pub use picture::Picture;
pub use summary::Summary;

use std::ffi::OsString;

use args::{Arguments, Command};
use clap::Parser;
use dupeproof_scenarios::guard::{Ended, guarded};
use dupeproof_scenarios::workers;
use error::CliError;

/// Runs the command line; the first argument is the program's name.
pub fn main(arguments: impl IntoIterator<Item = OsString> + Send) -> ExitCode {
    workers::alone(|| command_line(arguments)).unwrap_or_else(|refusal| {
        output::say(CliError::new(refusal.to_string()).hint(refusal.hint()));
        ExitCode::Usage
    })
}

fn command_line(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(refusal) => return answer(&refusal),
    };
    system_limits::watch();
    let refused = |error: CliError| {
        output::say(error);
        ExitCode::Usage
    };
    match guarded(|| execute(&arguments)) {
        Ok(code) => code.unwrap_or_else(refused),
        Err(Ended::Refused(refusal)) => refused(CliError::new(refusal.to_string()).hint(refusal.hint())),
        Err(Ended::Internal(error)) => {
            output::say(internal::one("of dupeproof itself", &error));
            ExitCode::Unknown
        }
    }
}

fn execute(arguments: &Arguments) -> Result<ExitCode, CliError> {
    match &arguments.command {
        None => run::run(&arguments.run),
        Some(Command::Run(arguments)) => run::run(arguments),
        Some(Command::Merge(arguments)) => run::merge::merge(arguments),
        Some(Command::Replay(arguments)) => replay::replay(arguments),
        Some(Command::Explain(arguments)) => explain::explain(arguments),
        Some(Command::Watch(arguments)) => watch::watch(arguments),
        Some(Command::Report(arguments)) => report::report(arguments),
        Some(Command::Audit(arguments)) => audit::audit(arguments),
        Some(Command::Prove(arguments)) => prove::prove(arguments),
        Some(Command::Bakeoff(arguments)) => bakeoff::bakeoff(arguments),
        Some(Command::Compare(arguments)) => compare::compare(arguments),
        Some(Command::Sweep(arguments)) => sweep::sweep(arguments),
        Some(Command::Init(arguments)) => init::init(arguments),
        Some(Command::Test(arguments)) => test::test(arguments),
        Some(Command::List(arguments)) => list::list(*arguments),
        Some(Command::Completions(arguments)) => completions::completions(*arguments),
        Some(Command::Man(arguments)) => man::man(arguments),
    }
}

/// Help and versions go to stdout, usage errors to stderr; a closed one is no reason to panic.
fn answer(refusal: &clap::Error) -> ExitCode {
    if refusal.use_stderr() {
        output::say(refusal.render().to_string().trim_end());
        return ExitCode::Usage;
    }
    match refusal.print() {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            output::say(output::unwritten(&error));
            ExitCode::Usage
        }
        _ => ExitCode::Safe,
    }
}
