//! The build: plans all files, makes those that changed, in parallel, and gathers what was found on the way.

use crate::address::{Addresses, DIAGRAMS, Redirect};
use crate::card::{self, Card};
use crate::export;
use crate::feed;
use crate::fingerprint::{Fingerprint, Ingredients, Previous};
use crate::fonts::{self, FindFonts};
use crate::history::History;
use crate::links::{FILES, Links};
use crate::memo::Memo;
use crate::pages::simulation::SimulationPage;
use crate::pages::versions::InsideScript;
use crate::pages::{self, Body, Page};
use crate::pipeline::{self, Drawing, Pen};
use crate::render::{self, Templates};
use crate::scripts;
use crate::search;
use crate::sheet;
use crate::shop::{OwnFile, Placements, Shop, plan};
use crate::single::{self, Chapter};
use crate::site::Site;
use crate::theming::Theming;
use loko_model::Model;
use loko_model::view::views;
use loko_source::{Diagnostic, FilePath, Snapshot, diagnostic};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What a build is made from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The texts and pictures of the workspace.
    pub snapshot: &'a Snapshot,
    /// The model that was read from them.
    pub model: &'a Model,
    /// What was found on the way; pages show it.
    pub findings: &'a [Diagnostic],
    /// What is wanted.
    pub options: &'a Options<'a>,
}

/// What a build shall make.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// The formats; none means HTML.
    pub formats: Vec<Format>,
    /// The version to name on every page.
    pub version: Option<String>,
    /// Addresses of scripts to add to every page, for a live server.
    pub scripts: Vec<String>,
    /// The fingerprints of what is there already.
    pub previous: Option<&'a Previous>,
    /// Whether scenarios are run whose results are not kept; it takes as long as they take.
    pub simulate: bool,
    /// The results that earlier builds kept, by their paths.
    pub runs: BTreeMap<FilePath, Arc<[u8]>>,
    /// What is remembered from the last build of this program.
    pub memo: Option<&'a Memo>,
    /// Whether to say where everything stands ([`Output::positions`]).
    pub keep_positions: bool,
    /// What the workspace's repository tells, if there is one.
    pub history: Option<&'a History>,
    /// A file of the workspace whose page the caller wants to know.
    pub about: Option<FilePath>,
    /// Whether that page is all that is made.
    pub only_about: bool,
    /// Pages that somebody waits for.
    pub first: Option<&'a First<'a>>,
    /// Finds fonts for letters of the PDF and of cards that neither the program's nor the workspace's fonts have.
    pub find_fonts: Option<FindFonts>,
}

/// Pages that are made before all others, since somebody looks at them.
pub struct First<'a> {
    /// The paths of the pages; those that the site does not have are passed over.
    pub pages: BTreeSet<String>,
    /// Is given each of them that another edition was made of, as soon as it is there and maybe by several threads. What
    /// the home page says of findings is what they were in the last build; the build's output has the final edition.
    pub made: &'a (dyn Fn(&FilePath, &Arc<[u8]>) + Sync),
}

impl std::fmt::Debug for First<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("First").field("pages", &self.pages).finish_non_exhaustive()
    }
}

/// A format of documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// The site.
    Html,
    /// Markdown that renders well on code hosts, pictures as SVG files.
    Markdown,
    /// Pages in the storage format of Confluence, pictures as SVG files.
    Confluence,
    /// The site in one file: `architecture.html`.
    Single,
    /// One document for paper: `architecture.pdf`.
    Pdf,
    /// The model as JSON: `architecture.json`.
    Json,
    /// The model as TOON: `architecture.toon`.
    Toon,
}

impl Format {
    /// All formats with their names.
    pub const ALL: [(&'static str, Format); 7] = [
        ("html", Self::Html),
        ("markdown", Self::Markdown),
        ("confluence", Self::Confluence),
        ("single", Self::Single),
        ("pdf", Self::Pdf),
        ("json", Self::Json),
        ("toon", Self::Toon),
    ];

    /// Whether the format tells of versions and commits; reading them takes a while.
    pub fn tells_history(self) -> bool {
        matches!(self, Self::Html | Self::Single)
    }

    /// Whether a file of an output folder can belong to the format; pictures and copied files belong to several.
    pub fn makes(self, file: &FilePath) -> bool {
        let alone = |format: Self| match format {
            Self::Single => Some(single::FILE),
            Self::Pdf => Some(crate::pdf::FILE),
            Self::Json => Some(export::JSON_FILE),
            Self::Toon => Some(export::TOON_FILE),
            Self::Html | Self::Markdown | Self::Confluence => None,
        };
        let (folder, _) = file.as_str().split_once('/').unwrap_or(("", file.as_str()));
        if folder == DIAGRAMS || folder == FILES {
            return alone(self).is_none();
        }
        let is_markdown = file.extension() == Some("md");
        let is_confluence = folder == crate::confluence::FOLDER;
        match self {
            Self::Markdown => is_markdown,
            Self::Confluence => is_confluence,
            Self::Html => {
                let is_alone = Self::ALL.iter().any(|(_, format)| alone(*format) == Some(file.as_str()));
                !(is_alone || is_markdown || is_confluence)
            }
            format => alone(format) == Some(file.as_str()),
        }
    }

    /// The format of a name; `md` is Markdown too.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = if name.eq_ignore_ascii_case("md") { "markdown" } else { name };
        Self::ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, format)| *format)
    }
}

/// What a build made.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// All files of the site by name, those that did not change included.
    pub files: BTreeMap<FilePath, File>,
    /// What was found while building, sorted; the input's findings are not repeated.
    pub findings: Vec<Diagnostic>,
    /// The files of the workspace that keep where things stand, one for each view, when that was asked for. Later builds
    /// start from them.
    pub positions: BTreeMap<FilePath, String>,
    /// The page that tells of [`Options::about`], if there is one.
    pub page: Option<String>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What is in it.
    pub content: Content,
    /// What it was made from, to be remembered for the next build. Equal fingerprints mean equal bytes.
    pub fingerprint: Fingerprint,
}

impl File {
    /// A file that is made every time: its fingerprint is of its bytes, which no plan has.
    fn always(bytes: Arc<[u8]>) -> Self {
        let fingerprint = Ingredients::of("bytes").bytes(&bytes).finish();
        Self { content: Content::Bytes(bytes), fingerprint }
    }
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// These bytes.
    Bytes(Arc<[u8]>),
    /// What [`Previous`] says is there already.
    Unchanged,
}

/// The style sheet of all pages; what a workspace wants besides stands at its end.
const STYLE: &str = "styles/style.css";
/// What only some pages need besides.
const FURTHER: &str = "styles/further.css";

/// The style sheet of all pages, and behind it what a workspace wants besides.
fn style_sheet(own: &str) -> String {
    bare_sheet(include_str!("../assets/style.css")) + own
}

/// A style sheet without what only its authors need.
fn bare_sheet(text: &str) -> String {
    let mut rest = text;
    let mut bare = String::with_capacity(rest.len());
    while let Some((before, after)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    bare.push_str(rest);
    let mut sheet = String::with_capacity(bare.len());
    for line in bare.lines().map(str::trim).filter(|line| !line.is_empty()) {
        tighten(line, &mut sheet);
        if !line.ends_with(['{', ';', '}', ',']) {
            sheet.push('\n');
        }
    }
    sheet.push('\n');
    sheet
}

/// Adds a line of a style sheet without the spaces, zeros and semicolons that only people need.
fn tighten(line: &str, sheet: &mut String) {
    let mut quote = None;
    let mut letters = line.chars().peekable();
    let mut before = None;
    while let Some(letter) = letters.next() {
        match quote {
            None if matches!(letter, '"' | '\'') => quote = Some(letter),
            Some(open) if letter == open => quote = None,
            _ => {}
        }
        let is_idle = letter == ' '
            && quote.is_none()
            && (matches!(before, Some('{' | ';' | ':' | ',')) || matches!(letters.peek(), Some('{' | '}')));
        // `0.5rem` is `.5rem`; `10.5` and `v0.5` are something else.
        let is_whole = before.is_some_and(|it: char| it.is_ascii_alphanumeric() || it == '.');
        let is_zero = letter == '0' && quote.is_none() && letters.peek() == Some(&'.') && !is_whole;
        if !is_idle && !is_zero {
            if letter == '}' && quote.is_none() && sheet.ends_with(';') {
                sheet.pop();
            }
            sheet.push(letter);
            before = Some(letter);
        }
    }
}

/// Pages that one thread takes over at once, at most.
const PAGES_AT_ONCE: usize = 4;

/// The files of the site that are the same everywhere.
const ASSETS: [(&str, &str); 4] = [
    ("js/theme.js", scripts::SCHEME),
    ("js/search.js", search::SCRIPT),
    ("js/onward.js", include_str!("../assets/js/onward.js")),
    ("icon.svg", include_str!("../assets/icon.svg")),
];

/// The fingerprint of all that a build is made from: as long as it is the same, [`build`] makes the same bytes.
pub fn made_from(input: &Input<'_>) -> Fingerprint {
    let Input { snapshot, model, findings, options } = *input;
    let mut made_of = Ingredients::of("everything");
    for (path, source) in snapshot.iter() {
        made_of.text(path.as_str()).text(source.text()).data(&source.invalid_at());
    }
    for (path, bytes) in snapshot.assets() {
        made_of.text(path.as_str()).bytes(bytes);
    }
    // A model is what its texts say, but for the settings that come from elsewhere.
    made_of.data(&model.project).data(&findings);
    let formats: Vec<String> = options.formats.iter().map(|format| format!("{format:?}")).collect();
    made_of.data(&formats).data(&options.version).data(&options.scripts);
    made_of.data(&(options.simulate, options.keep_positions));
    for (path, bytes) in &options.runs {
        made_of.text(path.as_str()).bytes(bytes);
    }
    if let Some(history) = options.history {
        made_of.data(&history.files).data(&history.steps).data(&history.landscapes);
        made_of.data(&history.insides);
        for version in &history.versions {
            made_of.data(&version.release).data(&version.seconds).data(&version.overlay).data(&version.beside);
        }
    }
    made_of.finish()
}

/// Builds the documentation of a workspace.
pub fn build(input: &Input<'_>) -> Output {
    let formats: BTreeSet<Format> = if input.options.formats.is_empty() {
        [Format::Html].into()
    } else {
        input.options.formats.iter().copied().collect()
    };
    let mut build = Build {
        input,
        files: BTreeMap::new(),
        early: Mutex::default(),
        fonts: OnceLock::new(),
        findings: Vec::new(),
        of_pages: Vec::new(),
        positions: BTreeMap::new(),
        page: None,
    };
    if [Format::Html, Format::Markdown, Format::Confluence, Format::Single, Format::Pdf]
        .iter()
        .any(|format| formats.contains(format))
    {
        build.documents(&formats);
    }
    if formats.contains(&Format::Json) {
        build.text(export::JSON_FILE, || export::json_text(input.model, input.snapshot));
    }
    if formats.contains(&Format::Toon) {
        build.text(export::TOON_FILE, || export::toon_text(input.model, input.snapshot));
    }
    build.finish()
}

struct Build<'a> {
    input: &'a Input<'a>,
    files: BTreeMap<FilePath, File>,
    /// Pages that were made first, by their plans.
    early: Mutex<BTreeMap<Fingerprint, Made>>,
    /// Further fonts for pictures, once a letter was missing, and the letters that none of those has.
    fonts: OnceLock<(Vec<Vec<u8>>, BTreeSet<char>)>,
    findings: Vec<Diagnostic>,
    /// Those of them that making pages found.
    of_pages: Vec<Diagnostic>,
    positions: BTreeMap<FilePath, String>,
    page: Option<String>,
}

/// The texts that tell of the whole by their paths, the letters that pictures need, and the words of prose.
type Texts = (Vec<(String, String)>, BTreeSet<char>, File);

/// A finished page with what was found in its prose.
#[derive(Clone)]
struct Made {
    path: String,
    file: File,
    findings: Vec<Diagnostic>,
    copied: BTreeSet<FilePath>,
}

impl Build<'_> {
    fn documents(&mut self, formats: &BTreeSet<Format>) {
        let Input { snapshot, model, .. } = *self.input;
        let views = views(model);
        let events = loko_events::events(model);
        let scenarios: Vec<FilePath> = pages::simulation::files(snapshot).map(|(path, _)| path.clone()).collect();
        let addresses = Addresses::new(model, &views, &events, &scenarios);
        let links = Links::new(model, snapshot, &addresses);
        let mut theming = Theming::of(snapshot);
        let look = theming.dress(model);
        let theming = theming;
        let words = &theming.words;
        let mut drawings = pipeline::describe(model, snapshot, &views, &addresses, words);
        let history = self.input.options.history;
        let of_versions = |history| pipeline::describe_versions(model, &views, history, words);
        drawings.extend(history.into_iter().flat_map(of_versions));
        drawings.iter_mut().for_each(|drawing| drawing.paint(&theming.colors, words));
        self.findings.extend(drawings.iter().flat_map(|drawing| drawing.findings.iter().cloned()));
        let templates = Templates::of(&theming);
        self.findings.extend(theming.findings.iter().chain(&templates.findings).cloned());
        let mut site = Site::new(model, snapshot, &addresses, &links, &drawings, &events, templates.fingerprint);
        site.set_theming(&theming);
        site.history = history;
        site.version = self.input.options.version.clone().unwrap_or_default();
        site.scripts.clone_from(&self.input.options.scripts);
        site.set_findings(&self.all_findings());
        self.page = self.input.options.about.as_ref().and_then(|file| site.page_about(file.as_str()));

        let html = formats.contains(&Format::Html);
        let mut pages: Vec<(Page, Fingerprint)> = if html { plan(&site) } else { Vec::new() };
        if html {
            let known = || {
                let made = pages.iter().map(|(page, _)| page.path.as_str());
                made.chain([pages::home::PATH, pages::findings::PATH, "feed.xml", "search.json"]).collect()
            };
            self.findings.extend(theming.unknown_pages(known));
        }
        // Pages that tell of many things take longest; begun last, one of them would keep all others waiting.
        let of_elements = model.elements.len().min(pages.len());
        pages.rotate_left(of_elements);
        let mut pictures: Vec<(usize, Fingerprint)> = drawings.iter().enumerate().filter_map(picture_file).collect();
        let insides = if html { pages::versions::insides(&site) } else { Vec::new() };
        let confluence = formats.contains(&Format::Confluence);
        if !html && !confluence && !formats.contains(&Format::Markdown) {
            pictures.clear();
        }
        let keep = self.input.options.keep_positions;
        let needed =
            if keep { vec![true; drawings.len()] } else { self.needed(&pages, &pictures, &insides, &drawings) };
        let placements = Placements::new(model, &drawings, &look, self.input.options.memo);
        let shop = Shop {
            site: &site,
            templates: &templates,
            theming: &theming,
            pen: Pen { boards: None, model, addresses: &addresses, look: &look },
            placements,
            files: self.files_of(&pictures, &drawings),
        };
        if self.input.options.only_about {
            let made = self.page_about(&shop, &pages);
            self.keep(made);
            shop.placements.remember();
            return;
        }
        rayon::join(|| self.first(&shop, &pages), || shop.placements.prepare(&needed));

        let now = &*self;
        let make = || {
            // After an edit the few that have to be made are neighbours; no thread shall get all of them.
            let made = pages
                .par_iter()
                .with_max_len(PAGES_AT_ONCE)
                .flat_map_iter(|(page, fingerprint)| now.made(&shop, page, *fingerprint));
            made.collect::<Vec<Made>>()
        };
        // What is made every time is made beside them.
        let (made, texts) = rayon::join(make, || html.then(|| now.texts(&shop)));
        let mut copied = self.keep(made);
        let now = &*self;
        let draw = || {
            let drawn = pictures.par_iter().map(|(at, fingerprint)| now.picture(&shop, *at, *fingerprint));
            let inside = insides.par_iter().map(|inside| now.inside(&shop, inside));
            drawn.chain(inside).collect::<Vec<Made>>()
        };
        // The document for paper and cards may have something to tell on the page of findings, which then waits for them.
        let has_cards = html && shop.site.url.is_some();
        let is_known = html && !has_cards && !formats.contains(&Format::Pdf);
        let (drawn, summaries) = rayon::join(draw, || is_known.then(|| now.summaries(&shop)));
        self.keep(drawn);
        if confluence || formats.contains(&Format::Markdown) {
            let mut texts = Vec::new();
            for (path, file) in crate::markdown::files(&shop, &self.all_findings()) {
                copied.extend(file.files);
                for drawn in &file.sketches {
                    self.text(&drawn.path, || pipeline::board_file(&shop.pen, &drawn.board, &drawn.title, &drawn.path));
                }
                texts.push(crate::confluence::Source { path, text: file.text, depth: file.depth });
            }
            for (path, text) in if confluence { crate::confluence::pages(&texts) } else { Vec::new() } {
                self.text(&path, || text);
            }
            for file in texts.into_iter().filter(|_| formats.contains(&Format::Markdown)) {
                self.text(&file.path, || file.text);
            }
        }
        if formats.contains(&Format::Single) {
            self.single(&shop);
        }
        if formats.contains(&Format::Pdf) {
            self.pdf(&shop);
        }
        if has_cards {
            self.cards(&shop, &pages);
        }
        if let Some(texts) = texts {
            let summaries = summaries.unwrap_or_else(|| self.summaries(&shop));
            copied.extend(self.keep(summaries));
            self.assets(&shop, texts);
        }
        if html {
            // Pages of events link to their schemas.
            copied.extend(shop.theming.logo.clone());
            copied.extend(shop.theming.files.iter().cloned());
            copied.extend(shop.site.events.iter().filter_map(|event| pages::events::schema_file(shop.site, event)));
        }
        self.copies(&copied);
        if keep {
            self.keep_positions(&shop);
        }
        shop.placements.remember();
        // A thousand pages and boards take a while to be given back, too.
        drop(shop);
        pages.into_par_iter().for_each(drop);
        drop(site);
        drawings.into_par_iter().for_each(drop);
    }

    /// Makes the page that tells of the file which was asked about.
    fn page_about(&self, shop: &Shop<'_>, pages: &[(Page, Fingerprint)]) -> Vec<Made> {
        let Some(path) = self.page.as_deref() else { return Vec::new() };
        if path == pages::home::PATH {
            let home = pages::home::page(shop.site, &self.all_findings());
            return vec![self.page(shop, &home, home.fingerprint(shop.site))];
        }
        let found = pages.iter().find(|(page, _)| page.path == path);
        found.map_or_else(Vec::new, |(page, fingerprint)| self.made(shop, page, *fingerprint))
    }

    /// Makes the pages that somebody waits for.
    fn first(&self, shop: &Shop<'_>, pages: &[(Page, Fingerprint)]) {
        let Some(first) = self.input.options.first else { return };
        let wanted: Vec<&(Page, Fingerprint)> =
            pages.iter().filter(|(page, _)| first.pages.contains(&page.path)).collect();
        let home = first.pages.contains(pages::home::PATH).then(|| {
            let mut findings = self.all_findings();
            findings.extend(self.input.options.memo.map(Memo::findings).unwrap_or_default());
            diagnostic::sort(&mut findings);
            let page = pages::home::page(shop.site, &findings);
            let fingerprint = page.fingerprint(shop.site);
            (page, fingerprint)
        });
        wanted.into_par_iter().chain(&home).with_max_len(1).for_each(|(page, fingerprint)| {
            // Results of scenarios take their own way, and what is there already nobody waits for.
            if matches!(page.body, Body::Simulation(_)) || self.is_there(&page.path, *fingerprint) {
                return;
            }
            let made = self.page(shop, page, *fingerprint);
            if let (Content::Bytes(bytes), Ok(path)) = (&made.file.content, FilePath::new(&made.path)) {
                (first.made)(&path, bytes);
            }
            self.early.lock().unwrap_or_else(PoisonError::into_inner).insert(*fingerprint, made);
        });
    }

    /// Says where everything stands.
    fn keep_positions(&mut self, shop: &Shop<'_>) {
        let model = shop.site.model;
        for (at, drawing) in shop.site.drawings.iter().enumerate() {
            if let Some(path) = drawing.positions_file() {
                self.positions.insert(path, drawing.positions_text(model, shop.placed(at)));
            }
        }
    }

    /// The pages that tell of all the others.
    fn summaries(&self, shop: &Shop<'_>) -> Vec<Made> {
        let findings = self.all_findings();
        let made = |page: Page| self.page(shop, &page, page.fingerprint(shop.site));
        let home = || made(pages::home::page(shop.site, &findings));
        let (home, findings) = rayon::join(home, || made(pages::findings::page(shop.site, &findings)));
        vec![home, findings]
    }

    /// All pages in one file; made every time, and the same bytes are not written again.
    fn single(&mut self, shop: &Shop<'_>) {
        let findings = self.all_findings();
        let mut pages: Vec<Page> = vec![pages::home::page(shop.site, &findings)];
        pages.extend(plan(shop.site).into_iter().map(|(page, _)| page));
        pages.push(pages::findings::page(shop.site, &findings));
        let chapters: Vec<Chapter> = pages
            .par_iter()
            .enumerate()
            .map(|(at, page)| {
                // Pictures of all pages stand in one file, so their parts are named by the page as well.
                let (html, _) = match &page.body {
                    Body::Simulation(told) => shop.page(&self.told(shop, page, told), &format!("s{at}-")),
                    _ => shop.page(page, &format!("s{at}-")),
                };
                Chapter { path: page.path.clone(), title: page.frame.title.clone(), html }
            })
            .collect();
        let style = bare_sheet(include_str!("../assets/further.css")) + &style_sheet(&shop.theming.style);
        let style = sheet::embedded(&style, &shop.theming.files, self.input.snapshot);
        let looks = single::Looks { templates: shop.templates, style, fonts: faces(self.input.snapshot) };
        let insides = pages::versions::insides(shop.site);
        let file = single::file(shop, &insides, looks, &chapters, &findings);
        self.text(single::FILE, || file);
    }

    /// The page of a scenario with the results that are kept, else with closed forms.
    fn told(&self, shop: &Shop<'_>, page: &Page, told: &SimulationPage) -> Page {
        let kept = self.input.options.runs.get(told.kept_in(&page.path).as_str()).filter(|kept| told.has(kept));
        page.with_results(shop.site, kept.map_or_else(|| told.look(shop.site), |kept| told.with(shop.site, kept)))
    }

    /// The document for paper; it is made every time, and the same bytes are not written again.
    fn pdf(&mut self, shop: &Shop<'_>) {
        match crate::pdf::file(shop, &self.all_findings(), self.input.options.find_fonts) {
            Ok((bytes, finding)) => {
                self.findings.extend(finding);
                self.add(crate::pdf::FILE, File::always(bytes.into()));
            }
            Err(reason) => self.findings.push(
                Diagnostic::error("no-pdf", reason).help("the other formats are made all the same; leave `pdf` out"),
            ),
        }
    }

    /// What tells of the whole.
    fn texts(&self, shop: &Shop<'_>) -> Texts {
        let site = shop.site;
        let index = || rayon::join(|| search::index(site, &str::to_owned), || search::model(site, &str::to_owned));
        let rest = || {
            let mut texts = vec![
                (STYLE.to_owned(), style_sheet(&shop.theming.style)),
                (FURTHER.to_owned(), bare_sheet(include_str!("../assets/further.css"))),
            ];
            texts.extend(ASSETS.map(|(path, text)| (path.to_owned(), text.to_owned())));
            texts.push(("js/view.js".to_owned(), scripts::view(&site.words)));
            texts.extend(scripts::further(&site.words).map(|(path, script)| (path.to_owned(), script)));
            texts.push(("embed.html".to_owned(), render::embed(shop.templates)));
            texts.extend(pages::versions::script(site).map(|text| (pages::versions::SCRIPT.to_owned(), text)));
            texts.extend(feed::files(site).into_iter().map(|(path, text)| (path.to_owned(), text)));
            (texts, letters(self.input.snapshot), self.words(site))
        };
        let (((script, json), model), (mut texts, letters, words)) = rayon::join(index, rest);
        texts.push(("js/search-index.js".to_owned(), script));
        texts.push(("search.json".to_owned(), json));
        texts.push(("js/model.js".to_owned(), model));
        (texts, letters, words)
    }

    /// The words of prose, which few edits change.
    fn words(&self, site: &Site<'_>) -> File {
        let words = search::Words::of(site);
        let made = || Content::Bytes(words.script().into_bytes().into());
        let file = self.ready(search::WORDS, words.fingerprint);
        file.unwrap_or_else(|| File { content: made(), fingerprint: words.fingerprint })
    }

    fn assets(&mut self, shop: &Shop<'_>, (texts, letters, words): Texts) {
        self.add(search::WORDS, words);
        // By now all is found.
        let found = pages::findings::script(shop.site, &self.all_findings());
        self.text("js/main.js", || found + &scripts::main(&shop.site.words));
        for (path, text) in texts {
            self.text(&path, || text);
        }
        let now = &*self;
        let redirects =
            shop.site.addresses.redirects().par_iter().map(|redirect| now.redirect(shop, redirect)).collect();
        self.keep(redirects);
        let fingerprint = Ingredients::of("fonts").text(&letters.iter().collect::<String>()).finish();
        let (css, files) = pipeline::fonts(&letters, |path| self.is_there(path, fingerprint));
        self.text("styles/fonts.css", || css);
        for (path, bytes) in files {
            match bytes {
                Some(bytes) => self.add(&path, File { content: Content::Bytes(bytes.into()), fingerprint }),
                None => self.unchanged(&path, fingerprint),
            }
        }
    }

    /// The pictures for those who link to pages.
    fn cards(&mut self, shop: &Shop<'_>, pages: &[(Page, Fingerprint)]) {
        let site = shop.site;
        let landscape = site.drawings_at(pages::home::PATH).first().copied();
        let known = self.all_findings();
        let more = [pages::home::page(site, &known), pages::findings::page(site, &known)];
        let all: Vec<&Page> = pages.iter().map(|(page, _)| page).chain(&more).collect();
        let made: Vec<(File, BTreeSet<char>, String)> = all
            .into_par_iter()
            .filter_map(|page| {
                let (path, is_own) = site.card_of(&page.path);
                let drawing = page.drawings.first().map(|drawing| drawing.at).or(landscape);
                let card = is_own.then(|| self.card(shop, &path, &Card::of(site, page), drawing)).flatten();
                card.map(|(file, letters)| (file, letters, path))
            })
            .collect();
        let mut missing = BTreeSet::new();
        for (file, letters, path) in made {
            self.add(&path, file);
            missing.extend(letters);
        }
        self.findings
            .extend(fonts::without_font(&format!("pictures for previews below `{}/` show", card::FOLDER), &missing));
    }

    /// A card, and the letters on it that no font has.
    fn card(&self, shop: &Shop<'_>, path: &str, card: &Card, drawing: Option<usize>) -> Option<(File, BTreeSet<char>)> {
        let mut made_of = Ingredients::of("card");
        made_of.data(card).text(&shop.theming.colors.key());
        if let Some(at) = drawing {
            made_of.fingerprint(shop.site.drawings[at].fingerprint);
        }
        let fingerprint = made_of.finish();
        let ready = self.ready(path, fingerprint).map(|file| (file, BTreeSet::new()));
        ready.or_else(|| {
            let diagram = drawing.map(|at| shop.on_card(at));
            let svg = card::svg(card, &shop.theming.colors.on_light(), diagram.as_ref());
            let (fonts, missing) = self.fonts_for(&svg);
            let bytes: Arc<[u8]> = loko_draw::png_opaque(&svg, 1.0, fonts).ok()?.into();
            // What is told of a card has to be told again next time, so such a card is always made.
            let file = match missing.is_empty() {
                true => File { content: Content::Bytes(bytes), fingerprint },
                false => File::always(bytes),
            };
            Some((file, missing))
        })
    }

    /// Further fonts for a picture, if it has letters that its own lack, and those of them that no font has.
    fn fonts_for(&self, svg: &str) -> (&[Vec<u8>], BTreeSet<char>) {
        let beyond = loko_draw::letters_beyond(svg);
        if beyond.is_empty() {
            return (&[], beyond);
        }
        let Input { snapshot, options, .. } = *self.input;
        let (fonts, missing) = self.fonts.get_or_init(|| fonts::for_texts(snapshot, options.find_fonts));
        (fonts, beyond.intersection(missing).copied().collect())
    }

    /// Files of the workspace that pages link to.
    fn copies(&mut self, copied: &BTreeSet<FilePath>) {
        let snapshot = self.input.snapshot;
        for path in copied {
            let asset = snapshot.asset(path.as_str()).cloned();
            let bytes = asset.or_else(|| snapshot.text(path.as_str()).map(|text| text.as_bytes().into()));
            if let Some(bytes) = bytes {
                self.add(&format!("{FILES}/{path}"), File::always(bytes));
            }
        }
    }

    /// Makes a page that leads on to others, unless it is there already.
    fn redirect(&self, shop: &Shop<'_>, redirect: &Redirect) -> Made {
        let onward = render::onward(shop.site, redirect);
        let mut made_of = Ingredients::of("redirect");
        let fingerprint = made_of.fingerprint(shop.templates.fingerprint).text(&redirect.path).data(&onward).finish();
        let made = || {
            let text = render::redirect(shop.templates, redirect, &onward);
            File { content: Content::Bytes(text.into_bytes().into()), fingerprint }
        };
        let file = self.ready(&redirect.path, fingerprint).unwrap_or_else(made);
        Made { path: redirect.path.clone(), file, findings: Vec::new(), copied: BTreeSet::new() }
    }

    /// Makes a page and what belongs to it.
    fn made(&self, shop: &Shop<'_>, page: &Page, fingerprint: Fingerprint) -> Vec<Made> {
        match &page.body {
            Body::Simulation(told) => self.simulation(shop, page, told, fingerprint),
            _ => vec![self.page(shop, page, fingerprint)],
        }
    }

    /// Makes a page, unless it is there already.
    fn page(&self, shop: &Shop<'_>, page: &Page, fingerprint: Fingerprint) -> Made {
        if let Some(file) = self.ready(&page.path, fingerprint) {
            return Made { path: page.path.clone(), file, findings: Vec::new(), copied: BTreeSet::new() };
        }
        if let Some(made) = self.early.lock().unwrap_or_else(PoisonError::into_inner).get(&fingerprint) {
            return made.clone();
        }
        let (text, prose) = shop.page(page, "");
        // What comes of the prose has to come again next time, so such a page is always made.
        let is_whole = prose.findings.is_empty() && prose.files.is_empty();
        let bytes: Arc<[u8]> = text.into_bytes().into();
        let file = if is_whole { File { content: Content::Bytes(bytes), fingerprint } } else { File::always(bytes) };
        Made { path: page.path.clone(), file, findings: prose.findings, copied: prose.files }
    }

    /// Makes the page of a scenario, and the file that keeps its results: those that are kept already, those of a run when
    /// that is asked for, else none.
    fn simulation(&self, shop: &Shop<'_>, page: &Page, told: &SimulationPage, plan: Fingerprint) -> Vec<Made> {
        let options = self.input.options;
        let path = told.kept_in(&page.path);
        let kept = options.runs.get(path.as_str()).filter(|kept| told.has(kept)).cloned();
        let (kept, findings) = match kept {
            None if options.simulate => match told.run(shop.site) {
                Ok(results) => (Some(Arc::from(results)), Vec::new()),
                Err(findings) => (None, findings),
            },
            kept => (kept, Vec::new()),
        };
        let mut made_of = Ingredients::of("simulation");
        made_of.fingerprint(plan).data(&(kept.is_some(), findings.len()));
        let fingerprint = made_of.finish();
        let file = self.ready(&page.path, fingerprint).unwrap_or_else(|| {
            let told = match &kept {
                Some(kept) => told.with(shop.site, kept),
                None if findings.is_empty() => told.look(shop.site),
                None => told.failed(shop.site, &findings),
            };
            let (text, _) = shop.page(&page.with_results(shop.site, told), "");
            File { content: Content::Bytes(text.into_bytes().into()), fingerprint }
        });
        let mut made = vec![Made { path: page.path.clone(), file, findings, copied: BTreeSet::new() }];
        made.extend(kept.map(|kept| {
            let file = File::always(kept);
            Made { path, file, findings: Vec::new(), copied: BTreeSet::new() }
        }));
        made
    }

    /// Draws a picture as a file of its own, unless it is there already.
    fn picture(&self, shop: &Shop<'_>, at: usize, fingerprint: Fingerprint) -> Made {
        let drawing = &shop.site.drawings[at];
        let path = drawing.path.clone().unwrap_or_default();
        let file = self
            .ready(&path, fingerprint)
            .unwrap_or_else(|| File { content: Content::Bytes(shop.file(at, &path).into_bytes().into()), fingerprint });
        Made { path, file, findings: Vec::new(), copied: BTreeSet::new() }
    }

    /// Draws what is inside an element in several versions as a script, unless that is there already.
    fn inside(&self, shop: &Shop<'_>, inside: &InsideScript) -> Made {
        let InsideScript { path, fingerprint, .. } = inside;
        let made = || Content::Bytes(pages::versions::inside_script(shop, inside, str::to_owned).into_bytes().into());
        let file =
            self.ready(path, *fingerprint).unwrap_or_else(|| File { content: made(), fingerprint: *fingerprint });
        Made { path: path.clone(), file, findings: Vec::new(), copied: BTreeSet::new() }
    }

    /// A file that need not be made again.
    fn ready(&self, path: &str, fingerprint: Fingerprint) -> Option<File> {
        let Options { memo, previous, .. } = self.input.options;
        let file = |content| File { content, fingerprint };
        let remembered = memo.and_then(|memo| memo.file(&FilePath::new(path).ok()?, fingerprint));
        let is_there = || previous.is_some_and(|previous| previous.has(path, fingerprint));
        remembered.map(|bytes| file(Content::Bytes(bytes))).or_else(|| is_there().then(|| file(Content::Unchanged)))
    }

    /// Whether an earlier build made the file, of whatever.
    fn was_made(&self, path: &str) -> bool {
        let Options { memo, previous, .. } = self.input.options;
        let is_remembered = |memo: &Memo| FilePath::new(path).is_ok_and(|path| memo.knows(&path));
        memo.is_some_and(is_remembered) || previous.is_some_and(|previous| previous.knows(path))
    }

    fn is_there(&self, path: &str, fingerprint: Fingerprint) -> bool {
        self.ready(path, fingerprint).is_some()
    }

    fn unchanged(&mut self, path: &str, fingerprint: Fingerprint) {
        if let Some(file) = self.ready(path, fingerprint) {
            self.add(path, file);
        }
    }

    /// The drawings of pages and files that have to be made.
    fn needed(
        &self,
        pages: &[(Page, Fingerprint)],
        pictures: &[(usize, Fingerprint)],
        insides: &[InsideScript],
        drawings: &[Drawing],
    ) -> Vec<bool> {
        let mut needed = vec![false; drawings.len()];
        for (page, _) in pages.iter().filter(|(page, fingerprint)| !self.is_there(&page.path, *fingerprint)) {
            for drawing in &page.drawings {
                needed[drawing.at] = true;
            }
        }
        for (at, fingerprint) in pictures {
            let path = drawings[*at].path.as_deref().unwrap_or_default();
            needed[*at] |= !self.is_there(path, *fingerprint);
        }
        for inside in insides {
            needed[inside.drawing] |= !self.is_there(&inside.path, inside.fingerprint);
        }
        // The home page is planned last, when all findings are known; for sure it is made when there is none yet.
        if !self.was_made(pages::home::PATH) {
            for (at, drawing) in drawings.iter().enumerate() {
                needed[at] |= drawing.page.as_deref() == Some(pages::home::PATH);
            }
        }
        needed
    }

    /// For each drawing its own file, if that has to be made.
    fn files_of(&self, pictures: &[(usize, Fingerprint)], drawings: &[Drawing]) -> Vec<Option<OwnFile>> {
        let mut files: Vec<Option<OwnFile>> = drawings.iter().map(|_| None).collect();
        for (at, fingerprint) in pictures {
            let path = drawings[*at].path.clone().unwrap_or_default();
            files[*at] = (!self.is_there(&path, *fingerprint)).then(|| OwnFile::new(path));
        }
        files
    }

    /// Adds finished files; hands back what they need copied.
    fn keep(&mut self, made: Vec<Made>) -> BTreeSet<FilePath> {
        let mut copied = BTreeSet::new();
        for made in made {
            self.of_pages.extend(made.findings.iter().cloned());
            self.findings.extend(made.findings);
            copied.extend(made.copied);
            self.add(&made.path, made.file);
        }
        copied
    }

    /// Adds a small text, which costs no more to make than to compare.
    fn text(&mut self, path: &str, make: impl FnOnce() -> String) {
        let text = make();
        let fingerprint = Ingredients::of("text").text(&text).finish();
        let file = self.ready(path, fingerprint);
        let made = || File { content: Content::Bytes(text.into_bytes().into()), fingerprint };
        let file = file.unwrap_or_else(made);
        self.add(path, file);
    }

    fn add(&mut self, path: &str, file: File) {
        let path = FilePath::new(path).expect("our own paths are relative and stay below the output folder");
        self.files.insert(path, file);
    }

    fn all_findings(&self) -> Vec<Diagnostic> {
        let mut all = self.input.findings.to_vec();
        all.extend(self.findings.iter().filter(|finding| !self.input.findings.contains(finding)).cloned());
        diagnostic::sort(&mut all);
        all
    }

    fn finish(mut self) -> Output {
        diagnostic::sort(&mut self.findings);
        self.findings.retain(|finding| !self.input.findings.contains(finding));
        if let Some(memo) = self.input.options.memo {
            let files = self.files.iter().filter_map(|(path, file)| match &file.content {
                Content::Bytes(bytes) => Some((path.clone(), (file.fingerprint, Arc::clone(bytes)))),
                Content::Unchanged => None,
            });
            memo.replace_files(files);
            memo.replace_findings(self.of_pages);
        }
        Output { files: self.files, findings: self.findings, positions: self.positions, page: self.page }
    }
}

/// The fonts of pictures: their style sheet, and each file that it names with its bytes.
fn faces(snapshot: &Snapshot) -> (String, Vec<(String, Vec<u8>)>) {
    let (css, files) = pipeline::fonts(&letters(snapshot), |_| false);
    (css, files.into_iter().map(|(path, bytes)| (path, bytes.unwrap_or_default())).collect())
}

/// The fingerprint of a drawing's own file.
fn picture_file((at, drawing): (usize, &Drawing)) -> Option<(usize, Fingerprint)> {
    let path = drawing.path.as_deref()?;
    Some((at, Ingredients::of("picture").text(path).fingerprint(drawing.fingerprint).finish()))
}

/// All letters that pictures may need: those of Western Europe, and whatever occurs in the workspace.
fn letters(snapshot: &Snapshot) -> BTreeSet<char> {
    let mut letters: BTreeSet<char> = (' '..='~').chain('\u{a0}'..='\u{17f}').chain("–—‘’“”„…•→←↔×€".chars()).collect();
    for (_, source) in snapshot.iter() {
        if !source.text().is_ascii() {
            letters.extend(source.text().chars().filter(|letter| !letter.is_ascii()));
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::tighten;

    #[test]
    fn style_sheets_lose_only_what_browsers_do_not_need() {
        let tight = |line: &str| {
            let mut sheet = String::new();
            tighten(line, &mut sheet);
            sheet
        };
        assert_eq!(tight(".a { margin: 0.5rem 10.5px 0; }"), ".a{margin:.5rem 10.5px 0}");
        assert_eq!(
            tight(".b { width: calc(1 - 0.25); content: \"; 0.5 }\"; }"),
            ".b{width:calc(1 - .25);content:\"; 0.5 }\"}"
        );
        assert_eq!(tight("a > b, c { }"), "a > b,c{}");
    }
}
