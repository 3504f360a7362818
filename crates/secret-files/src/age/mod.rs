//! draft
/// Draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgeFacts {}
