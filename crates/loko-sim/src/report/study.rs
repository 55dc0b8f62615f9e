//! Sweeps and searches as tables, words and a chart.

use super::chart::{COLOURS, escape};
use super::{Table, heading};
use crate::compile::show;
use crate::search::{Point, Study};
use std::fmt::Write as _;

fn cells(point: &Point) -> Vec<String> {
    let mut row: Vec<String> = point.at.iter().map(|(_, value)| value.clone()).collect();
    row.extend([
        point.variant.clone(),
        point.load.clone(),
        point.p99.map_or_else(|| "–".to_owned(), |(p99, half)| format!("{} ± {}", show(p99), show(half))),
        format!("{:.2} %", point.success * 100.0),
        format!("{:.2}/s", point.throughput),
        point.busiest.as_ref().map_or_else(String::new, |(name, busy)| format!("{name}, {:.0} %", busy * 100.0)),
        point.cost.map_or_else(String::new, |cost| format!("{cost:.2}")),
        point.healed.map_or_else(String::new, |(healed, all)| format!("{healed} of {all}")),
        if point.holds { "yes" } else { "no" }.to_owned(),
    ]);
    row
}

fn table(title: String, points: &[Point]) -> Option<Table> {
    let first = points.first()?;
    let mut names: Vec<&str> = first.at.iter().map(|(knob, _)| knob.as_str()).collect();
    names.extend(["variant", "load", "p99", "success", "done", "busiest", "cost an hour", "healed", "kept"]);
    let mut rows = heading(&names);
    rows.extend(points.iter().map(cells));
    // Columns that say nothing at any point are left out.
    let keep: Vec<bool> =
        (0..names.len()).map(|column| rows.iter().skip(1).any(|row| !row[column].is_empty())).collect();
    for row in &mut rows {
        let mut at = 0;
        row.retain(|_| {
            at += 1;
            keep[at - 1]
        });
    }
    Some(Table { title, rows })
}

/// What was found, in words.
pub fn study_words(study: &Study) -> Vec<String> {
    let found = study.found.iter().map(crate::search::Found::words);
    found.chain(study.sensitivity.iter().flat_map(super::tornado::words)).collect()
}

pub(crate) fn tables(study: &Study) -> Vec<Table> {
    let sweeps = table("Sweep".to_owned(), &study.points);
    let searches = study.found.iter().filter_map(|found| {
        table(
            found.variant.as_ref().map_or_else(
                || format!("Search: {}", found.knob),
                |variant| format!("Search: {}, {variant}", found.knob),
            ),
            &found.points,
        )
    });
    let sensitivity = study.sensitivity.iter().map(super::tornado::table);
    sweeps.into_iter().chain(searches).chain(sensitivity).collect()
}

/// What was asked for as a table: the sweeps, and what matters most; the steps of searches are left out.
pub(super) fn swept(study: &Study) -> Vec<Table> {
    let sensitivity = study.sensitivity.as_ref().map(super::tornado::table);
    table("Sweep".to_owned(), &study.points).into_iter().chain(sensitivity).collect()
}

const WIDTH: f64 = 860.0;
const PLOT: f64 = 200.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 20.0;

/// The charts of sweeps and of what matters most; those with nothing to draw are left out.
pub(super) fn charts(study: &Study) -> Vec<String> {
    let swings = study.sensitivity.as_ref().map(super::tornado::svg);
    [Some(sweep_svg(study)), swings].into_iter().flatten().filter(|chart| !chart.is_empty()).collect()
}

/// The p99 against the values of the first sweep, a line for each variant and load; nothing when there is no sweep.
fn sweep_svg(study: &Study) -> String {
    let mut lines: Vec<(String, Vec<(f64, f64)>)> = Vec::new();
    for point in &study.points {
        let (Some((_, value)), Some((p99, _))) = (point.at.first(), point.p99) else { continue };
        let digits: String = value.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let Ok(x) = digits.parse::<f64>() else { continue };
        let rest: Vec<&str> = point.at.iter().skip(1).map(|(_, value)| value.as_str()).collect();
        let name = format!("{} ({}) {}", point.load, point.variant, rest.join(" ")).trim().to_owned();
        match lines.iter_mut().find(|(known, _)| *known == name) {
            Some((_, points)) => points.push((x, p99)),
            None => lines.push((name, vec![(x, p99)])),
        }
    }
    let all = || lines.iter().flat_map(|(_, points)| points);
    if lines.is_empty() || all().count() < 2 {
        return String::new();
    }
    let (low, high) = all().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (x, _)| (low.min(*x), high.max(*x)));
    let most = all().map(|point| point.1).fold(1e-9, f64::max);
    let x = |value: f64| LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low).max(1e-12);
    let top = 20.0 + 18.0 * lines.len() as f64;
    let y = |value: f64| top + PLOT * (1.0 - value / most);
    let height = top + PLOT + 50.0;
    let knob = study.points.first().and_then(|point| point.at.first()).map_or("", |(knob, _)| knob.as_str());
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"img\" aria-label=\"p99 against {}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
        escape(knob)
    );
    for part in 0..=4 {
        let value = most * f64::from(part) / 4.0;
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" y1=\"{0:.1}\" x2=\"{1}\" y2=\"{0:.1}\" stroke=\"#ddd\"/><text x=\"{2}\" y=\"{3:.1}\" text-anchor=\"end\" fill=\"#555\">{4}</text>",
            y(value),
            WIDTH - RIGHT,
            LEFT - 6.0,
            y(value) + 4.0,
            show(value)
        );
        let at = low + (high - low) * f64::from(part) / 4.0;
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#555\">{:.4}</text>",
            x(at),
            top + PLOT + 16.0,
            (at * 1e4).round() / 1e4
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#222\">{}</text>",
        (LEFT + WIDTH - RIGHT) / 2.0,
        top + PLOT + 36.0,
        escape(knob)
    );
    for (at, (name, points)) in lines.iter().enumerate() {
        let colour = COLOURS[at % COLOURS.len()];
        let path: Vec<String> = points.iter().map(|point| format!("{:.1},{:.1}", x(point.0), y(point.1))).collect();
        let legend = 16.0 + 18.0 * at as f64;
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\"/>\
             <line x1=\"{LEFT}\" y1=\"{legend}\" x2=\"{}\" y2=\"{legend}\" stroke=\"{colour}\" stroke-width=\"2\"/>\
             <text x=\"{}\" y=\"{}\" fill=\"#222\">p99 of {}</text>",
            path.join(" "),
            LEFT + 24.0,
            LEFT + 32.0,
            legend + 4.0,
            escape(name)
        );
    }
    out.push_str("</svg>\n");
    out
}
