//! Which binder a variable refers to.

use crate::hir::{Expr, NameId};

/// What is in scope where lowering is.
///
/// Every name has its binders on a chain, innermost first, so that resolving is one look-up.
#[derive(Default)]
pub(crate) struct Scope {
    /// How many frames are pushed.
    frames: u32,
    /// By name: one more than the index of its innermost binder in `binders`, or 0.
    innermost: Vec<u32>,
    binders: Vec<Binder>,
    /// The frames that `with` pushed, outermost first.
    withs: Vec<u32>,
}

struct Binder {
    name: NameId,
    frame: u32,
    slot: u32,
    /// What `innermost` held before.
    shadowed: u32,
}

/// What to undo when a frame is left.
pub(crate) struct Mark(usize);

impl Scope {
    /// Back to the start, with the memory it has.
    pub(crate) fn clear(&mut self) {
        self.frames = 0;
        self.innermost.clear();
        self.binders.clear();
        self.withs.clear();
    }

    /// Whether the frame that was entered last binds `name`.
    pub(crate) fn is_bound_here(&self, name: NameId) -> bool {
        matches!(self.resolve(name), Expr::Local { depth: 0, .. })
    }

    /// Makes room for a new name. Names are numbered from 0 without a gap.
    pub(crate) fn add_name(&mut self) {
        self.innermost.push(0);
    }

    /// Enters a frame with lexical binders.
    pub(crate) fn push_frame(&mut self) -> Mark {
        self.frames += 1;
        Mark(self.binders.len())
    }

    /// Binds `name` to `slot` of the frame that was entered last.
    pub(crate) fn bind(&mut self, name: NameId, slot: u32) {
        if let Some(innermost) = self.innermost.get_mut(name.0 as usize) {
            let frame = self.frames - 1;
            self.binders.push(Binder {
                name,
                frame,
                slot,
                shadowed: *innermost,
            });
            *innermost = u32::try_from(self.binders.len()).unwrap_or(u32::MAX);
        }
    }

    /// Leaves a frame.
    pub(crate) fn pop_frame(&mut self, mark: &Mark) {
        self.frames -= 1;
        for binder in self.binders.drain(mark.0..).rev() {
            if let Some(innermost) = self.innermost.get_mut(binder.name.0 as usize) {
                *innermost = binder.shadowed;
            }
        }
    }

    /// Enters the body of a `with`.
    pub(crate) fn push_with(&mut self) {
        self.withs.push(self.frames);
        self.frames += 1;
    }

    /// Leaves the body of a `with`.
    pub(crate) fn pop_with(&mut self) {
        self.withs.pop();
        self.frames -= 1;
    }

    /// The variable `name`. Lexical binders win over every `with`, as in Nix.
    pub(crate) fn resolve(&self, name: NameId) -> Expr {
        let innermost = self.innermost.get(name.0 as usize).copied().unwrap_or(0);
        if let Some(binder) = innermost
            .checked_sub(1)
            .and_then(|index| self.binders.get(index as usize))
        {
            Expr::Local {
                depth: self.frames - 1 - binder.frame,
                slot: binder.slot,
            }
        } else if let Some(with) = self.withs.last() {
            Expr::Dynamic {
                name,
                depth: self.frames - 1 - with,
            }
        } else {
            Expr::Global(name)
        }
    }
}
