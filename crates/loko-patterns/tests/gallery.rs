//! The pages of the catalogue in the book: made from the data, drawn by loko, held fresh by this test.
//!
//! `UPDATE=1 cargo test -p loko-patterns --test gallery` writes them. A page names the digest of each picture's D2, so
//! that a change of the data is seen, and a change of how loko draws is not asked of every picture at once.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the tests read and write this repository")]

use loko_model::Value;
use loko_patterns::{Apply, Catalogue, Pattern};
use loko_source::{FilePath, Snapshot, Source};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const REFRESH: &str = "refresh it with `UPDATE=1 cargo test -p loko-patterns --test gallery`";
const BEGIN: &str = "- [Patterns](patterns.md)\n";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn is_update() -> bool {
    std::env::var_os("UPDATE").is_some()
}

/// A picture as SVG; `Err` says what is wrong with its D2.
fn draw(d2: &str) -> Result<String, String> {
    let path = FilePath::new("picture.d2").unwrap();
    let compiled = loko_d2::compile(d2, &path, &loko_d2::NoImports);
    if !compiled.is_valid() {
        return Err(compiled.error_lines().join("; "));
    }
    let board = &compiled.diagram.root;
    let look = loko_draw::Look::default();
    let measures = loko_draw::measure(board, &look);
    let placed = loko_layout::layout(board, &measures, &loko_layout::Options::default());
    let options = loko_draw::SvgOptions { fonts: loko_draw::Fonts::System, ..loko_draw::SvgOptions::default() };
    Ok(loko_draw::svg(board, &placed, &look, &options))
}

fn picture_name(pattern: &Pattern, title: &str) -> String {
    format!("{}-{}.svg", pattern.id, loko_model::name::slug(title))
}

fn list(out: &mut String, title: &str, items: &[String]) {
    if !items.is_empty() {
        let _ = write!(out, "\n## {title}\n\n");
        items.iter().for_each(|item| {
            let _ = writeln!(out, "- {item}");
        });
    }
}

fn shown(value: &Value) -> String {
    match value.as_list() {
        Some(items) => items.iter().filter_map(Value::scalar_text).collect::<Vec<_>>().join(", "),
        None => value.scalar_text().unwrap_or_default(),
    }
}

fn page(pattern: &Pattern) -> String {
    let mut out =
        format!("# {}\n\n<!-- Made from {}; do not edit. -->\n\n{}\n", pattern.name, pattern.file, pattern.says);
    if !pattern.about.is_empty() {
        let _ = write!(out, "\n{}\n", pattern.about.trim());
    }
    for picture in &pattern.pictures {
        let digest = loko_model::applied::digest(&picture.d2);
        let name = picture_name(pattern, &picture.title);
        let _ = write!(
            out,
            "\n## {}\n\n![{}: {}](pictures/{name})\n\n<!-- D2 {digest} -->\n",
            picture.title, pattern.name, picture.title
        );
    }
    list(&mut out, "Use it when", &pattern.use_when);
    list(&mut out, "Not when", &pattern.avoid_when);
    let reason = |reason: &loko_patterns::Reason| {
        let sign = if reason.weight < 0.0 { "against" } else { "for" };
        let bounds = match (reason.at_least, reason.at_most) {
            (Some(least), Some(most)) => format!("from {least} to {most}"),
            (Some(least), None) => format!("{least} or more"),
            (None, Some(most)) => format!("{most} or less"),
            (None, None) => reason.is.join(" or "),
        };
        format!("{sign}: `{}` {bounds}: {}", reason.fact, reason.says)
    };
    list(&mut out, "What counts", &pattern.reasons.iter().map(reason).collect::<Vec<_>>());
    if !pattern.roles.is_empty() {
        let _ = write!(out, "\n## Roles\n\n| role | is made as | what it does |\n|---|---|---|\n");
        for (name, role) in &pattern.roles {
            let says = if role.says.is_empty() { &role.description } else { &role.says };
            let _ = writeln!(out, "| `{name}` | {} | {says} |", role.kind.name());
        }
    }
    if !pattern.params.is_empty() {
        let _ = write!(out, "\n## Parameters\n\n| parameter | default | what it says |\n|---|---|---|\n");
        for (name, param) in &pattern.params {
            let _ = writeln!(out, "| `{name}` | {} | {} |", shown(&param.default), param.says);
        }
    }
    let must = |must: &loko_patterns::Must| format!("`{}`: {}", pattern.code(must), must.says);
    list(&mut out, "What has to hold", &pattern.musts.iter().map(must).collect::<Vec<_>>());
    let document: Vec<String> = pattern.roles.values().flat_map(|role| role.document.clone()).collect();
    list(&mut out, "What to document", &document);
    let links = |ids: &[String]| ids.iter().map(|id| format!("[{id}]({id}.md)")).collect::<Vec<_>>();
    list(&mut out, if pattern.is_anti { "What mends it" } else { "Goes with" }, &links(&pattern.related));
    list(&mut out, "Instead of it", &links(&pattern.competing));
    if !pattern.is_anti {
        let _ = write!(out, "\n```console no-run\n$ loko pattern apply {}\n```\n", pattern.id);
    }
    pattern.in_words(&out)
}

/// Whether a pattern can be applied to an empty workspace with all its obligations holding, and taken away.
fn applies(catalogue: &Catalogue, pattern: &Pattern) -> bool {
    let mut before = Snapshot::default();
    before.insert(FilePath::new("loko.toml").unwrap(), Source::new("[project]\nname = \"New\"\n"));
    let loaded = loko_model::load(&before);
    let wish = Apply { pattern: pattern.id.clone(), ..Apply::default() };
    let Ok(plan) = loko_patterns::apply(&before, &loaded, catalogue, &wish) else { return false };
    let after = before.overlay(&plan.changes).unwrap();
    let now = loko_model::load(&after);
    let held = now.findings.is_empty()
        && loko_patterns::check(&now.model, &after, catalogue)
            .0
            .iter()
            .all(|report| report.verdicts.iter().all(|verdict| verdict.findings.is_empty()));
    let Ok(gone) = loko_patterns::remove(&after, &now, &pattern.id, false) else { return false };
    let end = after.overlay(&gone.changes).unwrap();
    held && end.iter().map(|(path, _)| path).eq(before.iter().map(|(path, _)| path))
}

fn overview(catalogue: &Catalogue) -> String {
    let mut out = String::from(
        "# Patterns\n\nThe catalogue. How to use it stands in [Using patterns](using-patterns.md).\n\n**A**: it can be applied to an empty \
         workspace, holds its own obligations, and can be taken away again. **C**: it has obligations that are checked where it is used. \
         Both are worked out when this table is made. Anti-patterns are told of by `loko pattern suggest`, and by rules where there is one.\n",
    );
    let categories: BTreeSet<&str> = catalogue.patterns().map(|pattern| pattern.category.as_str()).collect();
    for category in categories {
        let _ =
            write!(out, "\n## {category}\n\n| pattern | works | obligations | pictures | |\n|---|---|---|---|---|\n");
        for pattern in catalogue.patterns().filter(|pattern| pattern.category == category) {
            let works =
                match (pattern.is_anti, !pattern.is_anti && applies(catalogue, pattern), !pattern.musts.is_empty()) {
                    (true, ..) => "anti-pattern",
                    (_, true, true) => "A C",
                    (_, true, false) => "A",
                    (_, false, true) => "C",
                    (_, false, false) => "",
                };
            let _ = writeln!(
                out,
                "| [{}](patterns/{}.md) | {works} | {} | {} | {} |",
                pattern.id,
                pattern.id,
                pattern.musts.len(),
                pattern.pictures.len(),
                pattern.says
            );
        }
    }
    out
}

/// The table of contents with a line for each page.
fn summary(catalogue: &Catalogue, before: &str) -> String {
    let Some((head, tail)) = before.split_once(BEGIN) else { return before.to_owned() };
    let rest = tail.lines().skip_while(|line| line.starts_with("  - [")).collect::<Vec<_>>().join("\n");
    let mut all: Vec<&Pattern> = catalogue.patterns().collect();
    all.sort_by(|a, b| (&a.category, &a.id).cmp(&(&b.category, &b.id)));
    let lines: String =
        all.iter().map(|pattern| format!("  - [{}](patterns/{}.md)\n", pattern.name, pattern.id)).collect();
    format!("{head}{BEGIN}{lines}{rest}\n")
}

#[track_caller]
fn check(path: &Path, text: &str) {
    if is_update() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert!(found == text, "{} is not what the data says; {REFRESH}", path.display());
}

#[test]
fn the_pages_are_what_the_data_says() {
    let catalogue = Catalogue::builtin();
    let folder = docs().join("patterns");
    let mut known = BTreeSet::new();
    for pattern in catalogue.patterns() {
        for picture in &pattern.pictures {
            let path = folder.join("pictures").join(picture_name(pattern, &picture.title));
            let svg = draw(&picture.d2).unwrap_or_else(|why| panic!("{} of {}: {why}", picture.title, pattern.id));
            if is_update() {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, svg).unwrap();
            }
            assert!(path.is_file(), "{} is missing; {REFRESH}", path.display());
            known.insert(picture_name(pattern, &picture.title));
        }
        check(&folder.join(format!("{}.md", pattern.id)), &page(pattern));
        known.insert(format!("{}.md", pattern.id));
    }
    for folder in [folder.clone(), folder.join("pictures")] {
        for entry in fs::read_dir(folder).unwrap().flatten().filter(|entry| entry.path().is_file()) {
            let name = entry.file_name().into_string().unwrap();
            if is_update() && !known.contains(&name) {
                fs::remove_file(entry.path()).unwrap();
            } else {
                assert!(known.contains(&name), "{name} belongs to no pattern");
            }
        }
    }
    let contents = docs().join("SUMMARY.md");
    let before = fs::read_to_string(&contents).unwrap();
    check(&contents, &summary(catalogue, &before));
}

#[test]
fn the_table_is_what_the_catalogue_does() {
    check(&docs().join("patterns.md"), &overview(Catalogue::builtin()));
}
