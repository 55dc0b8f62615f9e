//! The whole documentation as one HTML file: the pages of the site one after the other, links between pages become links
//! within the file, and pictures, fonts, style, scripts and the search's index stand in it. A script shows one page at a
//! time; without it, and on paper, all of them follow each other.
//!
//! Every page is named by its path, `systems/shop`, and a place on it by both, `systems/shop:uses`, so that links into the
//! file keep leading where they led.

use crate::address::encode;
use crate::links::{self, FILES};
use crate::pages::versions::InsideScript;
use crate::pages::{self, nav, versions};
use crate::policy;
use crate::prose::escape_html;
use crate::render::{self, Templates};
use crate::scripts;
use crate::search;
use crate::shop::Shop;
use loko_source::{Diagnostic, FilePath, Snapshot};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The path of the file.
pub(crate) const FILE: &str = "architecture.html";
/// Pictures and other files of the workspace up to this size stand in the file.
const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// What stands between the name of a page and that of a place on it; no path has it.
const PLACE: char = ':';

/// A page with what was made of it.
pub(crate) struct Chapter {
    pub path: String,
    pub title: String,
    /// The page as a site has it.
    pub html: String,
}

/// What pages look like.
pub(crate) struct Looks<'a> {
    pub templates: &'a Templates,
    /// The style sheet.
    pub style: String,
    /// The faces of the fonts, each with its bytes, as a style sheet names them.
    pub fonts: (String, Vec<(String, Vec<u8>)>),
}

/// Puts the chapters together; the first is the home page.
pub(crate) fn file(
    shop: &Shop<'_>,
    insides: &[InsideScript],
    looks: Looks<'_>,
    chapters: &[Chapter],
    findings: &[Diagnostic],
) -> String {
    let (site, snapshot) = (shop.site, shop.site.snapshot);
    let anchors = Anchors::of(chapters);
    let (mut style, fonts) = looks.fonts;
    for (path, bytes) in fonts {
        style = style.replace(&format!("../{path}"), &format!("data:font/ttf;base64,{}", policy::base64(&bytes)));
    }
    style.push_str(&looks.style);
    let to = |address: &str| anchors.href(address).unwrap_or_else(|| address.to_owned());
    let (index, _) = search::index(site, &to);
    let words = search::Words::of(site).script();
    let versions = versions::script(site);
    let own = pages::findings::script(site, findings) + &scripts::whole(&site.words, versions.is_some());
    let rewrite = Rewrite { page: versions::PATH, is_shell: false, anchors: &anchors, snapshot };
    let pictures: String =
        insides.par_iter().map(|inside| versions::inside_script(shop, inside, |svg| rewrite.of(svg))).collect();
    let told = versions.unwrap_or_default();
    let script = [search::SCRIPT, &index, &words, &search::model(site, &to), &told, &pictures, &own].join("");
    let mut frame = site.frame(crate::pages::home::PATH, &site.name, &site.model.project.description, Vec::new());
    frame.nav = nav::whole(site);
    // Where the site is published says nothing of a file that is passed around.
    frame.url.clear();
    frame.scripts.clear();
    let shell = render::single(
        looks.templates,
        &frame,
        style.replace("</style", "<\\/style"),
        scripts::SCHEME.replace("</script", "<\\/script"),
        script.replace("</script", "<\\/script"),
    );
    whole(&shell, chapters, &anchors, snapshot)
}

/// The file, of what stands around the chapters.
fn whole(shell: &str, chapters: &[Chapter], anchors: &Anchors, snapshot: &Snapshot) -> String {
    let rewrite = |page, is_shell| Rewrite { page, is_shell, anchors, snapshot };
    let (before, after) = shell.split_once(render::CHAPTERS).unwrap_or((shell, ""));
    // Style and script are as they shall be.
    let (head, top) = before.split_once("<body").unwrap_or(("", before));
    let around = rewrite(crate::pages::home::PATH, true);
    let mut page = head.to_owned();
    page.push_str("<body");
    page.push_str(&around.of(top));
    for chapter in chapters {
        let _ = write!(
            page,
            "<div id=\"{}\" class=\"chapter\" data-title=\"{}\">\n{}</div>\n",
            escape_html(&name_of(&chapter.path)),
            escape_html(&chapter.title),
            rewrite(&chapter.path, false).of(inner(&chapter.html))
        );
    }
    page.push_str(after);
    policy::alone(&page)
}

/// The name of a page within the file.
fn name_of(path: &str) -> String {
    path.strip_suffix(".html").unwrap_or(path).to_owned()
}

/// What is a page's own: the main part, or, where a template has none, the article.
fn inner(html: &str) -> &str {
    let within = |open: &str, close: &str| {
        let (_, after) = html.split_once(open)?;
        let (_, after) = after.split_once('>')?;
        Some(after.rsplit_once(close)?.0.trim_start_matches('\n'))
    };
    within("<main ", "</main>").or_else(|| within("<article", "</article>")).unwrap_or(html)
}

/// The pages in the file, by their addresses in the site.
struct Anchors(BTreeMap<String, String>);

impl Anchors {
    fn of(chapters: &[Chapter]) -> Self {
        Self(chapters.iter().map(|chapter| (encode(&chapter.path), encode(&name_of(&chapter.path)))).collect())
    }

    /// A link within the file, of an address from the root of the site; none if that is not in the file.
    fn href(&self, address: &str) -> Option<String> {
        let (path, place) = address.split_once('#').unwrap_or((address, ""));
        let name = self.0.get(path)?;
        Some(if place.is_empty() { format!("#{name}") } else { format!("#{name}{PLACE}{place}") })
    }
}

struct Rewrite<'a> {
    page: &'a str,
    /// Whether this stands around all pages, so that names in it are the file's own.
    is_shell: bool,
    anchors: &'a Anchors,
    snapshot: &'a Snapshot,
}

/// The attributes that name places, with whether what they name is a place of this page.
const ATTRIBUTES: [(&str, bool); 8] = [
    (" id=\"", true),
    (" for=\"", true),
    (" aria-labelledby=\"", true),
    (" aria-describedby=\"", true),
    (" aria-controls=\"", true),
    (" list=\"", true),
    (" href=\"", false),
    (" src=\"", false),
];

/// The link to a drawing's own file, which is not in this one.
const OWN_FILE: &str = "<a class=\"drawing-file\"";

impl Rewrite<'_> {
    /// Rewrites the attributes that name places; our own pages and pictures write them all in double quotes.
    fn of(&self, html: &str) -> String {
        let mut out = String::with_capacity(html.len() + html.len() / 16);
        let mut rest = html;
        while let Some(at) = rest.find("=\"") {
            let start = at + 2;
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            let Some(attribute) = ATTRIBUTES.iter().find(|(key, _)| out.ends_with(key)) else { continue };
            let Some(length) = rest.find('"') else { break };
            let value = self.value(*attribute, &rest[..length], &out);
            out.push_str(&value);
            rest = &rest[length..];
        }
        out.push_str(rest);
        self.without_own_files(&out)
    }

    fn value(&self, (key, is_name): (&str, bool), value: &str, before: &str) -> String {
        // Places within a picture have names of their own already.
        let is_in_picture =
            || before.rfind("<svg").is_some_and(|open| before.rfind("</svg>").is_none_or(|end| end < open));
        let is_link = || before.rfind('<').is_some_and(|tag| before[tag..].starts_with("<a "));
        match key {
            _ if is_name && (self.is_shell || is_in_picture()) => value.to_owned(),
            _ if is_name => value.split(' ').map(|name| self.place(name)).collect::<Vec<_>>().join(" "),
            " href=\"" if value.starts_with('#') && (self.is_shell || !is_link()) => value.to_owned(),
            " href=\"" => self.link(value),
            _ => self.picture(value),
        }
    }

    /// The name of a place on this page.
    fn place(&self, name: &str) -> String {
        format!("{}{PLACE}{name}", escape_html(&name_of(self.page)))
    }

    fn link(&self, value: &str) -> String {
        let here = encode(&name_of(self.page));
        if let Some(place) = value.strip_prefix('#') {
            return format!("#{here}{PLACE}{place}");
        }
        if links::has_scheme(value) {
            return value.to_owned();
        }
        let target = self.resolved(value);
        if let Some(href) = self.anchors.href(&target) {
            return href;
        }
        // What is not in the file cannot be led to; a small file of the workspace can be taken out of it.
        let file = target.split('#').next().unwrap_or_default();
        match self.data(file) {
            Some(data) => format!("{data}\" download=\"{}", file.rsplit('/').next().unwrap_or_default()),
            None => format!("#{here}"),
        }
    }

    /// An address from the root of the site.
    fn resolved(&self, target: &str) -> String {
        let mut parts: Vec<&str> = self.page.split('/').collect();
        parts.pop();
        for part in target.split('/') {
            match part {
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        parts.join("/")
    }

    fn picture(&self, value: &str) -> String {
        self.data(&self.resolved(value)).unwrap_or_else(|| value.to_owned())
    }

    /// A file of the workspace as an address that holds it.
    fn data(&self, address: &str) -> Option<String> {
        let name = address.strip_prefix(FILES)?.strip_prefix('/')?;
        let file = FilePath::new(&percent_encoding::percent_decode_str(name).decode_utf8_lossy()).ok()?;
        let bytes = links::bytes_of(self.snapshot, &file)?;
        (bytes.len() <= FILE_BYTES_MAX).then(|| links::data_url(&file, bytes))
    }

    /// The page without links to the files of its drawings.
    fn without_own_files(&self, html: &str) -> String {
        let mut out = String::with_capacity(html.len());
        let mut rest = html;
        while let Some((before, link)) = rest.split_once(OWN_FILE) {
            out.push_str(before);
            rest = link.split_once("</a>").map_or("", |(_, after)| after);
        }
        out + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(pages: &[(&str, &str)], snapshot: &Snapshot) -> String {
        let chapter = |(path, html): &(&str, &str)| Chapter {
            path: (*path).to_owned(),
            title: (*path).to_owned(),
            html: format!("<html><main id=\"content\"><article>{html}</article></main></html>"),
        };
        let chapters: Vec<Chapter> = pages.iter().map(chapter).collect();
        let shell = format!(
            "<meta content=\"{{policy}}\"><style>a{{}}</style><body><a href=\"#content\"></a><a href=\"systems/shop.html\"></a>\n{}\n<script>x</script></body>",
            render::CHAPTERS
        );
        whole(&shell, &chapters, &Anchors::of(&chapters), snapshot)
    }

    #[test]
    fn links_and_names_stay_within_the_file() {
        let mut snapshot = Snapshot::default();
        snapshot.insert_asset(FilePath::new("a b.png").unwrap(), *b"foo");
        snapshot.insert(FilePath::new("s.json").unwrap(), loko_source::Source::new("foo"));
        let made = made(
            &[
                ("index.html", "<h2 id=\"s\">S</h2><a href=\"systems/shop.html#s\">shop</a><a href=\"#s\">s</a>"),
                (
                    "systems/shop.html",
                    "<svg id=\"d0-x\"><use href=\"#d0-x\"/><a href=\"../index.html\"></a></svg><a href=\"https://example.com/#x\">out</a>\
                     <img src=\"../files/a%20b.png\"><a href=\"../files/s.json\">s</a><a class=\"drawing-file\" href=\"../d.svg\">SVG</a>",
                ),
            ],
            &snapshot,
        );
        let told = [
            "<body><a href=\"#content\"></a><a href=\"#systems/shop\"></a>",
            "<div id=\"systems/shop\" class=\"chapter\"",
            "<h2 id=\"index:s\">S</h2><a href=\"#systems/shop:s\">shop</a><a href=\"#index:s\">s</a>",
            "<svg id=\"d0-x\"><use href=\"#d0-x\"/><a href=\"#index\"></a></svg><a href=\"https://example.com/#x\">out</a>",
            "src=\"data:image/png;base64,Zm9v\"",
            "<a href=\"data:application/json;base64,Zm9v\" download=\"s.json\">s</a></article>",
        ];
        for words in told {
            assert!(made.contains(words), "no `{words}` in {made}");
        }
    }

    #[test]
    fn nothing_is_let_in_that_does_not_stand_in_the_file() {
        let made = made(&[("index.html", "")], &Snapshot::default());
        let policy = made.split('"').nth(1).unwrap_or_default();
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
        assert!(!policy.contains("self") && !policy.contains("file:") && !policy.contains("unsafe"), "{policy}");
    }
}
