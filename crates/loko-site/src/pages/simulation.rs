//! The page of a scenario: what it asks, what closed forms expect at once, and, where it was run, the verdict, the courses
//! over time and a diagram that plays the run.
//!
//! A run may take minutes, so a build runs nothing unless it is asked to. Results are kept in a file beside the page, with
//! the fingerprint of all that they can depend on; as long as that is the same, they are shown and nothing runs again.

use super::{Body, Page, here, section};
use crate::address::link;
use crate::fingerprint::Ingredients;
use crate::frame::{FindingView, view};
use crate::prose::Heading;
use crate::site::Site;
use loko_model::project::PROJECT_FILE;
use loko_model::{Model, name};
use loko_sim::report::{self, Called, Grid, Parts};
use loko_sim::scenario::{self, Scenario};
use loko_source::{Diagnostic, FilePath, Snapshot};
use serde::Serialize;

/// The folder of the pages, and of the files beside them that keep results.
pub const FOLDER: &str = "simulations";

/// A scenario as it was read, or what is wrong with it.
pub(crate) struct Told {
    pub file: FilePath,
    read: Result<Scenario, Vec<Diagnostic>>,
}

impl Told {
    /// Its name; that of its file while it cannot be read.
    pub(crate) fn name(&self) -> &str {
        self.read.as_ref().map_or_else(|_| stem(&self.file), |scenario| &scenario.name)
    }

    /// What it is asked for.
    pub(crate) fn question(&self) -> &str {
        self.read.as_ref().map_or("", |scenario| &scenario.question)
    }
}

fn stem(file: &FilePath) -> &str {
    file.file_name().trim_end_matches(".toml")
}

/// The scenarios of a workspace with their texts.
pub(crate) fn files(snapshot: &Snapshot) -> impl Iterator<Item = (&FilePath, &str)> {
    let paths = snapshot.paths_below(scenario::FOLDER).filter(|path| path.extension() == Some("toml"));
    paths.filter_map(|path| Some((path, snapshot.text(path.as_str())?)))
}

/// Reads the scenarios.
pub(crate) fn scenarios(snapshot: &Snapshot) -> Vec<Told> {
    files(snapshot).map(|(path, text)| Told { file: path.clone(), read: scenario::read(path, text) }).collect()
}

/// What the page says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SimulationPage {
    #[serde(skip)]
    at: usize,
    pub name: String,
    pub question: String,
    /// The name that the command line knows it by.
    pub stem: String,
    pub facts: Vec<(String, String)>,
    /// Loads, faults, variants, expectations: a title with its lines.
    pub lists: Vec<(String, Vec<String>)>,
    pub findings: Vec<FindingView>,
    /// What results depend on.
    depends: String,
    /// What closed forms expect.
    pub expected: Vec<Grid>,
    /// What came of the run, if it was run.
    pub results: Option<Parts>,
    /// The numbers that play the run, as JSON without what could end their element.
    pub frames: String,
}

/// Plans the page of a scenario.
pub(crate) fn page(site: &Site<'_>, at: usize) -> Page {
    let told = &site.scenarios[at];
    let path = site.addresses.scenario(at);
    let text = site.snapshot.text(told.file.as_str()).unwrap_or("");
    let mut body = SimulationPage {
        at,
        name: told.name().to_owned(),
        question: told.question().to_owned(),
        stem: stem(&told.file).to_owned(),
        facts: Vec::new(),
        lists: Vec::new(),
        findings: Vec::new(),
        depends: depends(site, text),
        expected: Vec::new(),
        results: None,
        frames: String::new(),
    };
    match &told.read {
        Ok(scenario) => describe(site, scenario, &mut body),
        Err(findings) => body.findings = findings.iter().map(|finding| view(site.snapshot, finding)).collect(),
    }
    let mut frame = site.frame(path, &body.name, &body.question, Vec::<Heading>::new());
    frame.crumbs = vec![site.home_crumb(path), here(body.name.clone())];
    frame.set_source(site, told.file.as_str());
    Page {
        path: path.to_owned(),
        frame,
        body: Body::Simulation(Box::new(body)),
        drawings: Vec::new(),
        prose: None,
        sketches: Vec::new(),
    }
}

fn describe(site: &Site<'_>, scenario: &Scenario, body: &mut SimulationPage) {
    let words = &site.words;
    body.facts = vec![
        (words.say("simulation.duration"), seconds(scenario.duration)),
        (words.say("simulation.replications"), words.count("simulation.times", scenario.replications as usize)),
    ];
    let loads = scenario.loads.iter().map(|load| load.name.clone()).collect();
    let faults = scenario.faults.iter().map(|fault| {
        let (from, to) = (seconds(fault.at), seconds(fault.at + fault.length));
        let when = words.fill("simulation.from-to", &[("from", &from), ("to", &to)]);
        format!("{}, {when}", fault.what.words(&fault.target.text))
    });
    let variants = scenario.variants.iter().map(|variant| variant.name.clone()).collect();
    let expectations = scenario.expectations.iter().map(|expectation| {
        let of = [&expectation.variant, &expectation.load, &expectation.of];
        let of: Vec<&str> = of.into_iter().flatten().map(|named| named.text.as_str()).collect();
        if of.is_empty() { expectation.text.clone() } else { format!("{} ({})", expectation.text, of.join(", ")) }
    });
    let lists: [(&str, Vec<String>); 4] = [
        ("simulation.loads", loads),
        ("simulation.faults", faults.collect()),
        ("simulation.variants", variants),
        ("simulation.expectations", expectations.collect()),
    ];
    let some = lists.into_iter().filter(|(_, lines)| !lines.is_empty());
    body.lists = some.map(|(key, lines)| (words.say(key), lines)).collect();
}

/// A time as scenarios write it.
fn seconds(time: f64) -> String {
    match time {
        time if time >= 3600.0 && time % 3600.0 == 0.0 => format!("{} h", time / 3600.0),
        time if time >= 60.0 && time % 60.0 == 0.0 => format!("{} min", time / 60.0),
        time => format!("{time} s"),
    }
}

/// All that a run can depend on: the scenario, the settings, and what the model says but for its prose.
fn depends(site: &Site<'_>, text: &str) -> String {
    let model: &Model = site.model;
    let mut made_of = Ingredients::of("scenario");
    made_of.text(text).text(site.snapshot.text(PROJECT_FILE).unwrap_or(""));
    for element in &model.elements {
        made_of.text(&element.id).text(&element.name).text(element.kind.name()).text(&element.technology);
        made_of.data(&(element.external, element.shape, &element.behaviour, &element.metadata));
    }
    made_of.data(&model.relations).data(&model.dynamics).data(&model.environments);
    made_of.finish().to_string()
}

impl SimulationPage {
    /// The same with what closed forms expect.
    pub(crate) fn look(&self, site: &Site<'_>) -> Self {
        let mut told = self.clone();
        let Ok(scenario) = &site.scenarios[self.at].read else { return told };
        match loko_sim::quick::quick(site.model, scenario) {
            Ok(quick) => told.expected = report::quick_grids(&quick).into_iter().map(|it| said(site, it)).collect(),
            Err(findings) => told.findings = findings.iter().map(|finding| view(site.snapshot, finding)).collect(),
        }
        told
    }

    /// The file that keeps results from build to build, beside the page.
    pub(crate) fn kept_in(&self, page: &str) -> String {
        format!("{}.json", page.trim_end_matches(".html"))
    }

    /// Whether kept results are of this scenario and this model.
    pub(crate) fn has(&self, kept: &[u8]) -> bool {
        kept.starts_with(self.mark().as_bytes())
    }

    /// How kept results begin: with what they depend on.
    fn mark(&self) -> String {
        format!("{{\"of\":\"{}\",\"results\":", self.depends)
    }

    /// Runs the scenario: what is kept of it, or what keeps it from running.
    pub(crate) fn run(&self, site: &Site<'_>) -> Result<Vec<u8>, Vec<Diagnostic>> {
        let Ok(scenario) = &site.scenarios[self.at].read else { return Err(Vec::new()) };
        let (stop, progress) = (|| false, |_: usize, _: usize| {});
        let outcome = loko_sim::run::run(site.model, scenario, &stop, &progress)?;
        let study = loko_sim::search::study(site.model, scenario, &stop, &progress)?;
        let page = site.addresses.scenario(self.at);
        let parts = report::parts(&outcome, &study, &|id| called(site, page, id));
        let results = serde_json::to_string(&parts).expect("results are names, texts and numbers");
        Ok(format!("{}{results}}}\n", self.mark()).into_bytes())
    }

    /// The same with results that were kept.
    pub(crate) fn with(&self, site: &Site<'_>, kept: &[u8]) -> Self {
        let text = kept.get(self.mark().len()..).unwrap_or_default().trim_ascii_end();
        let parts: Option<Parts> = serde_json::from_slice(text.strip_suffix(b"}").unwrap_or(text)).ok();
        let mut told = self.clone();
        // A JSON text cannot end the element that holds it once `<` is written as an escape.
        let play = parts.as_ref().and_then(|parts| parts.play.as_ref());
        told.frames = play.map(|play| play.frames.to_string().replace('<', "\\u003c")).unwrap_or_default();
        told.results = parts.map(|parts| {
            let tables = parts.tables.into_iter().map(|table| said(site, table)).collect();
            Parts { tables, ..parts }
        });
        told
    }

    /// The same with what keeps it from running.
    pub(crate) fn failed(&self, site: &Site<'_>, findings: &[Diagnostic]) -> Self {
        let findings = findings.iter().map(|finding| view(site.snapshot, finding)).collect();
        Self { findings, ..self.clone() }
    }
}

/// A table with its heads in the language of the pages; heads that the scenario names itself stay.
fn said(site: &Site<'_>, mut table: Grid) -> Grid {
    for head in &mut table.head {
        let key = format!("report.{}", name::slug(head));
        let said = site.say(&key);
        if said != key {
            *head = said;
        }
    }
    table
}

/// What an element is called in the diagram of a run: where several have the same name, with what it is part of.
fn called(site: &Site<'_>, page: &str, id: &str) -> Option<Called> {
    let model = site.model;
    let element = model.element(model.find(id)?);
    let is_shared = model.elements.iter().filter(|it| it.name == element.name).nth(1).is_some();
    let whole = element.parent.filter(|_| is_shared).map(|whole| &model.element(whole).name);
    let name = whole.map_or_else(|| element.name.clone(), |whole| format!("{}, {whole}", element.name));
    Some(Called { name, href: link(page, site.addresses.element(model.find(id)?)) })
}

/// The headings of a page that was made; the plan does not know yet which there are.
pub(crate) fn sections(site: &Site<'_>, told: &SimulationPage) -> Vec<Heading> {
    let results = told.results.as_ref();
    let all = [
        ("s-verdict", "simulation.verdict", results.is_some()),
        ("s-where", "simulation.where", results.is_some_and(|it| it.play.is_some())),
        ("s-over-time", "simulation.over-time", results.is_some_and(|it| !it.charts.is_empty())),
        ("s-numbers", "simulation.numbers", results.is_some_and(|it| !it.tables.is_empty())),
        ("s-closed-form", "simulation.closed-form", results.is_none() && !told.expected.is_empty()),
        ("s-scenario", "simulation.scenario", !told.lists.is_empty()),
        ("s-assumptions", "simulation.assumptions", results.is_some_and(|it| !it.assumptions.is_empty())),
    ];
    all.into_iter().filter(|(.., is_there)| *is_there).map(|(id, key, _)| section(id, &site.say(key))).collect()
}
