//! The page of an environment.

use super::{Body, Page, Ref, here, section};
use crate::site::Site;
use loko_model::DeploymentNode;
use serde::Serialize;

/// What the page says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DeploymentPage {
    pub name: String,
    pub description: String,
    pub nodes: Vec<Node>,
}

/// A node and what is in it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Node {
    pub name: String,
    pub description: String,
    pub technology: String,
    pub tags: Vec<String>,
    pub count: u32,
    pub nodes: Vec<Node>,
    pub instances: Vec<InstanceView>,
}

/// Something that runs on a node.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct InstanceView {
    pub of: Ref,
    pub replicas: u32,
}

/// Plans the page of an environment.
pub(crate) fn page(site: &Site<'_>, at: usize) -> Page {
    let environment = &site.model.environments[at];
    let path = site.addresses.environment(at);
    let nodes: Vec<Node> = environment.nodes.iter().map(|it| node(site, path, it)).collect();
    let sections = vec![section("s-nodes", &site.say("deployment.nodes"))];
    let mut frame = site.frame(path, &environment.name, &environment.description, sections);
    frame.crumbs = vec![site.home_crumb(path), here(environment.name.clone())];
    frame.set_source(site, environment.place.path.as_str());
    let drawings = site.drawings_at(path).iter().map(|at| site.page_drawing(path, *at)).collect();
    let body = DeploymentPage { name: environment.name.clone(), description: environment.description.clone(), nodes };
    Page { path: path.to_owned(), frame, body: Body::Deployment(body), drawings, prose: None, sketches: Vec::new() }
}

fn node(site: &Site<'_>, page: &str, node: &DeploymentNode) -> Node {
    Node {
        name: node.name.clone(),
        description: node.description.clone(),
        technology: node.technology.clone(),
        tags: node.tags.clone(),
        count: node.count,
        nodes: node.nodes.iter().map(|it| self::node(site, page, it)).collect(),
        instances: node
            .instances
            .iter()
            .map(|it| InstanceView { of: site.reference(page, it.of), replicas: it.replicas })
            .collect(),
    }
}
