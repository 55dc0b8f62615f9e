//! What a tool is: a name, typed input and output, what it may do, and one function.
//!
//! Parameters that many tools share (`project_root`, `max_tokens`, `format`) are taken here and handled once.

use crate::answer::{self, Form, Omitted, Wanted};
use crate::problem::{Problem, clip};
use crate::project::{Project, State};
use crate::server::Hub;
use rmcp::model::{Tool as Description, ToolAnnotations};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// A text in the arguments longer than this is refused.
pub const STRING_BYTES_MAX: usize = 1024 * 1024;
/// A list in the arguments longer than this is refused.
pub const ITEMS_MAX: usize = 10_000;

/// What a tool does to the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing.
    Read,
    /// Adds; doing it twice is doing it once.
    Add,
    /// Replaces or takes away; doing it twice is doing it once.
    Change,
    /// Replaces or takes away, each time anew.
    Repeat,
}

/// One tool.
pub(crate) trait Tool {
    /// The name.
    const NAME: &'static str;
    /// The name for people.
    const TITLE: &'static str;
    /// What it is for, for agents that choose.
    const ABOUT: &'static str;
    /// What it does to the workspace.
    const EFFECT: Effect;
    /// Whether it speaks of a workspace; `project_root` is a parameter then.
    const OF_PROJECT: bool = true;
    /// The limit of an answer whose caller sets none.
    const TOKENS: usize = answer::TOKENS_DEFAULT;
    /// Whether `format` is a parameter of its own.
    const OWN_FORMAT: bool = false;
    /// What it takes.
    type Input: DeserializeOwned + JsonSchema;
    /// What it gives.
    type Output: Serialize + JsonSchema;

    /// Does it.
    fn run(call: &Call<'_>, input: Self::Input) -> Result<Self::Output, Problem>;

    /// The answer as text for people, where a general form would not do.
    fn text(_answer: &Value) -> Option<String> {
        None
    }

    /// The answer's text in a form of the tool's own, chosen by its arguments.
    fn own_text(_answer: &Value) -> Option<String> {
        None
    }

    /// Pictures and the like that go with the answer, taken out of it.
    fn attachments(_answer: &mut Value) -> Vec<Attachment> {
        Vec::new()
    }
}

/// Something besides text.
#[derive(Clone, Debug)]
pub(crate) struct Attachment {
    pub(crate) media_type: &'static str,
    /// Base64.
    pub(crate) data: String,
}

/// One call.
pub(crate) struct Call<'a> {
    pub(crate) hub: &'a Hub,
    pub(crate) project: Arc<Project>,
    /// What the caller wants of the answer.
    pub(crate) wanted: Wanted,
    tokens_max: Cell<usize>,
    omitted: RefCell<Omitted>,
    /// Whether the caller no longer wants the answer.
    pub(crate) is_cancelled: &'a (dyn Fn() -> bool + Sync),
    /// Tells how far a long call is: done, of how many, what.
    pub(crate) progress: &'a (dyn Fn(usize, usize, &str) + Sync),
}

impl Call<'_> {
    /// The workspace as it is now.
    pub(crate) fn state(&self) -> Result<Arc<State>, Problem> {
        self.project.state()
    }

    /// Sets the limit of an answer whose caller set none.
    pub(crate) fn limit(&self, tokens_max: usize) {
        self.tokens_max.set(tokens_max);
    }

    /// How many rows of a table can be told at most. A tool makes no more of them, and says with [`Call::leave_out`] how
    /// many more there are.
    pub(crate) fn rows_max(&self) -> usize {
        /// No row of several texts is shorter in any form.
        const ROW_TOKENS_MIN: usize = 3;
        self.tokens_max.get() / ROW_TOKENS_MIN
    }

    /// Makes as many rows of a list as could possibly be told, and says how many of `total` were not made. What does not
    /// fit of them is left out when the answer is written.
    pub(crate) fn rows<T: Serialize>(&self, list: &str, total: usize, rows: impl Iterator<Item = T>) -> Vec<T> {
        /// So many bytes tell how many tokens the rest has.
        const BEGINNING_BYTES: usize = 4_096;
        let mut beginning = String::new();
        let mut bytes = 0;
        let mut bytes_max = usize::MAX;
        let mut made = Vec::new();
        for row in rows.take(self.rows_max()) {
            if bytes_max == usize::MAX {
                beginning.push_str(&serde_json::to_string(&row).expect("rows are types of our own, which serialise"));
                beginning.push(',');
                bytes = beginning.len();
                if bytes > BEGINNING_BYTES {
                    bytes_max = self.wanted.form.json_bytes_max(&beginning, self.tokens_max.get());
                }
            } else {
                bytes += answer::length(&row) + 1;
            }
            made.push(row);
            if bytes > bytes_max {
                break;
            }
        }
        self.leave_out(list, total.saturating_sub(made.len()));
        made
    }

    /// Says that a list of the answer has so many more items.
    pub(crate) fn leave_out(&self, list: &str, count: usize) {
        if count > 0 {
            self.omitted.borrow_mut().insert(list.to_owned(), json!(count));
        }
    }

    /// Ends a call that nobody waits for.
    pub(crate) fn go_on(&self) -> Result<(), Problem> {
        if (self.is_cancelled)() { Err(Problem::new("cancelled")) } else { Ok(()) }
    }
}

/// What a run of any tool gives, before it is fitted and written.
pub(crate) struct Done {
    pub(crate) answer: Value,
    pub(crate) wanted: Wanted,
    /// What the tool left out.
    pub(crate) omitted: Omitted,
    pub(crate) text: fn(&Value) -> Option<String>,
    pub(crate) own_text: fn(&Value) -> Option<String>,
    pub(crate) attachments: Vec<Attachment>,
}

/// What a tool does with its arguments.
pub(crate) type Run = fn(&Hub, Map<String, Value>, &Tools<'_>) -> Result<Done, Problem>;

/// A tool in the list.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) effect: Effect,
    pub(crate) description: Description,
    pub(crate) run: Run,
}

/// What a call can ask of its surroundings.
pub(crate) struct Tools<'a> {
    pub(crate) is_cancelled: &'a (dyn Fn() -> bool + Sync),
    pub(crate) progress: &'a (dyn Fn(usize, usize, &str) + Sync),
}

impl Entry {
    pub(crate) fn of<T: Tool>() -> Self {
        let annotations = ToolAnnotations::with_title(T::TITLE)
            .read_only(T::EFFECT == Effect::Read)
            .destructive(matches!(T::EFFECT, Effect::Change | Effect::Repeat))
            .idempotent(T::EFFECT != Effect::Repeat)
            .open_world(false);
        let description = Description::new(T::NAME, T::ABOUT, Arc::new(input_schema::<T>()))
            .with_title(T::TITLE)
            .with_raw_output_schema(Arc::new(output_schema::<T>()))
            .with_annotations(annotations);
        Self { name: T::NAME, effect: T::EFFECT, description, run: run::<T> }
    }
}

fn run<T: Tool>(hub: &Hub, mut arguments: Map<String, Value>, tools: &Tools<'_>) -> Result<Done, Problem> {
    for (name, value) in &arguments {
        check_size(name, value)?;
    }
    let root = if T::OF_PROJECT { take_text(&mut arguments, "project_root")? } else { None };
    let wanted = wanted::<T>(&mut arguments)?;
    let project = hub.project(root.as_deref())?;
    let input: T::Input = serde_path_to_error::deserialize(Value::Object(arguments))
        .map_err(|error| misfit::<T>(&error.path().to_string(), &error.inner().to_string()))?;
    let call = Call {
        hub,
        project,
        wanted,
        tokens_max: Cell::new(wanted.tokens_max),
        omitted: RefCell::default(),
        is_cancelled: tools.is_cancelled,
        progress: tools.progress,
    };
    let output = T::run(&call, input)?;
    let wanted = Wanted { tokens_max: call.tokens_max.get(), ..wanted };
    let mut answer = serde_json::to_value(output).expect("our own types have text keys and do not fail to serialise");
    let attachments = T::attachments(&mut answer);
    let omitted = call.omitted.into_inner();
    Ok(Done { answer, wanted, omitted, text: T::text, own_text: T::own_text, attachments })
}

/// Takes the parameters of reading off the arguments.
fn wanted<T: Tool>(arguments: &mut Map<String, Value>) -> Result<Wanted, Problem> {
    if T::EFFECT != Effect::Read {
        return Ok(Wanted::default());
    }
    let mut wanted = Wanted { tokens_max: T::TOKENS, ..Wanted::default() };
    match arguments.remove("max_tokens") {
        None | Some(Value::Null) => {}
        Some(value) => {
            let number = value
                .as_u64()
                .or_else(|| value.as_f64().filter(|it| it.fract() == 0.0 && *it > 0.0).map(|it| it as u64));
            let number = number.ok_or_else(|| {
                Problem::new(format!("`max_tokens` is {}, which is no whole number", clip(&value.to_string(), 40)))
                    .help("give a number such as 2000, or leave it out")
            })?;
            wanted.tokens_max = Wanted::check(number as usize)?;
            wanted.is_asked = true;
        }
    }
    if !T::OWN_FORMAT
        && let Some(name) = take_text(arguments, "format")?
    {
        wanted.form = Form::from_name(&name)?;
    }
    Ok(wanted)
}

fn take_text(arguments: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Problem> {
    match arguments.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
        Some(other) => Err(Problem::new(format!("`{name}` is {}, which is no text", clip(&other.to_string(), 40)))
            .help(format!("give `{name}` as a string, or leave it out"))),
    }
}

fn check_size(name: &str, value: &Value) -> Result<(), Problem> {
    match value {
        Value::String(text) if text.len() > STRING_BYTES_MAX => {
            let message = format!("a text in `{name}` has {} bytes, at most {STRING_BYTES_MAX} are taken", text.len());
            Err(Problem::new(message).help("send less, or several calls"))
        }
        Value::Array(items) if items.len() > ITEMS_MAX => {
            let message = format!("`{name}` has {} items, at most {ITEMS_MAX} are taken", items.len());
            Err(Problem::new(message).help("send several calls"))
        }
        Value::Array(items) => items.iter().try_for_each(|item| check_size(name, item)),
        Value::Object(fields) => fields.iter().try_for_each(|(_, item)| check_size(name, item)),
        _ => Ok(()),
    }
}

/// Arguments that do not fit the schema: what does not, and what would.
fn misfit<T: Tool>(path: &str, reason: &str) -> Problem {
    let schema = input_schema::<T>();
    let known: Vec<&str> = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::keys)
        .map(String::as_str)
        .collect();
    let place = if path.is_empty() || path == "." { String::new() } else { format!("`{}`: ", clip(path, 80)) };
    let reason = clip(reason, 400);
    let problem = Problem::new(format!("`{}` cannot take these arguments: {place}{reason}", T::NAME));
    if let Some(unknown) = reason.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next()) {
        let hint = loko_source::suggest::did_you_mean(unknown, known.iter().copied()).unwrap_or_default();
        return problem.help(format!("{hint} the parameters are `{}`", known.join("`, `")).trim().to_owned());
    }
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if required.is_empty() {
        return problem.help(format!("the parameters are `{}`", known.join("`, `")));
    }
    problem.help(format!("required: `{}`; all parameters: `{}`", required.join("`, `"), known.join("`, `")))
}

fn schema_of<S: JsonSchema>(is_input: bool) -> Map<String, Value> {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.contract =
            if is_input { schemars::generate::Contract::Deserialize } else { schemars::generate::Contract::Serialize };
    });
    let mut schema = settings.into_generator().into_root_schema_for::<S>();
    schema.remove("title");
    let mut schema = schema.to_value();
    without_number_formats(&mut schema);
    match schema {
        Value::Object(mut fields) => {
            fields.remove("description");
            fields.insert("type".to_owned(), json!("object"));
            fields.entry("properties").or_insert_with(|| json!({}));
            fields
        }
        _ => Map::new(),
    }
}

/// Takes `"format": "uint"` and the like away: they are Rust's own, and validators warn about them.
fn without_number_formats(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let is_number =
                |format: &str| ["uint", "int", "float", "double"].iter().any(|word| format.starts_with(word));
            if fields.get("format").and_then(Value::as_str).is_some_and(is_number) {
                fields.shift_remove("format");
            }
            fields.values_mut().for_each(without_number_formats);
        }
        Value::Array(items) => items.iter_mut().for_each(without_number_formats),
        _ => {}
    }
}

fn input_schema<T: Tool>() -> Map<String, Value> {
    let mut schema = schema_of::<T::Input>(true);
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return schema };
    if T::EFFECT == Effect::Read {
        if !T::OWN_FORMAT {
            properties.insert(
                "format".to_owned(),
                json!({
                    "type": "string", "enum": Form::NAMES,
                    "description": "How to write the answer: `json` (default), `toon` (fewest tokens), `markdown`",
                }),
            );
        }
        properties.insert(
            "max_tokens".to_owned(),
            json!({
                "type": "integer", "minimum": crate::answer::TOKENS_MIN,
                "description": "The answer has no more tokens than this (o200k); what is left out is told",
            }),
        );
    }
    if T::OF_PROJECT {
        properties.insert(
            "project_root".to_owned(),
            json!({
                "type": "string",
                "description": "A folder inside the served workspace; by default the workspace itself",
            }),
        );
    }
    schema
}

fn output_schema<T: Tool>() -> Map<String, Value> {
    let mut schema = schema_of::<T::Output>(false);
    if T::EFFECT == Effect::Read {
        // In another form than JSON the answer is one text.
        schema.remove("required");
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            let more = [
                (
                    "omitted",
                    json!({ "type": "object", "description": "How many items were left out of each list, to keep `max_tokens`" }),
                ),
                ("more", json!({ "type": "string", "description": "How to ask for what was left out" })),
                (
                    "text",
                    json!({ "type": "string", "description": "The answer, when another form than JSON was asked for" }),
                ),
                ("format", json!({ "type": "string" })),
            ];
            for (name, shape) in more {
                properties.entry(name).or_insert(shape);
            }
        }
    }
    schema
}
