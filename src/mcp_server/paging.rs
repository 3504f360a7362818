//! Lists in pages that an agent can afford to read.

use rmcp::schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The most that the entries of one page take, in bytes of JSON: about 2,500 tokens. At least one is given.
const BUDGET: usize = 9_000;

/// How many entries a page has at most, unless the agent says.
const ENTRIES: usize = 20;

/// Which part of a list is asked for.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(default)]
pub(super) struct Paging {
    /// The most entries to return; 20 unless given. A page may have fewer, so that it stays short.
    #[schemars(range(min = 1, max = 200))]
    pub(super) limit: Option<usize>,
    /// The `next_cursor` of the page before, with the same other arguments.
    pub(super) cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) entries: Vec<T>,
    /// How many entries there are on all pages.
    pub(super) total: usize,
    /// What gives the next page; `None` on the last.
    pub(super) next_cursor: Option<String>,
}

/// The part of a list that is asked for.
///
/// # Errors
///
/// If the cursor is none of this list, which may have changed since.
pub(super) fn page<T: Serialize>(all: Vec<T>, asked: &Paging) -> Result<Page<T>, String> {
    let written: Result<Vec<String>, _> = all.iter().map(serde_json::to_string).collect();
    let written = written.map_err(|error| error.to_string())?;
    let state = state(&written);
    let first = match &asked.cursor {
        None => 0,
        Some(cursor) => position(cursor, &state)?,
    };
    let most = asked.limit.unwrap_or(ENTRIES).max(1);
    let mut size = 0;
    let sizes = written.iter().skip(first).take(most);
    let fit = sizes.take_while(|entry| {
        size += entry.len();
        size <= BUDGET
    });
    let count = fit.count().max(1);
    let total = all.len();
    let entries: Vec<T> = all.into_iter().skip(first).take(count).collect();
    let end = first + entries.len();
    Ok(Page {
        entries,
        total,
        next_cursor: (end < total).then(|| format!("{end}-{state}")),
    })
}

/// The position that a cursor of this state of a list stands for.
fn position(cursor: &str, state: &str) -> Result<usize, String> {
    let parts = cursor.split_once('-');
    let position = parts.and_then(|(position, of)| Some((position.parse().ok()?, of)));
    match position {
        Some((position, of)) if of == state => Ok(position),
        Some(_) => Err(
            "this cursor is of another list: the project or the arguments have changed since; \
             ask again without a cursor"
                .to_owned(),
        ),
        None => Err("this is no cursor: take next_cursor of the page before".to_owned()),
    }
}

/// Differs when the list does: 12 hexadecimal digits.
fn state(written: &[String]) -> String {
    let mut hash = Sha256::new();
    for entry in written {
        hash.update((entry.len() as u64).to_le_bytes());
        hash.update(entry);
    }
    let digits = hash.finalize();
    digits
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The first names of many, and how many more there are.
pub(super) fn first<T>(mut all: Vec<T>, most: usize) -> (Vec<T>, usize) {
    let more = all.len().saturating_sub(most);
    all.truncate(most);
    (all, more)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(limit: Option<usize>, cursor: Option<String>) -> Paging {
        Paging { limit, cursor }
    }

    #[test]
    fn pages_make_up_the_list() {
        let all: Vec<u32> = (0..53).collect();
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let part = page(all.clone(), &asked(Some(10), cursor)).unwrap();
            assert_eq!(part.total, 53);
            seen.extend(part.entries);
            cursor = part.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn a_page_stays_within_its_budget_and_has_an_entry() {
        let entry = "x".repeat(BUDGET / 2 - 10);
        let all = vec![entry; 5];
        assert_eq!(page(all, &asked(None, None)).unwrap().entries.len(), 2);
        let huge = vec!["x".repeat(BUDGET * 2); 2];
        assert_eq!(page(huge, &asked(None, None)).unwrap().entries.len(), 1);
        let none: Vec<u32> = Vec::new();
        assert!(
            page(none, &asked(None, None))
                .unwrap()
                .next_cursor
                .is_none()
        );
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let first = page(vec![1, 2, 3], &asked(Some(1), None)).unwrap();
        let again = |all: Vec<u32>, cursor: &str| {
            page(all, &asked(Some(1), Some(cursor.to_owned()))).is_ok()
        };
        let cursor = first.next_cursor.unwrap();
        assert!(again(vec![1, 2, 3], &cursor));
        assert!(!again(vec![1, 2, 4], &cursor));
        assert!(!again(vec![1, 2, 3], "x"));
        assert!(again(vec![1, 2, 3], &cursor.replace("1-", "99-")));
    }
}
