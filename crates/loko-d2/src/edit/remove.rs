//! Taking statements out, and what nothing is left of.

use super::Document;
use super::paths::{EdgeAddress, edge_addresses, resolve};
use crate::names::{Mention, Role, Statement, Target};
use crate::syntax::ast::Node;
use loko_source::{Span, TextEdit};
use smol_str::SmolStr;

impl Document<'_> {
    pub(super) fn delete_object(&self, target: &Target) -> Vec<TextEdit> {
        let mut edits = Vec::new();
        let mut done: Vec<usize> = Vec::new();
        let concerns = |mention: &&Mention| mention.role == Role::Object && mention.target.starts_with(target);
        for mention in self.names.mentions.iter().filter(concerns) {
            if done.contains(&mention.key) {
                continue;
            }
            done.push(mention.key);
            let statement = &self.names.statements[mention.key];
            if mention.in_edge && !self.goes_as_a_whole(statement, target) {
                edits.extend(self.cut_edges(statement, target));
            } else if mention.in_value {
                edits.push(self.removal_of_value(mention.key, target));
            } else {
                edits.push(self.removal(statement.key.span));
            }
        }
        outermost(edits)
    }

    /// Takes a statement out that sets something on an object; the object stays if nothing else names it.
    fn removal_of_value(&self, at: usize, deleted: &Target) -> TextEdit {
        let statement = &self.names.statements[at];
        let mut own = self
            .names
            .mentions
            .iter()
            .filter(|mention| mention.key == at && mention.role == Role::Object && !mention.in_value);
        match own.next_back().filter(|_| statement.key.edges.is_empty()) {
            Some(object) if !self.is_named_elsewhere(&object.target, statement.key.span, deleted) => {
                let end = Span { start: object.span.end, end: statement.key.span.end };
                TextEdit::replace(end, "")
            }
            _ => self.removal(statement.key.span),
        }
    }

    /// Whether all ends of a statement's edges go, or it only refers to edges.
    fn goes_as_a_whole(&self, statement: &Statement, target: &Target) -> bool {
        let key = &statement.key;
        let scope_goes = key
            .key
            .as_ref()
            .and_then(|path| resolve(path, &statement.scope))
            .is_some_and(|scope| scope.starts_with(target));
        key.edge_index.is_some() || scope_goes
    }

    /// What is left of a chain of edges when an object goes: shorter chains, and ends that nothing else names.
    fn cut_edges(&self, statement: &Statement, target: &Target) -> Vec<TextEdit> {
        let key = &statement.key;
        let scope = key
            .key
            .as_ref()
            .and_then(|path| resolve(path, &statement.scope))
            .unwrap_or_else(|| statement.scope.clone());
        let mut ends = Vec::new();
        ends.extend(key.edges.first().and_then(|edge| edge.source.as_ref()));
        ends.extend(key.edges.iter().filter_map(|edge| edge.target.as_ref()));
        let stays: Vec<bool> =
            ends.iter().map(|path| resolve(path, &scope).is_some_and(|end| !end.starts_with(target))).collect();
        let value = self.source(Span { start: super::head_end(self.text, key), end: key.span.end });
        let value = value.trim_start_matches(')');
        let before = key.key.as_ref().map(|path| format!("{}.", self.source(path.span))).unwrap_or_default();
        let mut lines: Vec<String> = Vec::new();
        let mut at = 0;
        while at < ends.len() {
            if !stays[at] {
                at += 1;
                continue;
            }
            let first = at;
            while at + 1 < ends.len() && stays[at + 1] {
                at += 1;
            }
            if at > first {
                let chain = self.source(Span { start: ends[first].span.start, end: ends[at].span.end });
                lines.push(if before.is_empty() {
                    format!("{chain}{value}")
                } else {
                    format!("{before}({chain}){value}")
                });
            } else if resolve(ends[first], &scope).is_some_and(|end| !self.is_named_elsewhere(&end, key.span, target)) {
                lines.push(format!("{before}{}", self.source(ends[first].span)));
            }
            at += 1;
        }
        if lines.is_empty() {
            return vec![self.removal(key.span)];
        }
        let indent = self.indent_at(key.span.start as usize);
        let is_open = statement.is_in_file || self.source(statement.map).contains('\n');
        let separator = if is_open { format!("\n{indent}") } else { "; ".to_owned() };
        vec![TextEdit::replace(key.span, lines.join(&separator))]
    }

    fn is_named_elsewhere(&self, end: &Target, but: Span, deleted: &Target) -> bool {
        self.names.mentions.iter().any(|mention| {
            let is_in = but.start <= mention.span.start && mention.span.end <= but.end;
            let statement = &self.names.statements[mention.key];
            let is_reference = statement.key.edge_index.is_some();
            mention.role == Role::Object
                && !mention.in_value
                && mention.target.starts_with(end)
                && !is_in
                && !is_reference
                && !mention.target.starts_with(deleted)
                && !statement.scope.starts_with(deleted)
        })
    }

    /// Takes away all statements that set a keyword.
    pub(super) fn delete_fields(&self, target: &Target) -> Vec<TextEdit> {
        let setting =
            self.names.mentions.iter().filter(|mention| mention.is_subject && mention.target.starts_with(target));
        let nothing = Target { board: vec!["none".into()], path: Vec::new() };
        outermost(setting.map(|mention| self.removal_of_value(mention.key, &nothing)).collect())
    }

    pub(super) fn delete_edge(&self, address: &EdgeAddress) -> Vec<TextEdit> {
        let Some(made) = self.find_edge(address) else { return Vec::new() };
        let mut edits = Vec::new();
        for (at, statement) in self.names.statements.iter().enumerate() {
            let key = &statement.key;
            if at == made.statement {
                edits.extend(self.cut_one_edge(statement, made.at));
                continue;
            }
            let (Some(index), [other]) = (&key.edge_index, &edge_addresses(key, &statement.scope)[..]) else {
                continue;
            };
            if other == address {
                edits.push(self.removal(key.span));
            } else if other.is_like(address) && other.index > address.index {
                edits.push(TextEdit::replace(index.span, format!("[{}]", other.index - 1)));
            }
        }
        outermost(edits)
    }

    /// What is left of a chain when one of its edges goes.
    fn cut_one_edge(&self, statement: &Statement, cut: usize) -> Option<TextEdit> {
        let key = &statement.key;
        let value =
            self.source(Span { start: super::head_end(self.text, key), end: key.span.end }).trim_start_matches(')');
        let before = key.key.as_ref().map(|path| format!("{}.", self.source(path.span))).unwrap_or_default();
        let scope = key
            .key
            .as_ref()
            .and_then(|path| resolve(path, &statement.scope))
            .unwrap_or_else(|| statement.scope.clone());
        let nothing = Target { board: vec!["none".into()], path: Vec::new() };
        let mut lines: Vec<String> = Vec::new();
        let parts = [&key.edges[..cut], &key.edges[cut + 1..]];
        let lone_ends = [key.edges[cut].source.as_ref(), key.edges[cut].target.as_ref()];
        for (part, end) in parts.into_iter().zip(lone_ends) {
            match (
                part.first().and_then(|edge| edge.source.as_ref()),
                part.last().and_then(|edge| edge.target.as_ref()),
            ) {
                (Some(first), Some(last)) => {
                    let chain = self.source(first.span.to(last.span));
                    lines.push(if before.is_empty() {
                        format!("{chain}{value}")
                    } else {
                        format!("{before}({chain}){value}")
                    });
                }
                _ => {
                    let end = end?;
                    let target = resolve(end, &scope)?;
                    if !self.is_named_elsewhere(&target, key.span, &nothing) {
                        lines.push(format!("{before}{}", self.source(end.span)));
                    }
                }
            }
        }
        if lines.is_empty() {
            return Some(self.removal(key.span));
        }
        let is_open = statement.is_in_file || self.source(statement.map).contains('\n');
        let separator =
            if is_open { format!("\n{}", self.indent_at(key.span.start as usize)) } else { "; ".to_owned() };
        Some(TextEdit::replace(key.span, lines.join(&separator)))
    }

    pub(super) fn delete_edge_fields(&self, address: &EdgeAddress, keywords: &[SmolStr]) -> Vec<TextEdit> {
        let statement = self.edge_assignment(address, keywords);
        statement.map(|statement| self.removal(statement.key.span)).into_iter().collect()
    }

    // Text.

    /// The edit that takes a statement out, with its line if nothing else stands there.
    fn removal(&self, span: Span) -> TextEdit {
        let (start, end) = (span.start as usize, span.end as usize);
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = self.text[end..].find('\n').map_or(self.text.len(), |length| end + length + 1);
        let (before, behind) = (&self.text[line_start..start], self.text[end..line_end].trim());
        let before_is_blank = before.trim().is_empty();
        if before_is_blank && (behind.is_empty() || behind.starts_with('#') && self.comment_belongs(end)) {
            return TextEdit::replace(Span::new(line_start, line_end), "");
        }
        if let Some(rest) = self.text[end..line_end].trim_start().strip_prefix(';') {
            let gap = self.text[end..line_end].len() - rest.len();
            let spaces = rest.len() - rest.trim_start_matches(' ').len();
            return TextEdit::replace(Span::new(start, end + gap + spaces), "");
        }
        if let Some(kept) = before.trim_end().strip_suffix(';') {
            return TextEdit::replace(Span::new(line_start + kept.len(), end), "");
        }
        TextEdit::replace(span, "")
    }

    /// Whether a comment behind a statement on its line goes with it: it is one line of its own.
    fn comment_belongs(&self, end: usize) -> bool {
        let comment = self.tree.nodes.iter().find_map(|node| match node {
            Node::Comment(comment) if comment.span.start as usize >= end => Some(comment),
            _ => None,
        });
        comment.is_none_or(|comment| !comment.text.contains('\n'))
    }
}

/// Edits that lie in others are left out.
fn outermost(mut edits: Vec<TextEdit>) -> Vec<TextEdit> {
    edits.sort_by_key(|edit| (edit.span.start, std::cmp::Reverse(edit.span.end)));
    let mut kept: Vec<TextEdit> = Vec::with_capacity(edits.len());
    for edit in edits {
        if kept.last().is_none_or(|last| edit.span.start >= last.span.end) {
            kept.push(edit);
        }
    }
    kept
}
