//! What may happen in a proof: who does what in which order, on servers of which kinds.

use std::fmt;

use dupeproof_core::Config;
use dupeproof_sim::Command;
use dupeproof_sim::id::{MessageId, PlayerId, ReceiptId, TradeId};
use serde::Deserialize;

/// A proof's script. Each actor takes its steps in order; whatever two actors do may happen in any order.
#[derive(Clone, Debug)]
pub struct Script {
    /// Its name: the file's.
    pub name: String,
    /// The TOML text that it was read from.
    pub text: String,
    /// What it shows.
    pub about: String,
    /// Deviations from health in one run, at most.
    pub deviations: u8,
    /// The lease of each server's sessions, in seconds.
    pub leases: Vec<u64>,
    /// Items that each player owns at the start.
    pub items: Vec<u16>,
    /// Players who have no record at the start, and own nothing.
    pub new: Vec<u16>,
    /// Which clocks the servers can have.
    pub clocks: Clocks,
    /// Everything happens at whole multiples of so many milliseconds of a slow clock.
    pub grid_ms: u64,
    /// What happens before anything is left open: in this order, each at once, until all is quiet.
    pub prelude: Vec<Step>,
    /// The steps of each actor.
    pub actors: Vec<Vec<Step>>,
}

/// The rates of the servers' clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clocks {
    /// Each is at either end of the rates that the protocol allows for.
    #[default]
    Any,
    /// All are the same.
    Equal,
}

/// What an actor does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// On which server.
    pub server: u8,
    /// What.
    pub deed: Deed,
}

/// What can be done on a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Something that players and admins do.
    Command(Command),
    /// `BindToClose`.
    Close,
    /// The server is gone at once.
    Crash,
    /// A new server begins in its place.
    Restart,
    /// `SetConstant("LEASE", seconds)`.
    SetLease(u64),
}

/// As scripts say it.
impl fmt::Display for Deed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Deed::Command(Command::Join(who)) => write!(formatter, "join {}", who.0),
            Deed::Command(Command::Steal(who)) => write!(formatter, "steal {}", who.0),
            Deed::Command(Command::Leave(who)) => write!(formatter, "leave {}", who.0),
            Deed::Command(Command::Edit(who)) => write!(formatter, "edit {}", who.0),
            Deed::Command(Command::Save(who)) => write!(formatter, "save {}", who.0),
            Deed::Command(Command::Remove(who)) => write!(formatter, "remove {}", who.0),
            Deed::Command(Command::Rollback(who)) => write!(formatter, "set {}", who.0),
            Deed::Command(Command::Trade { player, partner, trade }) => {
                write!(formatter, "trade {} {} {}", player.0, partner.0, trade.0)
            }
            Deed::Command(Command::Gift { from, to, gift }) => {
                write!(formatter, "gift {} {} {}", from.0, to.0, gift.0)
            }
            Deed::Command(Command::Receipt { player, receipt }) => write!(formatter, "buy {} {}", player.0, receipt.0),
            Deed::Command(Command::Send { to, message }) => write!(formatter, "send {} {}", to.0, message.0),
            Deed::Command(other) => write!(formatter, "{other:?}"),
            Deed::Close => formatter.write_str("close"),
            Deed::Crash => formatter.write_str("crash"),
            Deed::Restart => formatter.write_str("restart"),
            Deed::SetLease(seconds) => write!(formatter, "lease {seconds}"),
        }
    }
}

/// Why a text is no script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// It is not TOML, or has fields that scripts do not have.
    #[error("{0}")]
    Toml(String),
    /// A step makes no sense.
    #[error("{actor}, step {step}: `{text}`: {why}")]
    Step {
        /// The prelude, or which actor.
        actor: String,
        /// Which of its steps, from 1.
        step: usize,
        /// The step.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// It is too large to be explored.
    #[error("{0}")]
    TooLarge(&'static str),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    about: String,
    deviations: u8,
    leases: Vec<u64>,
    items: Vec<u16>,
    #[serde(default)]
    new: Vec<u16>,
    #[serde(default)]
    clocks: Clocks,
    #[serde(default = "fine")]
    grid_ms: u64,
    #[serde(default)]
    prelude: Vec<String>,
    actors: Vec<Vec<String>>,
}

/// Fine enough to tell the rates of the clocks apart over one lease.
fn fine() -> u64 {
    250
}

/// The scripts that come with this crate, by name.
const BUILT_IN: &[(&str, &str)] = &[
    ("two_starts", include_str!("../../proofs/two_starts.toml")),
    ("cancel", include_str!("../../proofs/cancel.toml")),
    ("crash", include_str!("../../proofs/crash.toml")),
    ("rejoin", include_str!("../../proofs/rejoin.toml")),
    ("steal", include_str!("../../proofs/steal.toml")),
    ("set", include_str!("../../proofs/set.toml")),
    ("removal", include_str!("../../proofs/removal.toml")),
    ("shutdown", include_str!("../../proofs/shutdown.toml")),
    ("message", include_str!("../../proofs/message.toml")),
    ("first_message", include_str!("../../proofs/first_message.toml")),
    ("gift", include_str!("../../proofs/gift.toml")),
    ("two_gifts", include_str!("../../proofs/two_gifts.toml")),
    ("purchase", include_str!("../../proofs/purchase.toml")),
    ("trade", include_str!("../../proofs/trade.toml")),
    ("trade_and_crash", include_str!("../../proofs/trade_and_crash.toml")),
    ("steal_from_first_side", include_str!("../../proofs/steal_from_first_side.toml")),
    ("steal_from_second_side", include_str!("../../proofs/steal_from_second_side.toml")),
    ("three_starts", include_str!("../../proofs/three_starts.toml")),
    ("lease_change", include_str!("../../proofs/lease_change.toml")),
    ("long_lease", include_str!("../../proofs/long_lease.toml")),
    ("trade_and_steal", include_str!("../../proofs/trade_and_steal.toml")),
];

impl Script {
    /// The scripts that come with this crate.
    ///
    /// # Panics
    /// Never: a test reads them all.
    pub fn built_in() -> Vec<Script> {
        BUILT_IN.iter().map(|(name, text)| Script::parse(name, text).expect("a test reads it")).collect()
    }

    /// Reads a script.
    ///
    /// # Errors
    /// [`ScriptError`] with the place and what is wrong.
    pub fn parse(name: &str, text: &str) -> Result<Script, ScriptError> {
        let file: File = toml::from_str(text).map_err(|error| ScriptError::Toml(error.to_string()))?;
        if file.leases.is_empty() || file.leases.len() > 4 {
            return Err(ScriptError::TooLarge("`leases` has one to four servers"));
        }
        if !file.leases.iter().all(|lease| is_lease(*lease)) {
            return Err(ScriptError::TooLarge("each of `leases` is from 1 to 600 seconds"));
        }
        if file.items.is_empty() || file.items.len() > 4 {
            return Err(ScriptError::TooLarge("`items` has one to four players"));
        }
        if !(50..=10_000).contains(&file.grid_ms) {
            return Err(ScriptError::TooLarge("`grid_ms` is from 50 to 10000"));
        }
        if file.new.iter().any(|player| file.items.get(usize::from(*player)) != Some(&0)) {
            return Err(ScriptError::TooLarge("`new` has players who own 0 `items`"));
        }
        let (servers, players) = (file.leases.len(), file.items.len());
        let steps = |actor: &str, texts: &[String]| -> Result<Vec<Step>, ScriptError> {
            let parse = |(step, text): (usize, &String)| {
                parse_step(text, servers, players).map_err(|why| ScriptError::Step {
                    actor: actor.into(),
                    step: step + 1,
                    text: text.clone(),
                    why,
                })
            };
            texts.iter().enumerate().map(parse).collect()
        };
        let prelude = steps("prelude", &file.prelude)?;
        let actors = (1..).zip(&file.actors).map(|(actor, texts)| steps(&format!("actor {actor}"), texts));
        let actors = actors.collect::<Result<Vec<_>, _>>()?;
        let File { about, deviations, leases, items, new, clocks, grid_ms, .. } = file;
        let (name, text) = (name.into(), text.into());
        Ok(Script { name, text, about, deviations, leases, items, new, clocks, grid_ms, prelude, actors })
    }

    /// Whether some step lets two sessions of a profile be live at one time by what it means: a steal, a removal, a set.
    pub fn takes_locks_away(&self) -> bool {
        self.steps().any(|step| {
            matches!(step.deed, Deed::Command(Command::Steal(_) | Command::Remove(_) | Command::Rollback(_)))
        })
    }

    /// The servers on which something is done to a player's record, each as often as it is.
    pub(crate) fn servers_of(&self, player: PlayerId) -> impl Iterator<Item = u8> {
        let touches = move |command| match command {
            Command::Join(who) | Command::Steal(who) | Command::Remove(who) | Command::Rollback(who) => who == player,
            Command::Gift { to, .. } | Command::Send { to, .. } => to == player,
            _ => false,
        };
        self.steps()
            .filter(move |step| matches!(step.deed, Deed::Command(command) if touches(command)))
            .map(|step| step.server)
    }

    /// The leases that steps set, in seconds.
    pub(crate) fn set_leases(&self) -> impl Iterator<Item = u64> {
        self.steps().filter_map(|step| match step.deed {
            Deed::SetLease(seconds) => Some(seconds),
            _ => None,
        })
    }

    /// All steps.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.prelude.iter().chain(self.actors.iter().flatten())
    }
}

/// As the constant `LEASE`.
fn is_lease(seconds: u64) -> bool {
    (1..=Config::LEASE_MAX.as_secs()).contains(&seconds)
}

/// `SERVER VERB NUMBERS`.
fn parse_step(text: &str, servers: usize, players: usize) -> Result<Step, String> {
    let mut words = text.split_whitespace();
    let server: u8 = words.next().and_then(|word| word.parse().ok()).ok_or("it begins with the number of a server")?;
    if usize::from(server) >= servers {
        return Err(format!("there are {servers} servers: 0 to {}", servers - 1));
    }
    let verb = words.next().ok_or("after the server comes what is done")?;
    let numbers: Vec<u64> =
        words.map(|word| word.parse().map_err(|_| format!("`{word}` is no number"))).collect::<Result<_, _>>()?;
    let deed = deed(verb, &numbers, players)?;
    Ok(Step { server, deed })
}

fn deed(verb: &str, numbers: &[u64], players: usize) -> Result<Deed, String> {
    let player = |number: u64| match u16::try_from(number) {
        Ok(number) if usize::from(number) < players => Ok(PlayerId(number)),
        _ => Err(format!("there are {players} players: 0 to {}", players - 1)),
    };
    let id = |number: u64| u32::try_from(number).map_err(|_| format!("{number} is too large"));
    let command = match (verb, numbers) {
        ("join", [who]) => Command::Join(player(*who)?),
        ("steal", [who]) => Command::Steal(player(*who)?),
        ("leave", [who]) => Command::Leave(player(*who)?),
        ("edit", [who]) => Command::Edit(player(*who)?),
        ("save", [who]) => Command::Save(player(*who)?),
        ("remove", [who]) => Command::Remove(player(*who)?),
        ("set", [who]) => Command::Rollback(player(*who)?),
        ("trade", [who, with, trade]) => {
            Command::Trade { player: player(*who)?, partner: player(*with)?, trade: TradeId(id(*trade)?) }
        }
        ("gift", [who, to, gift]) => Command::Gift { from: player(*who)?, to: player(*to)?, gift: TradeId(id(*gift)?) },
        ("buy", [who, receipt]) => Command::Receipt { player: player(*who)?, receipt: ReceiptId(id(*receipt)?) },
        ("send", [to, message]) => Command::Send { to: player(*to)?, message: MessageId(id(*message)?) },
        ("close", []) => return Ok(Deed::Close),
        ("crash", []) => return Ok(Deed::Crash),
        ("restart", []) => return Ok(Deed::Restart),
        ("lease", [seconds]) if is_lease(*seconds) => return Ok(Deed::SetLease(*seconds)),
        ("lease", [_]) => return Err("a lease is from 1 to 600 seconds".into()),
        _ => {
            return Err(
                "expected join P, steal P, leave P, edit P, save P, remove P, set P, trade P Q ID, gift P Q ID, \
                        buy P ID, send P ID, close, crash, restart or lease SECONDS"
                    .into(),
            );
        }
    };
    Ok(Deed::Command(command))
}
