//! Rows of elements: the longest tables of the site. A template has them as a list like any other, made when it is asked
//! for, and a filter that writes all of them at once, for which the language of templates takes too long.

use super::Ref;
use super::element::Part;
use crate::prose::write_escaped;
use crate::render::ticks;
use minijinja::value::{Enumerator, Object, ObjectRepr, Serde, serializing_for_value};
use minijinja::{Error, ErrorKind, Value};
use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Bytes that a row takes, about.
const ROW_BYTES: usize = 512;

/// Letters of a description that a row shows in any case.
const BRIEF_CHARS: usize = 280;

/// Elements in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows(Arc<Vec<Part>>);

impl Deref for Rows {
    type Target = [Part];

    fn deref(&self) -> &[Part] {
        &self.0
    }
}

impl From<Vec<Part>> for Rows {
    fn from(parts: Vec<Part>) -> Self {
        Self(Arc::new(parts))
    }
}

impl FromIterator<Part> for Rows {
    fn from_iter<T: IntoIterator<Item = Part>>(parts: T) -> Self {
        Self::from(Vec::from_iter(parts))
    }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializing_for_value() {
            Value::from_object(self.clone()).serialize(serializer)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl Object for Rows {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get(key.as_usize()?).map(|part| Value::from(Serde(part)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.len())
    }
}

/// The filter: the rows of a table of elements from anywhere.
pub(crate) fn html(rows: &Value) -> Result<Value, Error> {
    let Some(rows) = rows.downcast_object_ref::<Rows>() else {
        return Err(Error::new(ErrorKind::InvalidOperation, "`part_rows` writes the rows of a group, as they are"));
    };
    let mut html = String::with_capacity(rows.len() * ROW_BYTES);
    for part in rows.iter() {
        write_row(&mut html, part)?;
    }
    Ok(Value::from_safe_string(html))
}

fn write_row(html: &mut String, part: &Part) -> fmt::Result {
    html.push_str("<tr><td class=\"cell-element\">");
    let Ref { name, href, kind, path } = &part.reference;
    write_reference(html, [name, href, kind, path])?;
    html.push_str("</td><td>");
    html.push_str(&brief(&part.description));
    html.push_str("</td><td class=\"cell-how\">");
    if !part.technology.is_empty() {
        write_between(html, "<span class=\"technology\">", &part.technology, "</span>")?;
    }
    html.push_str("</td></tr>\n");
    Ok(())
}

/// A description in a row, of which the style sheet shows the beginning if it is long.
pub(crate) fn brief(description: &str) -> String {
    let html = ticks(description);
    let is_long = description.chars().nth(BRIEF_CHARS).is_some();
    if is_long { format!("<div class=\"brief\">{html}</div>") } else { html }
}

/// Writes the way to an element: its name, address and kind, and the names of what it is part of unless those are empty.
pub(crate) fn write_reference(html: &mut String, [name, href, kind, path]: [&str; 4]) -> fmt::Result {
    write_between(html, "<a class=\"element\" href=\"", href, "\">")?;
    write_between(html, "<span class=\"dot kind-", kind, "\" aria-hidden=\"true\"></span>")?;
    write_between(html, "", name, "</a>")?;
    if !path.is_empty() {
        write_between(html, " <span class=\"path\">", path, "</span>")?;
    }
    Ok(())
}

fn write_between(html: &mut String, before: &str, text: &str, after: &str) -> fmt::Result {
    html.push_str(before);
    write_escaped(html, text)?;
    html.push_str(after);
    Ok(())
}
