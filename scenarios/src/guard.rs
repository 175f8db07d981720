//! The one way in which a run, or anything else that a mistake of this program could end, is carried out without ending the
//! process.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::{Once, PoisonError, RwLock};

use dupeproof_sim::Refusal;
use serde::{Deserialize, Serialize};

/// A mistake of this program, as it showed itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternalError {
    /// What the panic said.
    pub message: String,
    /// The file of this program and its line; empty if that is not known.
    pub place: String,
}

impl fmt::Display for InternalError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        if self.place.is_empty() { Ok(()) } else { write!(formatter, " (at {})", self.place) }
    }
}

/// Why something came to no end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By a mistake of this program.
    Internal(InternalError),
    /// It cannot go on here.
    Refused(Refusal),
}

thread_local! {
    /// Whether somebody on this thread catches panics: then nothing is printed.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs something that may panic; the panic is not printed.
///
/// # Errors
/// It panicked, or was refused what it needs.
pub fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, Ended> {
    listen();
    let outer = GUARDED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    GUARDED.set(outer);
    result.map_err(|payload| match payload.downcast::<Refusal>() {
        Ok(refusal) => Ended::Refused(*refusal),
        Err(payload) => Ended::Internal(InternalError { message: message(&*payload), place: PLACE.take() }),
    })
}

/// While somebody runs alone, nobody else begins.
static TOGETHER: RwLock<()> = RwLock::new(());

/// Runs something beside what other threads run, and if there is no memory for that, once more alone.
///
/// # Errors
/// As [`guarded`].
pub(crate) fn guarded_beside_others<T>(mut run: impl FnMut() -> T) -> Result<T, Ended> {
    {
        let _together = TOGETHER.read().unwrap_or_else(PoisonError::into_inner);
        match guarded(&mut run) {
            Err(Ended::Refused(Refusal::NoMemory(_))) => {}
            ended => return ended,
        }
    }
    let _alone = TOGETHER.write().unwrap_or_else(PoisonError::into_inner);
    guarded(run)
}

/// Keeps where a panic was for whoever catches it; others are told as ever.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let told = panic::take_hook();
        panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if GUARDED.get() {
                PLACE.set(info.location().map(ToString::to_string).unwrap_or_default());
            } else {
                told(info);
            }
        }));
    });
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a message".into())
}

#[cfg(test)]
mod tests {
    use super::{Ended, guarded, guarded_beside_others};
    use dupeproof_sim::Refusal;

    #[test]
    fn a_panic_becomes_an_error_with_its_place_and_a_result_stays_one() {
        let Err(Ended::Internal(error)) = guarded(|| panic!("planted {}", 7)) else { unreachable!("it panicked") };
        assert_eq!(error.message, "planted 7");
        assert!(error.place.contains("guard.rs:"), "{error}");
        assert_eq!(guarded(|| 3), Ok(3));
    }

    #[test]
    fn what_found_no_memory_runs_once_more_alone_and_nothing_else_does() {
        let times = |refusal: fn() -> Refusal, most: u32| {
            let mut runs = 0;
            let ended = guarded_beside_others(|| {
                runs += 1;
                if runs <= most {
                    refusal().raise();
                }
            });
            (runs, ended.is_ok())
        };
        assert_eq!(times(|| Refusal::NoMemory("none"), 1), (2, true));
        assert_eq!(times(|| Refusal::NoMemory("none"), 9), (2, false));
        assert_eq!(times(|| Refusal::Subject("none".into()), 1), (1, false));
        assert_eq!(times(|| Refusal::NoMemory("none"), 0), (1, true));
    }
}
