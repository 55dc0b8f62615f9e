//! The scripts of pages. They are written as ES modules, which is how they are checked and tested; browsers refuse modules
//! on `file:` addresses, so pages get the modules of [`MODULES`] as one classic script: imports, comments and
//! indentation left out.
//!
//! A module's own names are unique among all modules, as a test holds.

use crate::words::Words;

/// The modules of `js/main.js` by name, those that are used before those that use them.
const MODULES: [(&str, &str); 11] = [
    ("dom", include_str!("../assets/js/dom.js")),
    ("parts", include_str!("../assets/js/parts.js")),
    ("drawing", include_str!("../assets/js/drawing.js")),
    ("trace", include_str!("../assets/js/trace.js")),
    ("minimap", include_str!("../assets/js/minimap.js")),
    ("panels", include_str!("../assets/js/panels.js")),
    ("tabs", include_str!("../assets/js/tabs.js")),
    ("tables", include_str!("../assets/js/tables.js")),
    ("finder", include_str!("../assets/js/finder.js")),
    ("sidebar", include_str!("../assets/js/sidebar.js")),
    ("main", include_str!("../assets/js/main.js")),
];

/// The modules that `js/tools.js` has besides the first two of those: what is behind the tools of drawings.
const TOOLS: [(&str, &str); 4] = [
    ("copy", include_str!("../assets/js/copy.js")),
    ("explore", include_str!("../assets/js/explore.js")),
    ("steps", include_str!("../assets/js/steps.js")),
    ("tools", include_str!("../assets/js/tools.js")),
];

/// The script that chooses between light and dark, before anything is painted.
pub(crate) const SCHEME: &str = include_str!("../assets/js/theme.js");

/// The module that shows one page after the other of a file that holds them all.
const CHAPTERS: &str = include_str!("../assets/js/chapters.js");
/// The module that plays what a scenario did.
const PLAYER: &str = include_str!("../assets/js/player.js");
/// The module that compares any two versions.
const CHOOSE: &str = include_str!("../assets/js/choose.js");
/// The module that all others use.
const DOM: &str = MODULES[0].1;
/// The module that all tools of drawings use.
const PARTS: &str = MODULES[1].1;

/// The script of all pages, with the words that it says.
pub(crate) fn main(words: &Words) -> String {
    let said = words.script(is_said_at_once);
    format!("globalThis.lokoWords = {said};\n") + &scope(&MODULES.map(|(_, module)| module))
}

/// Whether the script of all pages says a message.
fn is_said_at_once(name: &str) -> bool {
    let call = format!("say('{name}'");
    MODULES.iter().any(|(_, module)| module.contains(&call))
}

/// The script of a file that holds all pages, with the choice of two versions where there are several.
pub(crate) fn whole(words: &Words, has_versions: bool) -> String {
    let mut modules = MODULES.map(|(_, module)| module).to_vec();
    // The last one begins with what the others have said.
    let last = modules.len() - 1;
    let tools = TOOLS.map(|(_, module)| module);
    let others = [PLAYER, CHAPTERS].into_iter().chain(has_versions.then_some(CHOOSE));
    modules.splice(last..last, tools.into_iter().chain(others));
    format!("globalThis.lokoWords = {};\n", words.script(|_| true)) + &scope(&modules)
}

/// The scripts that only some pages need besides, or only when they are asked, by their paths; each brings the words that
/// the script of all pages does not say.
pub(crate) fn further(words: &Words) -> [(&'static str, String); 3] {
    let said = words.script(|name| !is_said_at_once(name));
    let said = format!("Object.assign(globalThis.lokoWords, {said});\n");
    let [copy, explore, steps, tools] = TOOLS.map(|(_, module)| module);
    let with_words = |modules: &[&str]| said.clone() + &scope(modules);
    [
        ("js/choose.js", with_words(&[DOM, CHOOSE])),
        ("js/player.js", with_words(&[DOM, PLAYER])),
        ("js/tools.js", with_words(&[DOM, PARTS, copy, explore, steps, tools])),
    ]
}

fn scope(modules: &[&str]) -> String {
    let mut script = "(() => {\n'use strict';\n".to_owned();
    modules.iter().for_each(|module| push_body(&mut script, module));
    script.push_str("})();\n");
    script
}

/// The script of `<loko-view>`, which stands in pages that are not ours and brings its words along.
pub(crate) fn view(words: &Words) -> String {
    let script = include_str!("../assets/js/view.js");
    let said = serde_json::json!([words.say("script.diagram"), words.say("script.view-keys")]);
    let line = |line: &str| match line.trim_start().starts_with(SAID) {
        true => format!("  {SAID}{said};\n"),
        false => format!("{line}\n"),
    };
    script.lines().map(line).collect()
}

/// The line of that script that holds its words begins so.
const SAID: &str = "const SAID = ";

/// Adds a module without what only readers, editors and module loaders need.
fn push_body(script: &mut String, module: &str) {
    for line in without_block_comments(module).lines() {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with("//") || bare.starts_with("import ") {
            continue;
        }
        script.push_str(bare.strip_prefix("export ").unwrap_or(bare));
        script.push('\n');
    }
}

/// The text without `/** … */`; no string of the modules holds such.
fn without_block_comments(module: &str) -> String {
    let mut kept = String::with_capacity(module.len());
    let mut rest = module;
    while let Some((before, after)) = rest.split_once("/**") {
        kept.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn all_modules() -> impl Iterator<Item = (&'static str, &'static str)> {
        MODULES.into_iter().chain(TOOLS).chain([("chapters", CHAPTERS), ("choose", CHOOSE), ("player", PLAYER)])
    }

    #[test]
    fn names_of_modules_do_not_meet() {
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        for (module, text) in all_modules() {
            for line in text.lines() {
                let line = line.strip_prefix("export ").unwrap_or(line);
                let words = ["const ", "let ", "function ", "class "].iter().find_map(|word| line.strip_prefix(word));
                let Some(name) = words.and_then(|rest| rest.split([' ', '=', '(']).next()) else { continue };
                let before = known.insert(name, module);
                assert_eq!(before, None, "`{name}` is of `{module}` too");
            }
        }
        assert!(known.len() > 50);
    }

    #[test]
    fn lines_are_whole() {
        // Indentation is left out, which would change a text of several lines.
        for (module, text) in all_modules() {
            let broken = text.lines().find(|line| line.matches('`').count() % 2 == 1);
            assert_eq!(broken, None, "{module}");
        }
    }

    #[test]
    fn modules_come_after_those_that_they_use() {
        let all: Vec<(&str, &str)> = MODULES.into_iter().chain(TOOLS).collect();
        let order: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        for (at, (module, text)) in all.iter().enumerate() {
            for line in text.lines().filter(|line| line.starts_with("import ")) {
                let used = line.rsplit_once("'./").and_then(|(_, name)| name.strip_suffix(".js';")).unwrap_or(line);
                assert!(order[..at].contains(&used), "`{module}` uses `{used}`, which does not come before it");
            }
        }
    }

    #[test]
    fn the_script_of_views_brings_its_words() {
        assert_eq!(view(&Words::default()), include_str!("../assets/js/view.js"));
        let (german, _) = Words::of(&loko_source::Snapshot::default(), Some("de"), None);
        assert!(view(&german).contains("\n  const SAID = [\"Diagramm\","), "{}", view(&german));
    }

    #[test]
    fn every_script_brings_the_words_that_it_says() {
        let words = Words::default();
        let at_once = main(&words);
        for script in further(&words).map(|(_, script)| script).into_iter().chain([at_once.clone()]) {
            for call in script.split("say('").skip(1) {
                let name = format!("\"{}\":", call.split('\'').next().unwrap_or_default());
                assert!(script.contains(&name) || at_once.contains(&name), "{name}");
            }
        }
        assert!(at_once.contains("\"zoom-in\":") && !at_once.contains("\"nothing-to-filter\":"));
    }

    #[test]
    fn one_script_is_left_of_them() {
        let script = whole(&Words::default(), true) + &further(&Words::default()).map(|(_, script)| script).concat();
        assert!(!script.contains("import {") && !script.contains("\nexport ") && !script.contains("/**"), "{script}");
        assert!(script.contains("};\n(() => {\n'use strict';\nconst all ="), "{}", &script[..80]);
    }
}
