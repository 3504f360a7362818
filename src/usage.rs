//! What the user has to change in the command line or the input.

use crate::display::escape;

/// A message for standard error, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UsageError {
    message: String,
    help: Vec<String>,
}

impl UsageError {
    /// An error with a message of one line.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Vec::new(),
        }
    }

    /// With what to do next.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// With the candidate that is most like `name`, if one is.
    pub(crate) fn did_you_mean<'a>(
        self,
        name: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let best = closest(name, candidates);
        match best {
            Some(candidate) => self.help(format!("did you mean {candidate}?")),
            None => self,
        }
    }
}

/// The candidate that is most like `name`, if one is like it enough to be meant.
pub(crate) fn closest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    /// In bytes: to compare takes the product of the lengths, and no name that is meant is longer.
    const LONGEST: usize = 256;
    candidates
        .into_iter()
        .filter(|candidate| name.len() <= LONGEST && candidate.len() <= LONGEST)
        .map(|candidate| (likeness(name, candidate), candidate))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.75)
        .map(|(_, candidate)| candidate)
}

/// From 0 to 1, the same.
fn likeness(name: &str, candidate: &str) -> f64 {
    /// What one slip of a finger is worth: in a short word it weighs too much otherwise.
    const ONE_SLIP: f64 = 0.9;
    let is_slip = name.len() > 2 && strsim::osa_distance(name, candidate) == 1;
    let likeness = strsim::jaro_winkler(name, candidate);
    if is_slip {
        likeness.max(ONE_SLIP)
    } else {
        likeness
    }
}

impl std::fmt::Display for UsageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "error: {}", escape(&self.message))?;
        for help in &self.help {
            write!(f, "\n  help: {}", escape(help))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn letters_in_the_wrong_order_are_a_slip() {
        assert_eq!(closest("mpc", ["access", "mcp", "files"]), Some("mcp"));
        assert_eq!(closest("zzz", ["access", "mcp", "files"]), None);
    }
}
