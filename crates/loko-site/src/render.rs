//! Templates become pages.

use crate::fingerprint::{Fingerprint, Ingredients};
use crate::pages::Page;
use crate::prose::{Heading, escape_html};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, Value, context};
use serde::Serialize;
use std::sync::OnceLock;

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        /// The templates by name.
        const TEMPLATES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../templates/", $name)))),*];
    };
}

templates! {
    "base.html", "nav.html", "macros.html", "home.html", "element.html", "overview.html", "facets.html", "deployment.html",
    "dynamic.html", "selection.html", "decisions.html", "decision.html", "findings.html", "redirect.html",
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

/// What the templates are.
pub(crate) fn fingerprint() -> Fingerprint {
    let mut made_of = Ingredients::of("templates");
    for (name, text) in TEMPLATES {
        made_of.text(name).text(text);
    }
    made_of.finish()
}

/// Makes a page. A template that fails is a mistake of ours; the page then says so.
pub(crate) fn page(page: &Page, parts: Parts) -> String {
    let drawings: Vec<Value> = page
        .drawings
        .iter()
        .zip(parts.pictures)
        .map(|(drawing, svg)| {
            Value::from(Serde(DrawingView {
                title: &drawing.title,
                href: &drawing.href,
                svg: Value::from_safe_string(svg),
            }))
        })
        .collect();
    let mut frame = page.frame.clone();
    frame.toc = parts.headings.into_iter().filter(|heading| heading.level <= 3).chain(frame.toc).collect();
    let values = context! {
        frame => Value::from(Serde(&frame)),
        page => Value::from(Serde(&page.body)),
        drawings => drawings,
        prose => Value::from_safe_string(parts.prose),
    };
    fill(page.body.template(), values)
}

/// Makes a page that leads on to another one.
pub(crate) fn redirect(name: &str, href: &str) -> String {
    fill("redirect.html", context! { name => name, href => href })
}

fn fill(template: &str, values: Value) -> String {
    let filled = environment().get_template(template).and_then(|template| template.render(values));
    filled.unwrap_or_else(|error| {
        format!("<!doctype html>\n<title>Error</title>\n<pre>{}</pre>\n", escape_html(&format!("{error:#}")))
    })
}

fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.expect("the delimiters are the usual ones"));
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_formatter(|out, _, value| match value.as_str().filter(|_| !value.is_safe()) {
            Some(text) => out.write_str(&escape_html(text)).map_err(Error::from),
            None => write!(out, "{value}").map_err(Error::from),
        });
        environment.add_filter("ticks", |text: String| Value::from_safe_string(ticks(&text)));
        for (name, text) in TEMPLATES {
            environment.add_template(name, text).expect("the templates are part of the program and parse");
        }
        environment
    })
}

/// Text with `code` between backticks, as messages have it.
fn ticks(text: &str) -> String {
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
    fn templates_parse() {
        assert!(environment().get_template("element.html").is_ok());
    }
}
