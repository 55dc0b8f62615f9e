//! The slowest request as a waterfall: a row for each call, and in it what each of its tries was doing.

use super::chart::escape;
use crate::compile::show;
use crate::engine::{CAUSES, Cause, Trace, TracedTry};
use crate::network::Network;
use std::fmt::Write as _;

const LABEL: f64 = 300.0;
const WIDTH: f64 = 880.0;
const ROW: f64 = 20.0;
const TOP: f64 = 44.0;
/// How many calls are drawn at most.
const ROWS_MAX: usize = 120;

/// What a try is doing, its colour and its word.
const PARTS: [(&str, &str); 4] = [
    ("#c8ccd2", "on the way"),
    ("#e69f00", "waiting"),
    ("#0072b2", "at work"),
    ("#a9cfe8", "waiting for those it calls"),
];
const FAILED: &str = "#c4302b";

struct Row {
    call: usize,
    depth: usize,
}

/// The picture of a trace.
pub(super) fn waterfall(network: &Network, title: &str, trace: &Trace) -> String {
    let mut rows = Vec::new();
    place(trace, 0, 0, &mut rows);
    let start = trace.calls[0].start;
    let end = trace.calls[0].end.map_or(start + 1, |(end, _)| end).max(start + 1);
    let scale = (WIDTH - LABEL - 70.0) / (end - start) as f64;
    let x = |at: u64| LABEL + at.clamp(start, end).saturating_sub(start) as f64 * scale;
    let height = TOP + ROW * rows.len() as f64 + 30.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"img\" aria-label=\"{0}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/><text x=\"10\" y=\"16\" font-weight=\"600\" fill=\"#222\">{0}</text>\n",
        escape(title)
    );
    legend(&mut out);
    for (at, row) in rows.iter().enumerate() {
        let y = TOP + ROW * at as f64;
        draw(&mut out, network, trace, row, y, &x);
    }
    for part in 0..=4 {
        let at = start + (end - start) / 4 * part;
        let _ = writeln!(
            out,
            "<line x1=\"{0:.1}\" y1=\"{TOP}\" x2=\"{0:.1}\" y2=\"{1}\" stroke=\"#e4e4e4\"/><text x=\"{0:.1}\" y=\"{2}\" text-anchor=\"middle\" fill=\"#555\">{3}</text>",
            x(at),
            height - 24.0,
            height - 10.0,
            show((at - start) as f64 * 1e-9)
        );
    }
    out.push_str("</svg>\n");
    out
}

fn legend(out: &mut String) {
    let mut x = LABEL;
    for (colour, word) in PARTS.iter().copied().chain([(FAILED, "failed or given up")]) {
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"24\" width=\"10\" height=\"10\" fill=\"{colour}\"/><text x=\"{}\" y=\"33\" fill=\"#333\" font-size=\"11\">{word}</text>",
            x + 14.0
        );
        x += 26.0 + 6.2 * word.len() as f64;
    }
}

/// Calls in the order of a tree: each below the one whose try made it.
fn place(trace: &Trace, call: usize, depth: usize, rows: &mut Vec<Row>) {
    if rows.len() >= ROWS_MAX {
        return;
    }
    rows.push(Row { call, depth });
    // What begins when the request is over is nobody's concern any more.
    let over = trace.calls[0].end.map_or(u64::MAX, |(end, _)| end);
    let mine = |parent: Option<usize>| parent.is_some_and(|at| trace.tries[at].call == call);
    for (inner, _) in trace.calls.iter().enumerate().filter(|(_, inner)| mine(inner.parent) && inner.start < over) {
        place(trace, inner, depth + 1, rows);
    }
}

fn draw(out: &mut String, network: &Network, trace: &Trace, row: &Row, y: f64, x: &dyn Fn(u64) -> f64) {
    let call = &trace.calls[row.call];
    let name = &network.edges[call.edge as usize].name;
    let short = if row.depth == 0 { name.as_str() } else { name.rsplit(" → ").next().unwrap_or(name) };
    let room = 44usize.saturating_sub(2 * row.depth).max(8);
    let shown: String = if short.chars().count() > room {
        format!("{}…", short.chars().take(room - 1).collect::<String>())
    } else {
        short.to_owned()
    };
    let indent = 10.0 + 12.0 * row.depth.min(14) as f64;
    let _ = writeln!(
        out,
        "<text x=\"{indent}\" y=\"{}\" fill=\"#222\"><title>{}</title>{}</text>",
        y + 14.0,
        escape(name),
        escape(&shown)
    );
    let end = call.end.map(|(end, _)| end);
    let mut tries: Vec<&TracedTry> = trace.tries.iter().filter(|one| one.call == row.call).collect();
    tries.sort_by_key(|one| one.start);
    let all = tries.len();
    for (number, one) in tries.into_iter().enumerate() {
        let last = one.given_up.or(one.end).or(end).unwrap_or(one.start);
        let arrived = one.arrived.unwrap_or(last).min(last);
        let begun = one.begun.unwrap_or(last).clamp(arrived, last);
        let served = one.served.unwrap_or(last).clamp(begun, last);
        let words = told(name, number, all, one, (arrived, begun, served, last));
        let _ = writeln!(out, "<g><title>{}</title>", escape(&words));
        for ((from, to), (colour, _)) in
            [(one.start, arrived), (arrived, begun), (begun, served), (served, last)].into_iter().zip(PARTS)
        {
            if to > from {
                let width = (x(to) - x(from)).max(0.5);
                let _ = writeln!(
                    out,
                    "<rect x=\"{:.1}\" y=\"{}\" width=\"{width:.1}\" height=\"12\" fill=\"{colour}\"/>",
                    x(from),
                    y + 4.0
                );
            }
        }
        if one.failed.is_some() || one.given_up.is_some() {
            let _ = writeln!(
                out,
                "<rect x=\"{:.1}\" y=\"{}\" width=\"3\" height=\"16\" fill=\"{FAILED}\"/>",
                (x(last) - 1.5).max(LABEL),
                y + 2.0
            );
        }
        out.push_str("</g>\n");
    }
    if let Some((end, result)) = call.end {
        let mark = if result.is_err() { format!(" fill=\"{FAILED}\"") } else { " fill=\"#555\"".to_owned() };
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{}\"{mark} font-size=\"11\">{}</text>",
            x(end) + 5.0,
            y + 14.0,
            show(end.saturating_sub(call.start) as f64 * 1e-9)
        );
    }
}

/// A try in words.
fn told(name: &str, number: usize, all: usize, one: &TracedTry, at: (u64, u64, u64, u64)) -> String {
    let (arrived, begun, served, last) = at;
    let seconds = |from: u64, to: u64| show(to.saturating_sub(from) as f64 * 1e-9);
    let mut words = format!("{name}, try {} of {all}: ", number + 1);
    let parts: Vec<String> = [(one.start, arrived), (arrived, begun), (begun, served), (served, last)]
        .into_iter()
        .zip(PARTS)
        .filter(|((from, to), _)| to > from)
        .map(|((from, to), (_, word))| format!("{} {word}", seconds(from, to)))
        .collect();
    words.push_str(&parts.join(", "));
    let why = match (one.given_up, one.failed) {
        (Some(_), _) => "its caller gave up",
        (None, Some(cause)) => cause_word(cause),
        (None, None) => "",
    };
    if !why.is_empty() {
        let _ = write!(words, "{}{why}", if parts.is_empty() { "" } else { "; " });
    }
    words
}

fn cause_word(cause: Cause) -> &'static str {
    CAUSES.iter().find(|(known, _)| *known == cause).map_or("failed", |(_, word)| word)
}
