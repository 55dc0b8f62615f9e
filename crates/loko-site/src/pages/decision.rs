//! The decisions: a list of all, and a page each.

use super::{Body, Crumb, Page, PageProse, Ref};
use crate::address::link;
use crate::frame::FindingView;
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
}

/// The list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DecisionsPage {
    pub lead: String,
    pub rows: Vec<DecisionRow>,
}

/// One decision.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DecisionPage {
    #[serde(flatten)]
    pub row: DecisionRow,
    pub findings: Vec<FindingView>,
    pub before: Option<DecisionRow>,
    pub after: Option<DecisionRow>,
}

/// Plans the list.
pub(crate) fn index(site: &Site<'_>) -> Page {
    let rows: Vec<DecisionRow> = (0..site.model.decisions.len()).map(|at| site.decision_row(INDEX, at)).collect();
    let accepted = rows.iter().filter(|row| row.status_kind == "accepted").count();
    let lead = match rows.len() {
        1 => "One decision has been written down.".to_owned(),
        count => format!("{count} decisions have been written down; {accepted} are accepted."),
    };
    let mut frame = site.frame(INDEX, "Decisions", "Architecture decision records", Vec::new());
    frame.crumbs = vec![site.home_crumb(INDEX), Crumb { name: "Decisions".to_owned(), href: None }];
    Page {
        path: INDEX.to_owned(),
        frame,
        body: Body::Decisions(DecisionsPage { lead, rows }),
        drawings: Vec::new(),
        prose: None,
    }
}

/// Plans the page of a decision.
pub(crate) fn page(site: &Site<'_>, at: usize) -> Page {
    let decision = &site.model.decisions[at];
    let path = site.addresses.decision(at);
    let mut frame = site.frame(path, &decision.title, "", Vec::new());
    let list = Crumb { name: "Decisions".to_owned(), href: Some(link(path, INDEX)) };
    frame.crumbs = vec![site.home_crumb(path), list, Crumb { name: decision.title.clone(), href: None }];
    frame.source = decision.file.to_string();
    let beside =
        |at: Option<usize>| at.filter(|at| *at < site.model.decisions.len()).map(|at| site.decision_row(path, at));
    let body = DecisionPage {
        row: site.decision_row(path, at),
        findings: site.findings_on(path),
        before: beside(at.checked_sub(1)),
        after: beside(Some(at + 1)),
    };
    let prose = PageProse {
        file: decision.file.clone(),
        body: decision.body,
        text: site.body_text(&decision.file, decision.body).to_owned(),
        title: decision.title.clone(),
    };
    Page { path: path.to_owned(), frame, body: Body::Decision(body), drawings: Vec::new(), prose: Some(prose) }
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
            status_kind: status_kind(&decision.status),
            date: decision.date.clone(),
            elements: decision.elements.iter().map(|ix| self.reference(page, *ix)).collect(),
        }
    }
}

/// The first word of a status, for its colour: `superseded by 7` is `superseded`.
fn status_kind(status: &str) -> String {
    status.chars().take_while(|it| it.is_alphabetic()).flat_map(char::to_lowercase).collect()
}
