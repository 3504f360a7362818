//! Interned names.

use std::cmp::Ordering;
use std::rc::Rc;

use rustc_hash::FxHashMap;

/// An interned name. Comparing symbols is comparing names; their order is not alphabetical.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(pub u32);

/// The table of names.
#[derive(Debug)]
pub struct Symbols {
    by_name: FxHashMap<Rc<str>, Symbol>,
    names: Vec<Rc<str>>,
    /// Bytes of all names.
    bytes: usize,
    /// How the names begin, as numbers in the order of the names.
    beginnings: Vec<u64>,
}

impl Default for Symbols {
    fn default() -> Self {
        let mut symbols = Self {
            by_name: FxHashMap::default(),
            names: Vec::new(),
            bytes: 0,
            beginnings: Vec::new(),
        };
        for name in well_known::NAMES {
            symbols.intern(name);
        }
        symbols
    }
}

impl Symbols {
    /// The symbol of `name`.
    pub fn intern(&mut self, name: &str) -> Symbol {
        if let Some(symbol) = self.by_name.get(name) {
            return *symbol;
        }
        let symbol = Symbol(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        let name: Rc<str> = Rc::from(name);
        self.bytes += name.len();
        self.names.push(Rc::clone(&name));
        self.beginnings.push(beginning(&name));
        self.by_name.insert(name, symbol);
        symbol
    }

    /// The order of two names, byte by byte as in Nix. Most differ in their first bytes.
    #[must_use]
    pub fn compare(&self, a: Symbol, b: Symbol) -> Ordering {
        let beginning = |symbol: Symbol| self.beginnings.get(symbol.0 as usize);
        let by_beginning = beginning(a).cmp(&beginning(b));
        by_beginning.then_with(|| self.name_ref(a).cmp(self.name_ref(b)))
    }

    /// How many bytes the names take, roughly.
    pub(crate) fn memory(&self) -> usize {
        self.bytes + self.names.capacity() * 96
    }

    /// The symbol of `name`, if anything has that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Symbol> {
        self.by_name.get(name).copied()
    }

    /// The name of a symbol.
    #[must_use]
    pub fn name(&self, symbol: Symbol) -> Rc<str> {
        self.names
            .get(symbol.0 as usize)
            .map_or_else(|| Rc::from(""), Rc::clone)
    }

    /// The name of a symbol, borrowed.
    #[must_use]
    pub fn name_ref(&self, symbol: Symbol) -> &str {
        self.names.get(symbol.0 as usize).map_or("", |name| name)
    }
}

/// The first eight bytes of a name, most significant first; zeros where it is shorter.
fn beginning(name: &str) -> u64 {
    let mut bytes = [0; 8];
    for (byte, of_name) in bytes.iter_mut().zip(name.bytes()) {
        *byte = of_name;
    }
    u64::from_be_bytes(bytes)
}

/// Names that the evaluator itself looks for.
pub mod well_known {
    use super::Symbol;

    macro_rules! names {
        ($($constant:ident = $name:literal),+ $(,)?) => {
            /// The names, in the order of their symbols.
            pub(super) const NAMES: &[&str] = &[$($name),+];
            names!(@number 0u32; $($constant $name,)+);
        };
        (@number $n:expr; $constant:ident $name:literal, $($rest:tt)*) => {
            #[doc = concat!("`", $name, "`")]
            pub const $constant: Symbol = Symbol($n);
            names!(@number $n + 1; $($rest)*);
        };
        (@number $n:expr;) => {};
    }

    names! {
        TYPE = "_type",
        OUT_PATH = "outPath",
        TO_STRING = "__toString",
        FUNCTOR = "__functor",
        FUNCTION_ARGS = "__functionArgs",
        OVERRIDES = "__overrides",
        NAME = "name",
        VALUE = "value",
        SUCCESS = "success",
        CONDITION = "condition",
        CONTENT = "content",
        CONTENTS = "contents",
        PRIORITY = "priority",
        IMPORTS = "imports",
        OPTIONS = "options",
        CONFIG = "config",
        FILE = "_file",
        KEY = "key",
        CLASS = "_class",
        DISABLED_MODULES = "disabledModules",
        FREEFORM_TYPE = "freeformType",
        META = "meta",
        REQUIRE = "require",
        MODULE = "_module",
        ARGS = "args",
        CHECK = "check",
        SPECIAL_ARGS = "specialArgs",
        LIB = "lib",
        PKGS = "pkgs",
        DEFAULT = "default",
        APPLY = "apply",
        DESCRIPTION = "description",
        EXAMPLE = "example",
        INTERNAL = "internal",
        VISIBLE = "visible",
        READ_ONLY = "readOnly",
        MERGE = "merge",
        NESTED_TYPES = "nestedTypes",
        FUNCTOR_FIELD = "functor",
        OPTION_TYPE = "type",
        SELF = "self",
        INPUTS = "inputs",
        OUTPUTS = "outputs",
        MODULES = "modules",
        SYSTEM = "system",
        LINE = "line",
        COLUMN = "column",
        SOURCE_FILE = "file",
        RIGHT = "right",
        WRONG = "wrong",
        PATH = "path",
        NATIVE_TYPE = "\u{0}type",
        LOCATION = "loc",
        IS_DEFINED = "isDefined",
        HIGHEST_PRIO = "highestPrio",
        DEFINITIONS = "definitions",
        FILES = "files",
        DEFINITIONS_WITH_LOCATIONS = "definitionsWithLocations",
        DECLARATIONS = "declarations",
        START_SET = "startSet",
        OPERATOR = "operator",
        PREFIX = "prefix",
        DRV_PATH = "drvPath",
        URL = "url",
        BODY = "body",
        MODULES_PATH = "modulesPath",
        GET_SUB_OPTIONS = "getSubOptions",
        GET_SUB_MODULES = "getSubModules",
        EMPTY_VALUE = "emptyValue",
        SUBSTITUTE_SUBMODULES = "substSubModules",
        TYPE_MERGE = "typeMerge",
        DECLARATION_POSITIONS = "declarationPositions",
        EXTEND_MODULES = "extendModules",
        DEFAULT_TEXT = "defaultText",
    }
}

#[cfg(test)]
mod tests {
    use super::Symbols;

    #[test]
    fn names_have_the_order_of_their_bytes() {
        let mut symbols = Symbols::default();
        let mut names = vec![
            "",
            "a",
            "a\0",
            "ab",
            "services",
            "services-a",
            "services-",
            "servicez",
            "zebra",
            "ä",
            "Z",
            "1",
        ];
        names.sort_unstable();
        let mut sorted: Vec<_> = names
            .iter()
            .rev()
            .map(|name| symbols.intern(name))
            .collect();
        sorted.sort_by(|a, b| symbols.compare(*a, *b));
        let sorted: Vec<&str> = sorted
            .iter()
            .map(|symbol| symbols.name_ref(*symbol))
            .collect();
        assert_eq!(sorted, names);
    }
}
