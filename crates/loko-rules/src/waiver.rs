//! Waivers: findings that a team lives with, for a reason and, if it wants, until a day.
//!
//! `loko-allow CODE[, CODE]: REASON[, until YYYY-MM-DD]` in a comment of Markdown, front matter, D2 or TOML waives what is
//! found on its line, or on the next one when it stands alone; `loko-allow-file` what is found in its file. A `[[waiver]]`
//! of the settings waives by path or selector. A waiver without a reason waives nothing; one that has expired, or that
//! nothing needs, is a finding itself.

use crate::codes;
use crate::memo::Since;
use crate::settings::{Fields, covers};
use loko_model::Date;
use loko_model::glob::Pattern;
use loko_model::select::Select;
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Place, Snapshot, Source, Span};
use rayon::prelude::*;

/// The word that begins a waiver in a comment.
const WORD: &str = "loko-allow";
/// The word for the last day.
const UNTIL: &str = "until";

/// A waiver.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// The codes that it waives.
    pub codes: Vec<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// Where it is stated.
    pub place: Place,
    /// What it covers.
    pub covers: Covers,
}

/// What a waiver covers.
#[derive(Clone, Debug)]
pub enum Covers {
    /// These bytes of its file.
    Span(Span),
    /// Its file.
    File,
    /// Files and elements, as the settings say.
    Settings(Vec<(String, Pattern)>, Option<Box<Select>>),
}

/// A waiver of the settings.
pub type FileWaiver = Waiver;

impl Waiver {
    /// Reads a `[[waiver]]`.
    pub(crate) fn read(fields: &mut Fields<'_>, key: Span) -> Option<Self> {
        fields.only("a waiver", &["rule", "rules", "paths", "elements", "reason", "until"]);
        let mut known = Vec::new();
        for value in ["rule", "rules"].into_iter().flat_map(|key| fields.values(key)) {
            // A team's own rules have names that are known only later.
            known.extend(
                value.as_text().map(|name| codes::find(name).map_or_else(|| name.to_owned(), |it| it.name.to_owned())),
            );
        }
        let span = fields.entries.values().next().map_or(key, |entry| entry.key_span);
        let place = Place::new(fields.file.clone(), span);
        let paths = fields.patterns("paths");
        let select = fields.value("elements").and_then(|value| selector(fields, value));
        let reason = fields.text("reason").unwrap_or_default();
        let until = until(fields)?;
        if known.is_empty() {
            fields.missing("rules", "a waiver");
            return None;
        }
        if paths.is_empty() && select.is_none() {
            fields.missing("paths", "a waiver");
            return None;
        }
        if reason.trim().is_empty() {
            fields.findings.push(without_reason(&place));
            return None;
        }
        let covers = Covers::Settings(paths, select.map(Box::new));
        Some(Self { codes: known, reason, until, place, covers })
    }

    /// Whether it covers a finding; `elements` are the files of the elements that its selector picks.
    pub(crate) fn covers(&self, finding: &Diagnostic, elements: &[&FilePath]) -> bool {
        if !self.codes.iter().any(|code| *code == finding.code) {
            return false;
        }
        let Some(label) = &finding.primary else { return false };
        let (path, span) = (&label.place.path, label.place.span);
        match &self.covers {
            Covers::File => *path == self.place.path,
            Covers::Span(covered) => {
                *path == self.place.path
                    && covered.start <= span.start
                    && span.start < covered.end.max(covered.start + 1)
            }
            Covers::Settings(paths, select) => {
                let in_paths = paths.is_empty() || covers(paths, path.as_str());
                let in_elements = select.is_none() || elements.contains(&path);
                in_paths && in_elements
            }
        }
    }
}

fn selector(fields: &mut Fields<'_>, value: &loko_model::Value) -> Option<Select> {
    crate::policy::selector(fields, value, loko_model::select::Subject::Elements).map(|picker| picker.select)
}

/// The last day; the outer nothing is a day that cannot be read.
fn until(fields: &mut Fields<'_>) -> Option<Option<Date>> {
    let Some(text) = fields.text(UNTIL) else { return Some(None) };
    let day = Date::parse(&text);
    if day.is_none()
        && let Some(value) = fields.value(UNTIL)
    {
        fields.bad(value.span, format!("`{text}` is no day"), "write it as 2027-01-31");
        return None;
    }
    Some(day)
}

fn without_reason(place: &Place) -> Diagnostic {
    Diagnostic::error("waiver-without-reason", "a waiver does not say why")
        .at(&place.path, place.span, "waives nothing")
        .help("write `loko-allow CODE: the reason, until 2027-01-31`; the day may be left out")
}

/// All waivers in comments, with what is wrong with them.
pub(crate) fn in_comments(snapshot: &Snapshot, since: Option<&Since<'_>>) -> (Vec<Waiver>, Vec<Diagnostic>) {
    let files: Vec<(&FilePath, &Source)> = match since {
        Some(since) => {
            let edited = since.moved.edited();
            edited.filter_map(|path| Some((path, snapshot.source(path.as_str())?))).collect()
        }
        None => snapshot.iter().collect(),
    };
    let found: Vec<(Vec<Waiver>, Vec<Diagnostic>)> = files
        .par_iter()
        .filter(|(path, source)| comment_mark(path).is_some() && source.text().contains(WORD))
        .map(|(path, source)| in_file(path, source.text()))
        .collect();
    let (mut waivers, mut findings) = since.map_or_else(Default::default, Since::waivers);
    for (of_file, wrong) in found {
        waivers.extend(of_file);
        findings.extend(wrong);
    }
    // Of two that cover the same finding the first counts, whichever file was read again.
    waivers.sort_by(|a, b| a.place.cmp(&b.place));
    (waivers, findings)
}

/// How comments of a file may begin.
fn comment_mark(path: &FilePath) -> Option<&'static [&'static str]> {
    match path.extension() {
        Some("md") => Some(&["<!--", "#"]),
        Some("d2" | "toml") => Some(&["#"]),
        _ => None,
    }
}

fn in_file(path: &FilePath, text: &str) -> (Vec<Waiver>, Vec<Diagnostic>) {
    let (mut waivers, mut findings) = (Vec::new(), Vec::new());
    let marks = comment_mark(path).unwrap_or(&[]);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(at) = line.find(WORD)
            && let Some(mark) = marks.iter().filter_map(|mark| line[..at].rfind(mark)).max()
        {
            let ends = line[at..].find("-->").map_or(line.trim_end().len(), |end| at + end);
            let stated = Stated { path, text, line_start: start, line, mark, at, written: line[at..ends].trim_end() };
            match stated.waiver() {
                Ok(waiver) => waivers.push(waiver),
                Err(finding) => findings.push(*finding),
            }
        }
        start += line.len();
    }
    (waivers, findings)
}

/// A waiver in a comment, as it is written.
struct Stated<'t> {
    path: &'t FilePath,
    text: &'t str,
    line_start: usize,
    line: &'t str,
    mark: usize,
    at: usize,
    written: &'t str,
}

impl Stated<'_> {
    fn place(&self) -> Place {
        let start = self.line_start + self.at;
        Place::new(self.path.clone(), Span::new(start, start + self.written.len()))
    }

    fn waiver(&self) -> Result<Waiver, Box<Diagnostic>> {
        let place = self.place();
        let rest = &self.written[WORD.len()..];
        let (rest, whole_file) = rest.strip_prefix("-file").map_or((rest, false), |rest| (rest, true));
        let (names, said) = rest.split_once(':').ok_or_else(|| Box::new(without_reason(&place)))?;
        let mut known = Vec::new();
        for name in names.split([',', ' ']).map(str::trim).filter(|name| !name.is_empty()) {
            known.push(codes::find(name).map_or_else(|| name.to_owned(), |code| code.name.to_owned()));
        }
        let (reason, until) = self.reason(said)?;
        if known.is_empty() || reason.is_empty() {
            return Err(Box::new(without_reason(&place)));
        }
        let covers = if whole_file { Covers::File } else { Covers::Span(self.covered()) };
        Ok(Waiver { codes: known, reason: reason.to_owned(), until, place, covers })
    }

    /// The reason, and the last day when one stands at its end; a day that does not exist waives nothing.
    fn reason<'s>(&self, said: &'s str) -> Result<(&'s str, Option<Date>), Box<Diagnostic>> {
        let said = said.trim();
        let Some(at) = said.rfind(UNTIL) else { return Ok((said, None)) };
        let day = said[at + UNTIL.len()..].trim().trim_end_matches([')', '.']);
        match Date::parse(day) {
            Some(date) => Ok((said[..at].trim_end().trim_end_matches([',', ';', '(']).trim_end(), Some(date))),
            None if day.starts_with(|first: char| first.is_ascii_digit()) => {
                let place = self.place();
                let finding = Diagnostic::error("bad-value", format!("`{day}` is no day"));
                Err(Box::new(finding.at(&place.path, place.span, "waives nothing").help("write it as 2027-01-31")))
            }
            None => Ok((said, None)),
        }
    }

    /// Its own line; with the next line that holds more than a comment when nothing stands before it.
    fn covered(&self) -> Span {
        let mut end = self.line_start + self.line.len();
        let is_alone = self.line[..self.mark].trim().is_empty();
        if is_alone {
            for line in self.text[end..].split_inclusive('\n') {
                end += line.len();
                let line = line.trim();
                // In Markdown a line may begin so and be a heading, but not one that waives something.
                let is_comment = line.starts_with('#') && (self.path.extension() != Some("md") || line.contains(WORD));
                if !(line.is_empty() || is_comment || line.starts_with("<!--")) {
                    break;
                }
            }
        }
        Span::new(self.line_start, end)
    }
}

/// What is to be said of waivers after they were applied.
pub(crate) fn findings(
    waivers: &[Waiver],
    used: &[bool],
    today: &dyn Fn() -> Option<Date>,
    is_known: &dyn Fn(&str) -> bool,
    ran: &dyn Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (waiver, used) in waivers.iter().zip(used) {
        let place = &waiver.place;
        let unknown: Vec<&String> = waiver.codes.iter().filter(|code| !is_known(code)).collect();
        for code in &unknown {
            let help = did_you_mean(code, codes::all().iter().map(|code| code.name));
            let finding =
                Diagnostic::error("unknown-rule", format!("there is no rule `{code}`")).at(&place.path, place.span, "");
            findings
                .push(finding.help(help.unwrap_or_else(|| "`loko validate --explain all` lists the rules".to_owned())));
        }
        let names = waiver.codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
        if let Some(until) = waiver.until.filter(|until| today().is_some_and(|today| today > *until)) {
            let message = format!("the waiver of {names} expired on {until}");
            findings.push(
                Diagnostic::warning("expired-waiver", message)
                    .at(&place.path, place.span, "waives nothing any more")
                    .help("mend what it waives, or agree on another day"),
            );
        } else if !used && unknown.is_empty() && waiver.codes.iter().any(|code| ran(code)) {
            findings.push(
                Diagnostic::warning("unused-waiver", format!("nothing needs the waiver of {names}"))
                    .at(&place.path, place.span, "")
                    .help("take it out"),
            );
        }
    }
    findings
}
