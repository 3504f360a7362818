//! Configuration of MCP clients in YAML: every value where it is used, through aliases and merge keys.

use std::collections::HashMap;

use granit_parser::{Event, Parser};

use super::client::{Broken, Walk};

/// Deepest nesting that is followed, aliases included: clients' files have less.
const MAX_DEPTH: usize = 128;

/// Most events that are kept, at some hundred bytes each, and most that are walked: aliases of aliases
/// stand for any number of values.
const MAX_EVENTS: usize = 500_000;

/// Why not every text of a file was looked at.
pub(super) enum Unread {
    /// It is not YAML, or none that a client reads: line and column.
    Broken(Broken),
    /// It stands for more than is looked at.
    TooMuch,
}

impl From<Broken> for Unread {
    fn from(at: Broken) -> Self {
        Self::Broken(at)
    }
}

/// Looks at every text of a file.
pub(super) fn read(bytes: &[u8], walk: Walk<'_>) -> Result<(), Unread> {
    let text = std::str::from_utf8(bytes).map_err(|_| (1, 1))?;
    let mut events = Vec::new();
    let mut anchors = HashMap::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let at = error.marker();
            (at.line(), at.col() + 1)
        })?;
        if events.len() >= MAX_EVENTS {
            return Err(Unread::TooMuch);
        }
        if let Some(anchor) = event.anchor_id() {
            anchors.insert(anchor, events.len());
        }
        events.push((event, (span.start.line(), span.start.col() + 1)));
    }
    let mut values = Values {
        events: &events,
        anchors: &anchors,
        walk,
        walked: 0,
    };
    let mut at = 0;
    while let Some((event, _)) = events.get(at) {
        at = match event.is_node() {
            true => values.value(at, 0, true)?,
            false => at + 1,
        };
    }
    Ok(())
}

/// The values of a file.
struct Values<'e, 'w> {
    events: &'e [(Event<'e>, Broken)],
    /// The event that each anchor is at.
    anchors: &'e HashMap<usize, usize>,
    walk: Walk<'w>,
    /// How many events were walked.
    walked: usize,
}

impl<'e> Values<'e, '_> {
    /// Walks over the value at an event; gives the event after it.
    fn value(&mut self, at: usize, depth: usize, is_looked_at: bool) -> Result<usize, Unread> {
        self.walked += 1;
        if self.walked > MAX_EVENTS {
            return Err(Unread::TooMuch);
        }
        let Some((event, here)) = self.events.get(at) else {
            return Ok(at + 1);
        };
        if depth > MAX_DEPTH {
            return Err(Unread::Broken(*here));
        }
        match event {
            Event::Scalar(text, ..) => {
                if is_looked_at {
                    self.walk.look(text);
                }
                Ok(at + 1)
            }
            Event::Alias(anchor) => {
                let start = self.anchors.get(anchor).copied().filter(|_| is_looked_at);
                if let Some(start) = start {
                    self.value(start, depth + 1, true)?;
                }
                Ok(at + 1)
            }
            Event::SequenceStart(..) => self.sequence(at + 1, depth, is_looked_at, true),
            Event::MappingStart(..) => self.mapping(at + 1, depth, is_looked_at),
            _ => Ok(at + 1),
        }
    }

    /// Whether a sequence or mapping ends at an event.
    fn is_end(&self, at: usize) -> bool {
        let event = self.events.get(at).map(|(event, _)| event);
        matches!(
            event,
            None | Some(Event::SequenceEnd | Event::MappingEnd | Event::DocumentEnd)
        )
    }

    fn sequence(
        &mut self,
        mut at: usize,
        depth: usize,
        is_looked_at: bool,
        has_places: bool,
    ) -> Result<usize, Unread> {
        let mut index = 0_usize;
        while !self.is_end(at) {
            if has_places && is_looked_at {
                let is_entered = self.walk.enter(index.to_string());
                at = self.value(at, depth + 1, is_entered)?;
                if is_entered {
                    self.walk.leave();
                }
            } else {
                at = self.value(at, depth + 1, is_looked_at)?;
            }
            index += 1;
        }
        Ok(at + 1)
    }

    fn mapping(
        &mut self,
        mut at: usize,
        depth: usize,
        is_looked_at: bool,
    ) -> Result<usize, Unread> {
        while !self.is_end(at) {
            let name = self.name(at)?;
            at += 1;
            at = if name == "<<" {
                self.merged(at, depth, is_looked_at)?
            } else if is_looked_at && self.walk.enter(name.to_owned()) {
                let next = self.value(at, depth + 1, true)?;
                self.walk.leave();
                next
            } else {
                self.value(at, depth + 1, false)?
            };
        }
        Ok(at + 1)
    }

    /// What a merge key adds to the mapping it is in: its names are that mapping's.
    fn merged(&mut self, at: usize, depth: usize, is_looked_at: bool) -> Result<usize, Unread> {
        match self.events.get(at) {
            Some((Event::SequenceStart(..), _)) => {
                self.sequence(at + 1, depth + 1, is_looked_at, false)
            }
            _ => self.value(at, depth + 1, is_looked_at),
        }
    }

    /// The name at an event. No client has one that is no text.
    fn name(&self, at: usize) -> Result<&'e str, Unread> {
        let event = |at: usize| self.events.get(at).map(|(event, _)| event);
        let named = match event(at) {
            Some(Event::Alias(anchor)) => self.anchors.get(anchor).and_then(|at| event(*at)),
            named => named,
        };
        match named {
            Some(Event::Scalar(name, ..)) => Ok(name),
            _ => Err(Unread::Broken(
                self.events.get(at).map_or((1, 1), |it| it.1),
            )),
        }
    }
}
