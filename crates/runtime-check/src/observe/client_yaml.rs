//! Configuration of MCP clients in YAML, event by event: nothing but the value at hand is kept.

use granit_parser::{Event, Parser};

use super::client::{Broken, Walk};

/// Deepest nesting that is followed: clients' files have less, and each level costs memory.
const MAX_DEPTH: usize = 128;

/// What is open around a value.
enum Level {
    /// A mapping, and whether its next scalar is a name.
    Mapping { is_name_next: bool },
    /// A sequence, and the number of its next value.
    Sequence { next: usize },
    /// Something whose values are not looked at.
    Skipped,
}

/// Looks at every text of a file. Aliases are not followed: what they stand for is looked at where it is written.
pub(super) fn read(bytes: &[u8], mut walk: Walk<'_>) -> Result<(), Broken> {
    let text = std::str::from_utf8(bytes).map_err(|_| (1, 1))?;
    let mut levels: Vec<Level> = Vec::new();
    // Whether `walk` has a name for the value that comes.
    let mut is_entered = false;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let at = error.marker();
            (at.line(), at.col() + 1)
        })?;
        let here = (span.start.line(), span.start.col() + 1);
        // No client has a name that is no text; what follows would be taken for one.
        let is_name = matches!(levels.last(), Some(Level::Mapping { is_name_next: true }));
        let begins_a_value = matches!(
            event,
            Event::MappingStart(..) | Event::SequenceStart(..) | Event::Alias(..)
        );
        if is_name && begins_a_value {
            return Err(here);
        }
        match event {
            Event::Scalar(value, ..) => {
                if let Some(Level::Mapping { is_name_next }) = levels.last_mut()
                    && *is_name_next
                {
                    *is_name_next = false;
                    is_entered = walk.enter(value.into_owned());
                    continue;
                }
                if begins(&mut levels, &mut walk, &mut is_entered) {
                    walk.look(&value);
                }
                ends(&mut levels, &mut walk, &mut is_entered);
            }
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                if levels.len() >= MAX_DEPTH {
                    return Err(here);
                }
                let is_looked_at = begins(&mut levels, &mut walk, &mut is_entered);
                levels.push(match event {
                    _ if !is_looked_at => Level::Skipped,
                    Event::MappingStart(..) => Level::Mapping { is_name_next: true },
                    _ => Level::Sequence { next: 0 },
                });
            }
            Event::MappingEnd | Event::SequenceEnd => {
                let closed = levels.pop();
                is_entered = !matches!(closed, Some(Level::Skipped)) && !levels.is_empty();
                ends(&mut levels, &mut walk, &mut is_entered);
            }
            Event::Alias(..) => {
                let _ = begins(&mut levels, &mut walk, &mut is_entered);
                ends(&mut levels, &mut walk, &mut is_entered);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Goes to a value of what is open; whether it is to be looked at.
fn begins(levels: &mut [Level], walk: &mut Walk<'_>, is_entered: &mut bool) -> bool {
    match levels.last_mut() {
        Some(Level::Sequence { next }) => {
            *is_entered = walk.enter(next.to_string());
            *next += 1;
            *is_entered
        }
        Some(Level::Mapping { .. }) => *is_entered,
        Some(Level::Skipped) => false,
        None => true,
    }
}

/// Goes back from a value.
fn ends(levels: &mut [Level], walk: &mut Walk<'_>, is_entered: &mut bool) {
    if *is_entered {
        walk.leave();
        *is_entered = false;
    }
    if let Some(Level::Mapping { is_name_next }) = levels.last_mut() {
        *is_name_next = true;
    }
}
