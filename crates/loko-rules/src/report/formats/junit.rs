//! JUnit XML: each file a suite, each finding a case that failed; remarks pass.
//!
//! What is written holds against both published schemas: that of Apache Ant (windyroad `JUnit.xsd`), which asks for most
//! attributes and forbids most else, and that of Jenkins (`junit-10.xsd` of its xUnit plugin).

use crate::report::{Format, Report, details, region};
use loko_source::{Diagnostic, Severity};
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(crate) const FORMAT: Format = Format { doc: "JUnit XML, for build servers", write };

/// The day of a report of which nobody said when it was made; the schema asks for one.
const NO_DAY: &str = "1970-01-01";

fn write(report: &Report<'_>) -> String {
    let mut files: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    for finding in report.findings {
        let file = finding.primary.as_ref().map_or("workspace", |label| label.place.path.as_str());
        files.entry(file).or_default().push(finding);
    }
    if files.is_empty() {
        files.insert("workspace", Vec::new());
    }
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
    for (id, (file, findings)) in files.iter().enumerate() {
        suite(&mut out, report, id, file, findings);
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(out: &mut String, report: &Report<'_>, id: usize, file: &str, findings: &[&Diagnostic]) {
    let failures = findings.iter().filter(|it| it.severity != Severity::Info).count();
    let day = report.today.date().map_or_else(|| NO_DAY.to_owned(), |today| today.to_string());
    let _ = writeln!(
        out,
        "  <testsuite name=\"{}\" package=\"loko\" id=\"{id}\" timestamp=\"{day}T00:00:00\" hostname=\"localhost\" \
         tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" time=\"0\">\n    <properties/>",
        escaped(file),
        findings.len().max(1),
    );
    if findings.is_empty() {
        let _ = writeln!(out, "    <testcase name=\"no findings\" classname=\"{}\" time=\"0\"/>", escaped(file));
    }
    let mut remarks = String::new();
    for finding in findings {
        case(out, &mut remarks, report, file, finding);
    }
    let _ = writeln!(out, "    <system-out>{remarks}</system-out>\n    <system-err/>\n  </testsuite>");
}

/// A finding as a case; what a remark says goes with what the suite printed, as a case that passed says nothing.
fn case(out: &mut String, remarks: &mut String, report: &Report<'_>, file: &str, finding: &Diagnostic) {
    let line = finding.primary.as_ref().map(|label| {
        region(report.snapshot.text(label.place.path.as_str()).unwrap_or(""), label.place.span).line
    });
    let at = line.map(|line| format!(":{line}")).unwrap_or_default();
    let name = escaped(&format!("{}{at}: {}", finding.code, finding.message));
    let _ = write!(out, "    <testcase name=\"{name}\" classname=\"{}\" time=\"0\"", escaped(file));
    let text = escaped(&format!("{file}{at}: {}", details(finding)));
    if finding.severity == Severity::Info {
        out.push_str("/>\n");
        let _ = writeln!(remarks, "{text}");
    } else {
        let _ = writeln!(
            out,
            ">\n      <failure message=\"{}\" type=\"{}\">{text}</failure>\n    </testcase>",
            escaped(&finding.message),
            finding.severity.name()
        );
    }
}

/// A text for XML; characters that XML 1.0 cannot hold are replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push('\t'),
            control if control.is_control() || matches!(control, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
