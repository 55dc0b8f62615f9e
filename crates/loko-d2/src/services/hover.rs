//! What an editor shows about the thing under the pointer.

use super::Document;
use crate::keywords;
use crate::names::{Homes, Mention, Role};
use crate::syntax::ast::{Key, Value};
use loko_source::Span;
use smol_str::SmolStr;
use std::fmt::Write as _;

/// A text about what is under the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// Markdown.
    pub text: String,
}

/// Tells about the name, value or arrow at an offset.
///
/// ```
/// let hover = loko_d2::services::hover("a.style.opacity: 0.5", 10).unwrap();
/// assert!(hover.text.contains("0 (invisible) to 1."));
/// ```
pub fn hover(text: &str, offset: usize) -> Option<Hover> {
    Document::alone(text).hover(offset)
}

impl Document<'_> {
    /// Tells about the name, value or arrow at an offset.
    pub fn hover(&self, offset: usize) -> Option<Hover> {
        if let Some(at) = self.import_at(offset) {
            let import = &self.names.imports[at].import;
            let path = self.path_of_import(at)?;
            return Some(Hover { span: import.span, text: format!("**file** `{path}`") });
        }
        let Some(mention) = self.names.at(self.at, offset) else { return self.hover_value(offset) };
        let text = match mention.role {
            Role::Keyword => hover_keyword(mention.target.path.last().or(mention.target.board.last())?)?,
            Role::Object => self.hover_object(mention),
            Role::Board => format!("**board** `{}`", mention.target.board.join(".")),
            Role::Class => self.hover_class(mention),
            Role::Variable => self.hover_variable(mention),
        };
        Some(Hover { span: mention.span, text })
    }

    fn hover_object(&self, mention: &Mention) -> String {
        let mut text = format!("**object** `{}`", mention.target.path.join("."));
        let homes = Homes::of(&self.names);
        let home = homes.home(Role::Object, &mention.target);
        let is_same = |other: &&Mention| other.role == Role::Object && homes.home(Role::Object, &other.target) == home;
        let mentions: Vec<&Mention> = self.names.mentions.iter().filter(is_same).collect();
        let keys = mentions.iter().filter(|other| other.is_subject).map(|other| self.key_of(other));
        let label = keys.rev().find_map(|key| key.primary.as_deref().or_else(|| key.scalar()));
        if let Some(label) = label {
            let _ = write!(text, "\n\n{}", label.scalar_text());
        }
        for word in ["shape", "class", "tooltip", "link"] {
            let target = mention.target.below(word);
            let set = self.names.of_target(Role::Keyword, &target).last();
            if let Some(value) = set.and_then(|set| self.key_of(set).scalar()) {
                let _ = write!(text, "\n\n{word}: {}", value.scalar_text());
            }
        }
        let edges = mentions.iter().filter(|mention| mention.in_edge).count();
        if edges > 0 {
            let _ = write!(text, "\n\n{edges} {} in edges", if edges == 1 { "mention" } else { "mentions" });
        }
        text
    }

    fn hover_class(&self, mention: &Mention) -> String {
        let mut text = format!("**class** `{}`", mention.target.path.last().map_or("", |name| name));
        let below = self.names.mentions.iter().filter(|other| {
            other.role == Role::Keyword && other.is_subject && other.target.starts_with(&mention.target)
        });
        for other in below {
            if let Some(value) = self.key_of(other).scalar() {
                let path = other.target.path[mention.target.path.len()..].join(".");
                let _ = write!(text, "\n\n{path}: {}", value.scalar_text());
            }
        }
        let uses = self.names.of_target(Role::Class, &mention.target).filter(|other| other.in_value).count();
        let _ = write!(text, "\n\nused {uses} {}", if uses == 1 { "time" } else { "times" });
        text
    }

    fn hover_variable(&self, mention: &Mention) -> String {
        let name = mention.target.path.iter().skip_while(|name| *name != "vars").skip(1);
        let name = name.map(SmolStr::as_str).collect::<Vec<_>>().join(".");
        let value = self.definition_of(mention).and_then(|definition| self.key_of(definition).scalar());
        let value = value.map(|value| format!(" = `{}`", value.scalar_text())).unwrap_or_default();
        format!("**variable** `{name}`{value}")
    }

    /// About a word that a keyword takes, or an arrow.
    fn hover_value(&self, offset: usize) -> Option<Hover> {
        let around = self.names.statements.iter().filter(|statement| statement.file == self.at);
        let around = around.filter(|statement| statement.key.span.touches(offset));
        let key: &Key = &around.min_by_key(|statement| statement.key.span.len())?.key;
        if let Some(edge) = key.edges.iter().find(|edge| edge.arrow.touches(offset)) {
            let ends = [&edge.source, &edge.target].map(|end| end.as_ref().map_or("", |path| self.source(path.span)));
            let kind = match (edge.source_arrow, edge.target_arrow) {
                (None, None) => "joins",
                (Some(_), Some(_)) => "goes both ways between",
                (None, Some(_)) => "goes from left to right between",
                (Some(_), None) => "goes from right to left between",
            };
            return Some(Hover { span: edge.arrow, text: format!("**edge** {kind} `{}` and `{}`", ends[0], ends[1]) });
        }
        let value: &Value = key.values().find(|value| value.is_scalar() && value.span().touches(offset))?;
        let path = key.edge_key.as_deref().or(key.key.as_ref())?;
        let word = path.elements.last().filter(|last| last.is_unquoted())?.as_str();
        let text = keywords::describe_value(word, &value.scalar_text())?;
        Some(Hover { span: value.span(), text: format!("**{}**\n\n{text}", value.scalar_text()) })
    }
}

fn hover_keyword(word: &str) -> Option<String> {
    let mut text = format!("**{word}**\n\n{}", keywords::describe(word)?);
    let values = keywords::values(word);
    // Short lists stand in the description already.
    if values.len() > 6 {
        let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
        let _ = write!(text, "\n\n{}", values.join(" "));
    }
    Some(text)
}
