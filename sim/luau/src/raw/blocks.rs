//! Which parts of a region are in use.

/// Blocks are multiples of this.
const GRAIN: usize = 16;

/// The smallest block.
const BLOCK_MIN: usize = 64;

/// Four sizes from each power of two to the next.
const CLASSES: usize = 4 * 32;

/// Hands out blocks by their offset: the same requests always get the same answers.
#[derive(Clone)]
pub(super) struct Blocks {
    /// Offsets of free blocks, by class, the last freed to be used first.
    free: Vec<Vec<u32>>,
    /// Never used from here on.
    bump: usize,
    end: usize,
    used: usize,
}

impl Blocks {
    /// All of a region of this many bytes, at most 4 GiB, is free.
    pub(super) fn new(end: usize) -> Blocks {
        Blocks { free: vec![Vec::new(); CLASSES], bump: 0, end, used: 0 }
    }

    /// The offset of a block of `size` bytes or more; `None` if the region is full.
    pub(super) fn take(&mut self, size: usize) -> Option<usize> {
        let (class, rounded) = class_of(size)?;
        let offset = match self.free[class].pop() {
            Some(offset) => offset as usize,
            None if rounded <= self.end - self.bump => {
                self.bump += rounded;
                self.bump - rounded
            }
            None => return None,
        };
        self.used += rounded;
        Some(offset)
    }

    /// A block that was taken with this size is free again.
    pub(super) fn give_back(&mut self, offset: usize, size: usize) {
        let (class, rounded) = class_of(size).expect("it was taken");
        self.used -= rounded;
        self.free[class].push(u32::try_from(offset).expect("regions have at most 4 GiB"));
    }

    /// Whether blocks of these sizes are equally large.
    pub(super) fn same_class(size: usize, other: usize) -> bool {
        class_of(size) == class_of(other)
    }

    /// Bytes in use.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// Bytes from the region's start that were ever in use.
    pub(super) fn touched(&self) -> usize {
        self.bump
    }
}

/// The class of a size, and how large its blocks are; `None` beyond 2 GiB.
fn class_of(size: usize) -> Option<(usize, usize)> {
    let size = size.max(BLOCK_MIN);
    if size > 1 << 31 {
        return None;
    }
    let power = (size - 1).ilog2() as usize;
    let quarter = (1 << power) / 4;
    let quarters = size.div_ceil(quarter);
    debug_assert!((quarters * quarter).is_multiple_of(GRAIN));
    Some((power * 4 + quarters - 5, quarters * quarter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_large_enough_and_not_much_larger() {
        for size in [1, 16, 64, 65, 80, 81, 1000, 16_360, 16_384, 16_385, 1 << 20, (1 << 31) - 1, 1 << 31] {
            let (_, rounded) = class_of(size).expect("at most 2 GiB");
            assert!(rounded >= size && (rounded <= size + size / 4 || rounded == BLOCK_MIN), "{size} became {rounded}");
            assert!(rounded.is_multiple_of(GRAIN), "{size} became {rounded}");
        }
        assert_eq!(class_of((1 << 31) + 1), None);
    }

    #[test]
    fn sizes_of_different_blocks_have_different_classes() {
        let mut coverage = std::collections::BTreeMap::new();
        for size in 1..100_000 {
            let (class, rounded) = class_of(size).expect("small");
            assert_eq!(*coverage.entry(class).or_insert(rounded), rounded);
        }
    }

    #[test]
    fn a_freed_block_is_used_again_and_a_full_region_gives_nothing() {
        let mut blocks = Blocks::new(256);
        let (first, second) = (blocks.take(100), blocks.take(100));
        assert_eq!((first, second, blocks.used()), (Some(0), Some(112), 224));
        assert_eq!(blocks.take(100), None);
        blocks.give_back(0, 100);
        assert_eq!(blocks.take(112), Some(0));
        assert_eq!(blocks.touched(), 224);
    }
}
