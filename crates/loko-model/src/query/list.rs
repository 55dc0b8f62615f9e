//! Lists of elements that have something in common.

use crate::glob::Pattern;
use crate::select::Select;
use crate::{Element, ElementIx, Kind, Model};
use serde::Serialize;

/// What elements must have; what is not set is not asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// The kind.
    pub kind: Option<Kind>,
    /// A tag, in any case; `*` and `?` as in file names.
    pub tag: Option<String>,
    /// The owner, that of the whole where a part has none, in any case; `*` and `?` as in file names.
    pub owner: Option<String>,
    /// A part of the technology, in any case.
    pub technology: Option<String>,
    /// The element that it is directly part of.
    pub parent: Option<ElementIx>,
    /// The element that it is part of, at any depth.
    pub within: Option<ElementIx>,
    /// Whether it belongs to somebody else.
    pub external: Option<bool>,
    /// A selector that picks it.
    pub select: Option<Select>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct List<'m> {
    /// How many there are.
    pub total: usize,
    /// The elements by id.
    pub elements: Vec<Row<'m>>,
}

/// One element with what lists show of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row<'m> {
    /// The path of ids.
    pub id: &'m str,
    /// The name for people.
    pub name: &'m str,
    /// The kind.
    pub kind: Kind,
    /// The id of what it is part of.
    pub parent: Option<&'m str>,
    /// What it does.
    pub description: &'m str,
    /// What it is made with.
    pub technology: &'m str,
    /// Labels.
    pub tags: &'m [String],
    /// Who answers for it; a part without an owner has that of its whole.
    pub owner: Option<&'m str>,
    /// Whether it belongs to somebody else.
    pub external: bool,
}

impl<'m> Row<'m> {
    /// What lists show of an element.
    pub fn new(model: &'m Model, ix: ElementIx) -> Self {
        let element = model.element(ix);
        Self {
            id: &element.id,
            name: &element.name,
            kind: element.kind,
            parent: element.parent.map(|parent| model.element(parent).id.as_str()),
            description: &element.description,
            technology: &element.technology,
            tags: &element.tags,
            owner: model.owner(ix).map(|(owner, _)| owner),
            external: element.external,
        }
    }
}

/// Lists the elements that have all that the filter asks for.
pub fn list<'m>(model: &'m Model, filter: &Filter) -> List<'m> {
    let matcher = filter.matcher(model);
    let elements: Vec<Row<'m>> =
        model.ids().filter(|ix| matcher.matches(model, *ix)).map(|ix| Row::new(model, ix)).collect();
    List { total: elements.len(), elements }
}

impl Filter {
    /// The filter with its patterns read and its selector evaluated.
    pub(super) fn matcher(&self, model: &Model) -> Matcher<'_> {
        let pattern = |text: &Option<String>| text.as_deref().map(|text| Pattern::new(text.trim()));
        Matcher {
            filter: self,
            tag: pattern(&self.tag),
            owner: pattern(&self.owner),
            technology: self.technology.as_ref().map(|text| text.trim().to_lowercase()),
            picked: self.select.as_ref().map(|select| select.mask(model)),
        }
    }
}

/// A filter ready for many elements.
pub(super) struct Matcher<'f> {
    filter: &'f Filter,
    tag: Option<Pattern>,
    owner: Option<Pattern>,
    technology: Option<String>,
    picked: Option<Vec<bool>>,
}

impl Matcher<'_> {
    /// Whether an element has all that is asked for.
    pub(super) fn matches(&self, model: &Model, ix: ElementIx) -> bool {
        let element = model.element(ix);
        self.filter.kind.is_none_or(|kind| element.kind == kind)
            && self.filter.external.is_none_or(|external| element.external == external)
            && self.filter.parent.is_none_or(|parent| element.parent == Some(parent))
            && self.filter.within.is_none_or(|whole| ix != whole && model.is_within(ix, whole))
            && self.picked.as_ref().is_none_or(|picked| picked[ix.index()])
            && self.has_texts(element)
            && self.owner.as_ref().is_none_or(|wanted| wanted.matches(model.owner(ix).map_or("", |(owner, _)| owner)))
    }

    fn has_texts(&self, element: &Element) -> bool {
        self.tag.as_ref().is_none_or(|tag| element.tags.iter().any(|it| tag.matches(it)))
            && self.technology.as_ref().is_none_or(|wanted| element.technology.to_lowercase().contains(wanted))
    }
}
