//! What a virtual machine may use before it is stopped. Everything is counted, so that it happens at the same place in
//! every run.
//!
//! *Work* is counted in units of about 10 ns: one for each safepoint (calls, returns, turns of loops), and more for library
//! functions, allocations, collections and the host, in proportion to the bytes and entries that they visit.

/// What the scripts of one server may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Work of one thread in one go, without that of threads that it starts, until it is closed as running too long. A
    /// real server gives up after 10 s (`ScriptContext:SetTimeout`, default).
    pub thread_work: u64,
    /// Work that a server may have saved up, until it is taken to be hung: of one input, or of many that follow each other
    /// faster than it regains what they use.
    pub server_work: u64,
    /// What it regains in a second of its own time.
    pub regained_work: u64,
    /// Bytes of one server's scripts.
    pub memory: usize,
    /// CPU time that a unit of work explains, in nanoseconds, to the last guard: several times what it takes.
    pub explained_ns: u64,
    /// CPU time that the servers of one run may use beyond that, all together, in milliseconds.
    pub unexplained_ms: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            thread_work: 7_000_000,
            server_work: 8_000_000,
            regained_work: 60_000,
            memory: 64 << 20,
            explained_ns: 100,
            unexplained_ms: 250,
        }
    }
}

impl Limits {
    /// Those of a whole game. A real server has gigabytes, and a game that generates its terrain uses a hundred megabytes
    /// before anybody joins.
    pub fn of_a_game() -> Limits {
        Limits {
            thread_work: 60_000_000,
            server_work: 150_000_000,
            regained_work: 1_000_000,
            memory: 192 << 20,
            explained_ns: 100,
            unexplained_ms: 800,
        }
    }

    /// Of one of so many servers that run at once: together they may not do much more than one alone, as long as each has
    /// what scripts in good order need.
    pub(crate) fn shared_by(self, servers: usize) -> Limits {
        let share = self.server_work / servers.max(1) as u64;
        Limits { server_work: share.max(SHARE_WORK.min(self.server_work)), ..self }
    }
}

/// A server's least share of the work.
const SHARE_WORK: u64 = 5_000_000;

/// Which limit was hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trip {
    /// It ran too long.
    Time,
    /// It used too much memory.
    Memory,
    /// It ran too long by the machine's clock.
    Clock,
}

impl Trip {
    /// For the script that hit it, and for people.
    pub(super) fn message(self) -> &'static str {
        match self {
            // As a real server words it.
            Trip::Time => "Script timeout: exhausted allowed execution time",
            Trip::Memory => "not enough memory",
            Trip::Clock => "Script timeout: exhausted allowed execution time (by this machine's clock)",
        }
    }
}

/// Whether an error says that a limit was hit.
pub(crate) fn is_limit(text: &str) -> bool {
    [Trip::Time, Trip::Memory, Trip::Clock].iter().any(|trip| text.contains(trip.message()))
}

/// Memory beyond the limit that is left for reporting that it was hit.
const MEMORY_RESERVE: usize = 8 << 20;

/// The collector first runs at this many bytes; under a memory checker, as often as can be, to find what it frees too
/// soon.
const COLLECT_MIN: usize = if cfg!(feature = "system-memory") { 64 << 10 } else { 2 << 20 };

/// It runs again when memory in use has grown to so many times what it left.
const GROWTH: usize = if cfg!(feature = "system-memory") { 1 } else { 2 };

/// And by so many bytes.
const GROWTH_MIN: usize = 16 << 10;

/// While the host's own script does what a script that has hit a limit asked for, how much more it does until that is
/// looked at again.
const OWN_WORK: u64 = 256;

/// However little there is to look at, somebody looks after so much work, then after twice as much, up to the most.
const LOOK_FIRST: u64 = 1 << 10;
const LOOK_MOST: u64 = 1 << 16;

/// After so many safepoints the last guard glances at the clock, as long as scripts do what they usually do between them.
const GLANCE: u64 = 16;

/// Counts work and bytes of one virtual machine.
#[derive(Clone)]
pub(super) struct Meter {
    limits: Limits,
    /// Since the input.
    work: u64,
    /// That of it which is no safepoint.
    charged: u64,
    /// Nothing has to be looked at before this much.
    next_look: u64,
    /// Nor glanced at.
    next_stop: u64,
    /// Work from one look to the next.
    look_every: u64,
    /// Of the innermost thread that has a limit of its own.
    thread_limit: u64,
    /// Of the input.
    input_limit: u64,
    /// What the server has saved up, before this input.
    saved: u64,
    /// When that was, in microseconds.
    saved_at: u64,
    trip: Option<Trip>,
    collect_at: usize,
    /// Bytes in use in pages of small objects, and in all other blocks.
    in_pages: usize,
    in_others: usize,
    /// Bytes of the script's that are not in its blocks.
    elsewhere: usize,
    /// After so many safepoints the last guard glances at the clock.
    glance: u64,
}

/// Luau keeps objects of up to a kilobyte in pages of these sizes, and each larger one in a block of its own.
const PAGES: [usize; 2] = [(16 << 10) - 24, (32 << 10) - 24];

/// Bytes that a collection goes through for one unit of work: of small objects, which no cache holds, and of others, which are
/// texts or read in order.
const PAGE_BYTES: usize = 4;
const OTHER_BYTES: usize = 48;

/// The limit to go back to, and when it was left.
pub(super) struct Outer {
    thread_limit: u64,
    entered: u64,
}

impl Meter {
    pub(super) fn new(limits: Limits) -> Meter {
        Meter {
            limits,
            work: 0,
            charged: 0,
            next_look: 0,
            next_stop: 0,
            look_every: LOOK_FIRST,
            thread_limit: 0,
            input_limit: 0,
            saved: limits.server_work,
            saved_at: 0,
            trip: None,
            collect_at: COLLECT_MIN.min(limits.memory),
            in_pages: 0,
            in_others: 0,
            elsewhere: 0,
            glance: GLANCE,
        }
    }

    /// That of a copy with other limits.
    pub(super) fn copied(&self, limits: Limits) -> Meter {
        let mut meter = Meter { limits, ..self.clone() };
        meter.rest();
        meter
    }

    /// A new input, at so many microseconds of the server's own time: everything counts from here.
    pub(super) fn begin_input(&mut self, at: u64) {
        let seconds_millionth = u128::from(at.saturating_sub(self.saved_at)) * u128::from(self.limits.regained_work);
        let regained = u64::try_from(seconds_millionth / 1_000_000).unwrap_or(u64::MAX);
        self.saved = self.saved.saturating_sub(self.work).saturating_add(regained).min(self.limits.server_work);
        self.saved_at = at;
        self.work = 0;
        self.charged = 0;
        self.trip = None;
        self.look_every = LOOK_FIRST;
        self.input_limit = self.saved;
        self.thread_limit = self.input_limit;
        self.plan();
    }

    /// All that it may save up is saved.
    pub(super) fn rest(&mut self) {
        self.saved = self.limits.server_work;
        self.work = 0;
        self.charged = 0;
    }

    /// Since the input.
    pub(super) fn work(&self) -> u64 {
        self.work
    }

    /// Safepoints since the input.
    pub(super) fn steps(&self) -> u64 {
        self.work - self.charged
    }

    /// At a safepoint: whether to stop there.
    #[inline]
    pub(super) fn step(&mut self) -> bool {
        self.work += 1;
        self.work >= self.next_stop
    }

    /// Counts work that is no safepoint: whether to stop there.
    #[inline]
    pub(super) fn charge(&mut self, work: u64) -> bool {
        let work = work.min(WORK_MAX);
        self.work += work;
        self.charged += work;
        self.work >= self.next_stop
    }

    /// At a stop: whether to look closer, or only to glance at the clock.
    pub(super) fn is_due(&mut self) -> bool {
        self.look_at(self.next_look);
        self.work >= self.next_look
    }

    fn look_at(&mut self, work: u64) {
        self.next_look = work;
        self.next_stop = work.min(self.work + self.glance);
    }

    /// From now on the last guard glances at the clock at each safepoint: between two are milliseconds that nobody counts.
    pub(super) fn glance_always(&mut self) {
        self.glance = 1;
    }

    /// What the running thread may still do.
    pub(super) fn left(&self) -> u64 {
        if self.trip.is_some() { 0 } else { self.thread_limit.saturating_sub(self.work) }
    }

    /// What may still be done for the input.
    pub(super) fn left_of_input(&self) -> u64 {
        self.input_limit.saturating_sub(self.work)
    }

    /// A block of one size (zero: none) is now one of another.
    pub(super) fn resized(&mut self, old: usize, new: usize) {
        *self.in_blocks_of(old) -= old;
        *self.in_blocks_of(new) += new;
    }

    /// The same of what is kept for the script outside of its blocks.
    pub(super) fn resized_elsewhere(&mut self, old: usize, new: usize) {
        self.elsewhere = self.elsewhere + new - old;
    }

    fn in_blocks_of(&mut self, size: usize) -> &mut usize {
        if PAGES.contains(&size) { &mut self.in_pages } else { &mut self.in_others }
    }

    /// The work of collecting all that is garbage.
    pub(super) fn collection(&self) -> u64 {
        (self.in_pages / PAGE_BYTES + self.in_others / OTHER_BYTES) as u64
    }

    /// Whether so many bytes are garbage enough to be collected now.
    pub(super) fn wants_collection(&self, used: usize) -> bool {
        used >= self.collect_at
    }

    /// After a collection that left so many bytes.
    pub(super) fn collected(&mut self, used: usize) {
        let grown = COLLECT_MIN.max(used * GROWTH).min(self.limits.memory);
        // Where nearly all is in use, collecting at each step would not help.
        self.collect_at = grown.max(used + GROWTH_MIN);
        self.plan();
    }

    /// What must be raised in a script that is at a safepoint now.
    pub(super) fn verdict(&mut self) -> Option<Trip> {
        if self.work >= self.thread_limit {
            self.trip.get_or_insert(Trip::Time);
        }
        self.look_every = (2 * self.look_every).min(LOOK_MOST);
        self.plan();
        self.trip
    }

    /// Whether even the host's own scripts must stop.
    pub(super) fn is_hung(&self) -> bool {
        self.work >= self.input_limit
    }

    /// Work is not counted as it should be: the server stops here.
    pub(super) fn give_up(&mut self) {
        self.trip = Some(Trip::Clock);
        self.input_limit = 0;
        self.look_at(0);
    }

    /// One of the host's own scripts runs, and goes on.
    pub(super) fn look_later(&mut self) {
        self.look_at((self.work + OWN_WORK).min(self.input_limit));
    }

    /// Whether an allocation may be made that brings memory in use to so many bytes.
    pub(super) fn allows(&mut self, used: usize) -> bool {
        let used = used.saturating_add(self.elsewhere);
        if used >= self.collect_at {
            self.look_at(0);
        }
        if used <= self.limits.memory {
            return true;
        }
        let spared = self.trip == Some(Trip::Memory) && used <= self.limits.memory + MEMORY_RESERVE;
        self.trip = Some(Trip::Memory);
        self.look_at(0);
        spared
    }

    /// A thread with a limit of its own begins.
    pub(super) fn enter(&mut self) -> Outer {
        let outer = Outer { thread_limit: self.thread_limit, entered: self.work };
        self.thread_limit = (self.work + self.limits.thread_work).min(self.input_limit);
        self.plan();
        outer
    }

    /// Which limit was hit and not yet paid for.
    pub(super) fn trip(&self) -> Option<Trip> {
        self.trip
    }

    /// It is over; if it hit a limit, that is paid for.
    pub(super) fn leave(&mut self, outer: &Outer) {
        self.trip = None;
        self.thread_limit = (outer.thread_limit + self.work - outer.entered).min(self.input_limit);
        self.plan();
    }

    /// After [`Meter::leave`] and a collection: memory is still short, which is now the outer thread's affair.
    pub(super) fn still_short(&mut self, used: usize) {
        if used > self.limits.memory {
            self.trip = Some(Trip::Memory);
            self.look_at(0);
        }
    }

    fn plan(&mut self) {
        self.look_at(if self.trip.is_some() { 0 } else { self.thread_limit.min(self.work + self.look_every) });
    }
}

/// More than any limit; the sum of many is still a number.
const WORK_MAX: u64 = 1 << 40;
