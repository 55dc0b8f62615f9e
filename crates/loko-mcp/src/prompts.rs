//! Ready-made tasks for agents: reviewing, designing, documenting, getting to know an architecture.

use crate::answer::{self, Form, Wanted};
use crate::outline::{self, Level, Outline, outline};
use crate::problem::clip;
use crate::project::State;
use rmcp::model::{Prompt, PromptArgument};
use serde_json::{Map, Value};

/// Tokens of the architecture that a prompt brings along.
const CONTEXT_TOKENS_MAX: usize = 3000;
/// An argument is cut at this.
const ARGUMENT_BYTES_MAX: usize = 4000;

/// One prompt.
struct Template {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    /// Name, what it is, whether it must be given.
    arguments: &'static [(&'static str, &'static str, bool)],
    text: &'static str,
}

const TEMPLATES: [Template; 4] = [
    Template {
        name: "review",
        title: "Review the architecture",
        about: "Looks for what is wrong, missing or risky, of the whole or of one system.",
        arguments: &[("element", "the system or other element to review; the whole without it", false)],
        text: "Review {{what}}.\n\n\
            1. Call `validate` and read every finding; tell errors first.\n\
            2. Call `analyze_coupling` and `query` with kind `cycles` and `orphans`.\n\
            3. For the parts that many others use, call `impact`.\n\
            4. Read the decisions (`query` with kind `decisions`) and say where the model does not follow them.\n\n\
            Answer with a list, the most serious first: what, where (id or file:line), why it matters, and the operation for `propose` that would mend it. Change nothing.",
    },
    Template {
        name: "design",
        title: "Design a feature",
        about: "Works out how a feature fits into the architecture and proposes the change.",
        arguments: &[
            ("feature", "what users shall be able to do", true),
            ("element", "the system it belongs to, if that is known", false),
        ],
        text: "Design this feature into {{what}}:\n\n{{feature}}\n\n\
            1. `find` what exists already and can be used; prefer it to new parts.\n\
            2. Decide which containers and components are new, who calls whom, what waits (`sync`) and what does not (`async`, `event`).\n\
            3. Ask `check_change` for every relation that crosses a boundary.\n\
            4. `propose` all operations at once. Look at `findings_added` and `blast_radius`; improve until no finding is added.\n\
            5. Show the diff and the reasons in a few sentences, and ask before you `apply`.",
    },
    Template {
        name: "document",
        title: "Document an element",
        about: "Writes the prose of an element from what the model and its code say.",
        arguments: &[("element", "the element, by id or name", true)],
        text: "Document {{what}}.\n\n\
            1. `describe` it, and `query` its dependencies and dependents.\n\
            2. Read the code below its `code` globs, if it has any.\n\
            3. Write: what it answers for, how it works, what it needs and who needs it and why, what happens when they fail, how it is run. Plain sentences; no sentence that would be true of any other system.\n\
            4. `propose` a `document` operation with the Markdown, and an `update` when description or technology are missing. Show it before you `apply`.",
    },
    Template {
        name: "onboard",
        title: "Get to know the architecture",
        about: "Explains the architecture to somebody new.",
        arguments: &[("role", "who asks: developer, operator, product manager …", false)],
        text: "Explain this architecture to a new {{role}}.\n\n\
            1. `describe` at level `summary`, then `structure`; `render` the landscape as text.\n\
            2. Follow one important story from its person to its database with `query` of kind `path`.\n\
            3. Read the decisions.\n\n\
            Answer in one page: what it is for, its systems and who owns them, the story step by step with ids, the three decisions one must know, what to read next. Ask what they want to know more of.",
    },
];

/// All prompts.
pub(crate) fn list() -> Vec<Prompt> {
    let one = |template: &Template| {
        let arguments = template
            .arguments
            .iter()
            .map(|(name, about, required)| PromptArgument::new(*name).with_description(*about).with_required(*required))
            .collect();
        Prompt::new(template.name, Some(template.about), Some(arguments)).with_title(template.title)
    };
    TEMPLATES.iter().map(one).collect()
}

/// A prompt filled in: what it is for, and its text. The error says what is missing.
pub(crate) fn get(state: &State, name: &str, arguments: &Map<String, Value>) -> Result<(String, String), String> {
    let Some(template) = TEMPLATES.iter().find(|template| template.name == name) else {
        let known: Vec<&str> = TEMPLATES.iter().map(|template| template.name).collect();
        return Err(format!("there is no prompt `{}`; there are `{}`", clip(name, 80), known.join("`, `")));
    };
    let given = |name: &str| {
        let text = arguments.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        text.map(|text| clip(text, ARGUMENT_BYTES_MAX))
    };
    if let Some((missing, about, _)) =
        template.arguments.iter().find(|(name, _, required)| *required && given(name).is_none())
    {
        return Err(format!("the prompt `{name}` needs `{missing}`: {about}"));
    }
    let only = match given("element") {
        Some(written) => Some(crate::shapes::element(state, &written).map_err(|problem| problem.text())?),
        None => None,
    };
    let what =
        only.map_or_else(|| "the whole architecture".to_owned(), |ix| format!("`{}`", state.model().element(ix).id));
    let text = template
        .text
        .replace("{{what}}", &what)
        .replace("{{role}}", &given("role").unwrap_or_else(|| "developer".to_owned()))
        .replace("{{feature}}", &given("feature").unwrap_or_default());
    let wish = Outline {
        level: if only.is_some() { Level::Full } else { Level::Structure },
        only,
        with_relations: only.is_some(),
        with_views: false,
        select: None,
        rows_max: usize::MAX,
    };
    let wanted = Wanted { form: Form::Markdown, tokens_max: CONTEXT_TOKENS_MAX, is_asked: true };
    let context =
        answer::write(outline(state, &wish), wanted, answer::Omitted::new(), |told| Some(outline::text(told))).text;
    Ok((template.about.to_owned(), format!("{text}\n\nWhat the model says now:\n\n{context}")))
}
