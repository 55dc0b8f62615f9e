//! What a rule is: its description, its options, and the function that checks.
//!
//! A rule lies in `rules/<code>/`: `rule.rs` with a constant `RULE`, and `cases.md` with small workspaces that are its
//! examples and its tests. Codes name the problem. Documentation, `--explain`, SARIF and the settings' error messages are
//! made from the description; nothing is said twice.

use crate::workspace::Workspace;
use loko_model::{ElementIx, Relation, RelationIx};
use loko_source::{Diagnostic, Severity, Span};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What is at stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The shape of the graph.
    Structure,
    /// Where drawings and model say different things.
    Drift,
    /// Whether others understand it.
    Documentation,
    /// What happens when something is slow or fails.
    Resilience,
    /// Decisions and their records.
    Decisions,
}

impl Group {
    /// All groups in the order of the documentation.
    pub const ALL: [Group; 5] = [Self::Structure, Self::Drift, Self::Documentation, Self::Resilience, Self::Decisions];

    /// The group as a heading.
    pub fn name(self) -> &'static str {
        match self {
            Self::Structure => "Structure",
            Self::Drift => "Drift",
            Self::Documentation => "Documentation",
            Self::Resilience => "Resilience",
            Self::Decisions => "Decisions",
        }
    }
}

/// What a rule looks at: after an edit of anything else it would find the same again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// Elements and relations with all that is said of them but prose, links, places and what descriptions say; for a fix
    /// also the text of the file that it mends.
    Graph,
    /// Anything.
    All,
}

/// A rule. Its code is the name of its folder.
#[derive(Debug)]
pub struct Rule {
    /// What it finds, one line.
    pub summary: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// How to mend it.
    pub mend: &'static str,
    /// What is at stake.
    pub group: Group,
    /// How bad it is unless somebody says otherwise.
    pub severity: Severity,
    /// What it looks at.
    pub reads: Reads,
    /// Whether it runs when nobody says otherwise.
    pub is_on: bool,
    /// Whether its findings, or some, come with a ready mend.
    pub has_fix: bool,
    /// The thresholds and switches.
    pub options: &'static [RuleOption],
    /// The keys of front matter that give it the knowledge it needs; it is silent without them.
    pub keys: &'static [&'static str],
    /// Other words for its code.
    pub aliases: &'static [&'static str],
    /// Checks.
    pub check: fn(&Ask<'_>) -> Vec<Diagnostic>,
}

/// An option of a rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleOption {
    /// Its key.
    pub name: &'static str,
    /// Its value when nobody says otherwise, which also says of what kind it is.
    pub default: OptionValue<'static>,
    /// What it decides, one line.
    pub doc: &'static str,
}

/// The value of an option.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionValue<'v> {
    /// A number, not negative.
    Number(f64),
    /// A switch.
    Flag(bool),
    /// Texts.
    Texts(&'v [&'v str]),
}

/// What was set of a rule's options.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// A number.
    Number(f64),
    /// A switch.
    Flag(bool),
    /// Texts.
    Texts(Vec<String>),
}

/// A number as an option.
pub const fn number(name: &'static str, default: f64, doc: &'static str) -> RuleOption {
    RuleOption { name, default: OptionValue::Number(default), doc }
}

/// A switch as an option.
pub const fn flag(name: &'static str, default: bool, doc: &'static str) -> RuleOption {
    RuleOption { name, default: OptionValue::Flag(default), doc }
}

/// Texts as an option.
pub const fn texts(name: &'static str, default: &'static [&'static str], doc: &'static str) -> RuleOption {
    RuleOption { name, default: OptionValue::Texts(default), doc }
}

/// What a rule is asked about, and how it answers.
pub struct Ask<'a> {
    /// The workspace.
    pub workspace: &'a Workspace<'a>,
    /// The rule's code.
    pub code: &'a str,
    /// How bad its findings are.
    pub severity: Severity,
    pub(crate) options: &'static [RuleOption],
    pub(crate) given: Option<&'a BTreeMap<String, Given>>,
}

impl Ask<'_> {
    fn given(&self, name: &str) -> Option<&Given> {
        self.given.and_then(|given| given.get(name))
    }

    fn default(&self, name: &str) -> OptionValue<'static> {
        let option = self.options.iter().find(|option| option.name == name);
        option.unwrap_or_else(|| panic!("the rule `{}` states its option `{name}`", self.code)).default
    }

    /// The value of an option that is a number.
    pub fn number(&self, name: &str) -> f64 {
        match (self.given(name), self.default(name)) {
            (Some(Given::Number(number)), _) => *number,
            (_, OptionValue::Number(number)) => number,
            _ => 0.0,
        }
    }

    /// The value of an option that counts.
    pub fn count(&self, name: &str) -> usize {
        self.number(name).ceil() as usize
    }

    /// The value of an option that is a switch.
    pub fn flag(&self, name: &str) -> bool {
        match (self.given(name), self.default(name)) {
            (Some(Given::Flag(flag)), _) => *flag,
            (_, OptionValue::Flag(flag)) => flag,
            _ => false,
        }
    }

    /// The value of an option that is texts.
    pub fn texts(&self, name: &str) -> Vec<String> {
        match (self.given(name), self.default(name)) {
            (Some(Given::Texts(texts)), _) => texts.clone(),
            (_, OptionValue::Texts(texts)) => texts.iter().map(|text| (*text).to_owned()).collect(),
            _ => Vec::new(),
        }
    }

    /// A finding without a place yet.
    pub fn finding(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.code.to_owned(), self.severity, message)
    }

    /// A finding about an element, at its name.
    pub fn of_element(
        &self,
        ix: ElementIx,
        message: impl Into<String>,
        label: impl Into<Cow<'static, str>>,
    ) -> Diagnostic {
        let element = self.workspace.model.element(ix);
        self.finding(message).at(&element.file, self.workspace.name_span(ix), label)
    }

    /// A finding about a relation, where it is stated.
    pub fn of_relation(
        &self,
        ix: RelationIx,
        message: impl Into<String>,
        label: impl Into<Cow<'static, str>>,
    ) -> Diagnostic {
        let place = &self.workspace.model.relation(ix).place;
        self.finding(message).at(&place.path, place.span, label)
    }

    /// The id of an element in backticks.
    pub fn id(&self, ix: ElementIx) -> String {
        format!("`{}`", self.workspace.model.element(ix).id)
    }

    /// A relation in words: "`a` → `b`".
    pub fn arrow(&self, relation: &Relation) -> String {
        format!("{} → {}", self.id(relation.source), self.id(relation.target))
    }

    /// The ids of some elements, at most `limit` of them.
    pub fn ids(&self, elements: &[ElementIx], limit: usize) -> String {
        let mut named: Vec<String> = elements.iter().take(limit).map(|ix| self.id(*ix)).collect();
        if elements.len() > limit {
            named.push(format!("{} more", elements.len() - limit));
        }
        match named.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
            None => String::new(),
        }
    }
}

/// The main place of a finding moved to a span of the same file.
pub fn narrowed(mut finding: Diagnostic, span: Span) -> Diagnostic {
    if let Some(label) = &mut finding.primary {
        label.place.span = span;
    }
    finding
}
