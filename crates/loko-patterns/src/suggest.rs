//! `suggest`: patterns ranked by facts, with what speaks for each and what against.
//!
//! A reason counts its weight when its fact has such a value; below zero it speaks against. Facts that nobody states
//! and that cannot be counted are named, so that one knows what to ask. Findings that a pattern mends speak for it.

use crate::catalogue::Catalogue;
use crate::facts::{self, FactValue, Facts};
use crate::pattern::{Pattern, Reason};
use loko_model::Model;
use loko_model::behaviour::Behaviour;
use std::collections::{BTreeMap, BTreeSet};

/// What each finding that a pattern would mend counts, up to [`MENDS_MAX`].
const MENDS_WEIGHT: f64 = 1.0;
/// How many findings count at most.
const MENDS_MAX: f64 = 4.0;

/// A pattern that fits, or an anti-pattern that is there.
#[derive(Clone, Debug)]
pub struct Suggestion<'c> {
    /// The pattern.
    pub pattern: &'c Pattern,
    /// What all reasons come to.
    pub score: f64,
    /// What speaks for it.
    pub reasons_for: Vec<String>,
    /// What speaks against it.
    pub reasons_against: Vec<String>,
    /// Facts that would count and are not known.
    pub unknown: Vec<String>,
    /// The findings that it would mend, or of an anti-pattern those that tell of it: code and how many.
    pub mends: Vec<(String, usize)>,
    /// Whether it is in use already.
    pub in_use: bool,
}

/// Ranks patterns: the facts counted in a model, those that are stated before them, and the codes of findings.
pub fn suggest<'c, 'f>(
    catalogue: &'c Catalogue,
    model: Option<&Model>,
    stated: &Facts,
    codes: impl IntoIterator<Item = &'f str>,
) -> (Vec<Suggestion<'c>>, Facts) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for code in codes {
        *counts.entry(code).or_default() += 1;
    }
    let mut facts = model.map(facts::of_model).unwrap_or_default();
    for (name, value) in stated {
        facts.insert(name.clone(), value.clone());
    }
    let used = model.map(used).unwrap_or_default();
    let mut all: Vec<Suggestion<'c>> = catalogue
        .patterns()
        .map(|pattern| {
            let names = |fact: &str| match model {
                Some(model) if !stated.contains_key(fact) => facts::names(model, fact),
                _ => String::new(),
            };
            judge(pattern, &facts, &names, &counts, used.contains(&pattern.id))
        })
        .filter(|suggestion| !suggestion.reasons_for.is_empty())
        .collect();
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.pattern.id.cmp(&b.pattern.id)));
    (all, facts)
}

/// The patterns that elements of a model name.
fn used(model: &Model) -> BTreeSet<String> {
    let named = model.elements.iter().flat_map(|element| {
        let items = Behaviour::of_element(element).items("patterns");
        items.into_iter().filter_map(|item| item.text("id")).collect::<Vec<_>>()
    });
    named.collect()
}

fn judge<'c>(
    pattern: &'c Pattern,
    facts: &Facts,
    names: &dyn Fn(&str) -> String,
    codes: &BTreeMap<&str, usize>,
    in_use: bool,
) -> Suggestion<'c> {
    let mut suggestion = Suggestion {
        pattern,
        score: 0.0,
        reasons_for: Vec::new(),
        reasons_against: Vec::new(),
        unknown: Vec::new(),
        mends: Vec::new(),
        in_use,
    };
    for reason in &pattern.reasons {
        let Some(value) = facts.get(&reason.fact) else {
            if !suggestion.unknown.contains(&reason.fact) {
                suggestion.unknown.push(reason.fact.clone());
            }
            continue;
        };
        if !holds(reason, value) {
            continue;
        }
        suggestion.score += reason.weight;
        let said = format!("{} ({}: {value}{})", reason.says, reason.fact, names(&reason.fact));
        if reason.weight < 0.0 {
            suggestion.reasons_against.push(said);
        } else {
            suggestion.reasons_for.push(said);
        }
    }
    for code in &pattern.mends {
        let count = codes.get(code.as_str()).copied().unwrap_or(0);
        if count > 0 {
            let many = if count == 1 { "finding" } else { "findings" };
            let tells = if count == 1 { "tells" } else { "tell" };
            suggestion.reasons_for.push(match pattern.is_anti {
                true => format!("{count} {many} `{code}` {tells} of it"),
                false => format!("{count} {many} `{code}` would be mended by it"),
            });
            suggestion.mends.push((code.clone(), count));
            suggestion.score += (count as f64 * MENDS_WEIGHT).min(MENDS_MAX);
        }
    }
    suggestion
}

/// What facts say against a pattern.
pub(crate) fn against(pattern: &Pattern, facts: &Facts) -> Vec<String> {
    judge(pattern, facts, &|_| String::new(), &BTreeMap::new(), true).reasons_against
}

fn holds(reason: &Reason, value: &FactValue) -> bool {
    match value {
        FactValue::Number(number) => {
            let bounded = reason.at_least.is_some() || reason.at_most.is_some();
            bounded
                && reason.at_least.is_none_or(|least| *number >= least)
                && reason.at_most.is_none_or(|most| *number <= most)
        }
        FactValue::Word(word) => reason.is.iter().any(|known| known.eq_ignore_ascii_case(word)),
    }
}
