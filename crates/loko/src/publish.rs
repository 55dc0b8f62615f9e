//! Building documentation into a folder.

use crate::context::{Failure, Session, cache_folder};
use loko_model::project::PROJECT_FILE;
use loko_site::{Content, Fingerprint, Format, History, Input, Memo, Options};
use loko_source::disk::{Destination, OutputFile, OutputReport, Previous, Shelf, Sort, write_output};
use loko_source::{ChangeSet, Diagnostic, FilePath, Span, TextEdit};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where things stand in the pictures of a workspace, for the next build.
const PLACEMENTS: Sort = Sort { ending: "placements", files_max: 32, bytes_max: 64 * 1024 * 1024 };

/// What is wanted.
pub(crate) struct Wish<'a> {
    /// The formats.
    pub(crate) formats: &'a [Format],
    /// The folder to write to.
    pub(crate) folder: &'a Path,
    /// The version to name on the pages.
    pub(crate) version: Option<&'a str>,
    /// What the repository tells.
    pub(crate) history: Option<&'a History>,
    /// Whether to make everything anew.
    pub(crate) clean: bool,
    /// Whether files that loko did not make may be overwritten.
    pub(crate) overwrite: bool,
    /// Whether to write into the workspace where everything stands.
    pub(crate) keep_positions: bool,
    /// Whether to run the scenarios whose results are not there yet.
    pub(crate) simulate: bool,
}

impl<'a> Wish<'a> {
    /// The files as they are now, and only what changed.
    pub(crate) fn of(formats: &'a [Format], folder: &'a Path) -> Self {
        Self {
            formats,
            folder,
            version: None,
            history: None,
            clean: false,
            overwrite: false,
            keep_positions: false,
            simulate: false,
        }
    }
}

/// What was done.
pub(crate) struct Published {
    /// Files written, left alone, removed.
    pub(crate) report: OutputReport,
    /// All findings, those of the build included.
    pub(crate) findings: Vec<Diagnostic>,
    /// The number of files in the folder.
    pub(crate) files: usize,
    /// The number of pictures among them.
    pub(crate) diagrams: usize,
    /// The first page or document.
    pub(crate) index: String,
    /// The formats that were not wanted and of which the folder holds what an earlier build made.
    pub(crate) left: Vec<&'static str>,
}

/// Builds and writes.
pub(crate) fn publish(session: &Session, wish: &Wish<'_>) -> Result<Published, Failure> {
    let maker = maker();
    let on_disk = Previous::read(wish.folder, &maker);
    let known: loko_site::Previous = on_disk
        .iter()
        .filter(|_| !wish.clean && session.model().project.cache)
        .map(|(path, fingerprint)| (path.clone(), Fingerprint::from(fingerprint)))
        .collect();
    let memo = Memo::new();
    let options = Options {
        formats: wish.formats.to_vec(),
        memo: Some(&memo),
        version: wish.version.map(str::to_owned),
        previous: Some(&known),
        keep_positions: wish.keep_positions,
        simulate: wish.simulate,
        runs: runs(wish.folder),
        history: wish.history,
        find_fonts: Some(crate::fonts::find),
        ..Options::default()
    };
    let found = crate::checking::findings(session, None);
    let input = Input { snapshot: &session.snapshot, model: session.model(), findings: &found, options: &options };
    let made_from = loko_site::made_from(&input);
    // Positions are written into the workspace, which the output folder does not tell of.
    if !wish.clean && session.model().project.cache && !wish.keep_positions && on_disk.is_whole(made_from.into()) {
        return Ok(unchanged(&on_disk, wished(wish.formats), found));
    }
    let shelf = cache_folder().filter(|_| session.model().project.cache);
    let shelf = shelf.map(|folder| Shelf::of(&folder, session.workspace.root(), PLACEMENTS));
    let head = format!("{maker}\n").into_bytes();
    if let Some(kept) = shelf.as_ref().filter(|_| !wish.clean).and_then(Shelf::read)
        && let Some(placements) = kept.strip_prefix(&*head)
    {
        memo.recall(placements);
    }
    let output = loko_site::build(&input);
    if let (Some(shelf), Some(placements)) = (shelf, memo.placements()) {
        shelf.keep(&[head, placements].concat());
    }
    // What building finds is found again only by building.
    let remembered = output.findings.is_empty().then(|| made_from.into());
    let mut files: BTreeMap<FilePath, OutputFile> = output
        .files
        .into_iter()
        .map(|(path, file)| {
            let fingerprint = u64::from(file.fingerprint);
            let made = match file.content {
                Content::Bytes(bytes) => OutputFile::Made { bytes, fingerprint },
                Content::Unchanged => OutputFile::Unchanged,
            };
            (path, made)
        })
        .collect();
    let made: Vec<FilePath> = files.keys().cloned().collect();
    // What other formats made stays: only what this build would make can be out of date.
    let formats = wished(wish.formats);
    for path in of_others(&on_disk, formats).filter(|_| !wish.clean) {
        files.entry(path.clone()).or_insert(OutputFile::Unchanged);
    }
    let left = if wish.clean { Vec::new() } else { left(&on_disk, formats) };
    let sources = loko_model::load::scope(session.snapshot.text(PROJECT_FILE));
    let destination = Destination {
        workspace: session.workspace.root(),
        sources: &sources,
        folder: wish.folder,
        overwrite: wish.overwrite,
    };
    let mut report = write_output(&destination, &maker, &on_disk, &files, remembered)
        .map_err(|error| Failure::new(error.to_string()))?;
    report.unchanged -= files.len() - made.len();
    keep_positions(session, output.positions)?;
    let mut findings = found.clone();
    // What drawing finds again at a place that loading complained of is the same problem.
    let told = |finding: &Diagnostic| {
        let place = |finding: &Diagnostic| finding.primary.as_ref().map(|label| label.place.clone());
        found.iter().any(|known| place(known).is_some() && place(known) == place(finding))
    };
    findings.extend(output.findings.into_iter().filter(|finding| !told(finding)));
    loko_source::diagnostic::sort(&mut findings);
    Ok(Published { left, ..published(made.iter(), report, findings) })
}

/// The formats that a build makes.
fn wished(formats: &[Format]) -> &[Format] {
    if formats.is_empty() { &[Format::Html] } else { formats }
}

/// What builds of other formats left in a folder.
fn of_others<'a>(on_disk: &'a Previous, formats: &'a [Format]) -> impl Iterator<Item = &'a FilePath> {
    on_disk.iter().map(|(path, _)| path).filter(|path| !formats.iter().any(|format| format.makes(path)))
}

/// The formats that those files are of; pictures and copied files, which belong to several, tell nothing.
fn left(on_disk: &Previous, formats: &[Format]) -> Vec<&'static str> {
    let is_left = |format: &Format| {
        let others = || Format::ALL.iter().filter(|(_, other)| other != format);
        of_others(on_disk, formats).any(|path| format.makes(path) && !others().any(|(_, other)| other.makes(path)))
    };
    let others = Format::ALL.iter().filter(|(_, format)| !formats.contains(format));
    others.filter(|(_, format)| is_left(format)).map(|(name, _)| *name).collect()
}

/// What a build comes to that had nothing to do.
fn unchanged(on_disk: &Previous, formats: &[Format], findings: Vec<Diagnostic>) -> Published {
    let paths = on_disk.iter().map(|(path, _)| path);
    let made: Vec<&FilePath> = paths.filter(|path| formats.iter().any(|format| format.makes(path))).collect();
    let report = OutputReport { unchanged: made.len(), ..OutputReport::default() };
    Published { left: left(on_disk, formats), ..published(made.into_iter(), report, findings) }
}

fn published<'a>(
    files: impl Iterator<Item = &'a FilePath>,
    report: OutputReport,
    findings: Vec<Diagnostic>,
) -> Published {
    let files: Vec<&FilePath> = files.collect();
    let diagrams = files.iter().filter(|path| path.extension() == Some("svg") && path.as_str() != "icon.svg").count();
    let named = |name: &str| files.iter().find(|path| path.as_str() == name);
    let first = named("index.html").or_else(|| named("README.md")).or(files.first());
    let index = first.map(ToString::to_string).unwrap_or_default();
    Published { report, findings, files: files.len(), diagrams, index, left: Vec::new() }
}

/// The results of scenarios that earlier builds kept in a folder.
#[expect(clippy::disallowed_methods, reason = "what a build wrote is no file of the workspace")]
pub(crate) fn runs(folder: &Path) -> BTreeMap<FilePath, Arc<[u8]>> {
    let entries = std::fs::read_dir(folder.join(loko_site::RUNS_FOLDER)).into_iter().flatten().flatten();
    let kept = entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "json"));
    kept.filter_map(|entry| {
        let name = format!("{}/{}", loko_site::RUNS_FOLDER, entry.file_name().to_str()?);
        Some((FilePath::new(&name).ok()?, std::fs::read(entry.path()).ok()?.into()))
    })
    .collect()
}

/// Writes the files of positions that changed.
fn keep_positions(session: &Session, positions: BTreeMap<FilePath, String>) -> Result<(), Failure> {
    let mut changes = ChangeSet::new();
    for (path, text) in positions {
        match session.snapshot.text(path.as_str()) {
            Some(known) if known == text => {}
            Some(known) => changes.edit(path, TextEdit::replace(Span::new(0, known.len()), text)),
            None => changes.create(path, text),
        }
    }
    if changes.is_empty() {
        return Ok(());
    }
    session.workspace.write(&session.snapshot, &changes).map_err(|error| Failure::new(error.to_string()))
}

/// Names the program that makes the files: another one may make other files of the same input.
pub(crate) fn maker() -> String {
    let executable = std::env::current_exe().and_then(std::fs::metadata).ok();
    let size = executable.as_ref().map_or(0, std::fs::Metadata::len);
    let changed = executable.and_then(|metadata| metadata.modified().ok());
    let stamp = changed.and_then(|changed| changed.duration_since(std::time::UNIX_EPOCH).ok());
    format!("{}-{:x}-{size:x}", env!("CARGO_PKG_VERSION"), stamp.map_or(0, |stamp| stamp.as_nanos()))
}

/// The formats that were named, each possibly several with commas.
pub(crate) fn formats(named: &[String]) -> Result<Vec<Format>, Failure> {
    let mut formats = Vec::new();
    for name in named.iter().flat_map(|names| names.split(',')).map(str::trim).filter(|name| !name.is_empty()) {
        match Format::from_name(name) {
            Some(format) if !formats.contains(&format) => formats.push(format),
            Some(_) => {}
            None => {
                let known = Format::ALL.map(|(name, _)| name);
                let hint = loko_source::suggest::did_you_mean(name, known);
                return Err(Failure::new(format!("there is no format `{name}`"))
                    .help(hint.unwrap_or_else(|| format!("the formats are {}", known.join(", ")))));
            }
        }
    }
    Ok(formats)
}

/// The folder to write to: as given, relative to where one stands; else the workspace's own.
pub(crate) fn folder(session: &Session, given: Option<&Path>) -> PathBuf {
    match given {
        Some(folder) => folder.to_owned(),
        None => session.workspace.root().join(&session.model().project.output),
    }
}
