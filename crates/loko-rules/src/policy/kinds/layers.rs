//! `layers`: relations lead downwards only.

use crate::policy::{Check, Kind, Picker, selector};
use crate::rule::Ask;
use crate::settings::Fields;
use loko_model::select::Subject;
use loko_model::{ElementIx, Relation};
use loko_source::Diagnostic;
use std::sync::Arc;

pub(crate) const KIND: Kind = Kind {
    doc: "Relations between layers lead from upper layers to lower ones, never up; with `strict`, only to the next layer. What is in no layer is free.",
    keys: &[
        ("order", "Selectors of elements, the uppermost layer first; what is inside them belongs to them."),
        ("strict", "Whether a layer may be skipped; `true` says no."),
        ("relations", "A selector of the relations that count; all when not given."),
    ],
    read,
};

#[derive(Debug)]
struct Layers {
    order: Vec<Picker>,
    strict: bool,
    relations: Option<Picker>,
}

fn read(fields: &mut Fields<'_>) -> Option<Arc<dyn Check>> {
    let values = fields.values("order");
    let wanted = values.len();
    let order: Vec<Picker> =
        values.into_iter().filter_map(|value| selector(fields, value, Subject::Elements)).collect();
    if wanted < 2 {
        match fields.value("order") {
            Some(value) => fields.bad(value.span, "`order` has fewer than two layers", "name the layers from the top down"),
            None => fields.missing("order", "`layers`"),
        }
        return None;
    }
    for (at, layer) in order.iter().enumerate() {
        if let Some(first) = order[..at].iter().find(|first| first.select.text() == layer.select.text()) {
            let message = format!("the layers are circular: `{}` stands above and below itself", layer.select.text());
            fields.findings.push(
                Diagnostic::error("circular-layers", message)
                    .at(&layer.place.path, layer.place.span, "again")
                    .and(&first.place.path, first.place.span, "first")
                    .help("name each layer once, the uppermost first"),
            );
            return None;
        }
    }
    let strict = fields.flag("strict").unwrap_or(false);
    let relations = fields.picker("relations", Subject::Relations, false);
    if order.len() < wanted || relations.is_none() && !fields.lacks("relations") {
        return None;
    }
    Some(Arc::new(Layers { order, strict, relations }))
}

impl Check for Layers {
    fn check(&self, ask: &Ask<'_>) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        let model = ask.workspace.model;
        let masks: Vec<Vec<bool>> = self.order.iter().map(|layer| layer.mask(ask, &mut findings)).collect();
        findings.extend(self.overlaps(ask, &masks));
        // The nearest whole that is in a layer decides.
        let layer = |ix: ElementIx| model.ancestry(ix).find_map(|ix| masks.iter().position(|mask| mask[ix.index()]));
        let counts = self.relations.as_ref().map(|it| it.relations(ask));
        for (ix, relation) in ask.workspace.relations() {
            if counts.as_ref().is_some_and(|counts| !counts[ix.index()]) {
                continue;
            }
            if let (Some(source), Some(target)) = (layer(relation.source), layer(relation.target))
                && let Some(problem) = self.problem(relation, source, target)
            {
                let names = [source, target].map(|at| self.order[at].select.text());
                let message = format!("{} {problem}, from `{}` to `{}`", ask.arrow(relation), names[0], names[1]);
                findings.push(ask.of_relation(ix, message, problem));
            }
        }
        findings
    }
}

impl Layers {
    fn problem(&self, relation: &Relation, source: usize, target: usize) -> Option<&'static str> {
        if target < source || relation.bidirectional && source != target {
            return Some("leads up");
        }
        (self.strict && target > source + 1).then_some("skips a layer")
    }

    /// An element in two layers would stand above and below itself.
    fn overlaps(&self, ask: &Ask<'_>, masks: &[Vec<bool>]) -> Option<Diagnostic> {
        let model = ask.workspace.model;
        model.ids().find_map(|ix| {
            let layers: Vec<usize> = (0..masks.len()).filter(|at| masks[*at][ix.index()]).collect();
            let [upper, lower, ..] = layers[..] else { return None };
            let (upper, lower) = (&self.order[upper], &self.order[lower]);
            let message = format!("the layers are circular: {} stands in two of them", ask.id(ix));
            let finding = Diagnostic::error("circular-layers", message)
                .at(&lower.place.path, lower.place.span, "picks it")
                .and(&upper.place.path, upper.place.span, "picks it too")
                .help("let the selectors of layers pick different elements");
            Some(finding)
        })
    }
}
