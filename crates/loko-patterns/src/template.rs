//! Filling parameters and role names into texts and values.
//!
//! `${name}` is a parameter; a text that is nothing but one becomes the parameter's value with its type. `{role}` is
//! the name of what plays a role. What is neither stays as it is.

use indexmap::IndexMap;
use loko_model::Value;
use loko_model::value::{Data, Entry};

/// Parameters with their values.
pub(crate) type Params = IndexMap<String, Value>;

/// A text with parameters filled in.
pub(crate) fn text(template: &str, params: &Params, roles: &IndexMap<String, Vec<String>>) -> String {
    let mut out = template.to_owned();
    for (name, value) in params {
        let mark = format!("${{{name}}}");
        if out.contains(&mark) {
            out = out.replace(&mark, &shown(value));
        }
    }
    for (name, elements) in roles {
        let mark = format!("{{{name}}}");
        if out.contains(&mark) {
            out = out.replace(&mark, &elements.join(", "));
        }
    }
    out
}

fn shown(value: &Value) -> String {
    match &value.data {
        Data::List(items) => items.iter().filter_map(Value::scalar_text).collect::<Vec<_>>().join(", "),
        _ => value.scalar_text().unwrap_or_default(),
    }
}

/// A value with parameters filled in; places stay those of the template.
pub(crate) fn value(template: &Value, params: &Params) -> Value {
    let data = match &template.data {
        Data::Text(written) => {
            let name = written.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            match name.and_then(|name| params.get(name)) {
                Some(value) => value.data.clone(),
                None => Data::Text(text(written, params, &IndexMap::new())),
            }
        }
        Data::List(items) => Data::List(items.iter().map(|item| value(item, params)).collect()),
        Data::Map(entries) => Data::Map(table(entries, params)),
        other => other.clone(),
    };
    Value { data, span: template.span }
}

/// A table with parameters filled in.
pub(crate) fn table(template: &IndexMap<String, Entry>, params: &Params) -> IndexMap<String, Entry> {
    let filled = template
        .iter()
        .map(|(key, entry)| (key.clone(), Entry { key_span: entry.key_span, value: value(&entry.value, params) }));
    filled.collect()
}
