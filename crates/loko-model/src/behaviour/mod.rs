//! How elements and relations behave, read with types and units.
//!
//! Which keys there are, what they take and what holds when one is not given stands in [`crate::schema`]; loading has
//! told of everything that does not fit. Reading here is forgiving: a value that does not fit is as if it were not
//! there. Paths are names joined by points, an alias finds the same, and a value alone stands for the key that the
//! table says: `timeout: 500ms` is found as `timeout.overall`.

mod quantity;

pub use quantity::{Cpu, Duration, Money, Number, Problem, Rate, Share, Size, Unit};

use crate::schema::{self, At, Key, Takes};
use crate::value::{Data, Entry, Value};
use crate::{Element, Kind, Relation};
use indexmap::IndexMap;

/// The behaviour of an element or a relation, or a table inside it.
///
/// ```
/// use loko_model::behaviour::{Behaviour, Duration};
/// # use loko_source::{FilePath, Snapshot, Source};
/// # let mut files = Snapshot::default();
/// # let text = "---\nname: API\ntimeout: 500ms\nretry: { attempts: 3, base: 1s }\n---\n";
/// # files.insert(FilePath::new("src/shop/system.md").unwrap(), Source::from_bytes(text));
/// # let model = loko_model::load(&files).model;
/// # let element = &model.elements[0];
/// let behaviour = Behaviour::of_element(element);
/// assert_eq!(behaviour.duration("timeout.overall"), Some(Duration::from_millis(500)));
/// assert_eq!(behaviour.count("retry.attempts"), Some(3));
/// assert_eq!(behaviour.duration("retry.initial"), Some(Duration::from_secs(1)));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Behaviour<'a> {
    at: At,
    entries: Entries<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Entries<'a> {
    Whole(&'a IndexMap<String, Value>),
    Inner(&'a IndexMap<String, Entry>),
    Alone(&'static str, &'a Value),
}

/// A value that was found, with the key that says what it is.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The key.
    pub key: &'static Key,
    /// The value.
    pub value: &'a Value,
}

impl At {
    /// The place where elements of a kind are described.
    pub fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Person => Self::Person,
            Kind::System => Self::System,
            Kind::Container => Self::Container,
            Kind::Component => Self::Component,
        }
    }
}

impl<'a> Behaviour<'a> {
    /// The behaviour of an element.
    pub fn of_element(element: &'a Element) -> Self {
        Self { at: At::of_kind(element.kind), entries: Entries::Whole(&element.behaviour) }
    }

    /// The behaviour of a relation.
    pub fn of_relation(relation: &'a Relation) -> Self {
        Self { at: At::Relation, entries: Entries::Whole(&relation.behaviour) }
    }

    /// A table that stands at a place.
    pub fn of_table(at: At, entries: &'a IndexMap<String, Entry>) -> Self {
        Self { at, entries: Entries::Inner(entries) }
    }

    /// The value at a path.
    pub fn find(self, path: &str) -> Option<Found<'a>> {
        if matches!(self.entries, Entries::Whole(entries) if entries.is_empty()) {
            return None;
        }
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let key = schema::find(self.at, first)?;
        let value = self.entry(key)?;
        match rest {
            None => Some(Found { key, value }),
            Some(rest) => Self::inside(key.takes, value)?.find(rest),
        }
    }

    fn entry(self, key: &'static Key) -> Option<&'a Value> {
        let mut names = std::iter::once(&key.name).chain(key.aliases);
        match self.entries {
            Entries::Whole(entries) => entries.get(key.name),
            Entries::Inner(entries) => names.find_map(|name| entries.get(*name)).map(|entry| &entry.value),
            Entries::Alone(name, value) => names.any(|known| *known == name).then_some(value),
        }
    }

    /// The table that a value is; one alone is a table with one key.
    fn inside(takes: Takes, value: &'a Value) -> Option<Self> {
        let (at, short) = match takes {
            Takes::Table(at) | Takes::Tables(at) | Takes::BoolOr(at) => (at, None),
            Takes::Short(at, short) | Takes::Items(at, short) => (at, Some(short)),
            Takes::AnyOf(all) => return all.iter().find_map(|takes| Self::inside(*takes, value)),
            _ => return None,
        };
        let entries = match (&value.data, short) {
            (Data::Map(entries), _) => Entries::Inner(entries),
            (Data::Null | Data::Bool(_), _) | (_, None) => return None,
            (_, Some(short)) => Entries::Alone(short, value),
        };
        Some(Self { at, entries })
    }

    /// Whether something is stated at a path, and it is not `false`.
    pub fn has(self, path: &str) -> bool {
        self.find(path).is_some_and(|found| !matches!(found.value.data, Data::Null | Data::Bool(false)))
    }

    /// The table at a path.
    pub fn table(self, path: &str) -> Option<Self> {
        let found = self.find(path)?;
        Self::inside(found.key.takes, found.value)
    }

    /// The tables of a list at a path; one alone is a list of one.
    pub fn items(self, path: &str) -> Vec<Self> {
        let Some(found) = self.find(path) else { return Vec::new() };
        match &found.value.data {
            Data::List(items) => items.iter().filter_map(|item| Self::inside(found.key.takes, item)).collect(),
            _ => Self::inside(found.key.takes, found.value).into_iter().collect(),
        }
    }

    /// The text of a scalar at a path.
    pub fn text(self, path: &str) -> Option<String> {
        self.find(path)?.value.scalar_text().map(|text| text.trim().to_owned())
    }

    /// The texts at a path; one alone is a list of one.
    pub fn texts(self, path: &str) -> Vec<String> {
        match self.find(path).map(|found| &found.value.data) {
            Some(Data::List(items)) => items.iter().filter_map(Value::scalar_text).collect(),
            Some(_) => self.text(path).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// `true` or `false` at a path.
    pub fn flag(self, path: &str) -> Option<bool> {
        match self.find(path)?.value.data {
            Data::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// The whole number at a path.
    pub fn count(self, path: &str) -> Option<u64> {
        match self.find(path)?.value.data {
            Data::Integer(number) => u64::try_from(number).ok(),
            _ => None,
        }
    }

    /// What holds at a path whose table is stated and that is not: `retry: {}` is three attempts.
    fn default(self, path: &str) -> Option<&'static str> {
        let (table, _) = path.rsplit_once('.')?;
        self.table(table)?;
        key_at(self.at, path).map(|key| key.default).filter(|default| !default.is_empty())
    }

    /// The whole number at a path, or the one that holds when only its table is stated.
    ///
    /// ```
    /// use loko_model::behaviour::Behaviour;
    /// # use loko_source::{FilePath, Snapshot, Source};
    /// # let mut files = Snapshot::default();
    /// # let text = "---\nname: API\nretry: { base: 2s }\n---\n";
    /// # files.insert(FilePath::new("src/shop/system.md").unwrap(), Source::from_bytes(text));
    /// # let model = loko_model::load(&files).model;
    /// // retry: { base: 2s }
    /// let behaviour = Behaviour::of_element(&model.elements[0]);
    /// assert_eq!(behaviour.count("retry.attempts"), None);
    /// assert_eq!(behaviour.count_or_default("retry.attempts"), Some(3));
    /// assert_eq!(behaviour.count_or_default("breaker.failures"), None);
    /// ```
    pub fn count_or_default(self, path: &str) -> Option<u64> {
        self.count(path).or_else(|| self.default(path)?.parse().ok())
    }

    /// The span of time at a path, or the one that holds when only its table is stated.
    pub fn duration_or_default(self, path: &str) -> Option<Duration> {
        self.duration(path).or_else(|| Duration::parse(self.default(path)?).ok())
    }

    /// The number at a path, or the one that holds when only its table is stated.
    pub fn number_or_default(self, path: &str) -> Option<f64> {
        self.number(path).or_else(|| Number::parse(self.default(path)?).ok().map(Number::value))
    }

    /// Whether a path says a word; case does not count, nor how the parts of the word are joined.
    pub fn says(self, path: &str, word: &str) -> bool {
        self.texts(path).iter().any(|text| schema::same_word(text, word))
    }

    /// The span of time at a path.
    pub fn duration(self, path: &str) -> Option<Duration> {
        Duration::parse(&self.text(path)?).ok()
    }

    /// The spans of time at a path.
    pub fn durations(self, path: &str) -> Vec<Duration> {
        let texts = self.texts(path);
        texts.iter().flat_map(|text| text.split(',')).filter_map(|text| Duration::parse(text).ok()).collect()
    }

    /// The rate at a path.
    pub fn rate(self, path: &str) -> Option<Rate> {
        Rate::parse(&self.text(path)?).ok()
    }

    /// The share at a path; where a number alone counts percent, it does.
    pub fn share(self, path: &str) -> Option<Share> {
        let takes = self.find(path)?.key.takes;
        read_share(takes, &self.text(path)?)
    }

    /// The shares at a path.
    pub fn shares(self, path: &str) -> Vec<Share> {
        let Some(takes) = self.find(path).map(|found| found.key.takes) else { return Vec::new() };
        self.texts(path).iter().filter_map(|text| read_share(takes, text)).collect()
    }

    /// The size at a path.
    pub fn size(self, path: &str) -> Option<Size> {
        Size::parse(&self.text(path)?).ok()
    }

    /// The amount of money at a path.
    pub fn money(self, path: &str) -> Option<Money> {
        Money::parse(&self.text(path)?).ok()
    }

    /// The processors at a path.
    pub fn cpu(self, path: &str) -> Option<Cpu> {
        Cpu::parse(&self.text(path)?).ok()
    }

    /// The number at a path.
    pub fn number(self, path: &str) -> Option<f64> {
        Number::parse(&self.text(path)?).ok().map(Number::value)
    }
}

fn read_share(takes: Takes, text: &str) -> Option<Share> {
    let percent = |takes: &Takes| matches!(takes, Takes::Amount(Unit::Percent) | Takes::Amounts(Unit::Percent));
    let counts_percent = match takes {
        Takes::AnyOf(all) => all.iter().any(percent),
        takes => percent(&takes),
    };
    if counts_percent { Share::parse_percent(text).ok() } else { Share::parse(text).ok() }
}

/// The key at a path of names below a place, values left aside: what `pattern` data and `set` lines name.
pub fn key_at(at: At, path: &str) -> Option<&'static Key> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let key = schema::find(at, first)?;
    match rest {
        None => Some(key),
        Some(rest) => inner_place(key.takes).and_then(|at| key_at(at, rest)),
    }
}

fn inner_place(takes: Takes) -> Option<At> {
    match takes {
        Takes::Table(at) | Takes::Tables(at) | Takes::BoolOr(at) | Takes::Short(at, _) | Takes::Items(at, _) => {
            Some(at)
        }
        Takes::AnyOf(all) => all.iter().find_map(|takes| inner_place(*takes)),
        _ => None,
    }
}
