//! A virtual machine as it was at some moment, to begin others with: copying its memory takes a tenth of the time that running
//! the same scripts again does.
//!
//! Regions begin at multiples of 4 GiB, so an address in one differs from the same address in another by such a multiple, and
//! nothing else does. Two machines that have done the same therefore show which of their words are addresses.

use std::ptr::NonNull;

use super::blocks::Blocks;
use super::memory::Memory;
use super::meter::{Limits, Meter};
use super::state::Registered;
use super::watchdog::Slowness;

/// Luau aligns addresses to this many bytes.
const WORD: usize = size_of::<u64>();

/// The part of an address that is the same in every region.
const LOW: u64 = (1 << 32) - 1;

/// A machine's memory, and what belongs to it.
pub(crate) struct Image {
    /// Addresses are counted from the region's beginning.
    words: Vec<u64>,
    /// Which words are addresses in the region.
    addresses: Vec<u32>,
    /// Which words are the address of the machine's own data.
    owners: Vec<u32>,
    blocks: Blocks,
    meter: Meter,
    registered: Registered,
    /// Where the main thread is.
    main: usize,
    /// Of the real machine that made it.
    slowness: Slowness,
}

/// A machine that an image is made of.
pub(super) struct Original<'a> {
    pub(super) memory: &'a Memory,
    /// The address of its own data.
    pub(super) owner: usize,
    /// That of its main thread.
    pub(super) main: usize,
}

impl Original<'_> {
    /// What of its region has been in use.
    fn words(&self) -> &[u64] {
        let count = self.memory.blocks().touched() / WORD;
        // SAFETY: all of a region can be read, and nothing that is borrowed here writes to it.
        unsafe { std::slice::from_raw_parts(self.memory.base().cast().as_ptr(), count) }
    }

    fn start(&self) -> u64 {
        self.memory.base().as_ptr().addr() as u64
    }
}

impl Image {
    /// Of two machines in cleared regions that have done the same; `None` if they differ.
    pub(super) fn of(
        one: &Original<'_>,
        other: &Original<'_>,
        meter: &Meter,
        registered: Registered,
        slowness: Slowness,
    ) -> Option<Image> {
        let (ours, theirs) = (one.words(), other.words());
        let main = one.main - one.memory.base().as_ptr().addr();
        let mut image = Image {
            words: ours.to_vec(),
            addresses: Vec::new(),
            owners: Vec::new(),
            blocks: one.memory.blocks().clone(),
            meter: meter.clone(),
            registered,
            main,
            slowness,
        };
        let starts = [one.start(), other.start()];
        let owners = [one.owner as u64, other.owner as u64];
        let mut unexplained = Vec::new();
        for (place, (&word, &twin)) in (0..).zip(ours.iter().zip(theirs)) {
            if word == twin {
                continue;
            }
            if [word, twin] == owners {
                image.owners.push(place);
            } else if word & LOW == twin & LOW && [word & !LOW, twin & !LOW] == starts {
                image.addresses.push(place);
                image.words[place as usize] = word & LOW;
            } else {
                unexplained.push(place as usize);
            }
        }
        match unexplained[..] {
            [] => {}
            // When the collector last ran, by the machine's clock: for its own pacing, which is off.
            [place] if is_moment(ours[place]) && is_moment(theirs[place]) => image.words[place] = 0,
            _ => return None,
        }
        let alike = ours.len() == theirs.len() && starts[0] != starts[1] && owners[0] != owners[1];
        alike.then_some(image)
    }

    /// Which parts of its memory are in use.
    pub(super) fn blocks(&self) -> Blocks {
        self.blocks.clone()
    }

    /// The count of a machine with these limits that begins with it.
    pub(super) fn meter(&self, limits: Limits) -> Meter {
        self.meter.copied(limits)
    }

    /// What of the host's the registry holds.
    pub(super) fn registered(&self) -> Registered {
        self.registered
    }

    pub(super) fn slowness(&self) -> Slowness {
        self.slowness
    }

    /// Fills the memory of a machine whose own data is at the address `owner`; where its main thread is.
    ///
    /// # Safety
    /// The memory has been made for these [`Image::blocks`], and no machine lives in it yet.
    pub(super) unsafe fn unfold(&self, memory: &Memory, owner: usize) -> NonNull<u8> {
        let base = memory.base();
        let start = base.as_ptr().addr() as u64;
        // SAFETY: a region is larger than what another has in use, and all places lie within that.
        unsafe {
            let words: *mut u64 = base.cast().as_ptr();
            std::ptr::copy_nonoverlapping(self.words.as_ptr(), words, self.words.len());
            for &place in &self.addresses {
                *words.add(place as usize) |= start;
            }
            for &place in &self.owners {
                *words.add(place as usize) = owner as u64;
            }
            base.add(self.main)
        }
    }
}

/// Whether a word can be a time in seconds.
fn is_moment(word: u64) -> bool {
    f64::from_bits(word).is_normal()
}
