//! C4 views: a model seen from one place, as a diagram.
//!
//! [`views`] lists what there is to see and [`diagram`] draws one of it; nobody has to write D2 for either. Each kind of
//! view has a file of its own: [`landscape`], [`context`], [`container`], [`component`], [`deployment`], [`dynamic`],
//! [`selection`], and [`custom`] for what somebody drew by hand in D2.
//!
//! What always holds in an automatic view:
//! - An object's id is the element's id, and its link `element:<id>` leads to that element's page. What the view is of, a
//!   border or a box, leads one level up: to what that is part of, or to the landscape ([`LANDSCAPE_LINK`]).
//! - A relation whose end is not shown goes to the nearest shown element that holds that end.
//! - A relation that then starts and ends in one box, or joins a box with one inside it, vanishes.
//! - Relations with the same ends are one edge; [`loko_diagram::Edge::merged`] says how many, and its key names them.
//! - The order of objects and edges follows from the model alone.
//!
//! The look of a kind (colours, borders) is not decided here: objects carry their C4 notation.

pub mod component;
pub mod container;
pub mod context;
pub mod custom;
pub mod deployment;
pub mod dynamic;
pub mod landscape;
pub mod selection;

mod around;
mod label;
pub(crate) mod notation;
mod sketch;

pub use around::touching;
pub use notation::is_cut;

use crate::{ElementIx, Kind, Model};
use loko_diagram::{Board, Diagram};
use loko_source::{Diagnostic, FilePath, Snapshot};
use serde::Serialize;

/// The link to the landscape.
pub const LANDSCAPE_LINK: &str = "view:landscape";

/// The kinds of views.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ViewKind {
    /// All people and systems.
    Landscape,
    /// A system or person among its neighbours.
    Context,
    /// The inside of a system.
    Containers,
    /// The inside of a container.
    Components,
    /// A component as somebody drew it; there is none without D2.
    Component,
    /// An environment: what runs where.
    Deployment,
    /// A story in numbered steps.
    Dynamic,
    /// A story as a sequence diagram.
    Sequence,
    /// What selectors pick.
    Selected,
}

impl ViewKind {
    /// All kinds in the order in which they are listed.
    pub const ALL: [ViewKind; 9] = [
        Self::Landscape,
        Self::Context,
        Self::Containers,
        Self::Components,
        Self::Component,
        Self::Deployment,
        Self::Dynamic,
        Self::Sequence,
        Self::Selected,
    ];

    /// The kind as the first part of a view's key.
    pub fn name(self) -> &'static str {
        match self {
            Self::Landscape => "landscape",
            Self::Context => "context",
            Self::Containers => "containers",
            Self::Components => "components",
            Self::Component => "component",
            Self::Deployment => "deployment",
            Self::Dynamic => "dynamic",
            Self::Sequence => "sequence",
            Self::Selected => "selected",
        }
    }
}

/// Where a view's picture comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ViewSource {
    /// From the model alone.
    Automatic,
    /// From a D2 file that somebody wrote.
    D2(FilePath),
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct View {
    /// The address: `landscape`, `containers/shop`, `components/shop/order-api`, `dynamic/checkout` …
    pub key: String,
    /// The kind.
    pub kind: ViewKind,
    /// The title for people.
    pub title: String,
    /// What it shows, if somebody said so.
    pub description: String,
    /// The element that it is a view of, or on whose page it stands.
    pub scope: Option<ElementIx>,
    /// Where its picture comes from.
    pub source: ViewSource,
    /// The place of the environment, dynamic or selected view in the model's list.
    #[serde(skip)]
    at: usize,
}

/// All views that show something: the landscape, those of each element in order, environments, dynamic views,
/// selected views.
pub fn views(model: &Model) -> Vec<View> {
    let mut views = Vec::new();
    views.extend(landscape::view(model));
    for ix in model.ids() {
        views.extend(of_element(model, ix));
    }
    views.extend(of_no_element(model));
    views
}

/// The view of a key, if [`views`] has it; only the element of the key is looked at.
pub fn by_key(model: &Model, key: &str) -> Option<View> {
    let of_key = |view: &View| view.key == key;
    let named = key.split_once('/').and_then(|(_, id)| model.find(id));
    if let Some(view) = named.and_then(|ix| of_element(model, ix).find(of_key)) {
        return Some(view);
    }
    landscape::view(model).into_iter().find(of_key).or_else(|| of_no_element(model).find(of_key))
}

/// The views of [`views`] that have this element as their scope, in the same order.
pub fn with_scope(model: &Model, ix: ElementIx) -> impl Iterator<Item = View> {
    of_element(model, ix).chain(of_no_element(model)).filter(move |view| view.scope == Some(ix))
}

/// The views that somebody described: environments, dynamic views, selected views.
fn of_no_element(model: &Model) -> impl Iterator<Item = View> {
    deployment::views(model).chain(dynamic::views(model)).chain(selection::views(model))
}

/// A view of an element of any kind among its neighbours, for those that have no view of their own.
pub fn surroundings(model: &Model, ix: ElementIx) -> View {
    View::of(model, ViewKind::Context, ix, format!("{} and its neighbours", model.element(ix).name))
}

/// The views that have an element as their subject, from the outside in.
fn of_element(model: &Model, ix: ElementIx) -> impl Iterator<Item = View> {
    let inside = match model.element(ix).kind {
        Kind::Person => None,
        Kind::System => container::view(model, ix),
        Kind::Container => component::view(model, ix),
        Kind::Component => custom::view_of_component(model, ix),
    };
    context::view(model, ix).into_iter().chain(inside)
}

/// For each element the view that shows most of it: its inside if that is shown, else what its whole is shown in, else
/// the landscape. One pass for all elements.
pub fn main_views<'v>(model: &Model, views: &'v [View]) -> Vec<Option<&'v View>> {
    let rank = |view: &View| match view.kind {
        ViewKind::Containers | ViewKind::Components | ViewKind::Component => 2,
        ViewKind::Context => 1,
        _ => 0,
    };
    let mut main: Vec<Option<&View>> = vec![None; model.elements.len()];
    for view in views.iter().filter(|view| rank(view) > 0) {
        if let Some(known) = view.scope.and_then(|scope| main.get_mut(scope.index()))
            && known.is_none_or(|known| rank(known) < rank(view))
        {
            *known = Some(view);
        }
    }
    let landscape = views.iter().find(|view| view.kind == ViewKind::Landscape);
    for ix in model.ids() {
        if main[ix.index()].is_none() {
            // A parent stands before its parts, so its view is known.
            main[ix.index()] = model.element(ix).parent.map_or(landscape, |parent| main[parent.index()]);
        }
    }
    main
}

/// The link from an element to the level above.
fn up(model: &Model, ix: ElementIx) -> String {
    model.parent(ix).map_or_else(|| LANDSCAPE_LINK.to_owned(), |parent| format!("element:{}", model.element(parent).id))
}

/// Draws a view.
///
/// A hand-written diagram with errors, or one that draws nothing, is replaced by the automatic one; what is wrong with
/// it is handed back.
pub fn diagram(model: &Model, snapshot: &Snapshot, view: &View) -> (Diagram, Vec<Diagnostic>) {
    let drawn =
        custom::source(model, snapshot, view).and_then(|path| custom::diagram(model, snapshot, view.scope, &path));
    let automatic = || Diagram { root: automatic(model, view) };
    match drawn {
        None => (automatic(), Vec::new()),
        Some(Ok(diagram)) => (diagram, Vec::new()),
        Some(Err(findings)) => (automatic(), findings),
    }
}

/// Draws a view from the model alone.
pub fn automatic(model: &Model, view: &View) -> Board {
    match (view.kind, view.scope) {
        (ViewKind::Landscape, _) => landscape::board(model),
        (ViewKind::Context, Some(scope)) => context::board(model, scope),
        (ViewKind::Containers, Some(scope)) => container::board(model, scope),
        (ViewKind::Components, Some(scope)) => component::board(model, scope),
        (ViewKind::Component, Some(scope)) => context::board(model, scope),
        (ViewKind::Deployment, _) => {
            model.environments.get(view.at).map(|it| deployment::board(model, it)).unwrap_or_default()
        }
        (ViewKind::Dynamic, _) => model.dynamics.get(view.at).map(|it| dynamic::board(model, it)).unwrap_or_default(),
        (ViewKind::Sequence, _) => {
            model.dynamics.get(view.at).map(|it| dynamic::sequence(model, it)).unwrap_or_default()
        }
        (ViewKind::Selected, _) => {
            model.selections.get(view.at).map(|it| selection::board(model, it)).unwrap_or_default()
        }
        // A view of an element that lost its element shows nothing; `views` makes no such view.
        (ViewKind::Context | ViewKind::Containers | ViewKind::Components | ViewKind::Component, None) => {
            Board::default()
        }
    }
}

impl View {
    /// An automatic view of an element.
    fn of(model: &Model, kind: ViewKind, scope: ElementIx, title: String) -> Self {
        let element = model.element(scope);
        Self {
            key: format!("{}/{}", kind.name(), element.id),
            kind,
            title,
            description: String::new(),
            scope: Some(scope),
            source: ViewSource::Automatic,
            at: 0,
        }
    }

    /// The same view, drawn from the D2 file beside its element, if there is one.
    fn or_d2(mut self, d2: Option<&FilePath>) -> Self {
        if let Some(path) = d2 {
            self.source = ViewSource::D2(path.clone());
        }
        self
    }
}
