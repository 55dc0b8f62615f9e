//! What pictures say by themselves, in the language of whoever draws: phrases by their English words.

use std::collections::BTreeMap;
use std::sync::Arc;

/// All that legends say, in English; `{name}` stands for a type of elements.
pub const LEGEND_PHRASES: [&str; 31] = [
    "Legend",
    "Synchronous",
    "Asynchronous",
    "Compensation",
    "Number of copies",
    "Pattern and the role in it",
    "External {name}",
    "Database",
    "Queue",
    "Object store",
    "Function",
    "Web application",
    "Mobile application",
    "Person",
    "Software system",
    "Container",
    "Component",
    "Deployment node",
    "Boundary",
    "External database",
    "External queue",
    "External object store",
    "External function",
    "External web application",
    "External mobile application",
    "External person",
    "External software system",
    "External container",
    "External component",
    "External deployment node",
    "External boundary",
];

/// What phrases are in another language; English where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phrases(Arc<BTreeMap<String, String>>);

impl Phrases {
    /// Phrases by their English words.
    pub fn new(phrases: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(Arc::new(phrases.into_iter().collect()))
    }

    /// A phrase by its English words.
    pub(crate) fn say<'a>(&'a self, english: &'a str) -> &'a str {
        self.0.get(english).map_or(english, String::as_str)
    }

    /// The name of something outside, by what it is.
    pub(crate) fn external(&self, name: &str) -> String {
        const EXTERNAL: &str = "External {name}";
        match self.0.get(EXTERNAL) {
            Some(said) => said.replace("{name}", name),
            None => EXTERNAL.replace("{name}", &name.to_lowercase()),
        }
    }
}
