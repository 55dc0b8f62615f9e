//! Which elements a file of the code belongs to, by the globs of their `code` key.

use crate::glob::Pattern;
use crate::{ElementIx, Model};

/// The code globs of a model, ready to be asked.
#[derive(Clone, Debug)]
pub struct CodeMap {
    /// For each glob the element and the number of its letters that are no wildcards.
    globs: Vec<(ElementIx, usize, Pattern)>,
}

impl CodeMap {
    /// Reads the globs of all elements. A glob that names a folder stands for all files below it.
    pub fn new(model: &Model) -> Self {
        let mut globs = Vec::new();
        for ix in model.ids() {
            for written in &model.element(ix).code {
                let clean = written.trim().trim_start_matches("./").trim_end_matches('/');
                let letters = clean.chars().filter(|letter| !matches!(letter, '*' | '?')).count();
                if letters > 0 {
                    globs.push((ix, letters, Pattern::new(clean)));
                    globs.push((ix, letters, Pattern::new(&format!("{clean}/**"))));
                    // `src/**/x.rs` means files right below `src` too.
                    if clean.contains("/**/") {
                        globs.push((ix, letters, Pattern::new(&clean.replace("/**/", "/"))));
                    }
                }
            }
        }
        Self { globs }
    }

    /// Whether no element says which code it is made of.
    pub fn is_empty(&self) -> bool {
        self.globs.is_empty()
    }

    /// The element that a file belongs to: of those whose globs match, the one that says it most exactly, and of a whole
    /// and its part the part. Several when they say it equally exactly.
    pub fn owners(&self, model: &Model, path: &str) -> Vec<ElementIx> {
        let path = path.trim_start_matches("./");
        let matching: Vec<(ElementIx, usize)> =
            self.globs.iter().filter(|(.., glob)| glob.matches(path)).map(|(ix, letters, _)| (*ix, *letters)).collect();
        let most = matching.iter().map(|(_, letters)| *letters).max().unwrap_or(0);
        let mut best: Vec<ElementIx> =
            matching.iter().filter(|(_, letters)| *letters == most).map(|(ix, _)| *ix).collect();
        best.sort();
        best.dedup();
        let all = best.clone();
        best.retain(|ix| !all.iter().any(|other| other != ix && model.is_within(*other, *ix)));
        best
    }
}
