//! Deployments: the files of `deployments/`, `deployments.toml`, and the `deployment` of front matter.

use super::Names;
use super::draft::Deployed;
use super::read::{Reader, Written};
use super::scope::{DEPLOYMENTS_FILE, DEPLOYMENTS_FOLDER};
use super::toml;
use crate::schema::At;
use crate::value::Entry;
use crate::{DeploymentNode, ElementIx, Environment, Instance, Kind, name};
use indexmap::IndexMap;
use loko_source::{Diagnostic, FilePath, Place, Source, Span};
use rustc_hash::FxHashMap;

/// The most copies or nodes that a number may say: more is a slip of the finger.
pub(crate) const COUNT_MAX: u32 = 1_000_000;

/// The path of a front matter's `node` when it names none.
const ANY_NODE: &str = "default";

/// All environments, sorted by id.
pub(crate) fn all(names: &mut Names<'_>, deployed: Vec<(ElementIx, Deployed)>) -> Vec<Environment> {
    let mut environments: Vec<Environment> = Vec::new();
    let folder = names.snapshot.paths_below(DEPLOYMENTS_FOLDER).filter(|path| path.extension() == Some("toml"));
    let files: Vec<&FilePath> = folder.chain(names.snapshot.path(DEPLOYMENTS_FILE)).collect();
    for path in files {
        if let Some(source) = names.snapshot.source(path.as_str()) {
            file(names, path, source, &mut environments);
        }
    }
    let mut places = Places::of(environments);
    for (element, wish) in deployed {
        deploy(names, element, wish, &mut places);
    }
    let mut environments = places.environments;
    environments.sort_by(|a, b| a.id.cmp(&b.id));
    environments
}

/// A file is an environment, or holds several in `[[environment]]` tables.
fn file(names: &mut Names<'_>, path: &FilePath, source: &Source, environments: &mut Vec<Environment>) {
    let mut reader = Reader::new(path, source.text());
    let (value, problems) = toml::parse(source.text());
    reader.problems("bad-toml", "TOML", problems);
    let mut own = reader.table("deployments", value).unwrap_or_default();
    let several = own.shift_remove("environment");
    if !own.is_empty() || (several.is_none() && path.as_str() != DEPLOYMENTS_FILE) {
        let stem = path.file_name().trim_end_matches(".toml").to_owned();
        let environment = environment(names, &mut reader, own, Span::at(0), Some(stem));
        add(names, environments, environment);
    }
    if let Some(entry) = several {
        for (entries, span) in reader.tables("environment", entry.value) {
            let environment = environment(names, &mut reader, entries, span, None);
            add(names, environments, environment);
        }
    }
    names.findings.extend(reader.told());
}

/// Environments of one id are one; who says so twice is told.
fn add(names: &mut Names<'_>, environments: &mut Vec<Environment>, environment: Environment) {
    let Some(first) = environments.iter().find(|known| known.id == environment.id) else {
        environments.push(environment);
        return;
    };
    let finding = Diagnostic::error("duplicate-id", format!("two environments have the id `{}`", environment.id))
        .at(&environment.place.path, environment.place.span, "this one is not read")
        .and(&first.place.path, first.place.span, "this one counts")
        .help("give one of them another `id`");
    names.findings.push(finding);
}

fn environment(
    names: &mut Names<'_>,
    reader: &mut Reader<'_>,
    entries: IndexMap<String, Entry>,
    span: Span,
    stem: Option<String>,
) -> Environment {
    let mut id = None;
    let mut environment = Environment {
        id: String::new(),
        name: String::new(),
        description: String::new(),
        nodes: Vec::new(),
        place: Place::new(reader.file.clone(), span),
    };
    for (name, entry) in entries {
        match reader.key(At::Environment, &name, entry.key_span).map(|key| key.name) {
            Some("id") => id = reader.text("id", entry.value),
            Some("name") => environment.name = reader.text("name", entry.value).unwrap_or_default(),
            Some("description") => {
                environment.description = reader.text("description", entry.value).unwrap_or_default();
            }
            Some("node") => environment.nodes = nodes(names, reader, entry.value),
            _ => {}
        }
    }
    let stated = id.or(stem).unwrap_or_else(|| environment.name.clone());
    environment.id = name::slug(&stated);
    if environment.name.is_empty() {
        environment.name = stated;
    }
    if environment.id.is_empty() {
        reader.missing(At::Environment, "name", span);
        environment.id = "environment".to_owned();
    }
    environment
}

fn nodes(names: &mut Names<'_>, reader: &mut Reader<'_>, value: crate::Value) -> Vec<DeploymentNode> {
    let tables = reader.tables("node", value);
    tables.into_iter().map(|(entries, span)| node(names, reader, entries, span)).collect()
}

/// The TOML reader limits how deep nodes stand in each other.
fn node(
    names: &mut Names<'_>,
    reader: &mut Reader<'_>,
    entries: IndexMap<String, Entry>,
    span: Span,
) -> DeploymentNode {
    let mut node = bare_node("");
    for (name, entry) in entries {
        let value = entry.value;
        match reader.key(At::Node, &name, entry.key_span).map(|key| key.name) {
            Some("name") => node.name = reader.text("name", value).unwrap_or_default(),
            Some("description") => node.description = reader.text("description", value).unwrap_or_default(),
            Some("technology") => node.technology = reader.text("technology", value).unwrap_or_default(),
            Some("tags") => node.tags = reader.texts("tags", value),
            Some("count") => node.count = reader.count("count", &value, 0, COUNT_MAX).unwrap_or(1),
            Some("node") => node.nodes = nodes(names, reader, value),
            Some("instance") => node.instances = instances(names, reader, value),
            _ => {}
        }
    }
    if node.name.is_empty() {
        reader.missing(At::Node, "name", span);
        node.name = node.technology.clone();
    }
    node
}

fn bare_node(name: &str) -> DeploymentNode {
    DeploymentNode {
        name: name.to_owned(),
        description: String::new(),
        technology: String::new(),
        tags: Vec::new(),
        count: 1,
        nodes: Vec::new(),
        instances: Vec::new(),
    }
}

fn instances(names: &mut Names<'_>, reader: &mut Reader<'_>, value: crate::Value) -> Vec<Instance> {
    let mut instances = Vec::new();
    for (entries, span) in reader.tables("instance", value) {
        let (mut of, mut replicas) = (None, 1);
        for (name, entry) in entries {
            match reader.key(At::Instance, &name, entry.key_span).map(|key| key.name) {
                Some("of") => of = Some(reader.written("of", entry.value)),
                Some("replicas") => replicas = reader.count("replicas", &entry.value, 0, COUNT_MAX).unwrap_or(1),
                _ => {}
            }
        }
        match of {
            None => reader.missing(At::Instance, "of", span),
            Some(None) => {}
            Some(Some(written)) => instances.extend(instance(names, reader.file, &written, replicas)),
        }
    }
    instances
}

fn instance(names: &mut Names<'_>, file: &FilePath, written: &Written, replicas: u32) -> Option<Instance> {
    let of = names.element(file, None, written)?;
    let element = names.model().element(of);
    if matches!(element.kind, Kind::System | Kind::Container) {
        return Some(Instance { of, replicas, place: Place::new(file.clone(), written.span) });
    }
    let finding = Diagnostic::error("wrong-kind", format!("`{}` is a {}", element.id, element.kind.name()))
        .at(file, written.span, "only systems and containers run on nodes")
        .help("name the container that it is part of");
    names.findings.push(finding);
    None
}

/// Puts an element where its front matter wants it; environments and nodes that nobody described are made.
fn deploy(names: &mut Names<'_>, element: ElementIx, wish: Deployed, places: &mut Places) {
    let described = names.model().element(element);
    let file = &described.file;
    if !matches!(described.kind, Kind::System | Kind::Container) {
        let finding = Diagnostic::error("wrong-kind", format!("`{}` is a {}", described.id, described.kind.name())).at(
            file,
            wish.span,
            "only systems and containers run on nodes",
        );
        names.findings.push(finding);
        return;
    }
    let Some(written) = &wish.environment else {
        let mut reader = Reader::new(file, names.snapshot.text(file.as_str()).unwrap_or(""));
        reader.missing(At::Deployed, "environment", wish.span);
        names.findings.append(&mut reader.findings);
        return;
    };
    let at = places.environment(written, file);
    let span = wish.node.as_ref().map_or(wish.span, |node| node.span);
    let path = wish.node.map_or_else(|| ANY_NODE.to_owned(), |node| node.text);
    let place = Place::new(file.clone(), span);
    let instance = Instance { of: element, replicas: wish.replicas.unwrap_or(1), place };
    if let Some(node) = places.node(at, &path) {
        node.instances.push(instance);
    }
}

/// Nodes stand at most this deep in each other; what is written deeper stands there.
const NODE_DEPTH_MAX: usize = 32;

/// The environments, and where in them the nodes are by their names.
struct Places {
    environments: Vec<Environment>,
    by_name: FxHashMap<String, usize>,
    /// The positions that lead to a node, by its environment and the slugs of the path.
    nodes: FxHashMap<(usize, String), Vec<usize>>,
}

impl Places {
    fn of(environments: Vec<Environment>) -> Self {
        let mut places = Self { environments, by_name: FxHashMap::default(), nodes: FxHashMap::default() };
        for (at, environment) in places.environments.iter().enumerate() {
            places.by_name.entry(environment.id.clone()).or_insert(at);
            add_nodes(&mut places.nodes, at, &environment.nodes, "", &[]);
        }
        // An id wins over a name.
        for (at, environment) in places.environments.iter().enumerate() {
            places.by_name.entry(name::slug(&environment.name)).or_insert(at);
        }
        places
    }

    fn environment(&mut self, written: &Written, file: &FilePath) -> usize {
        let id = name::slug(&written.text);
        if let Some(at) = self.by_name.get(&id) {
            return *at;
        }
        self.by_name.insert(id.clone(), self.environments.len());
        self.environments.push(Environment {
            id,
            name: written.text.clone(),
            description: String::new(),
            nodes: Vec::new(),
            place: Place::new(file.clone(), written.span),
        });
        self.environments.len() - 1
    }

    /// The node of a path, made when it is not there.
    fn node(&mut self, environment: usize, path: &str) -> Option<&mut DeploymentNode> {
        let mut slugs = String::new();
        let mut leads: Vec<usize> = Vec::new();
        let parts = path.split('/').map(str::trim).filter(|part| !part.is_empty());
        for part in parts.take(NODE_DEPTH_MAX) {
            slugs = format!("{slugs}/{}", name::slug(part));
            let key = (environment, slugs.clone());
            if let Some(known) = self.nodes.get(&key) {
                leads.clone_from(known);
                continue;
            }
            let siblings = match leads.as_slice() {
                [] => &mut self.environments[environment].nodes,
                leads => &mut follow(&mut self.environments[environment].nodes, leads)?.nodes,
            };
            siblings.push(bare_node(part));
            leads.push(siblings.len() - 1);
            self.nodes.insert(key, leads.clone());
        }
        follow(&mut self.environments[environment].nodes, &leads)
    }
}

fn follow<'n>(nodes: &'n mut [DeploymentNode], leads: &[usize]) -> Option<&'n mut DeploymentNode> {
    let (first, rest) = leads.split_first()?;
    rest.iter().try_fold(nodes.get_mut(*first)?, |node, at| node.nodes.get_mut(*at))
}

/// The TOML reader limits how deep nodes stand in each other.
fn add_nodes(
    known: &mut FxHashMap<(usize, String), Vec<usize>>,
    environment: usize,
    nodes: &[DeploymentNode],
    before: &str,
    leads: &[usize],
) {
    for (at, node) in nodes.iter().enumerate() {
        let path = format!("{before}/{}", name::slug(&node.name));
        let mut leads = leads.to_vec();
        leads.push(at);
        add_nodes(known, environment, &node.nodes, &path, &leads);
        known.entry((environment, path)).or_insert(leads);
    }
}
