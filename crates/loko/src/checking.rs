//! What `validate` and the builders find: the checks of the workspace and its scenarios, held against a baseline or an earlier revision.

use crate::context::{Context, Failure, Session};
use loko_rules::baseline::{Baseline, Compared, Known};
use loko_rules::{Checked, Date, Memo, Options, Preset, Today, check};
use loko_source::disk::{Workspace, write_atomically};
use loko_source::{ChangeSet, Diagnostic, FilePath, Severity, Snapshot, Source, Span, TextEdit, diagnostic};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The day on which this program runs.
pub(crate) const TODAY: Today = Today::Asked(|| Date::parse(&jiff::Zoned::now().date().to_string()));

/// All findings of a workspace, for pages.
pub(crate) fn findings(session: &Session, memo: Option<&Memo>) -> Vec<Diagnostic> {
    let options = Options { today: TODAY, memo, ..Options::default() };
    of(session, &options).findings
}

/// All findings of one revision, for comparing it with another; `preset` instead of what its settings say. That a link on
/// the disk is not followed is told of no other revision, so it is no difference.
pub(crate) fn of_revision(session: &Session, preset: Option<&str>) -> Vec<Diagnostic> {
    let preset = preset.and_then(Preset::from_name);
    let mut findings = of(session, &Options { today: TODAY, preset, ..Options::default() }).findings;
    findings.retain(|finding| finding.severity == Severity::Error || !session.on_disk.contains(finding));
    findings
}

/// What a change of one's own adds to what is found while reading, and the texts as they would be; refused where errors
/// are among it. Rules and all that looks further than files and names are left to `validate`.
pub(crate) fn added(
    context: &Context,
    session: &Session,
    changes: &ChangeSet,
) -> Result<(Vec<Diagnostic>, Snapshot), Failure> {
    if changes.is_empty() {
        return Ok((Vec::new(), session.snapshot.clone()));
    }
    let after = context.load_changed(session, changes)?;
    let count = |findings: &[Diagnostic], code: &str| findings.iter().filter(|finding| finding.code == code).count();
    // What is said of an element in other words, because it has another name now, is not new.
    let is_new = |finding: &&Diagnostic| {
        finding.severity > Severity::Info
            && count(&after.findings, &finding.code) > count(&session.findings, &finding.code)
    };
    let new = diagnostic::only(&after.findings, &session.findings).into_iter().filter(is_new);
    let new: Vec<Diagnostic> = new.cloned().collect();
    let (mut errors, others): (Vec<_>, Vec<_>) = new.into_iter().partition(|it| it.severity == Severity::Error);
    if let Some(last) = errors.pop() {
        errors.push(last.note("so it would be after the change; nothing is written"));
        return Err(Failure::findings(errors, after.snapshot));
    }
    Ok((others, after.snapshot))
}

/// What a change to a workspace does to its findings, a line each: what it would add, and what it would mend.
pub(crate) fn told_of(context: &Context, session: &Session, changes: &ChangeSet) -> Result<Vec<String>, Failure> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let after = context.load_changed(session, changes)?;
    let (before, after) = (findings(session, None), findings(&after, None));
    let mut lines = Vec::new();
    for (verb, these, others) in [("adds", &after, &before), ("mends", &before, &after)] {
        let new = diagnostic::only(these, others);
        let (remarks, others): (Vec<_>, Vec<_>) = new.into_iter().partition(|it| it.severity == Severity::Info);
        lines.extend(others.iter().map(|it| {
            let help = it.help.as_ref().filter(|_| verb == "adds").map(|help| format!(" ({help})")).unwrap_or_default();
            format!("{verb} a finding: {}[{}]: {}{help}", it.severity.name(), it.code, it.message)
        }));
        let codes: BTreeSet<String> = remarks.iter().map(|it| format!("`{}`", it.code)).collect();
        if !remarks.is_empty() {
            let codes: Vec<String> = codes.into_iter().collect();
            lines.push(format!("{verb} {}: {}", crate::output::plural(remarks.len(), "remark"), codes.join(", ")));
        }
    }
    Ok(lines)
}

/// Checks a workspace.
pub(crate) fn of(session: &Session, options: &Options<'_>) -> Checked {
    let mut found = session.findings.clone();
    // Who asks for some codes asks for none of scenarios and pages.
    if options.only.is_none() {
        found.extend(loko_sim::check(session.model(), &session.snapshot));
        found.extend(loko_site::check(&session.snapshot));
    }
    check(&session.snapshot, &session.loaded, found, options)
}

/// The findings that an earlier revision did not have, or that are about files that changed since.
pub(crate) fn since(
    context: &Context,
    session: &Session,
    rev: &str,
    findings: Vec<Diagnostic>,
    options: &Options<'_>,
) -> Result<Vec<Diagnostic>, Failure> {
    let before = context.load(Some(rev))?;
    let mut known: BTreeMap<Known, usize> = BTreeMap::new();
    for finding in of(&before, options).findings {
        *known.entry(Known::of(&finding)).or_default() += 1;
    }
    let changed = |path: &FilePath| before.snapshot.text(path.as_str()) != session.snapshot.text(path.as_str());
    let mut findings = findings;
    findings.retain(|finding| {
        let is_old = known.get_mut(&Known::of(finding)).is_some_and(|left| {
            let was = *left > 0;
            *left = left.saturating_sub(1);
            was
        });
        let mut places = finding.primary.iter().chain(&finding.secondary);
        !is_old || places.any(|label| changed(&label.place.path))
    });
    Ok(findings)
}

/// A baseline file: where it is, and what it is called in messages.
pub(crate) struct BaselineFile {
    workspace: Workspace,
    /// The file that somebody named on the command line. What the settings name is a file of the workspace, as the
    /// settings may be somebody else's.
    given: Option<PathBuf>,
    pub(crate) name: FilePath,
}

impl BaselineFile {
    /// The file that was named, else the one that the settings name.
    pub(crate) fn find(session: &Session, given: Option<&Path>, set: Option<&str>) -> Result<Option<Self>, Failure> {
        let workspace = session.workspace.clone();
        let Some(path) = given else {
            let Some(set) = set else { return Ok(None) };
            let name = FilePath::new(set).map_err(|error| {
                Failure::new(format!("`rules.baseline` names no file of the workspace: {error}"))
                    .help("name one, or a file elsewhere with `--baseline`")
            })?;
            return Ok(Some(Self { workspace, given: None, name }));
        };
        let inside = path.strip_prefix(workspace.root()).ok().and_then(Path::to_str).map(str::to_owned);
        let named = inside.or_else(|| path.to_str().map(str::to_owned)).and_then(|name| FilePath::new(&name).ok());
        let last = || FilePath::new(path.file_name()?.to_str()?).ok();
        let fallback = || FilePath::new(loko_rules::baseline::BASELINE_FILE).expect("a plain name is a path");
        let name = named.or_else(last).unwrap_or_else(fallback);
        Ok(Some(Self { workspace, given: Some(path.to_owned()), name }))
    }

    fn read(&self) -> Result<String, Failure> {
        let text = match &self.given {
            Some(path) => std::fs::read_to_string(path).map_err(|error| error.to_string()),
            None => {
                let source = self.workspace.read_text(self.name.as_str());
                let missing = "it is missing, or leads out of the workspace by a link".to_owned();
                source.map(|source| source.text().to_owned()).ok_or(missing)
            }
        };
        text.map_err(|error| {
            Failure::new(format!("cannot read the baseline `{}`: {error}", self.name))
                .help("write one with `loko validate --write-baseline`")
        })
    }

    /// Holds findings against the file; the snapshot gets its text, so that places in it can be shown.
    pub(crate) fn compare(&self, findings: Vec<Diagnostic>, snapshot: &mut Snapshot) -> Result<Compared, Failure> {
        let text = self.read()?;
        snapshot.insert(self.name.clone(), Source::new(text.as_str()));
        let baseline = Baseline::parse(&text).map_err(|error| {
            let finding = Diagnostic::error("bad-baseline", error.message.clone())
                .at(&self.name, error.span, "")
                .help("write it anew with `loko validate --write-baseline`");
            Failure::findings(vec![finding], snapshot.clone())
        })?;
        Ok(baseline.compare(findings, &self.name))
    }

    /// Writes the file.
    pub(crate) fn write(&self, baseline: &Baseline) -> Result<(), Failure> {
        let text = baseline.to_text();
        if let Some(path) = &self.given {
            return write_atomically(path, text.as_bytes()).map_err(|error| Failure::unwritable(path, &error));
        }
        let mut before = Snapshot::default();
        let mut changes = ChangeSet::new();
        match self.workspace.read_text(self.name.as_str()) {
            Some(source) => {
                changes.edit(self.name.clone(), TextEdit::replace(Span::new(0, source.text().len()), text));
                before.insert(self.name.clone(), source);
            }
            None => changes.create(self.name.clone(), text),
        }
        Ok(self.workspace.write(&before, &changes)?)
    }
}
