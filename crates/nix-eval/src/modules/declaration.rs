//! Several declarations of one option are one.

use std::rc::Rc;

use super::definitions::Declaration;
use super::messages::show_files;
use super::module_tree::UncertainModules;
use super::option::{MergedDeclaration, OptionNode};
use super::types::kind::{Kind, TypeId};
use crate::eval::Evaluator;
use crate::value::{
    AttrsId, Eval, Location, Symbol, Thunk, UnknownId, Value, show_location, well_known,
};

impl Evaluator {
    /// The declarations of an option, merged.
    pub(crate) fn merged_declaration(
        &mut self,
        option: &Rc<OptionNode>,
    ) -> Eval<MergedDeclaration> {
        option
            .merged
            .get(self, |evaluator| evaluator.merge_declarations(option))
    }

    fn merge_declarations(&mut self, option: &OptionNode) -> Eval<MergedDeclaration> {
        let embedded = option.declarations.iter().filter(|d| d.is_embedded());
        let own = option.declarations.iter().filter(|d| !d.is_embedded());
        // A project that declares what a schema of this program does knows better: its declarations come first.
        let declarations: Vec<&Declaration> = own.chain(embedded).collect();
        self.merge_all(option, &declarations)
    }

    fn merge_all(
        &mut self,
        option: &OptionNode,
        declarations: &[&Declaration],
    ) -> Eval<MergedDeclaration> {
        let mut set: Option<AttrsId> = None;
        let mut kind: Option<TypeId> = None;
        let mut modules = UncertainModules::new();
        let has_own = declarations.first().is_some_and(|it| !it.is_embedded());
        // Only real declarations clash: a schema gives what they leave out.
        let fills_in = |declaration: &Declaration| has_own && declaration.is_embedded();
        for (index, declaration) in declarations.iter().enumerate() {
            let declaration: &Declaration = declaration;
            let next = self.force_attrs(declaration.options)?;
            let before = declarations.get(..index).unwrap_or_default();
            if let Some(entry) = self.arena.attribute(next, well_known::OPTION_TYPE) {
                let declared = self.resolve_type(entry.value)?;
                let merged = match kind {
                    None => Some(declared),
                    Some(earlier) => self.merge_types(earlier, declared)?,
                };
                if merged.is_some() {
                    kind = merged;
                    self.add_located_modules(declared, &declaration.file, &mut modules)?;
                } else if !fills_in(declaration) {
                    return Err(self.declared_twice(option, declaration, before));
                }
            }
            if let Some(earlier) = set
                && self.both_have(earlier, next)
                && !fills_in(declaration)
            {
                return Err(self.declared_twice(option, declaration, before));
            }
            // What an earlier declaration says counts.
            set = Some(match set {
                None => next,
                Some(earlier) => self.update_sets(next, earlier),
            });
        }
        for declaration in &option.nested {
            let module = self.set_of(&[("options", declaration.options)]);
            let module = self.arena.ready(Value::Attrs(module));
            let module = self.located_module(&declaration.file, module);
            modules.insert(0, (module, declaration.maybe));
        }
        let mut kind = kind.unwrap_or(TypeId::UNSPECIFIED);
        if !modules.is_empty() {
            kind = self.replace_submodules(kind, &modules)?.unwrap_or(kind);
        }
        let set = set.unwrap_or(AttrsId(0));
        Ok(MergedDeclaration { set, kind })
    }

    /// Puts a type's modules before the others, each with the file that declares the option.
    pub(crate) fn add_located_modules(
        &mut self,
        kind: TypeId,
        file: &Rc<str>,
        modules: &mut UncertainModules,
    ) -> Eval<()> {
        if let Some(inner) = self.sub_modules(kind)? {
            let located: Vec<_> = inner
                .into_iter()
                .map(|(module, maybe)| (self.located_module(file, module), maybe))
                .collect();
            modules.splice(0..0, located);
        }
        Ok(())
    }

    /// `setDefaultModuleLocation file module`
    pub(crate) fn located_module(&mut self, file: &str, module: Thunk) -> Thunk {
        let file = self.string_thunk(file);
        let imports = self.list(&[module]);
        let imports = self.arena.ready(imports);
        let set = self.set_of(&[("_file", file), ("imports", imports)]);
        self.arena.ready(Value::Attrs(set))
    }

    fn both_have(&self, a: AttrsId, b: AttrsId) -> bool {
        const ONCE: [Symbol; 4] = [
            well_known::DEFAULT,
            well_known::EXAMPLE,
            well_known::DESCRIPTION,
            well_known::APPLY,
        ];
        let has = |set, name| self.arena.attribute(set, name).is_some();
        ONCE.iter().any(|name| has(a, *name) && has(b, *name))
    }

    fn declared_twice(
        &mut self,
        option: &OptionNode,
        declaration: &Declaration,
        before: &[&Declaration],
    ) -> UnknownId {
        let shown = show_location(&option.location);
        let files = show_files(before.iter().map(|declaration| &declaration.file));
        self.throw(format!(
            "The option `{shown}' in `{}' is already declared in {files}.",
            declaration.file
        ))
    }

    /// Options inside an option: the type of each declaration must be a submodule.
    pub(crate) fn check_nesting(
        &mut self,
        location: &Location,
        options: &[Declaration],
        sets: &[Declaration],
    ) -> Eval<()> {
        let mut description = None;
        for declaration in options {
            let set = self.force_attrs(declaration.options)?;
            let kind = match self.arena.attribute(set, well_known::OPTION_TYPE) {
                Some(entry) => Some(self.resolve_type(entry.value)?),
                None => None,
            };
            if kind.is_some_and(|kind| &*self.type_of(kind).name == "submodule") {
                continue;
            }
            description.get_or_insert(match kind {
                Some(kind) => self.type_description(kind)?,
                None => Rc::from("<no description>"),
            });
        }
        let Some(description) = description else {
            return Ok(());
        };
        let shown = show_location(location);
        let file = options.first().map_or("", |declaration| &declaration.file);
        let mut message = format!(
            "The option `{shown}' in module `{file}' would be a parent of the following options, but its type `{description}' does not support nested options."
        );
        for declaration in sets {
            for name in self.nested_names(declaration)? {
                let inner = show_location(&crate::value::child(location, &name));
                message.push_str(&format!(
                    "\n- option(s) with prefix `{inner}' in module `{}'",
                    declaration.file
                ));
            }
        }
        Err(self.throw(message))
    }

    fn nested_names(&mut self, declaration: &Declaration) -> Eval<Vec<Rc<str>>> {
        let set = self.force_attrs(declaration.options)?;
        let entries = self.arena.entries_by_name(set);
        Ok(entries
            .into_iter()
            .map(|entry| self.name(entry.name))
            .collect())
    }

    /// The modules of the submodules in a type; nothing for a type without any.
    pub(crate) fn sub_modules(&mut self, kind: TypeId) -> Eval<Option<UncertainModules>> {
        match &self.type_of(kind).kind {
            Kind::Submodule(submodule) => Ok(Some(submodule.modules.to_vec())),
            Kind::DeferredModule { modules } => {
                Ok(Some(modules.iter().map(|module| (*module, None)).collect()))
            }
            Kind::Attributes { element, .. }
            | Kind::OpenAttributes(element)
            | Kind::List { element, .. } => self.sub_modules(*element),
            Kind::NullOr(inner)
            | Kind::Unique(inner, _)
            | Kind::Checked(inner, _)
            | Kind::FunctionTo(inner)
            | Kind::Coerced { to: inner, .. } => self.sub_modules(*inner),
            Kind::Custom(custom) => {
                let set = custom.set;
                let Some(entry) = self.arena.attribute(set, well_known::GET_SUB_MODULES) else {
                    return Ok(None);
                };
                match self.force(entry.value)? {
                    list @ Value::List(_) => self.uncertain_list(Ok(list)).map(Some),
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }
}
