//! The code quality report of GitLab: an array of issues with fingerprints.

use super::sarif::fingerprint;
use crate::report::{Format, Report, region};
use loko_source::Severity;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const FORMAT: Format = Format { doc: "the code quality report of GitLab", write };

fn write(report: &Report<'_>) -> String {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let issues: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            let severity = match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "minor",
                Severity::Info => "info",
            };
            // Fingerprints have to be unique.
            let fingerprint = fingerprint(finding);
            let again = seen.entry(fingerprint.clone()).or_default();
            *again += 1;
            let fingerprint = if *again == 1 { fingerprint } else { format!("{fingerprint}-{again}") };
            let (path, line) = match &finding.primary {
                Some(label) => {
                    let text = report.snapshot.text(label.place.path.as_str()).unwrap_or("");
                    (label.place.path.as_str(), region(text, label.place.span).line)
                }
                None => ("loko.toml", 1),
            };
            json!({
                "description": finding.message,
                "check_name": finding.code,
                "fingerprint": fingerprint,
                "severity": severity,
                "location": { "path": path, "lines": { "begin": line } },
            })
        })
        .collect();
    serde_json::to_string_pretty(&issues).expect("a JSON value can always be written") + "\n"
}
