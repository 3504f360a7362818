//! Matching as `std::regex` does it: depth first, with a preference of its own.
//!
//! POSIX wants the longest of the matches that begin first. `std::regex` comes near: it looks at
//! both sides of a `|` and keeps the longer match, but once a repetition has led to a match it does
//! not try fewer rounds. Which groups a match has depends on that, so it is done the same way here,
//! with a stack of our own and a bound on the steps.

use super::class::Class;
use super::parse::Node;

/// More states than this are an error in Nix, too.
const MAX_STATES: usize = 100_000;

/// More steps than this are given up.
pub(super) const MAX_STEPS: u64 = 10_000_000;

/// A state of the automaton; states are numbered.
#[derive(Debug, Clone)]
enum State {
    Byte(u8, usize),
    Any(usize),
    Class(Box<Class>, usize),
    Begin(usize),
    End(usize),
    Open(usize, usize),
    Close(usize, usize),
    /// Once more, or on.
    Repeat {
        again: usize,
        on: usize,
    },
    /// Both, in this order.
    Either(usize, usize),
    Accept,
}

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Program {
    states: Vec<State>,
    start: usize,
    groups: usize,
}

/// The bytes between two offsets.
pub(super) type Range = (usize, usize);

/// A match: where it ends, and its groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match {
    /// Where it ends.
    pub(super) end: usize,
    /// Its groups; nothing for one that took no part.
    pub(super) groups: Vec<Option<Range>>,
}

/// What a match must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It ends where the text ends.
    Whole,
    /// Any.
    Prefix,
    /// It is not empty.
    NotEmpty,
}

impl Program {
    /// Compiles a pattern; nothing if it is too large.
    pub(super) fn new(node: &Node, groups: usize) -> Option<Self> {
        let mut program = Self {
            states: vec![State::Accept],
            start: 0,
            groups,
        };
        program.start = program.add(node, 0)?;
        Some(program)
    }

    fn push(&mut self, state: State) -> Option<usize> {
        self.states.push(state);
        (self.states.len() <= MAX_STATES).then_some(self.states.len() - 1)
    }

    /// Adds the states of a node that go on to `next`; the first of them.
    fn add(&mut self, node: &Node, next: usize) -> Option<usize> {
        match node {
            Node::Byte(byte) => self.push(State::Byte(*byte, next)),
            Node::Any => self.push(State::Any(next)),
            Node::Class(class) => self.push(State::Class(class.clone(), next)),
            Node::Begin => self.push(State::Begin(next)),
            Node::End => self.push(State::End(next)),
            Node::Group(index, inner) => {
                let close = self.push(State::Close(*index, next))?;
                let inner = self.add(inner, close)?;
                self.push(State::Open(*index, inner))
            }
            Node::Concat(nodes) => nodes
                .iter()
                .rev()
                .try_fold(next, |next, node| self.add(node, next)),
            Node::Either(first, second) => {
                let second = self.add(second, next)?;
                let first = self.add(first, next)?;
                self.push(State::Either(first, second))
            }
            Node::Repeat(inner, least, most) => self.add_repeat(inner, *least, *most, next),
        }
    }

    fn add_repeat(
        &mut self,
        inner: &Node,
        least: u32,
        most: Option<u32>,
        next: usize,
    ) -> Option<usize> {
        let mut start = next;
        let mut copies = least;
        match most {
            None => {
                // The state comes first: the copy of the pattern leads back to it.
                let repeat = self.push(State::Repeat { again: 0, on: next })?;
                let again = self.add(inner, repeat)?;
                if let Some(state) = self.states.get_mut(repeat) {
                    *state = State::Repeat { again, on: next };
                }
                start = repeat;
                if least > 0 {
                    start = again;
                    copies -= 1;
                }
            }
            Some(most) => {
                for _ in least..most {
                    let again = self.add(inner, start)?;
                    start = self.push(State::Repeat { again, on: next })?;
                }
            }
        }
        for _ in 0..copies {
            start = self.add(inner, start)?;
        }
        Some(start)
    }

    /// The match that begins at `from`, if there is one, and how many steps it took; nothing if it
    /// took too many.
    pub(super) fn run(&self, text: &[u8], from: usize, mode: Mode) -> Option<(Option<Match>, u64)> {
        Run {
            program: self,
            text,
            from,
            mode,
            at: from,
            groups: vec![Group::default(); self.groups + 1],
            rounds: vec![(usize::MAX, 0); self.states.len()],
            found: false,
            best: None,
            stack: Vec::new(),
        }
        .finish()
    }
}

#[derive(Clone, Copy, Default)]
struct Group {
    start: usize,
    end: usize,
    matched: bool,
}

/// What is left to do, or to undo, once everything after it was tried.
enum Task {
    /// Go back to this place of the text.
    Return(usize),
    /// Put a group back.
    Group(usize, Group),
    /// Put a repetition's rounds back.
    Rounds(usize, (usize, u8)),
    /// Leave a repetition, unless a match was found.
    Leave(usize),
    /// Try the second alternative.
    Second(usize),
    /// Remember that the first alternative gave a match.
    Found(bool),
}

struct Run<'a> {
    program: &'a Program,
    text: &'a [u8],
    from: usize,
    mode: Mode,
    at: usize,
    groups: Vec<Group>,
    /// For each repetition where its last round began, and how many empty ones there were.
    rounds: Vec<(usize, u8)>,
    found: bool,
    best: Option<Match>,
    stack: Vec<Task>,
}

impl Run<'_> {
    fn finish(mut self) -> Option<(Option<Match>, u64)> {
        let mut state = Some(self.program.start);
        for steps in 0..MAX_STEPS {
            state = match state {
                Some(state) => self.step(state),
                None => match self.stack.pop() {
                    Some(task) => self.task(task),
                    None => return Some((self.best.filter(|_| self.found), steps)),
                },
            };
        }
        None
    }

    /// Takes one step; the state after it, if the path goes on.
    fn step(&mut self, state: usize) -> Option<usize> {
        match self.program.states.get(state)? {
            State::Byte(byte, next) => self.consume(|other| other == *byte, *next),
            State::Any(next) => self.consume(|_| true, *next),
            State::Class(class, next) => self.consume(|byte| class.contains(byte), *next),
            State::Begin(next) => (self.at == 0).then_some(*next),
            State::End(next) => (self.at == self.text.len()).then_some(*next),
            State::Open(index, next) => {
                let at = self.at;
                let group = self.groups.get_mut(*index)?;
                self.stack.push(Task::Group(*index, *group));
                group.start = at;
                Some(*next)
            }
            State::Close(index, next) => {
                let at = self.at;
                let group = self.groups.get_mut(*index)?;
                self.stack.push(Task::Group(*index, *group));
                group.end = at;
                group.matched = true;
                Some(*next)
            }
            State::Repeat { again, on } => self.repeat(state, *again, *on),
            State::Either(first, second) => {
                self.stack.push(Task::Second(*second));
                Some(*first)
            }
            State::Accept => {
                self.accept();
                None
            }
        }
    }

    fn consume(&mut self, belongs: impl Fn(u8) -> bool, next: usize) -> Option<usize> {
        let byte = *self.text.get(self.at)?;
        if !belongs(byte) {
            return None;
        }
        self.stack.push(Task::Return(self.at));
        self.at += 1;
        Some(next)
    }

    /// One more round, of which at most two are empty.
    fn repeat(&mut self, state: usize, again: usize, on: usize) -> Option<usize> {
        self.stack.push(Task::Leave(on));
        let rounds = self.rounds.get_mut(state)?;
        let (place, count) = *rounds;
        if count == 0 || place != self.at {
            self.stack.push(Task::Rounds(state, *rounds));
            *rounds = (self.at, 1);
            return Some(again);
        }
        if count < 2 {
            self.stack.push(Task::Rounds(state, *rounds));
            rounds.1 += 1;
            return Some(again);
        }
        None
    }

    fn accept(&mut self) {
        self.found = match self.mode {
            Mode::Whole => self.at == self.text.len(),
            Mode::Prefix => true,
            Mode::NotEmpty => self.at != self.from,
        };
        if self.found && self.best.as_ref().is_none_or(|best| best.end < self.at) {
            let groups = self.groups.iter().skip(1);
            let groups = groups
                .map(|group| group.matched.then_some((group.start, group.end)))
                .collect();
            self.best = Some(Match {
                end: self.at,
                groups,
            });
        }
    }

    fn task(&mut self, task: Task) -> Option<usize> {
        match task {
            Task::Return(at) => self.at = at,
            Task::Group(index, group) => {
                if let Some(slot) = self.groups.get_mut(index) {
                    *slot = group;
                }
            }
            Task::Rounds(index, rounds) => {
                if let Some(slot) = self.rounds.get_mut(index) {
                    *slot = rounds;
                }
            }
            Task::Leave(on) => return (!self.found).then_some(on),
            Task::Second(second) => {
                self.stack.push(Task::Found(self.found));
                self.found = false;
                return Some(second);
            }
            Task::Found(first) => self.found |= first,
        }
        None
    }
}
