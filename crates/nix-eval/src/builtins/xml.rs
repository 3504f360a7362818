//! `toXML`

use nix_syntax::hir::Parameter;

use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsId, ClosureId, Eval, StringData, Thunk, Value, well_known};

pub(super) const BUILTINS: &[Builtin] = &[Builtin::new("toXML", 1, to_xml)];

/// `toXML value`. A value of which something is not known is itself not known.
fn to_xml(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    let mut writer = Writer {
        out: "<?xml version='1.0' encoding='utf-8'?>\n".to_owned(),
        depth: 0,
        seen: Vec::new(),
    };
    writer.open("expr", &[]);
    writer.thunk(evaluator, value)?;
    writer.close("expr");
    Ok(evaluator.string(&writer.out))
}

struct Writer {
    out: String,
    depth: usize,
    /// The derivations that were written out.
    seen: Vec<StringData>,
}

impl Writer {
    fn indent(&mut self) {
        self.out.extend(std::iter::repeat_n("  ", self.depth));
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)], end: &str) {
        self.indent();
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push_str(&format!(" {name}=\""));
            for c in value.chars() {
                match c {
                    '"' => self.out.push_str("&quot;"),
                    '<' => self.out.push_str("&lt;"),
                    '>' => self.out.push_str("&gt;"),
                    '&' => self.out.push_str("&amp;"),
                    // As it is, it would become a space when the attribute is read.
                    '\n' => self.out.push_str("&#xA;"),
                    c => self.out.push(c),
                }
            }
            self.out.push('"');
        }
        self.out.push_str(end);
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes, " />\n");
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes, ">\n");
        self.depth += 1;
    }

    fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.indent();
        self.out.push_str(&format!("</{name}>\n"));
    }

    fn thunk(&mut self, evaluator: &mut Evaluator, thunk: Thunk) -> Eval<()> {
        evaluator.check_text(self.out.len())?;
        match evaluator.force(thunk)? {
            Value::Null => self.empty("null", &[]),
            Value::Bool(value) => {
                self.empty("bool", &[("value", if value { "true" } else { "false" })]);
            }
            Value::Int(int) => self.empty("int", &[("value", &int.to_string())]),
            Value::Float(float) => {
                self.empty("float", &[("value", &crate::print::format_float(float))]);
            }
            value @ Value::String(_) => {
                let text = evaluator.expect_text(value)?;
                self.empty("string", &[("value", &text)]);
            }
            Value::Path(path) => {
                let text = evaluator.arena.path_text(path);
                self.empty("path", &[("value", &text)]);
            }
            Value::List(list) => {
                self.open("list", &[]);
                for item in evaluator.exact_list(list)? {
                    self.thunk(evaluator, item)?;
                }
                self.close("list");
            }
            Value::Attrs(set) => self.set(evaluator, set)?,
            Value::Lambda(closure) => self.function(evaluator, closure),
            Value::Builtin(_) | Value::Partial(_) => self.empty("unevaluated", &[]),
            Value::External(external) => return Err(evaluator.external_unknown(external)),
        }
        Ok(())
    }

    fn set(&mut self, evaluator: &mut Evaluator, set: AttrsId) -> Eval<()> {
        if let Some(why) = evaluator.attrs_uncertainty(set) {
            return Err(why);
        }
        if !evaluator.is_derivation(set)? {
            self.open("attrs", &[]);
            self.attributes(evaluator, set)?;
            self.close("attrs");
            return Ok(());
        }
        let mut attributes = Vec::new();
        for (name, symbol) in [
            ("drvPath", well_known::DRV_PATH),
            ("outPath", well_known::OUT_PATH),
        ] {
            if let Some(entry) = evaluator.arena.attribute(set, symbol)
                && let Value::String(id) = evaluator.force(entry.value)?
            {
                attributes.push((name, evaluator.arena.string_parts(id).clone()));
            }
        }
        let mut texts = Vec::new();
        for (name, data) in &attributes {
            texts.push((*name, evaluator.whole_text(data)?));
        }
        let shown: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, &**text)).collect();
        self.open("derivation", &shown);
        match attributes.into_iter().find(|(name, _)| *name == "drvPath") {
            Some((_, path)) if !self.seen.contains(&path) => {
                self.seen.push(path);
                self.attributes(evaluator, set)?;
            }
            _ => self.empty("repeated", &[]),
        }
        self.close("derivation");
        Ok(())
    }

    fn attributes(&mut self, evaluator: &mut Evaluator, set: AttrsId) -> Eval<()> {
        for entry in evaluator.arena.entries_by_name(set) {
            let name = evaluator.name(entry.name);
            self.open("attr", &[("name", &name)]);
            self.thunk(evaluator, entry.value)?;
            self.close("attr");
        }
        Ok(())
    }

    fn function(&mut self, evaluator: &Evaluator, closure: ClosureId) {
        let closure = evaluator.arena.closure_data(closure);
        let Some(file) = evaluator.loaded(closure.file) else {
            return;
        };
        let text = |name| evaluator.name(file.symbol(name));
        self.open("function", &[]);
        match file.lambda(closure.lambda).parameter {
            Parameter::Name(name) => self.empty("varpat", &[("name", &text(name))]),
            Parameter::Formals {
                formals,
                ellipsis,
                whole,
            } => {
                let whole = whole.map(text);
                let mut attributes = Vec::new();
                attributes.extend(ellipsis.then_some(("ellipsis", "1")));
                attributes.extend(whole.as_deref().map(|name| ("name", name)));
                self.open("attrspat", &attributes);
                let mut names: Vec<_> = file
                    .formals(formals)
                    .iter()
                    .map(|formal| text(formal.name))
                    .collect();
                names.sort();
                for name in names {
                    self.empty("attr", &[("name", &name)]);
                }
                self.close("attrspat");
            }
        }
        self.close("function");
    }
}
