//! Random expressions that are mostly well typed, from a seed.

/// A type of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Int,
    Float,
    Bool,
    String,
    Path,
    /// A list of integers.
    Ints,
    /// A list of strings.
    Strings,
    /// A set of integers.
    Set,
    /// A function from integers to integers.
    Function,
}

/// Makes expressions.
pub(crate) struct Generator {
    state: u64,
    /// The variables in scope.
    variables: Vec<(String, Kind)>,
    names: usize,
    /// Whether every expression must be of its type.
    exact: bool,
}

/// Expressions nest no deeper.
const MAX_DEPTH: u32 = 5;

impl Generator {
    /// A generator that gives the same expressions for the same seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            variables: Vec::new(),
            names: 0,
            exact: false,
        }
    }

    /// xorshift64*
    fn random(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.random() % u64::try_from(end).expect("small")).expect("small")
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    /// An expression, on one line.
    pub(crate) fn expression(&mut self) -> String {
        self.variables.clear();
        self.names = 0;
        let kind = self.kind();
        self.any(kind, 0)
    }

    /// `builtins.toJSON` of something without floats, which 2.8 rounds.
    fn json(&mut self, kind: Kind, depth: u32) -> String {
        let outer = std::mem::replace(&mut self.exact, true);
        let value = self.any(kind, depth);
        self.exact = outer;
        format!("(builtins.toJSON {value})")
    }

    fn kind(&mut self) -> Kind {
        [
            Kind::Int,
            Kind::Float,
            Kind::Bool,
            Kind::String,
            Kind::Path,
            Kind::Ints,
            Kind::Strings,
            Kind::Set,
        ][self.below(8)]
    }

    /// An expression of a type, in parentheses where it needs them; now and then of another type,
    /// or one that fails.
    fn any(&mut self, kind: Kind, depth: u32) -> String {
        match self.below(200) {
            0 => return "(throw \"oops\")".to_owned(),
            1 => return "(assert false; 1)".to_owned(),
            2 if depth > 0 && !self.exact => {
                // Not a path: as a string it would be copied to the store.
                let other = match self.kind() {
                    Kind::Path => Kind::Bool,
                    other => other,
                };
                return self.any(other, depth);
            }
            _ => {}
        }
        let known: Vec<String> = self
            .variables
            .iter()
            .filter(|(_, other)| *other == kind)
            .map(|(name, _)| name.clone())
            .collect();
        if !known.is_empty() && self.below(3) == 0 {
            return known[self.below(known.len())].clone();
        }
        if depth >= MAX_DEPTH || (depth > 1 && self.below(4) == 0) {
            return self.leaf(kind);
        }
        let depth = depth + 1;
        match self.below(10) {
            0 => self.branch(kind, depth),
            1 => self.binding(kind, depth),
            2 => self.call(kind, depth),
            3 => self.selection(kind, depth),
            _ => match kind {
                Kind::Int => self.int(depth),
                Kind::Float => self.float(depth),
                Kind::Bool => self.boolean(depth),
                Kind::String => self.string(depth),
                Kind::Path => self.path(depth),
                Kind::Ints => self.ints(depth),
                Kind::Strings => self.strings(depth),
                Kind::Set => self.set(depth),
                Kind::Function => self.function(depth),
            },
        }
    }

    fn leaf(&mut self, kind: Kind) -> String {
        match kind {
            Kind::Int => match self.below(6) {
                0 => "0".to_owned(),
                1 => "(-1)".to_owned(),
                _ => self.below(20).to_string(),
            },
            Kind::Float => self
                .pick(&["0.5", "1.0", "2.25", "(-1.5)", "1.0e3", "100.0"])
                .to_owned(),
            Kind::Bool => self.pick(&["true", "false"]).to_owned(),
            Kind::String => self
                .pick(&[
                    "\"\"",
                    "\"a\"",
                    "\"b c\"",
                    "\"a/b\"",
                    "\"1.2.3\"",
                    "\"x\\n\\\"y\"",
                    "''z''",
                    "\"é\"",
                    "\"\\${q}\"",
                    "\"name-1.0\"",
                ])
                .to_owned(),
            Kind::Path => self.pick(&["/a", "/a/b", "/a/../c", "/."]).to_owned(),
            Kind::Ints => self
                .pick(&["[ ]", "[ 1 ]", "[ 3 1 2 ]", "[ 1 1 ]"])
                .to_owned(),
            Kind::Strings => self
                .pick(&[
                    "[ ]",
                    "[ \"a\" ]",
                    "[ \"b\" \"a\" ]",
                    "[ \"x\" \"\" \"y\" ]",
                ])
                .to_owned(),
            Kind::Set => self
                .pick(&["{ }", "{ a = 1; }", "{ b = 2; a = 3; }", "{ c.d = 1; }"])
                .to_owned(),
            Kind::Function => self
                .pick(&["(x: x)", "(x: x + 1)", "(_: 7)", "(builtins.add 2)"])
                .to_owned(),
        }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    fn branch(&mut self, kind: Kind, depth: u32) -> String {
        let condition = self.any(Kind::Bool, depth);
        let (yes, no) = (self.any(kind, depth), self.any(kind, depth));
        match self.below(4) {
            0 => format!("(assert {condition} || true; {yes})"),
            1 => format!("(builtins.seq {condition} {yes})"),
            _ => format!("(if {condition} then {yes} else {no})"),
        }
    }

    /// Binds a variable and uses it.
    fn binding(&mut self, kind: Kind, depth: u32) -> String {
        let bound = if self.below(5) == 0 {
            Kind::Function
        } else {
            self.kind()
        };
        let value = self.any(bound, depth);
        let name = self.name();
        self.variables.push((name.clone(), bound));
        let body = self.any(kind, depth);
        self.variables.pop();
        match self.below(5) {
            0 => format!("(with {{ {name} = {value}; }}; {body})"),
            1 => format!("(({name}: {body}) {value})"),
            2 => format!("(({{ {name}, ... }}: {body}) {{ {name} = {value}; unused = 1; }})"),
            3 => format!("(({{ {name} ? {value} }}: {body}) {{ }})"),
            _ => format!("(let {name} = {value}; in {body})"),
        }
    }

    fn call(&mut self, kind: Kind, depth: u32) -> String {
        let value = self.any(kind, depth);
        match self.below(4) {
            0 => format!("(builtins.head [ {value} ])"),
            1 => format!("(builtins.elemAt [ 0 {value} ] 1)"),
            2 => format!("(builtins.foldl' (a: b: b) null [ {value} ])"),
            _ => format!("((x: x) {value})"),
        }
    }

    fn selection(&mut self, kind: Kind, depth: u32) -> String {
        let value = self.any(kind, depth);
        let other = self.any(kind, depth);
        match self.below(4) {
            0 => format!("{{ a = {value}; }}.a"),
            1 => format!("({{ a.b = {value}; }}.a.c or {other})"),
            2 => format!("(rec {{ a = b; b = {value}; }}).a"),
            _ => format!("({{ a = {other}; }} // {{ a = {value}; }}).a"),
        }
    }

    fn int(&mut self, depth: u32) -> String {
        match self.below(14) {
            0..=4 => {
                let (a, b) = (self.any(Kind::Int, depth), self.any(Kind::Int, depth));
                let op = self.pick(&["+", "-", "*", "/"]);
                format!("({a} {op} {b})")
            }
            5 => format!("(builtins.length {})", self.any(Kind::Ints, depth)),
            6 => format!("(builtins.stringLength {})", self.any(Kind::String, depth)),
            7 => {
                let list = self.any(Kind::Ints, depth);
                format!("(builtins.foldl' (a: b: a + b) 0 {list})")
            }
            8 => {
                let (a, b) = (self.any(Kind::String, depth), self.any(Kind::String, depth));
                format!("(builtins.compareVersions {a} {b})")
            }
            9 => {
                let op = self.pick(&["bitAnd", "bitOr", "bitXor", "sub", "mul"]);
                let (a, b) = (self.any(Kind::Int, depth), self.any(Kind::Int, depth));
                format!("(builtins.{op} {a} {b})")
            }
            10 => {
                let op = self.pick(&["floor", "ceil"]);
                format!("(builtins.{op} {})", self.any(Kind::Float, depth))
            }
            11 => {
                let (function, a) = (self.any(Kind::Function, depth), self.any(Kind::Int, depth));
                format!("({function} {a})")
            }
            12 => format!("(builtins.fromJSON {})", self.json(Kind::Int, depth)),
            _ => format!("(-{})", self.any(Kind::Int, depth)),
        }
    }

    fn float(&mut self, depth: u32) -> String {
        let other = if self.below(2) == 0 {
            Kind::Int
        } else {
            Kind::Float
        };
        let (a, b) = (self.any(Kind::Float, depth), self.any(other, depth));
        let op = self.pick(&["+", "-", "*", "/"]);
        if self.below(2) == 0 {
            format!("({a} {op} {b})")
        } else {
            format!("({b} {op} {a})")
        }
    }

    fn boolean(&mut self, depth: u32) -> String {
        match self.below(12) {
            0..=2 => {
                let (a, b) = (self.any(Kind::Bool, depth), self.any(Kind::Bool, depth));
                let op = self.pick(&["&&", "||", "->", "==", "!="]);
                format!("({a} {op} {b})")
            }
            3 | 4 => {
                let kind = [Kind::Int, Kind::Float, Kind::String, Kind::Ints][self.below(4)];
                let (a, b) = (self.any(kind, depth), self.any(kind, depth));
                let op = self.pick(&["<", "<=", ">", ">=", "==", "!="]);
                format!("({a} {op} {b})")
            }
            5 => {
                let kind = self.kind();
                let (a, b) = (self.any(kind, depth), self.any(kind, depth));
                format!("({a} == {b})")
            }
            6 => format!("(!{})", self.any(Kind::Bool, depth)),
            7 => {
                let name = self.pick(&["a", "b", "c.d", "\"x y\""]);
                format!("({} ? {name})", self.any(Kind::Set, depth))
            }
            8 => {
                let (item, list) = (self.any(Kind::Int, depth), self.any(Kind::Ints, depth));
                format!("(builtins.elem {item} {list})")
            }
            9 => {
                let op = self.pick(&["all", "any"]);
                format!("(builtins.{op} (x: x > 1) {})", self.any(Kind::Ints, depth))
            }
            10 => {
                let kind = self.kind();
                let test =
                    self.pick(&["isInt", "isString", "isList", "isAttrs", "isNull", "isBool"]);
                format!("(builtins.{test} {})", self.any(kind, depth))
            }
            _ => {
                let kind = self.kind();
                format!("(builtins.tryEval {}).success", self.any(kind, depth))
            }
        }
    }

    fn string(&mut self, depth: u32) -> String {
        match self.below(16) {
            0..=2 => {
                let (a, b) = (self.any(Kind::String, depth), self.any(Kind::String, depth));
                format!("({a} + {b})")
            }
            3 | 4 => format!("\"<${{{}}}>\"", self.any(Kind::String, depth)),
            5 => {
                let kind = self.kind();
                format!("(toString {})", self.any(kind, depth))
            }
            6 => {
                let (separator, list) = (self.leaf(Kind::String), self.any(Kind::Strings, depth));
                format!("(builtins.concatStringsSep {separator} {list})")
            }
            7 => {
                let text = self.any(Kind::String, depth);
                let (start, length) = (self.below(4), self.below(5));
                // Not in the middle of a character: the result would not be UTF-8.
                format!(
                    "(builtins.substring {start} {length} (builtins.replaceStrings [ \"é\" ] [ \"e\" ] {text}))"
                )
            }
            8 => {
                let text = self.any(Kind::String, depth);
                let pattern = self.pick(&["\"a\"", "\"b \"", "\"\\n\"", "\"é\""]);
                // Before 2.20 Nix evaluated what no match is replaced by, too.
                let to = self.leaf(Kind::String);
                format!("(builtins.replaceStrings [ {pattern} \"1\" ] [ {to} \"one\" ] {text})")
            }
            9 => {
                let kind = self.kind();
                let kind = if kind == Kind::Float { Kind::Int } else { kind };
                format!("(builtins.typeOf {})", self.any(kind, depth))
            }
            10 => {
                let kind = [
                    Kind::Int,
                    Kind::Bool,
                    Kind::String,
                    Kind::Ints,
                    Kind::Strings,
                    Kind::Set,
                ];
                let kind = kind[self.below(6)];
                self.json(kind, depth)
            }
            11 => {
                let op = self.pick(&["baseNameOf", "dirOf"]);
                format!("({op} {})", self.any(Kind::String, depth))
            }
            12 => {
                let algorithm = self.pick(&["md5", "sha1", "sha256", "sha512"]);
                format!(
                    "(builtins.hashString \"{algorithm}\" {})",
                    self.any(Kind::String, depth)
                )
            }
            13 => format!(
                "(builtins.parseDrvName {}).name",
                self.any(Kind::String, depth)
            ),
            14 => {
                let part = self.any(Kind::String, depth);
                format!("''\\n  a ${{{part}}} b\\n    c''").replace("\\n", " ")
            }
            _ => format!(
                "(builtins.head ({} ++ [ \"last\" ]))",
                self.any(Kind::Strings, depth)
            ),
        }
    }

    fn path(&mut self, depth: u32) -> String {
        match self.below(3) {
            0 => format!("(dirOf {})", self.any(Kind::Path, depth)),
            _ => {
                let path = self.any(Kind::Path, depth);
                let text = self.pick(&["\"/x\"", "\"y\"", "\"/../z\"", "\"\""]);
                format!("({path} + {text})")
            }
        }
    }

    fn ints(&mut self, depth: u32) -> String {
        match self.below(12) {
            0 => format!(
                "(builtins.map {} {})",
                self.any(Kind::Function, depth),
                self.any(Kind::Ints, depth)
            ),
            1 => format!(
                "(builtins.filter (x: x > 1) {})",
                self.any(Kind::Ints, depth)
            ),
            2 => format!(
                "({} ++ {})",
                self.any(Kind::Ints, depth),
                self.any(Kind::Ints, depth)
            ),
            3 => format!(
                "(builtins.sort builtins.lessThan {})",
                self.any(Kind::Ints, depth)
            ),
            4 => format!(
                "(builtins.genList {} {})",
                self.any(Kind::Function, depth),
                self.below(4)
            ),
            5 => format!("(builtins.tail ([ 0 ] ++ {}))", self.any(Kind::Ints, depth)),
            6 => format!(
                "(builtins.concatMap (x: [ x x ]) {})",
                self.any(Kind::Ints, depth)
            ),
            7 => format!(
                "(builtins.partition (x: x > 1) {}).right",
                self.any(Kind::Ints, depth)
            ),
            8 => {
                let sets = self.any(Kind::Set, depth);
                format!("(builtins.catAttrs \"a\" [ {sets} {{ a = 4; }} ])")
            }
            9 => format!(
                "(builtins.concatLists [ {} [ 5 ] ])",
                self.any(Kind::Ints, depth)
            ),
            _ => {
                let items: Vec<String> = (0..self.below(4))
                    .map(|_| self.any(Kind::Int, depth))
                    .collect();
                format!("[ {} ]", items.join(" "))
            }
        }
    }

    fn strings(&mut self, depth: u32) -> String {
        match self.below(9) {
            0 => format!("(builtins.attrNames {})", self.any(Kind::Set, depth)),
            1 => format!("(map (x: x + \"!\") {})", self.any(Kind::Strings, depth)),
            2 => format!("(builtins.splitVersion {})", self.any(Kind::String, depth)),
            3 => {
                let pattern =
                    self.pick(&["\"[ /]\"", "\"a|ab\"", "\"x*\"", "\"(.)(b)?\"", "\"[.-]\""]);
                let text = self.any(Kind::String, depth);
                // Bytes of a character apart are no UTF-8.
                let text = format!("(builtins.replaceStrings [ \"é\" ] [ \"e\" ] {text})");
                format!("(builtins.filter builtins.isString (builtins.split {pattern} {text}))")
            }
            4 => format!(
                "(builtins.sort (a: b: a < b) {})",
                self.any(Kind::Strings, depth)
            ),
            5 => format!(
                "({} ++ {})",
                self.any(Kind::Strings, depth),
                self.any(Kind::Strings, depth)
            ),
            _ => {
                let items: Vec<String> = (0..self.below(4))
                    .map(|_| self.any(Kind::String, depth))
                    .collect();
                format!("[ {} ]", items.join(" "))
            }
        }
    }

    fn set(&mut self, depth: u32) -> String {
        match self.below(11) {
            0 => format!(
                "({} // {})",
                self.any(Kind::Set, depth),
                self.any(Kind::Set, depth)
            ),
            1 => format!(
                "(builtins.mapAttrs (name: value: [ name value ]) {})",
                self.any(Kind::Set, depth)
            ),
            2 => format!(
                "(removeAttrs {} [ \"a\" \"z\" ])",
                self.any(Kind::Set, depth)
            ),
            3 => format!(
                "(builtins.intersectAttrs {} {})",
                self.any(Kind::Set, depth),
                self.any(Kind::Set, depth)
            ),
            4 => {
                let names = self.any(Kind::Strings, depth);
                format!(
                    "(builtins.listToAttrs (map (name: {{ inherit name; value = 1; }}) {names}))"
                )
            }
            5 => format!(
                "(builtins.groupBy (x: \"g\" + toString x) {})",
                self.any(Kind::Ints, depth)
            ),
            6 => {
                let (name, value) = (self.any(Kind::String, depth), self.any(Kind::Int, depth));
                format!("{{ ${{{name}}} = {value}; }}")
            }
            7 => format!(
                "(builtins.zipAttrsWith (name: values: values) [ {} {} ])",
                self.any(Kind::Set, depth),
                self.any(Kind::Set, depth)
            ),
            8 => format!(
                "(builtins.functionArgs ({{ a, b ? {} }}: a))",
                self.any(Kind::Int, depth)
            ),
            _ => {
                let (a, b) = (self.any(Kind::Int, depth), self.any(Kind::Int, depth));
                match self.below(3) {
                    0 => format!("rec {{ a = {a}; b = a; c.d = {b}; }}"),
                    1 => format!("{{ a = {a}; c = {{ d = {b}; }}; }}"),
                    _ => format!("{{ \"x y\" = {a}; inherit ({{ a = {b}; }}) a; }}"),
                }
            }
        }
    }

    fn function(&mut self, depth: u32) -> String {
        let name = self.name();
        self.variables.push((name.clone(), Kind::Int));
        let body = self.any(Kind::Int, depth);
        self.variables.pop();
        format!("({name}: {body})")
    }
}
