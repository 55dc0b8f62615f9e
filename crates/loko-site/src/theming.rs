//! How a workspace wants its documentation to look: `[site]` of `loko.toml`, and the templates and style of its folder
//! `theme/`. Whatever is wrong is a finding with its place, and counts as not said.

use crate::address::encode;
use crate::colors::Colors;
use crate::links::{FILES, bytes_of, has_scheme};
use crate::pages::PageLink;
use crate::pipeline;
use crate::render::Templates;
use crate::repository::Repository;
use crate::sheet::{self, Sheet};
use crate::words::Words;
use loko_draw::Look;
use loko_model::Model;
use loko_model::load::read_toml;
use loko_model::load::scope::THEME_FOLDER;
use loko_model::project::PROJECT_FILE;
use loko_model::value::{Data, Entry};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Place, Snapshot, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The keys of `[site]`.
const KEYS: [&str; 10] =
    ["url", "repository", "language", "logo", "font", "mono_font", "colors", "dark_colors", "navigation", "footer"];

/// What is wrong with how a workspace wants its documentation to look: with `[site]`, and with its own style, templates and
/// messages. A build finds the same.
pub fn check(snapshot: &Snapshot) -> Vec<Diagnostic> {
    // A key can be written with a backslash, too.
    let may_say = |text: &str| text.contains("site") || text.contains('\\');
    if !snapshot.text(PROJECT_FILE).is_some_and(may_say) && snapshot.paths_below(THEME_FOLDER).next().is_none() {
        return Vec::new();
    }
    let theming = Theming::of(snapshot);
    let of_templates = match theming.templates.is_empty() {
        true => Vec::new(),
        false => Templates::of(&theming).findings,
    };
    theming.findings.into_iter().chain(of_templates).collect()
}

/// What is wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Theming {
    /// The address that the site is published at, with a slash at its end.
    pub url: Option<String>,
    /// Where its repository is on the web.
    pub repository: Option<Repository>,
    /// The language that the texts of the workspace are in, as browsers and readers are told.
    pub language: Option<String>,
    /// The pages' own words in that language.
    pub words: Words,
    /// The picture that stands before the project's name.
    pub logo: Option<FilePath>,
    /// Further links of the navigation.
    pub navigation: Vec<PageLink>,
    /// A line at the end of each page.
    pub footer: String,
    /// The colours of pages and diagrams.
    pub colors: Colors,
    /// What the style sheet has besides the colours: the fonts, then the workspace's own style.
    pub style: String,
    /// Files of the theme that the style sheet and the navigation name.
    pub files: BTreeSet<FilePath>,
    /// The pages that the navigation names, with their places.
    pages: Vec<(String, Place)>,
    /// The workspace's own templates by name, with their files.
    pub templates: BTreeMap<String, (FilePath, String)>,
    /// What is wrong.
    pub findings: Vec<Diagnostic>,
}

impl Theming {
    /// Reads what a workspace says.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let mut theming = Self::default();
        let path = FilePath::new(PROJECT_FILE).expect("a file name is a path");
        let mut said_at = None;
        if let Some(text) = snapshot.text(PROJECT_FILE) {
            // What is wrong with the file as TOML, loading tells.
            let (mut entries, broken) = read_toml(&path, text);
            if let Some(Data::Map(site)) = entries.swap_remove("site").map(|entry| entry.value.data) {
                said_at = site.get("language").map(|entry| (path.clone(), entry.value.span));
                for (name, entry) in &site {
                    theming.setting(&path, snapshot, name, entry);
                }
                theming.colors.make_readable(&path);
                theming.findings.append(&mut theming.colors.findings);
            }
            // What is wrong in a line that is no TOML follows from that.
            let line = |finding: &Diagnostic| {
                let at = finding.primary.as_ref().map_or(0, |label| label.place.span.start as usize);
                text.get(..at).map_or(0, |before| before.matches('\n').count())
            };
            theming.findings.retain(|finding| !broken.iter().any(|it| line(it) == line(finding)));
        }
        let (words, findings) = Words::of(snapshot, theming.language.as_deref(), said_at);
        theming.words = words;
        theming.findings.extend(findings);
        let sheet = Sheet::of(snapshot);
        theming.style.push_str(&sheet.text);
        theming.files.extend(sheet.files);
        theming.findings.extend(sheet.findings);
        for file in snapshot.paths_below(&format!("{THEME_FOLDER}/templates")) {
            if let (Some("html"), Some(text)) = (file.extension(), snapshot.text(file.as_str())) {
                theming.templates.insert(file.file_name().to_owned(), (file.clone(), text.to_owned()));
            }
        }
        theming
    }

    /// Puts the colours into the style sheet; hands back the look of diagrams that goes with them.
    pub(crate) fn dress(&mut self, model: &Model) -> Look {
        let look = Look { phrases: self.words.legend(), ..pipeline::look(model, &self.colors) };
        self.style.insert_str(0, &self.colors.style(&look));
        look
    }

    /// The language of the pages, as browsers and readers are told.
    pub(crate) fn language(&self) -> &str {
        self.language.as_deref().unwrap_or("en")
    }

    fn setting(&mut self, path: &FilePath, snapshot: &Snapshot, name: &str, entry: &Entry) {
        let span = entry.value.span;
        match (name, &entry.value.data) {
            ("colors" | "dark_colors", Data::Map(colors)) => self.colors.take(path, name == "dark_colors", colors),
            ("navigation", Data::List(items)) => {
                for item in items {
                    let text = |key: &str| item.as_map()?.get(key)?.value.as_text().map(str::to_owned);
                    match (text("title"), text("href")) {
                        (Some(name), Some(href)) if is_safe(&href) => {
                            let span = item.as_map().and_then(|it| it.get("href")).map_or(item.span, |it| it.value.span);
                            if let Some(href) = self.destination(&href, Place { path: path.clone(), span }, snapshot) {
                                self.navigation.push(PageLink { name, href, description: String::new() });
                            }
                        }
                        _ => self.wrong(path, item.span, "a link of `navigation` has a `title`, and an `href` that is a page, or begins with `https://`"),
                    }
                }
            }
            ("url", _) => {
                match entry.value.as_text().filter(|url| url.starts_with("https://") || url.starts_with("http://")) {
                    Some(url) => self.url = Some(format!("{}/", url.trim_end_matches('/'))),
                    None => self.wrong(
                        path,
                        span,
                        "`url` is the address that the site is published at, such as `https://docs.example.com/`",
                    ),
                }
            }
            ("repository", _) => {
                let (repository, findings) = Repository::read(path, &entry.value);
                self.repository = repository;
                self.findings.extend(findings);
            }
            ("language", _) => match entry.value.as_text().filter(|it| is_language(it)) {
                Some(language) => self.language = Some(language.to_owned()),
                None => self.wrong(path, span, "`language` is a language tag such as `en` or `de-AT`"),
            },
            ("logo", _) => {
                let file = entry.value.as_text().and_then(|it| FilePath::new(it).ok());
                match file.filter(|file| snapshot.asset(file.as_str()).is_some()) {
                    Some(file) => self.logo = Some(file),
                    None => self.wrong(path, span, "`logo` is a picture of the workspace, best below `theme/`"),
                }
            }
            ("font" | "mono_font", _) => match entry.value.as_text().filter(|it| is_font(it)) {
                Some(font) => {
                    let variable = if name == "font" { "sans" } else { "mono" };
                    let _ = writeln!(self.style, ":root {{ --{variable}: {font}; }}");
                }
                None => self.wrong(path, span, "a font is a list of names, as `font-family` takes it"),
            },
            ("footer", _) if entry.value.as_text().is_some() => {
                self.footer = entry.value.as_text().unwrap_or_default().to_owned();
            }
            _ if KEYS.contains(&name) => {
                self.wrong(path, span, &format!("`{name}` cannot be {}", entry.value.kind_name()));
            }
            _ => {
                let message = format!("`[site]` has no key `{name}`");
                let mut finding = Diagnostic::warning("unknown-key", message).at(path, entry.key_span, "");
                finding.help = did_you_mean(name, KEYS).map(Into::into);
                self.findings.push(finding);
            }
        }
    }

    /// Where a link of the navigation leads; nothing for a file that there is not. Pages are looked up when they are known.
    fn destination(&mut self, href: &str, place: Place, snapshot: &Snapshot) -> Option<String> {
        let (name, rest) = href.split_at(href.find(['?', '#']).unwrap_or(href.len()));
        if name.contains(':') || name.is_empty() {
            return Some(href.to_owned());
        }
        if !name.starts_with(&format!("{THEME_FOLDER}/")) {
            self.pages.push((name.to_owned(), place));
            return Some(href.to_owned());
        }
        if let Some(path) = FilePath::new(name).ok().filter(|path| bytes_of(snapshot, path).is_some()) {
            let href = format!("{FILES}/{}{rest}", encode(path.as_str()));
            self.files.insert(path);
            return Some(href);
        }
        let message = format!("there is no file `{name}`");
        let finding = Diagnostic::error("broken-navigation", message).at(&place.path, place.span, "");
        let near = did_you_mean(name, sheet::known(snapshot).iter().map(String::as_str));
        self.findings.push(finding.help(near.unwrap_or_else(|| "the navigation goes without it".to_owned())));
        None
    }

    /// Findings for pages that the navigation names and the site does not have.
    pub(crate) fn unknown_pages<'a>(&self, known: impl Fn() -> Vec<&'a str>) -> Vec<Diagnostic> {
        if self.pages.is_empty() {
            return Vec::new();
        }
        let known = known();
        let gone = self.pages.iter().filter(|(name, _)| !known.contains(&name.as_str()));
        let told = |(name, place): &(String, Place)| {
            let message = format!("the navigation leads to `{name}`, and the site has no such page");
            let near = did_you_mean(name, known.iter().copied());
            let help =
                near.unwrap_or_else(|| "pages are named from the root of the site, as `systems.html` is".to_owned());
            Diagnostic::error("broken-navigation", message).at(&place.path, place.span, "").help(help)
        };
        gone.map(told).collect()
    }

    fn wrong(&mut self, path: &FilePath, span: Span, message: &str) {
        let finding = Diagnostic::error("bad-value", message).at(path, span, "");
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
}

/// Names, commas, quotes: nothing that could end the rule it stands in.
fn is_font(text: &str) -> bool {
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | ',' | '-' | '_' | '"' | '\'');
    !text.is_empty() && text.chars().all(fits) && text.matches('"').count().is_multiple_of(2)
}

fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first =
        parts.next().is_some_and(|it| (2..=3).contains(&it.len()) && it.bytes().all(|b| b.is_ascii_alphabetic()));
    first && parts.all(|it| (1..=8).contains(&it.len()) && it.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// A page of the site, or an address on the web.
fn is_safe(href: &str) -> bool {
    let has_scheme = has_scheme(href);
    !href.is_empty()
        && !href.starts_with("//")
        && (!has_scheme || ["https://", "http://", "mailto:"].iter().any(|it| href.starts_with(it)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Theming {
        Theming::of(&Snapshot::from_texts([("loko.toml", text)]))
    }

    #[test]
    fn what_is_said_is_taken_over() {
        let it = read(
            "[site]\nurl = \"https://docs.example.com\"\nlanguage = \"de-AT\"\nfont = \"Georgia, serif\"\ncolors = { accent = \"#ff0055\" }\nnavigation = [{ title = \"Wiki\", href = \"https://wiki.example.com\" }]\n",
        );
        assert_eq!(it.findings, []);
        assert_eq!(it.url.as_deref(), Some("https://docs.example.com/"));
        assert!(
            it.colors.key().contains("accent #f05") && it.style.contains("--sans: Georgia, serif;"),
            "{} {}",
            it.colors.key(),
            it.style
        );
        assert_eq!(it.navigation.len(), 1);
    }

    #[test]
    fn files_of_the_navigation_are_published_and_missing_ones_told() {
        let text = "[site]\nnavigation = [{ title = \"Map\", href = \"theme/map.pdf\" }, { title = \"Old\", href = \"theme/mab.pdf\" }, { title = \"All\", href = \"sistems.html#x\" }]\n";
        let mut snapshot = Snapshot::from_texts([("loko.toml", text)]);
        snapshot.insert_asset(FilePath::new("theme/map.pdf").expect("a path"), *b"x");
        let it = Theming::of(&snapshot);
        assert_eq!(
            it.navigation.iter().map(|link| link.href.as_str()).collect::<Vec<_>>(),
            ["files/theme/map.pdf", "sistems.html#x"]
        );
        assert_eq!(it.files.len(), 1);
        let mut findings = it.findings.clone();
        findings.extend(it.unknown_pages(|| vec!["index.html", "systems.html"]));
        let told: Vec<&str> = findings.iter().filter_map(|it| it.help.as_deref()).collect();
        assert_eq!(findings.len(), 2);
        assert!(told[0].contains("theme/map.pdf") && told[1].contains("systems.html"), "{told:?}");
        let at = findings[1].primary.as_ref().expect("a place").place.span;
        assert_eq!(&text[at.start as usize..at.end as usize], "\"sistems.html#x\"");
    }

    #[test]
    fn what_could_do_harm_is_refused() {
        let harmful = [
            "url = \"javascript:alert(1)\"",
            "font = \"x; } body { display: none\"",
            "colors = { accent = \"red; } *{}\" }",
            "colors = { nothing = \"red\" }",
            "navigation = [{ title = \"x\", href = \"javascript:alert(1)\" }]",
            "logo = \"../../etc/passwd\"",
            "language = \"<script>\"",
            "colour = 1",
        ];
        for line in harmful {
            let it = read(&format!("[site]\n{line}\n"));
            assert_eq!(it.findings.len(), 1, "{line}: {:?}", it.findings);
            assert!(
                it.navigation.is_empty()
                    && it.url.is_none()
                    && it.logo.is_none()
                    && !it.style.contains("body")
                    && it.colors.is_empty(),
                "{line}"
            );
        }
    }
}
