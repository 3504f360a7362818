//! `graph` of a module evaluation: which module imports which.

use std::rc::Rc;

use super::id::ConfigurationId;
use super::module_tree::{Import, ModuleTree};
use crate::eval::Evaluator;
use crate::value::{Eval, Thunk, Value};

impl Evaluator {
    /// The imports that an evaluation starts from, each `{ key; file; imports; disabled; }`.
    pub(crate) fn configuration_graph(&mut self, id: ConfigurationId) -> Eval<Value> {
        let Some(configuration) = self.configuration_of(id) else {
            return Err(self.error("no such configuration"));
        };
        let tree = self.module_tree(&configuration)?;
        // The last is what every evaluation has.
        let (_, roots) = tree.roots.split_last().unwrap_or((&(0, None), &[]));
        let nodes: Vec<Thunk> = roots
            .iter()
            .map(|import| self.graph_node(Rc::clone(&tree), *import))
            .collect();
        Ok(self.list(&nodes))
    }

    fn graph_node(&mut self, tree: Rc<ModuleTree>, (number, _): Import) -> Thunk {
        self.lazy(move |evaluator| {
            let Some(node) = tree.nodes.get(number) else {
                return Err(evaluator.error("no such module"));
            };
            let imports: Vec<Thunk> = node
                .imports
                .iter()
                .map(|import| evaluator.graph_node(Rc::clone(&tree), *import))
                .collect();
            let imports = evaluator.list(&imports);
            let imports = evaluator.arena.ready(imports);
            let key = evaluator.string_thunk(&node.module.key);
            let file = evaluator.string_thunk(&node.module.file);
            let disabled = tree.disabled.contains_key(&node.module.key);
            let disabled = evaluator.arena.ready(Value::Bool(disabled));
            Ok(Value::Attrs(evaluator.set_of(&[
                ("key", key),
                ("file", file),
                ("imports", imports),
                ("disabled", disabled),
            ])))
        })
    }
}
