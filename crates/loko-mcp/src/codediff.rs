//! Reading a unified diff of code: which files change, and which other elements their added lines name.
//!
//! A line names an element when it holds the path of a folder or file of that element's code, written with `/`, `.`, `::`
//! or `\` between the parts, as imports of most languages write it.

use loko_model::query::CodeMap;
use loko_model::{ElementIx, Model};

/// A file of a diff.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    /// Its path after the change.
    pub(crate) path: String,
    /// The lines it gains.
    pub(crate) added: Vec<String>,
}

/// Reads a unified diff.
pub(crate) fn read(diff: &str) -> Vec<Changed> {
    let mut files: Vec<Changed> = Vec::new();
    let mut old = String::new();
    for line in diff.lines() {
        if let Some(path) = line.strip_prefix("--- ") {
            old = clean(path);
        } else if let Some(path) = line.strip_prefix("+++ ") {
            let new = clean(path);
            // A file that goes is known by its old name.
            let path = if new == "/dev/null" { std::mem::take(&mut old) } else { new };
            files.push(Changed { path, added: Vec::new() });
        } else if let (Some(text), Some(file)) = (line.strip_prefix('+'), files.last_mut()) {
            file.added.push(text.to_owned());
        }
    }
    files
}

fn clean(path: &str) -> String {
    let path = path.split('\t').next().unwrap_or(path).trim().trim_matches('"');
    path.strip_prefix("a/").or_else(|| path.strip_prefix("b/")).unwrap_or(path).to_owned()
}

/// The elements that a file's added lines name, for each of the elements that the file belongs to.
pub(crate) fn uses(model: &Model, code: &CodeMap, owners: &[ElementIx], file: &Changed) -> Vec<(ElementIx, ElementIx)> {
    let mut found = Vec::new();
    if owners.is_empty() {
        return found;
    }
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let written: Vec<String> = file.added.iter().flat_map(|line| paths_in(line, folder)).collect();
    for path in &written {
        for used in targets(model, code, path) {
            for owner in owners {
                let is_other = !model.is_within(used, *owner) && !model.is_within(*owner, used);
                if is_other && !found.contains(&(*owner, used)) {
                    found.push((*owner, used));
                }
            }
        }
    }
    found
}

/// The elements to whose code a written path leads.
fn targets(model: &Model, code: &CodeMap, path: &str) -> Vec<ElementIx> {
    let exact = code.owners(model, path);
    if !exact.is_empty() {
        return exact;
    }
    // Imports leave out source roots and endings: the folders of an element's globs are looked for instead.
    let mut found = Vec::new();
    for ix in model.ids() {
        let names = model.element(ix).code.iter().filter_map(|glob| stem(glob));
        if names.into_iter().any(|stem| holds(path, &stem)) {
            found.push(ix);
        }
    }
    let all = found.clone();
    found.retain(|ix| !all.iter().any(|other| other != ix && model.is_within(*other, *ix)));
    found
}

/// The folder that a glob begins with: `services/payment/**` is `services/payment`.
fn stem(glob: &str) -> Option<String> {
    let fixed: Vec<&str> =
        glob.trim_start_matches("./").split('/').take_while(|part| !part.contains(['*', '?'])).collect();
    let fixed = fixed.join("/");
    // A single short word would be found in any line.
    (fixed.contains('/') || fixed.len() >= 8).then_some(fixed)
}

/// Whether a path holds another one as whole parts.
fn holds(path: &str, part: &str) -> bool {
    let (path, part) = (format!("/{path}/"), format!("/{part}/"));
    path.contains(&part)
}

/// What looks like a path in a line of code, with `/` between the parts; relative ones from a folder.
fn paths_in(line: &str, folder: &str) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | '@' | '\\');
    line.split(|c: char| !is_part(c))
        .map(|word| word.trim_end_matches(['.', ':']))
        .filter_map(|word| match word {
            _ if word.starts_with("./") || word.starts_with("../") => Some(relative_to(folder, word)),
            _ if word.contains(['/', '.', '\\']) || word.contains("::") => {
                Some(slashes(word.trim_start_matches(['.', ':', '@', '/'])))
            }
            _ => None,
        })
        .filter(|path| path.contains('/'))
        .collect()
}

fn slashes(word: &str) -> String {
    let word = word.replace("::", "/").replace('\\', "/");
    // `com.shop.payment` is a path; `payment.ts` is a file.
    if word.contains('/') { word } else { word.replace('.', "/") }
}

fn relative_to(folder: &str, written: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_added_lines_are_read() {
        let diff = "diff --git a/x/a.ts b/x/a.ts\n--- a/x/a.ts\n+++ b/x/a.ts\n@@ -1 +1,2 @@\n+import p from '../payment/api'\n-old\n";
        let changed = read(diff);
        assert_eq!(
            changed,
            [Changed { path: "x/a.ts".to_owned(), added: vec!["import p from '../payment/api'".to_owned()] }]
        );
        assert_eq!(paths_in(&changed[0].added[0], "x"), ["payment/api"]);
        assert!(read("not a diff").is_empty());
    }

    #[test]
    fn imports_of_many_languages_are_paths() {
        assert_eq!(paths_in("use services::payment::client;", ""), ["services/payment/client"]);
        assert_eq!(paths_in("import com.shop.payment.Api;", ""), ["com/shop/payment/Api"]);
        assert_eq!(paths_in("#include \"services/payment/api.h\"", ""), ["services/payment/api.h"]);
    }
}
