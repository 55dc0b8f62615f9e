//! Templates become pages.

use crate::address::{Redirect, encode, link, root_of};
use crate::blocks;
use crate::fingerprint::{Fingerprint, Ingredients};
use crate::frame::Frame as Excerpt;
use crate::numerals;
use crate::pages::nav::Nav;
use crate::pages::{self, Frame, Page};
use crate::policy;
use crate::prose::{Heading, code, escape_html, write_escaped};
use crate::site::Site;
use crate::theming::Theming;
use crate::words::Words;
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, LineIndex, Span};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde};
use minijinja::{AutoEscape, Environment, Error, Value, context};
use serde::{Deserialize as _, Serialize};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::OnceLock;

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        /// The templates by name.
        const TEMPLATES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../templates/", $name)))),*];
    };
}

templates! {
    "base.html", "nav.html", "macros.html", "home.html", "element.html", "overview.html", "facets.html", "deployment.html",
    "dynamic.html", "selection.html", "decisions.html", "decision.html", "findings.html", "redirect.html", "events.html",
    "single.html", "event.html", "contexts.html", "glossary.html", "patterns.html", "coupling.html", "versions.html", "embed.html", "simulation.html",
}

/// The parts of a page that are made when it has to be.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// A picture for each of the page's drawings.
    pub pictures: Vec<String>,
    /// The prose as HTML.
    pub prose: String,
    /// Its headings.
    pub headings: Vec<Heading>,
}

/// A drawing as a template sees it.
#[derive(Serialize)]
struct DrawingView<'a> {
    title: &'a str,
    href: &'a str,
    svg: Value,
}

/// Makes a page of what it says, and tells of a template of the workspace that could not be filled: ours is used then.
pub(crate) fn page_with(
    templates: &Templates,
    page: &Page,
    nav: Nav,
    body: &impl Serialize,
    parts: Parts,
) -> (String, Option<Diagnostic>) {
    let drawings = page.drawings.iter().map(|drawing| (drawing.title.as_str(), drawing.href.as_str()));
    let sketches = page.sketches.iter().map(|sketch| (sketch.title.as_str(), ""));
    let drawings: Vec<Value> = drawings
        .chain(sketches)
        .zip(parts.pictures)
        .map(|((title, href), svg)| Value::from(Serde(DrawingView { title, href, svg: Value::from_safe_string(svg) })))
        .collect();
    let mut frame = page.frame.clone();
    frame.nav = nav;
    frame.toc = parts.headings.into_iter().filter(|heading| heading.level <= 3).chain(frame.toc).collect();
    let values = context! {
        frame => Value::from(Serde(&frame)),
        page => Value::from(Serde(body)),
        drawings => drawings,
        prose => Value::from_safe_string(parts.prose),
    };
    let (text, finding) = templates.filled(page.body.template(), &values);
    (policy::stated(&text), finding)
}

/// What stands in the place of the chapters of the site in one file.
pub(crate) const CHAPTERS: &str = "{chapters}";

/// What stands around the chapters of the site in one file.
pub(crate) fn single(templates: &Templates, frame: &Frame, style: String, scheme: String, script: String) -> String {
    let made = |base: &str| {
        let values = context! {
            base => base,
            frame => Value::from(Serde(frame)),
            style => Value::from_safe_string(style.clone()),
            scheme => Value::from_safe_string(scheme.clone()),
            script => Value::from_safe_string(script.clone()),
        };
        templates.fill("single.html", values)
    };
    let text = made("base.html");
    // A base of the workspace's own may have no room for chapters.
    if text.contains(CHAPTERS) { text } else { made("loko/base.html") }
}

/// Makes the page that shows one diagram, for frames of other pages.
pub(crate) fn embed(templates: &Templates) -> String {
    policy::stated(&templates.fill("embed.html", context! { language => &templates.language }))
}

/// A page that another one leads on to.
#[derive(Serialize)]
pub(crate) struct Onward<'a> {
    name: &'a str,
    /// What it is part of; empty for what stands alone.
    within: &'a str,
    href: String,
    /// Its full address where the site is published, else the same.
    url: String,
}

/// What a page that leads on tells.
pub(crate) fn onward<'a>(site: &Site<'a>, redirect: &Redirect) -> Vec<Onward<'a>> {
    let onward = |ix: &loko_model::ElementIx| {
        let (element, path) = (site.model.element(*ix), site.addresses.element(*ix));
        let href = link(&redirect.path, path);
        let url = site.url.as_ref().map_or_else(|| href.clone(), |url| url.clone() + &encode(path));
        let within = element.parent.map_or("", |parent| site.model.element(parent).id.as_str());
        Onward { name: &element.name, within, href, url }
    };
    redirect.to.iter().map(onward).collect()
}

/// Makes a page that leads on to another one, or lets the reader choose among several.
pub(crate) fn redirect(templates: &Templates, redirect: &Redirect, onward: &[Onward<'_>]) -> String {
    let values = context! {
        language => &templates.language,
        root => root_of(&redirect.path),
        name => onward.first().map(|it| it.name),
        href => onward.first().map(|it| &it.href),
        onward => onward.iter().map(|it| Value::from(Serde(it))).collect::<Vec<_>>(),
    };
    policy::stated(&templates.fill("redirect.html", values))
}

/// The templates of a build: our own, and those that the workspace puts in their place. Its `element.html` may extend
/// `loko/element.html` and give only some blocks another content.
pub(crate) struct Templates {
    environment: Environment<'static>,
    /// The language of the pages.
    language: String,
    /// What they are.
    pub fingerprint: Fingerprint,
    /// What is wrong with the workspace's.
    pub findings: Vec<Diagnostic>,
    /// Our own alone, for when one of the workspace's fails.
    plain: Environment<'static>,
    /// The workspace's, by name, with their files.
    own: BTreeMap<String, (FilePath, String)>,
}

impl Templates {
    /// The templates of a workspace.
    pub(crate) fn of(theming: &Theming) -> Self {
        let mut made_of = Ingredients::of("templates");
        made_of.fingerprint(theming.words.fingerprint).text(&theming.colors.key()).text(theming.language());
        let mut environment = ours().clone();
        teach(&mut environment, &theming.words);
        let plain = environment.clone();
        let language = theming.language().to_owned();
        for (name, text) in TEMPLATES {
            made_of.text(name).text(text);
        }
        let mut findings = Vec::new();
        for (name, (file, text)) in &theming.templates {
            made_of.text(name).text(text);
            if !TEMPLATES.iter().any(|(known, _)| known == name) {
                let message = format!("there is no template `{name}`");
                let mut finding = Diagnostic::warning("unknown-template", message).at(file, Span::at(0), "");
                finding.help = did_you_mean(name, TEMPLATES.iter().map(|(known, _)| *known)).map(Into::into);
                findings.push(finding);
            } else if let Err(error) = environment.add_template_owned(name.clone(), text.clone()) {
                findings.push(broken(file, text, &error));
            } else {
                findings.extend(blocks::unknown(file, text, |parent| {
                    let own = theming.templates.get(parent).map(|(_, text)| text.as_str());
                    own.or_else(|| ours_named(parent.strip_prefix("loko/").unwrap_or(parent)))
                }));
            }
        }
        let own = theming.templates.clone();
        Self { environment, language, fingerprint: made_of.finish(), findings, plain, own }
    }

    fn fill(&self, template: &str, values: Value) -> String {
        self.filled(template, &values).0
    }

    /// A template with its values; if one of the workspace's fails, ours, and what was wrong.
    fn filled(&self, template: &str, values: &Value) -> (String, Option<Diagnostic>) {
        let filled = |environment: &Environment<'static>| environment.get_template(template)?.render(values);
        match filled(&self.environment) {
            Ok(text) => (text, None),
            Err(error) => {
                // Ours do not fail, as every page of the tests is made with them.
                let text = filled(&self.plain).unwrap_or_else(|error| {
                    format!(
                        "<!doctype html>\n<title>Error</title>\n<pre>{}</pre>\n",
                        escape_html(&format!("{error:#}"))
                    )
                });
                (text, Some(self.failed(template, &error)))
            }
        }
    }

    /// A finding for a template that could not be filled, at the place in the workspace's own where it went wrong.
    fn failed(&self, template: &str, error: &Error) -> Diagnostic {
        let mut place = None;
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(it) = cause {
            if let Some(own) = it.downcast_ref::<Error>() {
                let named = own.name().and_then(|name| self.own.get(name));
                place = named.map(|named| (named, own)).or(place);
            }
            cause = it.source();
        }
        match place {
            Some(((file, text), error)) => broken(file, text, error),
            None => Diagnostic::error("bad-template", format!("the template `{template}` cannot be filled: {error}"))
                .help("our own templates are used in its place"),
        }
    }
}

/// One of our templates.
fn ours_named(name: &str) -> Option<&'static str> {
    TEMPLATES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

fn broken(file: &FilePath, text: &str, error: &Error) -> Diagnostic {
    let start = error.line().and_then(|line| LineIndex::new(text).line_start(u32::try_from(line).ok()?)).unwrap_or(0);
    let end = text[start..].find('\n').map_or(text.len(), |end| start + end);
    let told = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    Diagnostic::error("bad-template", format!("the template cannot be used: {told}"))
        .at(file, Span::new(start, end), "")
        .help("our own template is used in its place")
}

/// Teaches templates to speak: `say("key")`, with the places of the message as named arguments, `day` for dates, and how the
/// language writes numbers.
fn teach(environment: &mut Environment<'static>, words: &Words) {
    let speaker = words.clone();
    environment.add_function("say", move |key: &str, places: Kwargs| {
        let mut values: Vec<(&str, String)> = Vec::new();
        for name in places.args() {
            let value: Value = places.get(name)?;
            values.push((name, value.to_string()));
        }
        let values: Vec<(&str, &dyn Display)> =
            values.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
        Ok::<_, Error>(speaker.fill(key, &values))
    });
    let calendar = words.clone();
    environment.add_filter("day", move |day: String| calendar.day(&day));
    let counter = words.clone();
    environment.add_filter("whole", move |value: usize| counter.whole(value));
    let writer = words.clone();
    environment.add_filter("numbers", move |text: String| writer.numbers(&text));
    // What is told in English sentences has English numbers.
    environment.add_filter("english_numbers", |text: String| numerals::tidy(&text, ",", "."));
}

fn ours() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.expect("the delimiters are the usual ones"));
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_formatter(|out, _, value| match value.as_str().filter(|_| !value.is_safe()) {
            Some(text) => write_escaped(out, text).map_err(Error::from),
            None => write!(out, "{value}").map_err(Error::from),
        });
        environment
            .add_filter("ticks", |text: Option<String>| Value::from_safe_string(ticks(&text.unwrap_or_default())));
        environment.add_filter("element", |it: Value, path: Option<bool>| {
            element(&it, path.unwrap_or(true)).map(Value::from_safe_string)
        });
        environment.add_filter("excerpt", |frame: Value| {
            let frame = Excerpt::deserialize(frame)?;
            Ok::<_, Error>(Value::from_safe_string(frame.html()))
        });
        environment.add_filter("brief", |text: Option<String>| {
            Value::from_safe_string(pages::rows::brief(&text.unwrap_or_default()))
        });
        environment.add_filter("part_rows", |rows: Value| pages::rows::html(&rows));
        environment
            .add_filter("code", |text: String, language: String| Value::from_safe_string(code(&text, &language)));
        environment.add_filter("breaks", |text: String| Value::from_safe_string(breaks(&text)));
        environment.add_filter("measured", |rows: Vec<Vec<String>>| measured(&rows));
        for (name, text) in TEMPLATES {
            environment.add_template(name, text).expect("the templates are part of the program and parse");
        }
        // Few workspaces have templates of their own that extend ours.
        environment.set_loader(|name| Ok(name.strip_prefix("loko/").and_then(ours_named)));
        environment
    })
}

/// The way to an element, with the names of what it is part of if they are wanted: of a [`Ref`](pages::Ref) as a template
/// has it. Long pages are lists of these, for which a macro takes too long.
fn element(it: &Value, with_path: bool) -> Result<String, Error> {
    let mut html = String::with_capacity(192);
    let [name, href, kind] = [it.get_attr("name")?, it.get_attr("href")?, it.get_attr("kind")?];
    let path = if with_path { it.get_attr("path")? } else { Value::UNDEFINED };
    let texts = [&name, &href, &kind, &path].map(|value| value.as_str().unwrap_or_default());
    pages::rows::write_reference(&mut html, texts)?;
    Ok(html)
}

/// Text that may go on in the next line after each slash of a path in it.
fn breaks(text: &str) -> String {
    let parts: Vec<String> = text.split('/').map(escape_html).collect();
    let mut out = String::with_capacity(text.len() + 8);
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            // What comes after a number is its unit.
            out.push_str(if text.starts_with(|first: char| first.is_ascii_digit()) { "/" } else { "/<wbr>" });
        }
        out.push_str(part);
    }
    out
}

/// Which columns of a table hold measures: every cell begins with a digit, or with a sign before one, or is a dash. What goes
/// on after a comma and a space is told in words.
fn measured(rows: &[Vec<String>]) -> Vec<bool> {
    let is_measure = |cell: &str| {
        let bare = cell.trim_start_matches(['-', '−', '+', '<', '≤', '≥', ' ']);
        bare.starts_with(|first: char| first.is_ascii_digit()) && !cell.contains(", ")
    };
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cells = |column: usize| rows.iter().filter_map(move |row| row.get(column)).map(String::as_str);
    let of_column = |column| {
        let mut said = cells(column).filter(|cell| !matches!(*cell, "" | "–" | "-")).peekable();
        said.peek().is_some() && said.all(is_measure)
    };
    (0..columns).map(of_column).collect()
}

/// Text with `code` between backticks, as messages have it.
pub(crate) fn ticks(text: &str) -> String {
    if !text.contains('`') {
        return escape_html(text);
    }
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return escape_html(text);
    }
    let html = pieces.iter().enumerate().map(|(at, piece)| {
        let piece = escape_html(piece);
        if at % 2 == 1 { format!("<code>{piece}</code>") } else { piece }
    });
    html.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_become_code() {
        assert_eq!(ticks("`a<b` and c"), "<code>a&lt;b</code> and c");
        assert_eq!(ticks("one ` only"), "one ` only");
    }

    #[test]
    fn columns_of_measures_are_told_from_words() {
        let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        let rows = [row(["shop/api", "12.5 ms ± 1.0 ms", "–", "3 of 4"]), row(["2nd", "–", "–", "none"])];
        assert_eq!(measured(&rows), [false, true, false, false]);
        assert_eq!(measured(&[]), [false; 0]);
        assert_eq!(
            measured(&[row(["1 replica", "1", "2,000/s", "1"]), row(["1 replica, assumed", "2", "5/s", "–"])]),
            [false, true, true, true]
        );
    }

    #[test]
    fn paths_may_go_on_in_the_next_line() {
        assert_eq!(breaks("shop/api → a<b/c"), "shop/<wbr>api → a&lt;b/<wbr>c");
        assert_eq!(breaks("2,000/s"), "2,000/s");
    }

    #[test]
    fn templates_parse() {
        assert!(ours().get_template("element.html").is_ok());
    }
}
