//! Cutting what pages send to bounded lengths.

/// The first `max` characters, with an ellipsis where something was cut.
pub(super) fn clip_text(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
