//! In how many schedules of a hundred each kind of fault exists at all.

use crate::fault::Fault;
use crate::naming;

/// In how many schedules of a hundred each kind of fault, and each contrived situation, exists at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Odds([u8; Chance::COUNT]);

/// Something that exists in a schedule or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chance {
    /// A kind of fault.
    Of(Fault),
    /// A holder is frozen or cut off for longer than its lease while its player turns up elsewhere.
    Siege,
    /// A third server asks for a held lock and gives up, while the one that asked before it is silent.
    Rival,
}

impl Chance {
    const COUNT: usize = Fault::COUNT + Chance::SITUATIONS.len();

    /// The contrived situations, made of freezes, cuts and outages.
    pub const SITUATIONS: [Chance; 2] = [Chance::Siege, Chance::Rival];

    /// All.
    pub fn all() -> impl Iterator<Item = Chance> {
        Fault::ALL.iter().map(|fault| Chance::Of(*fault)).chain(Chance::SITUATIONS)
    }

    /// The name, as files use it.
    pub fn name(self) -> &'static str {
        match self {
            Chance::Of(fault) => fault.name(),
            Chance::Siege => "siege",
            Chance::Rival => "rival",
        }
    }

    /// One line for people.
    pub fn about(self) -> &'static str {
        match self {
            Chance::Of(fault) => fault.about(),
            Chance::Siege => "a server is silent for longer than its lease while its player turns up elsewhere",
            Chance::Rival => "a third server asks for a held lock and gives up, while the one before it is silent",
        }
    }

    /// By name, or what to say about it.
    ///
    /// # Errors
    /// When there is none, with those there are.
    pub fn find(name: &str) -> Result<Chance, String> {
        let found = Chance::all().find(|chance| chance.name() == name);
        found.ok_or_else(|| naming::unknown("fault", name, Chance::all().map(Chance::name)))
    }

    fn place(self) -> usize {
        match self {
            Chance::Of(fault) => fault as usize,
            Chance::Siege => Fault::COUNT,
            Chance::Rival => Fault::COUNT + 1,
        }
    }
}

impl From<Fault> for Chance {
    fn from(fault: Fault) -> Chance {
        Chance::Of(fault)
    }
}

impl Odds {
    /// Nothing ever goes wrong.
    pub const NONE: Odds = Odds([0; Chance::COUNT]);

    /// In how many schedules of a hundred.
    pub fn of(&self, chance: impl Into<Chance>) -> u8 {
        self.0[chance.into().place()]
    }

    /// In so many schedules of a hundred.
    pub fn set(&mut self, chance: impl Into<Chance>, percent: u8) {
        self.0[chance.into().place()] = percent;
    }
}
