//! All findings, by what they are about.

use super::{Body, Page, Ref, here, section};
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
            // Each finding names its file; people look for the element.
            let title = match &reference {
                Some(reference) => reference.name.clone(),
                None if file.is_empty() => site.say("findings.workspace"),
                None => file,
            };
            let findings = findings.into_iter().map(|finding| view(site.snapshot, finding)).collect();
            (!has_error, Group { id: format!("s-file-{}", at + 1), title, reference, findings })
        })
        .collect();
    groups.sort_by_key(|(is_mild, _)| *is_mild);
    let groups: Vec<Group> = groups.into_iter().map(|(_, group)| group).collect();
    let sections = groups.iter().map(|group| section(&group.id, &group.title)).collect();
    let lead = lead(site, findings);
    let title = site.say("nav.findings");
    let mut frame = site.frame(PATH, &title, &lead, sections);
    frame.crumbs = vec![site.home_crumb(PATH), here(title)];
    Page {
        path: PATH.to_owned(),
        frame,
        body: Body::Findings(FindingsPage { lead, groups }),
        drawings: Vec::new(),
        prose: None,
        sketches: Vec::new(),
    }
}

fn lead(site: &Site<'_>, findings: &[Diagnostic]) -> String {
    let text = counts(site, findings);
    if text.is_empty() { site.say("findings.nothing") } else { format!("{text}.") }
}

/// How many of each there are: `2 errors, 1 warning`; empty for none.
pub(crate) fn counts(site: &Site<'_>, findings: &[Diagnostic]) -> String {
    let of = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let all = [
        (of(Severity::Error), "findings.errors"),
        (of(Severity::Warning), "findings.warnings"),
        (of(Severity::Info), "findings.remarks"),
    ];
    all.into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, key)| site.words.count(key, count))
        .collect::<Vec<_>>()
        .join(", ")
}
