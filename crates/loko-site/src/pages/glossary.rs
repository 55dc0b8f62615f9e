//! The glossary: what words mean, context by context.

use super::{Body, Page, here, section};
use crate::address::link;
use crate::pages::contexts;
use crate::pages::facets::Named;
use crate::site::Site;
use loko_model::name;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The path of the page.
pub(crate) const PATH: &str = "glossary.html";

/// What the page says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct GlossaryPage {
    pub lead: String,
    pub letters: Vec<Letter>,
}

/// The words that begin with a letter.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Letter {
    pub id: String,
    pub letter: String,
    pub terms: Vec<Term>,
}

/// A word with all that it means.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Term {
    pub id: String,
    pub word: String,
    pub meanings: Vec<Meaning>,
}

/// What a word means in a context.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Meaning {
    pub text: String,
    pub context: Named,
}

/// All words in their order, each with an id of its own.
pub(crate) fn terms(site: &Site<'_>) -> Vec<(String, Term)> {
    let mut terms: BTreeMap<String, Term> = BTreeMap::new();
    let to = link(PATH, contexts::PATH);
    for context in &site.model.contexts {
        let named = Named { name: context.name.clone(), href: format!("{to}#{}", contexts::anchor(&context.id)) };
        for (word, text) in &context.language {
            let id = format!("t-{}", name::slug(word));
            let term = terms.entry(word.to_lowercase()).or_insert_with(|| Term {
                id,
                word: word.clone(),
                meanings: Vec::new(),
            });
            term.meanings.push(Meaning { text: text.clone(), context: named.clone() });
        }
    }
    let mut taken = BTreeSet::new();
    for term in terms.values_mut() {
        // Words that differ in signs only would share an id.
        while !taken.insert(term.id.clone()) {
            term.id.push('_');
        }
    }
    terms.into_iter().collect()
}

/// Plans the page; none when no context says what its words mean.
pub(crate) fn page(site: &Site<'_>) -> Option<Page> {
    let terms = terms(site);
    if terms.is_empty() {
        return None;
    }
    let (count, several) = (terms.len(), terms.iter().filter(|(_, term)| term.meanings.len() > 1).count());
    let lead = match several {
        0 => site.words.count("glossary.lead", count),
        _ => site.words.fill("glossary.lead-several", &[("count", &count), ("several", &several)]),
    };
    let mut letters: Vec<Letter> = Vec::new();
    for (folded, term) in terms {
        let letter = folded.chars().next().map(|it| it.to_uppercase().to_string()).unwrap_or_default();
        match letters.last_mut() {
            Some(last) if last.letter == letter => last.terms.push(term),
            _ => letters.push(Letter { id: format!("l-{}", letter.to_lowercase()), letter, terms: vec![term] }),
        }
    }
    let sections = letters.iter().map(|letter| section(&letter.id, &letter.letter)).collect();
    let title = site.say("nav.glossary");
    let mut frame = site.frame(PATH, &title, &lead, sections);
    frame.crumbs = vec![site.home_crumb(PATH), here(title)];
    let body = Body::Glossary(GlossaryPage { lead, letters });
    Some(Page { path: PATH.to_owned(), frame, body, drawings: Vec::new(), prose: None, sketches: Vec::new() })
}
