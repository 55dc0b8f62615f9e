//! JUnit XML: each file a suite, each finding a case that failed; remarks pass.

use crate::report::{Format, Report, details, region};
use loko_source::{Diagnostic, Severity};
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(crate) const FORMAT: Format = Format { doc: "JUnit XML, for build servers", write };

fn write(report: &Report<'_>) -> String {
    let mut files: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    for finding in report.findings {
        let file = finding.primary.as_ref().map_or("workspace", |label| label.place.path.as_str());
        files.entry(file).or_default().push(finding);
    }
    let tests = report.findings.len().max(1);
    let count = |findings: &[&Diagnostic]| findings.iter().filter(|it| it.severity != Severity::Info).count();
    let failures: usize = files.values().map(|findings| count(findings)).sum();
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let _ = writeln!(out, "<testsuites name=\"loko validate\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">");
    for (file, findings) in &files {
        let failures = count(findings);
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">",
            escaped(file),
            findings.len()
        );
        for finding in findings {
            case(&mut out, report, file, finding);
        }
        out.push_str("  </testsuite>\n");
    }
    if files.is_empty() {
        out.push_str("  <testsuite name=\"workspace\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n");
        out.push_str("    <testcase name=\"no findings\" classname=\"loko\"/>\n  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(out: &mut String, report: &Report<'_>, file: &str, finding: &Diagnostic) {
    let line = finding.primary.as_ref().map(|label| {
        region(report.snapshot.text(label.place.path.as_str()).unwrap_or(""), label.place.span).line
    });
    let at = line.map(|line| format!(":{line}")).unwrap_or_default();
    let name = escaped(&format!("{}{at}: {}", finding.code, finding.message));
    let _ = write!(out, "    <testcase name=\"{name}\" classname=\"{}\"", escaped(file));
    let text = escaped(&format!("{file}{at}: {}", details(finding)));
    if finding.severity == Severity::Info {
        let _ = writeln!(out, ">\n      <system-out>{text}</system-out>\n    </testcase>");
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
