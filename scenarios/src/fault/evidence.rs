//! How real a fault is.

/// How much is known of whether a fault happens on Roblox; the best known first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Roblox says so, in its documentation or through its staff.
    Documented,
    /// Somebody has seen it and said so in public.
    Reported,
    /// It follows from what is documented or reported, and nobody has shown it by itself.
    Inferred,
    /// Nothing speaks for it but that nothing rules it out.
    NeverSeen,
}

impl Evidence {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Evidence::Documented => "documented",
            Evidence::Reported => "reported",
            Evidence::Inferred => "inferred",
            Evidence::NeverSeen => "never seen",
        }
    }
}
