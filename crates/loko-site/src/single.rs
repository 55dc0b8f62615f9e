//! The whole documentation as one HTML file: the articles of all pages one after the other, links between pages become links
//! within the file, pictures of the workspace stand in it, and so do style and script, each let in by its hash.

use crate::address::encode;
use crate::policy;
use crate::prose::escape_html;
use crate::scripts;
use crate::site::Site;
use crate::words::Words;
use loko_source::Snapshot;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The path of the file.
pub(crate) const FILE: &str = "architecture.html";
/// Pictures of the workspace up to this size stand in the file.
const PICTURE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A page with what was made of it.
pub(crate) struct Chapter {
    pub path: String,
    pub title: String,
    /// The page as a site has it.
    pub html: String,
}

/// Puts the chapters together.
pub(crate) fn file(site: &Site<'_>, style: &str, chapters: &[Chapter], snapshot: &Snapshot) -> String {
    whole(&site.name, (&site.language, &site.words), style, chapters, snapshot)
}

fn whole(
    name: &str,
    (language, words): (&str, &Words),
    style: &str,
    chapters: &[Chapter],
    snapshot: &Snapshot,
) -> String {
    let anchors: BTreeMap<String, String> =
        chapters.iter().enumerate().map(|(at, chapter)| (encode(&chapter.path), format!("page-{}", at + 1))).collect();
    let mut contents = String::new();
    let mut articles = String::new();
    for chapter in chapters {
        let anchor = &anchors[&encode(&chapter.path)];
        let _ =
            writeln!(contents, "<li><a class=\"nav-link\" href=\"#{anchor}\">{}</a></li>", escape_html(&chapter.title));
        let rewrite = Rewrite { page: &chapter.path, anchor, anchors: &anchors, snapshot };
        let _ = write!(
            articles,
            "<article id=\"{anchor}\" class=\"chapter\">\n{}</article>\n",
            rewrite.of(article(&chapter.html))
        );
    }
    let script = scripts::main(words).replace("</script", "<\\/script");
    let style = style.replace("</style", "<\\/style");
    let name = escape_html(name);
    let (skip, label) = (escape_html(&words.say("frame.skip")), escape_html(&words.say("frame.contents")));
    let page = format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{{policy}}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{name}</title>\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<style>{style}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#content\">{skip}</a>\n\
         <header class=\"top\"><a class=\"brand\" href=\"#page-1\"><span class=\"brand-name\">{name}</span></a></header>\n\
         <div class=\"layout\">\n<nav class=\"sidebar\" id=\"sidebar\" aria-label=\"{label}\">\n<ul class=\"tree tree-0\">\n{contents}</ul>\n</nav>\n\
         <main id=\"content\" tabindex=\"-1\">\n{articles}</main>\n</div>\n<script>{script}</script>\n</body>\n</html>\n"
    );
    policy::stated(&page)
}

/// What stands between the frame's parts: the article of a page.
fn article(html: &str) -> &str {
    let after = html.split_once("<article>").map_or("", |(_, after)| after);
    after.rsplit_once("</article>").map_or(after, |(inner, _)| inner)
}

struct Rewrite<'a> {
    page: &'a str,
    anchor: &'a str,
    anchors: &'a BTreeMap<String, String>,
    snapshot: &'a Snapshot,
}

impl Rewrite<'_> {
    /// Rewrites the attributes that name places; our own pages and pictures write them all in double quotes.
    fn of(&self, html: &str) -> String {
        let mut out = String::with_capacity(html.len() + html.len() / 16);
        let mut rest = html;
        loop {
            let next = [" id=\"", " href=\"", " src=\"", " aria-labelledby=\""]
                .iter()
                .filter_map(|key| Some((rest.find(key)?, *key)))
                .min();
            let Some((at, key)) = next else { break };
            let start = at + key.len();
            out.push_str(&rest[..start]);
            let Some(length) = rest[start..].find('"') else {
                rest = &rest[start..];
                break;
            };
            let value = &rest[start..start + length];
            out.push_str(&self.value(key, value, &out));
            rest = &rest[start + length..];
        }
        out.push_str(rest);
        out
    }

    fn value(&self, key: &str, value: &str, before: &str) -> String {
        // Places within a picture have names of their own already.
        let is_in_picture =
            before.rfind("<svg").is_some_and(|open| before.rfind("</svg>").is_none_or(|end| end < open));
        match key.trim_end_matches("=\"").trim() {
            "id" | "aria-labelledby" if is_in_picture => value.to_owned(),
            "id" | "aria-labelledby" => format!("{}--{value}", self.anchor),
            "href" => self.link(value),
            _ => self.picture(value),
        }
    }

    fn link(&self, value: &str) -> String {
        if let Some(fragment) = value.strip_prefix('#') {
            return format!("#{}--{fragment}", self.anchor);
        }
        let (target, fragment) = value.split_once('#').map_or((value, ""), |(target, fragment)| (target, fragment));
        if target.contains(':') {
            return value.to_owned();
        }
        match self.anchors.get(&self.resolved(target)) {
            Some(anchor) if fragment.is_empty() => format!("#{anchor}"),
            Some(anchor) => format!("#{anchor}--{fragment}"),
            // What is not in the file cannot be led to.
            None => format!("#{}", self.anchor),
        }
    }

    /// A path from the root of the site.
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
        let path = self.resolved(value);
        let bytes = path.strip_prefix("files/").and_then(|file| self.snapshot.asset(file));
        let kind = match path.rsplit('.').next() {
            Some("png") => "image/png",
            Some("jpg" | "jpeg") => "image/jpeg",
            Some("gif") => "image/gif",
            Some("webp") => "image/webp",
            Some("avif") => "image/avif",
            _ => "image/svg+xml",
        };
        match bytes.filter(|bytes| bytes.len() <= PICTURE_BYTES_MAX) {
            Some(bytes) => format!("data:{kind};base64,{}", policy::base64(bytes)),
            None => value.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_names_stay_within_the_file() {
        let chapter = |path: &str, html: &str| Chapter {
            path: path.to_owned(),
            title: path.to_owned(),
            html: format!("<html><article>{html}</article></html>"),
        };
        let mut snapshot = Snapshot::default();
        snapshot.insert_asset(loko_source::FilePath::new("a.png").unwrap(), *b"foo");
        let made = whole(
            "X",
            ("en", &Words::default()),
            "a{}",
            &[
                chapter(
                    "index.html",
                    "<h2 id=\"s\">S</h2><a href=\"systems/shop.html#s\">shop</a><a href=\"#s\">s</a>",
                ),
                chapter(
                    "systems/shop.html",
                    "<svg id=\"d0-x\"><a href=\"../index.html\"></a></svg><a href=\"https://example.com/#x\">out</a><img src=\"../files/a.png\">",
                ),
            ],
            &snapshot,
        );
        assert!(
            made.contains("<h2 id=\"page-1--s\">S</h2><a href=\"#page-2--s\">shop</a><a href=\"#page-1--s\">s</a>"),
            "{made}"
        );
        assert!(
            made.contains("<svg id=\"d0-x\"><a href=\"#page-1\"></a></svg><a href=\"https://example.com/#x\">out</a>"),
            "{made}"
        );
        assert!(made.contains("src=\"data:image/png;base64,Zm9v\""), "{made}");
        assert!(made.contains("script-src 'self' file: 'sha256-") && !made.contains("unsafe"), "{made}");
    }
}
