//! Checks of prose: where its links lead, whether its diagrams can be drawn, and what its selectors pick.
//!
//! [`Targets`] says what a link means; the site asks it too, so that what is checked is what is built. Reading Markdown is
//! the slow part and depends on one text alone: [`crate::Memo`] remembers it from one check to the next.

use crate::memo::Since;
use crate::workspace::Workspace;
use comrak::nodes::NodeValue;
use comrak::{Arena, parse_document};
use loko_model::select::{Select, SelectError, Subject};
use loko_model::{ElementIx, Link, Model, Resolution, name};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Snapshot, Span};
use memchr::memchr2;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

mod headings;

pub use headings::{Anchors, Heading, drop_unwritten, headings};

/// The codes of what is found in prose.
pub(crate) const CODES: [&str; 4] = ["bad-selector", "broken-link", "d2-in-prose", "empty-selector"];
/// Schemes that links of prose may use.
const SCHEMES: [&str; 4] = ["http:", "https:", "mailto:", "tel:"];
/// The places of a page that are no headings of its prose: its own sections, relations, footnotes and the like. Names may go on
/// behind those that end with a hyphen.
const PLACES: [&str; 7] = ["s-", "r-", "fn-", "fnref-", "content", "rules", "top"];
/// The prose of the landscape, in the source folder.
const CONTEXT_FILE: &str = "context.md";

/// What a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// An element.
    Element(ElementIx),
    /// A decision, by its place in the model's list.
    Decision(usize),
    /// The list of decisions.
    Decisions,
    /// The landscape.
    Home,
    /// A file of the workspace that is none of these.
    File(FilePath),
    /// A place on the same page.
    Here,
    /// Something outside.
    Outside,
    /// Nothing that exists.
    Missing,
}

/// All that links can lead to.
pub struct Targets<'a> {
    model: &'a Model,
    snapshot: &'a Snapshot,
    paths: FxHashMap<Cow<'a, str>, Destination>,
}

impl<'a> Targets<'a> {
    /// Gathers what there is.
    pub fn new(model: &'a Model, snapshot: &'a Snapshot) -> Self {
        let mut paths: FxHashMap<Cow<'a, str>, Destination> = FxHashMap::default();
        for ix in model.ids() {
            let element = model.element(ix);
            paths.insert(element.folder().into(), Destination::Element(ix));
            paths.insert(element.file.as_str().into(), Destination::Element(ix));
            paths.extend(element.d2.iter().map(|d2| (Cow::Borrowed(d2.as_str()), Destination::Element(ix))));
        }
        for (at, decision) in model.decisions.iter().enumerate() {
            paths.insert(decision.file.as_str().into(), Destination::Decision(at));
            paths.insert(decision.file.folder().into(), Destination::Decisions);
        }
        for name in [CONTEXT_FILE, loko_model::view::custom::CONTEXT_FILE, ""] {
            let path = format!("{}/{name}", model.project.source);
            paths.insert(path.trim_end_matches('/').to_owned().into(), Destination::Home);
        }
        paths.remove("");
        Self { model, snapshot, paths }
    }

    /// What a path of the workspace is the page of.
    pub fn of_path(&self, path: &str) -> Option<&Destination> {
        self.paths.get(path)
    }

    /// What a link in the prose of `file` leads to, and the fragment behind it with its `#`.
    pub fn resolve<'u>(&self, url: &'u str, file: &FilePath) -> (Destination, &'u str) {
        let url = url.trim();
        if url.starts_with('#') {
            return (Destination::Here, url);
        }
        if let Some(named) = url.strip_prefix("element:") {
            let (name, fragment) = named.split_at(named.find('#').unwrap_or(named.len()));
            return match self.model.resolve(name) {
                Resolution::Found(ix) => (Destination::Element(ix), fragment),
                Resolution::Ambiguous(_) | Resolution::Unknown => (Destination::Missing, ""),
            };
        }
        if let Some(scheme) = scheme(url) {
            let is_known = SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme));
            return (if is_known { Destination::Outside } else { Destination::Missing }, "");
        }
        if url.starts_with("//") {
            return (Destination::Missing, "");
        }
        let end = url.find(['#', '?']).unwrap_or(url.len());
        let fragment = url[end..].find('#').map_or("", |at| &url[end + at..]);
        (self.path(&decode(&url[..end]), file), fragment)
    }

    fn path(&self, written: &str, file: &FilePath) -> Destination {
        let Some(path) = join(file.folder(), written) else { return Destination::Missing };
        if let Some(known) = self.paths.get(path.as_str()) {
            return known.clone();
        }
        match FilePath::new(&path) {
            Ok(path)
                if self.snapshot.source(path.as_str()).is_some() || self.snapshot.asset(path.as_str()).is_some() =>
            {
                Destination::File(path)
            }
            _ => Destination::Missing,
        }
    }
}

fn scheme(url: &str) -> Option<&str> {
    let end = url.find(':')?;
    let name = &url[..end];
    let is_scheme = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '+' | '-' | '.'));
    is_scheme.then(|| &url[..=end])
}

/// The path that a relative or workspace-absolute one names, without `.` and `..`; none when it leaves the workspace.
fn join(folder: &str, written: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    if !written.starts_with('/') {
        parts.extend(folder.split('/').filter(|part| !part.is_empty()));
    }
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn decode(path: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(path).decode_utf8_lossy()
}

/// How prose is read: CommonMark with GitHub's extensions, HTML shown as text.
pub fn markdown_options() -> comrak::Options<'static> {
    let mut options = comrak::Options::default();
    let extension = &mut options.extension;
    extension.strikethrough = true;
    extension.table = true;
    extension.autolink = true;
    extension.tasklist = true;
    extension.footnotes = true;
    extension.alerts = true;
    options.render.escape = true;
    options
}

/// Whether the info string of a fence says that it is D2.
pub fn is_d2(info: &str) -> bool {
    info.split_whitespace().next().is_some_and(|language| language.eq_ignore_ascii_case("d2"))
}

/// A fenced block in prose whose selector stands for a table of what it picks: ` ```loko ` or ` ```loko relations `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorBlock {
    /// The first line of the block and the last, from 0.
    pub lines: (usize, usize),
    /// What it picks.
    pub subject: Subject,
    /// The selector.
    pub text: String,
}

impl SelectorBlock {
    /// The selector, read.
    pub fn select(&self) -> Result<Select, SelectError> {
        match self.subject {
            Subject::Elements => Select::elements(&self.text),
            Subject::Relations => Select::relations(&self.text),
        }
    }

    fn of(node: &comrak::nodes::Ast) -> Option<Self> {
        let NodeValue::CodeBlock(code) = &node.value else { return None };
        let mut words = code.info.split_whitespace();
        let is_ours = code.fenced && words.next().is_some_and(|language| language.eq_ignore_ascii_case("loko"));
        let subject = match words.next() {
            _ if !is_ours => return None,
            None | Some("elements") => Subject::Elements,
            Some("relations") => Subject::Relations,
            Some(_) => return None,
        };
        let lines = (node.sourcepos.start.line.checked_sub(1)?, node.sourcepos.end.line.checked_sub(1)?);
        Some(Self { lines, subject, text: code.literal.trim_end().to_owned() })
    }
}

/// The blocks of a prose that stand for tables. Those in lists and quotes are shown as they are.
pub fn selector_blocks(prose: &str) -> Vec<SelectorBlock> {
    if !may_select(prose) {
        return Vec::new();
    }
    let arena = Arena::new();
    let root = parse_document(&arena, prose, &markdown_options());
    root.children().filter_map(|node| SelectorBlock::of(&node.data())).collect()
}

/// Whether prose can hold such a block at all.
fn may_select(prose: &str) -> bool {
    may_have_code(prose) && prose.contains("loko")
}

/// Where something stands in prose; the prose as a whole when it is not found. Where it stands by itself goes before where it
/// is the beginning of something longer.
pub fn locate(text: &str, body: Span, wanted: &str) -> Span {
    let start = body.range().start;
    let Some(body_text) = text.get(body.range()) else { return body };
    let goes_on = |at: &usize| {
        let next = body_text[at + wanted.len()..].chars().next();
        next.is_some_and(|next| next.is_alphanumeric() || matches!(next, '-' | '_' | '/' | '#'))
    };
    let found = || body_text.match_indices(wanted).map(|(at, _)| at);
    let at = found().find(|at| !goes_on(at)).or_else(|| found().next());
    at.map_or(body, |at| Span::new(start + at, start + at + wanted.len()))
}

/// The finding of a link that leads nowhere.
pub fn broken_link(file: &FilePath, span: Span, url: &str) -> Diagnostic {
    let (why, help) = match scheme(url.trim()) {
        Some(scheme) if !scheme.eq_ignore_ascii_case("element:") => (
            format!("no link of a page may begin with `{scheme}`"),
            "pages lead to addresses with `https:`, `http:`, `mailto:` or `tel:`",
        ),
        _ => (
            "no such file or element".to_owned(),
            "link to a file of the workspace, to `element:<id>`, or to an `https:` address",
        ),
    };
    Diagnostic::warning("broken-link", format!("the link `{url}` leads nowhere")).at(file, span, why).help(help)
}

/// The finding of a link to a place that its page does not have; `known` are those that it has.
fn broken_place<'k>(
    file: &FilePath,
    span: Span,
    url: &str,
    wanted: &str,
    known: impl Iterator<Item = &'k str>,
) -> Diagnostic {
    let finding = Diagnostic::warning("broken-link", format!("the link `{url}` leads to no place of its page")).at(
        file,
        span,
        "no heading has this anchor",
    );
    match did_you_mean(wanted, known) {
        Some(question) => finding.help(question),
        None => {
            finding.help("name a heading by its words, `#what-it-does`, or give it the anchor: `## Purpose {#why}`")
        }
    }
}

/// Something that is wrong with a diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What.
    pub message: String,
}

/// What is wrong with D2, with places in its text.
fn problems(d2: &str) -> Vec<Problem> {
    let path = FilePath::new("prose.d2").expect("a plain name is a path");
    let errors = loko_d2::compile(d2, &path, &loko_d2::NoImports).errors;
    errors.into_iter().map(|it| Problem { span: it.error.span, message: it.error.message.to_string() }).collect()
}

/// What is wrong with D2 that stands in prose, with places in the file that the prose is in.
pub fn d2_problems(text: &str, body: Span, d2: &str) -> Vec<Problem> {
    in_file(problems(d2), text, body, d2, 0)
}

/// The D2 of the fenced block that an offset of a file lies in, and where in it that is; for editors, so what is below a
/// fence that nobody closed yet counts.
///
/// ```
/// use loko_rules::prose::d2_around;
/// let text = "# Shop\n\n- One\n  ```d2\n  a.sha\n  ```\n";
/// let at = text.find("sha").unwrap() + 3;
/// assert_eq!(d2_around(text, at), Some(("a.sha\n".to_owned(), 5)));
/// assert_eq!(d2_around(text, 3), None);
/// ```
pub fn d2_around(text: &str, offset: usize) -> Option<(String, usize)> {
    let before = text.get(..offset).filter(|before| may_have_code(before))?;
    let (number, start) = (before.matches('\n').count(), before.rfind('\n').map_or(0, |feed| feed + 1));
    let line = text[start..].lines().next().unwrap_or_default();
    let arena = Arena::new();
    let root = parse_document(&arena, text, &markdown_options());
    root.descendants().find_map(|node| {
        let data = node.data();
        let NodeValue::CodeBlock(code) = &data.value else { return None };
        if !code.fenced || !is_d2(&code.info) {
            return None;
        }
        // Lines of nodes count from 1, and the first is the fence.
        let inner = number.checked_sub(data.sourcepos.start.line)?;
        let mut lines = code.literal.split_inclusive('\n').skip(inner);
        let at: usize = code.literal.split_inclusive('\n').take(inner).map(str::len).sum();
        match lines.next() {
            Some(own) => {
                let own = own.trim_end_matches(['\n', '\r']);
                // What is before it is the list or quote that the block stands in.
                let indent = line.strip_suffix(own)?.len();
                Some((code.literal.clone(), at + (offset - start).saturating_sub(indent)))
            }
            None => {
                let is_last = code.literal.split_inclusive('\n').count() == inner && line.trim().is_empty();
                is_last.then(|| (code.literal.clone(), at))
            }
        }
    })
}

/// Leads places in a fenced block to where they are in its file: fences in lists and quotes stand further in, and what
/// is before their lines is no part of the block. `from` is the line of the prose, from 0, at which the search begins.
fn in_file(mut problems: Vec<Problem>, text: &str, body: Span, code: &str, from: usize) -> Vec<Problem> {
    let starts = line_places(text, body, code, from);
    let place = |at: u32| {
        let before = code.get(..at as usize).unwrap_or(code);
        let line = before.matches('\n').count();
        let column = before.len() - before.rfind('\n').map_or(0, |feed| feed + 1);
        starts.as_ref().and_then(|starts| Some(starts.get(line).or(starts.last())? + column))
    };
    for problem in &mut problems {
        problem.span = match (place(problem.span.start), place(problem.span.end)) {
            (Some(start), Some(end)) if start <= end && end <= text.len() => Span::new(start, end),
            _ => body,
        };
    }
    problems
}

/// Where in a file each line of a fenced block begins.
fn line_places(text: &str, body: Span, code: &str, from: usize) -> Option<Vec<usize>> {
    let mut at = body.range().start;
    let lines: Vec<(usize, &str)> = text
        .get(body.range())?
        .split_inclusive('\n')
        .map(|line| {
            at += line.len();
            (at - line.len(), line.trim_end_matches(['\n', '\r']))
        })
        .collect();
    let code: Vec<&str> = code.lines().collect();
    let is_fence = |line: &str| line.contains("```") || line.contains("~~~");
    let fits = |fence: usize| {
        let inner = lines.get(fence + 1..fence + 1 + code.len());
        is_fence(lines[fence].1)
            && inner.is_some_and(|inner| inner.iter().zip(&code).all(|(it, code)| it.1.ends_with(code)))
    };
    let fence = (from..lines.len()).find(|fence| fits(*fence))?;
    let places = lines[fence + 1..].iter().zip(&code).map(|((start, line), code)| start + line.len() - code.len());
    Some(places.collect())
}

/// The finding of a diagram in prose that cannot be drawn: its first problem counts.
pub fn d2_in_prose(file: &FilePath, problems: &[Problem]) -> Option<Diagnostic> {
    let (first, more) = problems.split_first()?;
    let message = format!("a diagram in the prose cannot be drawn: {}", first.message);
    let finding = Diagnostic::error("d2-in-prose", message)
        .at(file, first.span, "")
        .help("mend the D2, or name another language after the fence to show it as code");
    Some(if more.is_empty() { finding } else { finding.note(format!("and {} more in this diagram", more.len())) })
}

/// What of a prose is checked.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parts {
    links: Vec<String>,
    /// Diagrams that cannot be drawn.
    broken: Vec<Broken>,
    blocks: Vec<SelectorBlock>,
}

impl Parts {
    /// The links that name places of pages.
    fn places(&self) -> impl Iterator<Item = &str> {
        self.links.iter().map(String::as_str).filter(|url| url.contains('#'))
    }

    fn has_places(&self) -> bool {
        self.places().next().is_some()
    }
}

/// A diagram that cannot be drawn.
#[derive(Debug, PartialEq, Eq)]
struct Broken {
    /// The line of its fence in the prose, from 0.
    line: usize,
    d2: String,
    problems: Vec<Problem>,
}

/// What was made of texts, by their files.
#[derive(Debug)]
struct ByFile<T>(Mutex<FxHashMap<FilePath, (String, Arc<T>)>>);

impl<T> Default for ByFile<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> ByFile<T> {
    /// What is made of a text, unless that is known.
    fn get(&self, file: &FilePath, text: &str, make: impl FnOnce() -> T) -> Arc<T> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, made)) = known.get(file).filter(|(known, _)| known == text) {
            return Arc::clone(made);
        }
        drop(known);
        let made = Arc::new(make());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(file.clone(), (text.to_owned(), Arc::clone(&made)));
        made
    }
}

/// What is remembered of prose from one check to the next.
#[derive(Debug, Default)]
pub(crate) struct Known {
    parts: ByFile<Parts>,
    /// The anchors of pages that links name places of.
    places: ByFile<Vec<Anchors>>,
}

impl Known {
    fn parts(&self, file: &FilePath, prose: &str) -> Arc<Parts> {
        self.parts.get(file, prose, || parts(prose))
    }

    /// A file whose prose says nothing any more.
    fn forget(&self, file: &FilePath) {
        self.parts.0.lock().unwrap_or_else(PoisonError::into_inner).remove(file);
    }

    /// The files of whose prose other files say what holds, as they were when they were last read: those with selectors, and
    /// those with links to places of pages.
    fn leaning(&self) -> FxHashMap<FilePath, Arc<Parts>> {
        let known = self.parts.0.lock().unwrap_or_else(PoisonError::into_inner);
        let leaning = known.iter().filter(|(_, (_, parts))| !parts.blocks.is_empty() || parts.has_places());
        leaning.map(|(file, (_, parts))| (file.clone(), Arc::clone(parts))).collect()
    }
}

/// What is found in prose.
#[derive(Default)]
pub(crate) struct Found {
    /// What follows from the text that it is in, as far as links stay what they are.
    pub(crate) of_texts: Vec<Diagnostic>,
    /// What an edit of any other file can change.
    pub(crate) of_model: Vec<Diagnostic>,
}

/// A file with prose.
#[derive(Clone, Copy)]
struct Written<'a> {
    file: &'a FilePath,
    text: &'a str,
    body: Span,
    /// The links that its front matter lists.
    links: &'a [Link],
}

impl<'a> Written<'a> {
    fn prose(&self) -> &'a str {
        self.text.get(self.body.range()).unwrap_or_default()
    }

    /// Where a link of the front matter stands.
    fn place(&self, url: &str) -> Span {
        locate(self.text, Span::new(0, self.body.range().start), url)
    }
}

/// Checks the prose of elements, decisions and the landscape, and the links of front matter.
pub(crate) fn check(workspace: &Workspace<'_>, known: Option<&Known>, since: Option<&Since<'_>>) -> Found {
    let model = workspace.model;
    let elements = model.elements.iter().map(|element| (&element.file, element.body, element.links.as_slice()));
    let decisions = model.decisions.iter().map(|decision| (&decision.file, decision.body, &[][..]));
    let home = FilePath::below(&model.project.source, CONTEXT_FILE).ok();
    let home = home.as_ref().and_then(|path| Some((path, whole(workspace.snapshot, path)?, &[][..])));
    let leaning = since.and(known).map(Known::leaning).unwrap_or_default();
    let unedited = since.map_or_else(Vec::new, |since| since.unedited(&since.last.prose));
    let mut found = Found { of_texts: unedited, of_model: Vec::new() };
    let mut worth: Vec<(Written<'_>, Option<Arc<Parts>>)> = Vec::new();
    for (file, body, links) in elements.chain(decisions).chain(home) {
        let is_edited = since.is_none_or(|since| since.moved.is_edited(file));
        let leans = leaning.get(file);
        // What an element's own list of links names of pages is looked at every time; few have any.
        if !is_edited && leans.is_none() && !links.iter().any(|link| link.url.contains('#')) {
            continue;
        }
        let Some(text) = workspace.snapshot.text(file.as_str()) else { continue };
        let written = Written { file, text, body, links };
        let says_something = is_edited && may_say_something(written.prose());
        if is_edited && !says_something {
            known.into_iter().for_each(|known| known.forget(file));
        }
        if !is_edited {
            worth.push((written, Some(leans.cloned().unwrap_or_default())));
        } else if says_something || !links.is_empty() {
            worth.push((written, None));
        }
    }
    if worth.is_empty() {
        return found;
    }
    let targets = Targets::new(model, workspace.snapshot);
    let own = Known::default();
    let pages = Pages { targets: &targets, known: known.unwrap_or(&own) };
    let new: Vec<(Vec<Diagnostic>, Vec<Diagnostic>)> = worth
        .par_iter()
        .map(|(written, unedited)| {
            let of_model = |parts: &Parts| {
                let mut found = of_blocks(&parts.blocks, model, written.file, written.body, written.text);
                found.extend(pages.of_places(parts, written));
                found
            };
            if let Some(parts) = unedited {
                return (Vec::new(), of_model(parts));
            }
            let prose = written.prose();
            let parts = match known {
                _ if !may_say_something(prose) => Arc::default(),
                Some(known) => known.parts(written.file, prose),
                None => Arc::new(parts(prose)),
            };
            (of_parts(&parts, &targets, written), of_model(&parts))
        })
        .collect();
    for (of_text, of_model) in new {
        found.of_texts.extend(of_text);
        found.of_model.extend(of_model);
    }
    found
}

/// A file without front matter, all of which is prose.
fn whole(snapshot: &Snapshot, path: &FilePath) -> Option<Span> {
    Some(Span::new(0, snapshot.text(path.as_str())?.len()))
}

/// The pages whose places links name.
struct Pages<'a> {
    targets: &'a Targets<'a>,
    known: &'a Known,
}

impl Pages<'_> {
    /// The links to places that are not there.
    fn of_places(&self, parts: &Parts, written: &Written<'_>) -> Vec<Diagnostic> {
        let in_prose = parts.places().map(|url| (url, true));
        let listed = written.links.iter().map(|link| (link.url.as_str(), false)).filter(|(url, _)| url.contains('#'));
        let wrong = |(url, is_in_prose): (&str, bool)| {
            let (to, fragment) = self.targets.resolve(url, written.file);
            let wanted = decode(fragment.strip_prefix('#').filter(|name| !name.is_empty())?);
            if is_of_pages(&wanted) {
                return None;
            }
            let anchors = self.anchors(&to, written)?;
            let known = || anchors.iter().flat_map(|it| [it.id.as_str(), it.by_words.as_str()]);
            let span = || if is_in_prose { locate(written.text, written.body, url) } else { written.place(url) };
            (!known().any(|known| known == wanted)).then(|| broken_place(written.file, span(), url, &wanted, known()))
        };
        in_prose.chain(listed).filter_map(wrong).collect()
    }

    /// The anchors of the page that a link leads to, unless that is made of more than prose.
    fn anchors(&self, to: &Destination, from: &Written<'_>) -> Option<Arc<Vec<Anchors>>> {
        let Targets { model, snapshot, .. } = self.targets;
        let to = match to {
            Destination::Here => self.targets.of_path(from.file.as_str())?,
            to => to,
        };
        let home;
        let (file, body, title) = match to {
            Destination::Element(ix) => {
                let element = model.element(*ix);
                (&element.file, element.body, element.name.as_str())
            }
            Destination::Decision(at) => {
                let decision = &model.decisions[*at];
                (&decision.file, decision.body, decision.title.as_str())
            }
            Destination::Home => {
                home = FilePath::below(&model.project.source, CONTEXT_FILE).ok()?;
                (&home, whole(snapshot, &home)?, model.project.name.as_str())
            }
            _ => return None,
        };
        let prose = snapshot.text(file.as_str())?.get(body.range())?;
        // The same prose below another title may have other anchors.
        let key = format!("{title}\n{prose}");
        Some(self.known.places.get(file, &key, || anchors_of(prose, title)))
    }
}

/// Whether a place is one that pages have besides the headings of their prose.
fn is_of_pages(name: &str) -> bool {
    PLACES.iter().any(|place| if place.ends_with('-') { name.starts_with(place) } else { name == *place })
}

/// The anchors that a page has of its prose.
fn anchors_of(prose: &str, title: &str) -> Vec<Anchors> {
    let arena = Arena::new();
    let root = parse_document(&arena, prose, &markdown_options());
    drop_unwritten(root);
    // The name of the whole leads to the top of its page.
    let top = |words: String| Anchors { id: words.clone(), by_words: words };
    let reached = |it: Heading<'_>| it.anchors.unwrap_or_else(|| top(name::slug(&it.text)));
    headings(root, title).into_iter().map(reached).collect()
}

/// What is wrong with the selectors of a prose.
fn of_blocks(blocks: &[SelectorBlock], model: &Model, file: &FilePath, body: Span, text: &str) -> Vec<Diagnostic> {
    let wrong = |block: &SelectorBlock| {
        let place = locate(text, body, &block.text);
        let select = match block.select() {
            Ok(select) => select,
            Err(error) => return Some(error.finding(file, place.range().start)),
        };
        let is_empty = match block.subject {
            Subject::Elements => select.picks(model).is_empty(),
            Subject::Relations => select.picks_relations(model).is_empty(),
        };
        let message = format!("no {} match `{}`", block.subject.name(), select.text());
        is_empty.then(|| {
            Diagnostic::warning("empty-selector", message)
                .at(file, place, "picks nothing")
                .help("see what there is with `loko query list`, or take the block out")
        })
    };
    blocks.iter().filter_map(wrong).collect()
}

/// Whether prose can hold a link or a diagram at all.
fn may_say_something(prose: &str) -> bool {
    memchr2(b'[', b'<', prose.as_bytes()).is_some() || may_have_code(prose)
}

/// Whether prose can hold a fenced block.
fn may_have_code(prose: &str) -> bool {
    // Most prose has neither sign at all, and that is quickly seen.
    memchr2(b'`', b'~', prose.as_bytes()).is_some() && (prose.contains("```") || prose.contains("~~~"))
}

fn of_parts(parts: &Parts, targets: &Targets<'_>, written: &Written<'_>) -> Vec<Diagnostic> {
    let Written { file, text, body, links } = *written;
    let is_missing = |url: &str| targets.resolve(url, file).0 == Destination::Missing;
    let listed = links.iter().map(|link| link.url.as_str()).filter(|url| is_missing(url));
    let listed = listed.map(|url| broken_link(file, written.place(url), url));
    let missing = parts.links.iter().filter(|url| is_missing(url));
    let links = missing.map(|url| broken_link(file, locate(text, body, url), url));
    let broken = parts.broken.iter().filter_map(|it| {
        let problems = in_file(it.problems.clone(), text, body, &it.d2, it.line);
        d2_in_prose(file, &problems)
    });
    listed.chain(links).chain(broken).collect()
}

fn parts(prose: &str) -> Parts {
    let arena = Arena::new();
    let mut parts = Parts::default();
    let root = parse_document(&arena, prose, &markdown_options());
    parts.blocks = root.children().filter_map(|node| SelectorBlock::of(&node.data())).collect();
    for node in root.descendants() {
        match &node.data().value {
            NodeValue::Link(link) | NodeValue::Image(link) => parts.links.push(link.url.clone()),
            NodeValue::CodeBlock(code) if is_d2(&code.info) => {
                let problems = problems(&code.literal);
                if !problems.is_empty() {
                    let line = node.data().sourcepos.start.line.saturating_sub(1);
                    parts.broken.push(Broken { line, d2: code.literal.clone(), problems });
                }
            }
            _ => {}
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_join() {
        assert_eq!(join("src/shop", "../mail/external.md").as_deref(), Some("src/mail/external.md"));
        assert_eq!(join("src/shop", "/decisions").as_deref(), Some("decisions"));
        assert_eq!(join("src", "../../etc"), None);
        assert_eq!(decode("a%20b%"), "a b%");
    }

    #[test]
    fn schemes_are_seen() {
        assert_eq!(scheme("javascript:alert(1)"), Some("javascript:"));
        assert_eq!(scheme("a/b:c"), None);
    }
}
