//! SARIF 2.1.0 (OASIS, 2020), which code hosts and editors read.

use crate::codes;
use crate::report::{Format, Report, details, region};
use loko_source::{Diagnostic, Label, Severity, Snapshot};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

pub(crate) const FORMAT: Format = Format { doc: "SARIF 2.1.0, for code hosts and editors", write };

/// Where the schema of this form is.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

fn write(report: &Report<'_>) -> String {
    let rules = rules(report);
    let index: BTreeMap<&str, usize> =
        rules.iter().enumerate().filter_map(|(at, rule)| Some((rule["id"].as_str()?, at))).collect();
    let state = |new| if report.old.is_empty() { Value::Null } else { json!(if new { "new" } else { "unchanged" }) };
    let mut results: Vec<Value> = report.findings.iter().map(|it| result(report, it, &index, &state(true))).collect();
    results.extend(report.old.iter().map(|it| result(report, it, &index, &state(false))));
    for waived in report.waived {
        let mut result = result(report, &waived.finding, &index, &Value::Null);
        let kind = if waived.is_inline { "inSource" } else { "external" };
        result["suppressions"] = json!([{ "kind": kind, "status": "accepted", "justification": waived.reason }]);
        results.push(result);
    }
    let driver = json!({
        "name": "loko",
        "semanticVersion": report.version,
        "rules": rules,
    });
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "WORKSPACE": { "description": { "text": "The folder that holds loko.toml." } } },
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).expect("a JSON value can always be written") + "\n"
}

/// The rules that have results, sorted by name.
fn rules(report: &Report<'_>) -> Vec<Value> {
    let waived = report.waived.iter().map(|waived| &waived.finding);
    let mut worst: BTreeMap<&str, Severity> = BTreeMap::new();
    for finding in report.findings.iter().chain(report.old).chain(waived) {
        let severity = worst.entry(&finding.code).or_insert(finding.severity);
        *severity = finding.severity.max(*severity);
    }
    worst.into_iter().map(|(name, severity)| rule(report, name, severity)).collect()
}

fn rule(report: &Report<'_>, name: &str, severity: Severity) -> Value {
    let mut rule = json!({
        "id": name,
        "name": name.split('-').map(capitalised).collect::<String>(),
        "defaultConfiguration": { "level": level(severity) },
    });
    if let Some(code) = codes::find(name) {
        rule["shortDescription"] = json!({ "text": code.doc });
        if let Some(known) = code.rule {
            rule["fullDescription"] = json!({ "text": format!("{} {}", known.summary, known.why) });
            rule["help"] = json!({ "text": known.mend });
        }
    } else if let Some(policy) = report.policies.iter().find(|policy| policy.name == name) {
        let said = policy.reason.clone().unwrap_or_else(|| "A rule of this workspace.".to_owned());
        rule["shortDescription"] = json!({ "text": said });
    }
    rule
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(report: &Report<'_>, finding: &Diagnostic, index: &BTreeMap<&str, usize>, state: &Value) -> Value {
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": index.get(&*finding.code),
        "level": level(finding.severity),
        "message": { "text": details(finding) },
        "partialFingerprints": { "lokoFinding/v1": fingerprint(finding) },
    });
    if let Some(label) = &finding.primary {
        result["locations"] = json!([location(label, report.snapshot)]);
    }
    let related: Vec<Value> = finding
        .secondary
        .iter()
        .enumerate()
        .map(|(at, label)| {
            let mut related = location(label, report.snapshot);
            related["id"] = json!(at + 1);
            related
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    if !state.is_null() {
        result["baselineState"] = state.clone();
    }
    if let Some(fix) = fix(finding, report.snapshot) {
        result["fixes"] = json!([fix]);
    }
    result
}

fn location(label: &Label, snapshot: &Snapshot) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(label.place.path.as_str()), "uriBaseId": "WORKSPACE" },
            "region": region_json(snapshot.text(label.place.path.as_str()).unwrap_or(""), label.place.span),
        },
    });
    if !label.text.is_empty() {
        location["message"] = json!({ "text": label.text });
    }
    location
}

fn region_json(text: &str, span: loko_source::Span) -> Value {
    let region = region(text, span);
    json!({
        "startLine": region.line, "startColumn": region.column,
        "endLine": region.end_line, "endColumn": region.end_column,
    })
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

fn fix(finding: &Diagnostic, snapshot: &Snapshot) -> Option<Value> {
    let fix = finding.fix.as_ref()?;
    let changes: Vec<Value> = fix
        .edits
        .iter()
        .map(|(path, edit)| {
            let text = snapshot.text(path.as_str()).unwrap_or("");
            json!({
                "artifactLocation": { "uri": uri(path.as_str()), "uriBaseId": "WORKSPACE" },
                "replacements": [{ "deletedRegion": region_json(text, edit.span), "insertedContent": { "text": edit.text } }],
            })
        })
        .collect();
    Some(json!({ "description": { "text": fix.title }, "artifactChanges": changes }))
}

/// What a finding is known by from run to run.
pub(super) fn fingerprint(finding: &Diagnostic) -> String {
    let known = crate::baseline::Known::of(finding);
    let mut hash = Sha256::new();
    for part in [&known.file, &known.code, &known.message] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
