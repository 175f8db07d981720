//! Bytes of a file that are read in order. Nothing is copied, and nothing is taken that is not there.

/// What is left of them.
pub(in crate::tree) struct Bytes<'a>(pub(in crate::tree) &'a [u8]);

impl<'a> Bytes<'a> {
    /// The next so many bytes; `None` if there are fewer.
    pub(in crate::tree) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next byte.
    pub(in crate::tree) fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// The next number of 32 bits, the lowest byte first.
    pub(in crate::tree) fn number(&mut self) -> Option<usize> {
        let bytes = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    }

    /// The next text: its length, and its bytes.
    pub(in crate::tree) fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    /// How many values come, each of so many bytes at least; `None` if they cannot all be there.
    pub(in crate::tree) fn count(&mut self, least: usize) -> Option<usize> {
        let count = self.number()?;
        (count.checked_mul(least)? <= self.0.len()).then_some(count)
    }

    /// Goes past a list: how many values, each of so many bytes.
    pub(in crate::tree) fn skip_list(&mut self, size: usize) -> Option<()> {
        let count = self.count(size)?;
        self.take(count * size).map(drop)
    }
}
