//! Filling parameters and role names into texts and values.
//!
//! `${name}` is a parameter, or the id of what plays the role of that name, and `${role.name}` its name; a text that is nothing but one becomes the
//! parameter's value with its type. `{role}` is the name of what plays a role. What is neither stays as it is.
//!
//! A role may be played by many. Where one of them is spoken of, `${nth}` is its place, from 1, and `${list[nth]}` the
//! item of a list at that place; both take a number more or less: `${list[nth-1]}`. What lies beyond a list is nothing:
//! an empty text, and no item or key where it stands alone. An item of a list with `for = "role"` comes once for each
//! who plays the role.

use crate::pattern::Pattern;
use indexmap::IndexMap;
use loko_model::Value;
use loko_model::value::{Data, Entry};
use loko_source::Span;

/// Parameters with their values.
pub(crate) type Params = IndexMap<String, Value>;

/// The place of the one that is spoken of, among those who play its role.
const NTH: &str = "nth";

/// What stands after a role for the name of who plays it.
const NAME: &str = ".name";

/// The key of an item that comes once for each who plays a role.
const FOR: &str = "for";

/// The parameters where the player at a place is spoken of; places count from 1.
pub(crate) fn at_place(params: &Params, place: usize) -> Params {
    let mut params = params.clone();
    params.insert(NTH.to_owned(), whole(place));
    params
}

/// The parameters with how many play a role.
pub(crate) fn with_count(params: &mut Params, role: &str, count: usize) {
    params.insert(count_key(role), whole(count));
}

/// The parameters with the id and the name of who plays a role, the first of several; a parameter of that name counts
/// before the id.
pub(crate) fn with_player(params: &mut Params, role: &str, id: &str, name: &str) {
    let text = |text: &str| Value { data: Data::Text(text.to_owned()), span: Span::at(0) };
    params.entry(role.to_owned()).or_insert_with(|| text(id));
    params.insert(format!("{role}{NAME}"), text(name));
}

/// Parameters as they could be: defaults, and each role played by as many as are made for it.
pub(crate) fn sample(pattern: &Pattern) -> Params {
    let mut params: Params = pattern.params.iter().map(|(name, param)| (name.clone(), param.default.clone())).collect();
    for (name, role) in &pattern.roles {
        with_count(&mut params, name, role.names.len().max(1));
    }
    at_place(&params, 1)
}

// No parameter has such a name, for it could not be written as `${…}`.
fn count_key(role: &str) -> String {
    format!("for {role}")
}

fn whole(number: usize) -> Value {
    Value { data: Data::Integer(i64::try_from(number).unwrap_or(i64::MAX)), span: Span::at(0) }
}

/// A text with parameters filled in.
pub(crate) fn text(template: &str, params: &Params, roles: &IndexMap<String, Vec<String>>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find("${") {
        let (before, mark) = rest.split_at(start);
        out.push_str(before);
        let Some(end) = mark.find('}') else {
            rest = mark;
            break;
        };
        match resolve(&mark[2..end], params) {
            Some(value) => out.push_str(&shown(&value)),
            None => out.push_str(&mark[..=end]),
        }
        rest = &mark[end + 1..];
    }
    out.push_str(rest);
    for (name, elements) in roles {
        let mark = format!("{{{name}}}");
        if out.contains(&mark) {
            out = out.replace(&mark, &elements.join(", "));
        }
    }
    out
}

/// What stands between `${` and `}`: a parameter, one more or less than it, or an item of its list. Null is what lies
/// beyond a list; nothing is what is no parameter.
fn resolve(written: &str, params: &Params) -> Option<Value> {
    if let Some((name, index)) = written.strip_suffix(']').and_then(|rest| rest.split_once('[')) {
        let items = params.get(name)?.as_list()?;
        let at = index.trim().parse::<i64>().ok().or_else(|| sum(index, params))?;
        let item = usize::try_from(at - 1).ok().and_then(|at| items.get(at));
        return Some(item.cloned().unwrap_or(Value { data: Data::Null, span: Span::at(0) }));
    }
    if let Some(value) = params.get(written) {
        return Some(value.clone());
    }
    sum(written, params).map(|number| Value { data: Data::Integer(number), span: Span::at(0) })
}

/// A whole number, or a parameter that is one, and a number more or less.
fn sum(written: &str, params: &Params) -> Option<i64> {
    let number = |name: &str| match params.get(name.trim())?.data {
        Data::Integer(number) => Some(number),
        _ => None,
    };
    if let Some(found) = number(written) {
        return Some(found);
    }
    let at = written.rfind(['+', '-'])?;
    let more: i64 = written[at..].trim_start_matches('+').parse().ok()?;
    Some(number(&written[..at])?.saturating_add(more))
}

fn shown(value: &Value) -> String {
    match &value.data {
        Data::List(items) => items.iter().filter_map(Value::scalar_text).collect::<Vec<_>>().join(", "),
        Data::Null => String::new(),
        _ => value.scalar_text().unwrap_or_default(),
    }
}

/// A value with parameters filled in; places stay those of the template.
pub(crate) fn value(template: &Value, params: &Params) -> Value {
    let data = match &template.data {
        Data::Text(written) => match alone(written).and_then(|name| resolve(name, params)) {
            Some(value) => value.data,
            None => Data::Text(text(written, params, &IndexMap::new())),
        },
        Data::List(items) => Data::List(items.iter().flat_map(|item| filled(item, params)).collect()),
        Data::Map(entries) => Data::Map(table(entries, params)),
        other => other.clone(),
    };
    Value { data, span: template.span }
}

/// What stands between `${` and `}` of a text that is nothing else.
fn alone(written: &str) -> Option<&str> {
    written.strip_prefix("${")?.strip_suffix('}').filter(|name| !name.contains(['{', '}']))
}

/// An item of a list with parameters filled in: once for each who plays the role that it is `for`, and not at all
/// where it lies beyond a list.
fn filled(item: &Value, params: &Params) -> Vec<Value> {
    let role = item.as_map().and_then(|entries| entries.get(FOR)).and_then(|entry| entry.value.scalar_text());
    let count = role.and_then(|role| params.get(&count_key(&role)).cloned());
    let (Some(Data::Integer(count)), Some(entries)) = (count.map(|count| count.data), item.as_map()) else {
        let filled = value(item, params);
        return if filled.data == Data::Null { Vec::new() } else { vec![filled] };
    };
    let rest: IndexMap<String, Entry> =
        entries.iter().filter(|(key, _)| *key != FOR).map(|(key, entry)| (key.clone(), entry.clone())).collect();
    let places = 1..=usize::try_from(count).unwrap_or(0);
    let at = |place| Value { data: Data::Map(table(&rest, &at_place(params, place))), span: item.span };
    places.map(at).collect()
}

/// A table with parameters filled in; a key whose value lies beyond a list is left out.
pub(crate) fn table(template: &IndexMap<String, Entry>, params: &Params) -> IndexMap<String, Entry> {
    let filled = template
        .iter()
        .map(|(key, entry)| (key.clone(), Entry { key_span: entry.key_span, value: value(&entry.value, params) }))
        .filter(|(key, entry)| entry.value.data != Data::Null || template[key].value.data == Data::Null);
    filled.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(items: &[&str]) -> Value {
        let item = |item: &&str| Value { data: Data::Text((*item).to_owned()), span: Span::at(0) };
        Value { data: Data::List(items.iter().map(item).collect()), span: Span::at(0) }
    }

    #[test]
    fn a_list_is_asked_for_by_place() {
        let mut params = Params::new();
        params.insert("done".to_owned(), texts(&["order.placed", "stock.reserved"]));
        let params = at_place(&params, 2);
        let none = IndexMap::new();
        for (template, expected) in [
            ("${nth}. ${done[nth]}", "2. stock.reserved"),
            ("${done[nth-1]}", "order.placed"),
            ("${done[1]} ${nth+1}", "order.placed 3"),
            ("[${done[nth+1]}]", "[]"),
            ("${done}", "order.placed, stock.reserved"),
            ("${undone[nth]} ${what} {who} ${open", "${undone[nth]} ${what} {who} ${open"),
        ] {
            assert_eq!(text(template, &params, &none), expected, "{template}");
        }
        let beyond = value(&texts(&["${done[nth]}", "${done[nth+1]}"]), &params);
        assert_eq!(beyond.as_list().map(<[Value]>::len), Some(1), "{beyond:?}");
    }
}
