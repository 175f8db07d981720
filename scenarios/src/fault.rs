//! The kinds of fault there are, by the name a tester would say: one table, a row for each, in one file for each family.
//!
//! A row says all there is to know of a fault: what it means and how real it is, which steps of a timeline it is, how it
//! comes into a schedule and how it is taken out, what it counts as among the causes of a finding, and which counters
//! show it. Whatever goes through the faults one by one goes through this table.

mod clock;
mod data_store;
mod draw;
mod evidence;
mod extent;
mod fault_set;
mod group;
mod limits;
mod link;
mod memory_store;
mod messaging;
mod receipt;
mod request;
mod request_fault_plan;
mod row;
mod server;
mod target;

use std::fmt;
use std::sync::LazyLock;

use dupeproof_core::Span;
use dupeproof_sim::schedule::{Action, Schedule};

use crate::knob::Knob;
use crate::size::Size;
use crate::suggest;
pub(crate) use draw::Draw;
pub use evidence::Evidence;
pub(crate) use extent::{Extent, Field};
pub(crate) use fault_set::FaultSet;
pub use group::Group;
pub(crate) use request::{READS, WRITES};
pub(crate) use request_fault_plan::RequestFaultPlan;
use row::FaultRow;
pub(crate) use row::{CauseRow, RequestRow, Shows, ShowsError, ShowsEvent, ShowsRequestFault, Sign, Stream, What};
pub(crate) use target::Target;

/// A kind of fault: a row of the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fault(u8);

/// In this order the faults that share a stream are drawn: a new one goes to the end of its family, with a stream of its
/// own.
const FAMILIES: [&[FaultRow]; 9] = [
    server::FAULTS,
    clock::FAULTS,
    link::FAULTS,
    data_store::FAULTS,
    request::FAULTS,
    limits::FAULTS,
    messaging::FAULTS,
    receipt::FAULTS,
    memory_store::FAULTS,
];

static TABLE: [&FaultRow; Fault::COUNT] = {
    let mut table = [&FAMILIES[0][0]; Fault::COUNT];
    let (mut place, mut family) = (0, 0);
    while family < FAMILIES.len() {
        let mut member = 0;
        while member < FAMILIES[family].len() {
            table[place] = &FAMILIES[family][member];
            (place, member) = (place + 1, member + 1);
        }
        family += 1;
    }
    table
};

/// What is drawn and for which service or server, by stream, in the order of drawing.
static DRAWS: LazyLock<Vec<(Stream, Fault, What)>> = LazyLock::new(|| {
    let all = Fault::ALL.iter().flat_map(|fault| fault.row().draws.iter().map(move |draws| (draws, *fault)));
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(draws, _)| draws.turn);
    all.into_iter().map(|(draws, fault)| (draws.stream, fault, draws.what)).collect()
});

impl Fault {
    /// How many there are.
    pub const COUNT: usize = {
        let (mut count, mut family) = (0, 0);
        while family < FAMILIES.len() {
            count += FAMILIES[family].len();
            family += 1;
        }
        count
    };

    /// All of them: those of servers, of clocks, of links, of the DataStore, of MessagingService, of receipts, of
    /// MemoryStoreService.
    pub const ALL: &[Fault] = &{
        let mut all = [Fault(0); Fault::COUNT];
        let mut place: u8 = 0;
        while (place as usize) < Fault::COUNT {
            all[place as usize] = Fault(place);
            place += 1;
        }
        all
    };

    /// The one with this name.
    ///
    /// # Panics
    /// When there is none: in a constant, where it is to be used, the program is not built then.
    pub const fn named(name: &str) -> Fault {
        let mut place = 0;
        while place < Fault::COUNT {
            if is_same(TABLE[place].name, name) {
                return Fault::ALL[place];
            }
            place += 1;
        }
        panic!("there is no fault with this name")
    }

    /// By name, or what to say about it.
    ///
    /// # Errors
    /// When there is none, with those there are.
    pub fn find(name: &str) -> Result<Fault, String> {
        let names = Fault::ALL.iter().map(|fault| fault.name());
        let found = Fault::ALL.iter().copied().find(|fault| fault.name() == name);
        found.ok_or_else(|| suggest::unknown("fault", name, names))
    }

    /// The fault an action is; `None` for what players and the game do, and for what mends something.
    pub fn of_action(action: &Action) -> Option<Fault> {
        Fault::ALL.iter().copied().find(|fault| (fault.row().is)(action))
    }

    /// The name, as worlds, scenario files and reports use it.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether it strikes whoever has players and uses the DataStore.
    pub(crate) fn strikes_everybody(self) -> bool {
        let of = |family: &[FaultRow]| family.iter().any(|row| row.name == self.name());
        !of(messaging::FAULTS) && !of(memory_store::FAULTS) && !of(receipt::FAULTS)
    }

    /// One line for people.
    pub fn about(self) -> &'static str {
        self.row().about
    }

    /// What a finding needs that needs it, where no size tells more.
    pub(crate) fn words(self) -> &'static str {
        self.row().words
    }

    /// The sizes that it can have.
    pub(crate) fn extents(self) -> &'static [Extent] {
        self.row().extents
    }

    /// The knobs that are its sizes.
    pub(crate) fn sized_knobs(self) -> impl Iterator<Item = &'static Knob> {
        self.extents().iter().filter_map(Extent::knob)
    }

    /// Whether something meets it by chance in this schedule.
    pub(crate) fn strikes_by_chance(self, schedule: &Schedule) -> bool {
        let mut without = schedule.clone();
        (self.row().take_out)(&mut without);
        self.is_by_chance() && without != *schedule
    }

    /// Whether it strikes by chance, so that its counter says how often it struck.
    pub(crate) fn is_by_chance(self) -> bool {
        self.row().by_chance
    }

    /// The sizes above which less is known of it than in general, each with what is known of those and where from.
    pub fn bounds(self) -> Vec<(Size, Evidence, &'static str)> {
        let mut bounds = Vec::new();
        for (size, beyond) in self.extents().iter().flat_map(Extent::bounds) {
            let bound = (size, beyond.evidence, beyond.source);
            // Those of its parts are mostly the same.
            if !bounds.contains(&bound) {
                bounds.push(bound);
            }
        }
        bounds
    }

    /// How much is known of whether it happens on Roblox, in its mildest form.
    pub fn evidence(self) -> Evidence {
        self.row().evidence
    }

    /// Where it is documented or was reported, or what it is inferred from.
    pub fn source(self) -> &'static str {
        self.row().source
    }

    /// Whether it makes a request late: then the knobs `lateness_min_ms` and `lateness_max_ms` say by how much.
    pub fn is_late(self) -> bool {
        self.request().is_some_and(|row| (row.fault)(Span::ZERO).late_by().is_some())
            || self == const { Fault::named("memory_store_errors") }
    }

    /// Whether only those feel it who use memory stores.
    pub fn is_of_memory_stores(self) -> bool {
        self.stream() == Stream::MemoryStores
    }

    /// Its place in the table.
    pub(crate) const fn place(self) -> usize {
        self.0 as usize
    }

    /// What decides whether it exists in a schedule.
    pub(crate) fn stream(self) -> Stream {
        self.row().stream
    }

    /// What it counts as among the causes of a finding.
    pub(crate) fn cause(self) -> CauseRow {
        self.row().cause
    }

    /// What it does to single requests, if that is what it does.
    pub(crate) fn request(self) -> Option<&'static RequestRow> {
        self.row().request.as_ref()
    }

    /// The counters that show it.
    pub(crate) const fn signs(self) -> &'static [Sign] {
        self.row().probes
    }

    /// What is drawn from a stream, in order.
    pub(crate) fn draws(stream: Stream) -> impl Iterator<Item = (Fault, What)> {
        DRAWS.iter().filter(move |(other, ..)| *other == stream).map(|(_, fault, what)| (*fault, *what))
    }

    /// Takes it out of a schedule, and nothing else.
    pub fn take_out(self, schedule: &mut Schedule) {
        schedule.timeline.retain(|step| !(self.row().is)(&step.action));
        (self.row().take_out)(schedule);
    }

    /// Leaves of it in a schedule only what is as real as this.
    pub(crate) fn keep_to(self, most: Evidence, schedule: &mut Schedule) {
        if self.evidence() > most {
            return self.take_out(schedule);
        }
        for extent in self.extents() {
            let Some(bound) = extent.most(most) else { continue };
            let sizes = extent.sizes(schedule);
            // Of clocks that are off both ways it is what lies between them.
            let apart = [i64::is_negative, i64::is_positive].iter().all(|is| sizes.iter().any(|(_, value)| is(*value)));
            let bound = if apart { bound / 2 } else { bound };
            for (place, value) in sizes {
                if value.unsigned_abs() > bound.unsigned_abs() {
                    extent.set(schedule, place, bound * value.signum());
                }
            }
        }
    }

    /// Whether a size that it has in one schedule is smaller in another with the same steps.
    pub(crate) fn is_smaller(self, before: &Schedule, after: &Schedule) -> bool {
        self.extents().iter().any(|extent| extent.sizes(before) != extent.sizes(after))
    }

    /// The schedule without it; `None` if it was not in it.
    pub fn without(self, schedule: &Schedule) -> Option<Schedule> {
        let mut twin = schedule.clone();
        self.take_out(&mut twin);
        (twin != *schedule).then_some(twin)
    }

    const fn row(self) -> &'static FaultRow {
        TABLE[self.place()]
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// As `==`, which constants cannot use.
const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut place = 0;
    while place < one.len() {
        if one[place] != other[place] {
            return false;
        }
        place += 1;
    }
    true
}
