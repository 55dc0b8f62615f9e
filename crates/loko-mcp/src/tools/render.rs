//! `render`: a view as a picture or in letters.

use crate::problem::{Problem, clip};
use crate::shapes::{element, given};
use crate::tool::{Attachment, Call, Effect, Tool};
use base64::Engine as _;
use loko_model::view::{self, View};
use loko_model::Model;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Pixels a unit of the drawing.
const SCALE: f64 = 2.0;

pub(crate) struct This;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The key of a view, such as `landscape`, `context/shop`, `containers/shop`, `components/shop/api`.
    #[serde(default)]
    view: Option<String>,
    /// An element, by id or name: the view that shows most of it.
    #[serde(default)]
    element: Option<String>,
    /// `text` (default): in letters, which a model can read; `png`: a picture; `svg`: the source of a picture.
    #[serde(default)]
    format: Option<Shape>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Shape {
    Text,
    Png,
    Svg,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    view: String,
    title: String,
    /// `automatic`, or the D2 file that it is drawn from.
    source: String,
    shape: Shape,
    /// The drawing in letters, or the SVG.
    #[serde(skip_serializing_if = "String::is_empty")]
    picture: String,
    /// Where the same picture can be read as a resource.
    uri: String,
    /// The size of the PNG, which is the second part of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<usize>,
    #[serde(skip_serializing_if = "String::is_empty")]
    png: String,
}

impl Tool for This {
    const NAME: &'static str = "render";
    const TITLE: &'static str = "Draw a view";
    const ABOUT: &'static str = "Draws a view (landscape, context, containers, components, deployment, dynamic) in letters, as PNG or as SVG. Without `view` or `element`: the landscape.";
    const EFFECT: Effect = Effect::Read;
    const OWN_FORMAT: bool = true;
    type Input = Input;
    type Output = Output;

    fn run(call: &Call<'_>, input: Input) -> Result<Output, Problem> {
        let state = call.state()?;
        let model = state.model();
        let view = match (given(input.view), given(input.element)) {
            (Some(key), _) => by_key(model, key.trim())?,
            (None, Some(name)) => of_element(model, element(&state, &name)?),
            (None, None) => by_key(model, "landscape")?,
        };
        let shape = input.format.unwrap_or(Shape::Text);
        let mut output = Output {
            uri: format!("loko://views/{}.{}", view.key, match shape { Shape::Text => "txt", Shape::Png => "png", Shape::Svg => "svg" }),
            view: view.key.clone(),
            title: view.title.clone(),
            source: match &view.source {
                view::ViewSource::Automatic => "automatic".to_owned(),
                view::ViewSource::D2(path) => path.to_string(),
            },
            shape,
            picture: String::new(),
            bytes: None,
            png: String::new(),
        };
        match shape {
            Shape::Text => output.picture = state.pictures.text(model, &state.snapshot, &view).to_string(),
            Shape::Svg => output.picture = state.pictures.svg(model, &state.snapshot, &view).to_string(),
            Shape::Png => {
                let png = state.png(&view, SCALE)
                    .map_err(|error| Problem::new(format!("`{}` cannot be drawn as PNG: {error}", view.key)).help("ask for `svg`"))?;
                output.bytes = Some(png.len());
                output.png = base64::engine::general_purpose::STANDARD.encode(png);
            }
        }
        let tokens = crate::tokens::count(&output.picture);
        if tokens + 200 > call.wanted.tokens_max {
            // Part of a picture is no picture.
            output.picture = String::new();
            return Err(Problem::new(format!("this picture of `{}` has {tokens} tokens, more than `max_tokens` allows", output.view))
                .help(format!("raise `max_tokens`, draw a smaller view, ask for `png`, or read the resource `{}`", output.uri)));
        }
        Ok(output)
    }

    fn own_text(answer: &Value) -> Option<String> {
        let picture = answer["picture"].as_str().unwrap_or("");
        Some(if picture.is_empty() { format!("{} ({})", answer["title"].as_str().unwrap_or(""), answer["uri"].as_str().unwrap_or("")) } else { picture.to_owned() })
    }

    fn attachments(answer: &mut Value) -> Vec<Attachment> {
        let Some(fields) = answer.as_object_mut() else { return Vec::new() };
        match fields.remove("png") {
            Some(Value::String(data)) => vec![Attachment { media_type: "image/png", data }],
            _ => Vec::new(),
        }
    }
}

/// The view of a key.
pub(crate) fn by_key(model: &Model, key: &str) -> Result<View, Problem> {
    if let Some(view) = view::by_key(model, key) {
        return Ok(view);
    }
    // Every element can be seen among its neighbours.
    if let Some(ix) = key.strip_prefix("context/").and_then(|id| model.find(id)) {
        return Ok(view::surroundings(model, ix));
    }
    let views = view::views(model);
    let known = views.iter().map(|view| view.key.as_str());
    let hint = loko_source::suggest::did_you_mean(key, known);
    let problem = Problem::new(format!("there is no view `{}`", clip(key, 120)));
    Err(problem.help(hint.unwrap_or_else(|| "`describe` with `views: true` names all".to_owned())))
}

/// The view that shows most of an element.
fn of_element(model: &Model, ix: loko_model::ElementIx) -> View {
    view::with_scope(model, ix).last().unwrap_or_else(|| view::surroundings(model, ix))
}
