//! Reports held against what their readers publish: the two schemas of JUnit XML, and GitLab's form of code quality.
//!
//! The facts of the schemas stand here as tables: which element may hold which, in what order, with which attributes. SARIF
//! has a validator of its own, see `docs/checks.md`.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test says what must hold")]

use loko_rules::report::{Report, format};
use loko_rules::{Checked, Date, Options, Preset, Today, check};
use loko_source::Snapshot;
use roxmltree::{Document, Node};
use std::collections::BTreeSet;

/// Workspaces with errors, warnings and remarks, names that XML has to escape, a finding twice on one line, and nothing.
fn workspaces() -> Vec<Vec<(&'static str, &'static str)>> {
    let quoted = "---\nname: \"<A & \\\"B\\\">\"\ndescription: \"\"\nrelationships:\n  - { to: nowhere }\n  - { to: nowhere }\n---\n\
                  [gone](gone.md) [gone](gone.md)\n\n```d2\na -> {\n```\n";
    vec![
        vec![("src/shop/system.md", quoted), ("src/shop/api/container.md", "---\nname: API\n---\n")],
        vec![("src/shop/system.md", "---\nname: Shop\nkind: sytsem\n")],
        vec![],
    ]
}

fn report(name: &str, files: &[(&str, &str)]) -> (Checked, String) {
    let snapshot = Snapshot::from_texts(files.iter().copied());
    let mut loaded = loko_model::load(&snapshot);
    let found = std::mem::take(&mut loaded.findings);
    let today = Date::parse("2027-01-31").map_or(Today::Unknown, Today::Is);
    let checked = check(&snapshot, &loaded, found, &Options { today, preset: Some(Preset::All), ..Options::default() });
    let report = Report {
        findings: &checked.findings,
        old: &[],
        waived: &checked.waived,
        policies: &checked.settings.policies,
        snapshot: &snapshot,
        version: "1.0.0",
        today,
    };
    let text = (format(name).unwrap().write)(&report);
    (checked, text)
}

/// What a schema says of an element: its children in order with how often they stand (`?`, `*` or once), then the
/// attributes that it must have and those that it may have.
struct Element {
    name: &'static str,
    children: &'static [(&'static str, char)],
    must: &'static [&'static str],
    may: &'static [&'static str],
}

/// Windyroad's schema of what Apache Ant writes.
const ANT: &[Element] = &[
    Element { name: "testsuites", children: &[("testsuite", '*')], must: &[], may: &[] },
    Element {
        name: "testsuite",
        children: &[("properties", '1'), ("testcase", '*'), ("system-out", '1'), ("system-err", '1')],
        must: &["name", "package", "id", "timestamp", "hostname", "tests", "failures", "errors", "time"],
        may: &["skipped"],
    },
    Element { name: "properties", children: &[("property", '*')], must: &[], may: &[] },
    Element { name: "property", children: &[], must: &["name", "value"], may: &[] },
    Element {
        name: "testcase",
        children: &[("skipped", '?'), ("error", '?'), ("failure", '?')],
        must: &["name", "classname", "time"],
        may: &[],
    },
    Element { name: "failure", children: &[], must: &["type"], may: &["message"] },
    Element { name: "system-out", children: &[], must: &[], may: &[] },
    Element { name: "system-err", children: &[], must: &[], may: &[] },
];

/// The tenth schema of the xUnit plugin of Jenkins, whose order of children is free and so holds where Ant's does.
const JENKINS: &[Element] = &[
    Element {
        name: "testsuites",
        children: &[("testsuite", '*')],
        must: &[],
        may: &["name", "time", "tests", "failures", "errors"],
    },
    Element {
        name: "testsuite",
        children: &[("properties", '*'), ("testcase", '*'), ("system-out", '*'), ("system-err", '*')],
        must: &["name", "tests", "failures", "errors"],
        may: &["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"],
    },
    Element { name: "properties", children: &[("property", '*')], must: &[], may: &[] },
    Element { name: "property", children: &[], must: &["name", "value"], may: &[] },
    Element {
        name: "testcase",
        children: &[("skipped", '*'), ("error", '*'), ("failure", '*'), ("system-out", '*'), ("system-err", '*')],
        must: &["name"],
        may: &["time", "classname", "group"],
    },
    Element { name: "failure", children: &[], must: &[], may: &["type", "message"] },
    Element { name: "system-out", children: &[], must: &[], may: &[] },
    Element { name: "system-err", children: &[], must: &[], may: &[] },
];

fn holds(node: Node<'_, '_>, schema: &[Element]) {
    let name = node.tag_name().name();
    let known = schema.iter().find(|it| it.name == name).unwrap_or_else(|| panic!("`{name}` is no element"));
    let given: BTreeSet<&str> = node.attributes().map(|attribute| attribute.name()).collect();
    for must in known.must {
        assert!(given.contains(must), "`{name}` lacks `{must}`");
    }
    for name_of in &given {
        assert!(known.must.contains(name_of) || known.may.contains(name_of), "`{name}` has `{name_of}`");
    }
    let children: Vec<Node<'_, '_>> = node.children().filter(Node::is_element).collect();
    let mut rest = children.iter().map(|child| child.tag_name().name()).peekable();
    for (child, times) in known.children {
        let mut count = 0;
        while rest.next_if_eq(child).is_some() {
            count += 1;
        }
        let fits = match times {
            '*' => true,
            '?' => count <= 1,
            _ => count == 1,
        };
        assert!(fits, "`{name}` has {count} of `{child}`");
    }
    assert_eq!(rest.next(), None, "in `{name}`");
    children.into_iter().for_each(|child| holds(child, schema));
}

#[test]
fn junit_holds_against_both_schemas() {
    for files in workspaces() {
        let (checked, text) = report("junit", &files);
        let document = Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        for schema in [ANT, JENKINS] {
            holds(document.root_element(), schema);
        }
        let suites: Vec<Node<'_, '_>> = document.root_element().children().filter(Node::is_element).collect();
        let count = |node: &Node<'_, '_>, name: &str| node.descendants().filter(|it| it.has_tag_name(name)).count();
        for (at, suite) in suites.iter().enumerate() {
            let said = |name: &str| suite.attribute(name).unwrap();
            assert_eq!(said("id"), at.to_string(), "ids count from 0");
            assert_eq!(said("timestamp"), "2027-01-31T00:00:00", "without a time zone");
            assert_eq!(said("tests"), count(suite, "testcase").to_string());
            assert_eq!(said("failures"), count(suite, "failure").to_string());
        }
        let failing = checked.findings.iter().filter(|it| it.severity != loko_source::Severity::Info).count();
        assert_eq!(count(&document.root_element(), "failure"), failing);
    }
}

#[test]
fn gitlab_gets_the_form_it_documents() {
    let levels = ["info", "minor", "major", "critical", "blocker"];
    for files in workspaces() {
        let (checked, text) = report("gitlab", &files);
        let issues: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(issues.len(), checked.findings.len());
        let mut fingerprints = BTreeSet::new();
        for issue in &issues {
            for key in ["description", "check_name", "fingerprint", "severity"] {
                assert!(issue[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {issue}");
            }
            assert!(levels.contains(&issue["severity"].as_str().unwrap()), "{issue}");
            assert!(fingerprints.insert(issue["fingerprint"].as_str().unwrap()), "GitLab shows one of each: {issue}");
            let path = issue["location"]["path"].as_str().unwrap();
            assert!(!path.starts_with(['/', '.']), "relative to the repository: {path}");
            assert!(issue["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0), "{issue}");
        }
    }
}

#[test]
fn github_gets_one_line_a_finding() {
    for files in workspaces() {
        let (checked, text) = report("github", &files);
        assert_eq!(text.lines().count(), checked.findings.len(), "{text}");
        for line in text.lines() {
            let (command, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
            assert!(["error ", "warning ", "notice "].iter().any(|it| command.starts_with(it)), "{line}");
            assert!(!message.is_empty());
            assert!(command.split_once(' ').unwrap().1.split(',').all(|it| it.contains('=')), "{line}");
        }
    }
}
