//! What is wrong with the scenarios of a workspace, told without running them: what a run would be refused for.

use crate::run::prepare;
use crate::scenario::{folder, read};
use crate::search;
use loko_model::Model;
use loko_source::{Diagnostic, FilePath, Snapshot};
use rayon::prelude::*;

/// The findings about all scenarios of a workspace, in the order of their files.
pub fn check(model: &Model, snapshot: &Snapshot) -> Vec<Diagnostic> {
    let all = folder::all(snapshot);
    all.into_par_iter().flat_map_iter(|(path, text)| of_scenario(model, path, text)).collect()
}

fn of_scenario(model: &Model, path: &FilePath, text: &str) -> Vec<Diagnostic> {
    let scenario = match read(path, text) {
        Ok(scenario) => scenario,
        Err(findings) => return findings,
    };
    let mut findings = prepare(model, &scenario).err().unwrap_or_default();
    add(&mut findings, search::check(model, &scenario));
    findings
}

/// Adds what is not told yet: several changes of one element lack the same element, but that is one problem.
pub(crate) fn add(findings: &mut Vec<Diagnostic>, more: impl IntoIterator<Item = Diagnostic>) {
    for finding in more {
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOAD: &str = "[[load]]\nfrom = \"user\"\nto = \"shop/web\"\nprofile = { rate = \"5rps\" }\n";

    /// What is found in a scenario of a small shop, with the texts that it is found at.
    fn found(rest: &str) -> Vec<(String, String)> {
        let text = format!("{LOAD}{rest}");
        let snapshot = Snapshot::from_texts([
            ("src/user/person.md", "---\nname: User\nrelationships: [shop/web]\n---\n"),
            ("src/shop/system.md", "# Shop\n"),
            ("src/shop/web/container.md", "---\nname: Web\nrelationships: [shop/db]\n---\n"),
            ("src/shop/db/container.md", "# DB\n"),
            ("scenarios/rush.toml", &text),
        ]);
        let loaded = loko_model::load(&snapshot);
        let findings = check(&loaded.model, &snapshot);
        let place = |finding: &Diagnostic| {
            finding.primary.as_ref().map_or("", |label| &text[label.place.span.range()]).to_owned()
        };
        findings.iter().map(|finding| (finding.message.clone(), place(finding))).collect()
    }

    #[test]
    fn a_scenario_that_can_run_has_no_findings() {
        assert_eq!(found("[[sweep]]\nset = \"shop/web.replicas\"\nvalues = [1, 2]\n"), []);
        assert_eq!(found("[[expect]]\nof = \"shop/web -> shop/db\"\nthat = \"tries < 2\"\n"), []);
    }

    #[test]
    fn what_several_keys_or_variants_lack_is_told_once() {
        let both = "[[variant]]\nname = \"a\"\nset = { \"shop/wep\" = { replicas = 2, concurrency = 3 } }\n";
        let message = "there is no element `shop/wep`".to_owned();
        assert_eq!(found(both), [(message, "\"shop/wep\"".to_owned())]);
        let variants = "[[fault]]\ncrash = \"shop/wep\"\n[[variant]]\nname = \"a\"\n[[variant]]\nname = \"b\"\n";
        assert_eq!(found(variants).len(), 1);
        let of = "[[variant]]\nname = \"a\"\n[[variant]]\nname = \"b\"\n[[expect]]\nof = \"shop/wep\"\nthat = \"utilization < 5 %\"\n";
        assert_eq!(found(of), [("no load reaches `shop/wep`".to_owned(), "\"shop/wep\"".to_owned())]);
    }

    #[test]
    fn what_is_swept_and_searched_is_looked_at_too() {
        let sweep = "[[sweep]]\nset = \"shop/wep.replicas\"\nvalues = [1, 2]\n";
        assert_eq!(found(sweep).len(), 1, "{:?}", found(sweep));
        let load = "[[sweep]]\nset = \"load\"\nvalues = [1, \"lots\"]\n";
        assert!(found(load)[0].0.contains("a factor of more than 0"));
        let nothing = "[[find]]\nsmallest = \"shop/web.replicas\"\n";
        assert!(found(nothing)[0].0.contains("nothing is expected"));
        let find = "[[find]]\nlargest = \"shop/bd.concurrency\"\n[[expect]]\nthat = \"p99 < 1s\"\n";
        assert!(found(find)[0].0.contains("there is no element `shop/bd`"));
    }
}
