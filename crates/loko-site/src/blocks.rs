//! The blocks of templates: which there are, and which of a workspace's own would be shown nowhere.

use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Span};

/// A block that a template has.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block<'t> {
    pub name: &'t str,
    /// Where the name begins.
    start: usize,
    /// How many blocks stand around it.
    depth: usize,
}

/// The blocks of a template in their order, comments left out.
pub(crate) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    for (start, tag) in tags(text) {
        let mut words = tag.split_ascii_whitespace();
        match words.next() {
            Some("block") => {
                if let Some(name) = words.next() {
                    let at = tag.find("block").unwrap_or(0) + "block".len();
                    let at = at + tag[at..].find(name).unwrap_or(0);
                    found.push(Block { name, start: start + at, depth });
                }
                depth += 1;
            }
            Some("endblock") => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    found
}

/// The template that a template extends.
pub(crate) fn parent(text: &str) -> Option<&str> {
    let (_, tag) = tags(text).find(|(_, tag)| tag.starts_with("extends"))?;
    Some(tag.strip_prefix("extends")?.trim().trim_matches(['"', '\'']))
}

/// Findings for blocks that no template above has, so that nobody would ever see them; `text_of` gives the templates.
pub(crate) fn unknown<'t>(file: &FilePath, text: &str, text_of: impl Fn(&str) -> Option<&'t str>) -> Vec<Diagnostic> {
    /// Templates above each other at most; a circle ends here.
    const PARENTS_MAX: usize = 16;
    let mut known: Vec<&str> = Vec::new();
    let mut above = parent(text).map(str::to_owned);
    if above.is_none() {
        return Vec::new();
    }
    for _ in 0..PARENTS_MAX {
        let Some(name) = above else { break };
        // One that there is not is told when pages are made.
        let Some(text) = text_of(&name) else { return Vec::new() };
        known.extend(blocks(text).iter().map(|block| block.name));
        above = parent(text).map(str::to_owned);
    }
    let is_unknown = |block: &Block<'_>| block.depth == 0 && !known.contains(&block.name);
    let told = |block: Block<'_>| {
        let message = format!("there is no block `{}` to fill: nobody will see what stands in it", block.name);
        let help = did_you_mean(block.name, known.iter().copied())
            .unwrap_or_else(|| format!("the blocks are {}", known.join(", ")));
        let span = Span::new(block.start, block.start + block.name.len());
        Diagnostic::warning("unknown-block", message).at(file, span, "").help(help)
    };
    blocks(text).into_iter().filter(is_unknown).map(told).collect()
}

/// What stands between `{%` and `%}`, each with where it begins.
fn tags(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let open = at + text[at..].find("{%").unwrap_or(text.len() - at);
            let comment = at + text[at..].find("{#").unwrap_or(text.len() - at);
            if comment < open {
                at = text[comment..].find("#}").map_or(text.len(), |end| comment + end + 2);
                continue;
            }
            let inner = text.get(open + 2..)?;
            let end = inner.find("%}")?;
            at = open + 2 + end + 2;
            let tag = inner[..end].trim_start_matches(['-', '+']).trim_start();
            return Some((open + 2 + end - tag.len(), tag.trim_end_matches(['-', '+']).trim_end()));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str =
        "{% block head %}{% endblock %}<main>{%- block content -%}{% block inner %}{% endblock %}{% endblock %}";

    fn told(text: &str) -> Vec<(String, String)> {
        let path = FilePath::new("theme/templates/element.html").expect("a path");
        let found = unknown(&path, text, |name| (name == "loko/base.html").then_some(BASE));
        let place = |it: &Diagnostic| {
            let span = it.primary.as_ref().expect("a place").place.span;
            text[span.start as usize..span.end as usize].to_owned()
        };
        found.iter().map(|it| (place(it), it.help.as_deref().unwrap_or_default().to_owned())).collect()
    }

    #[test]
    fn blocks_are_found_in_their_depth() {
        let names: Vec<(&str, usize)> = blocks(BASE).iter().map(|it| (it.name, it.depth)).collect();
        assert_eq!(names, [("head", 0), ("content", 0), ("inner", 1)]);
        assert_eq!(blocks("{# {% block a %} #}{% if x %}{% block"), []);
    }

    #[test]
    fn misspelt_blocks_are_told_with_their_place() {
        let own = "{% extends \"loko/base.html\" %}\n{% block contnet %}{% block mine %}{% endblock %}{% endblock %}{%- block head %}{% endblock %}";
        let told = told(own);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].0, "contnet");
        assert!(told[0].1.contains("content"), "{told:?}");
    }

    #[test]
    fn templates_that_extend_nothing_have_whatever_blocks_they_want() {
        assert_eq!(told("{% block anything %}{% endblock %}"), []);
        assert_eq!(told("{% extends \"gone.html\" %}{% block anything %}{% endblock %}"), []);
        assert_eq!(told("{% extends"), []);
    }
}
