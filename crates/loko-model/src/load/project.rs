//! Reading `loko.toml`.

use super::read::Reader;
use super::toml;
use crate::project::PROJECT_FILE;
use crate::schema::{self, At, Role, Takes};
use crate::value::{Data, Entry, Value};
use crate::{Model, Moved, Project};
use indexmap::IndexMap;
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Snapshot, Span};

/// Where a record of `[[moved]]` says `from` and `to`.
pub(crate) type RecordSpans = [Span; 2];

/// The project of a workspace, what is wrong with its file, and where its records stand; without a `loko.toml`
/// everything is as by default.
pub(crate) fn read(snapshot: &Snapshot) -> (Project, Vec<Diagnostic>, Vec<RecordSpans>) {
    let Some((path, source)) = snapshot.path(PROJECT_FILE).zip(snapshot.source(PROJECT_FILE)) else {
        return (Project::default(), Vec::new(), Vec::new());
    };
    let (project, mut findings, Stated { source: named, records, .. }) = read_text(path, source.text());
    // An empty `src` is how a workspace begins, and git keeps no empty folders.
    let begins = project.source.is_empty() || project.source == Project::default().source;
    if let Some(span) = named.filter(|_| !begins && snapshot.paths_below(&project.source).next().is_none()) {
        let message = format!("there is nothing to read in the source folder `{}`", project.source);
        let finding = Diagnostic::warning("empty-source", message)
            .at(path, span, "no such folder, or nothing in it")
            .help("name the folder that holds the elements, from the folder of `loko.toml` on");
        findings.push(finding);
    }
    (project, findings, records)
}

/// What is wrong with records of elements that have another id now, once it is known which elements there are.
pub(crate) fn check_records(model: &Model, spans: &[RecordSpans]) -> Vec<Diagnostic> {
    let records = &model.project.moved;
    let path = FilePath::new(PROJECT_FILE).expect("a file name is a path");
    let warning = |message: String, span: Span, label: &'static str| {
        Diagnostic::warning("stale-record", message).at(&path, span, label)
    };
    let mut findings = Vec::new();
    for (at, (Moved { from, to }, [from_span, to_span])) in records.iter().zip(spans).enumerate() {
        let later = &records[at + 1..];
        let is_taken_again = later.iter().any(|record| crate::moved::exchanged(from, &record.to, &record.to).is_some());
        if from == to {
            let message = format!("a record says that `{from}` is `{to}` now, which is the same");
            findings.push(warning(message, *to_span, "the same").help("take the record out"));
        } else if model.find(from).is_some() && !is_taken_again {
            let message = format!("a record says that `{from}` is `{to}` now, and there is an element `{from}`");
            let help = "take the record out, or give the element another id; while it has this one the record counts for nothing";
            findings.push(warning(message, *from_span, "an element has this id").help(help));
        } else if model.find(&crate::moved::last(later, to.clone())).is_none() {
            let message = format!("a record says that `{from}` is `{to}` now, and there is no element `{to}`");
            let ids = model.elements.iter().map(|element| element.id.as_str());
            let help = did_you_mean(to, ids)
                .unwrap_or_else(|| "write the full id of today, or take the record out".to_owned());
            findings.push(warning(message, *to_span, "not found").help(help));
        }
    }
    findings
}

/// What a `loko.toml` says, or nobody.
pub(crate) fn settings(text: Option<&str>) -> Project {
    let path = FilePath::new(PROJECT_FILE).expect("a file name is a path");
    text.map_or_else(Project::default, |text| read_text(&path, text).0)
}

/// A project, what is wrong with its file, and what of it stands where.
fn read_text(path: &FilePath, text: &str) -> (Project, Vec<Diagnostic>, Stated) {
    let mut reader = Reader::new(path, text);
    let (value, problems) = toml::parse(text);
    reader.problems("bad-toml", "TOML", problems);
    let mut project = Project::default();
    let mut stated = Stated::default();
    if let Some(mut sections) = reader.table(PROJECT_FILE, value) {
        leave_out_older(&mut reader, &mut sections);
        for (name, entry) in sections {
            section(&mut reader, &mut project, &mut stated, &name, entry);
        }
    }
    if let Some(made) = stated.list() {
        project.outputs = made;
    }
    (project, reader.told(), stated)
}

/// The keys of `[output]` and what says the same now: a section and a key of it.
const OLDER_OUTPUT: [(&str, &str, At, &str); 4] = [
    ("dir", "paths", At::Paths, "output"),
    ("html_enabled", "outputs", At::Outputs, "html"),
    ("markdown_enabled", "outputs", At::Outputs, "markdown"),
    ("pdf_enabled", "outputs", At::Outputs, "pdf"),
];

/// Takes out of the older section `[output]` what is said by a present key as well.
fn leave_out_older(reader: &mut Reader<'_>, sections: &mut IndexMap<String, Entry>) {
    for (older, section, at, key) in OLDER_OUTPUT {
        let entries = sections.get(section).and_then(|entry| entry.value.as_map());
        let is_it = |name: &str| schema::find(at, name).is_some_and(|found| found.name == key);
        let present =
            entries.and_then(|entries| entries.iter().find(|(name, _)| is_it(name))).map(|(_, entry)| entry.key_span);
        let Some(Entry { value: Value { data: Data::Map(entries), .. }, .. }) = sections.get_mut("output") else {
            return;
        };
        if let Some((entry, counts)) = present.and_then(|span| Some((entries.shift_remove(older)?, span))) {
            reader.ignored(&format!("output.{older}"), &format!("{section}.{key}"), entry.key_span, counts);
        }
    }
}

fn section(reader: &mut Reader<'_>, project: &mut Project, stated: &mut Stated, name: &str, entry: Entry) {
    let Some(key) = reader.key(At::ProjectFile, name, entry.key_span) else { return };
    if key.name == "aliases" {
        project.aliases = aliases(reader, entry.value);
        return;
    }
    if key.name == "moved" {
        (project.moved, stated.records) = moved(reader, entry.value).into_iter().unzip();
        return;
    }
    let Takes::Table(at) = key.takes else { return };
    let entries = reader.table(name, entry.value).unwrap_or_default();
    for (name, entry) in reader.settled(at, entries) {
        let Some(key) = reader.key(at, &name, entry.key_span) else { continue };
        if key.role == Role::Core {
            setting(reader, project, stated, at, key.name, &name, entry.value);
        }
    }
}

fn setting(
    reader: &mut Reader<'_>,
    project: &mut Project,
    stated: &mut Stated,
    at: At,
    key: &str,
    written: &str,
    value: Value,
) {
    match (at, key) {
        (At::Project, "name") => set(&mut project.name, reader.text(written, value)),
        (At::Project, "description") => set(&mut project.description, reader.text(written, value)),
        (At::Project, "version") => set(&mut project.version, reader.text(written, value)),
        (At::Paths, "source") => {
            stated.source = Some(value.span);
            set(&mut project.source, folder(reader, written, value));
        }
        (At::Paths, "output") | (At::Output, "dir") => set(&mut project.output, folder(reader, written, value)),
        (At::Paths, "decisions") => project.decisions = folder(reader, written, value).or(project.decisions.take()),
        (At::D2, "theme") => set(&mut project.theme, reader.text(written, value)),
        (At::D2, "layout") => set(&mut project.layout, reader.text(written, value)),
        (At::D2, "cache") => set(&mut project.cache, reader.flag(written, &value)),
        (At::Outputs, format) => {
            let made = enabled(reader, written, value);
            stated.set(format, made);
        }
        (At::Output, format) => {
            let made = reader.flag(written, &value);
            stated.set(format.trim_end_matches("_enabled"), made);
        }
        (At::Server, "serve_port") => set(&mut project.server.serve_port, port(reader, written, &value)),
        (At::Server, "api_port") => set(&mut project.server.api_port, port(reader, written, &value)),
        (At::Server, "hot_reload") => set(&mut project.server.hot_reload, reader.flag(written, &value)),
        (At::Server, "hosts") => project.server.hosts = hosts(reader, written, value),
        _ => {}
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn port(reader: &mut Reader<'_>, name: &str, value: &Value) -> Option<u16> {
    reader.count(name, value, 0, u32::from(u16::MAX)).and_then(|port| u16::try_from(port).ok())
}

/// Names of hosts; what could be none is told of and left out.
fn hosts(reader: &mut Reader<'_>, name: &str, value: Value) -> Vec<String> {
    let (names, others): (Vec<_>, Vec<_>) =
        reader.written_list(name, value).into_iter().partition(|host| is_host(&host.text));
    for other in others {
        let finding = Diagnostic::error("bad-value", format!("`{name}`: `{}` is no name of a host", other.text))
            .at(reader.file, other.span, "")
            .help("name it without scheme, port and path, such as `docs.example.com`");
        reader.findings.push(finding);
    }
    names.into_iter().map(|host| host.text).collect()
}

/// Whether a text can be the name or the address of a host.
fn is_host(text: &str) -> bool {
    let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    text.parse::<std::net::IpAddr>().is_ok() || (!text.is_empty() && is_name(text))
}

/// A folder inside the workspace; `.` is the workspace itself.
fn folder(reader: &mut Reader<'_>, name: &str, value: Value) -> Option<String> {
    let span = value.span;
    let text = reader.text(name, value)?;
    if text.split(['/', '\\']).all(|part| part.is_empty() || part == ".") && !text.starts_with(['/', '\\']) {
        return Some(String::new());
    }
    match FilePath::new(&text) {
        Ok(path) => Some(path.as_str().to_owned()),
        // An output folder may lie anywhere; who writes decides about that.
        Err(_) if !["source", "source_dir", "decisions"].contains(&name) => Some(text),
        Err(error) => {
            let finding = Diagnostic::error("bad-value", format!("`{name}`: {error}"))
                .at(reader.file, span, "")
                .help("name a folder inside the workspace, such as `src`");
            reader.findings.push(finding);
            None
        }
    }
}

/// An output is switched by a boolean or by the `enabled` of its table.
fn enabled(reader: &mut Reader<'_>, name: &str, value: Value) -> Option<bool> {
    if !matches!(value.data, Data::Map(_)) {
        return reader.flag(name, &value);
    }
    let mut made = Some(true);
    for (detail, entry) in reader.table(name, value).unwrap_or_default() {
        if reader.key(At::OutputDetail, &detail, entry.key_span).is_some_and(|key| key.name == "enabled") {
            made = reader.flag("enabled", &entry.value);
        }
    }
    made
}

fn aliases(reader: &mut Reader<'_>, value: Value) -> IndexMap<String, Vec<String>> {
    let mut aliases = IndexMap::new();
    for (command, entry) in reader.table("aliases", value).unwrap_or_default() {
        let names = reader.texts(&command, entry.value);
        aliases.insert(command, names);
    }
    aliases
}

fn moved(reader: &mut Reader<'_>, value: Value) -> Vec<(Moved, RecordSpans)> {
    let mut records = Vec::new();
    for (table, span) in reader.tables("moved", value) {
        let (mut from, mut to) = (None, None);
        for (name, entry) in table {
            match reader.key(At::Moved, &name, entry.key_span).map(|key| key.name) {
                Some("from") => from = at_place(reader, "from", entry.value),
                Some("to") => to = at_place(reader, "to", entry.value),
                _ => {}
            }
        }
        for (name, value) in [("from", &from), ("to", &to)] {
            if value.is_none() {
                reader.missing(At::Moved, name, span);
            }
        }
        if let (Some((from, from_span)), Some((to, to_span))) = (from, to) {
            records.push((Moved { from, to }, [from_span, to_span]));
        }
    }
    records
}

fn at_place(reader: &mut Reader<'_>, name: &str, value: Value) -> Option<(String, Span)> {
    let span = value.span;
    reader.text(name, value).map(|text| (text, span))
}

/// Which outputs were switched on or off, and where the source folder is named and records stand.
#[derive(Default)]
struct Stated {
    source: Option<Span>,
    records: Vec<RecordSpans>,
    switched: IndexMap<String, bool>,
}

impl Stated {
    fn set(&mut self, format: &str, made: Option<bool>) {
        if let Some(made) = made {
            self.switched.insert(format.to_owned(), made);
        }
    }

    /// The outputs to make; none when nothing was said. HTML is made unless it is switched off.
    fn list(&self) -> Option<Vec<String>> {
        if self.switched.is_empty() {
            return None;
        }
        let all = ["html", "markdown", "pdf", "json", "toon"];
        let made = |format: &&str| self.switched.get(*format).copied().unwrap_or(*format == "html");
        Some(all.iter().filter(|format| made(format)).map(|format| (*format).to_owned()).collect())
    }
}
