//! How much a command says.

use clap::Args;

use crate::output;

/// How much a command says; one of them.
#[derive(Clone, Copy, Debug, Default, Args)]
#[group(multiple = false)]
pub struct LoudnessArguments {
    /// Print only the verdict and what is wrong
    #[arg(short, long)]
    pub quiet: bool,
}

impl LoudnessArguments {
    /// From here on, this process says so much.
    pub fn obey(self) {
        if self.quiet {
            output::be_quiet();
        }
    }
}
