//! What became of an architecture, told to people: as text, as Markdown, and as an HTML page that stands alone.

use comrak::Options;
use loko_model::diff::{Certainty, Diff, Field, Link, Renamed, Things};
use loko_model::query::impact::Coupling;
use std::fmt::Write as _;

/// A list of what happened to one kind of things.
struct Section {
    title: &'static str,
    /// A sign and a line each.
    lines: Vec<(&'static str, String)>,
}

/// How many of those that depend on what changed are listed.
pub const AFFECTED_MAX: usize = 50;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1c2733;--soft:#5b6b7b;--paper:#fff;--line:#d5dce3}\
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa8b5;--paper:#11171e;--line:#2c3742}}\
body{margin:2rem auto;max-width:72rem;padding:0 1rem;font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper)}\
h1{font-size:1.6rem}h2{font-size:1.15rem;border-bottom:1px solid var(--line);padding-bottom:.2rem;margin-top:2rem}\
figure{margin:1rem 0;overflow-x:auto}figure svg{max-width:100%;height:auto}code{font:.92em ui-monospace,monospace}\
p{color:var(--soft)}ul{list-style:none;padding-left:0}li{padding:.1rem 0}";

/// The difference as text for a terminal.
pub fn text(diff: &Diff<'_>) -> String {
    if diff.is_empty() && diff.findings.appeared.is_empty() && diff.findings.went.is_empty() {
        return "nothing changed\n".to_owned();
    }
    let mut out = String::new();
    for section in sections(diff) {
        let _ = writeln!(out, "{}", section.title.to_lowercase());
        for (sign, line) in &section.lines {
            let _ = writeln!(out, "  {sign} {}", line.replace('`', ""));
        }
    }
    let _ = writeln!(out, "{}", summary(diff));
    out
}

/// The difference as Markdown.
pub fn markdown(diff: &Diff<'_>, title: &str) -> String {
    let mut out = format!("# {title}\n\n{}.\n", summary(diff));
    for section in sections(diff) {
        let _ = write!(out, "\n## {}\n\n", section.title);
        for (sign, line) in &section.lines {
            // A hyphen after the bullet would start another list.
            let _ = writeln!(out, "- **{sign}** {line}");
        }
    }
    out
}

/// The difference as an HTML page with its picture, if there is one.
pub fn html(diff: &Diff<'_>, title: &str, picture: Option<&str>) -> String {
    let body = comrak::markdown_to_html(&markdown(diff, title), &Options::default());
    let (head, rest) = body.split_once("</p>").map_or((body.as_str(), ""), |(head, rest)| (head, rest));
    let picture = picture.map(|svg| format!("\n<figure>\n{svg}</figure>")).unwrap_or_default();
    let title = crate::prose::escape_html(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n{head}</p>{picture}{rest}</body>\n</html>\n"
    )
}

/// What happened, in a line of numbers.
pub fn summary(diff: &Diff<'_>) -> String {
    let (elements, relations) = (&diff.elements, &diff.relations);
    let counted = |what: &str, counts: &[(usize, &str)]| {
        let said: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        (!said.is_empty()).then(|| format!("{what} {}", said.join(", ")))
    };
    let things = |what: &str, things: &Things<'_>| {
        let counts =
            [(things.added.len(), "added"), (things.removed.len(), "removed"), (things.changed.len(), "changed")];
        counted(what, &counts)
    };
    let parts = [
        counted(
            "elements",
            &[
                (elements.added.len(), "added"),
                (elements.removed.len(), "removed"),
                (elements.renamed.len(), "renamed"),
                (elements.moved.len(), "moved"),
                (elements.changed.len(), "changed"),
            ],
        ),
        counted(
            "relations",
            &[
                (relations.added.len(), "added"),
                (relations.removed.len(), "removed"),
                (relations.rewired.len(), "rewired"),
                (relations.changed.len(), "changed"),
            ],
        ),
        things("decisions", &diff.decisions),
        things("environments", &diff.environments),
        things("views", &diff.views),
        counted("settings", &[(diff.project.len(), "changed")]),
        counted("findings", &[(diff.findings.appeared.len(), "appeared"), (diff.findings.went.len(), "went")]),
    ];
    let said: Vec<String> = parts.into_iter().flatten().collect();
    if said.is_empty() { "nothing changed".to_owned() } else { said.join("; ") }
}

fn sections(diff: &Diff<'_>) -> Vec<Section> {
    let all = [
        elements(diff),
        relations(diff),
        things("Decisions", &diff.decisions),
        things("Environments", &diff.environments),
        things("Views", &diff.views),
        Section { title: "Settings", lines: diff.project.iter().map(|it| ("~", field(it))).collect() },
        findings(diff),
        radius(diff),
    ];
    all.into_iter().filter(|section| !section.lines.is_empty()).collect()
}

fn elements(diff: &Diff<'_>) -> Section {
    let found = &diff.elements;
    let mut lines = Vec::new();
    lines.extend(found.added.iter().map(|it| ("+", format!("`{}` {} ({})", it.id, it.name, it.kind.name()))));
    lines.extend(found.removed.iter().map(|it| ("−", format!("`{}` {} ({})", it.id, it.name, it.kind.name()))));
    lines.extend(found.renamed.iter().map(|it| ("→", renamed(it, "renamed"))));
    lines.extend(found.moved.iter().map(|it| ("→", renamed(it, "moved"))));
    lines.extend(found.changed.iter().map(|it| ("~", format!("`{}` {}", it.element.id, fields(&it.fields)))));
    Section { title: "Elements", lines }
}

fn renamed(it: &Renamed<'_>, word: &str) -> String {
    let mut line = match it.from.id == it.to.id {
        true => format!("`{}` {word}", it.to.id),
        false => format!("`{}` {word} from `{}`", it.to.id, it.from.id),
    };
    if it.from.name != it.to.name {
        let _ = write!(line, ", {} is now {}", it.from.name, it.to.name);
    }
    if it.certainty == Certainty::Alike {
        let _ = write!(line, " (a guess: they are {:.0} % alike)", it.likeness.unwrap_or_default() * 100.0);
    }
    match it.parts {
        0 => {}
        1 => line.push_str(", with 1 part"),
        parts => {
            let _ = write!(line, ", with {parts} parts");
        }
    }
    line
}

fn relations(diff: &Diff<'_>) -> Section {
    let found = &diff.relations;
    let mut lines = Vec::new();
    lines.extend(found.added.iter().map(|it| ("+", link(it))));
    lines.extend(found.removed.iter().map(|it| ("−", link(it))));
    lines.extend(found.rewired.iter().map(|it| {
        let also = if it.fields.is_empty() { String::new() } else { format!("; {}", fields(&it.fields)) };
        ("→", format!("{}, formerly `{}` → `{}`{also}", link(&it.to), it.from.source, it.from.target))
    }));
    lines.extend(
        found
            .changed
            .iter()
            .map(|it| ("~", format!("`{}` → `{}` {}", it.link.source, it.link.target, fields(&it.fields)))),
    );
    Section { title: "Relations", lines }
}

fn link(it: &Link<'_>) -> String {
    let words = if it.description.is_empty() { String::new() } else { format!(": {}", it.description) };
    format!("`{}` → `{}`{words}", it.source, it.target)
}

fn things(title: &'static str, things: &Things<'_>) -> Section {
    let status = |status: &str| if status.is_empty() { String::new() } else { format!(" ({status})") };
    let mut lines = Vec::new();
    lines.extend(things.added.iter().map(|it| ("+", format!("`{}` {}{}", it.id, it.title, status(it.status)))));
    lines.extend(things.removed.iter().map(|it| ("−", format!("`{}` {}{}", it.id, it.title, status(it.status)))));
    lines.extend(things.changed.iter().map(|it| ("~", format!("`{}` {}", it.thing.id, fields(&it.fields)))));
    Section { title, lines }
}

fn findings(diff: &Diff<'_>) -> Section {
    let line = |it: &loko_model::diff::FindingRef| {
        let file = it.file.as_deref().map(|file| format!(" ({file})")).unwrap_or_default();
        format!("{}[{}]: {}{file}", it.severity.name(), it.code, it.message)
    };
    let mut lines = Vec::new();
    lines.extend(diff.findings.appeared.iter().map(|it| ("+", line(it))));
    lines.extend(diff.findings.went.iter().map(|it| ("−", line(it))));
    Section { title: "Findings", lines }
}

fn radius(diff: &Diff<'_>) -> Section {
    let mut lines: Vec<(&'static str, String)> = diff
        .blast_radius
        .iter()
        .take(AFFECTED_MAX)
        .map(|it| {
            let coupling = if it.coupling == Coupling::Sync { "waits" } else { "does not wait" };
            let steps = if it.distance == 1 { "1 relation".to_owned() } else { format!("{} relations", it.distance) };
            ("·", format!("`{}`, {steps} away, {coupling}", it.id))
        })
        .collect();
    let hidden = diff.blast_radius.len().saturating_sub(AFFECTED_MAX);
    if hidden > 0 {
        lines.push(("·", format!("and {hidden} more")));
    }
    Section { title: "Blast radius: who depends on what changed", lines }
}

fn fields(fields: &[Field]) -> String {
    fields.iter().map(field).collect::<Vec<_>>().join("; ")
}

fn field(field: &Field) -> String {
    let value = |value: &str| value.split_whitespace().collect::<Vec<_>>().join(" ");
    match (&field.before, &field.after) {
        (Some(before), Some(after)) => format!("{}: {} → {}", field.name, value(before), value(after)),
        (None, Some(after)) => format!("{} set: {}", field.name, value(after)),
        (Some(before), None) => format!("{} gone: {}", field.name, value(before)),
        (None, None) => format!("{} changed", field.name),
    }
}
