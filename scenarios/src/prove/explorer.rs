//! Every order of everything, breadth first, first without deviations, then with one, and so on.

use dupeproof_core::{Config, Span};
use rayon::prelude::*;

use super::choice::Choice;
use super::ending::Endings;
use super::met::Met;
use super::monitor::Violation;
use super::script::{Clocks, Script};
use super::world::{Setting, World};

/// An exploration of all runs of a script.
#[derive(Debug)]
pub struct Proof {
    setting: Setting,
    jobs: usize,
}

/// What an exploration came to, up to a number of deviations.
#[derive(Clone, Debug)]
pub struct Explored {
    /// Deviations in one run, at most.
    pub deviations: u8,
    /// States that differ. Those are not counted in which only one thing can happen, and takes no time.
    pub states: u64,
    /// Transitions between them.
    pub transitions: u64,
    /// The length of the longest run before it meets a state that was met before.
    pub depth: u32,
    /// A run that breaks a promise: one of the shortest.
    pub counterexample: Option<Counterexample>,
    /// Whether all states were met. If not, it was stopped, or there is a counterexample.
    pub complete: bool,
}

/// A run that breaks a promise.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// Which promise.
    pub violation: Violation,
    /// A bit for each server, from the lowest: its clock is fast.
    pub fast: u32,
    /// The run. If the promise is one about the end, everybody leaves after it.
    pub choices: Vec<Choice>,
}

/// How a state was first met.
#[derive(Clone, Copy)]
struct Node {
    parent: u32,
    choice: Choice,
}

/// States that are expanded together.
const BLOCK: usize = 2_048;

/// Transitions without a choice that follow each other, at most: a loop that takes no time is met as states are.
const ALONE_MAX: u64 = 1_000;

struct State {
    node: u32,
    spent: u8,
    world: World,
}

struct Successor {
    parent: u32,
    choice: Choice,
    fingerprint: u64,
    spent: u8,
    world: World,
}

enum Found {
    Successor(Box<Successor>),
    /// A state that breaks a promise, or from which the end does.
    Violation(u32, Option<Choice>, Violation),
}

impl Proof {
    /// Of the core with these constants, on the script's servers.
    pub fn new(script: Script, config: Config) -> Proof {
        // An auto-save is a save at a time of its own. Saves of the script come at any time.
        let config = Config {
            auto_save_period: Span::secs(86_400),
            critical_state_error_count: 0,
            // At the moments of checks: a moment of its own for each question only multiplies the states.
            trade_ask_period: config.lease,
            ..config
        };
        let leases = script.leases.iter().copied().chain(script.set_leases()).chain([config.lease.as_secs()]);
        let longest = Span::secs(leases.max().unwrap_or_default());
        // The longest span that the protocol measures back from the present: a wait before a lock is taken.
        let far = config.takeover_wait(longest) + Span::secs(1);
        Proof { setting: Setting::new(script, config, far), jobs: 0 }
    }

    /// With so many threads; 0, the default, is one for each core.
    #[must_use]
    pub fn with_jobs(self, jobs: usize) -> Proof {
        Proof { jobs, ..self }
    }

    /// What is explored.
    pub fn script(&self) -> &Script {
        &self.setting.script
    }

    /// Explores all runs with so many deviations at most. `progress` is told the states and transitions so far, and the
    /// depth, and says whether to go on.
    pub fn explore(&self, deviations: u8, progress: &mut dyn FnMut(u64, u64, u32) -> bool) -> Explored {
        let mut exploration = Exploration::new(&self.setting, deviations, self.jobs);
        let (mut depth, mut complete) = (0, false);
        while exploration.counterexample.is_none() {
            if exploration.frontier.is_empty() {
                complete = true;
                break;
            }
            if !exploration.expand(&mut |states, transitions| progress(states, transitions, depth)) {
                break;
            }
            depth += 1;
        }
        Explored {
            deviations,
            states: exploration.states(),
            transitions: exploration.transitions,
            depth,
            counterexample: exploration.counterexample,
            complete,
        }
    }

    /// Runs a counterexample again. `each` sees every state and what is chosen in it. A run that the script does not have
    /// ends where it cannot go on, without a violation.
    pub fn replay(&self, fast: u32, choices: &[Choice], each: &mut dyn FnMut(&str)) -> Option<Violation> {
        let mut world = World::new(&self.setting, fast);
        let mut possible = Vec::new();
        for choice in choices {
            possible.clear();
            world.choices(&self.setting, true, &mut possible);
            if !possible.contains(choice) {
                each(&format!("cannot happen here: {choice:?}"));
                return None;
            }
            each(&world.describe(&self.setting, *choice));
            world.take(&self.setting, *choice);
        }
        if let Some(violation) = world.violation {
            return Some(violation);
        }
        if !world.is_at_rest(&self.setting) {
            return None;
        }
        each("everybody leaves, and a fresh server loads each profile once more");
        Endings::default().check(&self.setting, world)
    }
}

struct Exploration<'a> {
    setting: &'a Setting,
    deviations: u8,
    pool: rayon::ThreadPool,
    nodes: Vec<Node>,
    /// Each state: how it was met with the fewest deviations.
    met: Met,
    frontier: Vec<State>,
    /// Of the first nodes, each: which servers are fast.
    roots: Vec<u32>,
    transitions: u64,
    endings: Endings,
    counterexample: Option<Counterexample>,
}

impl<'a> Exploration<'a> {
    fn new(setting: &'a Setting, deviations: u8, jobs: usize) -> Exploration<'a> {
        let roots = roots(setting);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
        let mut exploration = Exploration {
            setting,
            deviations,
            pool: pool.expect("the operating system gives threads"),
            nodes: Vec::new(),
            met: Met::default(),
            frontier: Vec::new(),
            roots: roots.clone(),
            transitions: 0,
            endings: Endings::default(),
            counterexample: None,
        };
        for (node, fast) in (0..).zip(roots) {
            let world = World::new(setting, fast);
            exploration.met.meet(world.fingerprint(), 0);
            exploration.nodes.push(Node { parent: u32::MAX, choice: Choice::Advance });
            exploration.frontier.push(State { node, spent: 0, world });
        }
        exploration
    }

    fn states(&self) -> u64 {
        self.met.len()
    }

    /// All successors of the frontier are the next one. False if `progress`, which is told the states and transitions so
    /// far, says to stop.
    fn expand(&mut self, progress: &mut dyn FnMut(u64, u64) -> bool) -> bool {
        let frontier = std::mem::take(&mut self.frontier);
        for block in frontier.chunks(BLOCK) {
            if !progress(self.states(), self.transitions) {
                return false;
            }
            let expand = || block.par_iter().map(|state| self.successors(state)).collect();
            let found: Vec<(u64, Vec<Found>)> = self.pool.install(expand);
            for (transitions, found) in found {
                self.transitions += transitions;
                for found in found {
                    self.meet(found);
                    if self.counterexample.is_some() {
                        return true;
                    }
                }
            }
        }
        true
    }

    fn successors(&self, state: &State) -> (u64, Vec<Found>) {
        let mut found = Vec::new();
        if state.world.is_at_rest(self.setting)
            && let Some(violation) = self.endings.check(self.setting, state.world.clone())
        {
            found.push(Found::Violation(state.node, None, violation));
            return (0, found);
        }
        let mut choices = Vec::with_capacity(32);
        state.world.choices(self.setting, state.spent < self.deviations, &mut choices);
        let mut transitions = 0;
        for choice in &choices {
            let mut world = state.world.clone();
            world.take(self.setting, *choice);
            let spent = state.spent + u8::from(choice.is_deviation());
            transitions += 1 + self.go_on(&mut world, spent, &mut |_| ());
            if let Some(violation) = world.violation.take() {
                found.push(Found::Violation(state.node, Some(*choice), violation));
                continue;
            }
            let fingerprint = world.fingerprint();
            if self.met.get(fingerprint).is_none_or(|fewest| fewest > spent) {
                let successor = Successor { parent: state.node, choice: *choice, fingerprint, spent, world };
                found.push(Found::Successor(Box::new(successor)));
            }
        }
        (transitions, found)
    }

    /// As long as only one thing can happen, and it takes no time, it happens: such states are not kept. Returns the
    /// number of transitions; each is told.
    fn go_on(&self, world: &mut World, spent: u8, taken: &mut dyn FnMut(Choice)) -> u64 {
        // With a deviation left, nearly always another thing can happen, too.
        if spent < self.deviations {
            return 0;
        }
        let mut choices = Vec::with_capacity(8);
        for transitions in 0..ALONE_MAX {
            choices.clear();
            if world.violation.is_none() {
                world.choices(self.setting, false, &mut choices);
            }
            match choices[..] {
                [choice] if choice != Choice::Advance => {
                    world.take(self.setting, choice);
                    taken(choice);
                }
                _ => return transitions,
            }
        }
        ALONE_MAX
    }

    fn meet(&mut self, found: Found) {
        match found {
            Found::Successor(successor) => {
                let Successor { parent, choice, fingerprint, spent, world } = *successor;
                if !self.met.meet(fingerprint, spent) {
                    return;
                }
                let node = u32::try_from(self.nodes.len()).expect("memory ends before 2^32 states");
                self.nodes.push(Node { parent, choice });
                self.frontier.push(State { node, spent, world });
            }
            Found::Violation(node, choice, violation) => {
                let (fast, choices) = self.path(node, choice);
                self.counterexample = Some(Counterexample { violation, fast, choices });
            }
        }
    }

    /// How a state was met, and from which root; with one more choice.
    fn path(&self, mut node: u32, last: Option<Choice>) -> (u32, Vec<Choice>) {
        let mut choices = Vec::from_iter(last);
        while node as usize >= self.roots.len() {
            let Node { parent, choice } = self.nodes[node as usize];
            choices.push(choice);
            node = parent;
        }
        let fast = self.roots[node as usize];
        let (mut world, mut spent, mut path) = (World::new(self.setting, fast), 0, Vec::new());
        for choice in choices.into_iter().rev() {
            world.take(self.setting, choice);
            path.push(choice);
            spent += u8::from(choice.is_deviation());
            self.go_on(&mut world, spent, &mut |choice| path.push(choice));
        }
        (fast, path)
    }
}

/// Which servers are fast, for each start. All fast is the same as all slow, in other units; and which of two servers that
/// are the same is the fast one makes no difference.
fn roots(setting: &Setting) -> Vec<u32> {
    let script = &setting.script;
    let all = match script.clocks {
        Clocks::Any => (1 << script.leases.len()) - 1,
        Clocks::Equal => 1,
    };
    let actors = (0u8..).zip(&script.actors).map(|(actor, _)| actor);
    let twins: Vec<[u8; 2]> = actors.filter_map(|actor| Some(setting.twin_of(actor)?.1)).collect();
    (0..all).filter(|fast| twins.iter().all(|[one, other]| fast >> one & 1 <= fast >> other & 1)).collect()
}
