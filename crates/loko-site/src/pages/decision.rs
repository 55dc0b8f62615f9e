//! The decisions: a list of all, and a page each.

use super::{Body, Crumb, Page, PageProse, Ref, here};
use crate::address::link;
use crate::prose::fill_selectors;
use crate::site::Site;
use serde::Serialize;

/// The path of the list.
pub(crate) const INDEX: &str = "decisions/index.html";

/// A decision in a list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DecisionRow {
    pub number: String,
    pub title: String,
    pub href: String,
    pub status: String,
    pub status_kind: String,
    pub date: String,
    pub elements: Vec<Ref>,
    /// Decisions that it refers to: `supersedes`, `superseded by` …
    pub links: Vec<DecisionRef>,
}

/// A decision that another one refers to.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DecisionRef {
    pub kind: String,
    pub title: String,
    pub href: String,
}

/// The decisions of a year on the time line, the earliest first.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Year {
    /// The year, or what stands for it where no date is written.
    pub name: String,
    pub rows: Vec<DecisionRow>,
}

/// The list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DecisionsPage {
    pub lead: String,
    pub rows: Vec<DecisionRow>,
    /// The same by date; empty when no decision has one.
    pub years: Vec<Year>,
}

/// One decision.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DecisionPage {
    #[serde(flatten)]
    pub row: DecisionRow,
    /// The rules that it carries, as JSON; empty without any.
    pub rules: String,
    /// Whether those are checked.
    pub is_in_force: bool,
    pub before: Option<DecisionRow>,
    pub after: Option<DecisionRow>,
}

/// Plans the list.
pub(crate) fn index(site: &Site<'_>) -> Page {
    let rows: Vec<DecisionRow> = (0..site.model.decisions.len()).map(|at| site.decision_row(INDEX, at)).collect();
    let accepted = rows.iter().filter(|row| row.status_kind == "accepted").count();
    let lead = site.words.fill("decisions.lead", &[("count", &rows.len()), ("accepted", &accepted)]);
    let title = site.say("nav.decisions");
    let mut frame = site.frame(INDEX, &title, &site.say("decisions.description"), Vec::new());
    frame.crumbs = vec![site.home_crumb(INDEX), here(title)];
    Page {
        path: INDEX.to_owned(),
        frame,
        body: Body::Decisions(DecisionsPage { lead, years: years(site, &rows), rows }),
        drawings: Vec::new(),
        prose: None,
        sketches: Vec::new(),
    }
}

/// Plans the page of a decision.
pub(crate) fn page(site: &Site<'_>, at: usize) -> Page {
    let decision = &site.model.decisions[at];
    let path = site.addresses.decision(at);
    let mut frame = site.frame(path, &decision.title, "", Vec::new());
    let list = Crumb { name: site.say("nav.decisions"), href: Some(link(path, INDEX)) };
    frame.crumbs = vec![site.home_crumb(path), list, here(decision.title.clone())];
    frame.set_source(site, decision.file.as_str());
    let beside =
        |at: Option<usize>| at.filter(|at| *at < site.model.decisions.len()).map(|at| site.decision_row(path, at));
    let body = DecisionPage {
        row: site.decision_row(path, at),
        rules: rules(decision),
        is_in_force: decision.is_accepted(),
        before: beside(at.checked_sub(1)),
        after: beside(Some(at + 1)),
    };
    let prose = PageProse {
        file: decision.file.clone(),
        body: decision.body,
        text: fill_selectors(site.model, site.body_text(&decision.file, decision.body), &site.words),
        title: decision.title.clone(),
    };
    Page {
        path: path.to_owned(),
        frame,
        body: Body::Decision(body),
        drawings: Vec::new(),
        prose: Some(prose),
        sketches: Vec::new(),
    }
}

impl Site<'_> {
    /// A decision in a list on a page.
    pub(crate) fn decision_row(&self, page: &str, at: usize) -> DecisionRow {
        let decision = &self.model.decisions[at];
        DecisionRow {
            number: decision.number.map_or_else(String::new, |number| number.to_string()),
            title: decision.title.clone(),
            href: link(page, self.addresses.decision(at)),
            status: decision.status.clone(),
            status_kind: decision.state.name().to_owned(),
            date: decision.date.clone(),
            elements: decision.elements.iter().map(|ix| self.reference(page, *ix)).collect(),
            links: decision.links.iter().filter_map(|link| self.decision_ref(page, &link.kind, &link.to)).collect(),
        }
    }

    fn decision_ref(&self, page: &str, kind: &str, id: &str) -> Option<DecisionRef> {
        let at = self.model.decisions.iter().position(|it| it.id == id)?;
        let title = self.model.decisions[at].title.clone();
        Some(DecisionRef { kind: kind.to_owned(), title, href: link(page, self.addresses.decision(at)) })
    }
}

/// The time line: by year and date, what has no date last.
fn years(site: &Site<'_>, rows: &[DecisionRow]) -> Vec<Year> {
    let year = |row: &DecisionRow| {
        row.date.get(..4).filter(|year| year.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned)
    };
    let mut dated: Vec<&DecisionRow> = rows.iter().filter(|row| year(row).is_some()).collect();
    if dated.is_empty() {
        return Vec::new();
    }
    dated.sort_by(|a, b| a.date.cmp(&b.date));
    let undated = rows.iter().filter(|row| year(row).is_none());
    let mut years: Vec<Year> = Vec::new();
    for row in dated.into_iter().chain(undated) {
        let name = year(row).unwrap_or_else(|| site.say("decisions.without-date"));
        match years.last_mut() {
            Some(last) if last.name == name => last.rows.push(row.clone()),
            _ => years.push(Year { name, rows: vec![row.clone()] }),
        }
    }
    years
}

fn rules(decision: &loko_model::Decision) -> String {
    let rules = decision.rules.as_ref();
    rules.and_then(|rules| serde_json::to_string_pretty(rules).ok()).unwrap_or_default()
}
