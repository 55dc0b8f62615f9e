//! Bounded contexts and how they bear on each other: `contexts.toml`.

use super::Names;
use super::behave;
use super::read::{Reader, Written};
use super::toml;
use crate::context::{Context, ContextRelation};
use crate::schema::{self, At};
use crate::value::{Entry, Value};
use indexmap::IndexMap;
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Span};

/// The file of bounded contexts.
pub(crate) const CONTEXTS_FILE: &str = "contexts.toml";

/// All contexts in the order of the file, and all relations between them.
pub(crate) fn all(names: &mut Names<'_>) -> (Vec<Context>, Vec<ContextRelation>) {
    let (Some(source), Ok(path)) = (names.snapshot.source(CONTEXTS_FILE), FilePath::new(CONTEXTS_FILE)) else {
        return (Vec::new(), Vec::new());
    };
    let mut reader = Reader::new(&path, source.text());
    let (value, problems) = toml::parse(source.text());
    reader.problems("bad-toml", "TOML", problems);
    let (mut contexts, mut stated) = (Vec::new(), Vec::new());
    let entries = reader.table("contexts", value).unwrap_or_default();
    behave::check_table(&mut reader, "", At::ContextsFile, &entries);
    for (name, entry) in entries {
        match schema::find(At::ContextsFile, &name).map(|key| key.name) {
            Some("context") => {
                for (entries, span) in reader.tables("context", entry.value) {
                    contexts.push(context(names, &mut reader, entries, span));
                }
            }
            Some("relation") => stated.extend(reader.tables("relation", entry.value)),
            _ => {}
        }
    }
    let relations = stated.into_iter().filter_map(|it| relation(names, &mut reader, &contexts, it)).collect();
    names.findings.extend(reader.told());
    (contexts, relations)
}

fn context(names: &mut Names<'_>, reader: &mut Reader<'_>, entries: IndexMap<String, Entry>, span: Span) -> Context {
    let mut context = Context { span, ..Context::default() };
    for (name, entry) in entries {
        let value = entry.value;
        match schema::find(At::Context, &name).map(|key| key.name) {
            Some("id") => {
                context.span = value.span;
                context.id = text(reader, value);
            }
            Some("name") => context.name = text(reader, value),
            Some("description") => context.description = text(reader, value),
            Some("subdomain") => context.subdomain = Some(text(reader, value)).filter(|it| !it.is_empty()),
            Some("team") => context.team = Some(text(reader, value)).filter(|it| !it.is_empty()),
            Some("elements") => {
                let written = reader.written_list("elements", value);
                context.elements = written.iter().filter_map(|it| names.element(reader.file, None, it)).collect();
            }
            Some("aggregates") => context.aggregates = reader.texts("aggregates", value),
            Some("language") => {
                for (word, entry) in value.as_map().cloned().unwrap_or_default() {
                    let meaning = text(reader, entry.value);
                    context.language.insert(word, meaning);
                }
            }
            _ => {}
        }
    }
    if context.id.is_empty() {
        reader.missing(At::Context, "id", span);
    }
    if context.name.is_empty() {
        context.name.clone_from(&context.id);
    }
    context
}

/// A text of which anything wrong was told already.
fn text(reader: &Reader<'_>, value: Value) -> String {
    reader.scalar(&value).unwrap_or_default()
}

fn relation(
    names: &mut Names<'_>,
    reader: &mut Reader<'_>,
    contexts: &[Context],
    (entries, span): (IndexMap<String, Entry>, Span),
) -> Option<ContextRelation> {
    let (mut upstream, mut downstream) = (None, None);
    let mut relation = ContextRelation { span, ..ContextRelation::default() };
    for (name, entry) in entries {
        let value = entry.value;
        match schema::find(At::ContextRelation, &name).map(|key| key.name) {
            Some("upstream") => upstream = Some(end(reader, contexts, value)),
            Some("downstream") => downstream = Some(end(reader, contexts, value)),
            Some("pattern") => relation.pattern = text(reader, value),
            Some("at") => {
                let written = Written { span: value.span, text: text(reader, value) };
                relation.at = names.element(reader.file, None, &written);
            }
            Some("note") => relation.note = text(reader, value),
            _ => {}
        }
    }
    for (key, found) in [("upstream", upstream.is_some()), ("downstream", downstream.is_some())] {
        if !found {
            reader.missing(At::ContextRelation, key, span);
        }
    }
    (relation.upstream, relation.downstream) = (upstream??, downstream??);
    Some(relation)
}

/// The context of an id; a finding when there is none.
fn end(reader: &mut Reader<'_>, contexts: &[Context], value: Value) -> Option<usize> {
    let written = text(reader, value.clone());
    let found = contexts.iter().position(|context| context.id == written || context.name == written);
    if found.is_none() {
        let message = format!("there is no context `{written}`");
        let mut finding = Diagnostic::error("unresolved-reference", message).at(reader.file, value.span, "not known");
        finding.help = did_you_mean(&written, contexts.iter().map(|context| context.id.as_str())).map(Into::into);
        reader.findings.push(finding);
    }
    found
}
