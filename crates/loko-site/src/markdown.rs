//! Markdown for code hosts: `README.md` and a file for each element, pictures as SVG files beside them.
//!
//! Relations are tables, links lead from file to file, prose is taken over with its links led to the new places.

use crate::links::FILES;
use crate::pages::{self, Body, Page};
use crate::prose::{self, Place, escape_markdown};
use crate::shop::Shop;
use crate::site::Site;
use loko_source::{Diagnostic, FilePath};
use std::collections::BTreeSet;
use std::fmt::Write;

/// One file.
pub(crate) struct Made {
    pub text: String,
    /// Files of the workspace that it links to.
    pub files: BTreeSet<FilePath>,
}

/// The files of the Markdown output by path.
pub(crate) fn files(shop: &Shop<'_>, findings: &[Diagnostic]) -> Vec<(String, Made)> {
    let site = shop.site;
    let mut made = vec![("README.md".to_owned(), home(shop, findings))];
    for ix in site.model.ids() {
        let page = pages::element::page(site, ix);
        made.push((to_markdown(&page.path), element(shop, &page)));
    }
    for at in 0..site.model.decisions.len() {
        let page = pages::decision::page(site, at);
        made.push((to_markdown(&page.path), decision(shop, &page)));
    }
    for at in 0..site.model.environments.len() {
        let page = pages::deployment::page(site, at);
        made.push((to_markdown(&page.path), environment(&page)));
    }
    for at in 0..site.model.dynamics.len() {
        let page = pages::dynamic::page(site, at);
        made.push((to_markdown(&page.path), dynamic(site, &page)));
    }
    for at in 0..site.model.selections.len() {
        let page = pages::selection::page(site, at);
        made.push((to_markdown(&page.path), selection(site, &page)));
    }
    made
}

/// The address of a page's Markdown twin; other addresses stay.
pub(crate) fn to_markdown(href: &str) -> String {
    let (path, fragment) = href.split_at(href.find('#').unwrap_or(href.len()));
    let up = path.split('/').take_while(|part| *part == "..").count();
    let is_page = !path.contains(':') && !path[up * 3..].starts_with(FILES);
    match path.strip_suffix(".html").filter(|_| is_page) {
        Some(stem) if stem.rsplit('/').next() == Some("index") => format!("{}README.md{fragment}", "../".repeat(up)),
        Some(stem) => format!("{stem}.md{fragment}"),
        None => href.to_owned(),
    }
}

fn link(name: &str, href: &str) -> String {
    format!("[{}]({})", escape_markdown(name), to_markdown(href))
}

/// A table without empty columns, or nothing for no rows; heads are keys of words, or empty.
fn table(site: &Site<'_>, out: &mut String, heads: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        return;
    }
    let kept: Vec<usize> = (0..heads.len()).filter(|at| rows.iter().any(|row| !row[*at].is_empty())).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
    let said = |key: &str| if key.trim().is_empty() { key.to_owned() } else { site.say(key) };
    let heads: Vec<String> = heads.iter().map(|key| said(key)).collect();
    out.push_str(&line(&mut kept.iter().map(|at| heads[*at].as_str())));
    out.push_str(&line(&mut kept.iter().map(|_| "---")));
    for row in rows {
        out.push_str(&line(&mut kept.iter().map(|at| row[*at].as_str())));
    }
    out.push('\n');
}

fn pictures(out: &mut String, page: &Page) {
    for drawing in page.drawings.iter().filter(|drawing| !drawing.href.is_empty()) {
        let _ = writeln!(out, "![{}]({})\n", escape_markdown(&drawing.title), drawing.href);
    }
}

/// The prose of a page as Markdown.
fn prose_of(shop: &Shop<'_>, page: &Page) -> prose::Prose {
    let Some(prose) = &page.prose else { return prose::Prose::default() };
    let draw = |_: &str| Err(Vec::new());
    let place = Place {
        page: &page.path,
        title: &prose.title,
        file: &prose.file,
        body: prose.body,
        links: shop.site.links,
        words: &shop.site.words,
        draw: &draw,
    };
    prose::markdown(&prose.text, &place)
}

fn home(shop: &Shop<'_>, findings: &[Diagnostic]) -> Made {
    let page = pages::home::page(shop.site, findings);
    let Body::Home(body) = &page.body else { return Made { text: String::new(), files: BTreeSet::new() } };
    let mut out = format!("# {}\n\n", escape_markdown(&body.name));
    if !body.description.is_empty() {
        let _ = writeln!(out, "{}\n", escape_markdown(&body.description));
    }
    pictures(&mut out, &page);
    let prose = prose_of(shop, &page);
    out.push_str(&prose.text);
    for group in &body.groups {
        let _ = writeln!(out, "\n## {}\n", group.title);
        let rows: Vec<Vec<String>> = group
            .cards
            .iter()
            .map(|card| {
                vec![
                    link(&card.reference.name, &card.reference.href),
                    escape_markdown(&card.description),
                    escape_markdown(&card.facts.join(", ")),
                ]
            })
            .collect();
        table(shop.site, &mut out, &["column.name", "column.what-it-does", ""], &rows);
    }
    let lists = [
        (
            "nav.environments",
            shop.site
                .model
                .environments
                .iter()
                .enumerate()
                .map(|(at, it)| link(&it.name, shop.site.addresses.environment(at)))
                .collect::<Vec<_>>(),
        ),
        ("home.stories", body.stories.iter().map(|it| link(&it.name, &it.href)).collect()),
        (
            "nav.decisions",
            (0..shop.site.model.decisions.len())
                .map(|at| {
                    let row = shop.site.decision_row(pages::home::PATH, at);
                    format!("{} ({})", link(&row.title, &row.href), escape_markdown(&row.status))
                })
                .collect(),
        ),
    ];
    for (key, items) in lists.into_iter().filter(|(_, items)| !items.is_empty()) {
        let _ = writeln!(out, "\n## {}\n", shop.site.say(key));
        for item in items {
            let _ = writeln!(out, "- {item}");
        }
    }
    Made { text: out, files: prose.files }
}

fn crumbs(page: &Page) -> String {
    let steps: Vec<String> = page
        .frame
        .crumbs
        .iter()
        .map(|crumb| crumb.href.as_ref().map_or_else(|| escape_markdown(&crumb.name), |href| link(&crumb.name, href)))
        .collect();
    steps.join(" / ") + "\n\n"
}

fn element(shop: &Shop<'_>, page: &Page) -> Made {
    let Body::Element(body) = &page.body else { return Made { text: String::new(), files: BTreeSet::new() } };
    let mut out = crumbs(page);
    let _ = writeln!(out, "# {}\n", escape_markdown(&body.name));
    if !body.description.is_empty() {
        let _ = writeln!(out, "{}\n", escape_markdown(&body.description));
    }
    let facts = [
        ("column.type", body.type_name.clone()),
        ("element.technology", body.technology.clone()),
        ("element.owner", body.owner.clone().unwrap_or_default()),
        ("element.tags", body.tags.join(", ")),
    ];
    let rows: Vec<Vec<String>> = facts
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(key, text)| vec![shop.site.say(key), escape_markdown(text)])
        .collect();
    table(shop.site, &mut out, &["", " "], &rows);
    pictures(&mut out, page);
    let prose = prose_of(shop, page);
    out.push_str(&prose.text);
    section(&mut out, &body.parts_title, !body.parts.is_empty());
    let parts: Vec<Vec<String>> = body
        .parts
        .iter()
        .map(|it| {
            vec![
                link(&it.reference.name, &it.reference.href),
                escape_markdown(&it.description),
                escape_markdown(&it.technology),
            ]
        })
        .collect();
    table(shop.site, &mut out, &["column.name", "column.what-it-does", "column.technology"], &parts);
    for (key, rows) in [("element.uses", &body.uses), ("element.used-by", &body.used_by)] {
        section(&mut out, &shop.site.say(key), !rows.is_empty());
        let rows: Vec<Vec<String>> = rows.iter().map(relation).collect();
        table(
            shop.site,
            &mut out,
            &["column.element", "column.what-for", "column.technology", "column.kind", "column.part"],
            &rows,
        );
    }
    section(&mut out, &shop.site.say("element.deployment"), !body.deployments.is_empty());
    let rows: Vec<Vec<String>> = body
        .deployments
        .iter()
        .map(|it| {
            vec![
                link(&it.environment, &it.href),
                link(&it.of.name, &it.of.href),
                escape_markdown(&it.node),
                it.replicas.to_string(),
            ]
        })
        .collect();
    table(shop.site, &mut out, &["column.environment", "column.what", "column.where", "column.instances"], &rows);
    section(&mut out, &shop.site.say("element.decisions"), !body.decisions.is_empty());
    for row in &body.decisions {
        let _ = writeln!(out, "- {} ({})", link(&row.title, &row.href), escape_markdown(&row.status));
    }
    Made { text: out, files: prose.files }
}

fn section(out: &mut String, title: &str, is_there: bool) {
    if is_there {
        let _ = writeln!(out, "\n## {title}\n");
    }
}

fn relation(row: &pages::element::RelationRow) -> Vec<String> {
    let kind = row
        .event
        .as_ref()
        .map_or_else(|| row.way.clone(), |event| format!("{} `{}`", row.way, event.name.replace('`', "")));
    vec![
        link(&row.other.name, &row.other.href),
        escape_markdown(&row.description),
        escape_markdown(&row.technology),
        kind,
        row.inner.as_ref().map_or_else(String::new, |it| link(&it.name, &it.href)),
    ]
}

fn decision(shop: &Shop<'_>, page: &Page) -> Made {
    let Body::Decision(body) = &page.body else { return Made { text: String::new(), files: BTreeSet::new() } };
    let mut out = crumbs(page);
    let _ = writeln!(out, "# {}\n", escape_markdown(&body.row.title));
    let about: Vec<String> = body.row.elements.iter().map(|it| link(&it.name, &it.href)).collect();
    table(
        shop.site,
        &mut out,
        &["column.status", "column.date", "column.about"],
        &[vec![
            escape_markdown(&body.row.status),
            escape_markdown(&shop.site.words.day(&body.row.date)),
            about.join(", "),
        ]],
    );
    let prose = prose_of(shop, page);
    out.push_str(&prose.text);
    Made { text: out, files: prose.files }
}

fn environment(page: &Page) -> Made {
    let mut out = crumbs(page);
    if let Body::Deployment(body) = &page.body {
        let _ = writeln!(out, "# {}\n\n{}\n", escape_markdown(&body.name), escape_markdown(&body.description));
        pictures(&mut out, page);
        for node in &body.nodes {
            nodes(&mut out, node, 0);
        }
    }
    Made { text: out, files: BTreeSet::new() }
}

fn nodes(out: &mut String, node: &pages::deployment::Node, depth: usize) {
    let indent = "  ".repeat(depth);
    let count = if node.count > 1 { format!(" ×{}", node.count) } else { String::new() };
    let technology =
        if node.technology.is_empty() { String::new() } else { format!(" ({})", escape_markdown(&node.technology)) };
    let _ = writeln!(out, "{indent}- **{}**{count}{technology}", escape_markdown(&node.name));
    for instance in &node.instances {
        let count = if instance.replicas > 1 { format!(" ×{}", instance.replicas) } else { String::new() };
        let _ = writeln!(out, "{indent}  - {}{count}", link(&instance.of.name, &instance.of.href));
    }
    for inner in &node.nodes {
        nodes(out, inner, depth + 1);
    }
}

fn dynamic(site: &Site<'_>, page: &Page) -> Made {
    let mut out = crumbs(page);
    if let Body::Dynamic(body) = &page.body {
        let _ = writeln!(out, "# {}\n\n{}\n", escape_markdown(&body.name), escape_markdown(&body.description));
        pictures(&mut out, page);
        let rows: Vec<Vec<String>> = body
            .steps
            .iter()
            .map(|it| {
                vec![
                    it.number.clone(),
                    link(&it.from.name, &it.from.href),
                    link(&it.to.name, &it.to.href),
                    escape_markdown(&it.description),
                    escape_markdown(&it.technology),
                ]
            })
            .collect();
        table(site, &mut out, &["column.step", "column.from", "column.to", "column.what", "column.how"], &rows);
    }
    Made { text: out, files: BTreeSet::new() }
}

fn selection(site: &Site<'_>, page: &Page) -> Made {
    let mut out = crumbs(page);
    if let Body::Selection(body) = &page.body {
        let _ = writeln!(out, "# {}\n\n{}\n", escape_markdown(&body.name), escape_markdown(&body.description));
        pictures(&mut out, page);
        let row = |it: &crate::pages::selection::PickedRow| {
            vec![
                link(&it.reference.name, &it.reference.href),
                escape_markdown(&it.description),
                escape_markdown(&it.technology),
            ]
        };
        let rows: Vec<_> = body.elements.iter().map(row).collect();
        table(site, &mut out, &["column.name", "column.what-it-does", "column.technology"], &rows);
    }
    Made { text: out, files: BTreeSet::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_markdown_twins() {
        assert_eq!(to_markdown("../systems/shop.html#uses"), "../systems/shop.md#uses");
        assert_eq!(to_markdown("../decisions/index.html"), "../README.md");
        assert_eq!(to_markdown("https://example.com/a.html"), "https://example.com/a.html");
        assert_eq!(to_markdown("../files/a.html"), "../files/a.html");
    }
}
