use super::Namespace;
pub(super) const NAMESPACE: Namespace = Namespace {
    name: "strings",
    functions: &[],
    ..Namespace::EMPTY
};
