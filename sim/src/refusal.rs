//! Why a run cannot go on, though nothing is wrong with this program.

/// What the operating system or the subject does not give to a run. Runs have no errors: it is raised through all that
/// goes on, and caught by whoever began the run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no memory or address space for one more server. There may be, once other runs have ended.
    #[error("{0}")]
    NoMemory(&'static str),
    /// The operating system gives no thread.
    #[error("the operating system gives no more threads: {0}")]
    NoThread(String),
    /// The subject cannot say what it must.
    #[error("{0}")]
    Subject(String),
}

impl Refusal {
    /// Ends the run. No panic hook hears of it.
    pub fn raise(self) -> ! {
        std::panic::resume_unwind(Box::new(self))
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Refusal::NoMemory(_) => {
                "raise the limit, for instance with `ulimit -v unlimited`, or run fewer servers in a scenario file"
            }
            Refusal::NoThread(_) => "raise the limit on processes (`ulimit -u`), or ask for fewer with `--jobs`",
            Refusal::Subject(_) => "mend the adapter: sim/luau/ADAPTER.md explains each of its functions",
        }
    }
}
