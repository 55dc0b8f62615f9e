//! TOON (Token-Oriented Object Notation) 3.3: the JSON data model in lines and indentation, tables for uniform arrays.
//!
//! Encoding only, as section 13.1 of the specification asks of encoders; key folding, which is optional, is left out.
//! Numbers outside 1e-6 … 1e21 are written with an exponent and an explicit sign.

use serde_json::{Map, Number, Value};
use std::fmt::Write;

/// What separates values in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    #[default]
    Comma,
    /// A tabulator.
    Tab,
    /// `|`
    Pipe,
}

impl Delimiter {
    fn character(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Tab => '\t',
            Self::Pipe => '|',
        }
    }

    /// What names the delimiter in an array's header.
    fn mark(self) -> &'static str {
        match self {
            Self::Comma => "",
            Self::Tab => "\t",
            Self::Pipe => "|",
        }
    }
}

/// How to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Spaces a level.
    pub indent: usize,
    /// What separates values.
    pub delimiter: Delimiter,
}

impl Default for Style {
    fn default() -> Self {
        Self { indent: 2, delimiter: Delimiter::Comma }
    }
}

/// Writes a value with two spaces a level and commas. There is no line feed at the end.
///
/// ```
/// let value = serde_json::json!({ "systems": [{ "id": "shop", "parts": 3 }, { "id": "mail", "parts": 0 }] });
/// assert_eq!(loko_site::toon::encode(&value), "systems[2]{id,parts}:\n  shop,3\n  mail,0");
/// ```
pub fn encode(value: &Value) -> String {
    encode_with(value, Style::default())
}

/// Writes a value in a given style.
pub fn encode_with(value: &Value, style: Style) -> String {
    let mut writer = Writer { out: String::new(), style };
    match value {
        Value::Object(fields) => writer.fields(fields, 0),
        Value::Array(items) if items.is_empty() => writer.out.push_str("[]"),
        Value::Array(items) => writer.array("", items, 0, true),
        primitive => writer.primitive(primitive),
    }
    let end = writer.out.trim_end_matches('\n').len();
    writer.out.truncate(end);
    writer.out
}

struct Writer {
    out: String,
    style: Style,
}

impl Writer {
    fn line_start(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n(' ', depth * self.style.indent));
    }

    fn fields(&mut self, fields: &Map<String, Value>, depth: usize) {
        for (key, value) in fields {
            self.line_start(depth);
            self.field(key, value, depth);
        }
    }

    /// Writes a field whose line has been begun, at the depth of its key.
    fn field(&mut self, key: &str, value: &Value, depth: usize) {
        let key = key_text(key);
        match value {
            Value::Object(fields) => {
                let _ = writeln!(self.out, "{key}:");
                self.fields(fields, depth + 1);
            }
            Value::Array(items) if items.is_empty() => {
                let _ = writeln!(self.out, "{key}: []");
            }
            Value::Array(items) => self.array(&key, items, depth, true),
            primitive => {
                let _ = write!(self.out, "{key}: ");
                self.primitive(primitive);
                self.out.push('\n');
            }
        }
    }

    /// Writes an array whose line has been begun; `may_be_table` is false where there is no place for the field list.
    fn array(&mut self, key: &str, items: &[Value], depth: usize, may_be_table: bool) {
        let _ = write!(self.out, "{key}[{}{}]", items.len(), self.style.delimiter.mark());
        if items.iter().all(is_primitive) {
            self.out.push(':');
            if !items.is_empty() {
                self.out.push(' ');
                self.row(items.iter());
            }
            self.out.push('\n');
            return;
        }
        if let Some(columns) = columns(items).filter(|_| may_be_table) {
            let mark = self.style.delimiter.character().to_string();
            let names: Vec<String> = columns.iter().map(|name| key_text(name)).collect();
            let _ = writeln!(self.out, "{{{}}}:", names.join(&mark));
            for item in items {
                self.line_start(depth + 1);
                self.row(columns.iter().map(|name| &item[name.as_str()]));
                self.out.push('\n');
            }
            return;
        }
        self.out.push_str(":\n");
        for item in items {
            self.line_start(depth + 1);
            self.item(item, depth + 1);
        }
    }

    fn item(&mut self, item: &Value, depth: usize) {
        match item {
            Value::Object(fields) => {
                let mut fields = fields.iter();
                let Some((key, value)) = fields.next() else {
                    self.out.push_str("-\n");
                    return;
                };
                self.out.push_str("- ");
                self.field(key, value, depth + 1);
                for (key, value) in fields {
                    self.line_start(depth + 1);
                    self.field(key, value, depth + 1);
                }
            }
            Value::Array(items) => {
                self.out.push_str("- ");
                self.array("", items, depth, false);
            }
            primitive => {
                self.out.push_str("- ");
                self.primitive(primitive);
                self.out.push('\n');
            }
        }
    }

    fn row<'a>(&mut self, values: impl Iterator<Item = &'a Value>) {
        for (at, value) in values.enumerate() {
            if at > 0 {
                self.out.push(self.style.delimiter.character());
            }
            self.primitive(value);
        }
    }

    fn primitive(&mut self, value: &Value) {
        match value {
            Value::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Value::Number(number) => self.out.push_str(&number_text(number)),
            Value::String(text) if needs_quotes(text, self.style.delimiter) => self.out.push_str(&quoted(text)),
            Value::String(text) => self.out.push_str(text),
            Value::Null | Value::Array(_) | Value::Object(_) => self.out.push_str("null"),
        }
    }
}

fn is_primitive(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

/// The columns, if all items are objects with the same keys and nothing but primitives in them (section 9.3).
fn columns(items: &[Value]) -> Option<Vec<String>> {
    let first = items.first()?.as_object().filter(|fields| !fields.is_empty())?;
    let fits = |item: &Value| {
        item.as_object().is_some_and(|fields| {
            fields.len() == first.len()
                && fields.iter().all(|(key, value)| first.contains_key(key) && is_primitive(value))
        })
    };
    items.iter().all(fits).then(|| first.keys().cloned().collect())
}

fn key_text(key: &str) -> String {
    let mut characters = key.chars();
    let starts_well = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    if starts_well && characters.all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '.')) {
        key.to_owned()
    } else {
        quoted(key)
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control < ' ' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Section 7.2.
fn needs_quotes(text: &str, delimiter: Delimiter) -> bool {
    text.is_empty()
        || text.starts_with(char::is_whitespace)
        || text.ends_with(char::is_whitespace)
        || matches!(text, "true" | "false" | "null")
        || text.starts_with('-')
        || is_numeric_like(text)
        || text.contains(|character: char| {
            matches!(character, ':' | '"' | '\\' | '[' | ']' | '{' | '}')
                || character < ' '
                || character == delimiter.character()
        })
}

/// Whether a text matches `-?\d+(\.\d+)?(e[+-]?\d+)?`, case ignored.
fn is_numeric_like(text: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut rest = text.strip_prefix('-').unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 {
        return false;
    }
    rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = &fraction[count..];
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let count = digits(exponent);
        return count > 0 && exponent.len() == count;
    }
    rest.is_empty()
}

fn number_text(number: &Number) -> String {
    if number.is_i64() || number.is_u64() {
        return number.to_string();
    }
    let value = number.as_f64().unwrap_or(f64::NAN);
    let size = value.abs();
    if !value.is_finite() {
        "null".to_owned()
    } else if value == 0.0 {
        "0".to_owned()
    } else if (1e-6..1e21).contains(&size) {
        value.to_string()
    } else {
        let text = format!("{value:e}");
        if text.contains("e-") { text } else { text.replace('e', "e+") }
    }
}
