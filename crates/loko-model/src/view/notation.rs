//! Elements as objects: C4 notation, shapes, links.

use crate::behaviour::Behaviour;
use crate::{Element, ElementShape, Kind};
use loko_diagram::{Notation, NotationKind, Object, ObjectId, Shape, Text};

/// How long a description in a box may be; the whole of it is on the element's page and in the tooltip.
const DESCRIPTION_CHARS_MAX: usize = 120;

/// The object of an element.
pub(crate) fn object(element: &Element, parent: Option<ObjectId>) -> Object {
    let description = shorten(&element.description);
    Object {
        id: element.id.to_string(),
        key: element.key().to_owned(),
        parent,
        label: Text::plain(element.name.clone()),
        shape: shape(element),
        tooltip: is_cut(&element.description).then(|| element.description.clone()),
        link: Some(format!("element:{}", element.id)),
        notation: Some(Notation {
            kind: kind(element.kind),
            type_name: element.type_name().to_owned(),
            technology: filled(&element.technology),
            description,
            external: element.external,
            badges: role_badges(element),
            tags: element.tags.clone(),
        }),
        ..Object::default()
    }
}

/// How many roles in patterns a box names; beyond, it counts.
const ROLES_MAX: usize = 2;

/// The roles that an element plays in patterns, each with the pattern.
fn role_badges(element: &Element) -> Vec<String> {
    let played = Behaviour::of_element(element).items("patterns").into_iter().flat_map(|item| {
        let pattern = item.text("id").unwrap_or_default();
        item.texts("role").into_iter().map(move |role| format!("{pattern}: {role}"))
    });
    let mut badges: Vec<String> = played.collect();
    if badges.len() > ROLES_MAX {
        let more = badges.len() - (ROLES_MAX - 1);
        badges.truncate(ROLES_MAX - 1);
        badges.push(format!("{more} more roles"));
    }
    badges
}

/// Whether a box shows only the beginning of a description. The whole is in its tooltip then, and in that of its border,
/// which shows nothing of it otherwise.
pub fn is_cut(description: &str) -> bool {
    shorten(description).is_some_and(|shown| shown != description.trim())
}

/// The border of an element that is opened up.
pub(crate) fn boundary(element: &Element, parent: Option<ObjectId>) -> Object {
    let closed = object(element, parent);
    let notation = closed.notation.map(|notation| Notation {
        kind: NotationKind::Boundary,
        technology: None,
        description: None,
        // A border is named by what it holds; the badges are on its own box.
        badges: Vec::new(),
        ..notation
    });
    Object { shape: Shape::Rectangle, notation, ..closed }
}

/// The mark that there are several.
pub(super) fn count_badge(count: u32) -> Option<String> {
    (count != 1).then(|| format!("×{count}"))
}

/// A text, unless there is nothing in it.
pub(super) fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The first sentence of a description, cut between words when even that is long.
pub(super) fn shorten(description: &str) -> Option<String> {
    let text = filled(description)?;
    if text.chars().count() <= DESCRIPTION_CHARS_MAX && !text.contains('\n') {
        return Some(text);
    }
    let sentence_end = text.find(". ").map(|at| at + 1);
    let end = [sentence_end, text.find('\n')].into_iter().flatten().min().unwrap_or(text.len());
    let sentence = text[..end].trim_end();
    if sentence.chars().count() <= DESCRIPTION_CHARS_MAX {
        return Some(sentence.to_owned());
    }
    let cut: String = sentence.chars().take(DESCRIPTION_CHARS_MAX).collect();
    let whole_words = cut.rsplit_once(char::is_whitespace).map_or(cut.as_str(), |(words, _)| words);
    Some(format!("{} …", whole_words.trim_end()))
}

fn kind(kind: Kind) -> NotationKind {
    match kind {
        Kind::Person => NotationKind::Person,
        Kind::System => NotationKind::System,
        Kind::Container => NotationKind::Container,
        Kind::Component => NotationKind::Component,
    }
}

fn shape(element: &Element) -> Shape {
    if element.kind == Kind::Person {
        return Shape::C4Person;
    }
    match element.shape {
        None => Shape::Rectangle,
        // A cache is told from a database by its type name.
        Some(ElementShape::Database | ElementShape::Cache) => Shape::Cylinder,
        Some(ElementShape::Queue | ElementShape::Topic) => Shape::Queue,
        Some(ElementShape::Bucket) => Shape::Bucket,
        Some(ElementShape::Function) => Shape::Function,
        Some(ElementShape::Browser) => Shape::Browser,
        Some(ElementShape::Mobile) => Shape::Mobile,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_description_stays() {
        assert_eq!(shorten(" Takes orders. And more. ").as_deref(), Some("Takes orders. And more."));
        assert_eq!(shorten("  "), None);
    }

    #[test]
    fn of_a_long_description_the_first_sentence_is_shown() {
        let long = format!("Takes orders. {}", "And tells everybody about it. ".repeat(9));
        assert_eq!(shorten(&long).as_deref(), Some("Takes orders."));
        assert_eq!(shorten("Takes orders\nof all kinds").as_deref(), Some("Takes orders"));
        assert!(is_cut(&long) && is_cut("Takes orders\nof all kinds"));
        assert!(!is_cut(" Takes orders. And more. ") && !is_cut(" "));
    }

    #[test]
    fn a_long_sentence_is_cut_between_words() {
        let short = shorten(&"ein Wort für viele ".repeat(20)).expect("there is a text");
        assert!(short.ends_with(" …") && short.chars().count() <= DESCRIPTION_CHARS_MAX + 2, "{short}");
        assert!(shorten(&"ü".repeat(500)).is_some_and(|it| it.chars().count() == DESCRIPTION_CHARS_MAX + 2));
    }
}
