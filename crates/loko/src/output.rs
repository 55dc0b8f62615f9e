//! Printing: results to standard output, remarks and errors to standard error. A reader that goes away is no error.

use crate::context::{Context, Done, Failure, Session};
use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use loko_source::render::{self, Style};
use loko_source::{Diagnostic, Severity, Snapshot};
use rayon::prelude::*;
use std::io::{IsTerminal as _, Write as _};
use std::sync::OnceLock;

/// Forms of answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// JSON, with stable names
    Json,
    /// TOON, which costs language models fewer tokens
    Toon,
}

/// Prints a result; adds the newline that it lacks.
pub(crate) fn print(text: &str) {
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    // Without any escape there is nothing to strip, which takes long in a long text.
    let color = if text.contains('\x1b') { ColorChoice::global() } else { ColorChoice::AlwaysAnsi };
    let mut out = AutoStream::new(std::io::stdout().lock(), color);
    heed(write!(out, "{text}{end}").and_then(|()| out.flush()));
}

/// Prints bytes as they are.
pub(crate) fn print_bytes(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    heed(out.write_all(bytes).and_then(|()| out.flush()));
}

/// Why a result did not reach standard output, the first time that it did not.
static UNWRITTEN: OnceLock<std::io::Error> = OnceLock::new();

/// Remembers that a result was lost. A reader that went away, as `head` does, wanted no more of it.
pub(crate) fn heed(written: std::io::Result<()>) {
    if let Err(error) = written
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        let _ = UNWRITTEN.set(error);
    }
}

/// The failure of a command whose result did not reach standard output.
pub(crate) fn unwritten() -> Option<Failure> {
    let error = UNWRITTEN.get()?;
    Some(
        Failure::new(format!("cannot write to standard output: {error}"))
            .help("what was written so far is not all of it"),
    )
}

/// Prints a remark for people, unless they asked for quiet.
pub(crate) fn say(context: &Context, text: &str) {
    if !context.global.quiet {
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }
}

/// Prints a value in one of the forms for programs.
pub(crate) fn print_value(value: &serde_json::Value, format: Format) {
    match format {
        Format::Toon => print(&loko_site::toon::encode(value)),
        Format::Text | Format::Json => {
            print(&serde_json::to_string_pretty(value).expect("a JSON value can always be written"));
        }
    }
}

/// Prints why a command could not do its work.
pub(crate) fn error(context: &Context, failure: &Failure) {
    say_failure(failure, context.color(std::io::stderr().is_terminal()));
}

/// The same where there is no context yet.
pub(crate) fn say_failure(failure: &Failure, color: bool) {
    if failure.findings.is_empty() {
        let mut finding = Diagnostic::error("", &failure.message);
        finding.help = failure.help.clone().map(Into::into);
        let text = render::pretty(&finding, &failure.snapshot, style(color)).replacen("[]", "", 1);
        let _ = write!(anstream::stderr().lock(), "{text}");
    } else {
        let _ = write!(
            anstream::stderr().lock(),
            "{}",
            pretty(&failure.findings.iter().collect::<Vec<_>>(), &failure.snapshot, color)
        );
    }
}

fn style(color: bool) -> Style {
    Style { color, width: terminal_width() }
}

fn terminal_width() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok()
}

fn pretty(findings: &[&Diagnostic], snapshot: &Snapshot, color: bool) -> String {
    let style = style(color);
    let shown: Vec<String> = findings.par_iter().map(|finding| render::pretty(finding, snapshot, style)).collect();
    shown.join("\n")
}

/// Findings with their source on standard output, and their count.
pub(crate) fn print_findings(context: &Context, findings: &[&Diagnostic], snapshot: &Snapshot) {
    let color = context.color(std::io::stdout().is_terminal());
    if !findings.is_empty() {
        print(&pretty(findings, snapshot, color));
    }
}

/// Findings on standard error, for commands whose result is something else. Remarks are only counted there; `validate`
/// tells them.
pub(crate) fn remark_findings(context: &Context, findings: &[Diagnostic], snapshot: &Snapshot) {
    let color = context.color(std::io::stderr().is_terminal());
    let told: Vec<&Diagnostic> = findings.iter().filter(|it| it.severity > Severity::Info).collect();
    if !told.is_empty() {
        let _ = write!(anstream::stderr().lock(), "{}", pretty(&told, snapshot, color));
    }
}

/// "2 errors, 1 warning"
pub(crate) fn counts(findings: &[Diagnostic]) -> String {
    let parts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Info]
        .into_iter()
        .filter_map(|severity| {
            let count = findings.iter().filter(|finding| finding.severity == severity).count();
            let name = if severity == Severity::Info { "remark" } else { severity.name() };
            (count > 0).then(|| plural(count, name))
        })
        .collect();
    if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") }
}

/// "1 error", "2 errors"
pub(crate) fn plural(count: usize, name: &str) -> String {
    if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") }
}

/// Whether findings fail a check.
pub(crate) fn verdict(findings: &[Diagnostic], strict: bool) -> Done {
    let limit = if strict { Severity::Warning } else { Severity::Error };
    if findings.iter().any(|finding| finding.severity >= limit) { Done::Findings } else { Done::Fine }
}

/// The findings of a session as JSON.
pub(crate) fn findings_json(session: &Session, findings: &[Diagnostic]) -> Vec<serde_json::Value> {
    findings.iter().map(|finding| render::json(finding, &session.snapshot)).collect()
}

/// Prints lines on standard error, as they are.
pub(crate) fn warn_lines(lines: &[String]) {
    for line in lines {
        let _ = writeln!(anstream::stderr().lock(), "{line}");
    }
}

/// The day of a number of seconds since 1970 in UTC, as `2026-11-21`; the last one that there is for what lies beyond.
pub(crate) fn day_of(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.unwrap_or(Timestamp::MAX).to_zoned(TimeZone::UTC).date().to_string()
}
