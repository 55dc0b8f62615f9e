//! TOML to [`Value`] trees with byte spans.
//!
//! Real TOML 1.1; of a broken text, what can be read is read and every error is told, one for one cause.

use super::mend::{self, Mended, Open};
use super::yaml::Problem;
use crate::value::{Data, Entry, Value};
use indexmap::IndexMap;
use loko_source::{Diagnostic, FilePath, Span};
use rustc_hash::FxHashSet;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads a TOML text whose keys somebody else knows, with the places of its values; errors are told as in the files of
/// a workspace.
pub fn toml_value(path: &FilePath, text: &str) -> (Value, Vec<Diagnostic>) {
    let mut reader = super::read::Reader::new(path, text);
    let (value, problems) = parse(text);
    reader.problems("bad-toml", "TOML", problems);
    (value, reader.findings)
}

/// The same, as the tables and keys that the file has.
pub fn read_toml(path: &FilePath, text: &str) -> (IndexMap<String, Entry>, Vec<Diagnostic>) {
    let (value, findings) = toml_value(path, text);
    match value.data {
        Data::Map(entries) => (entries, findings),
        _ => (IndexMap::new(), findings),
    }
}

/// Reads a text.
pub(crate) fn parse(text: &str) -> (Value, Vec<Problem>) {
    // A byte order mark is no part of TOML 1.0's grammar for keys.
    let skipped = text.len() - text.trim_start_matches('\u{feff}').len();
    let bare = &text[skipped..];
    let (table, errors) = DeTable::parse_recoverable(bare);
    if let Some((mended, told)) = (!errors.is_empty()).then(|| mended(bare)).flatten() {
        let (table, errors) = DeTable::parse_recoverable(&mended.text);
        let reader = Reader { text, skipped, mended: Some(&mended) };
        let mut problems = reader.problems(&mended.text, &errors);
        problems.extend(told.into_iter().map(|problem| Problem { span: problem.span.shift(skipped), ..problem }));
        problems.sort_by_key(|problem| problem.span.start);
        return (reader.table(table.span(), table.get_ref()), problems);
    }
    let reader = Reader { text, skipped, mended: None };
    let problems = reader.problems(bare, &errors);
    (reader.table(table.span(), table.get_ref()), problems)
}

/// A broken text with its open ends closed, and what is to be told of them; none when that mends nothing.
fn mended(text: &str) -> Option<(Mended, Vec<Problem>)> {
    let mut open = mend::open(text);
    if open.is_empty() {
        return None;
    }
    let errors = |open: &[Open]| {
        let mended = Mended::of(text, open);
        let (_, errors) = DeTable::parse_recoverable(&mended.text);
        lines_with_errors(&mended.text, &errors)
    };
    // All of them together tell what each is worth: behind one open end the next is not seen.
    let mut left = errors(&open);
    for at in (0..open.len()).rev() {
        let one = open.remove(at);
        let without = errors(&open);
        if without > left {
            open.insert(at, one);
        } else {
            left = without;
        }
    }
    let mended = Mended::of(text, &open);
    let told: Vec<Problem> = open.into_iter().map(|open| open.problem).collect();
    (!told.is_empty()).then_some((mended, told))
}

/// How many lines of a text have errors.
fn lines_with_errors(text: &str, errors: &[toml::de::Error]) -> usize {
    let starts = line_ends(text);
    errors.iter().map(|error| line_of(&starts, error.span())).collect::<FxHashSet<_>>().len()
}

fn line_ends(text: &str) -> Vec<usize> {
    text.match_indices('\n').map(|(at, _)| at).collect()
}

fn line_of(ends: &[usize], span: Option<std::ops::Range<usize>>) -> usize {
    let start = span.map_or(0, |span| span.start);
    ends.partition_point(|end| *end < start)
}

/// A range that lies in the text and cuts no character.
fn fit(text: &str, range: std::ops::Range<usize>) -> (usize, usize) {
    let start = text.floor_char_boundary(range.start.min(text.len()));
    let end = text.ceil_char_boundary(range.end.min(text.len())).max(start);
    (start, end)
}

struct Reader<'t> {
    text: &'t str,
    skipped: usize,
    /// What was parsed in the text's place.
    mended: Option<&'t Mended>,
}

impl Reader<'_> {
    /// The errors of what was parsed.
    fn problems(&self, parsed: &str, errors: &[toml::de::Error]) -> Vec<Problem> {
        // A broken text may have an error a word, so looking for its line must not look through the text.
        let ends = line_ends(parsed);
        let mut told = FxHashSet::default();
        // What follows an error in the same line follows from it.
        let first = errors.iter().filter(|error| told.insert(line_of(&ends, error.span())));
        first
            .map(|error| Problem::new(self.span(error.span().unwrap_or(0..0)), error.message().trim().to_owned()))
            .collect()
    }

    fn span(&self, range: std::ops::Range<usize>) -> Span {
        let origin = |at: usize| self.mended.map_or(at, |mended| mended.origin(at));
        let range = origin(range.start)..origin(range.end);
        let (start, end) = fit(&self.text[self.skipped..], range);
        Span::new(start, end).shift(self.skipped)
    }

    fn table(&self, range: std::ops::Range<usize>, table: &DeTable<'_>) -> Value {
        let mut entries: Vec<(String, Entry)> = table
            .iter()
            .map(|(key, value)| {
                let entry = Entry { key_span: self.span(key.span()), value: self.value(value) };
                (key.get_ref().to_string(), entry)
            })
            .collect();
        entries.sort_by_key(|(_, entry)| (entry.key_span.start, entry.value.span.start));
        Value { data: Data::Map(entries.into_iter().collect::<IndexMap<_, _>>()), span: self.span(range) }
    }

    fn value(&self, value: &Spanned<DeValue<'_>>) -> Value {
        let span = self.span(value.span());
        let data = match value.get_ref() {
            DeValue::String(text) => Data::Text(text.to_string()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(whole) => Data::Integer(whole),
                Err(_) => Data::Text(number.as_str().to_owned()),
            },
            DeValue::Float(number) => match number.as_str().parse() {
                Ok(number) => Data::Float(number),
                Err(_) => Data::Text(number.as_str().to_owned()),
            },
            DeValue::Boolean(truth) => Data::Bool(*truth),
            DeValue::Datetime(time) => Data::Text(time.to_string()),
            DeValue::Array(items) => Data::List(items.iter().map(|item| self.value(item)).collect()),
            DeValue::Table(table) => return self.table(value.span(), table),
        };
        Value { data, span }
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    /// What stands around a broken part is read, and the part is told once, at a place of its own.
    #[test]
    fn a_broken_part_costs_only_itself() {
        let broken = [
            "x = [1, 2",
            "x = { a = 1, b = [2",
            "x = \"\"\"one\n# two",
            "x = '''\none",
            "x = \"one",
            "x = [\n  \"one\", # said\n  [\"two\"\n",
            "x one",
            "x: \"one\"",
            "x =",
            "x = one two",
            "[x",
            "[[x] # said",
            "= 1",
        ];
        for part in broken {
            for feed in ["\n", "\r\n"] {
                let behind = "[behind]\na = \"ü\"\n\n[[list]]\nb = [\n  \"c\",\n]\n[[list]]\nb = 2\n";
                let text = format!("before = 1\n{part}\n{behind}").replace('\n', feed);
                let (value, problems) = parse(&text);
                assert_eq!(problems.len(), 1, "{text}\n{problems:?}");
                let place = problems[0].span.range();
                let (from, to) = ("before = 1".len(), text.find("[behind]").expect("it is there"));
                assert!(place.start >= from && place.end <= to, "{text}\n{problems:?}");
                let table = value.as_map().expect("a table");
                assert_eq!(table["before"].value.scalar_text().as_deref(), Some("1"), "{text}");
                let behind = &table["behind"].value.as_map().expect("a table")["a"].value;
                assert_eq!(behind.as_text(), Some("ü"), "{text}");
                assert_eq!(&text[behind.span.range()], "\"ü\"", "{text}");
                assert_eq!(table["list"].value.as_list().map(<[_]>::len), Some(2), "{text}");
            }
        }
    }

    #[test]
    fn what_is_closed_is_left_alone() {
        let text = "a = {\n  b = 1,\nc = 2,\n}\nd = [\n[\"e\"],\n[f]\n]\ng = \"\"\"\nh = 1\n\"\"\"\ni = 1 2\n";
        let (value, problems) = parse(text);
        let table = value.as_map().expect("a table");
        assert_eq!(table["g"].value.as_text(), Some("h = 1\n"));
        assert_eq!(table["a"].value.as_map().map(indexmap::IndexMap::len), Some(2));
        let lines: Vec<usize> = problems.iter().map(|it| text[..it.span.range().start].lines().count()).collect();
        assert_eq!(lines, [7, 12], "{problems:?}");
    }
}
