//! The site in one file: nothing is missing in it, and nothing is fetched.
#![allow(clippy::disallowed_methods, reason = "what the tests share reads the examples")]

mod common;

use common::{tags, texts, workspaces};
use loko_site::Format;
use std::collections::{BTreeMap, BTreeSet};

const FILE: &str = "architecture.html";

#[test]
fn every_link_of_the_site_leads_to_its_place_in_the_file() {
    for (name, snapshot) in workspaces() {
        let file = texts(&snapshot, &[Format::Single]).remove(FILE).expect("the file");
        let all = tags(FILE, &file);
        let mut ids = BTreeSet::new();
        for id in all.iter().filter_map(|tag| tag.attribute("id")) {
            assert!(ids.insert(id), "{name}: two things are called `{id}`");
        }
        for tag in &all {
            for key in ["href", "src"] {
                let Some(value) = tag.attribute(key) else { continue };
                match value.strip_prefix('#') {
                    Some(place) => {
                        let place = percent_encoding::percent_decode_str(place).decode_utf8_lossy().into_owned();
                        assert!(ids.contains(place.as_str()), "{name}: <{} {key}=\"{value}\"> leads nowhere", tag.name);
                    }
                    None => {
                        let is_alone = ["https:", "http:", "mailto:", "data:"].iter().any(|it| value.starts_with(it));
                        assert!(is_alone, "{name}: <{} {key}=\"{value}\"> is not in the file", tag.name);
                    }
                }
            }
        }
        // What the site has as pages of their own, the file has as parts.
        let site = texts(&snapshot, &[Format::Html]);
        for (path, page) in &site {
            let Some(part) = path.strip_suffix(".html").filter(|it| *it != "embed") else { continue };
            // Former addresses lead on to pages that are here.
            let is_page = page.contains("<main id=\"content\"") && !page.contains("class=\"onward\"");
            assert!(!is_page || ids.contains(part), "{name}: {path} is missing");
        }
    }
}

#[test]
fn the_file_has_what_the_frame_of_a_page_has() {
    for (name, snapshot) in workspaces() {
        let file = texts(&snapshot, &[Format::Single]).remove(FILE).expect("the file");
        let policy = file.split("Content-Security-Policy\" content=\"").nth(1).expect("a policy");
        let policy = policy.split('"').next().expect("it ends");
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{name}: {policy}");
        for lax in ["unsafe", "'self'", "file:", "http", "*"] {
            assert!(!policy.contains(lax), "{name}: {lax} in {policy}");
        }
        for part in [
            "data-search",
            "data-theme-toggle",
            "class=\"tree tree-0\"",
            "globalThis.lokoSearchIndex = [",
            "globalThis.lokoModel = ",
            "url(data:font/ttf;base64,",
        ] {
            assert!(file.contains(part), "{name}: no {part}");
        }
        assert_eq!(file.matches("<script>").count(), 2, "{name}");
        // What the search finds is in the file.
        let index = file.split("globalThis.lokoSearchIndex = ").nth(1).and_then(|it| it.split(";\n").next());
        let rows: Vec<Vec<String>> = serde_json::from_str(index.expect("the index")).expect("JSON");
        assert!(rows.iter().all(|row| row[2].starts_with('#')), "{name}: {rows:?}");
    }
}

#[test]
fn the_tree_holds_every_element_once() {
    for (name, snapshot) in workspaces() {
        let files = texts(&snapshot, &[Format::Single, Format::Json]);
        let document: serde_json::Value = serde_json::from_str(&files["architecture.json"]).expect("JSON");
        let elements = document["elements"].as_array().expect("elements").len();
        let file = &files[FILE];
        let sidebar = file.split("<nav class=\"sidebar\"").nth(1).and_then(|it| it.split("</nav>").next());
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for tag in tags(FILE, sidebar.expect("a sidebar")).iter().filter(|tag| tag.name == "a") {
            let href = tag.attribute("href").unwrap_or_default();
            let folder = href.trim_start_matches('#').split('/').next().unwrap_or_default();
            let is_element = ["systems", "containers", "components", "people", "persons"].contains(&folder);
            if is_element && href.contains('/') {
                *counts.entry("elements").or_default() += 1;
            }
        }
        assert_eq!(counts.get("elements").copied().unwrap_or_default(), elements, "{name}");
    }
}
