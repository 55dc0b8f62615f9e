//! `new`: a new person, system, external system, container or component.

use super::draft::Draft;
use super::prose::{self, Template};
use super::{Plan, Refusal, find, references, yaml};
use crate::project::PROJECT_FILE;
use crate::{Element, ElementIx, ElementShape, Kind, Loaded, Model, name};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Snapshot};
use rustc_hash::FxHashSet;
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
    match wanted(snapshot, &loaded.model, wish)? {
        Wanted::Stands(ix) => existing(&loaded.model, ix, wish),
        Wanted::Making(making) => make(snapshot, loaded, &[making]),
    }
}

/// Makes the first elements of a list, as many at once as do not bear on each other: each stands in another place, in an
/// element that is there already and was named by its id. Gives what is done, and for how many.
pub fn new_together(snapshot: &Snapshot, loaded: &Loaded, wishes: &[New]) -> Result<(Plan, usize), Refusal> {
    let model = &loaded.model;
    let mut all: Vec<Making<'_>> = Vec::new();
    let mut places = FxHashSet::default();
    for wish in wishes {
        let is_settled = wish.parent.as_deref().is_none_or(|parent| model.find(parent).is_some());
        // What is wrong with one is said when it is the first.
        let Ok(Wanted::Making(making)) = wanted(snapshot, model, wish) else { break };
        let names = [making.key.clone(), name::slug(&wish.name)];
        let names: FxHashSet<_> = names.into_iter().map(|name| (making.parent, name)).collect();
        if !is_settled || names.iter().any(|name| places.contains(name)) {
            break;
        }
        places.extend(names);
        all.push(making);
    }
    match (all.as_slice(), wishes) {
        ([] | [_], [first, ..]) => Ok((new(snapshot, loaded, first)?, 1)),
        (several, _) => Ok((make(snapshot, loaded, several)?, several.len())),
    }
}

/// What a wish comes to.
enum Wanted<'w> {
    /// There is something already.
    Stands(ElementIx),
    Making(Making<'w>),
}

/// An element that is to be made.
struct Making<'w> {
    wish: &'w New,
    parent: Option<ElementIx>,
    key: String,
    id: String,
    file: FilePath,
    text: String,
}

fn wanted<'w>(snapshot: &Snapshot, model: &Model, wish: &'w New) -> Result<Wanted<'w>, Refusal> {
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
        return Ok(Wanted::Stands(found));
    }
    let file = file_of(&folder, wish.kind.name())?;
    vacant(snapshot, &folder)?;
    let body = match &wish.body {
        Some(body) => filled_in(body, model, wish, parent, &key),
        None => prose::body(wish.kind.kind(), wish.kind == NewKind::External, template, &project_template(snapshot)),
    };
    let text = format!("{}\n{body}", front_matter(wish, shape));
    Ok(Wanted::Making(Making { wish, parent, key, id, file, text }))
}

fn make(snapshot: &Snapshot, loaded: &Loaded, all: &[Making<'_>]) -> Result<Plan, Refusal> {
    let mut draft = Draft::new(snapshot);
    for it in all {
        draft.create(it.file.clone(), it.text.clone());
    }
    let places = references::follow(&mut draft, snapshot, loaded, &with_elements(&loaded.model, all))?;
    let told = |it: &Making<'_>| format!("creates {} `{}` in {}", it.wish.kind.phrase(), it.id, it.file);
    let mut summary: Vec<String> = all.iter().map(told).collect();
    if places > 0 {
        let names = if places == 1 { "name" } else { "names" };
        summary.push(format!("writes out {places} short {names} that would no longer be clear"));
    }
    let created = all.iter().map(|it| it.id.clone()).collect();
    Ok(Plan { changes: draft.finish()?, summary, created, ..Plan::default() })
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

/// The model with more elements at its end.
fn with_elements(model: &Model, all: &[Making<'_>]) -> Model {
    let mut after = model.clone();
    for it in all {
        let mut element = Element::bare(it.wish.kind.kind(), it.file.clone());
        element.id = it.id.as_str().into();
        element.name.clone_from(&it.wish.name);
        element.parent = it.parent;
        element.external = it.wish.kind == NewKind::External;
        after.elements.push(Arc::new(element));
    }
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
        diagnostic.help = did_you_mean(written, known.iter().copied()).map(Into::into);
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
            let help = parents_help(model, kind, GIVE_PARENT, None);
            Err(Refusal::invalid(Diagnostic::error("wrong-parent", message).help(help)))
        }
        (Some(kind), Some(written)) => parent_of_kind(model, wish.kind, kind, written, GIVE_PARENT, None).map(Some),
    }
}

/// How the command that makes an element is told of its parent.
const GIVE_PARENT: &str = "give `--parent` with";

/// The parent of a name, held to its kind; `give` says how one names another, which is not `except`.
pub(super) fn parent_of_kind(
    model: &Model,
    child: NewKind,
    kind: Kind,
    written: &str,
    give: &str,
    except: Option<ElementIx>,
) -> Result<ElementIx, Refusal> {
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
            .help(parents_help(model, kind, give, except)),
    ))
}

/// The elements that may be a parent; nobody takes the systems of others apart.
fn parents_help(model: &Model, kind: Kind, give: &str, except: Option<ElementIx>) -> String {
    const SHOWN: usize = 5;
    let others = model.of_kind(kind).filter(|ix| Some(*ix) != except);
    let own = others.map(|ix| model.element(ix)).filter(|element| !element.external);
    let ids: Vec<String> = own.take(SHOWN + 1).map(|element| format!("`{}`", element.id)).collect();
    match ids.as_slice() {
        [] => format!("make one first: loko new {} NAME", kind.name()),
        [only] => format!("{give} {only}"),
        few if few.len() <= SHOWN => format!("{give} one of {}", few.join(", ")),
        many => format!("{give} one of {} … (`loko query list` shows all)", many[..SHOWN].join(", ")),
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

#[cfg(test)]
mod tests {
    use super::{New, NewKind, new, new_together};
    use loko_source::Snapshot;

    fn wish(kind: NewKind, name: &str, parent: Option<&str>) -> New {
        New { kind, name: name.to_owned(), parent: parent.map(str::to_owned), ..New::default() }
    }

    /// What a workspace is after wishes, made by `step`, which says how many of them it has fulfilled.
    fn after(
        wishes: &[New],
        step: impl Fn(&Snapshot, &crate::Loaded, &[New]) -> (super::Plan, usize),
    ) -> (Snapshot, usize) {
        let mut now = Snapshot::from_texts([
            ("src/shop/system.md", "---\nname: Shop\n---\n"),
            ("src/desk/system.md", "---\nname: Desk\nrelationships: [api]\n---\n"),
            ("src/shop/api/container.md", "---\nname: API\n---\n"),
        ]);
        let (mut at, mut steps) = (0, 0);
        while at < wishes.len() {
            let (plan, count) = step(&now, &crate::load(&now), &wishes[at..]);
            now = now.overlay(&plan.changes).expect("the plan is for this state");
            at += count;
            steps += 1;
        }
        (now, steps)
    }

    #[test]
    fn together_they_are_what_they_are_one_by_one() {
        let wishes = [
            wish(NewKind::Container, "Store", Some("shop")),
            wish(NewKind::Container, "Search", Some("shop")),
            wish(NewKind::System, "Mail", None),
            // In one that is made on the way, and one whose name another one wrote short.
            wish(NewKind::Container, "API", Some("mail")),
            wish(NewKind::Component, "Queue", Some("mail/api")),
            // The same again, and one beside it.
            wish(NewKind::Container, "Store", Some("shop")),
            wish(NewKind::Person, "Clerk", None),
        ];
        let (single, _) = after(&wishes, |now, loaded, left| (new(now, loaded, &left[0]).expect("it can be made"), 1));
        let (several, steps) = after(&wishes, |now, loaded, left| new_together(now, loaded, left).expect("they can"));
        assert!(single == several);
        assert_eq!(steps, 5);
        assert!(single.text("src/desk/system.md").is_some_and(|text| text.contains("shop/api")));
    }
}
