//! Reading a `pattern.toml`, with a finding for everything that does not fit.
//!
//! Keys are stated where they are read; what is left over is unknown. Whether what was read fits together is looked at
//! by [`crate::sound`].

use crate::pattern::{
    Draft, Example, FilePlan, Limit, Must, Param, ParamKind, Pattern, Picture, Reason, RelationPlan, Role, RoleKind,
    Subject,
};
use crate::places::is_infrastructure;
use crate::sound;
use indexmap::IndexMap;
use loko_model::behaviour::Unit;
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
    /// Where the values stand that were taken.
    spans: IndexMap<&'static str, Span>,
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
        Self { file, what, span, entries, asked: Vec::new(), spans: IndexMap::new() }
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.asked.push(key);
        let value = self.entries.shift_remove(key).map(|entry| entry.value)?;
        self.spans.insert(key, value.span);
        Some(value)
    }

    /// Where the value of a key stands that was taken, else the table.
    fn span_of(&self, key: &str) -> Span {
        self.spans.get(key).copied().unwrap_or(self.span)
    }

    /// The keys that were there, of those that were taken.
    fn said(&self) -> Vec<&'static str> {
        self.spans.keys().copied().collect()
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
            finding.help = did_you_mean(&written, known.iter().copied()).map(Into::into);
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
            finding.help = did_you_mean(key, self.asked.iter().copied()).map(Into::into);
            findings.push(finding);
        }
    }
}

/// Reads a pattern; what does not fit is told of and left out.
pub fn read(file: &FilePath, category: &str, id: &str, text: &str) -> (Pattern, Findings) {
    let (value, mut findings) = loko_model::load::toml_value(file, text);
    // What a text that does not parse seems to lack may stand in it.
    let broken = (!findings.is_empty()).then_some(findings.len());
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
        files: Vec::new(),
        pictures: Vec::new(),
        examples: Vec::new(),
        file: file.clone(),
        extends_span: top.span_of("extends"),
    };
    let is_part = pattern.extends.is_some();
    pattern.reasons = top.tables("reason", "a reason", out).into_iter().map(|table| reason(table, out)).collect();
    for (name, entry) in top.map("param", out) {
        let table = Table::new(file, format!("the parameter `{name}`"), entry.value, out);
        pattern.params.insert(name, param(table, is_part, out));
    }
    for (name, entry) in top.map("role", out) {
        let table = Table::new(file, format!("the role `{name}`"), entry.value, out);
        pattern.roles.insert(name, role(table, out));
    }
    pattern.relations =
        top.tables("relation", "a relation", out).into_iter().map(|table| relation(table, out)).collect();
    pattern.musts = top.tables("must", "an obligation", out).into_iter().filter_map(|table| must(table, out)).collect();
    pattern.decision = top.take("decision").map(|value| decision(Table::new(file, "the decision", value, out), out));
    pattern.files = top
        .tables("file", "a file", out)
        .into_iter()
        .map(|mut table| {
            let path = table.needed("path", out);
            let text = table.take("text").and_then(|value| value.as_text().map(str::to_owned)).unwrap_or_default();
            table.finish(out);
            FilePlan { path, text }
        })
        .collect();
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
    if !is_part {
        sound::check(&pattern, &pattern, out);
    }
    if let Some(count) = broken {
        findings.truncate(count);
    }
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
        finding.help = did_you_mean(&reason.fact, crate::FACTS.iter().map(|fact| fact.name)).map(Into::into);
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

/// `is_part` says that another pattern may say what is left out.
fn param(mut table: Table<'_>, is_part: bool, out: &mut Findings) -> Param {
    let words = table.texts("one_of", out);
    let known: Vec<&str> = PARAM_KINDS.iter().map(|(name, _)| *name).collect();
    let read = |word: &str| PARAM_KINDS.iter().find(|(name, _)| *name == word).map(|(_, kind)| kind.clone());
    let kind = table.word("takes", &known, read, out);
    let kind = if words.is_empty() { kind.unwrap_or(ParamKind::Text) } else { ParamKind::OneOf(words) };
    let span = table.span;
    let default = table.take("default").unwrap_or(Value { data: Data::Text(String::new()), span });
    let each = table.texts("for", out);
    let says = if is_part { table.text("says", out) } else { table.needed("says", out) };
    let param = Param { kind, default, each, says, said: table.said() };
    // What is said elsewhere is looked at when both are one.
    let is_whole = !is_part || (param.says_key("default") && (param.says_key("takes") || param.says_key("one_of")));
    if let Err(why) = param.kind.check(&param.default)
        && is_whole
    {
        out.push(Diagnostic::error("bad-value", format!("the default of {}: {why}", table.what)).at(
            table.file,
            param.default.span,
            "",
        ));
    }
    table.finish(out);
    param
}

impl Param {
    /// Whether it takes a text of the command line; `Err` says what belongs there.
    pub fn accepts(&self, text: &str) -> Result<(), String> {
        self.kind.check(&self.kind.parse(text))
    }

    fn says_key(&self, key: &str) -> bool {
        self.said.contains(&key)
    }

    /// Takes over what it does not say itself.
    pub(crate) fn take_over(&mut self, other: &Self) {
        if !self.says_key("takes") && !self.says_key("one_of") {
            self.kind = other.kind.clone();
        }
        if !self.says_key("default") {
            self.default = other.default.clone();
        }
        if !self.says_key("for") {
            self.each.clone_from(&other.each);
        }
        if self.says.is_empty() {
            self.says.clone_from(&other.says);
        }
    }
}

impl Role {
    /// Takes over what it does not say itself; of its behaviour what it does not set itself.
    pub(crate) fn take_over(&mut self, other: &Self) {
        let is_said = |key: &str| self.said.contains(&key);
        let (kind, shape, parent, optional) = (is_said("kind"), is_said("shape"), is_said("in"), is_said("optional"));
        if !kind {
            self.kind = other.kind;
        }
        if !shape {
            self.shape = other.shape;
        }
        if !parent {
            self.parent.clone_from(&other.parent);
        }
        if !optional {
            self.is_optional = other.is_optional;
        }
        if !is_said("new") {
            self.is_new = other.is_new;
        }
        for (open, said) in [
            (&mut self.says, &other.says),
            (&mut self.description, &other.description),
            (&mut self.technology, &other.technology),
        ] {
            if open.is_empty() {
                open.clone_from(said);
            }
        }
        for (open, said) in
            [(&mut self.names, &other.names), (&mut self.was, &other.was), (&mut self.document, &other.document)]
        {
            if open.is_empty() {
                open.clone_from(said);
            }
        }
        for (key, entry) in &other.set {
            self.set.entry(key.clone()).or_insert_with(|| entry.clone());
        }
    }
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
    let mut role = Role {
        said: Vec::new(),
        says: table.text("says", out),
        kind: table.word("kind", &kinds, read_kind, out).unwrap_or(RoleKind::Container),
        names: table.texts("name", out),
        description: table.text("description", out),
        technology: table.text("technology", out),
        shape: table.word("shape", &shapes, ElementShape::from_name, out),
        parent: Some(table.text("in", out)).filter(|role| !role.is_empty()).map(|role| (role, table.span_of("in"))),
        is_optional: table.flag("optional", out),
        is_new: false,
        was: table.texts("was", out),
        set: table.map("set", out),
        document: table.texts("document", out),
    };
    let is_new = table.flag("new", out);
    role.said = table.said();
    role.is_new = if role.said.contains(&"new") { is_new } else { is_infrastructure(role.shape) };
    table.finish(out);
    role
}

const KINDS: [&str; 3] = ["sync", "async", "event"];

fn relation(mut table: Table<'_>, out: &mut Findings) -> RelationPlan {
    let mut plan = RelationPlan {
        ends: (table.span, table.span),
        from: table.needed("from", out),
        to: table.needed("to", out),
        description: table.text("description", out),
        technology: table.text("technology", out),
        kind: table.word("type", &KINDS, RelationKind::from_name, out).unwrap_or_default(),
        event: table.text("event", out),
        set: table.map("set", out),
        is_optional: table.flag("optional", out),
    };
    plan.ends = (table.span_of("from"), table.span_of("to"));
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
    let asked = asked(&table);
    let must = Must {
        asked,
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
        span: ["each", "exists", "never", "count"]
            .iter()
            .find_map(|key| table.spans.get(key))
            .copied()
            .unwrap_or(table.span),
    };
    table.finish(out);
    subject.map(|_| must)
}

/// The paths of keys that an obligation asks for, each with its place.
fn asked(table: &Table<'_>) -> Vec<(String, Span)> {
    let mut all = Vec::new();
    let text = |value: &Value| value.scalar_text().map(|text| (text.trim().to_owned(), value.span));
    for key in ["has", "any", "lacks"] {
        let Some(entry) = table.entries.get(key) else { continue };
        match entry.value.as_list() {
            Some(items) => all.extend(items.iter().filter_map(text)),
            None => all.extend(text(&entry.value)),
        }
    }
    for key in ["is", "at_least", "at_most"] {
        let entries = table.entries.get(key).and_then(|entry| entry.value.as_map());
        all.extend(entries.into_iter().flatten().map(|(path, entry)| (path.clone(), entry.key_span)));
    }
    all
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
