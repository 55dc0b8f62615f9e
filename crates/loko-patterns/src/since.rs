//! What people wrote since a pattern was applied, held against what the record says that the pattern wrote.

use indexmap::IndexMap;
use loko_model::applied::digest;
use loko_model::edit::annotate::{self, Annotation, unticked};
use loko_model::{Applied, ElementIx, Loaded, Made, Relation, Resolution, Stated, Value};
use loko_source::{FilePath, Snapshot};

/// Keys that make an element what it is; they stay where it stays.
const OWN_KEYS: [&str; 4] = ["name", "description", "technology", "shape"];

/// Keys that are lists of which single items are the pattern's.
const LISTS: [&str; 2] = ["patterns", "relationships"];

/// The file beside an element in which relations stand apart.
pub(crate) const RELATIONS_FILE: &str = "relationships.toml";

/// An application, and what was written since.
pub(crate) struct Since<'s> {
    snapshot: &'s Snapshot,
    loaded: &'s Loaded,
    applied: &'s Applied,
    /// The relations of the record as they stand there now.
    pub(crate) blocks: Vec<Block>,
}

/// A relation of the record.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// Its table as it is written, with remarks.
    pub(crate) text: String,
    pub(crate) source: String,
    pub(crate) target: String,
    /// All that it says but its ends.
    pub(crate) said: IndexMap<String, Value>,
    /// What the pattern said, when it was the pattern.
    pub(crate) stated: Option<Stated>,
    /// The keys that people wrote or gave other values.
    pub(crate) own: Vec<String>,
}

impl Block {
    /// Whether people wrote something in it.
    pub(crate) fn is_own(&self) -> bool {
        self.stated.is_none() || !self.own.is_empty()
    }

    /// Whether it only says more of a relation that others state.
    pub(crate) fn is_only_more(&self) -> bool {
        self.stated.as_ref().is_some_and(is_only_more)
    }
}

/// Whether the pattern only said more of a relation that was there.
pub(crate) fn is_only_more(stated: &Stated) -> bool {
    stated.description.is_empty()
        || !stated.set.keys().any(|key| key == "technology" || key == "type" || key == "event")
}

impl<'s> Since<'s> {
    pub(crate) fn of(snapshot: &'s Snapshot, loaded: &'s Loaded, applied: &'s Applied) -> Self {
        let text = snapshot.text(applied.file.as_str()).unwrap_or("");
        let blocks = blocks(loaded, applied, text);
        Self { snapshot, loaded, applied, blocks }
    }

    pub(crate) fn text(&self, ix: ElementIx) -> &'s str {
        self.snapshot.text(self.loaded.model.element(ix).file.as_str()).unwrap_or("")
    }

    /// What the record says of an element that the pattern made.
    pub(crate) fn made(&self, ix: ElementIx) -> Option<&'s Made> {
        self.applied.made.iter().find(|made| made.element == Some(ix))
    }

    /// Whether nobody wrote in an element's page since the pattern made it; ticks count for nothing.
    pub(crate) fn is_untouched(&self, ix: ElementIx) -> bool {
        self.made(ix).is_some_and(|made| {
            let now = unticked(self.text(ix));
            if made.text.is_empty() { digest(&now) == made.digest } else { now == unticked(&made.text) }
        })
    }

    /// Whether a file that is no element's is as the pattern made it.
    pub(crate) fn is_as_made(made: &Made, text: &str) -> bool {
        if made.text.is_empty() { digest(text) == made.digest } else { text == made.text }
    }

    /// What the pattern added to an element.
    pub(crate) fn added(&self, ix: ElementIx) -> Annotation {
        let empty = Annotation {
            element: ix,
            set: Vec::new(),
            roles: Vec::new(),
            section: String::new(),
            relations: Vec::new(),
        };
        if let Some(changed) = self.applied.changed.iter().find(|changed| changed.element == ix) {
            return Annotation {
                set: changed.set.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
                roles: changed.roles.clone(),
                section: changed.section.clone(),
                ..empty
            };
        }
        let Some(made) = self.made(ix) else { return empty };
        if made.text.is_empty() {
            // An old record does not know what the page said; the roles are known all the same.
            return Annotation { roles: self.roles_now(ix), ..empty };
        }
        let said = annotate::entries(&made.text);
        let items = |key: &str| said.get(key).and_then(Value::as_list).unwrap_or_default().iter();
        let set = said.iter().filter(|(key, _)| !OWN_KEYS.contains(&key.as_str()) && !LISTS.contains(&key.as_str()));
        Annotation {
            set: set.map(|(key, value)| (key.clone(), annotate::flow_yaml(value))).collect(),
            roles: items("patterns").map(annotate::flow_yaml).collect(),
            relations: items("relationships").map(annotate::flow_yaml).collect(),
            section: made.text.find("\n## ").map(|at| made.text[at..].to_owned()).unwrap_or_default(),
            ..empty
        }
    }

    /// The entries of `patterns` in an element's page that are of this application.
    fn roles_now(&self, ix: ElementIx) -> Vec<String> {
        let said = annotate::entries(self.text(ix));
        let text = |item: &Value, key: &str| item.as_map()?.get(key)?.value.scalar_text();
        let is_ours = |item: &&Value| {
            let id = text(item, "id");
            id.as_deref() == Some(&self.applied.pattern)
                && text(item, "instance").or(id).as_deref() == Some(&self.applied.name)
        };
        let items = said.get("patterns").and_then(Value::as_list).unwrap_or_default().iter();
        items.filter(is_ours).map(annotate::flow_yaml).collect()
    }

    /// The elements that the pattern made and that stay, with the reason: people wrote in their pages, or something that
    /// stays needs them.
    pub(crate) fn staying(&self) -> Vec<(ElementIx, String)> {
        let made: Vec<ElementIx> = self.applied.made.iter().filter_map(|made| made.element).collect();
        let touched = made.iter().filter(|ix| !self.is_untouched(**ix));
        let mut staying: Vec<(ElementIx, String)> = touched.map(|ix| (*ix, self.why_touched(*ix))).collect();
        loop {
            let is_going = |ix: ElementIx| made.contains(&ix) && staying.iter().all(|(stays, _)| *stays != ix);
            let found = made.iter().filter(|ix| is_going(**ix)).find_map(|ix| Some((*ix, self.need(*ix, &is_going)?)));
            let Some(found) = found else { return staying };
            staying.push(found);
        }
    }

    fn why_touched(&self, ix: ElementIx) -> String {
        let others = self.loaded.model.applied.iter().filter(|other| other.name != self.applied.name);
        let used = others.into_iter().find(|other| other.changed.iter().any(|changed| changed.element == ix));
        match used {
            Some(other) => format!("`{}` is applied to it", other.name),
            None => "its page was written in since".to_owned(),
        }
    }

    /// Why an element is needed by what stays.
    fn need(&self, ix: ElementIx, is_going: &dyn Fn(ElementIx) -> bool) -> Option<String> {
        let model = &self.loaded.model;
        let inside = model.ids().find(|other| *other != ix && model.is_within(*other, ix) && !is_going(*other));
        if let Some(inside) = inside {
            return Some(format!("`{}` lies in it", model.element(inside).id));
        }
        let folder = model.element(ix).folder();
        let is_ours =
            |path: &str| model.ids().any(|other| is_going(other) && model.element(other).file.as_str() == path);
        if let Some(path) = self.snapshot.paths_below(folder).find(|path| !is_ours(path.as_str())) {
            return Some(format!("{path} lies beside it"));
        }
        let uses = model.relations.iter().find(|relation| {
            (relation.source == ix || relation.target == ix) && self.is_stated_by_others(relation, is_going)
        });
        if let Some(uses) = uses {
            let (source, target) = (&model.element(uses.source).id, &model.element(uses.target).id);
            return Some(format!("the relation `{source}` → `{target}` was written since"));
        }
        let named = self.loaded.references.iter().find(|it| it.element == ix && self.is_elsewhere(&it.place.path))?;
        Some(format!("{} names it", named.place.path))
    }

    /// Whether a file is neither an element's page or relations, which are looked at one by one, nor the pattern's own.
    fn is_elsewhere(&self, path: &FilePath) -> bool {
        let is_made = self.applied.made.iter().any(|made| made.file.as_deref() == Some(path.as_str()));
        let is_page = || self.loaded.model.elements.iter().any(|element| element.file == *path);
        *path != self.applied.file && !is_made && path.file_name() != RELATIONS_FILE && !is_page()
    }

    /// Whether somebody else than the pattern states a relation.
    fn is_stated_by_others(&self, relation: &Relation, is_going: &dyn Fn(ElementIx) -> bool) -> bool {
        let model = &self.loaded.model;
        let source = model.element(relation.source);
        let target = &model.element(relation.target).id;
        std::iter::once(&relation.place.path).chain(&relation.also).any(|path| {
            if *path == self.applied.file {
                let is_this = |block: &&Block| block.source == source.id.as_str() && block.target == target.as_str();
                return self.blocks.iter().filter(is_this).any(Block::is_own);
            }
            if *path != source.file || self.made(relation.source).is_none() {
                return true;
            }
            // In a page that the pattern made: one that goes says nothing that stays, another what people wrote.
            !is_going(relation.source) && self.own_targets(relation.source).contains(&relation.target)
        })
    }

    /// Where the relations lead that people wrote into a page that the pattern made.
    pub(crate) fn own_targets(&self, ix: ElementIx) -> Vec<ElementIx> {
        let added = self.added(ix).relations;
        let said = annotate::entries(self.text(ix));
        let items = said.get("relationships").and_then(Value::as_list).unwrap_or_default().iter();
        let own = items.filter(|item| !added.iter().any(|written| annotate::is_written(item, written)));
        let target = |item: &Value| {
            let written = match item.as_map() {
                Some(entries) => ["to", "target"].iter().find_map(|key| entries.get(*key)?.value.scalar_text())?,
                None => item.scalar_text()?,
            };
            match self.loaded.model.resolve(&written) {
                Resolution::Found(ix) => Some(ix),
                _ => None,
            }
        };
        own.filter_map(target).collect()
    }
}

/// The relations of a record, each with its text and what the pattern said.
fn blocks(loaded: &Loaded, applied: &Applied, text: &str) -> Vec<Block> {
    let (root, _) = loko_model::load::toml_value(&applied.file, text);
    let all = root.as_map().and_then(|entries| entries.get("relationships")).and_then(|entry| entry.value.as_list());
    let tables = all.unwrap_or_default().iter().zip(table_texts(text));
    let mut left: Vec<Option<&Stated>> = applied.stated.iter().map(Some).collect();
    let mut blocks: Vec<Block> = tables
        .map(|(table, text)| {
            let mut said: IndexMap<String, Value> = IndexMap::new();
            let (mut source, mut target) = (String::new(), String::new());
            for (key, entry) in table.as_map().into_iter().flatten() {
                match key.as_str() {
                    "source" | "from" => source = entry.value.scalar_text().unwrap_or_default(),
                    "target" | "to" => target = entry.value.scalar_text().unwrap_or_default(),
                    _ => {
                        said.insert(key.clone(), entry.value.clone());
                    }
                }
            }
            Block { text, source, target, said, stated: None, own: Vec::new() }
        })
        .collect();
    // First those with the words of what was stated, then those whose words were edited.
    for by_words in [true, false] {
        for block in blocks.iter_mut().filter(|block| block.stated.is_none()) {
            let words = block.said.get("description").and_then(Value::scalar_text).unwrap_or_default();
            let fits = |stated: &&mut Option<&Stated>| {
                stated.is_some_and(|it| {
                    let is = |ix: Option<ElementIx>, id: &str| ix.is_some() && ix == loaded.model.find(id);
                    is(it.source, &block.source)
                        && is(it.target, &block.target)
                        && (!by_words || it.description == words)
                })
            };
            block.stated = left.iter_mut().find(fits).and_then(Option::take).cloned();
        }
    }
    for block in &mut blocks {
        match &block.stated {
            Some(stated) => block.own = own_keys(&block.said, stated),
            // An old record does not say what the pattern said; all of it counts as the pattern's.
            None if applied.stated.is_empty() && applied.made.iter().all(|made| made.text.is_empty()) => {
                let set = block.said.iter().map(|(key, value)| (key.clone(), annotate::flow_yaml(value)));
                let (source, target) = (loaded.model.find(&block.source), loaded.model.find(&block.target));
                block.stated = Some(Stated { source, target, description: String::new(), set: set.collect() });
            }
            None => {}
        }
    }
    blocks
}

/// The keys that are not as the pattern said them.
fn own_keys(said: &IndexMap<String, Value>, stated: &Stated) -> Vec<String> {
    let is_own = |(key, value): &(&String, &Value)| match key.as_str() {
        "description" => value.scalar_text().as_deref() != Some(&stated.description),
        _ => !stated.set.get(*key).is_some_and(|written| annotate::is_written(value, written)),
    };
    said.iter().filter(is_own).map(|(key, _)| key.clone()).collect()
}

/// The texts of the tables `[[relationships]]`, each up to the next table.
fn table_texts(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        let start = line.trim_start();
        if start.starts_with('[') && start.trim_end().ends_with(']') {
            inside = start.starts_with("[[relationships]]");
            if inside {
                found.push(String::new());
            }
        }
        if let (true, Some(last)) = (inside, found.last_mut()) {
            last.push_str(line);
        }
    }
    found
}
