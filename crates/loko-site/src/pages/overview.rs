//! All containers, all components: tables by what they are part of.

use super::element::{Part, part};
use super::{Body, Page, Ref, here};
use crate::site::Site;
use loko_model::{ElementIx, Kind, moved};
use serde::Serialize;

/// An overview.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct OverviewPage {
    pub title: String,
    pub lead: String,
    pub groups: Vec<Group>,
}

/// The parts of one element.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Group {
    pub id: String,
    /// Ids that links from before a rename have.
    pub former: Vec<String>,
    #[serde(rename = "ref")]
    pub reference: Ref,
    pub rows: Vec<Part>,
}

/// Plans the overview of a kind.
pub(crate) fn page(site: &Site<'_>, kind: Kind) -> Page {
    let (path, title) = if kind == Kind::Container {
        ("containers.html", "nav.containers")
    } else {
        ("components.html", "nav.components")
    };
    let title = site.say(title);
    let mut groups: Vec<(ElementIx, Vec<Part>)> = Vec::new();
    for ix in site.model.of_kind(kind) {
        let Some(parent) = site.model.element(ix).parent else { continue };
        let row = part(site, path, ix);
        match groups.last_mut().filter(|(last, _)| *last == parent) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((parent, vec![row])),
        }
    }
    let count: usize = groups.iter().map(|(_, rows)| rows.len()).sum();
    let (parts, wholes) = if kind == Kind::Container {
        (site.words.count("lists.containers-count", count), site.words.count("lists.in-systems", groups.len()))
    } else {
        (site.words.count("lists.components-count", count), site.words.count("lists.in-containers", groups.len()))
    };
    let lead = site.words.fill("lists.count-in", &[("parts", &parts), ("wholes", &wholes)]);
    let former = moved::former_ids(site.model);
    let groups: Vec<Group> = groups
        .into_iter()
        .map(|(ix, rows)| Group {
            id: format!("in-{}", site.model.element(ix).id),
            former: former.iter().filter(|(_, of)| *of == ix).map(|(id, _)| format!("in-{id}")).collect(),
            reference: site.reference(path, ix),
            rows,
        })
        .collect();
    let sections = groups.iter().map(|group| super::section(&group.id, &group.reference.name)).collect();
    let mut frame = site.frame(path, &title, &lead, sections);
    frame.crumbs = vec![site.home_crumb(path), here(title.clone())];
    Page {
        path: path.to_owned(),
        frame,
        body: Body::Overview(OverviewPage { title, lead, groups }),
        drawings: Vec::new(),
        prose: None,
        sketches: Vec::new(),
    }
}
