//! Architecture decision records: the Markdown files of `decisions/`, in MADR's or Nygard's form.

use super::Names;
use super::draft::front_matter;
use super::front;
use super::read::Reader;
use super::scope::DECISIONS_FOLDER;
use crate::Decision;
use crate::schema::At;
use loko_source::{FilePath, Source};

/// Files of the folder that are no decisions.
const NO_DECISIONS: [&str; 4] = ["readme", "index", "template", "adr-template"];

/// All decisions, sorted by file.
pub(crate) fn all(names: &mut Names<'_>) -> Vec<Decision> {
    let files: Vec<&FilePath> = names.snapshot.paths_below(DECISIONS_FOLDER).filter(|path| is_decision(path)).collect();
    let mut decisions = Vec::new();
    for path in files {
        if let Some(source) = names.snapshot.source(path.as_str()) {
            decisions.push(decision(names, path, source));
        }
    }
    decisions
}

fn is_decision(path: &FilePath) -> bool {
    let stem = path.file_name().strip_suffix(".md");
    stem.is_some_and(|stem| !NO_DECISIONS.iter().any(|no| stem.eq_ignore_ascii_case(no)))
}

fn decision(names: &mut Names<'_>, path: &FilePath, source: &Source) -> Decision {
    let text = source.text();
    let parts = front::split(text);
    let mut reader = Reader::new(path, text);
    let id = path.file_name().trim_end_matches(".md").to_owned();
    let mut decision = Decision {
        number: leading_number(&id),
        id,
        title: String::new(),
        status: String::new(),
        date: String::new(),
        elements: Vec::new(),
        file: path.clone(),
        body: parts.body,
    };
    let entries = parts.front.map(|span| front_matter(&mut reader, span)).unwrap_or_default();
    for (name, entry) in entries {
        match reader.key(At::Decision, &name, entry.key_span).map(|key| key.name) {
            Some("title") => decision.title = reader.text("title", entry.value).unwrap_or_default(),
            Some("status") => decision.status = reader.text("status", entry.value).unwrap_or_default(),
            Some("date") => decision.date = reader.text("date", entry.value).unwrap_or_default(),
            Some("elements") => {
                let written = reader.written_list("elements", entry.value);
                decision.elements = written.iter().filter_map(|name| names.element(path, None, name)).collect();
                decision.elements.dedup();
            }
            _ => {}
        }
    }
    names.findings.append(&mut reader.findings);
    from_prose(&mut decision, &text[parts.body.range()]);
    decision
}

/// Fills in from headings and lines what the front matter does not say.
fn from_prose(decision: &mut Decision, prose: &str) {
    let mut in_status = false;
    let mut titled = false;
    for line in prose.lines().map(str::trim) {
        if let Some(heading) = line.strip_prefix("# ").filter(|_| !titled) {
            titled = true;
            let heading = heading.trim().trim_end_matches('#').trim_end();
            decision.number = decision.number.or_else(|| leading_number(heading));
            if decision.title.is_empty() {
                decision.title = without_number(heading).to_owned();
            }
        } else if let Some(heading) = line.strip_prefix("## ") {
            in_status = heading.trim().eq_ignore_ascii_case("status");
        } else if in_status && !line.is_empty() && decision.status.is_empty() {
            decision.status = line.trim_start_matches(['*', '-', ' ']).to_owned();
        } else if let Some(date) = labelled(line, "date").filter(|_| decision.date.is_empty()) {
            decision.date = date.to_owned();
        } else if let Some(status) = labelled(line, "status").filter(|_| decision.status.is_empty()) {
            decision.status = status.to_owned();
        }
    }
    if decision.title.is_empty() {
        decision.title = without_number(&decision.id).replace(['-', '_'], " ");
    }
}

/// What follows `Date:` in a line, in a list or emphasised or not.
fn labelled<'l>(line: &'l str, label: &str) -> Option<&'l str> {
    let bare = line.trim_start_matches(['*', '-', '_', ' ']);
    let (name, rest) = bare.split_once(':')?;
    let matches = name.trim_end_matches(['*', '_', ' ']).eq_ignore_ascii_case(label);
    let rest = rest.trim_start_matches(['*', '_', ' ']).trim();
    (matches && !rest.is_empty()).then_some(rest)
}

fn leading_number(text: &str) -> Option<u32> {
    let text = text.strip_prefix("ADR-").or_else(|| text.strip_prefix("adr-")).unwrap_or(text);
    let digits = text.len() - text.trim_start_matches(|first: char| first.is_ascii_digit()).len();
    text[..digits].parse().ok()
}

/// A title or file name without the number before it.
fn without_number(text: &str) -> &str {
    let plain = text.strip_prefix("ADR-").or_else(|| text.strip_prefix("adr-")).unwrap_or(text);
    let rest = plain.trim_start_matches(|first: char| first.is_ascii_digit());
    if rest.len() == plain.len() {
        return text;
    }
    rest.trim_start_matches(['.', ':', '-', '_', ' ', ')'])
}
