//! Deployments: environments, the nodes in them, and what runs where.

use crate::element::ElementIx;
use loko_source::Place;
use serde::Serialize;

/// An environment such as production.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Environment {
    /// The id: the name of its TOML file, or the slug of its name.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The outermost nodes.
    pub nodes: Vec<DeploymentNode>,
    /// Where it is stated first.
    #[serde(skip)]
    pub place: Place,
}

/// A place where software runs: a region, a cluster, a virtual machine, a phone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeploymentNode {
    /// The name; its slug is unique among its siblings.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it is made with.
    pub technology: String,
    /// Labels for filters and rules.
    pub tags: Vec<String>,
    /// How many alike there are.
    pub count: u32,
    /// Nodes inside.
    pub nodes: Vec<DeploymentNode>,
    /// What runs here.
    pub instances: Vec<Instance>,
}

/// Something of the model that runs on a node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Instance {
    /// The system or container.
    pub of: ElementIx,
    /// How many copies run.
    pub replicas: u32,
    /// Where it is stated.
    #[serde(skip)]
    pub place: Place,
}
