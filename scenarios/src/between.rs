//! Bounds that something is drawn from.

/// From `min` to `max`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Between<T> {
    /// At least.
    pub min: T,
    /// At most.
    pub max: T,
}
