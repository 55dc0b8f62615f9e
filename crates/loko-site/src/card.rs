//! The picture that other places show when somebody links to the site (<https://ogp.me>): the project's name, what it is, and
//! the landscape.

use crate::prose::escape_html;
use std::fmt::Write as _;

/// The path of the picture.
pub(crate) const FILE: &str = "og.png";
const WIDTH: u32 = 1200;
const HEIGHT: u32 = 630;
/// Letters of the description at most; the rest is left out.
const DESCRIPTION_MAX: usize = 88;

/// The card as SVG; `landscape` is a picture that stands alone.
pub(crate) fn svg(name: &str, description: &str, landscape: Option<&str>) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"Loko Sans\">\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/><rect width=\"{WIDTH}\" height=\"10\" fill=\"#2a62ae\"/>\
         <text x=\"60\" y=\"108\" font-size=\"58\" font-weight=\"700\" fill=\"#16202e\">{}</text>",
        escape_html(&short(name, 34)),
    );
    let _ = write!(
        out,
        "<text x=\"60\" y=\"160\" font-size=\"25\" fill=\"#445164\">{}</text>",
        escape_html(&short(description, DESCRIPTION_MAX)),
    );
    if let Some(inner) = landscape.and_then(framed) {
        out.push_str(&inner);
    }
    out.push_str("</svg>");
    out
}

/// The picture as a part of the card: its own size makes way for the place that it gets.
fn framed(svg: &str) -> Option<String> {
    let rest = &svg[svg.find("<svg")? + 4..];
    let (head, body) = rest.split_once('>')?;
    let kept: Vec<&str> =
        head.split_inclusive("\" ").filter(|it| !it.starts_with("width=") && !it.starts_with("height=")).collect();
    Some(format!("<svg x=\"60\" y=\"196\" width=\"1080\" height=\"402\"{}>{body}", kept.concat()))
}

fn short(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    let cut: String = text.chars().take(letters - 1).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end_matches([',', ';', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_a_picture() {
        let inner = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\" viewBox=\"0 0 9 9\"><rect width=\"9\" height=\"9\"/></svg>";
        let svg = svg("A & B", "word ".repeat(40).trim(), Some(inner));
        assert!(
            svg.contains("width=\"1080\" height=\"402\" xmlns") && svg.contains("A &amp; B") && svg.contains("…"),
            "{svg}"
        );
        assert!(loko_draw::png(&svg, 1.0).is_ok());
    }
}
