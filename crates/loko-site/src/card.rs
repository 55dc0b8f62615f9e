//! The pictures that other places show when somebody links to the site (<https://ogp.me>): the project's name, what it is,
//! and the landscape; for pages of a system and of what is in it the system's name and picture.

use crate::address::file_stem;
use crate::prose::escape_html;
use crate::site::Site;
use loko_model::{ElementIx, Kind};
use std::fmt::Write as _;

/// The path of the picture.
pub(crate) const FILE: &str = "og.png";
const WIDTH: u32 = 1200;
const HEIGHT: u32 = 630;
/// The folder of the pictures of systems.
const FOLDER: &str = "og";
/// Systems that get a picture of their own at most: drawing one takes as long as several pages.
const SYSTEMS_MAX: usize = 40;
/// Letters of the description at most; the rest is left out.
const DESCRIPTION_MAX: usize = 88;

/// The pictures of our own systems, each with what it is of; a system that nothing is drawn of has none.
pub(crate) fn of_systems(site: &Site<'_>) -> Vec<(String, ElementIx)> {
    let own = site.model.of_kind(Kind::System).filter(|ix| !site.model.element(*ix).external);
    let drawn = own.filter(|ix| !site.drawings_of(*ix).is_empty()).take(SYSTEMS_MAX);
    drawn.map(|ix| (format!("{FOLDER}/{}.png", file_stem(&site.model.element(ix).id)), ix)).collect()
}

impl Site<'_> {
    /// The picture of a page: that of the system whose page it is, or that its element is in; else that of the whole.
    pub(crate) fn card_of(&self, page: &str) -> &str {
        let outermost = self.element_of_page(page).and_then(|ix| self.model.ancestry(ix).last());
        let own = outermost.and_then(|system| self.cards.iter().find(|(_, ix)| *ix == system));
        own.map_or(FILE, |(path, _)| path)
    }
}

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
