//! Placed pictures of earlier builds.
//!
//! What is asked of layout is a board without its texts, their sizes, and where things stood
//! ([`crate::pipeline::Question`]). An edit of a text that takes as much room as before asks the same again, and the answer
//! is there.

use crate::fingerprint::Fingerprint;
use crate::pipeline::Placement;
use loko_diagram::Placed;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Placements by the drawings that they are of, and by what was asked.
#[derive(Default)]
pub(crate) struct Placements {
    questions: FxHashMap<Fingerprint, Fingerprint>,
    answers: FxHashMap<Fingerprint, Answer>,
    /// Whether something came or went since they were read.
    has_changed: bool,
}

/// A placement, or the bytes of one that nobody has asked for yet.
#[derive(Clone)]
enum Answer {
    Bytes(Arc<[u8]>),
    Placed(Arc<Placement>),
}

/// What the bytes begin with; numbers are of fingerprints. The placements follow, one behind the other.
#[derive(Serialize, Deserialize)]
struct Head {
    questions: BTreeMap<u64, u64>,
    /// The questions that were answered, and how many bytes their placements have.
    answers: BTreeMap<u64, usize>,
}

impl Placements {
    /// What [`Placements::to_bytes`] wrote; nothing for other bytes.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let Ok((head, mut rest)) = postcard::take_from_bytes::<Head>(bytes) else { return Self::default() };
        let mut answers = FxHashMap::default();
        for (question, length) in head.answers {
            let Some((bytes, behind)) = rest.split_at_checked(length) else { return Self::default() };
            answers.insert(question.into(), Answer::Bytes(bytes.into()));
            rest = behind;
        }
        let questions = head.questions.into_iter().map(|(drawing, question)| (drawing.into(), question.into()));
        Self { questions: questions.collect(), answers, has_changed: false }
    }

    /// Everything as bytes, if something came or went since it was read from some.
    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        if !self.has_changed {
            return None;
        }
        let written = |answer: &Answer| match answer {
            Answer::Bytes(bytes) => Some(Arc::clone(bytes)),
            Answer::Placed(placement) => postcard::to_stdvec(placement.placed()).ok().map(Arc::from),
        };
        let answers =
            self.answers.iter().filter_map(|(question, answer)| Some((u64::from(*question), written(answer)?)));
        let answers: BTreeMap<u64, Arc<[u8]>> = answers.collect();
        let head = Head {
            questions: self
                .questions
                .iter()
                .map(|(drawing, question)| ((*drawing).into(), (*question).into()))
                .collect(),
            answers: answers.iter().map(|(question, bytes)| (*question, bytes.len())).collect(),
        };
        let mut all = postcard::to_stdvec(&head).ok()?;
        answers.values().for_each(|bytes| all.extend_from_slice(bytes));
        Some(all)
    }

    /// The placement of a drawing.
    pub(crate) fn of_drawing(&mut self, drawing: Fingerprint) -> Option<Arc<Placement>> {
        let question = *self.questions.get(&drawing)?;
        self.answer(question)
    }

    /// What was answered to a question.
    pub(crate) fn answer(&mut self, question: Fingerprint) -> Option<Arc<Placement>> {
        let answer = self.answers.get_mut(&question)?;
        let placement = match answer {
            Answer::Placed(placement) => return Some(Arc::clone(placement)),
            Answer::Bytes(bytes) => Arc::new(Placement::new(question, postcard::from_bytes::<Placed>(bytes).ok()?)),
        };
        *answer = Answer::Placed(Arc::clone(&placement));
        Some(placement)
    }

    /// Keeps the placements of these drawings, those without one if they are known, and no others.
    pub(crate) fn replace(&mut self, drawings: impl Iterator<Item = (Fingerprint, Option<Arc<Placement>>)>) {
        let before = std::mem::take(self);
        for (drawing, placement) in drawings {
            let known = || {
                let question = *before.questions.get(&drawing)?;
                Some((question, before.answers.get(&question)?.clone()))
            };
            let placed = placement.map(|placement| (placement.question(), Answer::Placed(placement)));
            if let Some((question, answer)) = placed.or_else(known) {
                self.questions.insert(drawing, question);
                self.answers.insert(question, answer);
            }
        }
        self.has_changed = before.has_changed || self.questions != before.questions;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loko_diagram::{PlacedObject, Rect};

    fn placement(question: u64) -> Arc<Placement> {
        let object = PlacedObject { rect: Rect::new(0.0, 0.0, question as f64, 1.0), ..PlacedObject::default() };
        Arc::new(Placement::new(question.into(), Placed { objects: vec![object], ..Placed::default() }))
    }

    #[test]
    fn placements_last_as_long_as_their_drawings() {
        let drawing = Fingerprint::from;
        let mut first = Placements::default();
        first.replace([(drawing(1), Some(placement(10))), (drawing(2), Some(placement(20)))].into_iter());
        let bytes = first.to_bytes().expect("something came");
        let mut second = Placements::from_bytes(&bytes);
        assert_eq!(second.to_bytes(), None, "all of it is known");
        assert_eq!(second.of_drawing(drawing(2)).map(|it| it.placed().clone()), Some(placement(20).placed().clone()));
        // One drawing is not asked for, one is another one that asks the same, and one is gone.
        second.replace([(drawing(1), None), (drawing(3), Some(placement(20))), (drawing(4), None)].into_iter());
        assert!(second.of_drawing(drawing(1)).is_some() && second.of_drawing(drawing(3)).is_some());
        assert!(second.of_drawing(drawing(2)).is_none() && second.of_drawing(drawing(4)).is_none());
        let third = Placements::from_bytes(&second.to_bytes().expect("a drawing is another one"));
        assert_eq!((third.questions.len(), third.answers.len()), (2, 2));
    }

    #[test]
    fn other_bytes_are_nothing() {
        for bytes in [&b""[..], b"loko", &[255; 64]] {
            let mut placements = Placements::from_bytes(bytes);
            assert!(placements.answer(1.into()).is_none() && placements.to_bytes().is_none());
        }
    }
}
