//! The world outside the files: what the layers above know of it.

use flake_lock::Pin;

use super::evaluator::Evaluator;
use crate::value::{Eval, ExternalId, KnownProject, Symbol, Thunk, Value};

/// What is known of externals without them being on disk. `None` if nothing is: the result is then
/// a longer external.
pub trait Externals {
    /// `external.name`
    fn attribute(
        &self,
        evaluator: &mut Evaluator,
        external: ExternalId,
        name: Symbol,
    ) -> Option<Eval<Value>>;

    /// `function argument`
    fn call(
        &self,
        evaluator: &mut Evaluator,
        function: ExternalId,
        argument: Thunk,
    ) -> Option<Eval<Value>>;

    /// `import value`: of an external, or of a path inside one.
    fn import(&self, evaluator: &mut Evaluator, value: Value) -> Option<Eval<Value>>;

    /// `<name>`, where the search path is not known.
    fn search_path(&self, evaluator: &mut Evaluator, name: &str) -> Value;

    /// The tree of a source that a fetcher pins by its hash; `None` if it is not here, or known
    /// without being read.
    fn pinned(&self, evaluator: &mut Evaluator, pin: &Pin) -> Option<Value>;

    /// Which project is at a URL; `None` if it is none that is known.
    fn project_at(&self, url: &str) -> Option<KnownProject>;
}
