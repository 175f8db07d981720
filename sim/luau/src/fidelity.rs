//! How finely a Luau server's time is divided into frames.

use dupeproof_core::Span;

/// How often a server steps its scripts. Idle frames cost nothing, but modules that listen to `Heartbeat` do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fidelity {
    /// Waits end in steps of 0.1 s, and `Heartbeat` fires every 0.25 s: for searching.
    #[default]
    Coarse,
    /// As a real server: 60 Hz (identify.md, "Performance optimization"): for confirming.
    Sixty,
}

impl Fidelity {
    /// From its name on the command line.
    pub fn named(name: &str) -> Option<Fidelity> {
        match name {
            "coarse" => Some(Fidelity::Coarse),
            "60hz" => Some(Fidelity::Sixty),
            _ => None,
        }
    }

    /// The step in which waits end.
    pub fn frame(self) -> Span {
        match self {
            Fidelity::Coarse => Span::millis(100),
            Fidelity::Sixty => SIXTIETH,
        }
    }

    /// The step in which `Heartbeat` and its like fire.
    pub fn heartbeat(self) -> Span {
        match self {
            Fidelity::Coarse => Span::millis(250),
            Fidelity::Sixty => SIXTIETH,
        }
    }
}

const SIXTIETH: Span = Span(16_667);
