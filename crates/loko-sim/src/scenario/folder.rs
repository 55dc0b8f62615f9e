//! The scenarios of a workspace: where they lie and by which names they are found.
//!
//! A scenario is asked for by its path, its file name, that name without its end, or the name that it gives itself.

use super::{FOLDER, read};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Snapshot};

/// The scenarios of a workspace with their texts, in the order of their paths.
pub fn all(snapshot: &Snapshot) -> Vec<(&FilePath, &str)> {
    let paths = snapshot.paths_below(FOLDER).filter(|path| path.extension() == Some("toml"));
    paths.filter_map(|path| Some((path, snapshot.text(path.as_str())?))).collect()
}

/// The short name of a scenario: that of its file, without its end.
pub fn stem(path: &FilePath) -> &str {
    path.file_name().trim_end_matches(".toml")
}

/// The scenario that a name means; otherwise a finding that says which may be meant.
pub fn find<'s>(snapshot: &'s Snapshot, wanted: &str) -> Result<(&'s FilePath, &'s str), Box<Diagnostic>> {
    let all = all(snapshot);
    let by_file = |path: &FilePath| stem(path) == wanted || path.as_str() == wanted || path.file_name() == wanted;
    if let Some(found) = all.iter().find(|(path, _)| by_file(path)) {
        return Ok(*found);
    }
    let slug = loko_model::name::slug(wanted);
    let by_name = |path: &FilePath, text: &str| {
        read(path, text).is_ok_and(|scenario| loko_model::name::slug(&scenario.name) == slug)
    };
    if let Some(found) = all.iter().find(|(path, text)| by_name(path, text)) {
        return Ok(*found);
    }
    let help = did_you_mean(wanted, all.iter().map(|(path, _)| stem(path))).unwrap_or_else(|| match all.as_slice() {
        [] => format!("write one below {FOLDER}/"),
        _ => format!("there are {}", all.iter().map(|(path, _)| stem(path)).collect::<Vec<_>>().join(", ")),
    });
    Err(Box::new(Diagnostic::error("scenario", format!("there is no scenario `{wanted}`")).help(help)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_found_by_any_of_its_names() {
        let load = "[[load]]\nfrom = \"a\"\nto = \"b\"\nprofile = { rate = \"5rps\" }\n";
        let text = format!("name = \"Black Friday\"\n{load}");
        let snapshot = Snapshot::from_texts([("scenarios/rush.toml", text.as_str())]);
        for name in ["rush", "rush.toml", "scenarios/rush.toml", "Black Friday", "black-friday"] {
            assert_eq!(find(&snapshot, name).map(|(path, _)| path.as_str()), Ok("scenarios/rush.toml"), "{name}");
        }
        let unknown = find(&snapshot, "rus").map(|_| ()).unwrap_err();
        assert!(unknown.help.is_some_and(|help| help.contains("`rush`")));
    }
}
