//! Lines of a text as byte offsets, for edits that take or give whole lines.

/// Where the line of an offset begins.
pub(crate) fn start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Where the line of an offset ends, its line break included.
pub(crate) fn end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1)
}

/// The blanks that the line of an offset begins with.
pub(crate) fn indent(text: &str, at: usize) -> &str {
    let line = &text[start(text, at)..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Whether only blanks stand before an offset on its line.
pub(crate) fn is_first_on_line(text: &str, at: usize) -> bool {
    text[start(text, at)..at].chars().all(|c| c == ' ' || c == '\t')
}

/// The line break of a text: that of its first line.
pub(crate) fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// The end of what is written before `at`, blanks and line breaks left out, but not before `from`.
pub(crate) fn trimmed_end(text: &str, from: usize, at: usize) -> usize {
    from + text[from..at].trim_end().len()
}
