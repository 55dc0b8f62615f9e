//! All findings, errors first, each kind by what it is about.

use super::{Body, Page, Ref, here, section};
use crate::frame::{FindingView, view};
use crate::site::Site;
use loko_source::{Diagnostic, Severity};
use serde::Serialize;
use std::collections::BTreeMap;

/// The path of the page.
pub(crate) const PATH: &str = "findings.html";

/// Errors are shown with their source up to so many; more, and all that is milder, are a line each that opens.
const OPEN_MAX: usize = 20;

/// What the page says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FindingsPage {
    pub lead: String,
    pub groups: Vec<Group>,
}

/// The findings of one severity.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Group {
    pub id: &'static str,
    /// How many there are: `2 errors`.
    pub title: String,
    /// Whether their sources are folded away.
    pub folded: bool,
    pub about: Vec<About>,
}

/// Those of them that are about one file.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct About {
    pub title: String,
    #[serde(rename = "ref")]
    pub reference: Option<Ref>,
    pub findings: Vec<FindingView>,
}

/// What there is, the worst first: the anchor of each severity on the page, and the key of how many there are.
const SEVERITIES: [(Severity, &str, &str); 3] = [
    (Severity::Error, "s-errors", "findings.errors"),
    (Severity::Warning, "s-warnings", "findings.warnings"),
    (Severity::Info, "s-remarks", "findings.remarks"),
];

/// Plans the page.
pub(crate) fn page(site: &Site<'_>, findings: &[Diagnostic]) -> Page {
    let groups: Vec<Group> = SEVERITIES
        .into_iter()
        .filter_map(|(severity, id, key)| {
            let of: Vec<&Diagnostic> = findings.iter().filter(|finding| finding.severity == severity).collect();
            let folded = severity != Severity::Error || of.len() > OPEN_MAX;
            (!of.is_empty()).then(|| Group {
                id,
                title: site.words.count(key, of.len()),
                folded,
                about: about(site, &of),
            })
        })
        .collect();
    let sections = groups.iter().map(|group| section(group.id, &group.title)).collect();
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

/// Findings by the files that they are about.
fn about(site: &Site<'_>, findings: &[&Diagnostic]) -> Vec<About> {
    let mut by_file: BTreeMap<String, Vec<&Diagnostic>> = BTreeMap::new();
    for finding in findings {
        let file = finding.primary.as_ref().map_or_else(String::new, |label| label.place.path.to_string());
        by_file.entry(file).or_default().push(finding);
    }
    let of_file = |(file, findings): (String, Vec<&Diagnostic>)| {
        let page = site.page_about(&file);
        let reference = page.and_then(|page| site.element_of_page(&page)).map(|ix| site.reference(PATH, ix));
        // Each finding names its file; people look for the element.
        let title = match &reference {
            Some(reference) => reference.name.clone(),
            None if file.is_empty() => site.say("findings.workspace"),
            None => file,
        };
        let findings = findings.into_iter().map(|finding| view(site.snapshot, finding)).collect();
        About { title, reference, findings }
    };
    by_file.into_iter().map(of_file).collect()
}

/// What the script of all pages knows of findings, for the number beside the way to them: how many errors and warnings
/// there are, and how many of each in words. Pages themselves need not be made again for it.
pub(crate) fn script(site: &Site<'_>, findings: &[Diagnostic]) -> String {
    let of = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let told = serde_json::json!([of(Severity::Error), of(Severity::Warning), counts(site, findings)]);
    format!("globalThis.lokoFindings = {};\n", told.to_string().replace('<', "\\u003c"))
}

fn lead(site: &Site<'_>, findings: &[Diagnostic]) -> String {
    let text = counts(site, findings);
    if text.is_empty() { site.say("findings.nothing") } else { format!("{text}.") }
}

/// How many of each there are: `2 errors, 1 warning`; empty for none.
pub(crate) fn counts(site: &Site<'_>, findings: &[Diagnostic]) -> String {
    let of = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    SEVERITIES
        .into_iter()
        .map(|(severity, _, key)| (of(severity), key))
        .filter(|(count, _)| *count > 0)
        .map(|(count, key)| site.words.count(key, count))
        .collect::<Vec<_>>()
        .join(", ")
}
