//! Containers without a technology.

use crate::rule::{Ask, Group, Reads, Rule, flag};
use loko_model::Kind;
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A container of our own has no technology.",
    why: "What a container is made with decides how it is run, scaled, secured and by whom.",
    mend: "Say it: `technology: Rust, Axum`.",
    group: Group::Documentation,
    severity: Severity::Info,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[
        flag("components", false, "Whether components need one as well."),
    ],
    keys: &["technology"],
    aliases: &["no-technology"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    let with_components = ask.flag("components");
    let is_asked = |kind| kind == Kind::Container || with_components && kind == Kind::Component;
    let silent = model.ids().filter(|ix| {
        let element = model.element(*ix);
        is_asked(element.kind) && element.technology.trim().is_empty() && !ask.workspace.is_external(*ix)
    });
    silent
        .map(|ix| {
            ask.of_element(ix, format!("{} has no technology", ask.id(ix)), "made with what?").help("say it: `technology: …`")
        })
        .collect()
}
