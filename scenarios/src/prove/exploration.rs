//! Every order of everything, breadth first.

mod saved;

use std::collections::VecDeque;

use rayon::prelude::*;

pub use self::saved::ResumeError;
use super::choice::Choice;
use super::ending::Endings;
use super::explorer::{Counterexample, Explored};
use super::met::Met;
use super::monitor::Violation;
use super::script::Clocks;
use super::world::{Setting, World};

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

/// What a state that was met takes: its fingerprint and how it was met.
const STATE_BYTES: u64 = 32;

/// What a state takes from which the way on is not explored yet.
const BORDER_BYTES: u64 = 1_200;

/// A state from which the way on is not explored yet.
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

/// How far an exploration is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// States met.
    pub states: u64,
    /// Transitions between them.
    pub transitions: u64,
    /// Steps from the start.
    pub depth: u32,
    /// Bytes of memory that the states take, roughly: each that was met, and more for each at the border. What servers do
    /// is remembered beside it, in no more than some 4 GB.
    pub bytes: u64,
}

/// An exploration under way.
pub struct Exploration<'a> {
    setting: &'a Setting,
    deviations: u8,
    pool: rayon::ThreadPool,
    nodes: Vec<Node>,
    /// Each state: how it was met with the fewest deviations.
    met: Met,
    /// States as many steps from the start as the depth says, and their successors.
    layer: VecDeque<State>,
    next: VecDeque<State>,
    depth: u32,
    /// Of the first nodes, each: which servers are fast.
    roots: Vec<u32>,
    transitions: u64,
    endings: Endings,
    counterexample: Option<Counterexample>,
}

impl std::fmt::Debug for Exploration<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Exploration").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

impl<'a> Exploration<'a> {
    pub(super) fn begin(setting: &'a Setting, deviations: u8, jobs: usize) -> Exploration<'a> {
        let roots = roots(setting);
        let mut exploration = Exploration::empty(setting, deviations, jobs);
        for (node, fast) in (0..).zip(roots) {
            let world = World::new(setting, fast);
            exploration.met.meet(world.fingerprint(), 0);
            exploration.nodes.push(Node { parent: u32::MAX, choice: Choice::Advance });
            exploration.layer.push_back(State { node, spent: 0, world });
        }
        exploration
    }

    fn empty(setting: &'a Setting, deviations: u8, jobs: usize) -> Exploration<'a> {
        Exploration {
            setting,
            deviations,
            pool: crate::workers::pool(jobs),
            nodes: Vec::new(),
            met: Met::default(),
            layer: VecDeque::new(),
            next: VecDeque::new(),
            depth: 0,
            roots: roots(setting),
            transitions: 0,
            endings: Endings::default(),
            counterexample: None,
        }
    }

    /// Deviations in one run, at most.
    pub fn deviations(&self) -> u8 {
        self.deviations
    }

    /// Explores until all is explored, a promise is broken, or `progress`, which is told how far it is, says to stop. Then
    /// it can go on later.
    pub fn run(&mut self, progress: &mut dyn FnMut(&Progress) -> bool) -> Explored {
        let mut complete = false;
        while self.counterexample.is_none() {
            if self.layer.is_empty() {
                complete = self.next.is_empty();
                if complete {
                    break;
                }
                std::mem::swap(&mut self.layer, &mut self.next);
                self.depth += 1;
            }
            if !progress(&self.progress()) {
                break;
            }
            self.expand();
        }
        let Progress { states, transitions, depth, .. } = self.progress();
        let (deviations, counterexample) = (self.deviations, self.counterexample.clone());
        Explored { deviations, states, transitions, depth, counterexample, complete }
    }

    fn progress(&self) -> Progress {
        let (states, transitions, depth) = (self.met.len(), self.transitions, self.depth);
        let border = (self.layer.len() + self.next.len()) as u64;
        Progress { states, transitions, depth, bytes: states * STATE_BYTES + border * BORDER_BYTES }
    }

    /// The successors of a block of states join the next layer.
    fn expand(&mut self) {
        let block: Vec<State> = self.layer.drain(..BLOCK.min(self.layer.len())).collect();
        let expand = || block.par_iter().map(|state| self.successors(state)).collect();
        let found: Vec<(u64, Vec<Found>)> = self.pool.install(expand);
        for (transitions, found) in found {
            self.transitions += transitions;
            for found in found {
                self.meet(found);
                if self.counterexample.is_some() {
                    return;
                }
            }
        }
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

    /// As long as only one thing can happen, and it takes no time, it happens: such states are not kept. Tells each, and
    /// returns how many.
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
                // A state at rest is kept: its end is looked at. What is left to happen then is time, or a late write.
                [choice] if !matches!(choice, Choice::Advance | Choice::ApplyLate(_)) => {
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
                self.next.push_back(State { node, spent, world });
            }
            Found::Violation(node, choice, violation) => {
                let (fast, choices) = self.path(node, choice);
                self.counterexample = Some(Counterexample { violation, fast, choices });
            }
        }
    }

    /// How a state was met, and from which root; with one more choice.
    fn path(&self, node: u32, last: Option<Choice>) -> (u32, Vec<Choice>) {
        let (fast, choices, ..) = self.walk(node, last).expect("this exploration made the run");
        (fast, choices)
    }

    /// The run that led to a state, with one more choice: from which root it is, its choices, how many of them deviate,
    /// and the state. `None` if it cannot be made.
    fn walk(&self, mut node: u32, last: Option<Choice>) -> Option<(u32, Vec<Choice>, u8, World)> {
        let mut choices = Vec::from_iter(last);
        while node as usize >= self.roots.len() {
            let Node { parent, choice } = self.nodes[node as usize];
            choices.push(choice);
            node = (parent < node).then_some(parent)?;
        }
        let fast = self.roots[node as usize];
        let (mut world, mut spent, mut path) = (World::new(self.setting, fast), 0, Vec::new());
        for choice in choices.into_iter().rev() {
            if !world.can(choice) {
                return None;
            }
            world.take(self.setting, choice);
            path.push(choice);
            spent += u8::from(choice.is_deviation());
            self.go_on(&mut world, spent, &mut |choice| path.push(choice));
        }
        Some((fast, path, spent, world))
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
