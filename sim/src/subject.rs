//! What is put to the test.

use std::collections::BTreeMap;

use dupeproof_core::{Span, Stored};
use serde::Serialize;

use crate::finding_kind::FindingKind;
use crate::guest::{Guest, key_of};
use crate::id::{PlayerId, ServerId};
use crate::place::Place;
use crate::reader::Reader;
use crate::record_layout::RecordLayout;
use crate::request::Key;
use crate::schedule::{GamePlan, Schedule};
use crate::update::UpdateRules;

/// Something that can run on virtual servers.
pub trait Subject: Send + Sync {
    /// How it is called on the command line and in failure files.
    fn name(&self) -> &str;

    /// One line for people.
    fn about(&self) -> &str;

    /// What it promises.
    fn contract(&self) -> &Contract;

    /// After everything in this schedule is healed: the longest a start may take. At least [`Contract::start_bound`], and
    /// longer where locks are held for longer than by default.
    fn start_bound(&self, _schedule: &Schedule) -> Span {
        self.contract().start_bound
    }

    /// How often it promises to save each session, in this schedule; `None`: it does not say, or its sessions are leases,
    /// whose saves are judged by their constants.
    fn auto_save(&self, _schedule: &Schedule) -> Option<Span> {
        self.contract().auto_save
    }

    /// Whether it has a constant of this name that can have this value (seconds, or a count).
    ///
    /// # Errors
    /// What is wrong with it, for people.
    fn check_constant(&self, name: &str, _value: u64) -> Result<(), String> {
        Err(format!("`{}` has no constant `{name}`", self.name()))
    }

    /// How much CPU time its runs cost.
    fn pace(&self) -> Pace {
        Pace::Quick
    }

    /// What a suite may demand to see of it before a run without findings is called safe.
    fn shows(&self) -> Shows {
        Shows::Unstated
    }

    /// A server starts: its program.
    fn guest(&self, boot: &Boot) -> Box<dyn Guest>;

    /// Where its data and its lock stand in what it stores under the players' keys; if it has a reader, in what that tells.
    fn layout(&self) -> RecordLayout {
        RecordLayout::Record
    }

    /// The keys under which it keeps the records of players.
    fn place(&self) -> Place {
        Place::built_in()
    }

    /// All places in which it keeps something of a player; the first is [`Subject::place`].
    fn places(&self) -> Vec<Place> {
        vec![self.place()]
    }

    /// Whether there is something where it says that the data is, in a value that is stored under the key of a player.
    fn has_data(&self, stored: &Stored) -> bool {
        self.layout().data(stored).is_some()
    }

    /// The names that lead to the data in such a value; none if it is the whole value, or a record of ProfileStore's.
    fn data_path(&self) -> Vec<String> {
        self.layout().data_path()
    }

    /// What reads a run of it, if it keeps things in other places or in another form than the built-in subjects.
    fn reader(&self) -> Option<Box<dyn Reader>> {
        None
    }

    /// Whether the layout says where a session's lock is, or that there is none. If not, another session may have taken a
    /// lock that nobody sees.
    fn knows_lock(&self) -> bool {
        true
    }

    /// Why a finding of this kind cannot be told for it, for people: `None` if it can. Nothing of such a kind is ever
    /// found, and it is no promise either.
    fn not_tried(&self, _kind: FindingKind) -> Option<&'static str> {
        None
    }

    /// Whether an error of a script, with its traceback, came up where players' data is handled. A game may have scripts that
    /// have nothing to do with it.
    fn concerns_data(&self, _error: &str) -> bool {
        true
    }

    /// Whether it can say what is stored of each of so many players.
    ///
    /// # Errors
    /// Of whom not, and why not, with script and line.
    fn check_records(&self, _players: u16) -> Result<(), (PlayerId, String)> {
        Ok(())
    }

    /// The record of a player who has played before: the given items, never edited ([`crate::Stamp`] zero), no lock.
    fn record(&self, player: PlayerId, items: &[u32]) -> Stored;

    /// The same, full of what a record remembers only so much of ([`GamePlan::remembered`]).
    fn full_record(&self, player: PlayerId, items: &[u32], _remembered: u32) -> Stored {
        self.record(player, items)
    }

    /// Everything that is stored of such a player, by address; `remembered` is zero for a record that is not full.
    fn records(&self, player: PlayerId, items: &[u32], remembered: u32) -> Vec<(Key, Stored)> {
        let record = match remembered {
            0 => self.record(player, items),
            remembered => self.full_record(player, items, remembered),
        };
        vec![(key_of(player), record)]
    }
}

/// How much CPU time a run costs, which decides how many runs there can be for a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Thousands a second.
    Quick,
    /// Tens a second: a script runs on every server.
    Slow,
}

/// What can be seen of a subject in enough schedules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// Everything that suites ask for: it has leases, steals, trades, gifts, messages and purchases.
    Everything,
    /// Nobody has stated what it can show, so a run demands nothing.
    Unstated,
}

/// What a starting server knows.
#[derive(Clone, Debug)]
pub struct Boot {
    /// Which slot and life.
    pub server: ServerId,
    /// `game.JobId`: empty in Studio.
    pub job_id: String,
    /// Of the schedule.
    pub constants: BTreeMap<String, u64>,
    /// The server's lease, in microseconds; zero: the subject's own.
    pub lease: Span,
    /// Of the schedule.
    pub game: GamePlan,
    /// A seed for the program's own needs (guids, `math.random`); differs between lives.
    pub seed: u64,
    /// How `UpdateAsync` goes in this world, for [`crate::update::UpdateAsync`].
    pub update: UpdateRules,
    /// How many servers the schedule has.
    pub servers: usize,
    /// Whether the game hears of its players' leaving when the server closes.
    pub removing_at_close: bool,
    /// Whether somebody reads where in the scripts outputs come from ([`Output::CalledFrom`](crate::Output::CalledFrom)).
    pub reads_calls: bool,
}

/// What a subject promises, and how long its users may have to wait.
#[derive(Clone, Debug, Serialize)]
pub struct Contract {
    /// Findings it promises never to show.
    pub never: &'static [FindingKind],
    /// After everything is healed: the longest a start may take, whoever held the lock. Where leases differ,
    /// [`Subject::start_bound`] says how much longer.
    pub start_bound: Span,
    /// After everything is healed and the players have left: how long final saves may take.
    pub drain_bound: Span,
    /// How often each session's changes are saved while it goes on, by the server's clock; `None`: nobody says so.
    pub auto_save: Option<Span>,
}

impl Contract {
    /// One that promises no more than to be done within these bounds.
    pub const fn none(start_bound: Span, drain_bound: Span) -> Contract {
        Contract { never: &[], start_bound, drain_bound, auto_save: None }
    }
}
