//! `validate_diagram`: checks D2 source without writing it.

use crate::problem::Problem;
use crate::tool::{Call, Effect, Tool};
use loko_source::FilePath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

/// People take in five to seven boxes at a glance; twice that is worth a word.
const OBJECTS_MANY: usize = 15;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The diagram in D2.
    #[serde(alias = "content")]
    d2_source: String,
    /// What it is a diagram of: `system`, `container` or `component`.
    #[serde(default)]
    level: Option<DiagramLevel>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum DiagramLevel {
    System,
    Container,
    Component,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    valid: bool,
    /// `line:column` and what is wrong there.
    errors: Vec<String>,
    warnings: Vec<String>,
    suggestions: Vec<String>,
    syntax_valid: bool,
    /// Always true: D2 is built in.
    d2_available: bool,
    objects: usize,
    edges: usize,
}

impl Tool for This {
    const NAME: &'static str = "validate_diagram";
    const TITLE: &'static str = "Check a diagram";
    const ABOUT: &'static str = "Checks D2 source: errors with line and column, and advice on how to make it easier to read. Nothing is written.";
    const EFFECT: Effect = Effect::Read;
    const OF_PROJECT: bool = false;
    type Input = Input;
    type Output = Output;

    fn run(_call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let path = FilePath::new("diagram.d2").expect("a plain name");
        let compiled = loko_d2::compile(&input.d2_source, &path, &loko_d2::NoImports);
        let board = &compiled.diagram.root;
        let errors = compiled.error_lines();
        let mut suggestions = Vec::new();
        let least = if input.level == Some(DiagramLevel::Component) { 1 } else { 2 };
        if errors.is_empty() && board.objects.len() < least {
            suggestions.push(format!("there are {} boxes; a diagram of this level shows at least {least}", board.objects.len()));
        }
        if board.objects.len() > OBJECTS_MANY {
            suggestions.push(format!("{} boxes are many; split it by concern, or let loko draw the view", board.objects.len()));
        }
        let bare = board.edges.iter().filter(|edge| edge.label.text.trim().is_empty()).count();
        if bare > 0 {
            suggestions.push(format!("{bare} arrows have no label; say what the one wants of the other"));
        }
        Ok(Output {
            valid: compiled.is_valid(),
            syntax_valid: compiled.is_valid(),
            warnings: Vec::new(),
            errors,
            suggestions,
            d2_available: true,
            objects: board.objects.len(),
            edges: board.edges.len(),
        })
    }
}
