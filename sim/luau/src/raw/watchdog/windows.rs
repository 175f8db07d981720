//! Clocks of Windows.

use std::time::Duration;

use windows_sys::Win32::Foundation::FILETIME;
use windows_sys::Win32::System::SystemInformation::GetTickCount64;
use windows_sys::Win32::System::Threading::{GetCurrentThread, GetThreadTimes};

/// Time by the clock that is asked fastest, in steps of some milliseconds.
pub(in crate::raw) fn coarse_time() -> Duration {
    // SAFETY: it takes nothing, and cannot fail.
    Duration::from_millis(unsafe { GetTickCount64() })
}

/// CPU time of the running thread, in steps of some milliseconds.
pub(in crate::raw) fn cpu_time() -> Duration {
    let zero = FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 };
    let [mut begun, mut ended, mut kernel, mut user] = [zero; 4];
    // SAFETY: the structures are this function's own.
    unsafe { GetThreadTimes(GetCurrentThread(), &raw mut begun, &raw mut ended, &raw mut kernel, &raw mut user) };
    // In units of 100 ns.
    let units = |time: FILETIME| u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime);
    Duration::from_nanos((units(kernel) + units(user)).saturating_mul(100))
}
