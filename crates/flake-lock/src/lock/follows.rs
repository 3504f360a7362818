//! Where the inputs of every node lead: once for the whole lock, in time linear in its size.
//!
//! `call-flake.nix` resolves lazily and recursively. A hostile lock can make that endless, as deep
//! as it has inputs, or exponential; with each edge resolved once and a stack of our own it is none.

use std::sync::Arc;

use super::{EdgeTarget, FollowsError, FollowsErrorKind, Node, NodeId};

type Target = Result<NodeId, FollowsError>;

/// State of an edge.
#[derive(Clone)]
enum State {
    Unknown,
    /// On the stack.
    Started,
    Done(Target),
}

/// `follows` of which a part has been walked.
struct Frame {
    node: NodeId,
    edge: usize,
    /// How many inputs of the path have been walked.
    walked: usize,
    /// Where those lead.
    reached: NodeId,
}

/// Finds the target of every edge, in the order of the nodes and of their inputs.
pub(super) fn resolve(nodes: &[Node], root: NodeId) -> Vec<Vec<Target>> {
    let unknown = |node: &Node| vec![State::Unknown; node.inputs.len()];
    let mut resolver = Resolver {
        nodes,
        root,
        edges: { nodes.iter() }
            .map(|node| node.inputs.iter().collect())
            .collect(),
        states: nodes.iter().map(unknown).collect(),
    };
    for (at, node) in nodes.iter().enumerate() {
        for edge in 0..node.inputs.len() {
            // A lock has fewer nodes than bytes, and `u32` counts those.
            resolver.resolve(NodeId(u32::try_from(at).unwrap_or(0)), edge);
        }
    }
    let root = resolver.root;
    let targets = |states: Vec<State>| {
        let states = states.into_iter();
        let done = states.map(|state| match state {
            State::Done(target) => target,
            State::Unknown | State::Started => Ok(root),
        });
        done.collect()
    };
    resolver.states.into_iter().map(targets).collect()
}

struct Resolver<'a> {
    nodes: &'a [Node],
    root: NodeId,
    edges: Vec<Vec<(&'a Arc<str>, &'a super::Edge)>>,
    states: Vec<Vec<State>>,
}

impl<'a> Resolver<'a> {
    fn edge(&self, node: NodeId, edge: usize) -> Option<(&'a Arc<str>, &'a super::Edge)> {
        self.edges.get(node.index())?.get(edge).copied()
    }

    fn state(&self, node: NodeId, edge: usize) -> State {
        let state = { self.states.get(node.index()) }.and_then(|states| states.get(edge));
        state.cloned().unwrap_or(State::Unknown)
    }

    fn set(&mut self, node: NodeId, edge: usize, state: State) {
        let states = self.states.get_mut(node.index());
        if let Some(slot) = states.and_then(|states| states.get_mut(edge)) {
            *slot = state;
        }
    }

    /// Finds the target of an edge and of those on its way.
    fn resolve(&mut self, node: NodeId, edge: usize) {
        let mut stack = Vec::new();
        self.start(&mut stack, node, edge);
        while let Some(frame) = stack.last() {
            let (owner, edge) = (frame.node, frame.edge);
            match self.step(frame) {
                Step::Done(target) => {
                    self.set(owner, edge, State::Done(target));
                    stack.pop();
                }
                Step::Reached(reached) => {
                    if let Some(frame) = stack.last_mut() {
                        frame.walked += 1;
                        frame.reached = reached;
                    }
                }
                Step::Needs(node, edge) => self.start(&mut stack, node, edge),
            }
        }
    }

    /// Begins with an edge that nothing is known of.
    fn start(&mut self, stack: &mut Vec<Frame>, node: NodeId, edge: usize) {
        if !matches!(self.state(node, edge), State::Unknown) {
            return;
        }
        self.set(node, edge, State::Started);
        stack.push(Frame {
            node,
            edge,
            walked: 0,
            reached: self.root,
        });
    }

    fn step(&self, frame: &Frame) -> Step {
        let Some((name, edge)) = self.edge(frame.node, frame.edge) else {
            return Step::Done(Ok(self.root));
        };
        let failed = |kind| {
            let owner = self.nodes.get(frame.node.index());
            let owner = owner.map_or("", |node| &*node.name);
            Step::Done(Err(FollowsError {
                input: Arc::from(format!("{owner}/{name}")),
                kind,
                span: edge.span.clone(),
            }))
        };
        let path = match &edge.target {
            EdgeTarget::Node(node) => return Step::Done(Ok(*node)),
            EdgeTarget::Follows(path) => path,
        };
        let Some(next) = path.get(frame.walked) else {
            return Step::Done(Ok(frame.reached));
        };
        let inputs = self.edges.get(frame.reached.index());
        let at =
            inputs.and_then(|inputs| inputs.binary_search_by(|(name, _)| (*name).cmp(next)).ok());
        let Some(at) = at else {
            let reached = self.nodes.get(frame.reached.index());
            let reached = reached.map_or_else(|| Arc::from(""), |node| Arc::clone(&node.name));
            return failed(FollowsErrorKind::NoSuchInput(reached, Arc::clone(next)));
        };
        match self.state(frame.reached, at) {
            State::Unknown => Step::Needs(frame.reached, at),
            State::Started => failed(FollowsErrorKind::Cycle),
            State::Done(Ok(node)) => Step::Reached(node),
            State::Done(Err(_)) => failed(FollowsErrorKind::Broken),
        }
    }
}

enum Step {
    Done(Target),
    /// One input further.
    Reached(NodeId),
    /// Another edge has to be known before.
    Needs(NodeId, usize),
}
