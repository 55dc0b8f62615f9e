//! Bounded contexts and the context map, as `contexts.toml` states them.

use crate::element::ElementIx;
use indexmap::IndexMap;
use loko_source::Span;
use serde::Serialize;

/// A bounded context.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Context {
    /// Its id.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// How much it sets the business apart: core, supporting, generic.
    pub subdomain: Option<String>,
    /// The team that works on it.
    pub team: Option<String>,
    /// The elements inside.
    pub elements: Vec<ElementIx>,
    /// The aggregates inside.
    pub aggregates: Vec<String>,
    /// What words mean there.
    pub language: IndexMap<String, String>,
    /// Where it is stated.
    #[serde(skip)]
    pub span: Span,
}

impl Context {
    /// Whether it sets the business apart.
    pub fn is_core(&self) -> bool {
        self.subdomain.as_deref() == Some("core")
    }
}

/// How one context bears on another.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ContextRelation {
    /// The one that can change things without asking, an index of [`crate::Model::contexts`].
    pub upstream: usize,
    /// The one that depends on it.
    pub downstream: usize,
    /// How: anti-corruption layer, customer-supplier, conformist …
    pub pattern: String,
    /// The element that translates.
    pub at: Option<ElementIx>,
    /// What passes between them.
    pub note: String,
    /// Where it is stated.
    #[serde(skip)]
    pub span: Span,
}

/// The context map as D2: a box for each context with its team, an arrow from each that depends to what it depends on.
pub fn map_d2(contexts: &[Context], relations: &[ContextRelation]) -> String {
    use std::fmt::Write as _;
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut out = String::from("direction: right\n");
    for context in contexts {
        let team = context.team.as_ref().map(|team| format!("\\n{}", team.replace('"', "\\\""))).unwrap_or_default();
        let label = format!("\"{}{team}\"", context.name.replace('\\', "\\\\").replace('"', "\\\""));
        let style = if context.is_core() { " { style.stroke-width: 4 }" } else { "" };
        let _ = writeln!(out, "{}: {label}{style}", quoted(&context.id));
    }
    for relation in relations {
        let (Some(from), Some(to)) = (contexts.get(relation.downstream), contexts.get(relation.upstream)) else {
            continue;
        };
        let _ = writeln!(
            out,
            "{} -> {}: {}",
            quoted(&from.id),
            quoted(&to.id),
            quoted(&relation.pattern.replace('-', " "))
        );
    }
    out
}
