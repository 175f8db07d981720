//! The threads that runs are carried out on.

use std::time::Duration;

use dupeproof_sim::Refusal;

/// The stack of each, in bytes, whatever the operating system gives by default: how deep scripts, patterns and files may nest
/// is ours to say, and all of it fits in.
const STACK_BYTES: usize = 8 << 20;

/// A pool of so many threads, at least one.
pub(crate) fn pool(jobs: usize) -> rayon::ThreadPool {
    build(jobs).unwrap_or_else(|error| Refusal::NoThread(error.to_string()).raise())
}

/// How often, and how long, the threads of a search that is over are waited for: a pool that is dropped does not wait for its
/// own.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);

/// A pool of so many threads, or of fewer, if there is no room for them: for work after a search, whose threads and servers may
/// still be there for a moment.
#[expect(clippy::disallowed_methods, reason = "nothing is simulated meanwhile")]
pub(crate) fn pool_within(mut jobs: usize) -> rayon::ThreadPool {
    for _ in 1..TRIES {
        match build(jobs) {
            Ok(pool) => return pool,
            Err(_) if jobs > 1 => jobs /= 2,
            Err(_) => std::thread::sleep(PAUSE),
        }
    }
    pool(jobs)
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
