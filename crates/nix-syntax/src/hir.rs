//! The lowered tree: one arena per file, small `Copy` ids, variables resolved.
//!
//! Scopes push *frames* at run time: `let`, `rec { }`, a lambda and `with` push one each (a plain
//! attribute set pushes none). A [`Expr::Local`] names a variable by how many frames to go up and
//! which slot to read there, so that evaluation never compares names.

use crate::source::TextSpan;
pub use crate::texts::Texts;

macro_rules! id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub u32);
    )+};
}

id! {
    /// An expression: an index into [`File::exprs`] and [`File::spans`].
    ExprId,
    /// A name: an index into [`File::names`]. Equal names of one file have equal ids.
    NameId,
    /// A string: an index into [`File::strings`].
    StringId,
    /// An attribute set, `let` included: an index into [`File::sets`].
    SetId,
    /// A lambda: an index into [`File::lambdas`].
    LambdaId,
    /// A selection `a.b.c or d`: an index into [`File::selections`].
    SelectionId,
    /// A binding `a = e`: an index into [`File::bindings`].
    BindingId,
}

/// A run of consecutive elements of one of the tables of [`File`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Run {
    /// Index of the first.
    pub start: u32,
    /// How many.
    pub len: u32,
}

impl Run {
    /// As a range of indices.
    #[must_use]
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }
}

/// An expression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Expr {
    /// What is here did not parse; a [`SyntaxError`](crate::SyntaxError) reports why.
    Error,
    /// `42`
    Int(i64),
    /// `4.2`
    Float(f64),
    /// A string without interpolation, a URI included; escapes and indentation are done.
    String(StringId),
    /// A string with interpolation: a run of [`File::parts`].
    Interpolation(Run),
    /// A path literal without interpolation, as written: `./a`, `../a`, `/a`, `~/a`, `a/b`.
    Path(StringId),
    /// A path with interpolation: a run of [`File::parts`], of which the first is text.
    PathInterpolation(Run),
    /// `<nixpkgs/lib>`: the text between the angle brackets.
    SearchPath(StringId),
    /// A variable of an enclosing `let`, `rec { }` or lambda: `depth` frames up (0 = innermost),
    /// slot `slot`.
    Local {
        /// Frames to go up.
        depth: u32,
        /// Slot in that frame.
        slot: u32,
    },
    /// A variable without a lexical binder inside at least one `with`: looked up in the `with`
    /// frames from the inside out, starting `depth` frames up, then among the global names.
    Dynamic {
        /// Its name.
        name: NameId,
        /// Frames to go up to the innermost `with` frame.
        depth: u32,
    },
    /// A variable without a lexical binder and outside any `with`: a global name (`builtins`,
    /// `map`, `true`, …), or undefined.
    Global(NameId),
    /// `__curPos`
    CurrentPosition,
    /// `[ a b ]`: a run of [`File::children`].
    List(Run),
    /// `{ … }` or `rec { … }`
    Set(SetId),
    /// `let … in body`
    Let {
        /// The bindings; always recursive.
        set: SetId,
        /// After `in`.
        body: ExprId,
    },
    /// `with scope; body`: pushes a frame whose slot 0 is `scope`.
    With {
        /// Evaluated outside the new frame.
        scope: ExprId,
        /// Evaluated inside it.
        body: ExprId,
    },
    /// `x: …`, `{ a, b ? 1, ... }@args: …`
    Lambda(LambdaId),
    /// `function argument`; `f a b` is `Apply(Apply(f, a), b)`. The pipe operators are this, too.
    Apply {
        /// What is called.
        function: ExprId,
        /// With what.
        argument: ExprId,
    },
    /// `base.a.b or default`
    Select(SelectionId),
    /// `base ? a.b`: a [`Selection`] without default.
    HasAttribute(SelectionId),
    /// `if condition then yes else no`
    If {
        /// The condition.
        condition: ExprId,
        /// After `then`.
        yes: ExprId,
        /// After `else`.
        no: ExprId,
    },
    /// `assert condition; body`
    Assert {
        /// The condition.
        condition: ExprId,
        /// After the semicolon.
        body: ExprId,
    },
    /// `left op right`
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Left operand.
        left: ExprId,
        /// Right operand.
        right: ExprId,
    },
    /// `!e`
    Not(ExprId),
    /// `-e`
    Negate(ExprId),
}

/// A binary operator that is not a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is named after its operator")]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Concat,
    Update,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    Implication,
}

/// A piece of a string or path with interpolation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Literal text, with escapes and indentation done.
    Text(StringId),
    /// `${e}`
    Expr(ExprId),
}

/// An element of an attribute path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttrName {
    /// `a` or `"a"`
    Static(NameId),
    /// `${e}` or `"a${e}"`
    Dynamic(ExprId),
}

/// `base.path or default`, or `base ? path`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// What is selected from.
    pub base: ExprId,
    /// A run of [`File::attr_names`], never empty.
    pub path: Run,
    /// After `or`.
    pub default: Option<ExprId>,
}

/// The bindings of an attribute set or of a `let`.
///
/// Attribute paths are expanded: `a.b = 1; a.c = 2;` is one binding `a` whose value is a set of
/// two. Names are unique; a duplicate is a syntax error and its later binding is dropped.
/// `let { body = …; }` is a `Select` of `body` from a recursive set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Set {
    /// `rec` or `let`: pushes a frame in which slot *i* is binding *i*.
    pub recursive: bool,
    /// A run of [`File::bindings`], in source order of first mention.
    pub bindings: Run,
    /// A run of [`File::dynamic_bindings`].
    pub dynamic: Run,
    /// The `e` of each `inherit (e) …`: a run of [`File::children`]. In a recursive set they are
    /// evaluated inside the new frame.
    pub sources: Run,
}

/// `name = value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// The attribute's name.
    pub name: NameId,
    /// Where the name is written; for `a.b.c = e` each level has its own part of the path.
    pub name_span: TextSpan,
    /// The whole attribute path up to and including this name: `a.b` for the binding of `b`.
    pub path_span: TextSpan,
    /// From the first character of the attribute path to the semicolon, included. For `inherit`,
    /// the name alone. For a set that several attribute paths share, the first of them.
    pub span: TextSpan,
    /// What it is bound to.
    pub value: BindingValue,
}

/// What a binding binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindingValue {
    /// An expression. `inherit x;` is the variable `x` of the scope around the set, with depths
    /// counted from inside the set.
    Expr(ExprId),
    /// `inherit (e) name;`: the index of `e` among the set's `sources`.
    From(u32),
}

/// `${name} = value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DynamicBinding {
    /// The name, an expression that gives a string or null.
    pub name: ExprId,
    /// Where the name is written.
    pub name_span: TextSpan,
    /// The binding, as in [`Binding::span`].
    pub span: TextSpan,
    /// The value.
    pub value: ExprId,
}

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lambda {
    /// What it takes.
    pub parameter: Parameter,
    /// Its body.
    pub body: ExprId,
}

/// What a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// `x: …`: slot 0.
    Name(NameId),
    /// `{ a, b ? 1, ... }@args: …`: formal *i* in slot *i*, `args` in the slot after the last.
    /// Defaults are evaluated inside the new frame.
    Formals {
        /// A run of [`File::formals`], in source order, unique.
        formals: Run,
        /// Whether `...` is there.
        ellipsis: bool,
        /// The name of the `@` pattern.
        whole: Option<NameId>,
    },
}

/// One `a ? default` of a function's formals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Formal {
    /// Its name.
    pub name: NameId,
    /// Where the name is written.
    pub span: TextSpan,
    /// After `?`.
    pub default: Option<ExprId>,
}

/// A lowered file. Every table is indexed by its id or run; ids never dangle.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct File {
    /// The file's expression.
    pub root: ExprId,
    /// Expressions.
    pub exprs: Vec<Expr>,
    /// Spans of the expressions, without surrounding parentheses.
    pub spans: Vec<TextSpan>,
    /// Names.
    pub names: Texts,
    /// Strings and literal texts.
    pub strings: Texts,
    /// List elements and `inherit` sources.
    pub children: Vec<ExprId>,
    /// Pieces of strings and paths.
    pub parts: Vec<Part>,
    /// Elements of attribute paths of selections, with their spans.
    pub attr_names: Vec<(AttrName, TextSpan)>,
    /// Selections.
    pub selections: Vec<Selection>,
    /// Attribute sets and `let`s.
    pub sets: Vec<Set>,
    /// Bindings.
    pub bindings: Vec<Binding>,
    /// Bindings whose name is computed.
    pub dynamic_bindings: Vec<DynamicBinding>,
    /// Lambdas.
    pub lambdas: Vec<Lambda>,
    /// Formals.
    pub formals: Vec<Formal>,
    /// Comments that contain `mcp-lint:`, in source order.
    pub directives: Vec<TextSpan>,
}
