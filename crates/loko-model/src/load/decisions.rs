//! Architecture decision records, in the forms of MADR, Nygard, adr-tools and log4brains.
//!
//! Where they lie: `paths.decisions` of `loko.toml`, the folder that `.adr-dir` (adr-tools) or `.log4brains.yml` names,
//! and [`FOLDERS`]. What front matter does not say is taken from headings and lines: the title from the first heading,
//! the status from the section of that name or a line `Status: …`, likewise the date. An element and a decision are
//! linked by either's word.

use super::draft::front_matter;
use super::read::{Reader, Written};
use super::{Names, front, yaml};
use crate::decision::{self, DecisionLink, DecisionState, SUPERSEDED_BY, SUPERSEDES};
use crate::name;
use crate::schema::At;
use crate::{Date, Decision, Element, ElementIx, Project, Value};
use loko_source::suggest::{did_you_mean, question};
use loko_source::{Diagnostic, FilePath, Snapshot, Source, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Folders in which decisions are looked for whatever settings say; the first is where new ones go.
pub const FOLDERS: [&str; 4] = ["decisions", "docs/decisions", "docs/adr", "doc/adr"];
/// The file in which adr-tools keeps the folder's name.
pub const ADR_TOOLS_FILE: &str = ".adr-dir";
/// The settings of log4brains.
pub const LOG4BRAINS_FILE: &str = ".log4brains.yml";

/// Files of the folders that are no decisions.
const NO_DECISIONS: [&str; 4] = ["readme", "index", "template", "adr-template"];
/// The keys by which elements name decisions.
const ELEMENT_KEYS: [&str; 2] = ["decisions", "adr"];

/// The folders of decisions that settings name, by the texts of the files that could name one.
pub(crate) fn named_folders(read: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut named: Vec<String> = read(ADR_TOOLS_FILE).map(|text| text.trim().to_owned()).into_iter().collect();
    let settings = read(LOG4BRAINS_FILE).and_then(|text| yaml::parse(&text, 0).0);
    let text = |value: &Value, key: &str| value.as_map().and_then(|map| map.get(key)?.value.scalar_text());
    if let Some(project) = settings.as_ref().and_then(|value| value.as_map()?.get("project")) {
        named.extend(text(&project.value, "adrFolder"));
        let packages = project.value.as_map().and_then(|map| map.get("packages"));
        let packages = packages.and_then(|entry| entry.value.as_list()).unwrap_or_default();
        named.extend(packages.iter().filter_map(|package| text(package, "adrFolder")));
    }
    let inside = named.iter().filter_map(|folder| FilePath::new(folder).ok());
    inside.map(|folder| folder.as_str().to_owned()).collect()
}

/// All folders of decisions, those that settings name first.
pub fn folders(project: &Project, snapshot: &Snapshot) -> Vec<String> {
    let mut folders: Vec<String> = project.decisions.iter().cloned().collect();
    folders.extend(named_folders(|file| snapshot.text(file).map(str::to_owned)));
    folders.extend(FOLDERS.map(str::to_owned));
    let mut seen: Vec<String> = Vec::new();
    folders.retain(|folder| {
        !folder.is_empty() && !seen.contains(folder) && {
            seen.push(folder.clone());
            true
        }
    });
    folders
}

/// Where a decision refers to another one.
struct Mention {
    from: usize,
    kind: String,
    written: Written,
}

/// All decisions, sorted by file.
pub(super) fn all(names: &mut Names<'_>, project: &Project) -> Vec<Decision> {
    let folders = folders(project, names.snapshot);
    let snapshot = names.snapshot;
    let files: BTreeSet<&FilePath> =
        folders.iter().flat_map(|folder| snapshot.paths_below(folder)).filter(|path| is_decision(path)).collect();
    let files = files.into_iter().filter_map(|path| Some((path, snapshot.source(path.as_str())?)));
    let mut decisions = Vec::new();
    let mut mentions = Vec::new();
    for (path, source) in files {
        decisions.push(decision(names, path, source, decisions.len(), &mut mentions));
    }
    same_numbers(&decisions, &mut names.findings);
    for Mention { from, kind, written } in mentions {
        let file = decisions[from].file.clone();
        if let Some(to) = resolve(names, &decisions, &file, &written).filter(|to| *to != from) {
            let link = DecisionLink { kind, to: decisions[to].id.clone() };
            if !decisions[from].links.contains(&link) {
                decisions[from].links.push(link);
            }
        }
    }
    by_elements(names, &mut decisions);
    decisions
}

fn is_decision(path: &FilePath) -> bool {
    let stem = path.file_name().strip_suffix(".md");
    stem.is_some_and(|stem| !NO_DECISIONS.iter().any(|no| stem.eq_ignore_ascii_case(no)))
}

fn decision(
    names: &mut Names<'_>,
    path: &FilePath,
    source: &Source,
    at: usize,
    mentions: &mut Vec<Mention>,
) -> Decision {
    let text = source.text();
    let parts = front::split(text);
    let mut reader = Reader::new(path, text);
    let id = path.file_name().trim_end_matches(".md").to_owned();
    let mut decision = Decision {
        number: leading_number(&id),
        date: leading_date(&id).unwrap_or_default(),
        id,
        title: String::new(),
        status: String::new(),
        state: DecisionState::Other,
        elements: Vec::new(),
        links: Vec::new(),
        rules: None,
        file: path.clone(),
        body: parts.body,
    };
    let entries = parts.front.map(|span| front_matter(&mut reader, span)).unwrap_or_default();
    let mut places = Places::default();
    for (name, entry) in reader.settled(At::Decision, entries) {
        let mut mention = |reader: &mut Reader<'_>, kind: &str, value: Value| {
            let list = match value.data {
                crate::value::Data::Integer(_) => reader.written(kind, value).into_iter().collect(),
                _ => reader.written_list(kind, value),
            };
            mentions.extend(list.into_iter().map(|written| Mention { from: at, kind: kind.to_owned(), written }));
        };
        match reader.key(At::Decision, &name, entry.key_span).map(|key| key.name) {
            Some("title") => decision.title = reader.text("title", entry.value).unwrap_or_default(),
            Some("status") => {
                if let Some(written) = reader.written("status", entry.value) {
                    mentions.extend(mention_in(at, &written.text, written.span));
                    places.status = Some(written.span);
                    decision.status = written.text;
                }
            }
            Some("date") => {
                places.date = Some(entry.value.span);
                decision.date = reader.text("date", entry.value).unwrap_or_default();
            }
            Some("supersedes") => mention(&mut reader, SUPERSEDES, entry.value),
            Some("superseded_by") => mention(&mut reader, SUPERSEDED_BY, entry.value),
            Some("rules") => decision.rules = Some(entry.value),
            Some("elements") => {
                let written = reader.written_list("elements", entry.value);
                decision.elements = written.iter().filter_map(|name| names.element(path, None, name)).collect();
                decision.elements.dedup();
            }
            _ => {}
        }
    }
    names.findings.extend(reader.told());
    from_prose(&mut decision, text, at, mentions, &mut places);
    decision.status = without_links(&decision.status);
    decision.state = DecisionState::of(&decision.status);
    names.findings.extend(slips(&decision, &places));
    decision
}

/// Where a decision says its status and its date.
#[derive(Default)]
struct Places {
    status: Option<Span>,
    date: Option<Span>,
}

/// A status that is nearly one of those that are known, and a date that is no day.
fn slips(decision: &Decision, places: &Places) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    if let (Some(span), Some(help)) = (places.status, question(&DecisionState::near(&decision.status))) {
        let message =
            format!("the status of `{}` is `{}`, which says nothing that loko knows", decision.id, decision.status);
        findings.push(Diagnostic::warning("unknown-status", message).at(&decision.file, span, "not known").help(help));
    }
    if let Some(span) = places.date.filter(|_| Date::is_wrong(&decision.date)) {
        let message = format!("the date of `{}` is `{}`, which is no day", decision.id, decision.date);
        let finding = Diagnostic::warning("bad-date", message).at(&decision.file, span, "no such day");
        findings.push(finding.help("write year, month and day, such as 2026-03-02"));
    }
    findings
}

/// Fills in from headings and lines what the front matter does not say.
fn from_prose(decision: &mut Decision, text: &str, at: usize, mentions: &mut Vec<Mention>, places: &mut Places) {
    let mut in_status = false;
    let mut titled = false;
    let mut offset = decision.body.range().start;
    for whole in text[decision.body.range()].split_inclusive('\n') {
        let line = whole.trim();
        let start = offset + (whole.len() - whole.trim_start().len());
        offset += whole.len();
        let mut status = |decision: &mut Decision, said: &str| {
            mentions.extend(mention_in(at, said, Span::new(start, start + line.len())));
            if decision.status.is_empty() {
                places.status = Some(Span::new(start, start + line.len()));
                said.clone_into(&mut decision.status);
            }
        };
        if let Some(heading) = line.strip_prefix("# ").filter(|_| !titled) {
            titled = true;
            let (heading, _) = name::heading(heading.trim().trim_end_matches('#').trim_end());
            decision.number = decision.number.or_else(|| leading_number(heading));
            if decision.title.is_empty() {
                decision.title = without_number(heading).to_owned();
            }
        } else if let Some(heading) = line.strip_prefix("## ") {
            in_status = name::heading(heading.trim()).0.eq_ignore_ascii_case("status");
        } else if in_status && !line.is_empty() {
            status(decision, line.trim_start_matches(['*', '-', ' ']));
        } else if let Some(date) =
            labelled(line, "date").filter(|_| decision.date.is_empty() || is_leading_date(decision))
        {
            places.date = Some(Span::new(start, start + line.len()));
            date.clone_into(&mut decision.date);
        } else if let Some(said) = labelled(line, "status").filter(|_| decision.status.is_empty()) {
            status(decision, said);
        }
    }
    if decision.title.is_empty() {
        decision.title = without_number(&decision.id).replace(['-', '_'], " ");
    }
}

fn is_leading_date(decision: &Decision) -> bool {
    leading_date(&decision.id).is_some_and(|date| date == decision.date)
}

/// The decision that a line of a status refers to: `superseded by [2. B](0002-b.md)`, `Amends ADR-0007`.
fn mention_in(from: usize, line: &str, span: Span) -> Option<Mention> {
    let kind = |words: &str| {
        let words = words.trim().trim_end_matches(':').to_lowercase();
        words.replace("superceded", "superseded").replace("supercedes", SUPERSEDES)
    };
    let (words, written) = match line.split_once("](") {
        Some((before, after)) => (before.split_once('[')?.0, after.split_once(')')?.0),
        None => {
            let at = line.find(|c: char| c.is_ascii_digit())?;
            let start = line[..at].rfind(' ').map_or(0, |blank| blank + 1);
            (&line[..start], line[start..].split(' ').next()?.trim_end_matches(['.', ',', ';']))
        }
    };
    let kind = kind(words);
    let is_reference = kind.ends_with("by") || kind.ends_with('s');
    let written = Written { text: written.to_owned(), span };
    (is_reference && !written.text.contains("://")).then_some(Mention { from, kind, written })
}

/// Links of Markdown as their words.
fn without_links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let Some((label, target)) = after.split_once("](") else { break };
        let Some((_, behind)) = target.split_once(')') else { break };
        out.push_str(before);
        out.push_str(label);
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// Two decisions of one number: nobody can tell which is meant.
fn same_numbers(decisions: &[Decision], findings: &mut Vec<Diagnostic>) {
    let mut known: BTreeMap<u32, &Decision> = BTreeMap::new();
    for decision in decisions {
        let Some(number) = decision.number else { continue };
        let Some(first) = known.get(&number) else {
            known.insert(number, decision);
            continue;
        };
        // Packages of one repository may each count from one.
        if first.file.folder() == decision.file.folder() {
            let message = format!("`{}` and `{}` both have the number {number}", first.id, decision.id);
            let finding = Diagnostic::warning("duplicate-decision", message)
                .at(&decision.file, Span::at(0), "")
                .and(&first.file, Span::at(0), "the first one")
                .help("give one of them the next free number, in its file name and heading");
            findings.push(finding);
        }
    }
}

/// The decision that a reference means; a finding when it means none or several.
fn resolve(names: &mut Names<'_>, decisions: &[Decision], file: &FilePath, written: &Written) -> Option<usize> {
    let found = decision::find(decisions, &written.text);
    // Beside each other first, as packages count for themselves.
    let beside: Vec<usize> = found.iter().copied().filter(|at| decisions[*at].file.folder() == file.folder()).collect();
    match (beside.as_slice(), found.as_slice()) {
        ([only], _) | ([], [only]) => Some(*only),
        ([], []) => {
            let known = decisions.iter().map(|decision| decision.id.as_str());
            let finding = Diagnostic::warning(
                "unresolved-decision",
                format!("there is no decision `{}`", written.text),
            )
            .at(file, written.span, "not found");
            names.findings.push(match did_you_mean(&written.text, known) {
                Some(help) => finding.help(help),
                None => finding.help("name it by its number or its file name; `loko adr list` shows all"),
            });
            None
        }
        _ => None,
    }
}

/// Elements name decisions too.
fn by_elements(names: &mut Names<'_>, decisions: &mut [Decision]) {
    let mut found: Vec<(ElementIx, FilePath, Written)> = Vec::new();
    for (at, element) in names.model().elements.iter().enumerate() {
        found.extend(named_by(element).map(|written| (ElementIx(at as u32), element.file.clone(), written)));
    }
    for (ix, file, written) in found {
        if let Some(at) = resolve(names, decisions, &file, &written)
            && !decisions[at].elements.contains(&ix)
        {
            decisions[at].elements.push(ix);
        }
    }
}

/// The decisions of the workspace that an element names.
pub(super) fn named_by(element: &Element) -> impl Iterator<Item = Written> {
    let values = ELEMENT_KEYS.iter().filter_map(|key| element.behaviour.get(*key));
    let items = values.flat_map(|value| value.as_list().unwrap_or(std::slice::from_ref(value)));
    let written = items.filter_map(|item| Some(Written { text: item.scalar_text()?, span: item.span }));
    written.filter(|written| !written.text.contains("://"))
}

/// What follows `Date:` in a line, in a list or emphasised or not.
pub(crate) fn labelled<'l>(line: &'l str, label: &str) -> Option<&'l str> {
    let bare = line.trim_start_matches(['*', '-', '_', ' ']);
    let (name, rest) = bare.split_once(':')?;
    let matches = name.trim_end_matches(['*', '_', ' ']).eq_ignore_ascii_case(label);
    let rest = rest.trim_start_matches(['*', '_', ' ']).trim();
    (matches && !rest.is_empty()).then_some(rest)
}

/// The number of a decision; eight digits are log4brains' date and no number.
fn leading_number(text: &str) -> Option<u32> {
    let text = text.strip_prefix("ADR-").or_else(|| text.strip_prefix("adr-")).unwrap_or(text);
    let digits = text.len() - text.trim_start_matches(|first: char| first.is_ascii_digit()).len();
    text[..digits].parse().ok().filter(|_| digits < 8)
}

/// The date before a file name of log4brains, `20210113-use-rust`.
fn leading_date(id: &str) -> Option<String> {
    let (digits, _) = id.split_once('-')?;
    let is_date = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_date.then(|| format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]))
}

/// A title or file name without the number or date before it.
fn without_number(text: &str) -> &str {
    let plain = text.strip_prefix("ADR-").or_else(|| text.strip_prefix("adr-")).unwrap_or(text);
    let rest = plain.trim_start_matches(|first: char| first.is_ascii_digit());
    // A number is long or followed by something that ends it: `3 tiers` keeps its three.
    let digits = plain.len() - rest.len();
    if digits == 0 || !(rest.starts_with(['.', ':', '-', '_', ')']) || digits >= 4 && rest.starts_with(' ')) {
        return text;
    }
    rest.trim_start_matches(['.', ':', '-', '_', ' ', ')'])
}
