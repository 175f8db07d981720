//! Address space for one virtual machine.

use std::cell::RefCell;
use std::ptr::{self, NonNull};

/// Where a region may begin: Luau hashes the low 32 bits of an address, and so they are the same in every region.
const ALIGNMENT: usize = 1 << 32;

/// Reserved for each virtual machine; touched only as far as it is used.
pub(super) const REGION_BYTES: usize = 256 << 20;

/// What a pooled region keeps of the memory it has touched.
const KEPT_BYTES: usize = 8 << 20;

/// Regions kept for the next virtual machines of this thread.
const POOL_MAX: usize = 64;

thread_local! {
    static POOL: RefCell<Vec<Region>> = const { RefCell::new(Vec::new()) };
}

/// [`REGION_BYTES`] of readable and writable memory at a multiple of 4 GiB.
pub(super) struct Region {
    base: NonNull<u8>,
}

impl Region {
    /// From the pool of this thread, or new. What it holds is not defined.
    pub(super) fn take() -> Region {
        POOL.with_borrow_mut(Vec::pop).unwrap_or_else(Region::map)
    }

    /// Back to the pool; `touched` bytes from the start may have been written.
    pub(super) fn give_back(self, touched: usize) {
        if touched > KEPT_BYTES {
            // SAFETY: the range lies in this mapping, which nobody else refers to.
            unsafe {
                libc::madvise(self.base.as_ptr().add(KEPT_BYTES).cast(), REGION_BYTES - KEPT_BYTES, libc::MADV_DONTNEED)
            };
        }
        POOL.with_borrow_mut(|pool| {
            if pool.len() < POOL_MAX {
                pool.push(self);
            }
        });
    }

    /// Its first byte.
    pub(super) fn base(&self) -> NonNull<u8> {
        self.base
    }

    fn map() -> Region {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let reserved = ALIGNMENT + REGION_BYTES;
        // SAFETY: asks for fresh address space, wherever the system likes.
        let start = unsafe { libc::mmap(ptr::null_mut(), reserved, libc::PROT_NONE, flags, -1, 0) };
        assert!(start != libc::MAP_FAILED, "no address space for a virtual machine: raise `ulimit -v` to unlimited");
        let before = start.addr().next_multiple_of(ALIGNMENT) - start.addr();
        // SAFETY: all ranges lie in what was just reserved; what is given back is not used any more.
        let base = unsafe {
            let base = start.byte_add(before);
            if before > 0 {
                libc::munmap(start, before);
            }
            let after = reserved - before - REGION_BYTES;
            if after > 0 {
                libc::munmap(base.byte_add(REGION_BYTES), after);
            }
            let done = libc::mprotect(base, REGION_BYTES, libc::PROT_READ | libc::PROT_WRITE);
            assert!(done == 0, "no memory for a virtual machine: run fewer at once with `--jobs`");
            base
        };
        Region { base: NonNull::new(base.cast()).expect("a mapping is nowhere near zero") }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: the mapping is this region's own, and nothing refers to it any more.
        unsafe { libc::munmap(self.base.as_ptr().cast(), REGION_BYTES) };
    }
}
