//! An option as it stands in `options`.

use std::rc::Rc;

use super::definitions::Declaration;
use super::option::OptionNode;
use super::priority::winners;
use super::resolved::Resolved;
use super::types::kind::TypeId;
use crate::eval::Evaluator;
use crate::value::{
    AttrsBuilder, AttrsId, Eval, Location, Position, Slot, Symbol, Thunk, Value, well_known,
};

/// What an option says of its definitions: those that win, in order.
type OfDefinitions = fn(&mut Evaluator, Vec<Resolved>) -> Value;

/// The priority of an option without definitions.
const NO_PRIORITY: i64 = 9999;

impl Evaluator {
    /// An option as it stands in `options`: what `mkOption` was called with, and what is known of
    /// its value, definitions and declarations.
    pub(crate) fn option_set(&mut self, option: &Rc<OptionNode>) -> Eval<AttrsId> {
        let merged = self.merged_declaration(option)?;
        let entries = self.arena.entries(merged.set).to_vec();
        let mut builder = AttrsBuilder::with_capacity(entries.len() + 13);
        for entry in entries {
            builder.push(entry);
        }
        let location = self.location_value(&option.location);
        let kind = self.type_value(merged.kind);
        let (declarations, positions) = self.declaration_lists(option);
        let shown = self.partial(&super::functions::SHOW_LOCATION, &[location]);
        let shown = self.arena.ready(shown);
        builder
            .insert(well_known::VALUE, option.value)
            .insert(well_known::LOCATION, location)
            .insert(well_known::OPTION_TYPE, kind)
            .insert(well_known::DECLARATIONS, declarations)
            .insert(well_known::DECLARATION_POSITIONS, positions)
            .insert(well_known::TO_STRING, shown);
        let lazily: [(Symbol, OfDefinitions); 5] = [
            (well_known::DEFINITIONS, |evaluator, definitions| {
                let values: Vec<_> = definitions
                    .iter()
                    .map(|definition| definition.value)
                    .collect();
                evaluator.list(&values)
            }),
            (well_known::FILES, |evaluator, definitions| {
                let files: Vec<_> = definitions
                    .iter()
                    .map(|d| evaluator.string_thunk(&d.file))
                    .collect();
                evaluator.list(&files)
            }),
            (
                well_known::DEFINITIONS_WITH_LOCATIONS,
                |evaluator, definitions| {
                    let list = evaluator.definition_list(&definitions);
                    evaluator.force(list).unwrap_or(Value::Null)
                },
            ),
            (well_known::IS_DEFINED, |_, definitions| {
                Value::Bool(!definitions.is_empty())
            }),
            (well_known::HIGHEST_PRIO, |_, definitions| {
                let priorities = definitions.iter().filter_map(|d| d.priority.known());
                Value::Int(priorities.min().unwrap_or(NO_PRIORITY))
            }),
        ];
        for (name, compute) in lazily {
            let option = Rc::clone(option);
            let value = self.lazy(move |evaluator| {
                let resolved = evaluator.option_definitions(&option)?;
                let winners = winners(resolved.to_vec())?;
                Ok(compute(evaluator, winners))
            });
            builder.insert(name, value);
        }
        let meta = Rc::clone(option);
        let meta = self.lazy(move |evaluator| evaluator.option_meta(&meta));
        let name = self.symbol("valueMeta");
        builder.insert(name, meta);
        Ok(self.arena.attrs(builder))
    }

    fn option_meta(&mut self, option: &Rc<OptionNode>) -> Eval<Value> {
        let merged = self.merged_declaration(option)?;
        if !self.has_meta(merged.kind) {
            return Ok(Value::Attrs(AttrsId(0)));
        }
        let resolved = self.option_definitions(option)?;
        let winners = winners(resolved.to_vec()).unwrap_or_default();
        // With `apply`, the value in `config` is another one.
        let has_apply = self
            .arena
            .attribute(merged.set, well_known::APPLY)
            .is_some();
        let value = if has_apply {
            self.merge_resolved(&option.location, merged.kind, resolved.to_vec())?
        } else {
            self.force(option.value)?
        };
        let meta = self.value_meta(&option.location, merged.kind, value, &winners)?;
        Ok(Value::Attrs(meta))
    }

    /// `declarations` and `declarationPositions`
    fn declaration_lists(&mut self, option: &OptionNode) -> (Thunk, Thunk) {
        let all: Vec<&Declaration> = option.declarations.iter().chain(&option.nested).collect();
        let files: Vec<Thunk> = all
            .iter()
            .map(|declaration| self.string_thunk(&declaration.file))
            .collect();
        let files = self.list(&files);
        let positions: Vec<Thunk> = all
            .iter()
            .map(|declaration| self.declaration_position(&declaration.file, declaration.position))
            .collect();
        let positions = self.list(&positions);
        (self.arena.ready(files), self.arena.ready(positions))
    }

    /// Where a declaration stands: `{ file; line; column; }`, the file alone where Nix knows no more.
    pub(crate) fn declaration_position(&mut self, file: &Rc<str>, position: Position) -> Thunk {
        let file = Rc::clone(file);
        self.lazy(move |evaluator| {
            if position.is_kept_by_nix()
                && let Some(place) = evaluator.binding_place(position)
            {
                return Ok(evaluator.position_value(place.path));
            }
            let file = evaluator.string_thunk(&file);
            let null = evaluator.arena.ready(Value::Null);
            let fields = [("file", file), ("line", null), ("column", null)];
            Ok(Value::Attrs(evaluator.set_of(&fields)))
        })
    }

    /// `mergeDefinitions`: what an option of that type with these definitions would be.
    pub(crate) fn merged_definitions(
        &mut self,
        location: Location,
        kind: TypeId,
        definitions: Thunk,
    ) -> Eval<Value> {
        let resolved = self.lazy(move |evaluator| {
            let mut resolved = Vec::new();
            for definition in evaluator.force_definitions(definitions)? {
                let plain = definition.part(definition.value, definition.position);
                evaluator.resolve(plain, &mut resolved)?;
            }
            let resolved = winners(resolved)?;
            let priorities = resolved
                .iter()
                .filter_map(|definition| definition.priority.known());
            let priority = priorities.min().unwrap_or(NO_PRIORITY);
            let priority = evaluator.arena.ready(Value::Int(priority));
            let list = evaluator.definition_list(&resolved);
            let fields = [("values", list), ("highestPrio", priority)];
            Ok(Value::Attrs(evaluator.set_of(&fields)))
        });
        let values = self.symbol("values");
        let list = self.arena.thunk(Slot::Select {
            base: resolved,
            name: values,
        });
        let is_defined = self.lazy(move |evaluator| {
            let list = evaluator.force_exact_list(list)?;
            Ok(Value::Bool(!list.is_empty()))
        });
        let place = Rc::clone(&location);
        let value = self.lazy(move |evaluator| {
            let definitions = evaluator.force_definitions(list)?;
            if definitions.is_empty() {
                return Err(evaluator.no_value(&location));
            }
            evaluator.merge_resolved(&location, kind, definitions)
        });
        let meta = self.lazy(move |evaluator| {
            if !evaluator.has_meta(kind) {
                return Ok(Value::Attrs(AttrsId(0)));
            }
            let definitions = evaluator.force_definitions(list)?;
            let value = evaluator.force(value)?;
            let meta = evaluator.value_meta(&place, kind, value, &definitions)?;
            Ok(Value::Attrs(meta))
        });
        let optional = self.lazy(move |evaluator| {
            let fields: &[(&str, Thunk)] = if evaluator.force_bool(is_defined)? {
                &[("value", value)]
            } else {
                &[]
            };
            Ok(Value::Attrs(evaluator.set_of(fields)))
        });
        Ok(Value::Attrs(self.set_of(&[
            ("defsFinal'", resolved),
            ("defsFinal", list),
            ("isDefined", is_defined),
            ("mergedValue", value),
            ("optionalValue", optional),
            ("valueMeta", meta),
        ])))
    }
}
