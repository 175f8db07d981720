//! Address space of Windows: what can be used counts as memory of the system, touched or not, so it is asked for bit by bit.

use std::io;
use std::ptr::{self, NonNull};

use windows_sys::Win32::Foundation::ERROR_INVALID_ADDRESS;
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_DECOMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_READWRITE, VirtualAlloc, VirtualFree,
};

use super::{Asked, REGION_BYTES};

/// So much is asked for at once.
const STEP: usize = 1 << 20;

/// Asks for a region at an address.
pub(super) fn reserve_at(address: usize) -> Asked {
    let wanted = ptr::without_provenance(address);
    // SAFETY: it reserves what nobody uses, or fails.
    let got = unsafe { VirtualAlloc(wanted, REGION_BYTES, MEM_RESERVE, PAGE_READWRITE) };
    match NonNull::new(got.cast()) {
        Some(base) => Asked::Got(base),
        None if io::Error::last_os_error().raw_os_error() == Some(ERROR_INVALID_ADDRESS.cast_signed()) => Asked::Taken,
        None => Asked::Refused,
    }
}

/// The system gives the place that is asked for, or none.
pub(super) fn cut_out() -> Option<NonNull<u8>> {
    None
}

/// Makes so many bytes usable, of which some are. Returns how many are then; `None` if the system has no memory for them.
pub(super) fn commit(base: NonNull<u8>, reached: usize, bytes: usize) -> Option<usize> {
    let wanted = bytes.next_multiple_of(STEP).min(REGION_BYTES);
    // SAFETY: the range lies in the region, and nothing refers to it yet.
    let got = unsafe {
        VirtualAlloc(base.as_ptr().add(reached).cast_const().cast(), wanted - reached, MEM_COMMIT, PAGE_READWRITE)
    };
    (!got.is_null()).then_some(wanted)
}

/// What is behind so many bytes, whole pages, is zero when somebody looks again. Returns how much can be used.
pub(super) fn forget(base: NonNull<u8>, behind: usize, reached: usize) -> usize {
    if behind >= reached {
        return reached;
    }
    // SAFETY: the range lies in the region, and nobody refers to it.
    unsafe { VirtualFree(base.as_ptr().add(behind).cast(), reached - behind, MEM_DECOMMIT) };
    behind
}

/// Gives a region back to the system.
pub(super) fn give_up(base: NonNull<u8>) {
    // SAFETY: the region is nobody else's, and nothing refers to it any more.
    unsafe { VirtualFree(base.as_ptr().cast(), 0, MEM_RELEASE) };
}
