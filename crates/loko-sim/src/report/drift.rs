//! The drift map as words, a table and a picture: a field of arrows over queue and retries.

use super::chart::escape;
use super::{Table, heading};
use crate::analytic::drift::{Drift, State, arrow};
use crate::compile::show;
use crate::run::Outcome;
use std::fmt::Write as _;

fn word(state: State) -> &'static str {
    match state {
        State::Stable => "stable",
        State::Vulnerable => "vulnerable: a long enough queue never drains",
        State::Overloaded => "overloaded",
    }
}

/// What is told of stations that a storm of retries could keep down.
pub(super) fn words(outcome: &Outcome) -> Vec<String> {
    let mut lines = Vec::new();
    for variant in &outcome.variants {
        for drift in variant.drifts.iter().filter(|drift| drift.state == State::Vulnerable) {
            lines.push(format!(
                "{}: `{}` can be kept down by retries alone: {:.0} requests/s make up to {:.1} tries each, and it can do {:.0}/s. \
                 Below {:.0}/s it would come back from anything.",
                variant.name, drift.station, drift.rate, drift.tries, drift.capacity, drift.safe
            ));
        }
    }
    lines
}

/// The stations whose callers try again, by variant.
pub(super) fn table<'v>(variants: impl Iterator<Item = (&'v str, &'v [Drift])>) -> Table {
    let mut rows = heading(&[
        "element",
        "variant",
        "requests",
        "can do",
        "tries at most",
        "safe below",
        "10 s of queue drain in",
        "state",
    ]);
    for (variant, drifts) in variants {
        for drift in drifts {
            rows.push(vec![
                drift.station.clone(),
                variant.to_owned(),
                format!("{:.1}/s", drift.rate),
                format!("{:.1}/s", drift.capacity),
                format!("{:.2}", drift.tries),
                format!("{:.1}/s", drift.safe),
                drift.drain.map_or_else(|| "never".to_owned(), show),
                word(drift.state).to_owned(),
            ]);
        }
    }
    Table { title: "Drift: what retries can keep down (fluid limit)".to_owned(), rows }
}

const SIZE: f64 = 320.0;
const LEFT: f64 = 60.0;
const CELLS: u32 = 14;

/// The field of one station.
pub(super) fn field(drift: &Drift) -> String {
    let (longest, most) = (3.0 * drift.timeout, 1.0 - 1.0 / drift.tries);
    let x = |queue: f64| LEFT + SIZE * queue / longest;
    let y = |share: f64| 30.0 + SIZE * (1.0 - share / most.max(1e-9));
    let (width, height) = (LEFT + SIZE + 20.0, SIZE + 80.0);
    let name = escape(&drift.station);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"img\" aria-label=\"drift of {name}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/><text x=\"{LEFT}\" y=\"16\" font-weight=\"600\" fill=\"#222\">{name}: where it drifts</text>\n\
         <rect x=\"{}\" y=\"30\" width=\"{}\" height=\"{SIZE}\" fill=\"#f3d9d4\" opacity=\"0.6\"/>\n",
        x(drift.timeout),
        x(longest) - x(drift.timeout)
    );
    for column in 0..CELLS {
        for row in 0..CELLS {
            let queue = longest * (f64::from(column) + 0.5) / f64::from(CELLS);
            let share = most * (f64::from(row) + 0.5) / f64::from(CELLS);
            let (dx, dy) = arrow(drift, queue, share);
            let (dx, dy) = (dx / longest, -dy / most.max(1e-9));
            let length = libm::hypot(dx, dy).max(1e-12);
            let (ux, uy) = (dx / length * 8.0, dy / length * 8.0);
            let colour = if dx > 0.0 { "#b3392f" } else { "#2f7d4f" };
            let _ = writeln!(
                out,
                "<path d=\"M{:.1} {:.1} l{:.1} {:.1} m{:.1} {:.1} l{:.1} {:.1}\" stroke=\"{colour}\" stroke-width=\"1.4\" fill=\"none\"/>",
                x(queue) - ux,
                y(share) - uy,
                2.0 * ux,
                2.0 * uy,
                -0.6 * ux - 0.4 * uy,
                -0.6 * uy + 0.4 * ux,
                0.6 * ux + 0.4 * uy,
                0.6 * uy - 0.4 * ux
            );
        }
    }
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"#333\">queue, 0 to {} of work; shaded: longer than the timeout</text>\
         <text transform=\"translate(18 {}) rotate(-90)\" text-anchor=\"middle\" fill=\"#333\">tries that are retries, 0 to {:.0} %</text></svg>",
        LEFT + SIZE / 2.0,
        SIZE + 56.0,
        show(longest),
        30.0 + SIZE / 2.0,
        most * 100.0
    );
    out
}
