//! Indentation of block strings and block comments: what is common to all lines is not part of the text.

/// The width that a tab counts for.
const TAB_WIDTH: usize = 2;

/// Takes the white space behind the last line off, and an empty last line with it.
pub(super) fn trim_last_line(text: &str) -> &str {
    match text.rfind('\n') {
        None => text.trim_end(),
        Some(newline) => {
            let last = text[newline + 1..].trim_end();
            if last.is_empty() { &text[..newline] } else { &text[..newline + 1 + last.len()] }
        }
    }
}

/// Takes the indentation that all lines share off each of them.
pub(super) fn trim_common_indent(text: &str) -> String {
    match common_indent(text) {
        None => text.to_owned(),
        Some(width) => {
            let lines: Vec<&str> = text.split('\n').map(|line| without_indent(line, width)).collect();
            lines.join("\n")
        }
    }
}

/// The smallest indentation of the lines that hold text; none when there is nothing to take off.
fn common_indent(text: &str) -> Option<usize> {
    let mut common: Option<usize> = None;
    for line in text.split('\n').filter(|line| !line.is_empty()) {
        let rest = line.trim_start();
        let width = indent_width(&line[..line.len() - rest.len()]);
        if width == 0 {
            return None;
        }
        if !rest.is_empty() {
            common = Some(common.map_or(width, |least| least.min(width)));
        }
    }
    common
}

fn char_width(c: char) -> usize {
    if c == '\t' { TAB_WIDTH } else { c.len_utf8() }
}

fn indent_width(indent: &str) -> usize {
    indent.chars().map(char_width).sum()
}

/// The line behind its first `width` columns of white space.
fn without_indent(line: &str, width: usize) -> &str {
    let mut seen = 0;
    for (at, c) in line.char_indices() {
        if seen == width || !c.is_whitespace() {
            return &line[at..];
        }
        seen += char_width(c);
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_indentation_goes() {
        assert_eq!(trim_common_indent("  a\n    b\n\n  c"), "a\n  b\n\nc");
        assert_eq!(trim_common_indent("a\n  b"), "a\n  b");
        assert_eq!(trim_common_indent("\ta\n\t\tb"), "a\n\tb");
        assert_eq!(trim_last_line("a  \n  "), "a  ");
        assert_eq!(trim_last_line("a  \n b "), "a  \n b");
    }
}
