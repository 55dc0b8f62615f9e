//! What is counted at the border of one element: Martin's metrics, fan-in and fan-out.
//!
//! R. C. Martin, "OO Design Quality Metrics" (1994) and "Agile Software Development" (2002), with an element and all
//! that is in it as the category: afferent coupling Ca, efferent coupling Ce, instability I = Ce / (Ca + Ce),
//! abstractness A, distance from the main sequence D = |A + I − 1|, relational cohesion H = (R + 1) / N.
//! Fan-in and fan-out count relations: Henry and Kafura, "Software Structure Metrics Based on Information Flow" (1981).

use super::level::{crosses, relations};
use loko_model::behaviour::Behaviour;
use loko_model::{ElementIx, Model};

/// Tags that make an element abstract: it says what others do and does nothing itself.
const ABSTRACT_TAGS: [&str; 3] = ["abstract", "interface", "port"];
/// The key of front matter that gives the abstractness itself.
const KEY: &str = "abstractness";

/// What crosses the border of an element.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Border {
    /// Ca: how many elements outside relate to it or to something in it.
    pub afferent: usize,
    /// Ce: how many elements outside it or something in it relates to.
    pub efferent: usize,
    /// How many relations come in.
    pub fan_in: usize,
    /// How many relations go out.
    pub fan_out: usize,
}

impl Border {
    /// I: the share of what it depends on among all its neighbours; none without any.
    pub fn instability(&self) -> Option<f64> {
        let all = self.afferent + self.efferent;
        (all > 0).then(|| self.efferent as f64 / all as f64)
    }

    /// D: how far from the line on which what many depend on is abstract and what is concrete depends on others.
    pub fn distance(&self, abstractness: Option<f64>) -> Option<f64> {
        Some((abstractness? + self.instability()? - 1.0).abs())
    }
}

/// The border of each element.
pub fn borders(model: &Model) -> Vec<Border> {
    let mut borders = vec![Border::default(); model.elements.len()];
    let mut out: Vec<(ElementIx, ElementIx)> = Vec::new();
    let mut into: Vec<(ElementIx, ElementIx)> = Vec::new();
    let mut cross = |from: ElementIx, to: ElementIx, borders: &mut [Border]| {
        for around in model.ancestry(from).filter(|around| !model.is_within(to, *around)) {
            borders[around.index()].fan_out += 1;
            out.push((around, to));
        }
        for around in model.ancestry(to).filter(|around| !model.is_within(from, *around)) {
            borders[around.index()].fan_in += 1;
            into.push((around, from));
        }
    };
    for (_, relation) in relations(model).filter(|(_, relation)| crosses(model, relation)) {
        cross(relation.source, relation.target, &mut borders);
        if relation.bidirectional {
            cross(relation.target, relation.source, &mut borders);
        }
    }
    for list in [&mut out, &mut into] {
        list.sort_unstable();
        list.dedup();
    }
    out.iter().for_each(|(around, _)| borders[around.index()].efferent += 1);
    into.iter().for_each(|(around, _)| borders[around.index()].afferent += 1);
    borders
}

/// How abstract an element is, from 0 to 1, where that is known: its key `abstractness`; else 1 when it is tagged
/// `abstract`, `interface` or `port` itself; else the share of such parts, when it has any.
pub fn abstractness(model: &Model, ix: ElementIx) -> Option<f64> {
    let element = model.element(ix);
    if let Some(stated) = Behaviour::of_element(element).number(KEY) {
        return (0.0..=1.0).contains(&stated).then_some(stated);
    }
    if is_abstract(model, ix) {
        return Some(1.0);
    }
    let parts = model.children(ix);
    let known: Vec<f64> = parts.iter().filter_map(|part| abstractness(model, *part)).collect();
    // Parts of which nothing is said are concrete as soon as something is said of others.
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / parts.len() as f64)
}

fn is_abstract(model: &Model, ix: ElementIx) -> bool {
    model.element(ix).tags.iter().any(|tag| ABSTRACT_TAGS.iter().any(|known| tag.eq_ignore_ascii_case(known)))
}

/// H: relations between the direct parts of an element, one more, over the number of parts; none without parts.
pub fn cohesion(model: &Model, ix: ElementIx) -> Option<f64> {
    let parts = model.children(ix).len();
    let part_of = |inner: ElementIx| model.ancestry(inner).find(|above| model.element(*above).parent == Some(ix));
    let inside = relations(model).filter(|(_, relation)| {
        let (source, target) = (part_of(relation.source), part_of(relation.target));
        source.is_some() && target.is_some() && source != target
    });
    (parts > 0).then(|| (inside.count() + 1) as f64 / parts as f64)
}
