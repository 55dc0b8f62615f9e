//! Records of applied patterns: the files of `patterns/applied/`.

use super::Names;
use super::read::{Reader, Written};
use super::scope::{APPLIED_FOLDER, Layout};
use super::toml;
use crate::Resolution;
use crate::applied::{Applied, Changed, Made, Stated};
use crate::schema::At;
use crate::value::{Entry, Value};
use indexmap::IndexMap;
use loko_source::{FilePath, Source, Span};

/// All records, sorted by file.
pub(crate) fn all(names: &mut Names<'_>) -> Vec<Applied> {
    let files: Vec<&FilePath> =
        names.snapshot.paths_below(APPLIED_FOLDER).filter(|path| Layout::is_applied(path)).collect();
    let mut records = Vec::new();
    for path in files {
        if let Some(source) = names.snapshot.source(path.as_str()) {
            records.push(record(names, path, source));
        }
    }
    records
}

fn record(names: &mut Names<'_>, path: &FilePath, source: &Source) -> Applied {
    let mut reader = Reader::new(path, source.text());
    // Errors of the text and unknown keys were told when its relations were read.
    let (value, _) = toml::parse(source.text());
    let mut applied = Applied {
        name: path.file_name().trim_end_matches(".toml").to_owned(),
        pattern: String::new(),
        version: String::new(),
        params: IndexMap::new(),
        given: None,
        players: IndexMap::new(),
        made: Vec::new(),
        changed: Vec::new(),
        stated: Vec::new(),
        file: path.clone(),
        span: Span::at(0),
    };
    for (name, entry) in reader.table("patterns", value).unwrap_or_default() {
        let value = entry.value;
        match name.as_str() {
            "pattern" => {
                applied.span = value.span;
                applied.pattern = reader.text("pattern", value).unwrap_or_default();
            }
            "version" => applied.version = reader.text("version", value).unwrap_or_default(),
            "params" => {
                let params = reader.table("params", value).unwrap_or_default();
                applied.params = params.into_iter().map(|(name, entry)| (name, entry.value)).collect();
            }
            "given" => applied.given = Some(reader.texts("given", value)),
            "players" => {
                for (role, entry) in reader.table("players", value).unwrap_or_default() {
                    let ids = reader.written_list("players", entry.value);
                    ids.iter().for_each(|id| follow(names, path, id));
                    applied.players.insert(role, ids.into_iter().map(|id| id.text).collect());
                }
            }
            "made" => {
                for (entries, _) in reader.tables("made", value) {
                    applied.made.push(made(names, &mut reader, entries));
                }
            }
            "changed" => {
                for (entries, _) in reader.tables("changed", value) {
                    applied.changed.extend(changed(names, &mut reader, entries));
                }
            }
            "stated" => {
                let tables = reader.tables("stated", value);
                applied.stated = tables.into_iter().map(|(entries, _)| stated(names, &mut reader, entries)).collect();
            }
            _ => {}
        }
    }
    names.findings.append(&mut reader.findings);
    applied
}

/// Has a name follow its element. Who played a role and is no more is no finding: the record tells how it was.
fn follow(names: &mut Names<'_>, file: &FilePath, written: &Written) {
    if let Resolution::Found(ix) = names.model().resolve(&written.text) {
        names.refer(file, written, ix);
    }
}

fn made(names: &mut Names<'_>, reader: &mut Reader<'_>, entries: IndexMap<String, Entry>) -> Made {
    let mut made =
        Made { element: None, file: None, digest: String::new(), text: String::new(), text_span: Span::at(0) };
    for (name, entry) in entries {
        match reader.key(At::Made, &name, entry.key_span).map(|key| key.name) {
            Some("element") => made.element = element(names, reader, entry.value),
            Some("file") => made.file = reader.text("file", entry.value),
            Some("digest") => made.digest = reader.text("digest", entry.value).unwrap_or_default(),
            // Blanks at its ends are part of it.
            Some("text") => {
                made.text_span = entry.value.span;
                made.text = entry.value.as_text().unwrap_or_default().to_owned();
            }
            _ => {}
        }
    }
    made
}

fn stated(names: &mut Names<'_>, reader: &mut Reader<'_>, entries: IndexMap<String, Entry>) -> Stated {
    let mut stated = Stated { source: None, target: None, description: String::new(), set: IndexMap::new() };
    for (name, entry) in entries {
        let value = entry.value;
        match reader.key(At::Stated, &name, entry.key_span).map(|key| key.name) {
            Some("source") => stated.source = element(names, reader, value),
            Some("target") => stated.target = element(names, reader, value),
            Some("description") => stated.description = reader.text("description", value).unwrap_or_default(),
            Some("set") => {
                for (key, entry) in reader.table("set", value).unwrap_or_default() {
                    stated.set.insert(key, reader.text("set", entry.value).unwrap_or_default());
                }
            }
            _ => {}
        }
    }
    stated
}

fn element(names: &mut Names<'_>, reader: &mut Reader<'_>, value: Value) -> Option<crate::ElementIx> {
    let written = reader.written("element", value)?;
    names.element(reader.file, None, &written)
}

fn changed(names: &mut Names<'_>, reader: &mut Reader<'_>, entries: IndexMap<String, Entry>) -> Option<Changed> {
    let mut found = None;
    let (mut set, mut roles, mut section) = (IndexMap::new(), Vec::new(), String::new());
    for (name, entry) in entries {
        let value = entry.value;
        match reader.key(At::Changed, &name, entry.key_span).map(|key| key.name) {
            Some("element") => found = element(names, reader, value),
            Some("set") => {
                for (key, entry) in reader.table("set", value).unwrap_or_default() {
                    set.insert(key, reader.text("set", entry.value).unwrap_or_default());
                }
            }
            Some("roles") => roles = reader.texts("roles", value),
            // Blanks at its ends are part of it.
            Some("section") => section = value.as_text().unwrap_or_default().to_owned(),
            _ => {}
        }
    }
    Some(Changed { element: found?, set, roles, section })
}
