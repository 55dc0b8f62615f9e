//! From a view to a picture: described by the model, measured and drawn by `loko-draw`, placed by `loko-layout`.
//!
//! Everything that this crate asks of those rooms is asked here.

use crate::address::{Addresses, file_stem, link};
use crate::colors::Colors;
use crate::fingerprint::{Fingerprint, Ingredients};
use crate::history::History;
use crate::policy;
use crate::words::Words;
use loko_diagram::overview::MANY_OBJECTS;
use loko_diagram::{Board, Measures, Overview, Placed, Point};
use loko_draw::scene::{Group, Item, Scene};
use loko_draw::{DarkSwitch, Face, Fonts, Look, SvgOptions, Theme};
use loko_layout::Hints;
use loko_model::diff::insides::Inside;
use loko_model::load::POSITIONS_FOLDER;
use loko_model::view::{self, View, ViewKind, ViewSource};
use loko_model::{Element, ElementIx, Kind, Model, Relation, Resolution};
use loko_source::{Diagnostic, FilePath, Snapshot};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// A picture that could be drawn.
pub(crate) struct Drawing {
    pub kind: ViewKind,
    pub title: String,
    pub scope: Option<ElementIx>,
    /// The page that it stands on, when that is not its element's.
    pub page: Option<String>,
    /// The path of its SVG file, if it gets one.
    pub path: Option<String>,
    board: Described,
    /// Whether the board is an overview, to be placed as a map.
    pub is_map: bool,
    /// The name of its file of positions in their folder, without the ending.
    key: String,
    /// Whether it is of several versions: nobody keeps where things stand in it.
    is_of_versions: bool,
    /// Where things stood, by that file.
    pub positions: Option<Hints>,
    pub fingerprint: Fingerprint,
    /// The files of the boards that belong together, by the names that links give them.
    pub boards: Arc<BTreeMap<String, String>>,
    /// What is wrong with the D2 that it should have been drawn from.
    pub findings: Vec<Diagnostic>,
}

/// The board of a drawing.
enum Described {
    /// It is there.
    Ready(Box<Board>),
    /// It is a view of an element, made when somebody asks for it: most of them are on pages that are there already.
    Around(Box<Surroundings>),
}

/// What a view of an element is made from.
struct Surroundings {
    view: View,
    words: Words,
    board: OnceLock<Board>,
}

/// A placed picture, ready to be written in several ways.
pub(crate) struct Placement {
    question: Fingerprint,
    placed: Placed,
}

impl Placement {
    /// The answer of layout to a question.
    pub(crate) fn new(question: Fingerprint, placed: Placed) -> Self {
        Self { question, placed }
    }

    /// What was asked ([`Question::fingerprint`]).
    pub(crate) fn question(&self) -> Fingerprint {
        self.question
    }

    /// Whether there is a place for everything on a board.
    pub(crate) fn fits(&self, board: &Board) -> bool {
        (self.placed.objects.len(), self.placed.edges.len()) == (board.objects.len(), board.edges.len())
    }

    /// Where everything is.
    pub(crate) fn placed(&self) -> &Placed {
        &self.placed
    }
}

/// Describes all views, and the surroundings of every element that has no view of its own.
pub(crate) fn describe(
    model: &Model,
    snapshot: &Snapshot,
    views: &[View],
    addresses: &Addresses,
    words: &Words,
) -> Vec<Drawing> {
    let digests = Digests::of(model, words);
    let mut drawings: Vec<Drawing> = views
        .par_iter()
        .flat_map_iter(|view| {
            let mut titled = view.clone();
            titled.title = title(model, view, words);
            let place = (addresses.drawing(view), page_of(model, addresses, view));
            let is_drawn_by_hand = view::custom::source(model, snapshot, view).is_some();
            if let Some(scope) = view.scope.filter(|_| is_of_element(view.kind) && !is_drawn_by_hand) {
                return vec![around(titled, scope, Some(place.0.to_owned()), &digests, words)];
            }
            let (diagram, findings) = view::diagram(model, snapshot, view);
            let board = placeless(view, spoken(diagram.root, words));
            boards_of(model, &titled, board, place, findings, words)
        })
        .collect();
    drawings.par_extend(surroundings(model, views, &digests, words));
    drawings.iter_mut().for_each(|drawing| drawing.recall(snapshot));
    drawings
}

/// What a view is called in the language of the pages.
fn title(model: &Model, view: &View, words: &Words) -> String {
    let named = |key: &str, name: &str| words.fill(key, &[("name", &name)]);
    let id = view.key.split_once('/').map_or("", |(_, id)| id);
    let scope = view.scope.map(|ix| model.element(ix));
    let name = scope.map_or("", |element| element.name.as_str());
    match view.kind {
        ViewKind::Landscape => words.say("view.landscape"),
        ViewKind::Context if scope.is_some_and(|element| element.kind == Kind::Person) => named("view.person", name),
        ViewKind::Context => named("view.context", name),
        ViewKind::Containers => named("view.containers", name),
        ViewKind::Components => named("view.components", name),
        ViewKind::Deployment => {
            let environment = model.environments.iter().find(|it| it.id == id);
            environment.map_or_else(|| view.title.clone(), |it| named("view.deployment", &it.name))
        }
        ViewKind::Sequence => {
            let dynamic = model.dynamics.iter().find(|it| it.id == id);
            dynamic.map_or_else(|| view.title.clone(), |it| named("view.sequence", &it.name))
        }
        ViewKind::Component | ViewKind::Dynamic | ViewKind::Selected => view.title.clone(),
    }
}

/// A board without the places in files that its relations come from, which only the order of a story depends on: an edit
/// that moves a line of a file changes no picture.
fn placeless(view: &View, mut board: Board) -> Board {
    let is_story = matches!(view.kind, ViewKind::Dynamic | ViewKind::Sequence);
    if !is_story && matches!(view.source, ViewSource::Automatic) {
        board.edges.iter_mut().for_each(|edge| edge.place = None);
    }
    board
}

/// A board whose boxes name their types in the language of the pages.
fn spoken(mut board: Board, words: &Words) -> Board {
    if words.is_english() {
        return board;
    }
    for object in &mut board.objects {
        let Some(notation) = &mut object.notation else { continue };
        // A picture of changes says behind the type what became of the element.
        let told = object.tooltip.as_ref().map(|told| format!(", {told}")).unwrap_or_default();
        let (name, told) = match notation.type_name.strip_suffix(&told) {
            Some(name) => (name, told.as_str()),
            None => (notation.type_name.as_str(), ""),
        };
        notation.type_name = words.type_name(name) + told;
    }
    board
}

fn positions_file(key: &str) -> String {
    format!("{POSITIONS_FOLDER}/{key}.toml")
}

/// Where things stand in a view by the file that keeps it, and that file's text.
pub(crate) fn kept_positions<'a>(snapshot: &'a Snapshot, key: &str) -> Option<(&'a str, Hints)> {
    let text = snapshot.text(&positions_file(key))?;
    let hints = Hints::parse(text);
    (!hints.is_empty()).then_some((text, hints))
}

impl Drawing {
    /// What is drawn.
    pub(crate) fn board(&self, model: &Model) -> &Board {
        match &self.board {
            Described::Ready(board) => board,
            Described::Around(it) => it.board.get_or_init(|| spoken(view::automatic(model, &it.view), &it.words)),
        }
    }

    /// What tells it from other drawings, whatever it shows.
    pub(crate) fn name(&self) -> Fingerprint {
        Ingredients::of("name").text(&self.key).text(&self.title).finish()
    }

    /// The file that keeps its positions.
    pub(crate) fn positions_file(&self) -> Option<FilePath> {
        FilePath::new(&positions_file(&self.key)).ok().filter(|_| !self.is_of_versions)
    }

    /// Notes the colours that it will be drawn in, and the language of its legend.
    pub(crate) fn paint(&mut self, colors: &Colors, words: &Words) {
        if !words.is_english() {
            let said = Ingredients::of("spoken").fingerprint(self.fingerprint).fingerprint(words.fingerprint).finish();
            self.fingerprint = said;
        }
        if !colors.is_empty() {
            self.fingerprint = Ingredients::of("tinted").fingerprint(self.fingerprint).text(&colors.key()).finish();
        }
    }

    /// Reads where things stood, if a file says so.
    fn recall(&mut self, snapshot: &Snapshot) {
        if let Some((text, hints)) = kept_positions(snapshot, &self.key) {
            self.fingerprint = Ingredients::of("kept drawing").fingerprint(self.fingerprint).text(text).finish();
            self.positions = Some(hints);
        }
    }

    /// The text of the file that keeps these positions.
    pub(crate) fn positions_text(&self, model: &Model, placed: &Placed) -> String {
        Hints::new(self.board(model), placed).to_text()
    }
}

/// The pictures of versions, three for each that has them: overlaid, before, after; then the one of all versions; then those
/// of all versions from the inside of elements, in their order.
pub(crate) fn describe_versions(model: &Model, views: &[View], history: &History, words: &Words) -> Vec<Drawing> {
    let Some(view) = views.first() else { return Vec::new() };
    let mut drawings = Vec::new();
    let mut push = |key: String, title: String, board: &Board, is_on_page: bool| {
        let page = is_on_page.then(|| crate::pages::versions::PATH.to_owned());
        let mut view = view.clone();
        (view.key, view.title) = (key, title);
        let drawing = drawing(model, &view, spoken(board.clone(), words), None, page, Vec::new());
        drawings.push(Drawing { is_of_versions: true, ..drawing });
    };
    for version in &history.versions {
        let (Some(overlay), Some((before, after))) = (&version.overlay, &version.beside) else { continue };
        let release = &version.release.version;
        let name = if release.is_empty() { words.say("view.now") } else { release.clone() };
        let titles = ["view.overlaid", "view.before", "view.after"].map(|key| words.fill(key, &[("name", &name)]));
        for (title, board) in titles.into_iter().zip([overlay, before, after]) {
            push(view.key.clone(), title, board, true);
        }
    }
    if let Some(board) = &history.landscapes {
        push(view.key.clone(), words.say("view.all-versions"), board, true);
    }
    for (at, inside) in history.insides.iter().enumerate() {
        // A page that has no picture of all versions shows the first of them, until another one is chosen.
        let is_on_page = at == 0 && history.landscapes.is_none();
        let key = format!("{}/{}", inside.kind.name(), inside.id);
        push(key, inside_title(inside, words), &inside.board, is_on_page);
    }
    drawings
}

/// What the inside of an element is called in the language of the pages.
pub(crate) fn inside_title(inside: &Inside, words: &Words) -> String {
    let key = if inside.kind == ViewKind::Containers { "view.containers" } else { "view.components" };
    words.fill(key, &[("name", &inside.name)])
}

/// A view's picture and those of the boards inside it, each with the ways to the others.
fn boards_of(
    model: &Model,
    view: &View,
    mut root: Board,
    (path, page): (&str, Option<String>),
    findings: Vec<Diagnostic>,
    words: &Words,
) -> Vec<Drawing> {
    let stem = path.strip_suffix(".svg").unwrap_or(path).to_owned();
    let overview = (view.kind == ViewKind::Landscape && is_crowded(&root)).then(|| Overview::of(&root));
    let mut inner = Vec::new();
    take_boards(&mut root, "root", &stem, &view.title, &mut inner);
    let ways: BTreeMap<String, String> = inner
        .iter()
        .map(|it| (it.name.clone(), it.path.clone()))
        .chain([("root".to_owned(), path.to_owned())])
        .collect();
    let ways = Arc::new(ways);
    let mut drawings = Vec::new();
    // What is too much to be told apart is shown as a map first; the whole stands beside it.
    match overview {
        Some(overview) => {
            let mut strongest = view.clone();
            if overview.left_out > 0 {
                strongest.title = words.fill("view.strongest", &[("title", &view.title)]);
            }
            let map = drawing(model, &strongest, overview.board, Some(path.to_owned()), page.clone(), findings);
            let key = format!("{}.overview", map.key);
            drawings.push(Drawing { is_map: true, key, ..map });
            let mut every = view.clone();
            every.title = words.fill("view.every", &[("title", &view.title)]);
            drawings.push(drawing(
                model,
                &every,
                root,
                Some(format!("{stem}-every-relation.svg")),
                page.clone(),
                Vec::new(),
            ));
        }
        None => drawings.push(drawing(model, view, root, Some(path.to_owned()), page.clone(), findings)),
    }
    for board in inner {
        let mut view = view.clone();
        view.title = board.title;
        let drawn = drawing(model, &view, board.board, Some(board.path), page.clone(), Vec::new());
        let key = format!("{}.{}", drawn.key, board.name.trim_start_matches("root."));
        drawings.push(Drawing { key, ..drawn });
    }
    if ways.len() > 1 {
        for drawing in &mut drawings {
            drawing.boards = Arc::clone(&ways);
        }
    }
    drawings
}

/// A board with more relations than an object than this is crowded, if it has a good number of objects.
const CROWDED_RELATIONS: usize = 3;
const CROWDED_OBJECTS: usize = 12;

/// Whether nobody could follow the lines of a board.
fn is_crowded(board: &Board) -> bool {
    let (objects, edges) = (board.objects.len(), board.edges.len());
    objects >= MANY_OBJECTS || (objects >= CROWDED_OBJECTS && edges > CROWDED_RELATIONS * objects)
}

/// A board inside another one.
struct Inner {
    /// As D2 links name it: `root.layers.detail`.
    name: String,
    path: String,
    title: String,
    board: Board,
}

/// Takes the boards out of a board, those inside them too; a board that holds only boards is no picture.
fn take_boards(board: &mut Board, name: &str, stem: &str, title: &str, found: &mut Vec<Inner>) {
    let groups = [
        ("layers", std::mem::take(&mut board.layers)),
        ("scenarios", std::mem::take(&mut board.scenarios)),
        ("steps", std::mem::take(&mut board.steps)),
    ];
    for (group, boards) in groups {
        for mut board in boards {
            let name = format!("{name}.{group}.{}", board.name);
            let stem = format!("{stem}/{}", file_stem(&board.name));
            let label = board.label.as_ref().map_or(board.name.as_str(), |label| label.text.as_str());
            let title = format!("{title}: {label}");
            let at = found.len();
            take_boards(&mut board, &name, &stem, &title, found);
            if !board.folder_only {
                found.insert(at, Inner { name, path: format!("{stem}.svg"), title, board });
            }
        }
    }
}

/// The page of a view that belongs to no element.
fn page_of(model: &Model, addresses: &Addresses, view: &View) -> Option<String> {
    let id = view.key.split_once('/').map_or("", |(_, id)| id);
    match view.kind {
        ViewKind::Landscape => Some("index.html".to_owned()),
        ViewKind::Deployment => {
            let at = model.environments.iter().position(|it| it.id == id)?;
            Some(addresses.environment(at).to_owned())
        }
        ViewKind::Dynamic | ViewKind::Sequence => {
            let at = model.dynamics.iter().position(|it| it.id == id)?;
            Some(addresses.dynamic(at).to_owned())
        }
        ViewKind::Selected => {
            let at = model.selections.iter().position(|it| it.id == id)?;
            Some(addresses.selection(at).to_owned())
        }
        ViewKind::Context | ViewKind::Containers | ViewKind::Components | ViewKind::Component => None,
    }
}

/// The neighbours of every element that has relations but no view.
fn surroundings<'a>(
    model: &'a Model,
    views: &'a [View],
    digests: &'a Digests<'a>,
    words: &'a Words,
) -> impl ParallelIterator<Item = Drawing> + use<'a> {
    let mut has_view = vec![false; model.elements.len()];
    for ix in views.iter().filter(|view| is_of_element(view.kind)).filter_map(|view| view.scope) {
        has_view[ix.index()] = true;
    }
    let lonely = |ix: ElementIx| model.outgoing(ix).is_empty() && model.incoming(ix).is_empty();
    let without: Vec<ElementIx> = model.ids().filter(|ix| !has_view[ix.index()] && !lonely(*ix)).collect();
    without.into_par_iter().filter_map(move |ix| {
        let element = model.element(ix);
        // Any view may be made one of this element; there is one as soon as there is an element.
        let mut view = views.first()?.clone();
        view.key = format!("context/{}", element.id);
        view.kind = ViewKind::Context;
        view.title = words.fill("view.neighbours", &[("name", &element.name)]);
        view.description = String::new();
        view.scope = Some(ix);
        view.source = ViewSource::Automatic;
        Some(around(view, ix, None, digests, words))
    })
}

/// An element among its neighbours, opened or closed as the view says: a drawing whose board is made when it is needed.
fn around(view: View, scope: ElementIx, path: Option<String>, digests: &Digests<'_>, words: &Words) -> Drawing {
    Drawing {
        kind: view.kind,
        title: view.title.clone(),
        scope: view.scope,
        page: None,
        path,
        is_map: false,
        key: view.key.clone(),
        is_of_versions: false,
        positions: None,
        fingerprint: digests.around(scope, &view),
        boards: Arc::default(),
        findings: Vec::new(),
        board: Described::Around(Box::new(Surroundings { view, words: words.clone(), board: OnceLock::new() })),
    }
}

/// What pictures tell of the elements and relations of a model, as numbers.
struct Digests<'a> {
    model: &'a Model,
    /// What they all have in common: theme and language.
    common: Fingerprint,
    /// Of each element what its box says.
    boxes: Vec<Fingerprint>,
    /// Of each element what its border says.
    borders: Vec<Fingerprint>,
    /// Of each element what is told where a relation leads to it that is drawn to something around it.
    ends: Vec<Fingerprint>,
    relations: Vec<Fingerprint>,
}

impl<'a> Digests<'a> {
    fn of(model: &'a Model, words: &Words) -> Self {
        let ends: Vec<Fingerprint> = model.elements.par_iter().map(|element| of_end(model, element)).collect();
        Self {
            model,
            common: Ingredients::of("look").text(&model.project.theme).fingerprint(words.fingerprint).finish(),
            boxes: model.elements.par_iter().zip(&ends).map(|(element, end)| of_box(element, *end)).collect(),
            borders: model.elements.par_iter().zip(&ends).map(|(element, end)| of_border(element, *end)).collect(),
            ends,
            relations: model.relations.par_iter().map(|relation| of_relation(model, relation)).collect(),
        }
    }

    /// Of all that a view of an element can show: the relations that touch it or something in it in their order, and what
    /// those join with all around that and its own parts, in the order of the model.
    fn around(&self, scope: ElementIx, view: &View) -> Fingerprint {
        let model = self.model;
        let touching = view::touching(model, scope);
        let parts = model.children(scope);
        let mut shown: Vec<ElementIx> = model.ancestry(scope).chain(parts.iter().copied()).collect();
        for ix in &touching {
            let relation = model.relation(*ix);
            shown.extend([relation.source, relation.target].into_iter().flat_map(|end| model.ancestry(end)));
        }
        shown.sort_unstable();
        shown.dedup();
        let mut made_of = Ingredients::of("surroundings");
        made_of.fingerprint(self.common).text(view.kind.name()).text(&view.title).text(&model.element(scope).id);
        made_of.data(&(shown.len(), touching.len(), parts.len()));
        for part in parts {
            made_of.text(&model.element(*part).id);
        }
        // What the element is part of has a border, and so has the element when it is opened. A box stands in one of these
        // borders or in none; of what is in a box only relations are drawn.
        let is_open = matches!(view.kind, ViewKind::Containers | ViewKind::Components);
        let borders: Vec<ElementIx> = model.ancestry(scope).skip(usize::from(!is_open)).collect();
        for ix in shown {
            let said = if borders.contains(&ix) {
                &self.borders
            } else if model.parent(ix).is_none_or(|parent| borders.contains(&parent)) {
                &self.boxes
            } else {
                &self.ends
            };
            made_of.fingerprint(said[ix.index()]);
        }
        for ix in touching {
            made_of.fingerprint(self.relations[ix.index()]);
        }
        made_of.finish()
    }
}

/// What a border says of an element: what its box says without its technology, and of its description only the tooltip.
fn of_border(element: &Element, end: Fingerprint) -> Fingerprint {
    let told = if view::is_cut(&element.description) { element.description.as_str() } else { "" };
    Ingredients::of("border")
        .fingerprint(end)
        .text(told)
        .data(&(element.external, element.shape))
        .texts(&element.tags)
        .finish()
}

/// What a box says of an element. All fields are named, so that whoever adds one decides whether it is shown.
fn of_box(element: &Element, end: Fingerprint) -> Fingerprint {
    let Element {
        // These are of the end.
        id: _,
        kind: _,
        name: _,
        parent: _,
        external,
        description,
        technology,
        tags,
        shape,
        behaviour,
        // These no picture shows.
        owner: _,
        links: _,
        code: _,
        code_annotations: _,
        dependencies: _,
        metadata: _,
        file: _,
        body: _,
        name_span: _,
        d2: _,
    } = element;
    let mut made_of = Ingredients::of("box");
    made_of.fingerprint(end).text(description).text(technology).texts(tags);
    made_of.data(&(external, shape, behaviour)).finish()
}

/// What tells an element from the others. Numbers of elements move when others come or go; what they stand for is told by
/// ids.
fn of_end(model: &Model, element: &Element) -> Fingerprint {
    let parent = element.parent.map_or("", |ix| model.element(ix).id.as_str());
    Ingredients::of("end").text(parent).text(&element.id).text(element.kind.name()).text(&element.name).finish()
}

/// What a line says of a relation; what is left out is told on pages only.
fn of_relation(model: &Model, relation: &Relation) -> Fingerprint {
    let Relation {
        id,
        source,
        target,
        description,
        technology,
        kind,
        event,
        bidirectional,
        tags,
        behaviour,
        metadata: _,
        origin: _,
        place: _,
        also: _,
    } = relation;
    let mut made_of = Ingredients::of("relation");
    made_of.text(&model.element(*source).id).text(&model.element(*target).id);
    made_of.text(id).text(description).text(technology).texts(tags);
    made_of.data(&(kind, event, bidirectional, behaviour)).finish()
}

/// Whether a view is of its scope, and does not only stand on its page.
pub(crate) fn is_of_element(kind: ViewKind) -> bool {
    matches!(kind, ViewKind::Context | ViewKind::Containers | ViewKind::Components | ViewKind::Component)
}

fn drawing(
    model: &Model,
    view: &View,
    board: Board,
    path: Option<String>,
    page: Option<String>,
    findings: Vec<Diagnostic>,
) -> Drawing {
    let fingerprint = Ingredients::of("drawing").text(&model.project.theme).text(&view.title).data(&board).finish();
    Drawing {
        kind: view.kind,
        title: view.title.clone(),
        scope: view.scope,
        page,
        path,
        board: Described::Ready(Box::new(board)),
        is_map: false,
        key: view.key.clone(),
        is_of_versions: false,
        positions: None,
        fingerprint,
        boards: Arc::default(),
        findings,
    }
}

/// All that a placement depends on. Layout sees nothing else, so that an answer to the same question is the same.
pub(crate) struct Question<'a> {
    bare: Board,
    measures: Measures,
    is_map: bool,
    previous: Option<&'a Hints>,
}

impl<'a> Question<'a> {
    /// Asks where things belong, from where they stood before if that is known.
    pub(crate) fn of(board: &Board, look: &Look, is_map: bool, previous: Option<&'a Hints>) -> Self {
        let measures = loko_draw::measure(board, &look.clone().configured(&board.config));
        Self { bare: board.bare(), measures, is_map, previous }
    }

    /// Tells the question from others.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let previous: Option<Vec<(&str, Point)>> = self.previous.map(|hints| hints.iter().collect());
        let mut asked = Ingredients::of("placement");
        asked.data(&self.bare).data(&self.measures).data(&self.is_map).data(&previous).finish()
    }

    /// Asks layout.
    pub(crate) fn answer(&self) -> Placed {
        let options =
            loko_layout::Options { map: self.is_map, previous: self.previous, ..loko_layout::Options::default() };
        loko_layout::layout(&self.bare, &self.measures, &options)
    }
}

/// Places a board that nobody remembers.
fn place(board: &Board, look: &Look) -> Placed {
    Question::of(board, look, false, None).answer()
}

/// Draws pictures for one place.
#[derive(Clone, Copy)]
pub(crate) struct Pen<'a> {
    /// The files of a drawing's boards, by the names that links give them.
    pub boards: Option<&'a BTreeMap<String, String>>,
    pub model: &'a Model,
    pub addresses: &'a Addresses,
    pub look: &'a Look,
}

impl<'a> Pen<'a> {
    /// A pen that knows the ways between the boards of a drawing.
    pub(crate) fn of(&self, drawing: &'a Drawing) -> Pen<'a> {
        Pen { boards: Some(&drawing.boards), ..*self }
    }
}

impl Pen<'_> {
    /// The picture as a part of a page; several on one page have different prefixes.
    pub(crate) fn inline(&self, scene: &Scene, page: &str, prefix: &str) -> String {
        self.write(scene, Some((page, prefix)), None).concat()
    }

    /// The picture as a file of its own.
    pub(crate) fn file(&self, scene: &Scene, path: &str) -> String {
        self.write(scene, None, Some(path)).concat()
    }

    /// Both: as a part of a page, and as the file.
    pub(crate) fn inline_and_file(&self, scene: &Scene, page: &str, prefix: &str, path: &str) -> (String, String) {
        let mut written = self.write(scene, Some((page, prefix)), Some(path)).into_iter();
        (written.next().unwrap_or_default(), written.next().unwrap_or_default())
    }

    /// The picture for a page, if there is one, and for a file, if there is one.
    fn write(&self, scene: &Scene, page: Option<(&str, &str)>, file: Option<&str>) -> Vec<String> {
        let dark =
            DarkSwitch::Both { dark: "[data-theme=\"dark\"]".to_owned(), light: "[data-theme=\"light\"]".to_owned() };
        let (page, prefix) = page.unzip();
        let from_page = |written: &str| self.link(written, page.unwrap_or_default());
        let is_row = |written: &str| written.starts_with(RELATION_LINK) || written.starts_with(STEP_LINK);
        let from_file =
            |written: &str| if is_row(written) { None } else { self.link(written, file.unwrap_or_default()) };
        let page = page.map(|_| SvgOptions {
            fonts: Fonts::Page,
            id_prefix: prefix.unwrap_or_default(),
            standalone: false,
            background: has_own_ground(scene),
            dark: &dark,
            gap: Some("gap"),
            links: &from_page,
            ..SvgOptions::default()
        });
        let file = file.map(|_| SvgOptions { links: &from_file, ..SvgOptions::default() });
        let places: Vec<SvgOptions<'_>> = page.into_iter().chain(file).collect();
        loko_draw::svgs_of(scene, &places)
    }

    /// The picture to be drawn as pixels here and now, by day: what only readers need is left out.
    pub(crate) fn still(&self, scene: &Scene) -> String {
        let options = SvgOptions {
            fonts: Fonts::Page,
            standalone: false,
            focusable: false,
            links: &|_| None,
            ..SvgOptions::default()
        };
        loko_draw::svg_of(scene, &options)
    }

    /// What a picture is made of, wherever it will stand. Its lines lead to what pages say of them.
    pub(crate) fn scene(&self, board: &Board, placed: &Placed, title: &str) -> Scene {
        let mut scene = self.compose(board, placed, title, true);
        scene.items.iter_mut().for_each(lead);
        scene
    }

    /// A picture for paper: without a ground of its own.
    pub(crate) fn on_paper(&self, board: &Board, placed: &Placed, title: &str) -> Scene {
        self.compose(board, placed, title, false)
    }

    fn compose(&self, board: &Board, placed: &Placed, title: &str, background: bool) -> Scene {
        let title = Some(title).filter(|title| !title.is_empty());
        let options = SvgOptions { title, background, ..SvgOptions::default() };
        loko_draw::scene(board, placed, &self.look.clone().configured(&board.config), &options)
    }

    /// The row of a relation on the page of the element where its line begins.
    fn row(&self, relation: &str, page: &str) -> Option<String> {
        let (id, source) = relation.split_once(' ')?;
        let Resolution::Found(source) = self.model.resolve(source) else { return None };
        if !self.has_row(source, id) {
            return None;
        }
        let (to, place) = (self.addresses.element(source), format!("#r-{id}"));
        Some(if to == page { place } else { link(page, to) + &place })
    }

    /// Whether a relation starts at an element or at something in it.
    fn has_row(&self, element: ElementIx, relation: &str) -> bool {
        self.model.outgoing(element).iter().any(|ix| self.model.relation(*ix).id == relation)
            || self.model.children(element).iter().any(|child| self.has_row(*child, relation))
    }

    /// Where a link of a diagram leads on a page; an element's own page is no place to go from itself.
    fn link(&self, written: &str, page: &str) -> Option<String> {
        if let Some(id) = written.strip_prefix("element:") {
            let Resolution::Found(ix) = self.model.resolve(id) else { return None };
            let to = self.addresses.element(ix);
            return (to != page).then(|| link(page, to));
        }
        if let Some(anchor) = written.strip_prefix("here:") {
            return Some(format!("#{anchor}"));
        }
        if let Some(relation) = written.strip_prefix(RELATION_LINK) {
            return self.row(relation, page);
        }
        if let Some(step) = written.strip_prefix(STEP_LINK) {
            let is_its_story = (0..self.model.dynamics.len()).any(|at| self.addresses.dynamic(at) == page);
            return is_its_story.then(|| format!("#{step}"));
        }
        if written == view::LANDSCAPE_LINK {
            return Some(link(page, crate::pages::home::PATH));
        }
        let is_web = ["https://", "http://", "mailto:"].iter().any(|scheme| written.starts_with(scheme));
        let board = || self.boards?.get(written).map(|to| link(page, to));
        if is_web { Some(written.to_owned()) } else { board() }
    }
}

/// How links of lines begin that lead to the row of a relation: its id and the box where the line begins follow.
const RELATION_LINK: &str = "relation:";
/// How links of lines begin that lead to the row of a step.
const STEP_LINK: &str = "step:";

/// Lets the lines of a picture lead somewhere, which a page may know.
fn lead(item: &mut Item) {
    let Item::Group(group) = item else { return };
    group.items.iter_mut().for_each(lead);
    if group.link.is_none() && group.class.split(' ').next() == Some("edge") {
        group.link = row_of(group);
    }
}

/// Where a line leads: of several relations or steps to the first.
fn row_of(line: &Group) -> Option<String> {
    let said = |wanted: &str| line.data.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str());
    let first = said("id")?.split(' ').next()?;
    if first.starts_with("step-") {
        return Some(format!("{STEP_LINK}{first}"));
    }
    Some(format!("{RELATION_LINK}{first} {}", said("src")?))
}

/// Whether a picture cannot stand on the ground of pages, which is light on light pages and dark on dark ones: a theme that
/// is the same everywhere keeps its paper.
fn has_own_ground(scene: &Scene) -> bool {
    const MIDDLE: f64 = 0.5;
    scene.background.is_some_and(|paper| paper.light.lightness() < MIDDLE || paper.dark.lightness() > MIDDLE)
}

/// The look that a project asks for, in the colours of its site.
pub(crate) fn look(model: &Model, colors: &Colors) -> Look {
    let look = colors.tinted(Look { pad: 8.0, legend: true, ..Look::default() });
    match Theme::named(&model.project.theme) {
        Some(theme) if theme.id != Theme::loko_light().id => {
            Look { theme, dark_theme: Some(theme).filter(|it| it.is_dark), ..look }
        }
        _ => look,
    }
}

/// Draws D2 that stands in prose: the picture, or what is wrong with the text, each with its line in it.
pub(crate) fn draw_d2(pen: &Pen<'_>, d2: &str, page: &str, prefix: &str) -> Result<String, Vec<String>> {
    let path = FilePath::new("prose.d2").expect("a plain name");
    let compiled = loko_d2::compile(d2, &path, &loko_d2::NoImports);
    if !compiled.is_valid() {
        return Err(compiled.error_lines());
    }
    let board = compiled.diagram.root;
    let placed = place(&board, pen.look);
    Ok(pen.inline(&pen.scene(&board, &placed, ""), page, prefix))
}

/// D2 of prose as a board, if it can be drawn.
pub(crate) fn board_of_d2(d2: &str) -> Option<Board> {
    let path = FilePath::new("prose.d2").expect("a plain name");
    let compiled = loko_d2::compile(d2, &path, &loko_d2::NoImports);
    compiled.is_valid().then_some(compiled.diagram.root)
}

/// A board that no view has, as a picture for paper; without a title it is called nothing.
pub(crate) fn board_on_paper(pen: &Pen<'_>, board: &Board, title: &str) -> Scene {
    let scene = pen.on_paper(board, &place(board, pen.look), title);
    Scene { title: title.to_owned(), ..scene }
}

/// A board that no view has, as a file that stands at a path.
pub(crate) fn board_file(pen: &Pen<'_>, board: &Board, title: &str, path: &str) -> String {
    pen.file(&pen.scene(board, &place(board, pen.look), title), path)
}

/// The path of the script that holds the fonts.
const FONTS_SCRIPT: &str = "js/fonts.js";

/// The path of a font, and its bytes unless it is there already.
pub(crate) type FontFile = (String, Option<Vec<u8>>);

/// The fonts that pages give to pictures: a style sheet, a file for each face with the letters that are needed, and a
/// script that holds them all, for pictures that leave the page; no bytes where the file is there already.
pub(crate) fn fonts(letters: &BTreeSet<char>, is_there: impl Fn(&str) -> bool + Sync) -> (String, Vec<FontFile>) {
    let name = |face: Face| match face {
        Face::Regular => "regular.ttf",
        Face::Bold => "bold.ttf",
        Face::Italic => "italic.ttf",
        Face::BoldItalic => "bold-italic.ttf",
        Face::Mono => "mono.ttf",
    };
    let css = loko_draw::font_face_css(&|face| format!("../fonts/{}", name(face)));
    let is_script_there = is_there(FONTS_SCRIPT);
    let file = |face: &Face| {
        let path = format!("fonts/{}", name(*face));
        let is_needed = !is_script_there || !is_there(&path);
        let bytes = is_needed.then(|| loko_draw::subset(*face, letters.iter().copied()));
        (path, bytes)
    };
    let mut files: Vec<FontFile> = Face::ALL.par_iter().map(file).collect();
    let script = (!is_script_there).then(|| {
        let bytes = |face: Face| files.iter().find(|(path, _)| path.ends_with(&format!("/{}", name(face))))?.1.as_ref();
        let url =
            |face| format!("data:font/ttf;base64,{}", bytes(face).map_or_else(String::new, |it| policy::base64(it)));
        // No sign of a rule can end a script or a text.
        format!("globalThis.lokoFonts = '{}';\n", loko_draw::font_face_css(&url)).into_bytes()
    });
    files.push((FONTS_SCRIPT.to_owned(), script));
    (css + "\n", files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_the_same_size_ask_the_same() {
        let asked = |d2: &str, is_map: bool| {
            let board = board_of_d2(d2).expect("good D2");
            Question::of(&board, &Look::default(), is_map, None).fingerprint()
        };
        let one = asked("a: order {tooltip: all}\na -> b: place {link: https://one.example}", false);
        assert_eq!(one, asked("# moved\na: redro {tooltip: none}\na -> b: calep {link: https://two.example}", false));
        assert_ne!(one, asked("a: order\na -> b: place an order", false));
        assert_ne!(one, asked("a: order\nb -> a: place", false));
        assert_ne!(one, asked("a: order {shape: cylinder}\na -> b: place", false));
        assert_ne!(one, asked("a: order {tooltip: all}\na -> b: place {link: https://one.example}", true));
    }

    #[test]
    fn where_things_stood_is_asked_too() {
        let board = board_of_d2("a -> b").expect("good D2");
        let hints = Hints::from_middles([("a".to_owned(), Point::new(10.0, 20.0))]);
        let of = |previous| Question::of(&board, &Look::default(), false, previous).fingerprint();
        assert_ne!(of(None), of(Some(&hints)));
    }
}
