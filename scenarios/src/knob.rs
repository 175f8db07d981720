//! Everything about a world that is a number, in one table: what failure files and scenario files may hold, what
//! shrinking puts back, what `dupeproof list` shows.

mod knob_value;
mod table;
mod unit;

use std::sync::LazyLock;

use dupeproof_sim::schedule::{RequestClass, RequestFault, Schedule, ServerPlan};

use crate::size::Size;
use crate::suggest;
use knob_value::KnobValue;
pub use unit::Unit;

/// One number of a world.
#[derive(Debug)]
pub struct Knob {
    /// Its name, which ends with its unit.
    pub name: &'static str,
    /// One line for people: what it is, and what is known of it.
    pub about: &'static str,
    /// What a finding is said to need if it is not at its default, with `{}` for how much it is; of a switch, what is so then.
    /// Empty for those of faults and of games, which have words of their own.
    words: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// At least.
    pub min: i64,
    /// At most.
    pub max: i64,
    /// Whether each server has its own.
    pub of_server: bool,
    /// Its field, as code names it: `schedule.servers[place].rate_ppm`.
    field: &'static str,
    access: Access,
}

/// Where a knob's number stands.
#[derive(Clone, Copy, Debug)]
enum Access {
    /// In a field, of the world or of the server with this slot.
    Field { get: fn(&Schedule, usize) -> i64, set: fn(&mut Schedule, usize, i64) },
    /// Among the rates at which requests of a class, to the DataStore or to memory stores, meet a fault.
    Rate { memory: bool, class: RequestClass, fault: RequestFault },
}

/// With every knob at its default, and one server.
static DEFAULTS: LazyLock<Schedule> =
    LazyLock::new(|| Schedule { servers: vec![ServerPlan::default()], ..Schedule::default() });

impl Knob {
    /// All, in the order in which they are listed.
    pub fn all() -> &'static [Knob] {
        &table::KNOBS
    }

    /// By name.
    pub fn named(name: &str) -> Option<&'static Knob> {
        Knob::all().iter().find(|knob| knob.name == name)
    }

    /// By name, or what to say about it.
    ///
    /// # Errors
    /// When there is none, with those that are near.
    pub fn find(name: &str) -> Result<&'static Knob, String> {
        Knob::named(name).ok_or_else(|| suggest::unknown("knob", name, Knob::all().iter().map(|knob| knob.name)))
    }

    /// What it is unless somebody turns it.
    pub fn default_value(&self) -> i64 {
        self.get(&DEFAULTS, 0)
    }

    /// How many of it a schedule has: one, or one for each server.
    pub fn places(&self, schedule: &Schedule) -> usize {
        if self.of_server { schedule.servers.len() } else { 1 }
    }

    /// Where it stands in a failure file: `schedule.servers[2].rate_ppm`.
    pub fn path(&self, place: usize) -> String {
        self.field.replace(' ', "").replace("[place]", &format!("[{place}]"))
    }

    /// What it is; `place` is a server's slot, or zero. Rounded down to its unit.
    pub fn get(&self, schedule: &Schedule, place: usize) -> i64 {
        match self.access {
            Access::Field { get, .. } => get(schedule, place),
            Access::Rate { memory: false, class, fault } => schedule.services.faults.of(class).of(fault).into(),
            Access::Rate { memory: true, class, fault } => {
                schedule.services.memory_store.faults.of(class).of(fault).into()
            }
        }
    }

    /// Turns it.
    pub fn set(&self, schedule: &mut Schedule, place: usize, value: i64) {
        let (faults, class, fault) = match self.access {
            Access::Field { set, .. } => return set(schedule, place, value),
            Access::Rate { memory: false, class, fault } => (&mut schedule.services.faults, class, fault),
            Access::Rate { memory: true, class, fault } => (&mut schedule.services.memory_store.faults, class, fault),
        };
        faults.of_mut(class).of_mut(fault).set(self.unit, value);
    }

    /// Turns it; if it is a bound of a span that is drawn, and the other one is beyond it, that one is turned to the same.
    pub fn set_with_partner(&self, schedule: &mut Schedule, place: usize, value: i64) {
        self.set(schedule, place, value);
        if let Some(other) = self.partner() {
            let (least, most) = if self.is_least() { (self, other) } else { (other, self) };
            if least.get(schedule, 0) >= most.get(schedule, 0) {
                other.set(schedule, 0, value);
            }
        }
    }

    /// Turns it back, everywhere.
    pub fn reset(&self, schedule: &mut Schedule) {
        for place in 0..self.places(schedule) {
            self.set(schedule, place, self.default_value());
        }
    }

    /// Whether it is the lower bound of a span that is drawn.
    pub fn is_least(&self) -> bool {
        self.name.ends_with("_min_ms")
    }

    /// The other bound of a span that is drawn, if this is one: the two make sense together only.
    pub fn partner(&self) -> Option<&'static Knob> {
        let other = match self.name.strip_suffix("_min_ms") {
            Some(stem) => format!("{stem}_max_ms"),
            None => format!("{}_min_ms", self.name.strip_suffix("_max_ms")?),
        };
        Knob::named(&other)
    }

    /// Whether it may be this.
    ///
    /// # Errors
    /// What it may be.
    pub fn check(&self, value: i64) -> Result<(), String> {
        if (self.min..=self.max).contains(&value) {
            return Ok(());
        }
        Err(format!("{}: {value} is not between {} and {}", self.name, self.min, self.max))
    }

    /// A value as files and lists show it.
    pub fn shown(&self, value: i64) -> String {
        let choice = usize::try_from(value).ok().and_then(|place| self.unit.choices().get(place).copied());
        choice.map_or_else(|| value.to_string(), str::to_owned)
    }

    /// What a finding needs that needs this value: `a request times out after 12 s`.
    pub(crate) fn in_words(&self, value: i64) -> String {
        let size = Size { value: value.saturating_mul(self.unit.scale()), unit: self.unit.of_size() };
        self.words.replace("{}", &size.to_string())
    }

    /// `0 to 1000000, 0`: what it may be, and its default.
    pub fn range(&self) -> String {
        match self.unit.choices() {
            [] => format!("{} to {}, default {}", self.min, self.max, self.default_value()),
            choices => format!("{}, default {}", choices.join(" or "), self.shown(self.default_value())),
        }
    }
}
