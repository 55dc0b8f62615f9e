//! The course of each load over time: p99 and share of failures of every variant, and when breakers were open; faults are
//! shaded.

use crate::compile::show;
use crate::run::{Outcome, VariantResult};
use std::fmt::Write as _;

const WIDTH: f64 = 860.0;
const PLOT: f64 = 150.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 36.0;
/// Shorter runs are told in seconds.
const SHORT_S: f64 = 300.0;
/// Colours that people with colour blindness can tell apart (Okabe and Ito).
pub(super) const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/// All charts as one SVG.
pub(super) fn svg(outcome: &Outcome) -> String {
    let loads = outcome.scenario.loads.len();
    let guarded = guarded(outcome);
    let each = 2.0 * PLOT + 110.0;
    let legend = 24.0 * outcome.variants.len() as f64;
    let height = loads as f64 * each + guarded.len() as f64 * (PLOT + 50.0) + legend + 20.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    for (at, variant) in outcome.variants.iter().enumerate() {
        let y = 22.0 + 24.0 * at as f64;
        let colour = COLOURS[at % COLOURS.len()];
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"{colour}\" stroke-width=\"2\"/><text x=\"{}\" y=\"{}\" fill=\"#222\">{}</text>",
            LEFT + 24.0,
            LEFT + 32.0,
            y + 4.0,
            escape(&variant.name)
        );
    }
    for (at, load) in outcome.scenario.loads.iter().enumerate() {
        let top = legend + 40.0 + at as f64 * each;
        let p99 = |variant: usize| {
            outcome.variants[variant].loads[at].course.iter().map(|point| (point.0, point.2)).collect()
        };
        let failed = |variant: usize| {
            outcome.variants[variant].loads[at].course.iter().map(|point| (point.0, Some(point.3))).collect()
        };
        plot(&mut out, outcome, top, &format!("{}: p99", load.name), &p99, &|time, _| show(time));
        let title = format!("{}: share that fails", load.name);
        plot(&mut out, outcome, top + PLOT + 50.0, &title, &failed, &|share, digits| percent(share, digits + 1));
    }
    for (at, name) in guarded.iter().enumerate() {
        let top = legend + 40.0 + loads as f64 * each + at as f64 * (PLOT + 50.0);
        let open = |variant: usize| {
            let variant = &outcome.variants[variant];
            let edge = variant.compiled.network.edges.iter().position(|edge| edge.name == *name);
            edge.and_then(|edge| open_course(variant, edge)).unwrap_or_default()
        };
        let title = format!("{name}: share of the time that the breaker is open");
        plot(&mut out, outcome, top, &title, &open, &percent);
    }
    out.push_str("</svg>\n");
    out
}

/// Charts one below the other, as one SVG.
pub(super) fn stacked(charts: &[String]) -> String {
    let mut inside = String::new();
    let mut height = 0.0;
    for chart in charts {
        let Some(rest) = chart.strip_prefix("<svg") else { continue };
        let tall = rest.split_once(" height=\"").and_then(|(_, rest)| rest.split('"').next()?.parse().ok());
        let _ = write!(inside, "<svg y=\"{height}\"{rest}");
        height += tall.unwrap_or(0.0);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\">\n{inside}</svg>\n"
    )
}

/// How many breakers are drawn at most.
const BREAKERS_MAX: usize = 6;

/// The calls that some variant has a breaker for and that were made.
fn guarded(outcome: &Outcome) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for variant in &outcome.variants {
        let edges = variant.compiled.network.edges.iter().zip(&variant.record.edges);
        for (edge, _) in edges.filter(|(edge, record)| edge.breaker.is_some() && record.calls > 0) {
            if names.len() < BREAKERS_MAX && !names.contains(&edge.name) {
                names.push(edge.name.clone());
            }
        }
    }
    names
}

/// The share of each window that the breakers of a call were open, on average; nothing when it has none.
pub(super) fn open_course(variant: &VariantResult, edge: usize) -> Option<Course> {
    variant.compiled.network.edges[edge].breaker.as_ref()?;
    let [.., course] = variant.record.edge_courses.get(edge)?;
    let runs = f64::from(variant.replications.max(1));
    let step = course.step() as f64 * 1e-9;
    Some(course.sums().iter().enumerate().map(|(at, sum)| (at as f64 * step, Some(sum / runs))).collect())
}

fn percent(share: f64, digits: usize) -> String {
    format!("{:.digits$} %", share * 100.0)
}

/// The lines of a chart from its ground to the most that it shows, each with its words: with as many digits as tell them
/// apart. Where there is nothing but zeros, the ground is all.
fn ticks(most: f64, label: &dyn Fn(f64, usize) -> String) -> Vec<(f64, String)> {
    const PARTS: u32 = 4;
    const DIGITS_MAX: usize = 6;
    if most <= 0.0 {
        return vec![(0.0, label(0.0, 0))];
    }
    let all = |digits: usize| -> Vec<(f64, String)> {
        let value = |part: u32| most * f64::from(part) / f64::from(PARTS);
        (0..=PARTS).map(|part| (value(part), label(value(part), digits))).collect()
    };
    let are_apart = |ticks: &[(f64, String)]| ticks.windows(2).all(|pair| pair[0].1 != pair[1].1);
    let mut told = (0..DIGITS_MAX).map(all).find(|ticks| are_apart(ticks)).unwrap_or_else(|| all(DIGITS_MAX));
    told.dedup_by(|a, b| a.1 == b.1);
    told
}

pub(super) type Course = Vec<(f64, Option<f64>)>;

fn plot(
    out: &mut String,
    outcome: &Outcome,
    top: f64,
    title: &str,
    course: &dyn Fn(usize) -> Course,
    label: &dyn Fn(f64, usize) -> String,
) {
    let courses: Vec<Course> = (0..outcome.variants.len()).map(course).collect();
    let most = courses.iter().flatten().filter_map(|(_, value)| *value).fold(0.0, f64::max);
    let ticks = ticks(most, label);
    let most = if most > 0.0 { most } else { 1.0 };
    let end = outcome.scenario.duration;
    let x = |t: f64| LEFT + (WIDTH - LEFT - RIGHT) * (t / end).clamp(0.0, 1.0);
    let y = |value: f64| top + PLOT * (1.0 - value / most);
    let _ = writeln!(
        out,
        "<text x=\"{LEFT}\" y=\"{}\" font-weight=\"600\" fill=\"#222\">{}</text>",
        top - 8.0,
        escape(title)
    );
    for fault in &outcome.scenario.faults {
        let (from, to) = (x(fault.at), x((fault.at + fault.length).min(end)));
        let words = escape(&fault.what.words(&fault.target.text));
        let _ = writeln!(
            out,
            "<rect x=\"{from:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{PLOT}\" fill=\"#f3d9d4\" opacity=\"0.7\"><title>{words}</title></rect>",
            (to - from).max(2.0)
        );
    }
    for (value, told) in ticks {
        let line = y(value);
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" y1=\"{line:.1}\" x2=\"{}\" y2=\"{line:.1}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#555\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            line + 4.0,
            told
        );
    }
    for part in 0..=6 {
        let t = end * f64::from(part) / 6.0;
        let told = if end < SHORT_S { format!("{t:.0} s") } else { format!("{:.1} min", t / 60.0) };
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#555\">{told}</text>",
            x(t),
            top + PLOT + 16.0
        );
    }
    for (at, course) in courses.iter().enumerate() {
        let points: Vec<String> =
            course.iter().filter_map(|(t, value)| value.map(|value| format!("{:.1},{:.1}", x(*t), y(value)))).collect();
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.6\" stroke-linejoin=\"round\"/>",
            points.join(" "),
            COLOURS[at % COLOURS.len()]
        );
    }
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_told_apart() {
        let told = |most: f64| ticks(most, &|share, digits| percent(share, digits + 1)).into_iter().map(|it| it.1);
        assert_eq!(told(0.04).collect::<Vec<_>>(), ["0.0 %", "1.0 %", "2.0 %", "3.0 %", "4.0 %"]);
        assert_eq!(told(0.000_4).collect::<Vec<_>>(), ["0.00 %", "0.01 %", "0.02 %", "0.03 %", "0.04 %"]);
        assert_eq!(told(0.0).collect::<Vec<_>>(), ["0.0 %"]);
        assert_eq!(told(1e-15).count(), 1, "what no digits tell apart is told once");
    }
}
