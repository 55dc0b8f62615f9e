//! Reading a `pattern.toml`, with a finding for everything that does not fit.
//!
//! Keys are stated where they are read; what is left over is unknown. Behaviour in `set` is held against the table of
//! keys of the model, with the defaults of parameters filled in, and every name of a role or parameter has to be known.

use crate::pattern::{
    Draft, Example, Limit, Must, Param, ParamKind, Pattern, Picture, Reason, RelationPlan, Role, RoleKind, Subject,
};
use crate::template;
use indexmap::IndexMap;
use loko_model::behaviour::Unit;
use loko_model::schema::At;
use loko_model::value::{Data, Entry};
use loko_model::{ElementShape, RelationKind, Value};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Severity, Span};

/// A table of which keys are taken one after the other.
struct Table<'f> {
    file: &'f FilePath,
    what: String,
    span: Span,
    entries: IndexMap<String, Entry>,
    asked: Vec<&'static str>,
}

type Findings = Vec<Diagnostic>;

impl<'f> Table<'f> {
    fn new(file: &'f FilePath, what: impl Into<String>, value: Value, findings: &mut Findings) -> Self {
        let (what, span) = (what.into(), value.span);
        let entries = match value.data {
            Data::Map(entries) => entries,
            _ => {
                let message = format!("{what} is {}; a table belongs there", value.kind_name());
                findings.push(Diagnostic::error("wrong-type", message).at(file, span, ""));
                IndexMap::new()
            }
        };
        Self { file, what, span, entries, asked: Vec::new() }
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.asked.push(key);
        self.entries.shift_remove(key).map(|entry| entry.value)
    }

    fn wrong(&self, key: &str, value: &Value, expected: &str, findings: &mut Findings) {
        let message = format!("`{key}` of {} is {}; {expected} belongs there", self.what, value.kind_name());
        findings.push(Diagnostic::error("wrong-type", message).at(self.file, value.span, value.kind_name()));
    }

    fn text(&mut self, key: &'static str, findings: &mut Findings) -> String {
        let Some(value) = self.take(key) else { return String::new() };
        let Some(text) = value.scalar_text() else {
            self.wrong(key, &value, "a text", findings);
            return String::new();
        };
        text.trim().to_owned()
    }

    fn needed(&mut self, key: &'static str, findings: &mut Findings) -> String {
        if !self.entries.contains_key(key) {
            let message = format!("`{key}` is missing from {}", self.what);
            findings.push(Diagnostic::error("missing-key", message).at(self.file, self.span, ""));
        }
        self.text(key, findings)
    }

    fn texts(&mut self, key: &'static str, findings: &mut Findings) -> Vec<String> {
        let Some(value) = self.take(key) else { return Vec::new() };
        match &value.data {
            Data::List(items) => items.iter().filter_map(Value::scalar_text).collect(),
            Data::Map(_) => {
                self.wrong(key, &value, "a list of texts", findings);
                Vec::new()
            }
            _ => value.scalar_text().into_iter().collect(),
        }
    }

    fn flag(&mut self, key: &'static str, findings: &mut Findings) -> bool {
        match self.take(key) {
            None => false,
            Some(Value { data: Data::Bool(truth), .. }) => truth,
            Some(value) => {
                self.wrong(key, &value, "`true` or `false`", findings);
                false
            }
        }
    }

    fn number(&mut self, key: &'static str, findings: &mut Findings) -> Option<f64> {
        let value = self.take(key)?;
        let number = value.scalar_text().and_then(|text| text.parse::<f64>().ok());
        if number.is_none() {
            self.wrong(key, &value, "a number", findings);
        }
        number
    }

    /// One of a few words, given by what reads them.
    fn word<T>(
        &mut self,
        key: &'static str,
        known: &[&str],
        read: impl Fn(&str) -> Option<T>,
        findings: &mut Findings,
    ) -> Option<T> {
        let value = self.take(key)?;
        let written = value.scalar_text().unwrap_or_default();
        let found = read(&written);
        if found.is_none() {
            let mut finding = Diagnostic::error("bad-value", format!("`{key}` of {} cannot be `{written}`", self.what))
                .at(self.file, value.span, "not known")
                .note(format!("it is one of `{}`", known.join("`, `")));
            finding.help = did_you_mean(&written, known.iter().copied());
            findings.push(finding);
        }
        found
    }

    fn map(&mut self, key: &'static str, findings: &mut Findings) -> IndexMap<String, Entry> {
        match self.take(key) {
            None => IndexMap::new(),
            Some(Value { data: Data::Map(entries), .. }) => entries,
            Some(value) => {
                self.wrong(key, &value, "a table", findings);
                IndexMap::new()
            }
        }
    }

    fn tables(&mut self, key: &'static str, what: &str, findings: &mut Findings) -> Vec<Table<'f>> {
        let items = match self.take(key) {
            None => Vec::new(),
            Some(Value { data: Data::List(items), .. }) => items,
            Some(value) => vec![value],
        };
        items.into_iter().map(|item| Table::new(self.file, what, item, findings)).collect()
    }

    /// Tells of keys that nobody asked for.
    fn finish(self, findings: &mut Findings) {
        for (key, entry) in &self.entries {
            let mut finding = Diagnostic::error("unknown-key", format!("`{key}` is no key of {}", self.what)).at(
                self.file,
                entry.key_span,
                "not known",
            );
            finding.help = did_you_mean(key, self.asked.iter().copied());
            findings.push(finding);
        }
    }
}

/// Reads a pattern; what does not fit is told of and left out.
pub fn read(file: &FilePath, category: &str, id: &str, text: &str) -> (Pattern, Findings) {
    let (value, mut findings) = loko_model::load::toml_value(file, text);
    let out = &mut findings;
    let mut top = Table::new(file, "the pattern", value, out);
    let extends = Some(top.text("extends", out)).filter(|id| !id.is_empty());
    let mut pattern = Pattern {
        id: id.to_owned(),
        category: category.to_owned(),
        name: if extends.is_some() { top.text("name", out) } else { top.needed("name", out) },
        version: if extends.is_some() { top.text("version", out) } else { top.needed("version", out) },
        says: if extends.is_some() { top.text("says", out) } else { top.needed("says", out) },
        about: top.text("about", out),
        extends,
        is_anti: top.flag("anti", out),
        use_when: top.texts("use_when", out),
        avoid_when: top.texts("avoid_when", out),
        reasons: Vec::new(),
        mends: top.texts("mends", out),
        related: top.texts("related", out),
        competing: top.texts("competing", out),
        params: IndexMap::new(),
        roles: IndexMap::new(),
        relations: Vec::new(),
        musts: Vec::new(),
        decision: None,
        pictures: Vec::new(),
        examples: Vec::new(),
        file: file.clone(),
    };
    pattern.reasons = top.tables("reason", "a reason", out).into_iter().map(|table| reason(table, out)).collect();
    for (name, entry) in top.map("param", out) {
        let table = Table::new(file, format!("the parameter `{name}`"), entry.value, out);
        pattern.params.insert(name, param(table, out));
    }
    for (name, entry) in top.map("role", out) {
        let table = Table::new(file, format!("the role `{name}`"), entry.value, out);
        pattern.roles.insert(name, role(table, out));
    }
    pattern.relations =
        top.tables("relation", "a relation", out).into_iter().map(|table| relation(table, out)).collect();
    pattern.musts = top.tables("must", "an obligation", out).into_iter().filter_map(|table| must(table, out)).collect();
    pattern.decision = top.take("decision").map(|value| decision(Table::new(file, "the decision", value, out), out));
    pattern.pictures = top
        .tables("picture", "a picture", out)
        .into_iter()
        .map(|mut table| {
            let picture = Picture { title: table.needed("title", out), d2: table.needed("d2", out) };
            table.finish(out);
            picture
        })
        .collect();
    pattern.examples = top.tables("example", "an example", out).into_iter().map(|table| example(table, out)).collect();
    top.finish(out);
    check_names(&pattern, out);
    check_sets(&pattern, out);
    (pattern, findings)
}

fn reason(mut table: Table<'_>, out: &mut Findings) -> Reason {
    let reason = Reason {
        fact: table.needed("fact", out),
        at_least: table.number("at_least", out),
        at_most: table.number("at_most", out),
        is: table.texts("is", out),
        weight: table.number("weight", out).unwrap_or(1.0),
        says: table.needed("says", out),
    };
    if crate::FACTS.iter().all(|fact| fact.name != reason.fact) {
        let mut finding = Diagnostic::error("unknown-fact", format!("there is no fact `{}`", reason.fact))
            .at(table.file, table.span, "");
        finding.help = did_you_mean(&reason.fact, crate::FACTS.iter().map(|fact| fact.name));
        out.push(finding);
    }
    table.finish(out);
    reason
}

const PARAM_KINDS: [(&str, ParamKind); 12] = [
    ("text", ParamKind::Text),
    ("bool", ParamKind::Bool),
    ("count", ParamKind::Count),
    ("texts", ParamKind::Texts),
    ("duration", ParamKind::Amount(Unit::Duration)),
    ("rate", ParamKind::Amount(Unit::Rate)),
    ("share", ParamKind::Amount(Unit::Share)),
    ("percent", ParamKind::Amount(Unit::Percent)),
    ("size", ParamKind::Amount(Unit::Size)),
    ("money", ParamKind::Amount(Unit::Money)),
    ("cpu", ParamKind::Amount(Unit::Cpu)),
    ("number", ParamKind::Amount(Unit::Number)),
];

fn param(mut table: Table<'_>, out: &mut Findings) -> Param {
    let words = table.texts("one_of", out);
    let known: Vec<&str> = PARAM_KINDS.iter().map(|(name, _)| *name).collect();
    let read = |word: &str| PARAM_KINDS.iter().find(|(name, _)| *name == word).map(|(_, kind)| kind.clone());
    let kind = table.word("takes", &known, read, out);
    let kind = if words.is_empty() { kind.unwrap_or(ParamKind::Text) } else { ParamKind::OneOf(words) };
    let span = table.span;
    let default = table.take("default").unwrap_or(Value { data: Data::Text(String::new()), span });
    let each = table.texts("for", out);
    let param = Param { kind, default, each, says: table.needed("says", out) };
    if let Err(why) = param.kind.check(&param.default) {
        out.push(Diagnostic::error("bad-value", format!("the default of {}: {why}", table.what)).at(
            table.file,
            param.default.span,
            "",
        ));
    }
    table.finish(out);
    param
}

impl ParamKind {
    /// Whether a value fits; `Err` says what belongs there.
    pub(crate) fn check(&self, value: &Value) -> Result<(), String> {
        let text = value.scalar_text();
        let fits = match self {
            Self::Text => text.is_some(),
            Self::Bool => matches!(value.data, Data::Bool(_)),
            Self::Count => matches!(value.data, Data::Integer(number) if number >= 0),
            Self::Texts => matches!(value.data, Data::List(_)),
            Self::Amount(unit) => {
                return unit
                    .check(&text.unwrap_or_default())
                    .map_err(|problem| format!("{}; {} belongs there", problem.why, unit.expected()));
            }
            Self::OneOf(words) => text.is_some_and(|text| words.contains(&text)),
        };
        if fits { Ok(()) } else { Err(format!("{} belongs there", self.expected())) }
    }

    /// A text of the command line as a value.
    pub(crate) fn parse(&self, text: &str) -> Value {
        let data = match self {
            Self::Bool if text == "true" || text == "false" => Data::Bool(text == "true"),
            Self::Count | Self::Amount(Unit::Number | Unit::Cpu | Unit::Share | Unit::Percent) => {
                text.parse().map_or_else(|_| Data::Text(text.to_owned()), Data::Integer)
            }
            Self::Texts => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                let text = |item: &str| Value { data: Data::Text(item.to_owned()), span: Span::at(0) };
                Data::List(items.map(text).collect())
            }
            _ => Data::Text(text.to_owned()),
        };
        Value { data, span: Span::at(0) }
    }

    /// What belongs there, in words.
    pub fn expected(&self) -> String {
        match self {
            Self::Text => "a text".to_owned(),
            Self::Bool => "`true` or `false`".to_owned(),
            Self::Count => "a whole number".to_owned(),
            Self::Texts => "a list of texts".to_owned(),
            Self::Amount(unit) => unit.expected().to_owned(),
            Self::OneOf(words) => format!("one of `{}`", words.join("`, `")),
        }
    }
}

fn role(mut table: Table<'_>, out: &mut Findings) -> Role {
    let kinds: Vec<&str> = RoleKind::ALL.iter().map(|(name, _)| *name).collect();
    let shapes: Vec<&str> = ElementShape::ALL.iter().map(|(name, _)| *name).collect();
    let read_kind = |word: &str| RoleKind::ALL.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind);
    let role = Role {
        says: table.text("says", out),
        kind: table.word("kind", &kinds, read_kind, out).unwrap_or(RoleKind::Container),
        names: table.texts("name", out),
        description: table.text("description", out),
        technology: table.text("technology", out),
        shape: table.word("shape", &shapes, ElementShape::from_name, out),
        parent: Some(table.text("in", out)).filter(|role| !role.is_empty()),
        is_optional: table.flag("optional", out),
        was: table.texts("was", out),
        set: table.map("set", out),
        document: table.texts("document", out),
    };
    table.finish(out);
    role
}

const KINDS: [&str; 3] = ["sync", "async", "event"];

fn relation(mut table: Table<'_>, out: &mut Findings) -> RelationPlan {
    let plan = RelationPlan {
        from: table.needed("from", out),
        to: table.needed("to", out),
        description: table.text("description", out),
        technology: table.text("technology", out),
        kind: table.word("type", &KINDS, RelationKind::from_name, out).unwrap_or_default(),
        event: table.text("event", out),
        set: table.map("set", out),
        is_optional: table.flag("optional", out),
    };
    table.finish(out);
    plan
}

fn must(mut table: Table<'_>, out: &mut Findings) -> Option<Must> {
    let subject = subject(&mut table, out);
    let severities = ["error", "warning", "info"];
    let severity = |word: &str| match word {
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "info" => Some(Severity::Info),
        _ => None,
    };
    let must = Must {
        id: table.needed("id", out),
        says: table.needed("says", out),
        help: table.text("help", out),
        severity: table.word("severity", &severities, severity, out).unwrap_or(Severity::Warning),
        subject: subject.clone().unwrap_or(Subject::Count(String::new())),
        has: table.texts("has", out),
        any: table.texts("any", out),
        lacks: table.texts("lacks", out),
        is: words(table.map("is", out)),
        at_least: limits(table.map("at_least", out)),
        at_most: limits(table.map("at_most", out)),
        kinds: table.texts("type", out).iter().filter_map(|word| RelationKind::from_name(word)).collect(),
        shapes: table.texts("shape", out),
        counts: (count(table.number("min", out)), count(table.number("max", out))),
        span: table.span,
    };
    table.finish(out);
    subject.map(|_| must)
}

fn count(number: Option<f64>) -> Option<usize> {
    number.filter(|number| *number >= 0.0).map(|number| number as usize)
}

fn subject(table: &mut Table<'_>, out: &mut Findings) -> Option<Subject> {
    let mut found = Vec::new();
    for key in ["each", "exists", "never", "count"] {
        let written = table.text(key, out);
        if written.is_empty() {
            continue;
        }
        let ends = written.split_once("->").map(|(from, to)| (from.trim().to_owned(), to.trim().to_owned()));
        found.push(match (key, ends) {
            ("each", Some((from, to))) => Subject::Relation(from, to),
            ("each", None) => Subject::Element(written),
            ("exists", Some((from, to))) => Subject::Exists(from, to),
            ("never", Some((from, to))) => Subject::Never(from, to),
            ("count", None) => Subject::Count(written),
            (key, _) => {
                let message = format!("`{key}` of an obligation cannot be `{written}`");
                let finding = Diagnostic::error("bad-value", message).at(table.file, table.span, "");
                out.push(finding.help("a relation is written `from -> to`, with names of roles or `*`"));
                return None;
            }
        });
    }
    if found.len() != 1 {
        let finding =
            Diagnostic::error("missing-key", "an obligation speaks of one thing").at(table.file, table.span, "");
        out.push(finding.help("say of what with one of `each`, `exists`, `never` and `count`"));
    }
    found.into_iter().next()
}

fn words(entries: IndexMap<String, Entry>) -> Vec<(String, Vec<String>)> {
    let list = |value: &Value| match &value.data {
        Data::List(items) => items.iter().filter_map(Value::scalar_text).collect(),
        _ => value.scalar_text().into_iter().collect::<Vec<_>>(),
    };
    entries.iter().map(|(path, entry)| (path.clone(), list(&entry.value))).collect()
}

fn limits(entries: IndexMap<String, Entry>) -> Vec<Limit> {
    let limit = |(path, entry): (String, Entry)| Limit { path, value: entry.value.scalar_text().unwrap_or_default() };
    entries.into_iter().map(limit).collect()
}

fn decision(mut table: Table<'_>, out: &mut Findings) -> Draft {
    let draft = Draft {
        title: table.needed("title", out),
        context: table.needed("context", out),
        decision: table.needed("decision", out),
        good: table.texts("good", out),
        bad: table.texts("bad", out),
    };
    table.finish(out);
    draft
}

fn example(mut table: Table<'_>, out: &mut Findings) -> Example {
    let pairs = |entries: IndexMap<String, Entry>| -> IndexMap<String, String> {
        entries.into_iter().map(|(key, entry)| (key, entry.value.scalar_text().unwrap_or_default())).collect()
    };
    let example = Example {
        title: table.needed("title", out),
        bind: pairs(table.map("bind", out)),
        params: pairs(table.map("param", out)),
    };
    table.finish(out);
    example
}

/// Roles that nobody has.
fn check_names(pattern: &Pattern, out: &mut Findings) {
    if pattern.extends.is_some() {
        // The names may be those of the pattern that it extends; they are looked at when the two are one.
        return;
    }
    let known = |name: &str| name == "*" || pattern.roles.contains_key(name);
    let mut missing = |name: &str, span: Span, what: &str| {
        if !known(name) {
            let mut finding = Diagnostic::error(
                "unknown-role",
                format!("{what} names a role `{name}`, which nobody has"),
            )
            .at(&pattern.file, span, "");
            finding.help = did_you_mean(name, pattern.roles.keys().map(String::as_str));
            out.push(finding);
        }
    };
    for relation in &pattern.relations {
        missing(&relation.from, Span::at(0), "a relation");
        missing(&relation.to, Span::at(0), "a relation");
    }
    for (name, param) in &pattern.params {
        for role in &param.each {
            missing(role, param.default.span, &format!("`for` of the parameter `{name}`"));
        }
    }
    for (name, role) in &pattern.roles {
        if let Some(parent) = &role.parent {
            missing(parent, Span::at(0), &format!("`in` of `{name}`"));
        }
    }
    for must in &pattern.musts {
        match &must.subject {
            Subject::Element(role) | Subject::Count(role) => missing(role, must.span, "an obligation"),
            Subject::Relation(from, to) | Subject::Exists(from, to) | Subject::Never(from, to) => {
                missing(from, must.span, "an obligation");
                missing(to, must.span, "an obligation");
            }
        }
    }
}

/// Behaviour that does not fit.
fn check_sets(pattern: &Pattern, out: &mut Findings) {
    let params = template::sample(pattern);
    for role in pattern.roles.values() {
        let at = match role.kind {
            RoleKind::Person => At::Person,
            RoleKind::System | RoleKind::External => At::System,
            RoleKind::Container => At::Container,
            RoleKind::Component => At::Component,
        };
        let filled = template::table(&role.set, &params);
        out.extend(loko_model::load::check_behaviour(&pattern.file, at, &filled));
    }
    for relation in &pattern.relations {
        let filled = template::table(&relation.set, &params);
        out.extend(loko_model::load::check_behaviour(&pattern.file, At::Relation, &filled));
    }
    for must in &pattern.musts {
        let paths = must.has.iter().chain(&must.any).chain(&must.lacks).chain(must.is.iter().map(|(path, _)| path));
        let paths = paths.chain(must.at_least.iter().chain(&must.at_most).map(|limit| &limit.path));
        let places: &[At] = match must.subject {
            Subject::Relation(..) | Subject::Exists(..) | Subject::Never(..) => &[At::Relation],
            Subject::Element(_) | Subject::Count(_) => At::ELEMENTS,
        };
        for path in paths.filter(|path| !is_core(path)) {
            if places.iter().all(|at| loko_model::behaviour::key_at(*at, path).is_none()) {
                let message = format!("an obligation asks for `{path}`, which is no key of behaviour");
                out.push(Diagnostic::error("unknown-key", message).at(&pattern.file, must.span, ""));
            }
        }
    }
}

/// What of an element or relation is no behaviour and can be asked for all the same.
pub(crate) fn is_core(path: &str) -> bool {
    matches!(path, "description" | "technology" | "owner" | "event" | "tags" | "documented")
}
