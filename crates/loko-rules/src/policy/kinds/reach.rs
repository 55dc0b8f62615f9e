//! `reach`: chains of relations must exist, must not, or must be short.

use crate::policy::reach::Reach;
use crate::policy::{Check, Kind, Picker};
use crate::rule::Ask;
use crate::settings::Fields;
use loko_model::select::Subject;
use loko_model::ElementIx;
use loko_source::Diagnostic;
use std::sync::Arc;

pub(crate) const KIND: Kind = Kind {
    doc: "Each element of `from` must reach `to` by a chain of relations (`must = true`), must not (`must = false`), or reaches it in at most so many steps (`at_most`).",
    keys: &[
        ("from", "A selector of elements."),
        ("to", "A selector of elements; what is inside them is meant too."),
        ("must", "`true`: each of `from` reaches some of `to`. `false`: none does."),
        ("at_most", "The most relations on the shortest chain, for those that reach `to`."),
        ("relations", "A selector of the relations that count; all when not given."),
    ],
    read,
};

#[derive(Debug)]
struct Reaches {
    from: Picker,
    to: Picker,
    must: Option<bool>,
    at_most: Option<usize>,
    relations: Option<Picker>,
}

fn read(fields: &mut Fields<'_>) -> Option<Arc<dyn Check>> {
    let from = fields.picker("from", Subject::Elements, true);
    let to = fields.picker("to", Subject::Elements, true);
    let (must, at_most) = (fields.flag("must"), fields.count("at_most"));
    if fields.lacks("must") && fields.lacks("at_most") {
        fields.missing("at_most", "`reach`");
        return None;
    }
    let relations = fields.picker("relations", Subject::Relations, false);
    if relations.is_none() && !fields.lacks("relations") {
        return None;
    }
    Some(Arc::new(Reaches { from: from?, to: to?, must, at_most, relations }))
}

impl Check for Reaches {
    fn check(&self, ask: &Ask<'_>) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        let model = ask.workspace.model;
        let from = self.from.mask(ask, &mut findings);
        let to = self.to.with_parts(ask, &mut findings);
        let counts = self.relations.as_ref().map_or_else(|| vec![true; model.relations.len()], |it| it.relations(ask));
        let reach = Reach::of(model, &to, &counts);
        for ix in model.ids().filter(|ix| from[ix.index()] && !to[ix.index()]) {
            findings.extend(self.finding(ask, ix, &reach));
        }
        findings
    }
}

impl Reaches {
    fn finding(&self, ask: &Ask<'_>, ix: ElementIx, reach: &Reach) -> Option<Diagnostic> {
        let hops = reach.hops(ix);
        let goal = self.to.select.text();
        if hops.is_none() && self.must == Some(true) {
            return Some(ask.of_element(ix, format!("{} does not reach `{goal}`", ask.id(ix)), "no way from here"));
        }
        let hops = hops?;
        let steps = if hops == 1 { "1 step".to_owned() } else { format!("{hops} steps") };
        let too_far = self.at_most.is_some_and(|limit| hops as usize > limit);
        let message = match (self.must, self.at_most) {
            (Some(false), _) => format!("{} reaches `{goal}` in {steps}", ask.id(ix)),
            (_, Some(limit)) if too_far => format!("{} reaches `{goal}` in {steps}, which is more than {limit}", ask.id(ix)),
            _ => return None,
        };
        let model = ask.workspace.model;
        let chain = reach.chain(ix);
        let way: Vec<String> = chain.iter().map(|it| ask.arrow(model.relation(*it))).collect();
        let first = *chain.first()?;
        Some(ask.of_relation(first, message, "the first step").note(format!("by {}", way.join(", "))))
    }
}
