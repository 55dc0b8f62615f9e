//! Things of which there is one, and which many wait for.

use crate::rule::{Ask, Group, Reads, Rule, number};
use loko_model::behaviour::Behaviour;
use crate::workspace::Workspace;
use loko_model::{ElementIx, Kind, Relation};
use loko_source::{Diagnostic, Severity};
use std::rc::Rc;

pub(crate) const RULE: Rule = Rule {
    summary: "Something runs once, and several others cannot work without it.",
    why: "When it restarts, all of them stop.",
    mend: "Run a second copy, or let the others go on without it: a cache, a queue, a fallback.",
    group: Group::Resilience,
    severity: Severity::Warning,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[
        number("dependents", 3.0, "From how many containers and systems on that wait for it, directly or not."),
    ],
    keys: &["replicas", "autoscaling.min", "fallback"],
    aliases: &["spof"],
    check,
};

/// How many of those that wait are named.
const NAMED_MAX: usize = 8;

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    let limit = ask.count("dependents").max(1);
    let mut who_waits = Waiting::new(ask.workspace);
    let mut findings = Vec::new();
    for ix in model.ids().filter(|ix| !ask.workspace.is_external(*ix)) {
        let behaviour = Behaviour::of_element(model.element(ix));
        // Where copies come and go by themselves, the fewest that ever run count.
        let fewest = behaviour.find("autoscaling.min").or_else(|| behaviour.find("replicas"));
        let Some(value) = fewest.map(|found| found.value) else { continue };
        let scaled = behaviour.count_or_default("autoscaling.min");
        if scaled.or_else(|| behaviour.count("replicas")) != Some(1) {
            continue;
        }
        let waiting = who_waits.on(ix);
        if waiting.len() >= limit {
            let message = format!("{} runs once, and {} others cannot work without it", ask.id(ix), waiting.len());
            findings.push(
                ask.of_element(ix, message, "a single point of failure")
                    .and(&model.element(ix).file, value.span, "one copy")
                    .note(format!("those are {}", ask.ids(&waiting, NAMED_MAX)))
                    .help("run a second copy, or let the others go on without it"),
            );
        }
    }
    findings
}

/// One that waits for another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Caller {
    /// Where the relation starts.
    source: ElementIx,
    /// The container of that, or itself.
    service: ElementIx,
}

/// Who waits for what, looked up again and again: each question marks what it has seen with its own number, and whose
/// callers were gathered once is not gathered again.
struct Waiting<'a> {
    workspace: &'a Workspace<'a>,
    /// Who calls an element and its parts and waits without another way, and what it is part of.
    callers: Vec<Option<Rc<[Caller]>>>,
    inside: Vec<u32>,
    seen: Vec<u32>,
    question: u32,
}

impl<'a> Waiting<'a> {
    fn new(workspace: &'a Workspace<'a>) -> Self {
        let count = workspace.model.elements.len();
        Self { workspace, callers: vec![None; count], inside: vec![0; count], seen: vec![0; count], question: 0 }
    }

    /// The containers, and systems without containers, that wait for an element by a chain of calls, in the model's order.
    fn on(&mut self, ix: ElementIx) -> Vec<ElementIx> {
        self.question += 1;
        for part in self.workspace.model.subtree(ix) {
            self.inside[part.index()] = self.question;
        }
        let mut found = Vec::new();
        let mut open = vec![ix];
        while let Some(at) = open.pop() {
            for Caller { source, service } in self.callers(at).iter().copied() {
                let is_new = self.seen[service.index()] != self.question;
                if is_new && self.inside[source.index()] != self.question {
                    self.seen[service.index()] = self.question;
                    found.push(service);
                    open.push(service);
                }
            }
        }
        found.sort_unstable();
        found
    }

    fn callers(&mut self, ix: ElementIx) -> Rc<[Caller]> {
        if let Some(known) = &self.callers[ix.index()] {
            return Rc::clone(known);
        }
        let model = self.workspace.model;
        let incoming = model.subtree(ix).into_iter().flat_map(|part| model.incoming(part));
        // Who has another way when it fails does not depend on it.
        let waits = |relation: &&Relation| {
            self.workspace.waits(relation) && !relation.behaviour.contains_key("fallback")
        };
        let caller = |relation: &Relation| Caller {
            source: relation.source,
            service: self.workspace.container(relation.source).unwrap_or(relation.source),
        };
        let mut callers: Vec<Caller> = incoming.map(|it| model.relation(*it)).filter(waits).map(caller).collect();
        callers.retain(|caller| model.element(caller.service).kind != Kind::Person);
        callers.sort_unstable();
        callers.dedup();
        Rc::clone(self.callers[ix.index()].insert(callers.into()))
    }
}
