//! How a workspace wants its documentation to look: `[site]` of `loko.toml`, and the templates and style of its folder
//! `theme/`. Whatever is wrong is a finding with its place, and counts as not said.

use crate::pages::PageLink;
use crate::words::Words;
use loko_model::load::read_toml;
use loko_model::load::scope::THEME_FOLDER;
use loko_model::project::PROJECT_FILE;
use loko_model::value::{Data, Entry};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Snapshot, Span};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The keys of `[site]`.
const KEYS: [&str; 9] =
    ["url", "language", "logo", "font", "mono_font", "colors", "dark_colors", "navigation", "footer"];
/// The colours that can be set, by the names that they have in the style sheet.
const COLORS: [&str; 10] = ["paper", "canvas", "raised", "soft", "ink", "link", "accent", "line", "person", "system"];

/// What is wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Theming {
    /// The address that the site is published at, with a slash at its end.
    pub url: Option<String>,
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
    /// What the style sheet has besides: the colours and fonts, then the workspace's own style.
    pub style: String,
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
            let (mut entries, _) = read_toml(&path, text);
            if let Some(Data::Map(site)) = entries.swap_remove("site").map(|entry| entry.value.data) {
                said_at = site.get("language").map(|entry| (path.clone(), entry.value.span));
                for (name, entry) in &site {
                    theming.setting(&path, snapshot, name, entry);
                }
            }
        }
        let (words, findings) = Words::of(snapshot, theming.language.as_deref(), said_at);
        theming.words = words;
        theming.findings.extend(findings);
        if let Some(own) = snapshot.text(&format!("{THEME_FOLDER}/style.css")) {
            theming.style.push_str(own);
        }
        for file in snapshot.paths_below(&format!("{THEME_FOLDER}/templates")) {
            if let (Some("html"), Some(text)) = (file.extension(), snapshot.text(file.as_str())) {
                theming.templates.insert(file.file_name().to_owned(), (file.clone(), text.to_owned()));
            }
        }
        theming
    }

    /// The language of the pages, as browsers and readers are told.
    pub(crate) fn language(&self) -> &str {
        self.language.as_deref().unwrap_or("en")
    }

    fn setting(&mut self, path: &FilePath, snapshot: &Snapshot, name: &str, entry: &Entry) {
        let span = entry.value.span;
        match (name, &entry.value.data) {
            ("colors", Data::Map(colors)) => self.colors(path, ":root, :root[data-theme=\"light\"]", colors),
            ("dark_colors", Data::Map(colors)) => {
                self.colors(path, ":root[data-theme=\"dark\"]", colors);
                let inner = self.colors_of(path, colors);
                let around = ":root:not([data-theme=\"light\"])";
                let _ = writeln!(self.style, "@media (prefers-color-scheme: dark) {{ {around} {{ {inner}}} }}");
            }
            ("navigation", Data::List(items)) => {
                for item in items {
                    let text = |key: &str| item.as_map()?.get(key)?.value.as_text().map(str::to_owned);
                    match (text("title"), text("href")) {
                        (Some(name), Some(href)) if is_safe(&href) => {
                            self.navigation.push(PageLink { name, href, description: String::new() });
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

    fn colors(&mut self, path: &FilePath, around: &str, colors: &indexmap::IndexMap<String, Entry>) {
        let inner = self.colors_of(path, colors);
        let _ = writeln!(self.style, "{around} {{ {inner}}}");
    }

    fn colors_of(&mut self, path: &FilePath, colors: &indexmap::IndexMap<String, Entry>) -> String {
        let mut inner = String::new();
        for (name, entry) in colors {
            match entry.value.as_text().filter(|color| COLORS.contains(&name.as_str()) && is_color(color)) {
                Some(color) => {
                    let _ = write!(inner, "--{name}: {color}; ");
                }
                None => {
                    let told = format!(
                        "a colour is one of {}, and is written as `#1f5aa8` or by its CSS name",
                        COLORS.join(", ")
                    );
                    self.wrong(path, entry.value.span, &told);
                }
            }
        }
        inner
    }

    fn wrong(&mut self, path: &FilePath, span: Span, message: &str) {
        let finding = Diagnostic::error("bad-value", message).at(path, span, "");
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
}

fn is_color(text: &str) -> bool {
    let hex = text.strip_prefix('#').is_some_and(|digits| {
        matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    });
    hex || (!text.is_empty() && text.bytes().all(|letter| letter.is_ascii_alphabetic()))
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
    let has_scheme = href.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':'));
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
            it.style.contains("--accent: #ff0055;") && it.style.contains("--sans: Georgia, serif;"),
            "{}",
            it.style
        );
        assert_eq!(it.navigation.len(), 1);
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
                it.navigation.is_empty() && it.url.is_none() && it.logo.is_none() && !it.style.contains("body"),
                "{line}"
            );
        }
    }
}
