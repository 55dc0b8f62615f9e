//! Workflow commands of GitHub Actions: each finding a line that shows in the review.

use crate::report::{Format, Report, details, region};
use loko_source::Severity;
use std::fmt::Write as _;

pub(crate) const FORMAT: Format = Format { doc: "annotations of GitHub Actions", write };

fn write(report: &Report<'_>) -> String {
    let mut out = String::new();
    for finding in report.findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let mut properties = Vec::new();
        if let Some(label) = &finding.primary {
            let text = report.snapshot.text(label.place.path.as_str()).unwrap_or("");
            let region = region(text, label.place.span);
            properties.push(format!("file={}", property(label.place.path.as_str())));
            properties.push(format!("line={}", region.line));
            properties.push(format!("endLine={}", region.end_line));
            // Columns are shown only where both ends are on one line.
            if region.line == region.end_line {
                properties.push(format!("col={},endColumn={}", region.column, region.end_column));
            }
        }
        properties.push(format!("title={}", property(&finding.code)));
        let _ = writeln!(out, "::{command} {}::{}", properties.join(","), data(&details(finding)));
    }
    out
}

/// A message with what would end it escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
