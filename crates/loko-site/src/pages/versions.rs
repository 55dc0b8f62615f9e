//! The versions: what became of the architecture from one to the next, in words and in pictures.

use super::{Body, Page, here, section};
use crate::changelog::Release;
use crate::site::Site;
use loko_model::name;
use serde::Serialize;

/// The path of the page.
pub(crate) const PATH: &str = "versions.html";

/// What the page says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct VersionsPage {
    pub lead: String,
    pub versions: Vec<VersionView>,
}

/// A version.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct VersionView {
    pub id: String,
    pub name: String,
    pub date: String,
    pub sections: Vec<Part>,
    /// The place of its pictures among the page's: overlaid, before, after; none when there are none.
    pub pictures: Option<usize>,
}

/// What happened of one kind.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Part {
    /// The kind: `added`, `changed` …
    pub id: &'static str,
    pub title: String,
    pub lines: Vec<String>,
}

/// Where a version stands on the page.
pub(crate) fn anchor(release: &Release) -> String {
    if release.version.is_empty() { "v-unreleased".to_owned() } else { format!("v-{}", name::slug(&release.version)) }
}

/// Plans the page; none without versions.
pub(crate) fn page(site: &Site<'_>) -> Option<Page> {
    let versions = &site.history.filter(|history| !history.versions.is_empty())?.versions;
    // The pictures come in threes, in the order of their versions.
    let drawings: Vec<_> = site.drawings_at(PATH).iter().map(|at| site.page_drawing(PATH, *at)).collect();
    let mut next = 0;
    let views: Vec<VersionView> = versions
        .iter()
        .map(|version| {
            let has_pictures = version.overlay.is_some() && version.beside.is_some();
            let pictures = has_pictures.then_some(next);
            next += if has_pictures { 3 } else { 0 };
            let release = &version.release.version;
            let name = if release.is_empty() { site.say("versions.unreleased") } else { release.clone() };
            VersionView {
                id: anchor(&version.release),
                name,
                date: version.release.date.clone().unwrap_or_default(),
                sections: version
                    .release
                    .sections()
                    .into_iter()
                    .filter(|(_, lines)| !lines.is_empty())
                    .map(|(key, lines)| Part {
                        id: key.rsplit('.').next().unwrap_or(key),
                        title: site.say(key),
                        lines: lines.clone(),
                    })
                    .collect(),
                pictures,
            }
        })
        .collect();
    let named = versions.iter().filter(|it| !it.release.version.is_empty()).count();
    let lead = match named {
        0 => site.say("versions.none"),
        count => site.words.count("versions.lead", count),
    };
    let sections = views.iter().map(|view| section(&view.id, &view.name)).collect();
    let title = site.say("nav.versions");
    let mut frame = site.frame(PATH, &title, &lead, sections);
    frame.crumbs = vec![site.home_crumb(PATH), here(title)];
    let body = Body::Versions(VersionsPage { lead, versions: views });
    Some(Page { path: PATH.to_owned(), frame, body, drawings, prose: None, sketches: Vec::new() })
}
