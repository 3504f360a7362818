//! What is worth knowing beside the verdict: places where plaintext hides from sops.

use crate::tree::{NodeId, Tree};
use crate::{Code, EncryptionRule, FileFacts, Problem, Span, State};

/// sops ignores everything after the JSON object.
pub(super) fn trailing(tree: &Tree<'_>, source: &str, facts: &mut FileFacts) {
    let Some(end) = tree.end else { return };
    let rest = source.get(end..).unwrap_or_default();
    if !rest.trim().is_empty() {
        let message = format!(
            "{} bytes follow the JSON object; sops ignores them, encrypted or not",
            rest.trim().len()
        );
        facts.problems.push(Problem::new(
            Code::TrailingBytes,
            Span::new(end, source.len()),
            message,
        ));
    }
}

/// sops repeats its metadata in every document, but reads the first one's only. A copy with
/// another MAC means that the documents are not from one run of sops, or that the file is cut.
pub(super) fn copies(tree: &Tree<'_>, facts: &mut FileFacts) {
    let mac = |root: NodeId| {
        let (_, metadata) = tree.get(root, "sops")?;
        let (_, mac) = tree.get(metadata, "mac")?;
        tree.string(mac)
    };
    let Some((first, later)) = tree.documents.split_first() else {
        return;
    };
    for root in later {
        if let Some((key, _)) = tree
            .get(*root, "sops")
            .filter(|_| mac(*root) != mac(*first))
        {
            let span = tree.node(key).map_or_else(Span::default, |node| node.span);
            let message = "the metadata of this document is not that of the first one: the documents were encrypted one by \
                           one, and sops decrypts all of them with the metadata of the first";
            if facts.state == State::Encrypted {
                facts.state = State::Broken;
            }
            facts
                .problems
                .push(Problem::new(Code::MetadataCopyDiffers, span, message));
        }
    }
}

/// Plaintext comments are outside of the MAC: sops never notices a password in one.
pub(super) fn comments(tree: &Tree<'_>, rule: &EncryptionRule, facts: &mut FileFacts) {
    let by_comment = matches!(
        rule,
        EncryptionRule::EncryptedCommentRegex(_) | EncryptionRule::UnencryptedCommentRegex(_)
    );
    if by_comment {
        return;
    }
    for comment in tree.comments() {
        let is_ciphertext = comment.text.trim_start().starts_with("ENC[");
        if !is_ciphertext && crate::tokens::comment_names_a_secret(&comment.text) {
            let message = "a plaintext comment that looks like a credential";
            facts
                .problems
                .push(Problem::new(Code::PlaintextComment, comment.span, message));
        }
    }
}
