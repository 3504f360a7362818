//! How deep brackets nest, and how long what is between them is.

use crate::SyntaxError;
use crate::limits::Limits;
use crate::source::TextSpan;

/// The error is boxed: it is rare, and every token has a result.
pub(super) type Result<T> = std::result::Result<T, Box<SyntaxError>>;

/// What a level began with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The whole file.
    File,
    /// `(`
    Parenthesis,
    /// `[`
    List,
    /// `{`
    Brace,
    /// `"`
    String,
    /// `''`
    Indented,
    /// `${`, in a string or before a name.
    Interpolation,
    /// `${` in a path.
    PathInterpolation,
}

/// What the last token was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// The end of an operand, so that a separator ends its expression.
    Operand,
    /// An operator of arithmetic.
    Arithmetic,
    Other,
}

/// A list whose elements beyond the first ones are parsed on their own.
#[derive(Debug)]
pub(crate) struct LongList {
    /// Where the list begins.
    pub(crate) start: u32,
    /// The elements that are parsed on their own.
    pub(crate) elements: Vec<TextSpan>,
}

/// Between a bracket and its end.
#[derive(Debug)]
struct Level {
    kind: Kind,
    start: usize,
    /// Tokens of the expression so far that could each make the tree higher.
    chain: u32,
    /// The highest bracket in the expression so far.
    inner: u32,
    /// The highest of the expressions before.
    height: u32,
    /// Words that nest what follows them without a bracket.
    words: u32,
    /// In a list: its elements so far, as long as nothing but elements was there.
    elements: Option<u32>,
    /// The list's place among the long lists.
    long: Option<usize>,
    /// Whether the next token belongs to the element before it.
    joined: bool,
    /// Whether the expression began with `inherit`.
    inherit: bool,
}

/// What has been opened and not closed.
pub(super) struct Levels {
    limits: Limits,
    open: Vec<Level>,
    current: Level,
    /// What the last token was.
    after: After,
    /// What the chains will cost rnix, in the square of their lengths.
    cost: u64,
    /// The same for lists, were none a list.
    list_cost: u64,
    pub(super) long_lists: Vec<LongList>,
    /// How many of the open levels are elements that are parsed on their own.
    inside_long: u32,
    /// Whether something nests so deep that rnix and lowering need a large stack.
    pub(super) deep: bool,
}

/// How high the tree may be: what lowering can bear on a large stack, several times over.
const MAX_HEIGHT: u32 = 10_000;
/// From where on a large stack is taken.
const DEEP_HEIGHT: u32 = 200;
const DEEP_LEVELS: usize = 32;
const DEEP_WORDS: u32 = 64;
/// The sum of the squares of all chains may be this: about two seconds of rnix.
const MAX_COST: u64 = 250_000_000;
/// The same for lists, after which they are cut earlier: a third of a second.
const LIST_COST: u64 = 50_000_000;
/// Where a list is cut then.
const SHORT_LIST: u32 = 16;
/// How many names an `inherit` may have.
const MAX_INHERIT: u32 = 4096;

impl Levels {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            open: Vec::new(),
            current: Level::new(Kind::File, 0),
            after: After::Other,
            cost: 0,
            list_cost: 0,
            long_lists: Vec::new(),
            inside_long: 0,
            deep: false,
        }
    }

    /// What the innermost open bracket is.
    pub(super) fn kind(&self) -> Kind {
        self.current.kind
    }

    /// An operand without brackets: a name, a number, a path.
    pub(super) fn operand(&mut self, start: usize, end: usize) -> Result<()> {
        self.after = After::Operand;
        let level = &mut self.current;
        match &mut level.elements {
            Some(elements) => {
                if !std::mem::take(&mut level.joined) {
                    *elements += 1;
                    if *elements > SHORT_LIST {
                        self.late_element(start);
                    }
                }
                self.extend_element(end);
                Ok(())
            }
            None => self.link(start, end),
        }
    }

    /// What follows the last interpolation of a path.
    pub(super) fn rest_of_operand(&mut self, start: usize, end: usize) -> Result<()> {
        if self.current.elements.is_some() {
            self.extend_element(end);
            Ok(())
        } else {
            self.link(start, end)
        }
    }

    /// An operator or a word that is neither operand nor separator.
    pub(super) fn operator(&mut self, start: usize, end: usize) -> Result<()> {
        self.after = After::Other;
        // Something that is no element: rnix may have left the list.
        self.current.elements = None;
        self.current.long = None;
        self.link(start, end)
    }

    /// `+`, `-`, `*`, `/` or `++`.
    pub(super) fn arithmetic(&mut self, start: usize, end: usize) -> Result<()> {
        self.operator(start, end)?;
        self.after = After::Arithmetic;
        Ok(())
    }

    /// Whether the last token was one of those operators.
    pub(super) fn is_after_arithmetic(&self) -> bool {
        self.after == After::Arithmetic
    }

    /// `.`, which adds no height.
    pub(super) fn dot(&mut self, start: usize, end: usize) -> Result<()> {
        self.after = After::Other;
        if self.current.elements.is_some() {
            self.current.joined = true;
            self.extend_element(end);
            Ok(())
        } else {
            self.link(start, end)
        }
    }

    /// `or`, which adds height even in a list.
    pub(super) fn or(&mut self, start: usize, end: usize) -> Result<()> {
        self.after = After::Other;
        if self.current.elements.is_some() {
            self.current.joined = true;
            self.extend_element(end);
        }
        self.link(start, end)
    }

    /// A word after which an expression follows that nests in what is around it.
    pub(super) fn word(&mut self, start: usize, end: usize) -> Result<()> {
        self.current.words += 1;
        self.deep |= self.current.words > DEEP_WORDS;
        self.operator(start, end)
    }

    /// `inherit`
    pub(super) fn inherit(&mut self, start: usize, end: usize) -> Result<()> {
        self.current.inherit |= self.current.chain == 0;
        self.operator(start, end)
    }

    /// `;`, `,`, `then`, `else`: the expression before it is over, if there is one.
    pub(super) fn separator(&mut self, start: usize, end: usize) -> Result<()> {
        if self.after != After::Operand {
            return self.operator(start, end);
        }
        self.after = After::Other;
        self.current.elements = None;
        self.current.long = None;
        self.end_expression(start, end)
    }

    /// Adds a token to the chain.
    fn link(&mut self, start: usize, end: usize) -> Result<()> {
        let level = &mut self.current;
        level.chain += 1;
        let limit = if level.inherit {
            self.limits.chain.max(MAX_INHERIT)
        } else {
            self.limits.chain
        };
        if level.chain > limit {
            let message = format!("more than {limit} tokens in one expression without brackets");
            return Err(error(start, end, message));
        }
        Ok(())
    }

    fn end_expression(&mut self, start: usize, end: usize) -> Result<()> {
        let level = &mut self.current;
        self.cost += u64::from(level.chain).pow(2);
        level.height = level.height.max(level.chain + level.inner);
        level.chain = 0;
        level.inner = 0;
        level.inherit = false;
        if self.cost > MAX_COST {
            return Err(error(
                start,
                end,
                "too many long expressions without brackets".to_owned(),
            ));
        }
        Ok(())
    }

    /// An element of a list that comes after many. rnix gets the list without it, so that no long
    /// chain comes of it where a list is none because of what is wrong before it.
    fn late_element(&mut self, start: usize) {
        let level = &mut self.current;
        let elements = level.elements.unwrap_or(0);
        let cut = if self.list_cost > LIST_COST {
            SHORT_LIST
        } else {
            self.limits.chain
        };
        if level.long.is_none() {
            if elements <= cut || self.inside_long > 0 {
                return;
            }
            level.long = Some(self.long_lists.len());
            let list = LongList {
                start: offset(level.start),
                elements: Vec::new(),
            };
            self.long_lists.push(list);
        }
        let list = level.long.and_then(|at| self.long_lists.get_mut(at));
        if let Some(list) = list {
            list.elements
                .push(TextSpan::new(offset(start), offset(start)));
        }
    }

    fn extend_element(&mut self, end: usize) {
        let list = self.current.long.and_then(|at| self.long_lists.get_mut(at));
        if let Some(element) = list.and_then(|list| list.elements.last_mut()) {
            element.end = offset(end);
        }
    }

    /// Opens a bracket.
    pub(super) fn open(&mut self, kind: Kind, start: usize, end: usize) -> Result<()> {
        if self.open.len() >= self.limits.depth as usize {
            let message = format!("brackets are nested more than {} deep", self.limits.depth);
            return Err(error(start, end, message));
        }
        // Interpolations are side by side in what they are part of.
        if !matches!(self.current.kind, Kind::String | Kind::Indented)
            && kind != Kind::PathInterpolation
        {
            self.operand(start, end)?;
        }
        self.after = After::Other;
        if self.current.long.is_some() {
            self.inside_long += 1;
        }
        let outer = std::mem::replace(&mut self.current, Level::new(kind, start));
        if kind == Kind::List {
            // Inside an element that is parsed on its own a list is like any other expression.
            self.current.elements = (self.inside_long == 0).then_some(0);
        }
        self.open.push(outer);
        self.deep |= self.open.len() > DEEP_LEVELS;
        Ok(())
    }

    /// Closes the innermost bracket.
    pub(super) fn close(&mut self, start: usize, end: usize) -> Result<()> {
        self.end_expression(start, end)?;
        if self.current.kind == Kind::List {
            let elements = self.current.elements.unwrap_or(0).min(self.limits.chain);
            self.list_cost += u64::from(elements).pow(2);
        }
        let height = self.current.height + 1;
        if height > MAX_HEIGHT {
            let (start, message) = (self.current.start, "expressions are nested too deeply");
            return Err(error(start, start + 1, message.to_owned()));
        }
        self.deep |= height > DEEP_HEIGHT;
        if let Some(outer) = self.open.pop() {
            self.current = outer;
        }
        self.current.inner = self.current.inner.max(height);
        if self.current.long.is_some() {
            self.inside_long = self.inside_long.saturating_sub(1);
        }
        self.extend_element(end);
        self.after = After::Operand;
        Ok(())
    }

    /// Closes the innermost bracket that is sought and whatever is open inside it, and gives its
    /// kind. If there is none, the token counts as any other.
    pub(super) fn close_through(
        &mut self,
        is_sought: impl Fn(Kind) -> bool,
        start: usize,
        end: usize,
    ) -> Result<Option<Kind>> {
        let sought =
            is_sought(self.current.kind) || self.open.iter().any(|level| is_sought(level.kind));
        if !sought {
            self.operator(start, end)?;
            return Ok(None);
        }
        while !is_sought(self.current.kind) {
            self.close(start, end)?;
        }
        let kind = self.current.kind;
        self.close(start, end)?;
        Ok(Some(kind))
    }

    /// Closes all that is open, at the end of the text.
    pub(super) fn finish(&mut self, end: usize) -> Result<()> {
        while !self.open.is_empty() {
            self.close(end, end)?;
        }
        self.close(end, end)
    }
}

impl Level {
    fn new(kind: Kind, start: usize) -> Self {
        Self {
            kind,
            start,
            chain: 0,
            inner: 0,
            height: 0,
            words: 0,
            elements: None,
            long: None,
            joined: false,
            inherit: false,
        }
    }
}

/// An offset in a text of less than 4 GiB.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

pub(super) fn error(start: usize, end: usize, message: String) -> Box<SyntaxError> {
    Box::new(SyntaxError {
        span: TextSpan::new(offset(start), offset(end)),
        message,
    })
}
