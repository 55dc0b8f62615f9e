//! Markdown with front matter: keys, the items of lists, prose.

use super::chunks::{Chunk, merge, same};
use super::{Conflict, Marks, Merged, Texts, lines};
use crate::edit::{lines as at_lines, yaml as written};
use crate::load::{front, yaml};
use crate::value::{Entry, Value};
use indexmap::IndexMap;

/// Nested mappings and lists are taken apart this deep; below, a change of both sides is a conflict.
const DEPTH_MAX: usize = 6;
/// The key of what stands behind the last entry.
const REST: &str = "\0rest";

/// A file in its parts.
struct Document<'t> {
    /// Up to the line behind the first dashes.
    open: &'t str,
    front: &'t str,
    /// From the second dashes on, the line included.
    close: &'t str,
    body: &'t str,
}

impl<'t> Document<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let parts = front::split(text);
        let range = parts.front.filter(|_| parts.unclosed.is_none())?.range();
        let body = parts.body.range().start;
        Some(Self {
            open: &text[..range.start],
            front: &text[range.clone()],
            close: &text[range.end..body],
            body: &text[body..],
        })
    }
}

/// Merges whole files; nothing when they have no front matter that can be taken apart.
pub(super) fn document(texts: Texts<'_>, marks: &Marks<'_>) -> Option<Merged> {
    let (ours, theirs) = (Document::of(texts.ours)?, Document::of(texts.theirs)?);
    let base = match texts.base.trim().is_empty() {
        true => Document { open: "", front: "", close: "", body: "" },
        false => Document::of(texts.base)?,
    };
    let mut conflicts = Vec::new();
    let merged = region(Some(base.front), ours.front, theirs.front, marks, &mut conflicts)?;
    let prose = Texts { base: base.body, ours: ours.body, theirs: theirs.body };
    let body = lines(prose, "prose", marks);
    conflicts.extend(body.conflicts);
    let text = format!("{}{merged}{}{}", ours.open, ours.close, body.text);
    Some(Merged { text, conflicts })
}

/// Merges the lines between the dashes.
fn region(
    base: Option<&str>,
    ours: &str,
    theirs: &str,
    marks: &Marks<'_>,
    conflicts: &mut Vec<Conflict>,
) -> Option<String> {
    let (base, ours, theirs) = (Piece::of(base.unwrap_or(""))?, Piece::of(ours)?, Piece::of(theirs)?);
    node(&base, &ours, &theirs, "", 0, marks, conflicts)
}

/// A text of whole lines with what it means, places counted from its start.
struct Piece<'t> {
    text: &'t str,
    value: Option<Value>,
}

impl<'t> Piece<'t> {
    /// Reads a text; nothing when it is broken, or says a thing in a way that cannot be taken apart.
    fn of(text: &'t str) -> Option<Self> {
        let (value, problems) = yaml::parse(text, 0);
        let is_fit = problems.is_empty()
            && value.as_ref().is_none_or(|value| value.as_map().is_some() || value.as_list().is_some());
        is_fit.then_some(Self { text, value })
    }

    /// The entries of a block mapping, or the items of a block list; nothing of anything else.
    fn chunks(&self, ids: Ids) -> Option<Vec<Chunk<'t>>> {
        let Some(value) = &self.value else {
            return Some(vec![Chunk { key: REST.to_owned(), text: self.text }]);
        };
        if written::is_flow(self.text, value) {
            return None;
        }
        match (value.as_map(), value.as_list()) {
            (Some(entries), _) => self.entries(entries),
            (_, Some(items)) => self.items(items, ids),
            _ => None,
        }
    }

    fn entries(&self, entries: &IndexMap<String, Entry>) -> Option<Vec<Chunk<'t>>> {
        let places = entries.iter().map(|(key, entry)| {
            let start = written::raw_scalar(self.text, entry.key_span).start;
            (key.clone(), start, written::entry_end(self.text, entry))
        });
        self.cut(places.collect())
    }

    fn items(&self, items: &[Value], ids: Ids) -> Option<Vec<Chunk<'t>>> {
        let mut places: Vec<(String, usize, usize)> = Vec::new();
        for item in items {
            let start = written::node_start(self.text, item);
            let dash = written::dash_before(self.text, start)?;
            let mut key = identity(item, ids);
            while places.iter().any(|(known, ..)| *known == key) {
                key.push('\'');
            }
            places.push((key, dash, written::node_end(self.text, item).max(dash)));
        }
        self.cut(places)
    }

    /// Pieces by where they begin and end; comments and blank lines before one belong to it.
    fn cut(&self, places: Vec<(String, usize, usize)>) -> Option<Vec<Chunk<'t>>> {
        let mut chunks = Vec::new();
        let mut from = 0;
        for (key, start, end) in places {
            // Two on one line cannot be told apart by lines; the first one of an item stands behind its dash.
            let line = at_lines::start(self.text, start);
            if line < from || end < start {
                return None;
            }
            let to = at_lines::end(self.text, end);
            chunks.push(Chunk { key, text: &self.text[from..to] });
            from = to;
        }
        if from < self.text.len() {
            chunks.push(Chunk { key: REST.to_owned(), text: &self.text[from..] });
        }
        Some(chunks)
    }
}

/// By what the items of a list are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ids {
    /// By where they lead alone.
    Target,
    /// By where they lead and what for: several lead to one.
    TargetAndWish,
}

/// What an item of a list is called: where it leads or its name; of a scalar what it says.
fn identity(item: &Value, ids: Ids) -> String {
    let Some(entries) = item.as_map() else {
        return item.scalar_text().unwrap_or_else(|| serde_json::to_string(item).unwrap_or_default());
    };
    let text = |keys: &[&str]| keys.iter().find_map(|key| entries.get(*key)?.value.scalar_text());
    let name = text(&["to", "target", "id", "name", "url", "title", "environment"]);
    let wish = text(&["description", "label", "event", "node"]).filter(|_| ids == Ids::TargetAndWish);
    match (name, wish) {
        (Some(name), Some(wish)) => format!("{name}: {wish}"),
        (Some(name), None) => name,
        (None, _) => serde_json::to_string(item).unwrap_or_default(),
    }
}

/// Merges mappings by key and lists by item.
fn node(
    base: &Piece<'_>,
    ours: &Piece<'_>,
    theirs: &Piece<'_>,
    path: &str,
    depth: usize,
    marks: &Marks<'_>,
    conflicts: &mut Vec<Conflict>,
) -> Option<String> {
    let all = [base, ours, theirs];
    let is_list = all.iter().any(|piece| piece.value.as_ref().is_some_and(|value| value.as_list().is_some()));
    let is_map = all.iter().any(|piece| piece.value.as_ref().is_some_and(|value| value.as_map().is_some()));
    if depth > DEPTH_MAX || is_list == is_map {
        return None;
    }
    let repeats = |piece: &Piece<'_>| {
        let items = piece.value.as_ref().and_then(|value| value.as_list().map(<[Value]>::to_vec)).unwrap_or_default();
        let mut keys: Vec<String> = items.iter().map(|item| identity(item, Ids::Target)).collect();
        keys.sort();
        keys.windows(2).any(|pair| pair[0] == pair[1])
    };
    let ids = if all.into_iter().any(repeats) { Ids::TargetAndWish } else { Ids::Target };
    let (o, a, b) = (base.chunks(ids)?, ours.chunks(ids)?, theirs.chunks(ids)?);
    let mut inner = |key: &str, o: Option<&str>, a: &str, b: &str, conflicts: &mut Vec<Conflict>| {
        if key == REST {
            return rest(o.unwrap_or(""), a, b);
        }
        let path = if path.is_empty() { key.to_owned() } else { format!("{path} {key}") };
        let merged = deeper(o, a, b, &path, depth, marks, conflicts);
        Some(merged.unwrap_or_else(|| marks.conflict(&path, a, b, conflicts)))
    };
    Some(merge(&o, &a, &b, marks, conflicts, &mut inner))
}

/// Comments and blank lines behind everything.
fn rest(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let mut options = diffy::MergeOptions::new();
    options.set_conflict_marker_length(7);
    options.merge(base, ours, theirs).ok()
}

/// Merges the value of an entry or an item that both sides changed.
fn deeper(
    base: Option<&str>,
    ours: &str,
    theirs: &str,
    path: &str,
    depth: usize,
    marks: &Marks<'_>,
    conflicts: &mut Vec<Conflict>,
) -> Option<String> {
    let (a, b) = (Opened::of(ours)?, Opened::of(theirs)?);
    let o = match base {
        Some(base) => Opened::of(base)?,
        None => Opened {
            head: a.head.clone(),
            inside: String::new(),
            indent: a.indent,
            tail: String::new(),
            is_flow: a.is_flow,
        },
    };
    if a.is_flow || b.is_flow {
        return flow(base, ours, theirs);
    }
    let head = if same(&a.head, &b.head) || same(&o.head, &b.head) {
        &a.head
    } else if same(&o.head, &a.head) {
        &b.head
    } else {
        return None;
    };
    let (base, ours, theirs) = (Piece::of(&o.inside)?, Piece::of(&a.inside)?, Piece::of(&b.inside)?);
    let inside = node(&base, &ours, &theirs, path, depth + 1, marks, conflicts)?;
    Some(format!("{head}{}{}", a.closed(&inside), a.tail))
}

/// The text of an entry or item, opened: the line that names it, and what is inside as a text of its own.
struct Opened {
    head: String,
    /// What is inside; of an item, with a blank in the place of its dash.
    inside: String,
    /// Where the dash of an item stood.
    indent: Option<usize>,
    tail: String,
    /// Whether the value is written in braces or brackets.
    is_flow: bool,
}

impl Opened {
    fn of(text: &str) -> Option<Self> {
        let (value, problems) = yaml::parse(text, 0);
        let value = value.filter(|_| problems.is_empty())?;
        if let Some([item]) = value.as_list().filter(|_| !written::is_flow(text, &value)) {
            let start = written::node_start(text, item);
            let dash = written::dash_before(text, start)?;
            let line = at_lines::start(text, dash);
            let mut inside = text[line..].to_owned();
            inside.replace_range(dash - line..dash - line + 1, " ");
            let is_flow = written::is_flow(text, item);
            item.as_map().filter(|_| is_flow || at_lines::start(text, start) == line)?;
            return Some(Self {
                head: text[..line].to_owned(),
                inside,
                indent: Some(dash - line),
                tail: String::new(),
                is_flow,
            });
        }
        let entries = value.as_map().filter(|entries| entries.len() == 1 && !written::is_flow(text, &value))?;
        let entry = entries.values().next()?;
        let start = written::value_start(text, entry)?;
        if written::is_flow(text, &entry.value) {
            return Some(Self {
                head: String::new(),
                inside: String::new(),
                indent: None,
                tail: String::new(),
                is_flow: true,
            });
        }
        (entry.value.as_map().is_some() || entry.value.as_list().is_some()).then_some(())?;
        let line = at_lines::start(text, start);
        (line > written::after_colon(text, entry)).then_some(())?;
        Some(Self {
            head: text[..line].to_owned(),
            inside: text[line..].to_owned(),
            indent: None,
            tail: String::new(),
            is_flow: false,
        })
    }

    /// The inside with its dash again.
    fn closed(&self, inside: &str) -> String {
        let mut text = inside.to_owned();
        if let Some(at) = self.indent
            && text.get(at..=at) == Some(" ")
        {
            text.replace_range(at..=at, "-");
        }
        text
    }
}

/// Merges `[…]` and `{…}`: of a list what either side added or took away, of a mapping value by value.
fn flow(base: Option<&str>, ours: &str, theirs: &str) -> Option<String> {
    let parts = |text: &str| -> Option<Vec<(String, String)>> {
        let (value, problems) = yaml::parse(text, 0);
        let value = value.filter(|_| problems.is_empty())?;
        let inner = match (value.as_list(), value.as_map()) {
            (Some([item]), _) => item.clone(),
            (_, Some(entries)) if entries.len() == 1 => entries.values().next()?.value.clone(),
            _ => return None,
        };
        flow_parts(text, &inner)
    };
    let (o, a, b) = (base.map_or(Some(Vec::new()), parts)?, parts(ours)?, parts(theirs)?);
    let has = |list: &[(String, String)], key: &str| {
        list.iter().find(|(known, _)| known == key).map(|(_, text)| text.clone())
    };
    let mut kept: Vec<String> = Vec::new();
    let keys = a.iter().chain(b.iter().filter(|(key, _)| has(&a, key).is_none())).map(|(key, _)| key);
    for key in keys {
        match (has(&o, key), has(&a, key), has(&b, key)) {
            (_, Some(x), Some(y)) if x == y => kept.push(x),
            (Some(was), Some(x), Some(y)) if was == y => kept.push(x),
            (Some(was), Some(x), Some(y)) if was == x => kept.push(y),
            (None, Some(only), None) | (None, None, Some(only)) => kept.push(only),
            (Some(was), Some(x), None) if was == x => {}
            (Some(was), None, Some(y)) if was == y => {}
            (_, None, None) => {}
            _ => return None,
        }
    }
    // The brackets and what stands around them are ours.
    let (open, close) = (ours.find(['[', '{'])?, ours.rfind([']', '}'])?);
    let blank = if ours[open + 1..].starts_with(' ') && !kept.is_empty() { " " } else { "" };
    (!ours[open..close].contains(['\n', '#']))
        .then(|| format!("{}{blank}{}{blank}{}", &ours[..=open], kept.join(", "), &ours[close..]))
}

/// The parts between brackets, each with what it is called and its text.
fn flow_parts(text: &str, value: &Value) -> Option<Vec<(String, String)>> {
    if !written::is_flow(text, value) {
        return None;
    }
    let slice = |start: usize, end: usize| text.get(start..end).map(str::to_owned);
    let mut parts = Vec::new();
    if let Some(entries) = value.as_map() {
        for (key, entry) in entries {
            let start = written::raw_scalar(text, entry.key_span).start;
            parts.push((key.clone(), slice(start, written::entry_end(text, entry))?));
        }
    } else {
        for item in value.as_list()? {
            let key = item.scalar_text()?;
            parts.push((key, slice(written::node_start(text, item), written::node_end(text, item))?));
        }
    }
    Some(parts)
}
