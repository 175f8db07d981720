//! The exit codes of the process.

use dupeproof_scenarios::Verdict;
use dupeproof_scenarios::standing::Standing;

/// The exit codes. They do not change between versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// No promise was broken, or what was asked for was written.
    Safe = 0,
    /// A promise was broken; or a replayed file showed its finding again.
    Unsafe = 1,
    /// Wrong usage, a file could not be read or written, or the subject does not work even in a calm world.
    Usage = 2,
    /// Too little was seen for a verdict, no finding is forbidden, or a replay differed from the recording.
    Unknown = 3,
    /// A signal, or what could not be written any more, ended it before it was done, and no promise was broken until then.
    Stopped = 130,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> std::process::ExitCode {
        std::process::ExitCode::from(code as u8)
    }
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> ExitCode {
        match verdict {
            Verdict::Safe => ExitCode::Safe,
            Verdict::Unsafe => ExitCode::Unsafe,
            Verdict::Unknown => ExitCode::Unknown,
            Verdict::Broken => ExitCode::Usage,
        }
    }
}

impl From<&Standing> for ExitCode {
    fn from(standing: &Standing) -> ExitCode {
        match standing {
            Standing::StillThere => ExitCode::Unsafe,
            Standing::Fixed => ExitCode::Safe,
            Standing::Changed(_) => ExitCode::Unknown,
        }
    }
}
