//! Nothing that was recognised as a credential is part of a finding's text.

use inventory::secret_files::scan;
use inventory::{CredentialKind, Inventory, SourceMap};

use crate::Diagnostic;

/// Shorter texts, in bytes, are words that occur in any sentence.
const SHORTEST: usize = 8;

/// The credentials that were found by their names.
#[derive(Debug, Default)]
pub(crate) struct Cover {
    texts: Vec<String>,
}

impl Cover {
    /// Those of an inventory.
    pub(crate) fn of(inventory: &Inventory, sources: &SourceMap) -> Self {
        let credentials = inventory.repository.credentials.iter();
        let named = credentials.filter(|it| matches!(it.kind, CredentialKind::Named { .. }));
        let mut texts: Vec<String> = named
            .filter_map(|credential| {
                let at = credential.at;
                let source = sources.get(at.file)?;
                let text = source.text().get(at.start as usize..at.end as usize)?;
                let text = text.trim_matches(['"', '\'', ' ', '\n']);
                // `Bearer …`, `--token=…`
                let value = text.rsplit([' ', '=']).next().unwrap_or(text);
                (value.len() >= SHORTEST).then(|| value.to_owned())
            })
            .collect();
        texts.sort_unstable();
        texts.dedup();
        Self { texts }
    }

    /// Covers whatever a finding says; changes of fixes hold no credentials.
    pub(crate) fn diagnostic(&self, found: &mut Diagnostic) {
        self.text(&mut found.message);
        self.text(&mut found.subject);
        let labels = found.primary.iter_mut().chain(&mut found.secondary);
        labels.for_each(|label| self.text(&mut label.text));
        if let Some(note) = &mut found.note {
            self.text(note);
        }
        if let Some(help) = &mut found.help {
            self.text(&mut help.text);
            if let Some(code) = &mut help.code {
                self.text(code);
            }
        }
    }

    fn text(&self, text: &mut String) {
        for hidden in &self.texts {
            if text.contains(hidden.as_str()) {
                *text = text.replace(hidden.as_str(), "…");
            }
        }
        let found = scan(&*text);
        for finding in found.iter().rev() {
            let range = finding.span.start..finding.span.end;
            if text.get(range.clone()).is_some() {
                text.replace_range(range, "…");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_covered_wherever_it_stands() {
        let cover = Cover {
            texts: vec!["k7Qd2mXv9LbT4sRw".to_owned()],
        };
        let token = format!("ghp_{}", "a1B2".repeat(9));
        let mut text = format!("needs {token} at /run/secrets, and k7Qd2mXv9LbT4sRw");
        cover.text(&mut text);
        assert_eq!(text, "needs … at /run/secrets, and …");
    }
}
