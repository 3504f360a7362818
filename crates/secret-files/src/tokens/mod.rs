//! draft
pub(crate) fn comment_names_a_secret(text: &str) -> bool {
    text.contains("password is")
}
