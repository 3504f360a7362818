//! Circles of a graph: its strongly connected components of two nodes and more.

use std::collections::BTreeSet;

/// The circles of a graph, given the successors of each node.
pub(crate) fn circles(graph: &[BTreeSet<usize>]) -> Vec<Vec<usize>> {
    let reached: Vec<BTreeSet<usize>> = (0..graph.len()).map(|node| reach(graph, node)).collect();
    let mut circles = Vec::new();
    let mut seen = BTreeSet::new();
    for node in 0..graph.len() {
        let is_together = |other: &&usize| reached[**other].contains(&node);
        let circle: Vec<usize> = reached[node].iter().filter(is_together).copied().collect();
        if !circle.is_empty() && seen.insert(circle.clone()) {
            circles.push(circle);
        }
    }
    circles
}

/// What can be reached from a node by one step or more.
fn reach(graph: &[BTreeSet<usize>], start: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut work: Vec<usize> = graph[start].iter().copied().collect();
    while let Some(node) = work.pop() {
        if reached.insert(node) {
            work.extend(&graph[node]);
        }
    }
    reached
}
