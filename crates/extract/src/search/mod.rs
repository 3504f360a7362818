//! The search for texts in evaluated values: one walk, one matcher, and where in the user's files a
//! match was written. It knows no secrets and no readers; those are visitors of the walk.

pub(crate) mod holes;
pub(crate) mod managed_paths;
pub(crate) mod narrow_span;
pub(crate) mod text_matcher;
pub(crate) mod walk;
