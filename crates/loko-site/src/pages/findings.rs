//! All findings, by what they are about.

use super::{Body, Crumb, Page, Ref, section};
use crate::frame::{FindingView, view};
use crate::site::Site;
use loko_source::{Diagnostic, Severity};
use serde::Serialize;
use std::collections::BTreeMap;

/// The path of the page.
pub(crate) const PATH: &str = "findings.html";

/// What the page says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FindingsPage {
    pub lead: String,
    pub groups: Vec<Group>,
}

/// The findings about one file.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Group {
    pub id: String,
    pub title: String,
    #[serde(rename = "ref")]
    pub reference: Option<Ref>,
    pub findings: Vec<FindingView>,
}

/// Plans the page.
pub(crate) fn page(site: &Site<'_>, findings: &[Diagnostic]) -> Page {
    let mut by_file: BTreeMap<String, Vec<&Diagnostic>> = BTreeMap::new();
    for finding in findings {
        let file = finding.primary.as_ref().map_or_else(String::new, |label| label.place.path.to_string());
        by_file.entry(file).or_default().push(finding);
    }
    let mut groups: Vec<(bool, Group)> = by_file
        .into_iter()
        .enumerate()
        .map(|(at, (file, findings))| {
            let has_error = findings.iter().any(|finding| finding.severity == Severity::Error);
            let page = site.page_about(&file);
            let reference = page.and_then(|page| site.element_of_page(&page)).map(|ix| site.reference(PATH, ix));
            let title = if file.is_empty() { "The workspace".to_owned() } else { file };
            let findings = findings.into_iter().map(|finding| view(site.snapshot, finding)).collect();
            (!has_error, Group { id: format!("s-file-{}", at + 1), title, reference, findings })
        })
        .collect();
    groups.sort_by_key(|(is_mild, _)| *is_mild);
    let groups: Vec<Group> = groups.into_iter().map(|(_, group)| group).collect();
    let sections = groups.iter().map(|group| section(&group.id, &group.title)).collect();
    let lead = lead(findings);
    let mut frame = site.frame(PATH, "Findings", &lead, sections);
    frame.crumbs = vec![site.home_crumb(PATH), Crumb { name: "Findings".to_owned(), href: None }];
    Page {
        path: PATH.to_owned(),
        frame,
        body: Body::Findings(FindingsPage { lead, groups }),
        drawings: Vec::new(),
        prose: None,
        sketches: Vec::new(),
    }
}

fn lead(findings: &[Diagnostic]) -> String {
    let text = counts(findings);
    if text.is_empty() { "Nothing is wrong that loko could see.".to_owned() } else { format!("{text}.") }
}

/// How many of each there are: `2 errors, 1 warning`; empty for none.
pub(crate) fn counts(findings: &[Diagnostic]) -> String {
    let of = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let words = [(of(Severity::Error), "error"), (of(Severity::Warning), "warning"), (of(Severity::Info), "remark")];
    let some = words.into_iter().filter(|(count, _)| *count > 0);
    some.map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
        .collect::<Vec<_>>()
        .join(", ")
}
