//! Depth-first search and topological order.

use super::{holds, record};
use crate::eval::{Evaluator, arguments};
use crate::value::{Eval, Thunk, Value};

/// What a search from the first element ends with.
struct Search {
    /// Nothing comes before it, or it closes a cycle.
    end: Thunk,
    /// What was seen on the way that comes before `end`; empty where there is no cycle.
    loops: Vec<Thunk>,
    /// The way, the latest first.
    visited: Vec<Thunk>,
    /// Everything else.
    rest: Vec<Thunk>,
}

/// Follows `before` from the first element to one that nothing comes before.
fn search(
    evaluator: &mut Evaluator,
    stop_on_cycles: bool,
    before: Thunk,
    mut end: Thunk,
    mut rest: Vec<Thunk>,
) -> Eval<Search> {
    let mut visited: Vec<Thunk> = Vec::new();
    loop {
        evaluator.check_size((visited.len() + rest.len()) as u64)?;
        if stop_on_cycles {
            let mut loops = Vec::new();
            for item in visited.clone() {
                if holds(evaluator, before, &[item, end])? {
                    loops.push(item);
                }
            }
            if !loops.is_empty() {
                return Ok(Search {
                    end,
                    loops,
                    visited,
                    rest,
                });
            }
        }
        let (mut earlier, mut other) = (Vec::new(), Vec::new());
        for item in rest {
            if holds(evaluator, before, &[item, end])? {
                earlier.push(item);
            } else {
                other.push(item);
            }
        }
        let mut earlier = earlier.into_iter();
        let Some(next) = earlier.next() else {
            return Ok(Search {
                end,
                loops: Vec::new(),
                visited,
                rest: other,
            });
        };
        visited.insert(0, end);
        end = next;
        rest = earlier.chain(other).collect();
    }
}

/// `toposort before xs`: `{ result }` or, where there is no order, `{ cycle; loops; }`.
pub(in super::super) fn toposort(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [before, list] = arguments(args);
    let mut items = evaluator.force_exact_list(list)?;
    let mut sorted = Vec::with_capacity(items.len());
    while items.len() > 1 {
        let first = items.remove(0);
        let Search {
            end,
            loops,
            mut visited,
            rest,
        } = search(evaluator, true, before, first, items)?;
        if !loops.is_empty() {
            visited.insert(0, end);
            visited.reverse();
            let (cycle, loops) = (evaluator.list(&visited), evaluator.list(&loops));
            return Ok(record(evaluator, &[("cycle", cycle), ("loops", loops)]));
        }
        sorted.push(end);
        items = visited.into_iter().chain(rest).collect();
    }
    sorted.extend(items);
    let sorted = evaluator.list(&sorted);
    Ok(record(evaluator, &[("result", sorted)]))
}
