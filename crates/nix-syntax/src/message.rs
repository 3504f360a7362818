//! rnix's errors in Nix's words.

use rnix::{ParseError, SyntaxKind};

use crate::SyntaxError;
use crate::lower::Node;
use crate::source::TextSpan;

/// The words for one error of rnix in the tree under `root`.
pub(crate) fn syntax_error(error: &ParseError, root: Node<'_>) -> SyntaxError {
    let end = root.span().end;
    let at_end = TextSpan::new(end, end);
    let begin = root.span().start;
    let first_token = |range: &rnix::TextRange| {
        let start = begin + u32::from(range.start());
        match root.token_at(start) {
            Some(token) => token.span(),
            None => TextSpan::new(start, begin + u32::from(range.end())),
        }
    };
    match error {
        ParseError::UnexpectedWanted(found, range, wanted) => SyntaxError {
            span: first_token(range),
            message: format!(
                "syntax error, unexpected {}{}",
                describe(*found),
                expecting(wanted)
            ),
        },
        ParseError::Unexpected(range) | ParseError::UnexpectedExtra(range) => {
            let found = root.token_at(begin + u32::from(range.start()));
            SyntaxError {
                span: first_token(range),
                message: format!(
                    "syntax error, unexpected {}",
                    found.map_or("end of file", |token| describe(token.kind))
                ),
            }
        }
        ParseError::UnexpectedDoubleBind(range) => SyntaxError {
            span: first_token(range),
            message: "syntax error, unexpected '@', expecting ':'".to_owned(),
        },
        ParseError::UnexpectedEOFWanted(wanted) => SyntaxError {
            span: at_end,
            message: format!("syntax error, unexpected end of file{}", expecting(wanted)),
        },
        ParseError::DuplicatedArgs(range, name) => SyntaxError {
            span: first_token(range),
            message: format!("duplicate formal function argument '{name}'"),
        },
        ParseError::RecursionLimitExceeded => SyntaxError {
            span: too_deep(root),
            message: "expressions are nested too deeply".to_owned(),
        },
        _ => SyntaxError {
            span: at_end,
            message: "syntax error, unexpected end of file".to_owned(),
        },
    }
}

/// Where rnix gave up: it made one node of the rest, which is the last of the last of the tree.
fn too_deep(root: Node<'_>) -> TextSpan {
    let mut node = root;
    while node.kind() != SyntaxKind::NODE_ERROR
        && let Some(last) = node.nodes().last()
    {
        node = last;
    }
    let start = node.span().start;
    root.token_at(start)
        .map_or(node.span(), |token| token.span())
}

/// The tail of a message that names what may be there, where that is one or two things.
fn expecting(wanted: &[SyntaxKind]) -> String {
    match wanted {
        [one] => format!(", expecting {}", describe(*one)),
        [one, other] => format!(", expecting {} or {}", describe(*one), describe(*other)),
        _ => String::new(),
    }
}

/// A token as Nix's messages name it.
pub(crate) fn describe(kind: SyntaxKind) -> &'static str {
    match kind {
        SyntaxKind::TOKEN_ADD => "'+'",
        SyntaxKind::TOKEN_AND_AND => "'&&'",
        SyntaxKind::TOKEN_ASSIGN => "'='",
        SyntaxKind::TOKEN_ASSERT => "'assert'",
        SyntaxKind::TOKEN_AT => "'@'",
        SyntaxKind::TOKEN_COLON => "':'",
        SyntaxKind::TOKEN_COMMA => "','",
        SyntaxKind::TOKEN_COMMENT => "comment",
        SyntaxKind::TOKEN_CONCAT => "'++'",
        SyntaxKind::TOKEN_DIV => "'/'",
        SyntaxKind::TOKEN_DOT => "'.'",
        SyntaxKind::TOKEN_ELLIPSIS => "'...'",
        SyntaxKind::TOKEN_ELSE => "'else'",
        SyntaxKind::TOKEN_EQUAL => "'=='",
        SyntaxKind::TOKEN_ERROR => "invalid token",
        SyntaxKind::TOKEN_FLOAT => "floating-point literal",
        SyntaxKind::TOKEN_IDENT | SyntaxKind::TOKEN_CUR_POS => "identifier",
        SyntaxKind::TOKEN_IF => "'if'",
        SyntaxKind::TOKEN_IMPLICATION => "'->'",
        SyntaxKind::TOKEN_IN => "'in'",
        SyntaxKind::TOKEN_INHERIT => "'inherit'",
        SyntaxKind::TOKEN_INTEGER => "integer",
        SyntaxKind::TOKEN_INTERPOL_START => "'${'",
        SyntaxKind::TOKEN_INVERT => "'!'",
        SyntaxKind::TOKEN_L_BRACE => "'{'",
        SyntaxKind::TOKEN_L_BRACK => "'['",
        SyntaxKind::TOKEN_L_PAREN => "'('",
        SyntaxKind::TOKEN_LESS => "'<'",
        SyntaxKind::TOKEN_LESS_OR_EQ => "'<='",
        SyntaxKind::TOKEN_LET => "'let'",
        SyntaxKind::TOKEN_MORE => "'>'",
        SyntaxKind::TOKEN_MORE_OR_EQ => "'>='",
        SyntaxKind::TOKEN_MUL => "'*'",
        SyntaxKind::TOKEN_NOT_EQUAL => "'!='",
        SyntaxKind::TOKEN_OR => "'or'",
        SyntaxKind::TOKEN_OR_OR => "'||'",
        SyntaxKind::TOKEN_PATH_ABS | SyntaxKind::TOKEN_PATH_REL => "path",
        SyntaxKind::TOKEN_PATH_HOME => "'~/…' path",
        SyntaxKind::TOKEN_PATH_SEARCH => "'<…>' path",
        SyntaxKind::TOKEN_PIPE_LEFT => "'<|'",
        SyntaxKind::TOKEN_PIPE_RIGHT => "'|>'",
        SyntaxKind::TOKEN_QUESTION => "'?'",
        SyntaxKind::TOKEN_R_BRACE | SyntaxKind::TOKEN_INTERPOL_END => "'}'",
        SyntaxKind::TOKEN_R_BRACK => "']'",
        SyntaxKind::TOKEN_R_PAREN => "')'",
        SyntaxKind::TOKEN_REC => "'rec'",
        SyntaxKind::TOKEN_SEMICOLON => "';'",
        SyntaxKind::TOKEN_STRING_CONTENT => "string",
        SyntaxKind::TOKEN_STRING_START => "start of a string",
        SyntaxKind::TOKEN_STRING_END => "end of a string",
        SyntaxKind::TOKEN_SUB => "'-'",
        SyntaxKind::TOKEN_THEN => "'then'",
        SyntaxKind::TOKEN_UPDATE => "'//'",
        SyntaxKind::TOKEN_URI => "URI",
        SyntaxKind::TOKEN_WITH => "'with'",
        _ => "token",
    }
}
