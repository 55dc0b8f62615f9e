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

/// Placements by what was asked.
#[derive(Default)]
pub(crate) struct Placements {
    /// The last question about each drawing, by its name.
    questions: FxHashMap<Fingerprint, Fingerprint>,
    answers: FxHashMap<Fingerprint, Answer>,
    /// Whether an answer came since they were read. What goes need not be written: it is only room.
    has_more: bool,
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
        Self { questions: questions.collect(), answers, has_more: false }
    }

    /// Everything as bytes, if an answer came since it was read from some.
    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        if !self.has_more {
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

    /// Keeps the placements of the drawings with these names, those without one if they are known, and no others.
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
        let is_new = |question| !before.answers.contains_key(question);
        self.has_more = before.has_more || self.answers.keys().any(is_new);
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
        let number = Fingerprint::from;
        let mut first = Placements::default();
        first.replace([(number(1), Some(placement(10))), (number(2), Some(placement(20)))].into_iter());
        let bytes = first.to_bytes().expect("something came");
        let mut second = Placements::from_bytes(&bytes);
        assert_eq!(second.to_bytes(), None, "all of it is known");
        let there = second.answer(number(20)).map(|it| it.placed().clone());
        assert_eq!(there.as_ref(), Some(placement(20).placed()));
        // One drawing is not asked for, another one asks the same, one is gone, and of one nobody knows.
        second.replace([(number(1), None), (number(3), Some(placement(20))), (number(4), None)].into_iter());
        assert_eq!(second.to_bytes(), None, "no answer came");
        assert!(second.answer(number(10)).is_some() && second.answer(number(20)).is_some());
        // Now the third drawing asks something else.
        second.replace([(number(1), None), (number(3), Some(placement(30)))].into_iter());
        let mut third = Placements::from_bytes(&second.to_bytes().expect("an answer came"));
        assert_eq!([10, 20, 30].map(|it| third.answer(number(it)).is_some()), [true, false, true]);
    }

    #[test]
    fn other_bytes_are_nothing() {
        for bytes in [&b""[..], b"loko", &[255; 64]] {
            let mut placements = Placements::from_bytes(bytes);
            assert!(placements.answer(1.into()).is_none() && placements.to_bytes().is_none());
        }
    }
}
