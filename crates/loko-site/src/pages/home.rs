//! The home page: what the project is, the landscape, numbers, and ways on from here.

use super::element::part;
use super::{Body, Page, PageLink, PageProse, Ref, findings, section};
use crate::address::link;
use crate::pages::decision::{DecisionRow, INDEX};
use crate::prose::fill_selectors;
use crate::site::Site;
use loko_model::{ElementIx, Kind};
use loko_source::{Diagnostic, FilePath, Severity, Span};
use serde::Serialize;

/// The path of the page.
pub(crate) const PATH: &str = "index.html";
/// Decisions shown at most.
const DECISIONS_MAX: usize = 5;

/// What the page says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct HomePage {
    pub name: String,
    pub description: String,
    pub empty: bool,
    pub numbers: Vec<Number>,
    pub findings: Summary,
    pub groups: Vec<Cards>,
    pub stories: Vec<PageLink>,
    pub decisions: Vec<DecisionRow>,
    pub more_decisions: Option<More>,
}

/// How many there are of something.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Number {
    pub value: usize,
    pub label: String,
    pub href: Option<String>,
}

/// The findings in a line.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    pub total: usize,
    pub worst: &'static str,
    pub text: String,
    pub href: String,
}

/// Cards under a heading.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Cards {
    pub id: &'static str,
    pub title: String,
    pub small: bool,
    pub cards: Vec<Card>,
}

/// One element in brief.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Card {
    #[serde(rename = "ref")]
    pub reference: Ref,
    pub description: String,
    pub facts: Vec<String>,
    pub tags: Vec<String>,
}

/// A link to the rest of a list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct More {
    pub count: usize,
    pub href: String,
}

/// Plans the page.
pub(crate) fn page(site: &Site<'_>, all_findings: &[Diagnostic]) -> Page {
    let model = site.model;
    let outermost = |kind: Kind, external: Option<bool>| -> Vec<Card> {
        let fits = |ix: &ElementIx| {
            let element = model.element(*ix);
            element.parent.is_none() && external.is_none_or(|external| element.external == external)
        };
        model.of_kind(kind).filter(fits).map(|ix| card(site, ix)).collect()
    };
    let groups = [
        Cards {
            id: "s-systems",
            title: site.say(super::systems::own_key(site)),
            small: false,
            cards: outermost(Kind::System, Some(false)),
        },
        Cards { id: "s-people", title: site.say("nav.people"), small: true, cards: outermost(Kind::Person, None) },
        Cards {
            id: "s-external",
            title: site.say("nav.external-systems"),
            small: true,
            cards: outermost(Kind::System, Some(true)),
        },
    ];
    let groups: Vec<Cards> = groups.into_iter().filter(|group| !group.cards.is_empty()).collect();
    let (decisions, more_decisions) = decisions(site);
    let stories = (0..model.dynamics.len()).map(|at| site.story_link(PATH, at));
    let stories = stories.chain((0..model.selections.len()).map(|at| site.selection_link(PATH, at)));
    let body = HomePage {
        name: site.name.clone(),
        description: model.project.description.clone(),
        empty: model.elements.is_empty(),
        numbers: numbers(site),
        findings: summary(site, all_findings),
        stories: stories.collect(),
        groups,
        decisions,
        more_decisions,
    };
    let mut sections: Vec<_> = body.groups.iter().map(|group| section(group.id, &group.title)).collect();
    if !body.stories.is_empty() {
        sections.push(section("s-stories", &site.say("home.stories")));
    }
    if !body.decisions.is_empty() {
        sections.push(section("s-decisions", &site.say("home.recent-decisions")));
    }
    let frame = site.frame(PATH, &site.name, &model.project.description, sections);
    let drawings = site.drawings_at(PATH).iter().map(|at| site.page_drawing(PATH, *at)).collect();
    Page { path: PATH.to_owned(), frame, body: Body::Home(body), drawings, prose: prose(site), sketches: Vec::new() }
}

fn card(site: &Site<'_>, ix: ElementIx) -> Card {
    let row = part(site, PATH, ix);
    let element = site.model.element(ix);
    let facts = [
        row.parts,
        element.technology.clone(),
        site.model.owner(ix).map_or_else(String::new, |(owner, _)| owner.to_owned()),
    ];
    Card {
        reference: row.reference,
        description: row.description,
        facts: facts.into_iter().filter(|fact| !fact.is_empty()).collect(),
        tags: row.tags,
    }
}

fn numbers(site: &Site<'_>) -> Vec<Number> {
    let model = site.model;
    let count = |kind: Kind| model.of_kind(kind).count();
    let externals = model.of_kind(Kind::System).filter(|ix| model.element(*ix).external).count();
    let fragment = |id: &str| Some(format!("#{id}"));
    let page = |path: &str| Some(link(PATH, path));
    let numbers = [
        (count(Kind::System), "home.systems", page(super::systems::PATH)),
        (count(Kind::Container), "home.containers", page("containers.html")),
        (count(Kind::Component), "home.components", page("components.html")),
        (count(Kind::Person), "home.people", fragment("s-people")),
        (model.relations.len(), "home.relations", None),
        (model.decisions.len(), "home.decisions", page(INDEX)),
    ];
    let some = numbers.into_iter().filter(|(value, ..)| *value > 0);
    let label = |key: &str, value: usize| {
        let label = site.words.count(key, value);
        match externals {
            some @ 1.. if key == "home.systems" => format!("{label}, {}", site.words.count("home.external", some)),
            _ => label,
        }
    };
    some.map(|(value, key, href)| Number { value, label: label(key, value), href }).collect()
}

fn summary(site: &Site<'_>, all: &[Diagnostic]) -> Summary {
    let worst = all.iter().map(|finding| finding.severity).max();
    Summary {
        total: all.len(),
        worst: worst.map_or("none", Severity::name),
        text: findings::counts(site, all),
        href: link(PATH, findings::PATH),
    }
}

/// The latest decisions, by date and number.
fn decisions(site: &Site<'_>) -> (Vec<DecisionRow>, Option<More>) {
    let all = &site.model.decisions;
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|a, b| (&all[*b].date, all[*b].number, *b).cmp(&(&all[*a].date, all[*a].number, *a)));
    let rows = order.iter().take(DECISIONS_MAX).map(|at| site.decision_row(PATH, *at)).collect();
    let more = (all.len() > DECISIONS_MAX).then(|| More { count: all.len(), href: link(PATH, INDEX) });
    (rows, more)
}

/// The file of the page's prose, and where in it that stands.
pub(crate) fn prose_place(site: &Site<'_>) -> Option<(FilePath, Span)> {
    let file = FilePath::below(&site.model.project.source, "context.md").ok()?;
    let text = site.snapshot.text(file.as_str())?;
    let body = Span::new(front_matter_end(text), text.len());
    Some((file, body))
}

/// The prose of `context.md`, which tells of the whole.
fn prose(site: &Site<'_>) -> Option<PageProse> {
    let (file, body) = prose_place(site)?;
    let text = fill_selectors(site.model, site.body_text(&file, body), &site.words);
    (!text.trim().is_empty()).then(|| PageProse { file, body, text, title: site.name.clone() })
}

/// Where the prose begins after front matter, if there is some.
fn front_matter_end(text: &str) -> usize {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let skipped = text.len() - bare.len();
    let Some(first) = bare.split_inclusive('\n').next().filter(|line| line.trim_end() == "---") else { return skipped };
    let mut at = first.len();
    for line in bare[first.len()..].split_inclusive('\n') {
        at += line.len();
        if line.trim_end() == "---" {
            return skipped + at;
        }
    }
    skipped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_begins_after_front_matter() {
        assert_eq!(front_matter_end("---\nname: x\n---\nHi"), 16);
        assert_eq!(front_matter_end("Hi\n---\n"), 0);
        assert_eq!(front_matter_end("---\nnever closed"), 0);
    }
}
