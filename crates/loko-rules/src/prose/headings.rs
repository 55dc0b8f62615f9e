//! The headings of prose and their anchors: what a link's fragment can name. Pages are made by the same rules.

use comrak::nodes::{AstNode, NodeValue};
use loko_model::name::{self, slug};
use std::collections::BTreeSet;

/// What the ids of a page's own sections start with, which no heading of prose takes.
const OWN: &str = "s-";

/// A heading of prose.
#[derive(Debug)]
pub struct Heading<'a> {
    /// Where it stands.
    pub node: &'a AstNode<'a>,
    /// Its words, without the anchor that it names.
    pub text: String,
    /// How links reach it; nothing for a first heading that only repeats the page's own, which pages leave out.
    pub anchors: Option<Anchors>,
}

/// The names that lead to a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchors {
    /// The one that it names itself, else that of its words.
    pub id: String,
    /// That of its words.
    pub by_words: String,
}

/// The headings below `root`, which lose the anchors that they name. The page shows `title` already.
pub fn headings<'a>(root: &'a AstNode<'a>, title: &str) -> Vec<Heading<'a>> {
    let nodes: Vec<_> = root.descendants().filter(|node| matches!(node.data().value, NodeValue::Heading(_))).collect();
    // What a heading names is its own, whatever the words of the others would give.
    let own: Vec<Option<String>> = nodes.iter().map(|node| take_anchor(node)).collect();
    let mut taken: BTreeSet<String> = own.iter().flatten().cloned().collect();
    let mut given = BTreeSet::new();
    let mut is_first = true;
    let reached = |(node, own): (&'a AstNode<'a>, Option<String>)| {
        let text = text_of(node);
        let is_top = matches!(&node.data().value, NodeValue::Heading(heading) if heading.level == 1);
        if std::mem::take(&mut is_first) && is_top && bare(&text) == bare(title) {
            return Heading { node, text, anchors: None };
        }
        // Of several that name the same, the first one has it.
        let own = own.filter(|own| given.insert(own.clone()));
        let words = slug(&text);
        let by_words = if own.as_ref() == Some(&words) { words } else { unique(&mut taken, words) };
        Heading { node, text, anchors: Some(Anchors { id: own.unwrap_or_else(|| by_words.clone()), by_words }) }
    };
    nodes.into_iter().zip(own).map(reached).collect()
}

/// Drops headings below which nobody wrote anything yet: only comments, as a new element's page asks its questions in.
pub fn drop_unwritten<'a>(root: &'a AstNode<'a>) {
    let nodes: Vec<&'a AstNode<'a>> = root.children().collect();
    let mut comments: Vec<&'a AstNode<'a>> = Vec::new();
    let (mut is_written, mut kept, mut dropped) = (false, None, None);
    // From the end, so that a section is known when its heading comes up.
    for node in nodes.into_iter().rev() {
        let level = match &node.data.borrow().value {
            NodeValue::HtmlBlock(block) if is_comment(&block.literal) => {
                comments.push(node);
                continue;
            }
            NodeValue::Heading(heading) => heading.level,
            _ => {
                is_written = true;
                continue;
            }
        };
        let has_sections = kept.is_some_and(|kept| kept > level);
        let was_asked = !comments.is_empty() || dropped.is_some_and(|dropped| dropped > level);
        if !is_written && !has_sections && was_asked {
            comments.iter().for_each(|comment| comment.detach());
            node.detach();
            dropped = Some(level);
        } else {
            kept = Some(level);
            dropped = None;
        }
        comments.clear();
        is_written = false;
    }
}

fn is_comment(html: &str) -> bool {
    let html = html.trim();
    html.starts_with("<!--") && html.ends_with("-->")
}

/// A title without case, punctuation and a leading number: `1. Use PostgreSQL` repeats `Use PostgreSQL`.
fn bare(title: &str) -> String {
    slug(title).trim_start_matches(|it: char| it.is_ascii_digit() || it == '-').to_owned()
}

fn text_of<'a>(node: &'a AstNode<'a>) -> String {
    let mut text = String::new();
    for inner in node.descendants() {
        match &inner.data().value {
            NodeValue::Text(part) => text.push_str(part),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
            _ => {}
        }
    }
    text
}

/// Takes the anchor that a heading names out of its words.
fn take_anchor(heading: &AstNode<'_>) -> Option<String> {
    let last = heading.last_child()?;
    let mut data = last.data_mut();
    let NodeValue::Text(text) = &mut data.value else { return None };
    let (words, anchor) = name::heading(text);
    let (words, anchor) = (words.to_owned(), anchor?.to_owned());
    let is_all = words.is_empty() && last.previous_sibling().is_none();
    if is_all || anchor.starts_with(OWN) {
        return None;
    }
    *text = words.into();
    Some(anchor)
}

fn unique(taken: &mut BTreeSet<String>, name: String) -> String {
    let name = if name.is_empty() || name.starts_with(OWN) { format!("section-{name}") } else { name };
    let mut id = name.clone();
    let mut count = 1;
    while !taken.insert(id.clone()) {
        count += 1;
        id = format!("{name}-{count}");
    }
    id
}

#[cfg(test)]
mod tests {
    use super::super::markdown_options;
    use super::*;
    use comrak::{Arena, format_commonmark, parse_document};

    #[test]
    fn sections_that_only_ask_are_not_shown() {
        let arena = Arena::new();
        let text = "# A\n\n## B\n\n<!-- What? -->\n\n## C\n\nText.\n\n### D\n\n<!-- Why? -->\n\n## E\n\n### F\n\n<!-- How? -->\n\n## G\n";
        let root = parse_document(&arena, text, &markdown_options());
        drop_unwritten(root);
        let mut shown = String::new();
        format_commonmark(root, &markdown_options(), &mut shown).expect("writing to a String does not fail");
        assert_eq!(shown, "# A\n\n## C\n\nText.\n\n## G\n");
    }
}
