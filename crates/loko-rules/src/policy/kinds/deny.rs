//! `deny`: nothing may lead from one group to another.

use crate::policy::reach::Reach;
use crate::policy::{Check, Kind, Picker, joins, with_parts};
use crate::rule::Ask;
use crate::settings::Fields;
use loko_model::select::Subject;
use loko_model::{ElementIx, RelationIx};
use loko_source::Diagnostic;
use std::sync::Arc;

pub(crate) const KIND: Kind = Kind {
    doc: "No relation may lead from `from` to `to`; with `transitive`, no chain of relations either.",
    keys: &[
        ("from", "A selector of elements; what is inside them is meant too."),
        ("to", "A selector of elements; what is inside them is meant too."),
        ("relations", "A selector of the relations that count; all when not given."),
        ("transitive", "Whether chains of relations count as well."),
    ],
    read,
};

#[derive(Debug)]
struct Deny {
    from: Picker,
    to: Picker,
    relations: Option<Picker>,
    transitive: bool,
}

fn read(fields: &mut Fields<'_>) -> Option<Arc<dyn Check>> {
    let from = fields.picker("from", Subject::Elements, true);
    let to = fields.picker("to", Subject::Elements, true);
    let relations = fields.picker("relations", Subject::Relations, false);
    let transitive = fields.flag("transitive").unwrap_or(false);
    if relations.is_none() && !fields.lacks("relations") {
        return None;
    }
    Some(Arc::new(Deny { from: from?, to: to?, relations, transitive }))
}

impl Check for Deny {
    fn check(&self, ask: &Ask<'_>) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        let model = ask.workspace.model;
        let picked = self.from.mask(ask, &mut findings);
        let from = with_parts(model, picked.clone());
        let to = self.to.with_parts(ask, &mut findings);
        // What stays inside of one of the elements leads from nowhere to nowhere.
        let stays = |source: ElementIx, target: ElementIx| {
            let whole = model.ancestry(source).find(|ix| picked[ix.index()]);
            whole.is_some_and(|whole| model.is_within(target, whole))
        };
        let counts = self.relations.as_ref().map_or_else(|| vec![true; model.relations.len()], |it| it.relations(ask));
        for (ix, relation) in ask.workspace.relations().filter(|(ix, _)| counts[ix.index()]) {
            let leads = joins(relation, &from, &to);
            if leads && !stays(relation.source, relation.target) && !stays(relation.target, relation.source) {
                let message = format!("{} may not lead there", ask.arrow(relation));
                findings.push(ask.of_relation(ix, message, "denied"));
            }
        }
        if self.transitive {
            let told: Vec<bool> = model.relations.iter().map(|relation| joins(relation, &from, &to)).collect();
            let reach = Reach::of(model, &to, &counts);
            findings.extend(chains(ask, &from, &to, &reach, &told));
        }
        findings
    }
}

/// One finding for each chain's first relation.
fn chains(ask: &Ask<'_>, from: &[bool], to: &[bool], reach: &Reach, told: &[bool]) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    let mut seen: Vec<RelationIx> = Vec::new();
    let mut findings = Vec::new();
    for ix in model.ids().filter(|ix| from[ix.index()] && !to[ix.index()]) {
        let chain = reach.chain(ix);
        let Some(first) = chain.first() else { continue };
        // The last relation that leaves the group is where the chain is to be cut.
        if chain.len() < 2 || chain.iter().any(|it| told[it.index()]) || seen.contains(first) || !from[model.relation(*first).source.index()] {
            continue;
        }
        seen.push(*first);
        let last = model.relation(*chain.last().expect("a chain has a first relation")).target;
        let message = format!("{} reaches {} in {} steps", ask.id(ix), ask.id(last), chain.len());
        let way: Vec<String> = chain.iter().map(|it| ask.arrow(model.relation(*it))).collect();
        findings.push(ask.of_relation(*first, message, "the first step").note(format!("by {}", way.join(", "))));
    }
    findings
}
