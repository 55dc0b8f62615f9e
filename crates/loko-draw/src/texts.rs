//! Texts that were set already: drawing does not set again what measuring has set, nor one picture what another one has.

use crate::label::Situation;
use crate::text::Block;
use loko_diagram::{Edge, Notation, Object, Shape, Style, Text, TextKind};
use rustc_hash::FxHashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// So many are remembered; with more, all are forgotten.
const TEXTS_MAX: usize = 50_000;

/// What was set in the fonts of a look; its copies share it. Starts empty.
#[derive(Clone, Default)]
pub struct Texts(Arc<Mutex<FxHashMap<Vec<u8>, Arc<Block>>>>);

impl Texts {
    /// The block that goes by all that it is made from, set now if it is not known.
    pub(crate) fn block(&self, made_of: Key, set: impl FnOnce() -> Block) -> Arc<Block> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(block) = known().get(&made_of.0) {
            return Arc::clone(block);
        }
        let block = Arc::new(set());
        let mut known = known();
        if known.len() >= TEXTS_MAX {
            known.clear();
        }
        known.insert(made_of.0, Arc::clone(&block));
        block
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts").finish_non_exhaustive()
    }
}

/// What is remembered makes no picture another one.
impl PartialEq for Texts {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// All that a block is made from, written one behind the other.
pub(crate) struct Key(Vec<u8>);

impl Key {
    /// The key of an object's text, which its situation and a wish for a width take part in.
    pub(crate) fn of_object(object: &Object, at: Situation, width: Option<f64>) -> Self {
        let part = at.part.map_or(0, |part| part as u8 + 1);
        let depth = u8::try_from(at.depth).unwrap_or(u8::MAX);
        let mut key = Self::of([b'o', u8::from(at.is_container), depth, part, u8::from(object.shape == Shape::Code)]);
        key.number(width).style(&object.style).text(&object.label);
        if let Some(notation) = &object.notation {
            key.notation(notation);
        }
        key
    }

    /// The key of an edge's text.
    pub(crate) fn of_edge(edge: &Edge) -> Self {
        let mut key = Self::of(*b"e");
        key.style(&edge.style).text(&edge.label).word(edge.technology.as_deref());
        key.0.extend(edge.merged.to_le_bytes());
        key
    }

    fn of<const N: usize>(start: [u8; N]) -> Self {
        let mut key = Vec::with_capacity(192);
        key.extend(start);
        Self(key)
    }

    /// Adds what the theme says of letters.
    pub(crate) fn quirks(mut self, quirks: crate::Quirks) -> Self {
        self.0.extend([u8::from(quirks.mono), u8::from(quirks.capitals)]);
        self
    }

    fn number(&mut self, number: Option<f64>) -> &mut Self {
        self.0.push(u8::from(number.is_some()));
        self.0.extend(number.unwrap_or_default().to_bits().to_le_bytes());
        self
    }

    fn flag(&mut self, flag: Option<bool>) -> &mut Self {
        self.0.push(flag.map_or(2, u8::from));
        self
    }

    /// Adds a text with its length, so that neighbours do not run together.
    fn word(&mut self, word: Option<&str>) -> &mut Self {
        self.0.extend(word.map_or(u64::MAX, |word| word.len() as u64).to_le_bytes());
        self.0.extend_from_slice(word.unwrap_or_default().as_bytes());
        self
    }

    fn style(&mut self, style: &Style) -> &mut Self {
        self.number(style.font_size).flag(style.bold).flag(style.italic).flag(style.underline);
        self.word(style.font.as_deref()).word(style.text_transform.as_deref())
    }

    fn text(&mut self, text: &Text) -> &mut Self {
        let (kind, language) = match &text.kind {
            TextKind::Plain => (0, None),
            TextKind::Markdown => (1, None),
            TextKind::Latex => (2, None),
            TextKind::Code(language) => (3, Some(language.as_str())),
        };
        self.0.push(kind);
        self.word(language).word(Some(&text.text))
    }

    fn notation(&mut self, notation: &Notation) -> &mut Self {
        self.word(Some(&notation.type_name)).word(notation.technology.as_deref());
        self.word(notation.description.as_deref());
        notation.badges.iter().for_each(|badge| _ = self.word(Some(badge)));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loko_diagram::ObjectId;

    #[test]
    fn what_was_set_is_not_set_again() {
        let texts = Texts::default();
        let size = |w: f64| Block { size: loko_diagram::Size::new(w, 1.0), ..Block::default() };
        let object = |name: &str| Object { label: Text::plain(name), ..Object::default() };
        let at = Situation { depth: 0, is_container: false, part: None };
        let key = |name: &str, width| Key::of_object(&object(name), at, width);
        assert_eq!(texts.block(key("a", None), || size(1.0)).size.w, 1.0);
        assert_eq!(texts.clone().block(key("a", None), || unreachable!("a copy of the look knows it")).size.w, 1.0);
        assert_eq!(texts.block(key("a", Some(3.0)), || size(2.0)).size.w, 2.0);
        assert_eq!(texts.block(key("b", None), || size(3.0)).size.w, 3.0);
    }

    #[test]
    fn keys_tell_texts_apart() {
        let named = |technology: Option<&str>, label: &str| {
            let technology = technology.map(str::to_owned);
            let label = Text::plain(label);
            Key::of_edge(&Edge { technology, label, ..Edge::new(ObjectId(0), ObjectId(1)) }).0
        };
        let keys = [named(None, "ab"), named(Some(""), "ab"), named(Some("b"), "a"), named(Some("ab"), "")];
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key), "{at}");
        }
    }
}
