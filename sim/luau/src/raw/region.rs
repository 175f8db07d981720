//! Address space for one virtual machine.

#[cfg_attr(unix, path = "region/unix.rs")]
#[cfg_attr(windows, path = "region/windows.rs")]
mod system;

use std::ptr::NonNull;
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
    /// So many bytes can be used; more after [`Region::reach`].
    reached: usize,
}

/// What the system answers to the wish for a place.
enum Asked {
    Got(NonNull<u8>),
    /// Somebody else has it.
    Taken,
    /// It gives none.
    Refused,
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
        let mut region = Region::take();
        region.let_go_of(0);
        region
    }

    fn pooled() -> Option<Region> {
        POOL.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Makes sure that so many bytes can be used.
    #[inline]
    pub(super) fn reach(&mut self, bytes: usize) {
        if bytes > self.reached {
            self.reached = system::commit(self.base, self.reached, bytes).unwrap_or_else(|| NO_MEMORY.raise());
        }
    }

    /// Forgets what is behind so many bytes: it is zero when somebody looks again.
    fn let_go_of(&mut self, behind: usize) {
        self.reached = system::forget(self.base, behind, self.reached);
    }

    /// Back to the pool; `touched` bytes from the start may have been written.
    pub(super) fn give_back(mut self, touched: usize) {
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
            match system::reserve_at(place * ALIGNMENT) {
                Asked::Got(base) => return Some(Region { base, reached: 0 }),
                Asked::Taken => {}
                Asked::Refused => return None,
            }
        }
        None
    }

    /// Where the system does not listen to wishes: reserves so much that a region fits in, wherever it begins.
    fn cut_out() -> Region {
        let base = system::cut_out().unwrap_or_else(|| NO_MEMORY.raise());
        Region { base, reached: 0 }
    }
}

const NO_MEMORY: Refusal = Refusal::NoMemory("no address space for a virtual machine of 256 MiB");

impl Drop for Region {
    fn drop(&mut self) {
        system::give_up(self.base);
    }
}
