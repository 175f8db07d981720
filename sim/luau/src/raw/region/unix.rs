//! Address space of Unix: it costs nothing until it is touched.

use std::io;
use std::ptr::{self, NonNull};

use super::{ALIGNMENT, Asked, NO_MEMORY, REGION_BYTES};

const FLAGS: libc::c_int = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
const ALL: libc::c_int = libc::PROT_READ | libc::PROT_WRITE;

/// Asks for a region at an address. Raises a refusal if there is no memory for it: there is none for a larger one, then.
pub(super) fn reserve_at(address: usize) -> Asked {
    let wanted = ptr::without_provenance_mut(address);
    // SAFETY: the system takes the address as a wish, and maps over nothing that is there.
    let got = unsafe { libc::mmap(wanted, REGION_BYTES, ALL, FLAGS, -1, 0) };
    if got == libc::MAP_FAILED {
        if io::Error::last_os_error().raw_os_error() == Some(libc::ENOMEM) {
            NO_MEMORY.raise();
        }
        return Asked::Refused;
    }
    if got.addr() == address {
        return NonNull::new(got.cast()).map_or(Asked::Refused, Asked::Got);
    }
    // SAFETY: it has just been mapped, and nobody has seen it.
    unsafe { libc::munmap(got, REGION_BYTES) };
    Asked::Taken
}

/// A region, wherever there is room for twice the alignment; `None` if there is none.
pub(super) fn cut_out() -> Option<NonNull<u8>> {
    let reserved = ALIGNMENT + REGION_BYTES;
    // SAFETY: asks for fresh address space, wherever the system likes.
    let start = unsafe { libc::mmap(ptr::null_mut(), reserved, libc::PROT_NONE, FLAGS, -1, 0) };
    if start == libc::MAP_FAILED {
        return None;
    }
    let before = start.addr().next_multiple_of(ALIGNMENT) - start.addr();
    // SAFETY: all ranges lie in what was just reserved; what is given back is not used any more.
    let (base, done) = unsafe {
        let base = start.byte_add(before);
        if before > 0 {
            libc::munmap(start, before);
        }
        let after = reserved - before - REGION_BYTES;
        if after > 0 {
            libc::munmap(base.byte_add(REGION_BYTES), after);
        }
        (base, libc::mprotect(base, REGION_BYTES, ALL))
    };
    if done == 0 {
        return NonNull::new(base.cast());
    }
    // SAFETY: nobody has seen it.
    unsafe { libc::munmap(base, REGION_BYTES) };
    None
}

/// All of a region can be used at once.
pub(super) fn commit(_base: NonNull<u8>, _reached: usize, _bytes: usize) -> Option<usize> {
    Some(REGION_BYTES)
}

/// What is behind so many bytes, whole pages, is zero when somebody looks again. Returns how much can be used.
pub(super) fn forget(base: NonNull<u8>, behind: usize, reached: usize) -> usize {
    // SAFETY: the range lies in this mapping, which nobody else refers to.
    unsafe {
        let start = base.as_ptr().add(behind).cast();
        // Elsewhere the pages may keep what is in them until the system needs them: new ones take their place.
        #[cfg(target_os = "linux")]
        libc::madvise(start, REGION_BYTES - behind, libc::MADV_DONTNEED);
        #[cfg(not(target_os = "linux"))]
        libc::mmap(start, REGION_BYTES - behind, ALL, FLAGS | libc::MAP_FIXED, -1, 0);
    }
    reached
}

/// Gives a region back to the system.
pub(super) fn give_up(base: NonNull<u8>) {
    // SAFETY: the mapping is a region's own, and nothing refers to it any more.
    unsafe { libc::munmap(base.as_ptr().cast(), REGION_BYTES) };
}
