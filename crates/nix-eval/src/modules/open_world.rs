//! What a configuration may have that the project does not show, and how deep its options may nest.

use crate::eval::Evaluator;
use crate::value::{Eval, Limit, Location, Reason, Unknown, UnknownId};

/// The names in the longest location. Each level of nesting keeps its own, so that they would take
/// memory in the square of an endless one.
const MAX_DEPTH: usize = 200;

impl Evaluator {
    /// Ends what nests for ever: a submodule whose option is that submodule again.
    pub(super) fn check_depth(&mut self, location: &Location) -> Eval<()> {
        if location.len() <= MAX_DEPTH {
            return Ok(());
        }
        let levels = MAX_DEPTH;
        Err(self.unknown(Reason::Limit(Limit::OptionDepth { levels })))
    }

    /// Why an option may be there that the project does not show.
    pub(crate) fn open_world(&mut self) -> UnknownId {
        if let Some(why) = self.modules().open_world {
            return why;
        }
        let why = self.arena.unknown(Unknown {
            reason: Reason::OpenWorld,
            at: None,
        });
        self.modules_mut().open_world = Some(why);
        why
    }
}
