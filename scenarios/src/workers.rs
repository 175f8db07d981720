//! The threads that runs are carried out on.

use dupeproof_sim::Refusal;

/// The stack of each, in bytes, whatever the operating system gives by default: how deep scripts, patterns and files may nest
/// is ours to say, and all of it fits in.
const STACK_BYTES: usize = 8 << 20;

/// A pool of so many threads, at least one.
pub(crate) fn pool(jobs: usize) -> rayon::ThreadPool {
    build(jobs).unwrap_or_else(|error| Refusal::NoThread(error.to_string()).raise())
}

/// A pool of so many threads, or of fewer, if there is no room for them: for work after a search, whose threads and servers may
/// still be there.
pub(crate) fn pool_within(jobs: usize) -> rayon::ThreadPool {
    match build(jobs) {
        Err(_) if jobs > 1 => pool_within(jobs / 2),
        built => built.unwrap_or_else(|error| Refusal::NoThread(error.to_string()).raise()),
    }
}

fn build(jobs: usize) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    rayon::ThreadPoolBuilder::new().num_threads(jobs.max(1)).stack_size(STACK_BYTES).build()
}

/// Runs something on a thread of its own.
///
/// # Errors
/// The operating system gives no thread.
pub fn alone<T: Send>(run: impl FnOnce() -> T + Send) -> Result<T, Refusal> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, run);
        let thread = thread.map_err(|error| Refusal::NoThread(error.to_string()))?;
        // A panic that nobody has caught there goes on here.
        Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}
