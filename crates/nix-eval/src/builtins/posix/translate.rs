//! From a parsed pattern to the syntax of the `regex` crates, without groups: what matches, and
//! where a match begins, does not depend on which of several matches is preferred.

use super::parse::Node;

/// The same pattern, to be read without Unicode.
pub(super) fn translate(node: &Node) -> String {
    let mut out = String::new();
    write(node, &mut out);
    out
}

fn write(node: &Node, out: &mut String) {
    match node {
        Node::Byte(byte) if byte.is_ascii_alphanumeric() => out.push(char::from(*byte)),
        Node::Byte(byte) => out.push_str(&format!("\\x{byte:02x}")),
        Node::Any => out.push('.'),
        Node::Class(class) => class.push(out),
        Node::Begin => out.push_str("\\A"),
        Node::End => out.push_str("\\z"),
        Node::Group(_, inner) => {
            out.push_str("(?:");
            write(inner, out);
            out.push(')');
        }
        Node::Concat(nodes) => nodes.iter().for_each(|node| write(node, out)),
        Node::Either(first, second) => {
            out.push_str("(?:");
            write(first, out);
            out.push('|');
            write(second, out);
            out.push(')');
        }
        Node::Repeat(inner, least, most) => {
            out.push_str("(?:");
            write(inner, out);
            match (least, most) {
                (0, None) => out.push_str(")*"),
                (1, None) => out.push_str(")+"),
                (0, Some(1)) => out.push_str(")?"),
                (least, None) => out.push_str(&format!("){{{least},}}")),
                (least, Some(most)) => out.push_str(&format!("){{{least},{most}}}")),
            }
        }
    }
}
