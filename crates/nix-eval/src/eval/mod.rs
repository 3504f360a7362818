//! The evaluator.

mod budget;
mod builtin;
mod call;
mod coerce;
mod computation;
mod environment;
mod equality;
mod evaluator;
mod expr;
mod external;
mod externals;
mod force;
mod inspect;
mod join;
mod load;
mod loaded;
mod make;
mod operators;
mod resident;
mod search_path;
mod select;
mod sets;
mod state;
mod steps;
mod variables;

pub use budget::Limits;
pub(crate) use builtin::arguments;
pub use builtin::{Builtin, Run};
pub(crate) use coerce::source_path_parts;
pub use coerce::{Coercion, Pieces};
pub use environment::{Environment, Withheld};
pub(crate) use equality::KnownStart;
pub use evaluator::Evaluator;
pub use externals::Externals;
pub use loaded::Loaded;
pub(crate) use state::{State, States};
