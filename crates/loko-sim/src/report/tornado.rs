//! What matters most: a table, words and a chart of bars on both sides of how it is (a tornado).

use super::chart::{COLOURS, escape};
use super::{Table, told};
use crate::run::{Swing, Swings};
use crate::scenario::{Unit, claim, unit};
use crate::statistics::Estimate;
use std::fmt::Write as _;

/// How many inputs the chart and the words have.
const DRAWN_MAX: usize = 16;
const TOLD_MAX: usize = 3;

fn measured_in(swings: &Swings) -> Unit {
    // Every number that can be asked for can be claimed about.
    claim(&format!("{} > 0", swings.number)).map_or_else(
        |_| match swings.number {
            "success" => Unit::Share,
            "throughput" => Unit::Rate,
            _ => Unit::Time,
        },
        |(metric, ..)| unit(metric),
    )
}

fn signed(swings: &Swings, value: Estimate) -> String {
    let text = told(measured_in(swings), value);
    if value.mean > 0.0 { format!("+{text}") } else { text }
}

fn cell(swings: &Swings, side: Option<Estimate>) -> String {
    match side {
        None => "–".to_owned(),
        Some(value) if value.mean == 0.0 && value.half == 0.0 => "nothing".to_owned(),
        Some(value) if value.is_significant() => signed(swings, value),
        Some(_) => "no difference that can be told".to_owned(),
    }
}

fn percent(swings: &Swings) -> String {
    format!("{:.0} %", swings.by * 100.0)
}

/// The differences by input.
pub(super) fn table(swings: &Swings) -> Table {
    let by = percent(swings);
    let mut rows = vec![vec!["input".to_owned(), format!("{by} less"), format!("{by} more")]];
    let row = |swing: &Swing| vec![swing.input.clone(), cell(swings, swing.less), cell(swings, swing.more)];
    rows.extend(swings.swings.iter().map(row));
    let base = told(measured_in(swings), swings.base);
    Table { title: format!("What matters for the {} of {} ({base})", swings.number, swings.load), rows }
}

/// What matters most, in words.
pub(super) fn words(swings: &Swings) -> Vec<String> {
    let (matter, rest): (Vec<&Swing>, Vec<&Swing>) = swings.swings.iter().partition(|swing| swing.tells());
    let Some((first, others)) = matter.split_first() else {
        return vec![format!(
            "No input matters for the {} of {}: {} less or more of each changes nothing that can be told.",
            swings.number,
            swings.load,
            percent(swings)
        )];
    };
    let sides = |swing: &Swing| {
        let side = |word: &str, value: Option<Estimate>| {
            value.filter(Estimate::is_significant).map(|value| format!("{} with {word}", signed(swings, value)))
        };
        let both: Vec<String> = [side("less", swing.less), side("more", swing.more)].into_iter().flatten().collect();
        both.join(", ")
    };
    let mut line = format!(
        "What matters most for the {} of {} is {}: {} ({} each).",
        swings.number,
        swings.load,
        first.input,
        sides(first),
        percent(swings)
    );
    let then: Vec<String> =
        others.iter().take(TOLD_MAX).map(|swing| format!("{} ({})", swing.input, sides(swing))).collect();
    if !then.is_empty() {
        let _ = write!(line, " Then {}.", then.join("; "));
    }
    if !rest.is_empty() {
        let _ = write!(line, " {} of {} inputs change nothing that can be told.", rest.len(), swings.swings.len());
    }
    vec![line]
}

const WIDTH: f64 = 860.0;
const NAMES: f64 = 320.0;
const ROW: f64 = 22.0;
const TOP: f64 = 46.0;

/// Bars on both sides of how it is; nothing when there is nothing to draw.
pub(super) fn svg(swings: &Swings) -> String {
    let drawn: Vec<&Swing> = swings.swings.iter().filter(|swing| swing.tells()).take(DRAWN_MAX).collect();
    let most = drawn.iter().map(|swing| swing.most()).fold(0.0, f64::max);
    if drawn.is_empty() || most <= 0.0 {
        return String::new();
    }
    let height = TOP + drawn.len() as f64 * ROW + 40.0;
    let side = (WIDTH - NAMES) / 2.0 - 30.0;
    let middle = NAMES + (WIDTH - NAMES) / 2.0;
    let title = format!("{} of {}: each input {} less and more", swings.number, swings.load, percent(swings));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"img\" aria-label=\"{0}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"8\" y=\"18\" font-weight=\"600\" fill=\"#222\">{0}</text>\n",
        escape(&title)
    );
    for (word, colour, x) in [("less", COLOURS[0], middle - side), ("more", COLOURS[1], middle + side - 40.0)] {
        let _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"26\" width=\"12\" height=\"10\" fill=\"{colour}\"/><text x=\"{:.1}\" y=\"35\" fill=\"#222\">{word}</text>",
            x + 17.0
        );
    }
    for (at, swing) in drawn.iter().enumerate() {
        let y = TOP + at as f64 * ROW;
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#222\">{}</text>",
            NAMES,
            y + 14.0,
            escape(&short(&swing.input))
        );
        // Both may lie on one side; each has half of the row then.
        for (half, colour, value) in [(0.0, COLOURS[0], swing.less), (1.0, COLOURS[1], swing.more)] {
            let Some(value) = value else { continue };
            let length = side * value.mean.abs() / most;
            let x = if value.mean < 0.0 { middle - length } else { middle };
            let _ = writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{length:.1}\" height=\"8\" fill=\"{colour}\"><title>{}</title></rect>",
                y + 2.0 + half * 8.0,
                escape(&cell(swings, Some(value)))
            );
        }
    }
    let bottom = TOP + drawn.len() as f64 * ROW;
    let _ =
        writeln!(out, "<line x1=\"{middle:.1}\" y1=\"{TOP}\" x2=\"{middle:.1}\" y2=\"{bottom:.1}\" stroke=\"#555\"/>");
    let base = told(measured_in(swings), swings.base);
    let exact = |mean: f64| signed(swings, Estimate { mean, half: f64::INFINITY, count: 1 });
    for (x, text) in [(middle - side, exact(-most)), (middle, base), (middle + side, exact(most))] {
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#555\">{}</text>",
            bottom + 18.0,
            escape(&text)
        );
    }
    out.push_str("</svg>\n");
    out
}

/// A name that fits beside the bars.
fn short(name: &str) -> String {
    const FITS: usize = 46;
    let length = name.chars().count();
    if length <= FITS {
        name.to_owned()
    } else {
        format!("…{}", name.chars().skip(length + 1 - FITS).collect::<String>())
    }
}
