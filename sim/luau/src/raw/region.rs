//! Address space for one virtual machine.

use std::io;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use dupeproof_sim::Refusal;

/// Where a region may begin: Luau hashes the low 32 bits of an address, and so they are the same in every region.
const ALIGNMENT: usize = 1 << 32;

/// Reserved for each virtual machine; touched only as far as it is used.
pub(super) const REGION_BYTES: usize = 256 << 20;

/// What a pooled region keeps of the memory it has touched.
const KEPT_BYTES: usize = 8 << 20;

/// Regions kept for the next virtual machines, of whatever thread: address space may be short.
const POOL_MAX: usize = 256;

static POOL: Mutex<Vec<Region>> = Mutex::new(Vec::new());

/// Where regions may begin, counted in [`ALIGNMENT`]: above all that a program has at fixed places, and far below the end of
/// what a process can address on any system.
const FIRST: usize = 64;
const PLACES: usize = 8_192;

/// The place that is tried next.
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// [`REGION_BYTES`] of readable and writable memory at a multiple of 4 GiB.
pub(super) struct Region {
    base: NonNull<u8>,
}

// SAFETY: a region is memory of the process, and whoever has it has it alone.
unsafe impl Send for Region {}

impl Region {
    /// From the pool, or new. What it holds is not defined. Raises [`Refusal::NoMemory`] if the system has no address space.
    pub(super) fn take() -> Region {
        Region::pooled().or_else(Region::at_a_free_place).unwrap_or_else(Region::cut_out)
    }

    /// The same, all zero.
    pub(super) fn cleared() -> Region {
        let region = Region::take();
        region.let_go_of(0);
        region
    }

    fn pooled() -> Option<Region> {
        POOL.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Forgets what is behind so many bytes: it is zero when somebody looks again.
    fn let_go_of(&self, behind: usize) {
        // SAFETY: the range lies in this mapping, which nobody else refers to.
        unsafe {
            libc::madvise(self.base.as_ptr().add(behind).cast(), REGION_BYTES - behind, libc::MADV_DONTNEED);
        }
    }

    /// Back to the pool; `touched` bytes from the start may have been written.
    pub(super) fn give_back(self, touched: usize) {
        if touched > KEPT_BYTES {
            self.let_go_of(KEPT_BYTES);
        }
        let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
        if pool.len() < POOL_MAX {
            pool.push(self);
        }
    }

    /// Its first byte.
    pub(super) fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// Asks for a multiple of [`ALIGNMENT`] that nobody uses, which takes no more address space than the region has.
    fn at_a_free_place() -> Option<Region> {
        for _ in 0..PLACES {
            let place = FIRST + NEXT.fetch_add(1, Ordering::Relaxed) % PLACES;
            let wanted = ptr::without_provenance_mut(place * ALIGNMENT);
            // SAFETY: the system takes the address as a wish, and maps over nothing that is there.
            let got = unsafe { libc::mmap(wanted, REGION_BYTES, libc::PROT_READ | libc::PROT_WRITE, FLAGS, -1, 0) };
            if got == libc::MAP_FAILED {
                refuse_if_none_left();
                return None;
            }
            if got.addr() == wanted.addr() {
                return NonNull::new(got.cast()).map(|base| Region { base });
            }
            // SAFETY: it has just been mapped, and nobody has seen it.
            unsafe { libc::munmap(got, REGION_BYTES) };
        }
        None
    }

    /// Where the system does not listen to wishes: reserves so much that a region fits in, wherever it begins.
    fn cut_out() -> Region {
        let reserved = ALIGNMENT + REGION_BYTES;
        // SAFETY: asks for fresh address space, wherever the system likes.
        let start = unsafe { libc::mmap(ptr::null_mut(), reserved, libc::PROT_NONE, FLAGS, -1, 0) };
        if start == libc::MAP_FAILED {
            NO_MEMORY.raise();
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
            (base, libc::mprotect(base, REGION_BYTES, libc::PROT_READ | libc::PROT_WRITE))
        };
        let region = Region { base: NonNull::new(base.cast()).expect("a mapping is nowhere near zero") };
        if done != 0 {
            NO_MEMORY.raise();
        }
        region
    }
}

const FLAGS: libc::c_int = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;

const NO_MEMORY: Refusal = Refusal::NoMemory("no address space for a virtual machine of 256 MiB");

/// After a mapping failed: if there was no memory for it, there is none for a larger one.
fn refuse_if_none_left() {
    if io::Error::last_os_error().raw_os_error() == Some(libc::ENOMEM) {
        NO_MEMORY.raise();
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: the mapping is this region's own, and nothing refers to it any more.
        unsafe { libc::munmap(self.base.as_ptr().cast(), REGION_BYTES) };
    }
}
