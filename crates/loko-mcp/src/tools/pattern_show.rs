//! `pattern_show`: what a pattern is, who plays in it, what it asks for.

use crate::problem::Problem;
use crate::tool::{Call, Effect, Tool};
use loko_patterns::{Catalogue, Pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The pattern, by id or name; `pattern_suggest` names those that fit.
    pattern: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    id: String,
    name: String,
    category: String,
    version: String,
    /// What it is, one sentence.
    says: String,
    use_when: Vec<String>,
    avoid_when: Vec<String>,
    /// Who plays in it: the keys of `bind` of `pattern_apply`.
    roles: Vec<RoleRow>,
    /// The keys of `params` of `pattern_apply`.
    params: Vec<ParamRow>,
    /// What has to hold where it is used.
    obligations: Vec<Obligation>,
    related: Vec<String>,
    competing: Vec<String>,
    /// Findings that it mends, by code.
    mends: Vec<String>,
    /// More about it, Markdown.
    about: String,
}

#[derive(Serialize, JsonSchema)]
struct RoleRow {
    name: String,
    /// What is made when nobody is bound: `person`, `system`, `external`, `container` or `component`.
    kind: String,
    /// Whether nothing is made when nobody is bound.
    optional: bool,
    says: String,
    /// What its page has to say.
    document: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct ParamRow {
    name: String,
    /// Its default, as it is written.
    default: String,
    takes: String,
    says: String,
}

#[derive(Serialize, JsonSchema)]
struct Obligation {
    /// The code of its findings.
    code: String,
    says: String,
}

impl Tool for This {
    const NAME: &'static str = "pattern_show";
    const TITLE: &'static str = "Show a pattern";
    const ABOUT: &'static str = "What an architecture pattern is, when to use it and when not, its roles and parameters (what `pattern_apply` takes), and the obligations that are checked where it is used.";
    const EFFECT: Effect = Effect::Read;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let (catalogue, _) = Catalogue::of(&state.snapshot);
        let pattern = catalogue.find(&input.pattern).map_err(|finding| Problem::found(&[finding], &state.snapshot))?;
        Ok(output(pattern))
    }
}

fn output(pattern: &Pattern) -> Output {
    let roles = pattern.roles.iter().map(|(name, role)| RoleRow {
        name: name.clone(),
        kind: role.kind.name().to_owned(),
        optional: role.is_optional,
        says: if role.says.is_empty() { role.description.clone() } else { role.says.clone() },
        document: role.document.iter().map(|point| pattern.in_words(point)).collect(),
    });
    let params = pattern.params.iter().map(|(name, param)| ParamRow {
        name: name.clone(),
        default: match param.default.as_list() {
            Some(items) => items.iter().filter_map(loko_model::Value::scalar_text).collect::<Vec<_>>().join(","),
            None => param.default.scalar_text().unwrap_or_default(),
        },
        takes: param.kind.expected(),
        says: param.says.clone(),
    });
    let musts = pattern.musts.iter().map(|must| Obligation { code: pattern.code(must), says: pattern.in_words(&must.says) });
    Output {
        id: pattern.id.clone(),
        name: pattern.name.clone(),
        category: pattern.category.clone(),
        version: pattern.version.clone(),
        says: pattern.says.clone(),
        use_when: pattern.use_when.clone(),
        avoid_when: pattern.avoid_when.clone(),
        roles: roles.collect(),
        params: params.collect(),
        obligations: musts.collect(),
        related: pattern.related.clone(),
        competing: pattern.competing.clone(),
        mends: pattern.mends.clone(),
        about: pattern.about.trim().to_owned(),
    }
}
