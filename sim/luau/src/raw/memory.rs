//! The memory of one virtual machine.

use std::ffi::c_void;
use std::ptr;

use super::state::Inner;

#[cfg(not(feature = "system-memory"))]
pub(super) use arena::Memory;
#[cfg(feature = "system-memory")]
pub(super) use system::Memory;

/// Work of a block by itself, until it is collected.
const BLOCK_WORK: usize = 4;

/// Bytes of a block that are one unit of work, up to so many, and beyond: what is large is copied in one go.
const SMALL_BYTES: usize = 64;
const SMALL: usize = 32 << 10;
const LARGE_BYTES: usize = 256;

/// Luau's `frealloc`.
///
/// # Safety
/// Called by Luau, with the `Inner` it was given when it was created, and blocks as it got them from here.
pub(super) unsafe extern "C" fn reallocate(
    inner: *mut c_void,
    block: *mut c_void,
    old_size: usize,
    new_size: usize,
) -> *mut c_void {
    // SAFETY: nothing else uses the memory or the meter while Luau allocates.
    let Inner { memory, meter, .. } = unsafe { &mut *inner.cast::<Inner>() };
    if !block.is_null() && (new_size == 0 || memory.fits(old_size, new_size)) {
        if new_size == 0 {
            // SAFETY: Luau says that the block is no longer in use, and how large it was.
            unsafe { memory.give_back(block, old_size) };
            meter.resized(old_size, 0);
            return ptr::null_mut();
        }
        meter.resized(old_size, new_size);
        return block;
    }
    if new_size == 0 || (new_size > old_size && !meter.allows(memory.used() + new_size)) {
        return ptr::null_mut();
    }
    if new_size > old_size {
        // What fills it, copies it and reads it once.
        let (small, large) = (new_size.min(SMALL), new_size.saturating_sub(SMALL));
        meter.charge((BLOCK_WORK + small / SMALL_BYTES + large / LARGE_BYTES) as u64);
    }
    let Some(new_block) = memory.take(new_size) else {
        // The region is full of blocks of other sizes.
        meter.allows(usize::MAX);
        return ptr::null_mut();
    };
    meter.resized(if block.is_null() { 0 } else { old_size }, new_size);
    if !block.is_null() {
        // SAFETY: two different blocks, both at least as large as the smaller of the two sizes.
        unsafe {
            ptr::copy_nonoverlapping(block.cast::<u8>(), new_block.cast::<u8>(), old_size.min(new_size));
            memory.give_back(block, old_size);
        }
    }
    new_block
}

#[cfg(not(feature = "system-memory"))]
mod arena {
    use std::ffi::c_void;
    use std::ptr::NonNull;

    use crate::raw::blocks::Blocks;
    use crate::raw::region::{REGION_BYTES, Region};

    /// A region, and which of its parts are in use.
    pub(in crate::raw) struct Memory {
        region: Option<Region>,
        blocks: Blocks,
    }

    impl Memory {
        pub(in crate::raw) fn new() -> Memory {
            Memory { region: Some(Region::take()), blocks: Blocks::new(REGION_BYTES) }
        }

        /// All zero.
        pub(in crate::raw) fn cleared() -> Memory {
            Memory { region: Some(Region::cleared()), blocks: Blocks::new(REGION_BYTES) }
        }

        /// With these blocks in use, for somebody to fill.
        pub(in crate::raw) fn copied(blocks: Blocks) -> Memory {
            let mut region = Region::take();
            region.reach(blocks.touched());
            Memory { region: Some(region), blocks }
        }

        /// Where it begins.
        pub(in crate::raw) fn base(&self) -> NonNull<u8> {
            self.region.as_ref().expect("it has one until it is dropped").base()
        }

        /// Which of its parts are in use.
        pub(in crate::raw) fn blocks(&self) -> &Blocks {
            &self.blocks
        }

        pub(in crate::raw) fn take(&mut self, size: usize) -> Option<*mut c_void> {
            let base = self.base();
            let offset = self.blocks.take(size)?;
            if let Some(region) = &mut self.region {
                region.reach(self.blocks.touched());
            }
            // SAFETY: blocks lie within the region.
            Some(unsafe { base.add(offset) }.as_ptr().cast())
        }

        /// # Safety
        /// The block was taken from here with this size, and is not used any more.
        pub(in crate::raw) unsafe fn give_back(&mut self, block: *mut c_void, size: usize) {
            self.blocks.give_back(block.addr() - self.base().as_ptr().addr(), size);
        }

        /// Whether a block of one size can be kept for another.
        pub(in crate::raw) fn fits(&self, size: usize, other: usize) -> bool {
            Blocks::same_class(size, other)
        }

        pub(in crate::raw) fn used(&self) -> usize {
            self.blocks.used()
        }
    }

    impl Drop for Memory {
        fn drop(&mut self) {
            if let Some(region) = self.region.take() {
                region.give_back(self.blocks.touched());
            }
        }
    }
}

#[cfg(feature = "system-memory")]
mod system {
    use std::alloc::{Layout, alloc, dealloc};
    use std::collections::BTreeMap;
    use std::ffi::c_void;

    /// Every block is one of the system's, so that checkers see its bounds.
    pub(in crate::raw) struct Memory {
        blocks: BTreeMap<usize, usize>,
        used: usize,
    }

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 16).expect("Luau asks for less than half of all memory")
    }

    impl Memory {
        pub(in crate::raw) fn new() -> Memory {
            Memory { blocks: BTreeMap::new(), used: 0 }
        }

        pub(in crate::raw) fn take(&mut self, size: usize) -> Option<*mut c_void> {
            // SAFETY: the size is not zero.
            let block = unsafe { alloc(layout(size)) };
            (!block.is_null()).then(|| {
                self.blocks.insert(block.addr(), size);
                self.used += size;
                block.cast()
            })
        }

        /// # Safety
        /// The block was taken from here with this size, and is not used any more.
        pub(in crate::raw) unsafe fn give_back(&mut self, block: *mut c_void, size: usize) {
            assert_eq!(self.blocks.remove(&block.addr()), Some(size), "a block that was never taken");
            self.used -= size;
            // SAFETY: it was taken with this layout.
            unsafe { dealloc(block.cast(), layout(size)) };
        }

        /// Whether a block of one size can be kept for another.
        pub(in crate::raw) fn fits(&self, size: usize, other: usize) -> bool {
            size == other
        }

        pub(in crate::raw) fn used(&self) -> usize {
            self.used
        }
    }

    impl Drop for Memory {
        fn drop(&mut self) {
            for (address, size) in std::mem::take(&mut self.blocks) {
                // SAFETY: it was taken with this layout, and its virtual machine is gone.
                unsafe { dealloc(std::ptr::with_exposed_provenance_mut(address), layout(size)) };
            }
        }
    }
}
