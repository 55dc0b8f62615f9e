//! `new`: a new person, system, external system, container or component.

use super::draft::Draft;
use super::prose::{self, Template};
use super::{Plan, Refusal, find, references, yaml};
use crate::project::PROJECT_FILE;
use crate::{Element, ElementIx, ElementShape, Kind, Loaded, Model, name};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Snapshot};
use std::sync::Arc;

/// What can be made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NewKind {
    /// A person or role.
    Person,
    /// A software system.
    #[default]
    System,
    /// A software system of somebody else.
    External,
    /// A deployable unit of a system.
    Container,
    /// A part of a container.
    Component,
}

impl NewKind {
    /// All of them with the words of the command line.
    pub const ALL: [(&'static str, NewKind); 5] = [
        ("system", Self::System),
        ("container", Self::Container),
        ("component", Self::Component),
        ("person", Self::Person),
        ("external", Self::External),
    ];

    /// The kind of element.
    pub fn kind(self) -> Kind {
        match self {
            Self::Person => Kind::Person,
            Self::System | Self::External => Kind::System,
            Self::Container => Kind::Container,
            Self::Component => Kind::Component,
        }
    }

    /// The kind as a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::External => "external",
            other => other.kind().name(),
        }
    }

    /// With its article, for sentences.
    fn phrase(self) -> &'static str {
        match self {
            Self::Person => "a person",
            Self::System => "a system",
            Self::External => "an external system",
            Self::Container => "a container",
            Self::Component => "a component",
        }
    }

    /// The kind that it stands in.
    fn parent(self) -> Option<Kind> {
        match self {
            Self::Person | Self::System | Self::External => None,
            Self::Container => Some(Kind::System),
            Self::Component => Some(Kind::Container),
        }
    }
}

/// The wish for a new element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct New {
    /// What it is.
    pub kind: NewKind,
    /// The name for people.
    pub name: String,
    /// Its id part, when not the slug of the name.
    pub id: Option<String>,
    /// The element it becomes part of, by id, name or `System/Container`.
    pub parent: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// What it is made with.
    pub technology: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The role that shows in its drawn shape.
    pub shape: Option<String>,
    /// The prose to start with, see [`Template::ELEMENT`]; by default what the technology speaks for.
    pub template: Option<String>,
    /// Prose of the team's own to start with instead; `{{name}}`, `{{description}}`, `{{technology}}`, `{{owner}}` and
    /// `{{parent}}` in it stand for what the wish says.
    pub body: Option<String>,
}

/// Makes an element.
pub fn new(snapshot: &Snapshot, loaded: &Loaded, wish: &New) -> Result<Plan, Refusal> {
    let model = &loaded.model;
    find::check_name(&wish.name)?;
    let template = template(wish)?;
    let shape = shape(wish)?;
    let parent = parent(model, wish)?;
    let key = match &wish.id {
        Some(id) => find::key_asked(id, wish.kind.name())?,
        None => find::key_for(&wish.name, wish.kind.name())?,
    };
    let (id, folder) = match parent {
        Some(ix) => (find::join(&model.element(ix).id, &key), find::join(model.element(ix).folder(), &key)),
        None => (key.clone(), find::join(&find::source_folder(model), &key)),
    };
    if let Some(found) = standing(model, parent, &id, &key, wish) {
        return existing(model, found, wish);
    }
    let file = file_of(&folder, wish.kind.name())?;
    vacant(snapshot, &folder)?;
    let body = match &wish.body {
        Some(body) => filled_in(body, model, wish, parent, &key),
        None => prose::body(wish.kind.kind(), wish.kind == NewKind::External, template, &project_template(snapshot)),
    };
    let text = format!("{}\n{body}", front_matter(wish, shape));
    let mut draft = Draft::new(snapshot);
    draft.create(file.clone(), text);
    let after = with_element(model, wish, parent, &id, &file);
    let places = references::follow(&mut draft, snapshot, loaded, &after)?;
    let mut summary = vec![format!("creates {} `{id}` in {file}", wish.kind.phrase())];
    if places > 0 {
        let names = if places == 1 { "name" } else { "names" };
        summary.push(format!("writes out {places} short {names} that would no longer be clear"));
    }
    Ok(Plan { changes: draft.finish()?, summary, created: vec![id], affected: Vec::new() })
}

/// A template with what is known of the element. Front matter of the template is left out: the element has its own.
/// `{{Description}}`, `{{ContainerName}}` and the like are how the Go loko's templates say it; what is not known stays.
fn filled_in(template: &str, model: &Model, wish: &New, parent: Option<ElementIx>, key: &str) -> String {
    let text = template.replace("\r\n", "\n");
    let body = &text[crate::load::front::split(&text).body.range()];
    let mut values: Vec<(String, &str)> = vec![("name".to_owned(), &wish.name)];
    for (name, value) in [("description", &wish.description), ("technology", &wish.technology), ("owner", &wish.owner)]
    {
        let value = value.as_deref().unwrap_or("");
        values.push((name.to_owned(), value));
        values.push((capitalised(name), value));
    }
    values.push(("parent".to_owned(), parent.map_or("", |ix| model.element(ix).name.as_str())));
    values.push((format!("{}Name", capitalised(wish.kind.kind().name())), &wish.name));
    values.push((format!("{}ID", capitalised(wish.kind.kind().name())), key));
    let around = std::iter::successors(parent, |ix| model.element(*ix).parent);
    for element in around.map(|ix| model.element(ix)) {
        values.push((format!("{}Name", capitalised(element.kind.name())), &element.name));
        values.push((format!("{}ID", capitalised(element.kind.name())), element.key()));
    }
    let fill = |text: String, (name, value): &(String, &str)| text.replace(&format!("{{{{{name}}}}}"), value);
    let filled = values.iter().fold(body.trim_start_matches('\n').to_owned(), fill);
    if filled.is_empty() || filled.ends_with('\n') { filled } else { filled + "\n" }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The model with one more element at its end.
fn with_element(model: &Model, wish: &New, parent: Option<ElementIx>, id: &str, file: &FilePath) -> Model {
    let mut after = model.clone();
    let mut element = Element::bare(wish.kind.kind(), file.clone());
    element.id = id.into();
    element.name.clone_from(&wish.name);
    element.parent = parent;
    element.external = wish.kind == NewKind::External;
    after.elements.push(Arc::new(element));
    after.reindex();
    after
}

/// The element that the wish would make, if it stands there already: by id, or by name beside the same siblings.
fn standing(model: &Model, parent: Option<ElementIx>, id: &str, key: &str, wish: &New) -> Option<ElementIx> {
    model.find(id).or_else(|| {
        let same_name =
            |ix: &ElementIx| wish.id.is_none() && name::slug(&model.element(*ix).name) == name::slug(&wish.name);
        let same_folder = |ix: &ElementIx| model.element(*ix).folder().rsplit('/').next() == Some(key);
        match parent {
            Some(parent) => model.children(parent).iter().copied().find(|ix| same_name(ix) || same_folder(ix)),
            None => model.ids().find(|ix| model.element(*ix).parent.is_none() && (same_name(ix) || same_folder(ix))),
        }
    })
}

/// An element stands where the new one would: fine when nothing of the wish is missing in it.
fn existing(model: &Model, found: ElementIx, wish: &New) -> Result<Plan, Refusal> {
    let element = model.element(found);
    let is_external = wish.kind == NewKind::External;
    let mut differences = Vec::new();
    let mut flags = Vec::new();
    if element.kind != wish.kind.kind() || (is_external && !element.external) {
        let article = if element.type_name().starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
        differences.push(format!("it is {article} {}", element.type_name().to_lowercase()));
    }
    let is_called_so = element.name == wish.name || (wish.id.is_none() && element.key() == wish.name);
    if !is_called_so {
        differences.push(format!("its name is `{}`", element.name));
    }
    let mut compare = |what: &str, wished: Option<&str>, found: &str| {
        if let Some(wished) = wished.filter(|wished| *wished != found) {
            differences.push(if found.is_empty() {
                format!("it has no {what}")
            } else {
                format!("its {what} is `{found}`")
            });
            flags.push(format!("--{what} {}", shell_word(wished)));
        }
    };
    compare("description", wish.description.as_deref(), &element.description);
    compare("technology", wish.technology.as_deref(), &element.technology);
    compare("owner", wish.owner.as_deref(), element.owner.as_deref().unwrap_or(""));
    compare("shape", wish.shape.as_deref(), element.shape.map_or("", ElementShape::name));
    let missing: Vec<&str> =
        wish.tags.iter().map(String::as_str).filter(|tag| !element.tags.iter().any(|known| known == tag)).collect();
    if !missing.is_empty() {
        differences.push(format!("it has no tag `{}`", missing.join("`, `")));
        flags.extend(missing.iter().map(|tag| format!("--tag {}", shell_word(tag))));
    }
    if differences.is_empty() {
        return Ok(Plan::nothing(format!("`{}` exists already, as wished", element.id)));
    }
    let mut diagnostic = Diagnostic::error("exists", format!("`{}` exists already and differs", element.id)).at(
        &element.file,
        element.name_span,
        "stands here",
    );
    for difference in differences {
        diagnostic = diagnostic.note(difference);
    }
    let help = if element.kind != wish.kind.kind() || flags.is_empty() {
        "choose another name, or give an id with `--id`".to_owned()
    } else if !is_called_so {
        format!("to change it: loko rename {} {}, then loko update", element.id, shell_word(&wish.name))
    } else {
        format!("to change it: loko update {} {}", element.id, flags.join(" "))
    };
    Err(Refusal::exists(diagnostic.help(help)))
}

/// A value as one would type it in a shell.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn template(wish: &New) -> Result<Template, Refusal> {
    let named = wish.template.as_deref().map(Template::for_element).transpose()?.flatten();
    Ok(named.unwrap_or_else(|| Template::of_technology(wish.technology.as_deref().unwrap_or(""))))
}

fn shape(wish: &New) -> Result<Option<ElementShape>, Refusal> {
    let Some(written) = wish.shape.as_deref() else { return Ok(None) };
    let known: Vec<&str> = ElementShape::ALL.iter().map(|(name, _)| *name).collect();
    ElementShape::from_name(written).map(Some).ok_or_else(|| {
        let mut diagnostic = Diagnostic::error("unknown-shape", format!("there is no shape `{written}`"))
            .note(format!("the shapes are `{}`", known.join("`, `")));
        diagnostic.help = did_you_mean(written, known.iter().copied());
        Refusal::not_found(diagnostic)
    })
}

/// The element that the new one becomes part of.
fn parent(model: &Model, wish: &New) -> Result<Option<ElementIx>, Refusal> {
    match (wish.kind.parent(), wish.parent.as_deref()) {
        (None, None) => Ok(None),
        (None, Some(_)) => {
            let message = format!("{} stands in no other element", wish.kind.phrase());
            Err(Refusal::invalid(Diagnostic::error("wrong-parent", message).help("leave `--parent` out")))
        }
        (Some(kind), None) => {
            let message = format!("{} stands in a {}, and none is given", wish.kind.phrase(), kind.name());
            Err(Refusal::invalid(Diagnostic::error("wrong-parent", message).help(parents_help(model, kind))))
        }
        (Some(kind), Some(written)) => parent_of_kind(model, wish.kind, kind, written).map(Some),
    }
}

/// The parent of a name, held to its kind.
pub(super) fn parent_of_kind(model: &Model, child: NewKind, kind: Kind, written: &str) -> Result<ElementIx, Refusal> {
    let ix = find::element_of(model, written, &[kind])?;
    let parent = model.element(ix);
    if parent.kind == kind {
        return Ok(ix);
    }
    let message =
        format!("`{}` is a {}, {} stands in a {}", parent.id, parent.kind.name(), child.phrase(), kind.name());
    Err(Refusal::invalid(
        Diagnostic::error("wrong-parent", message)
            .at(&parent.file, parent.name_span, "stands here")
            .help(parents_help(model, kind)),
    ))
}

fn parents_help(model: &Model, kind: Kind) -> String {
    const SHOWN: usize = 5;
    let ids: Vec<String> =
        model.of_kind(kind).take(SHOWN + 1).map(|ix| format!("`{}`", model.element(ix).id)).collect();
    match ids.len() {
        0 => format!("make one first: loko new {} NAME", kind.name()),
        1..=SHOWN => format!("give `--parent` with one of {}", ids.join(", ")),
        _ => format!("give `--parent` with one of {} … (`loko query list` shows all)", ids[..SHOWN].join(", ")),
    }
}

/// Refuses a folder in which the loader already finds an element's file that the model does not have, broken or shadowed.
fn vacant(snapshot: &Snapshot, folder: &str) -> Result<(), Refusal> {
    for marker in ["person.md", "system.md", "external.md", "container.md", "component.md"] {
        let file = find::join(folder, marker);
        if snapshot.source(&file).is_some() {
            let message = format!("`{file}` exists already");
            return Err(Refusal::exists(
                Diagnostic::error("exists", message)
                    .help("choose another name, give an id with `--id`, or mend that file"),
            ));
        }
    }
    Ok(())
}

fn file_of(folder: &str, kind: &str) -> Result<FilePath, Refusal> {
    FilePath::below(folder, &format!("{kind}.md"))
        .map_err(|error| Refusal::invalid(Diagnostic::error("invalid-path", error.to_string())))
}

/// The template that `loko.toml` names.
fn project_template(snapshot: &Snapshot) -> String {
    let text = snapshot.text(PROJECT_FILE).unwrap_or("");
    let document = toml_edit::Document::parse(text).ok();
    let template = document.as_ref().and_then(|document| document.get("project")?.get("template")?.as_str());
    template.unwrap_or(Template::PROJECT[0]).to_owned()
}

fn front_matter(wish: &New, shape: Option<ElementShape>) -> String {
    let mut lines = vec!["---".to_owned(), format!("name: {}", yaml::scalar(&wish.name))];
    let mut set = |key: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
            lines.push(format!("{key}: {}", yaml::scalar(value)));
        }
    };
    set("description", wish.description.as_deref());
    set("technology", wish.technology.as_deref());
    set("owner", wish.owner.as_deref());
    set("shape", shape.map(ElementShape::name));
    if !wish.tags.is_empty() {
        let tags: Vec<String> = wish.tags.iter().map(|tag| yaml::flow_scalar(tag)).collect();
        lines.push(format!("tags: [{}]", tags.join(", ")));
    }
    lines.push("---\n".to_owned());
    lines.join("\n")
}
