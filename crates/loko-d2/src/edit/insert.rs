//! Adding statements in the place where a person would write them.

use super::paths::{EdgeAddress, Made, edge_addresses, relative, resolve};
use super::{Document, quote_name, quote_value};
use crate::keywords;
use crate::names::{Statement, Target};
use crate::syntax::ast::{Key, Map, Node};
use loko_source::{Span, TextEdit};
use smol_str::SmolStr;
use std::sync::Arc;

const INDENT: &str = "  ";

impl Document<'_> {
    /// Adds a statement about a thing, in the innermost map that there is on the way to it.
    pub(super) fn insert(&self, target: &Target, names: &[SmolStr], value: Option<&str>) -> Vec<TextEdit> {
        let (map, depth, missing_boards) = self.innermost(target);
        let board_part = target.board.iter().skip(target.board.len() - missing_boards);
        let spelt: Vec<SmolStr> = if names.len() == target.path.len() { names.to_vec() } else { target.path.clone() };
        let is_keyword = |at: usize| keywords::is_reserved(&target.path[at]);
        let own = spelt
            .iter()
            .enumerate()
            .skip(depth)
            .map(|(at, name)| if is_keyword(at) { target.path[at].to_string() } else { quote_name(name) });
        let mut line: Vec<String> = board_part.map(|name| crate::quote_key(name)).collect();
        line.extend(own);
        let mut line = line.join(".");
        if let Some(value) = value {
            line.push_str(": ");
            line.push_str(&quote_value(value));
        }
        vec![self.insert_line(&map, &line)]
    }

    /// The innermost map on the way to a thing, how many of its names lie above that map, and how many of its boards'
    /// names lie below it.
    fn innermost(&self, target: &Target) -> (Arc<Map>, usize, usize) {
        let mut best = (Arc::clone(&self.tree), 0, target.board.len());
        for statement in &self.names.statements {
            let Some(map) =
                statement.key.map().filter(|_| statement.key.edges.is_empty() && statement.key.filter.is_none())
            else {
                continue;
            };
            let Some(inner) = self.inside_of(statement) else { continue };
            let is_on_way = target.board.starts_with(&inner.board)
                && (inner.path.is_empty() || inner.board == target.board)
                && target.path.starts_with(&inner.path)
                && inner.path.len() < target.path.len();
            let missing = target.board.len().saturating_sub(inner.board.len());
            if is_on_way && (missing < best.2 || missing == best.2 && inner.path.len() > best.1) {
                best = (Arc::clone(map), inner.path.len(), missing);
            }
        }
        best
    }

    /// What the map of a statement is the inside of.
    fn inside_of(&self, statement: &Statement) -> Option<Target> {
        let path = statement.key.key.as_ref()?;
        let last = path.elements.last()?;
        let at = self.names.mentions.iter().find(|mention| mention.span == last.span && mention.is_subject)?;
        Some(at.target.clone())
    }

    pub(super) fn create_edge(&self, parsed: &Key) -> Option<(Vec<TextEdit>, String)> {
        let mut addresses = edge_addresses(parsed, &Target::default()).into_iter();
        let (address, None) = (addresses.next()?, addresses.next()) else { return None };
        let edge = parsed.edges.first()?;
        let spelt = |path: Option<&crate::syntax::ast::KeyPath>| -> Vec<SmolStr> {
            let before = parsed.key.iter().flat_map(|path| &path.elements);
            before.chain(path.iter().flat_map(|path| &path.elements)).map(crate::syntax::ast::Text::to_smol).collect()
        };
        let (source, target) = (spelt(edge.source.as_ref()), spelt(edge.target.as_ref()));
        let common = address.source.path.iter().zip(&address.target.path).take_while(|(a, b)| a == b).count();
        let mut scope = Target { board: Vec::new(), path: address.source.path[..common].to_vec() };
        scope.path.push("edge".into());
        let (map, depth, _) = self.innermost(&scope);
        let scope = Target { board: Vec::new(), path: address.source.path[..depth].to_vec() };
        let arrow = arrow_text(&address);
        let line = format!(
            "{} {arrow} {}",
            relative(&source, &address.source, &scope),
            relative(&target, &address.target, &scope)
        );
        let index = self.edges().iter().filter(|made| made.address.is_like(&address)).count();
        let join = |names: &[SmolStr]| names.iter().map(|name| quote_name(name)).collect::<Vec<_>>().join(".");
        let key = format!("({} {arrow} {})[{index}]", join(&source), join(&target));
        Some((vec![self.insert_line(&map, &line)], key))
    }

    // Places.

    /// Adds a line to a map, behind the last statement that is no board.
    pub(super) fn insert_line(&self, map: &Map, line: &str) -> TextEdit {
        let is_board = |node: &&Node| {
            matches!(node, Node::Key(key) if key.edges.is_empty() && key.key.as_ref().is_some_and(|path| {
                path.elements.len() == 1 && keywords::BOARDS.contains(&path.elements[0].as_str())
            }))
        };
        let before = map.nodes.iter().rev().find(|node| !is_board(node)).map(Node::span);
        match before {
            Some(before) => self.insert_behind_span(before, line, map.is_file || self.source(map.span).contains('\n')),
            None => self.insert_first(map, line),
        }
    }

    /// Adds a line behind a statement.
    pub(super) fn insert_behind(&self, statement: &Statement, line: &str) -> TextEdit {
        let is_open = statement.is_in_file || self.source(statement.map).contains('\n');
        self.insert_behind_span(statement.key.span, line, is_open)
    }

    fn insert_behind_span(&self, before: Span, line: &str, is_open: bool) -> TextEdit {
        let (start, end) = (before.start as usize, before.end as usize);
        if !is_open {
            return TextEdit::insert(end, format!("; {line}"));
        }
        let line_end = self.text[end..].find('\n').map_or(self.text.len(), |length| end + length);
        let rest = self.text[end..line_end].trim_start();
        // What stands behind on the same line, other than a comment, stays behind.
        let at = if rest.is_empty() || rest.starts_with('#') { line_end } else { end };
        let indent = self.indent_at(start);
        if at == self.text.len() && self.text[..at].ends_with('\n') {
            return TextEdit::insert(at, format!("{indent}{line}\n"));
        }
        let is_last = at == self.text.len();
        TextEdit::insert(at, format!("\n{indent}{line}{}", if is_last { "\n" } else { "" }))
    }

    fn insert_first(&self, map: &Map, line: &str) -> TextEdit {
        if map.is_file {
            let gap = if map.nodes.is_empty() { "\n" } else { "\n\n" };
            let at = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
            return TextEdit::insert(at, format!("{line}{gap}"));
        }
        let open = map.span.start as usize + 1;
        if map.nodes.is_empty() {
            let indent = self.indent_at(map.span.start as usize);
            let inside = Span::new(open, map.span.end as usize - 1);
            return TextEdit::replace(inside, format!("\n{indent}{INDENT}{line}\n{indent}"));
        }
        let indent = map.nodes.first().map(|node| self.indent_at(node.span().start as usize)).unwrap_or_default();
        TextEdit::insert(open, format!("\n{indent}{line}"))
    }

    /// The white space that the line of an offset begins with.
    pub(super) fn indent_at(&self, offset: usize) -> String {
        let line_start = self.text[..offset].rfind('\n').map_or(0, |at| at + 1);
        self.text[line_start..offset].chars().take_while(|c| *c == ' ' || *c == '\t').collect()
    }

    // Edges.

    pub(super) fn reconnect(
        &self,
        address: &EdgeAddress,
        source: Option<(Target, Vec<SmolStr>)>,
        target: Option<(Target, Vec<SmolStr>)>,
    ) -> Option<Vec<TextEdit>> {
        let made = self.find_edge(address)?;
        let statement = &self.names.statements[made.statement];
        let key = &statement.key;
        let scope = match &key.key {
            Some(path) => resolve(path, &statement.scope)?,
            None => statement.scope.clone(),
        };
        let mut changed = address.clone();
        let mut texts: [Option<String>; 2] = [None, None];
        if let Some((end, names)) = source {
            texts[0] = Some(relative(&names, &end, &scope));
            changed.source = end;
        }
        if let Some((end, names)) = target {
            texts[1] = Some(relative(&names, &end, &scope));
            changed.target = end;
        }
        let mut edits = if key.edges.len() == 1 {
            let edge = &key.edges[0];
            let spans = [edge.source.as_ref()?.span, edge.target.as_ref()?.span];
            spans
                .into_iter()
                .zip(texts)
                .filter_map(|(span, text)| text.map(|text| TextEdit::replace(span, text)))
                .collect()
        } else {
            vec![self.split_chain(&made, statement, texts)?]
        };
        edits.extend(self.readdress(address, &changed));
        edits.extend(self.keep_ends(&made, statement, &changed));
        Some(edits)
    }

    /// A chain as separate edges, one of them with other ends.
    fn split_chain(&self, made: &Made, statement: &Statement, texts: [Option<String>; 2]) -> Option<TextEdit> {
        let key = &statement.key;
        let indent = self.indent_at(key.span.start as usize);
        let before = key.key.as_ref().map(|path| format!("{}.", self.source(path.span))).unwrap_or_default();
        let value =
            self.source(Span { start: super::head_end(self.text, key), end: key.span.end }).trim_start_matches(')');
        let mut lines = Vec::new();
        for (at, edge) in key.edges.iter().enumerate() {
            let (mut source, mut target) =
                (self.source(edge.source.as_ref()?.span), self.source(edge.target.as_ref()?.span));
            if at == made.at {
                source = texts[0].as_deref().unwrap_or(source);
                target = texts[1].as_deref().unwrap_or(target);
            }
            let edge = format!("{source} {} {target}", self.source(edge.arrow));
            lines.push(if before.is_empty() { format!("{edge}{value}") } else { format!("{before}({edge}){value}") });
        }
        let separator = if statement.is_in_file || self.source(statement.map).contains('\n') {
            format!("\n{indent}")
        } else {
            "; ".into()
        };
        Some(TextEdit::replace(key.span, lines.join(&separator)))
    }

    /// Adjusts the statements that refer to an edge by its index.
    fn readdress(&self, old: &EdgeAddress, new: &EdgeAddress) -> Vec<TextEdit> {
        let known = self.edges();
        let new_index = known.iter().filter(|made| made.address.is_like(new) && made.address != *old).count();
        let mut edits = Vec::new();
        for statement in &self.names.statements {
            let Some(index) = &statement.key.edge_index else { continue };
            let [address] = &edge_addresses(&statement.key, &statement.scope)[..] else { continue };
            if address == old {
                let edge = &statement.key.edges[0];
                let spelt = |target: &Target| relative(&target.path, target, &statement.scope);
                if let (None, Some(source), Some(target)) = (&statement.key.key, &edge.source, &edge.target) {
                    edits.push(TextEdit::replace(source.span, spelt(&new.source)));
                    edits.push(TextEdit::replace(target.span, spelt(&new.target)));
                    edits.push(TextEdit::replace(index.span, format!("[{new_index}]")));
                }
            } else if address.is_like(old) && address.index > old.index {
                edits.push(TextEdit::replace(index.span, format!("[{}]", address.index - 1)));
            }
        }
        edits
    }

    /// Ends that only the old edge named are kept as objects.
    fn keep_ends(&self, made: &Made, statement: &Statement, changed: &EdgeAddress) -> Vec<TextEdit> {
        let mut edits = Vec::new();
        for (old, new) in [(&made.address.source, &changed.source), (&made.address.target, &changed.target)] {
            let is_named = self.names.mentions.iter().any(|mention| {
                mention.target.starts_with(old)
                    && !mention.in_value
                    && (mention.key != made.statement || self.edges_of_others(made, old))
            });
            if old != new && !is_named {
                edits.push(self.insert_line_at_end(statement, &relative(&old.path, old, &statement.scope)));
            }
        }
        edits
    }

    fn edges_of_others(&self, made: &Made, end: &Target) -> bool {
        let same = self.edges().into_iter().filter(|other| other.statement == made.statement && other.at != made.at);
        same.into_iter().any(|other| other.address.source == *end || other.address.target == *end)
    }

    fn insert_line_at_end(&self, statement: &Statement, line: &str) -> TextEdit {
        if statement.is_in_file {
            return self.insert_line(&self.tree, line);
        }
        self.insert_behind(statement, line)
    }
}

fn arrow_text(address: &EdgeAddress) -> &'static str {
    match (address.source_arrow, address.target_arrow) {
        (false, false) => "--",
        (false, true) => "->",
        (true, false) => "<-",
        (true, true) => "<->",
    }
}
