//! `require`: elements or relations must have something.

use crate::policy::{Check, Kind, Picker};
use crate::rule::Ask;
use crate::settings::Fields;
use loko_model::select::Subject;
use loko_source::Diagnostic;
use std::sync::Arc;

pub(crate) const KIND: Kind = Kind {
    doc: "Each element that `elements` picks must match `must`, and each relation at one of them `links_must`; or each relation that `relations` picks must match `must`.",
    keys: &[
        ("elements", "A selector of elements."),
        ("relations", "Instead: a selector of relations."),
        ("must", "A selector that each of them must match."),
        ("links_must", "With `elements`: a selector that each relation at one of them must match."),
    ],
    read,
};

#[derive(Debug)]
enum Require {
    Elements { elements: Picker, must: Option<Picker>, links_must: Option<Picker> },
    Relations { relations: Picker, must: Picker },
}

fn read(fields: &mut Fields<'_>) -> Option<Arc<dyn Check>> {
    if !fields.lacks("relations") {
        let relations = fields.picker("relations", Subject::Relations, true);
        let must = fields.picker("must", Subject::Relations, true);
        return Some(Arc::new(Require::Relations { relations: relations?, must: must? }));
    }
    let elements = fields.picker("elements", Subject::Elements, true);
    let must = fields.picker("must", Subject::Elements, fields.lacks("links_must"));
    let links_must = fields.picker("links_must", Subject::Relations, false);
    let is_wrong = must.is_none() && !fields.lacks("must") || links_must.is_none() && !fields.lacks("links_must");
    if is_wrong || must.is_none() && links_must.is_none() {
        return None;
    }
    Some(Arc::new(Require::Elements { elements: elements?, must, links_must }))
}

impl Check for Require {
    fn check(&self, ask: &Ask<'_>) -> Vec<Diagnostic> {
        match self {
            Self::Elements { elements, must, links_must } => of_elements(ask, elements, must.as_ref(), links_must.as_ref()),
            Self::Relations { relations, must } => {
                let mut findings = Vec::new();
                let picked = relations.relations(ask);
                relations.told(&picked, &mut findings);
                findings.extend(unlike(ask, &picked, must));
                findings
            }
        }
    }
}

fn of_elements(ask: &Ask<'_>, elements: &Picker, must: Option<&Picker>, links_must: Option<&Picker>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let model = ask.workspace.model;
    let picked = elements.mask(ask, &mut findings);
    if let Some(must) = must {
        let fits = must.select.mask(model);
        for ix in model.ids().filter(|ix| picked[ix.index()] && !fits[ix.index()]) {
            let message = format!("{} does not match `{}`", ask.id(ix), must.select.text());
            findings.push(ask.of_element(ix, message, "required"));
        }
    }
    if let Some(links_must) = links_must {
        // A relation of a part is a relation of the whole.
        let touches = |ix| model.ancestry(ix).any(|ix| picked[ix.index()]);
        let at_one: Vec<bool> =
            model.relations.iter().map(|relation| touches(relation.source) || touches(relation.target)).collect();
        findings.extend(unlike(ask, &at_one, links_must));
    }
    findings
}

fn unlike(ask: &Ask<'_>, picked: &[bool], must: &Picker) -> Vec<Diagnostic> {
    let fits = must.relations(ask);
    let relations = ask.workspace.relations().filter(|(ix, _)| picked[ix.index()] && !fits[ix.index()]);
    relations
        .map(|(ix, relation)| {
            let message = format!("{} does not match `{}`", ask.arrow(relation), must.select.text());
            ask.of_relation(ix, message, "required")
        })
        .collect()
}
