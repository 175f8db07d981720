//! What a virtual machine may use before it is stopped. Everything is counted, so that it happens at the same place in
//! every run.

/// What scripts may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Safepoints (calls, returns, turns of loops) of one thread in one go, without those of threads that it starts,
    /// until it is closed as running too long. A real server gives up after 10 s (`ScriptContext:SetTimeout`, default).
    pub thread_steps: u64,
    /// Safepoints of everything that one input sets off, until the server is taken to be hung.
    pub input_steps: u64,
    /// Bytes of one server's scripts.
    pub memory: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { thread_steps: 16_000_000, input_steps: 48_000_000, memory: 64 << 20 }
    }
}

/// Which limit was hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trip {
    /// It ran too long.
    Time,
    /// It used too much memory.
    Memory,
}

impl Trip {
    /// For the script that hit it, and for people.
    pub(super) fn message(self) -> &'static str {
        match self {
            // As a real server words it.
            Trip::Time => "Script timeout: exhausted allowed execution time",
            Trip::Memory => "not enough memory",
        }
    }
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

/// Counts steps and bytes of one virtual machine.
pub(super) struct Meter {
    limits: Limits,
    /// Safepoints since the input.
    steps: u64,
    /// Nothing has to be looked at before this many.
    next_look: u64,
    /// Of the innermost thread that has a limit of its own.
    thread_limit: u64,
    trip: Option<Trip>,
    collect_at: usize,
}

/// The limit to go back to, and when it was left.
pub(super) struct Outer {
    thread_limit: u64,
    entered: u64,
}

impl Meter {
    pub(super) fn new(limits: Limits) -> Meter {
        let mut meter = Meter {
            limits,
            steps: 0,
            next_look: 0,
            thread_limit: 0,
            trip: None,
            collect_at: COLLECT_MIN.min(limits.memory),
        };
        meter.begin_input();
        meter
    }

    /// A new input: everything counts from here.
    pub(super) fn begin_input(&mut self) {
        self.steps = 0;
        self.trip = None;
        self.thread_limit = self.limits.input_steps;
        self.next_look = self.thread_limit;
    }

    /// Safepoints since the input.
    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    /// At a safepoint: whether to look closer.
    #[inline]
    pub(super) fn step(&mut self) -> bool {
        self.steps += 1;
        self.steps >= self.next_look
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
        if self.steps >= self.thread_limit {
            self.trip.get_or_insert(Trip::Time);
        }
        self.plan();
        self.trip
    }

    /// Whether even the host's own scripts must stop.
    pub(super) fn is_hung(&self) -> bool {
        self.steps >= self.limits.input_steps
    }

    /// Whether an allocation may be made that brings memory in use to so many bytes.
    pub(super) fn allows(&mut self, used: usize) -> bool {
        if used >= self.collect_at {
            self.next_look = 0;
        }
        if used <= self.limits.memory {
            return true;
        }
        let spared = self.trip == Some(Trip::Memory) && used <= self.limits.memory + MEMORY_RESERVE;
        self.trip = Some(Trip::Memory);
        self.next_look = 0;
        spared
    }

    /// A thread with a limit of its own begins.
    pub(super) fn enter(&mut self) -> Outer {
        let outer = Outer { thread_limit: self.thread_limit, entered: self.steps };
        self.thread_limit = (self.steps + self.limits.thread_steps).min(self.limits.input_steps);
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
        self.thread_limit = (outer.thread_limit + self.steps - outer.entered).min(self.limits.input_steps);
        self.plan();
    }

    /// After [`Meter::leave`] and a collection: memory is still short, which is now the outer thread's affair.
    pub(super) fn still_short(&mut self, used: usize) {
        if used > self.limits.memory {
            self.trip = Some(Trip::Memory);
            self.next_look = 0;
        }
    }

    fn plan(&mut self) {
        self.next_look = if self.trip.is_some() { 0 } else { self.thread_limit };
    }
}
