//! The patterns in use: who plays which role, what has to hold, and whether it does.

use super::{Body, Page, Ref, here, section};
use crate::address::link;
use crate::frame::{FindingView, view};
use crate::pages::facets::Named;
use crate::site::Site;
use loko_model::{ElementIx, name};
use loko_patterns::Catalogue;
use loko_patterns::Report;
use serde::Serialize;

/// The path of the page.
pub(crate) const PATH: &str = "patterns.html";

/// What the page says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PatternsPage {
    pub lead: String,
    pub uses: Vec<Use>,
}

/// One use of a pattern.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Use {
    pub id: String,
    pub name: String,
    pub pattern: String,
    pub category: String,
    pub says: String,
    pub is_anti: bool,
    pub roles: Vec<RoleView>,
    pub verdicts: Vec<VerdictView>,
    pub boxes: usize,
    pub ticked: usize,
}

/// Who plays a role.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RoleView {
    pub name: String,
    pub players: Vec<Ref>,
}

/// Whether an obligation holds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct VerdictView {
    pub says: String,
    pub holds: bool,
    pub findings: Vec<FindingView>,
}

/// A role that an element plays.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PlayedRole {
    pub pattern: String,
    pub href: String,
    pub roles: String,
    pub says: String,
    /// How many obligations do not hold.
    pub broken: usize,
}

/// The patterns that a workspace uses.
pub(crate) struct Uses {
    catalogue: Option<Catalogue>,
    pub reports: Vec<Report>,
}

impl Uses {
    /// Finds them; a workspace that names none costs nothing.
    pub(crate) fn of(model: &loko_model::Model, snapshot: &loko_source::Snapshot) -> Self {
        if model.elements.iter().all(|element| !element.behaviour.contains_key("patterns")) {
            return Self { catalogue: None, reports: Vec::new() };
        }
        let (catalogue, _) = Catalogue::of(snapshot);
        let (reports, _) = loko_patterns::check(model, snapshot, &catalogue);
        Self { catalogue: Some(catalogue), reports }
    }

    fn title(&self, report: &Report) -> String {
        let pattern = self.catalogue.as_ref().and_then(|all| all.get(&report.pattern));
        let title = pattern.map_or(report.pattern.as_str(), |pattern| pattern.name.as_str());
        if report.name == report.pattern { title.to_owned() } else { format!("{title}: {}", report.name) }
    }

    fn says(&self, report: &Report) -> String {
        self.catalogue.as_ref().and_then(|all| all.get(&report.pattern)).map(|it| it.says.clone()).unwrap_or_default()
    }
}

fn anchor(report: &Report) -> String {
    format!("p-{}-{}", name::slug(&report.pattern), name::slug(&report.name))
}

/// Plans the page; none when nobody names a pattern.
pub(crate) fn page(site: &Site<'_>) -> Option<Page> {
    if site.patterns.reports.is_empty() {
        return None;
    }
    let uses: Vec<Use> = site.patterns.reports.iter().map(|report| one(site, report)).collect();
    let broken = uses.iter().flat_map(|it| &it.verdicts).filter(|it| !it.holds).count();
    let held = match broken {
        0 => site.say("patterns.all-hold"),
        count => site.words.count("patterns.broken", count),
    };
    let lead = site.words.fill("patterns.lead", &[("count", &uses.len()), ("held", &held)]);
    let title = site.say("nav.patterns");
    let sections = uses.iter().map(|it| section(&it.id, &it.name)).collect();
    let mut frame = site.frame(PATH, &title, &lead, sections);
    frame.crumbs = vec![site.home_crumb(PATH), here(title)];
    let body = Body::Patterns(PatternsPage { lead, uses });
    Some(Page { path: PATH.to_owned(), frame, body, drawings: Vec::new(), prose: None, sketches: Vec::new() })
}

fn one(site: &Site<'_>, report: &Report) -> Use {
    let pattern = site.patterns.catalogue.as_ref().and_then(|all| all.get(&report.pattern));
    let role = |(name, players): (&String, &Vec<ElementIx>)| RoleView {
        name: name.replace('-', " "),
        players: players.iter().map(|ix| site.reference(PATH, *ix)).collect(),
    };
    Use {
        id: anchor(report),
        name: site.patterns.title(report),
        pattern: report.pattern.clone(),
        category: pattern.map(|it| it.category.replace('-', " ")).unwrap_or_default(),
        says: site.patterns.says(report),
        is_anti: pattern.is_some_and(|it| it.is_anti),
        roles: report.roles.iter().map(role).collect(),
        verdicts: report
            .verdicts
            .iter()
            .map(|it| VerdictView {
                says: it.says.clone(),
                holds: it.holds(),
                findings: it.findings.iter().map(|finding| view(site.snapshot, finding)).collect(),
            })
            .collect(),
        boxes: report.boxes,
        ticked: report.boxes - report.open.min(report.boxes),
    }
}

impl Site<'_> {
    /// The patterns that an element names without playing a role in them, each with where it is in use: best in something
    /// that is part of the element. None if it says more than names.
    pub(crate) fn patterns_named(&self, ix: ElementIx, page: &str) -> Vec<Named> {
        let value = self.model.element(ix).behaviour.get("patterns").and_then(loko_model::Value::as_list);
        let names: Option<Vec<&str>> = value.unwrap_or_default().iter().map(loko_model::Value::as_text).collect();
        let to = link(page, PATH);
        let named = |id: &str| {
            let catalogue = self.patterns.catalogue.as_ref();
            let title = catalogue.and_then(|all| all.get(id)).map_or(id, |pattern| pattern.name.as_str());
            let of: Vec<&Report> = self.patterns.reports.iter().filter(|report| report.pattern == id).collect();
            let is_inside =
                |report: &&&Report| report.roles.values().flatten().any(|player| self.model.is_within(*player, ix));
            let report = of.iter().find(is_inside).or(of.first());
            let href = report.map(|report| format!("{to}#{}", anchor(report))).unwrap_or_default();
            Named { name: title.to_owned(), href }
        };
        names.unwrap_or_default().into_iter().map(named).collect()
    }

    /// The roles that an element plays.
    pub(crate) fn roles_of(&self, ix: ElementIx, page: &str) -> Vec<PlayedRole> {
        let to = link(page, PATH);
        let played = |report: &Report| {
            let roles = report.roles.iter().filter(|(_, players)| players.contains(&ix));
            let roles: Vec<String> = roles.map(|(role, _)| role.replace('-', " ")).collect();
            (!roles.is_empty()).then(|| PlayedRole {
                pattern: self.patterns.title(report),
                href: format!("{to}#{}", anchor(report)),
                roles: roles.join(", "),
                says: self.patterns.says(report),
                broken: report.verdicts.iter().filter(|it| !it.holds()).count(),
            })
        };
        self.patterns.reports.iter().filter_map(played).collect()
    }
}
