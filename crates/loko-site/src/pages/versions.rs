//! The versions: what became of the architecture from one to the next, in words and in pictures.

use super::{Body, Page, here, section};
use crate::changelog::Release;
use crate::fingerprint::{Fingerprint, Ingredients};
use crate::history::Version;
use crate::pipeline;
use crate::shop::Shop;
use crate::site::Site;
use loko_model::diff::insides::Inside;
use loko_model::name;
use serde::Serialize;
use std::collections::BTreeMap;

/// The path of the page.
pub const PATH: &str = "versions.html";

/// What the page says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct VersionsPage {
    pub lead: String,
    /// Whether there are several to choose two of.
    pub is_choice: bool,
    /// The place of the picture of all versions among the page's; without one that of the first inside.
    pub together: Option<usize>,
    pub versions: Vec<VersionView>,
}

/// A version.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct VersionView {
    pub id: String,
    pub name: String,
    pub date: String,
    /// The address of its tag, where that is known.
    pub href: String,
    /// What the first version came with, in words; empty for the others.
    pub first: String,
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

/// The script that tells what each version held.
pub(crate) const SCRIPT: &str = "js/versions.js";

/// What each version held, for the comparison of any two: of elements and relations that are the same in several versions
/// one row.
pub(crate) fn script(site: &Site<'_>) -> Option<String> {
    let versions = &site.history?.versions;
    if versions.len() < 2 {
        return None;
    }
    let (mut elements, mut relations) = (Rows::default(), Rows::default());
    let told: Vec<_> = versions
        .iter()
        .map(|version| {
            serde_json::json!({
                "id": anchor(&version.release),
                "name": name(site, &version.release),
                "elements": version.state.elements.iter().map(|it| elements.place(it)).collect::<Vec<_>>(),
                "relations": version.state.relations.iter().map(|it| relations.place(it)).collect::<Vec<_>>(),
                "renamed": version.renamed,
            })
        })
        .collect();
    let landscape =
        site.history?.landscapes.as_ref().map(|_| serde_json::json!([LANDSCAPE, site.say("view.landscape")]));
    let inside = |inside: &Inside| {
        let title = pipeline::inside_title(inside, &site.words);
        serde_json::json!([view_key(inside), title, script_name(inside)])
    };
    let views: Vec<_> = landscape.into_iter().chain(site.history?.insides.iter().map(inside)).collect();
    let all =
        serde_json::json!({ "elements": elements.rows, "relations": relations.rows, "versions": told, "views": views });
    Some(format!("globalThis.lokoVersions = {};\n", all.to_string().replace('<', "\\u003c")))
}

/// A script with a picture: what is inside an element in all versions. Pages on a disk can load scripts and nothing else.
pub(crate) struct InsideScript {
    /// The place of its drawing.
    pub drawing: usize,
    pub path: String,
    pub fingerprint: Fingerprint,
    /// The view that it is of: `containers/shop`.
    key: String,
}

/// The scripts with pictures of what is inside elements; their drawings are the last ones.
pub(crate) fn insides(site: &Site<'_>) -> Vec<InsideScript> {
    let insides = site.history.map_or(&[][..], |history| &history.insides);
    let first = site.drawings.len().saturating_sub(insides.len());
    let script = |(at, inside): (usize, &Inside)| {
        let drawing = first + at;
        let path = format!("js/{}.js", script_name(inside));
        let drawn = site.drawings[drawing].fingerprint;
        let fingerprint = Ingredients::of("inside").text(&path).fingerprint(drawn).finish();
        InsideScript { drawing, path, fingerprint, key: view_key(inside) }
    };
    insides.iter().enumerate().map(script).collect()
}

/// The script with a picture, whose links are rewritten; its style sheet beside it, since pages take those from scripts alone.
pub(crate) fn inside_script(shop: &Shop<'_>, inside: &InsideScript, rewrite: impl Fn(&str) -> String) -> String {
    let svg = rewrite(&shop.for_script(inside.drawing, PATH, PREFIX));
    let (style, rest) = svg
        .split_once("<style>")
        .and_then(|(before, rest)| {
            rest.split_once("</style>").map(|(style, after)| (style, format!("{before}{after}")))
        })
        .unwrap_or(("", svg.clone()));
    let (key, picture) = (serde_json::json!(inside.key), serde_json::json!([rest, style]));
    format!("(globalThis.lokoVersionPictures ??= {{}})[{key}] = {picture};\n")
}

/// What stands before the names of the parts of a picture that a script puts into the page, where there is one at a time.
const PREFIX: &str = "v-";

/// The view of which the page itself has the picture.
const LANDSCAPE: &str = "landscape";

fn view_key(inside: &Inside) -> String {
    format!("{}/{}", inside.kind.name(), inside.id)
}

/// The name of the script with a picture: of letters that every disk tells apart.
fn script_name(inside: &Inside) -> String {
    format!("versions/{}", Ingredients::of("view").text(&view_key(inside)).finish())
}

/// Rows, each once.
struct Rows<'a, T> {
    rows: Vec<&'a T>,
    known: BTreeMap<&'a T, usize>,
}

impl<T> Default for Rows<'_, T> {
    fn default() -> Self {
        Self { rows: Vec::new(), known: BTreeMap::new() }
    }
}

impl<'a, T: Ord> Rows<'a, T> {
    fn place(&mut self, row: &'a T) -> usize {
        let next = self.rows.len();
        let place = *self.known.entry(row).or_insert(next);
        if place == next {
            self.rows.push(row);
        }
        place
    }
}

pub(crate) fn name(site: &Site<'_>, release: &Release) -> String {
    if release.version.is_empty() { site.say("versions.unreleased") } else { release.version.clone() }
}

/// What the first version came with, in words.
fn first(site: &Site<'_>, version: &Version) -> Option<String> {
    version.is_first.then(|| site.words.count("versions.first", version.state.elements.len()))
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
            VersionView {
                id: anchor(&version.release),
                name: name(site, &version.release),
                first: first(site, version).unwrap_or_default(),
                href: site.repository.as_ref().and_then(|it| it.tag(&version.release.version)).unwrap_or_default(),
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
    let is_choice = views.len() > 1;
    let together = (is_choice && next < drawings.len()).then_some(next);
    let body = Body::Versions(VersionsPage { lead, is_choice, together, versions: views });
    Some(Page { path: PATH.to_owned(), frame, body, drawings, prose: None, sketches: Vec::new() })
}
