//! The page of a person, system, container or component.

use super::writer::{Writer, code, code_link, link, named, page_link, refs, settings, ticked, whole_ref};
use super::{Made, begin, pictures, prose_of, to_markdown};
use crate::pages::element::{ElementPage, Part, RelationRow};
use crate::pages::{self, Body};
use crate::prose::escape_markdown;
use crate::shop::Shop;
use loko_model::{ElementIx, Link};

pub(super) fn file(shop: &Shop<'_>, ix: ElementIx) -> (String, Made) {
    let page = pages::element::page(shop.site, ix);
    let path = to_markdown(&page.path);
    let Body::Element(body) = &page.body else { return (path, Made::default()) };
    let mut out = begin(shop, &page, &body.name, &body.description);
    facts(&mut out, body);
    let mut sketches = pictures(&mut out, &page);
    let prose = prose_of(shop, &page, &mut sketches);
    out.paragraph(&prose.text);
    if !body.parts.is_empty() {
        out.heading(&body.parts_title);
        parts(&mut out, &body.parts);
    }
    relations(&mut out, body);
    if !body.behaviour.is_empty() {
        out.section("element.behaviour");
        out.properties(&body.behaviour);
    }
    if !body.events.is_empty() {
        out.section("element.events");
        out.events(&body.events);
    }
    roles(&mut out, body);
    deployments(&mut out, body);
    out.listed("element.takes-part-in", body.stories.iter().map(page_link).collect());
    let decisions = body.decisions.iter().map(|row| out.decision(row)).collect();
    out.listed("element.decisions", decisions);
    if !body.code.is_empty() || !body.annotations.is_empty() {
        out.section("element.code");
        let globs = body.code.iter().map(|glob| code_link(&glob.name, &glob.href));
        let notes = body.annotations.iter();
        let notes = notes.map(|it| format!("{}: {}", code_link(&it.place.name, &it.place.href), ticked(&it.text)));
        out.list(globs.chain(notes));
    }
    let dependencies = body.dependencies.iter().map(|it| escape_markdown(it)).collect();
    out.listed("element.dependencies", dependencies);
    if !body.metadata.is_empty() {
        out.section("element.more");
        out.properties(&body.metadata);
    }
    out.findings(&page.frame.findings);
    let model = shop.site.model;
    let depth = model.ancestry(ix).skip(1).count();
    let files = prose.files.union(&body.files).cloned().collect();
    (path, Made { text: out.finish(), files, sketches, depth })
}

fn facts(out: &mut Writer<'_>, body: &ElementPage) {
    let link = |it: &Link| format!("[{}](<{}>)", escape_markdown(&it.title), address(&to_markdown(&it.url)));
    let links: Vec<String> = body.links.iter().map(link).collect();
    out.facts(&[
        ("column.type", escape_markdown(&body.type_name)),
        ("element.technology", named(&body.technologies)),
        ("element.owner", owner(out, body)),
        ("element.tags", named(&body.labels)),
        ("element.context", named(&body.contexts)),
        ("element.links", links.join(", ")),
        ("element.id", code(&body.id)),
    ]);
}

/// Who answers for it, and where that is said when it is not here.
fn owner(out: &Writer<'_>, body: &ElementPage) -> String {
    let from = body.owner_from.as_ref();
    let from = from.map(|it| format!(" ({} {})", out.site.say("element.owner-from"), link(&it.name, &it.href)));
    named(&body.owners) + &from.unwrap_or_default()
}

/// An address for between angle brackets.
fn address(url: &str) -> String {
    let escaped = |letter: char| match letter {
        '<' => "%3C".to_owned(),
        '>' => "%3E".to_owned(),
        '|' => "%7C".to_owned(),
        '\\' => "%5C".to_owned(),
        ' ' => "%20".to_owned(),
        other if other.is_control() => String::new(),
        other => other.to_string(),
    };
    url.trim().chars().map(escaped).collect()
}

/// A table of parts.
fn parts(out: &mut Writer<'_>, parts: &[Part]) {
    let row = |it: &Part| {
        vec![link(&it.reference.name, &it.reference.href), ticked(&it.description), escape_markdown(&it.technology)]
    };
    let rows: Vec<Vec<String>> = parts.iter().map(row).collect();
    out.table(&["column.name", "column.what-it-does", "column.technology"], &rows);
}

fn relations(out: &mut Writer<'_>, body: &ElementPage) {
    let by_part = out.site.say("element.by-part");
    let to_part = out.site.say("element.to-part");
    for (key, rows, end) in [("element.uses", &body.uses, by_part), ("element.used-by", &body.used_by, to_part)] {
        if rows.is_empty() {
            continue;
        }
        out.section(key);
        let rows: Vec<Vec<String>> = rows.iter().map(|row| relation(out, row, &end)).collect();
        out.table(&["column.element", "column.what-for", "column.how", "element.behaviour"], &rows);
    }
}

fn relation(out: &Writer<'_>, row: &RelationRow, end: &str) -> Vec<String> {
    let mut what = vec![ticked(&row.description)];
    what.extend(row.inner.as_ref().map(|it| format!("{} {}", escape_markdown(end), link(&it.name, &it.href))));
    what.extend(row.tags.iter().map(|tag| code(tag)));
    what.retain(|text| !text.is_empty());
    let way = if row.bidirectional { out.site.words.fill("way.both", &[("way", &row.way)]) } else { row.way.clone() };
    let event = row.event.as_ref().map(|event| code_link(&event.name, &event.href));
    let how =
        [escape_markdown(&row.technology), [Some(way), event].into_iter().flatten().collect::<Vec<_>>().join(" ")];
    vec![
        whole_ref(&row.other),
        what.join(" "),
        how.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", "),
        settings(&row.behaviour),
    ]
}

fn roles(out: &mut Writer<'_>, body: &ElementPage) {
    let role = |it: &pages::patterns::PlayedRole| {
        let mut pattern = link(&it.pattern, &it.href);
        if it.broken > 0 {
            let broken = out.site.words.fill("element.not-kept", &[("count", &it.broken)]);
            pattern = format!("{pattern} (**{broken}**)");
        }
        vec![pattern, escape_markdown(&it.roles), ticked(&it.says)]
    };
    let rows: Vec<Vec<String>> = body.patterns.iter().map(role).collect();
    if !rows.is_empty() {
        out.section("element.patterns");
        out.table(&["column.name", "column.role", "column.what-it-does"], &rows);
    }
}

fn deployments(out: &mut Writer<'_>, body: &ElementPage) {
    if body.deployments.is_empty() {
        return;
    }
    out.section("element.deployment");
    let row = |it: &pages::element::DeploymentRow| {
        vec![
            link(&it.environment, &it.href),
            refs(std::slice::from_ref(&it.of)),
            escape_markdown(&it.node),
            it.replicas.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = body.deployments.iter().map(row).collect();
    out.table(&["column.environment", "column.what", "column.where", "column.instances"], &rows);
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_stay_within_their_brackets_and_cells() {
        assert_eq!(address("https://example.com/a b?c=<d>|e"), "https://example.com/a%20b?c=%3Cd%3E%7Ce");
    }
}
