//! The versions: what became of the architecture from one to the next, in words and in pictures.

use super::{Body, Crumb, Page, section};
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
    pub sections: Vec<(&'static str, Vec<String>)>,
    /// The place of its pictures among the page's: overlaid, before, after; none when there are none.
    pub pictures: Option<usize>,
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
            let name = if version.release.version.is_empty() { "Unreleased" } else { &version.release.version };
            VersionView {
                id: anchor(&version.release),
                name: name.to_owned(),
                date: version.release.date.clone().unwrap_or_default(),
                sections: version
                    .release
                    .sections()
                    .into_iter()
                    .filter(|(_, lines)| !lines.is_empty())
                    .map(|(title, lines)| (title, lines.clone()))
                    .collect(),
                pictures,
            }
        })
        .collect();
    let named = versions.iter().filter(|it| !it.release.version.is_empty()).count();
    let lead = match named {
        0 => "Nothing has a version yet.".to_owned(),
        1 => "One version so far.".to_owned(),
        count => format!("{count} versions, and what became of the architecture from one to the next."),
    };
    let sections = views.iter().map(|view| section(&view.id, &view.name)).collect();
    let mut frame = site.frame(PATH, "Versions", &lead, sections);
    frame.crumbs = vec![site.home_crumb(PATH), Crumb { name: "Versions".to_owned(), href: None }];
    let body = Body::Versions(VersionsPage { lead, versions: views });
    Some(Page { path: PATH.to_owned(), frame, body, drawings, prose: None, sketches: Vec::new() })
}
