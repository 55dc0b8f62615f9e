//! How many copies of an element run: as it says itself, or else as the deployment does that the scenario runs in.
//!
//! The copies of a deployment are those of all its instances together. What is not deployed itself runs as often as the
//! nearest element does that it is part of. How many nodes there are multiplies nothing: an instance says how many run.

use super::{Builder, CODE, ElementIx};
use crate::defaults;
use crate::scenario::{Chosen, Scenario, Variant};
use loko_model::behaviour::Behaviour;
use loko_model::{DeploymentNode, Environment, Model, name};
use loko_source::Diagnostic;
use loko_source::suggest::did_you_mean;
use std::collections::BTreeMap;

/// The most copies of an element.
pub(super) const REPLICAS_MAX: u32 = 1 << 24;
/// What an environment is called that is meant when there are several and none is named.
const PRODUCTION: [&str; 3] = ["production", "prod", "live"];

/// Who says how many copies of an element run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// The element itself.
    Element,
    /// The deployment.
    Deployment,
    /// Nobody, so it is assumed.
    Nobody,
}

/// How many copies of an element run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replicas {
    /// The number, at least 1.
    pub count: u32,
    /// Who says so.
    pub says: Says,
}

impl Replicas {
    /// Where the number is from.
    pub fn source(self) -> &'static str {
        match self.says {
            Says::Element => "element",
            Says::Deployment => "deployment",
            Says::Nobody => "assumed",
        }
    }
}

/// The deployment whose copies run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deployment {
    /// Its name; none when there is none.
    pub(super) name: Option<String>,
    copies: BTreeMap<ElementIx, u32>,
    /// What is told when it was chosen and not named.
    why: Option<String>,
}

impl Deployment {
    /// The deployment that a variant runs in: the one that it or the scenario names, the only one, or production.
    pub(super) fn of(model: &Model, scenario: &Scenario, variant: &Variant) -> Result<Self, Box<Diagnostic>> {
        if let Some(chosen) = variant.environment.as_ref().or(scenario.environment.as_ref()) {
            return named(model, scenario, chosen).map(|environment| Self::from(environment, None));
        }
        let filled: Vec<&Environment> =
            model.environments.iter().filter(|it| it.nodes.iter().any(has_instances)).collect();
        let is_production = |it: &&Environment| PRODUCTION.iter().any(|word| called(it, word));
        match (filled.as_slice(), filled.iter().copied().find(is_production)) {
            ([], _) => Ok(Self::default()),
            ([only], _) => Ok(Self::from(only, Some("which is the only one"))),
            (_, Some(production)) => Ok(Self::from(production, Some("as no other is named"))),
            (several, None) => {
                let ids: Vec<String> = several.iter().map(|it| format!("`{}`", it.id)).collect();
                let why = format!("no deployment is taken: none of {} is named by `environment`", ids.join(", "));
                Ok(Self { why: Some(why), ..Self::default() })
            }
        }
    }

    fn from(environment: &Environment, why: Option<&str>) -> Self {
        let mut copies = BTreeMap::new();
        environment.nodes.iter().for_each(|node| count(node, &mut copies));
        let why = why.map(|why| format!("copies run as in deployment {}, {why}", environment.name));
        Self { name: Some(environment.name.clone()), copies, why }
    }
}

/// Whether an environment has an id or a name.
fn called(environment: &Environment, wanted: &str) -> bool {
    environment.id == wanted || name::slug(&environment.name) == wanted
}

fn named<'m>(model: &'m Model, scenario: &Scenario, chosen: &Chosen) -> Result<&'m Environment, Box<Diagnostic>> {
    let slug = name::slug(&chosen.name);
    // An id wins over a name.
    let found = model.environments.iter().find(|it| it.id == slug);
    if let Some(found) = found.or_else(|| model.environments.iter().find(|it| called(it, &slug))) {
        return Ok(found);
    }
    let mut finding = Diagnostic::error(CODE, format!("there is no deployment `{}`", chosen.name));
    if let Some(span) = chosen.span {
        finding = finding.at(&scenario.path, span, "unknown");
    }
    let ids = || model.environments.iter().map(|it| it.id.as_str());
    finding.help = Some(match did_you_mean(&chosen.name, ids()) {
        Some(help) => help.into(),
        None if model.environments.is_empty() => "write one below `deployments/`".into(),
        None => format!("there is {}", ids().collect::<Vec<_>>().join(", ")).into(),
    });
    Err(Box::new(finding))
}

fn has_instances(node: &DeploymentNode) -> bool {
    !node.instances.is_empty() || node.nodes.iter().any(has_instances)
}

/// Adds up what runs on a node and in it; how deep nodes stand in each other is limited when they are read.
fn count(node: &DeploymentNode, copies: &mut BTreeMap<ElementIx, u32>) {
    for instance in &node.instances {
        let sum = copies.entry(instance.of).or_default();
        *sum = sum.saturating_add(instance.replicas);
    }
    node.nodes.iter().for_each(|inner| count(inner, copies));
}

impl Builder<'_> {
    /// How many copies of an element run.
    pub(super) fn replicas(&self, ix: ElementIx) -> Replicas {
        let stated = Behaviour::of_element(self.model.element(ix)).count("replicas");
        let of = |count: u64, says| Replicas { count: count.clamp(1, u64::from(REPLICAS_MAX)) as u32, says };
        if let Some(count) = stated {
            return of(count, Says::Element);
        }
        let deployed = self.model.ancestry(ix).find_map(|above| self.deployment.copies.get(&above));
        match deployed {
            Some(count) => of(u64::from(*count), Says::Deployment),
            None => of(u64::from(defaults::REPLICAS), Says::Nobody),
        }
    }

    /// The copies of each station, and what was assumed to know them.
    pub(super) fn copies_told(&mut self) -> Vec<Option<Replicas>> {
        let elements = self.elements();
        let told: Vec<Option<Replicas>> = elements.into_iter().map(|ix| Some(self.replicas(ix?))).collect();
        let unsaid = self.deployment.name.is_none() && told.iter().flatten().any(|it| it.says == Says::Nobody);
        let used = told.iter().flatten().any(|it| it.says == Says::Deployment);
        if let Some(why) = self.deployment.why.clone().filter(|_| used || unsaid) {
            self.assumptions.insert(why);
        }
        told
    }
}
