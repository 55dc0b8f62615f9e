//! The report for terminals: the answer first, then what happened in words, then tables; nothing wider than [`WIDTH`].
//!
//! [`brief`] has what most people ask for, [`text`] everything.

use super::words::{happened, judged, noticed};
use super::{Table, answer, grouped, in_groups, lasting, study, study_words, tables};
use crate::compile::{Says, show};
use crate::network::UNLIMITED;
use crate::run::Outcome;
use crate::search::Study;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// How many columns a report has at most.
pub const WIDTH: usize = 100;
/// How many expectations that hold are listed in the brief report.
const KEPT_MAX: usize = 8;
/// How many rows a table of the brief report has at most.
const ROWS_MAX: usize = 24;
/// How many assumptions are listed at most.
const ASSUMPTIONS_MAX: usize = 40;
/// Longer words in a column of a table are cut.
const COLUMN_MAX: usize = 40;
/// Between two columns of a table.
const GAP: usize = 2;

/// The report in short: the answer, what happened, how requests fared.
pub fn brief(outcome: &Outcome, searched: &Study) -> String {
    let mut out = opening(outcome, searched, KEPT_MAX);
    paragraph(&mut out, &happened(outcome));
    for table in std::iter::once(requests(outcome)).chain(study::swept(searched)) {
        push_table(&mut out, table, ROWS_MAX);
    }
    let assumed = outcome.variants.first().map_or(0, |variant| variant.compiled.assumptions.len());
    let _ = writeln!(out);
    let things = if assumed == 1 { "thing is" } else { "things are" };
    let told = match assumed {
        0 => String::new(),
        some => format!("{some} {things} assumed, because the model does not say. "),
    };
    for line in wrapped(&format!("{told}`--verbose` has all tables and assumptions."), WIDTH, 0) {
        let _ = writeln!(out, "{line}");
    }
    closing(&mut out, outcome);
    out
}

/// Everything as text.
pub fn text(outcome: &Outcome, searched: &Study) -> String {
    let mut out = opening(outcome, searched, usize::MAX);
    paragraph(&mut out, &happened(outcome));
    paragraph(&mut out, &noticed(outcome));
    for table in study::tables(searched).into_iter().chain(tables(outcome)) {
        push_table(&mut out, table, usize::MAX);
    }
    let assumptions = outcome.variants.first().map_or(&[][..], |variant| &variant.compiled.assumptions);
    if !assumptions.is_empty() {
        let _ = writeln!(out, "\nAssumed, because the model does not say");
        for assumption in assumptions.iter().take(ASSUMPTIONS_MAX) {
            for line in wrapped(assumption, WIDTH - 2, 2) {
                let _ = writeln!(out, "  {line}");
            }
        }
        if assumptions.len() > ASSUMPTIONS_MAX {
            let _ = writeln!(out, "  … and {} more; `--format json` has them all", assumptions.len() - ASSUMPTIONS_MAX);
        }
    }
    let _ = writeln!(out);
    closing(&mut out, outcome);
    out
}

/// The name, the question and the answer.
fn opening(outcome: &Outcome, searched: &Study, kept: usize) -> String {
    let scenario = &outcome.scenario;
    let mut out = String::new();
    for line in [&scenario.name, &scenario.question].into_iter().filter(|line| !line.is_empty()) {
        wrapped(line, WIDTH, 0).iter().for_each(|line| out.extend([line, "\n"]));
    }
    let mut lines = answer::answer(outcome);
    let mut checks: Vec<_> = outcome.checks.iter().collect();
    checks.sort_by_key(|check| check.holds);
    let broken = checks.iter().filter(|check| !check.holds).count();
    let most = broken + kept.min(checks.len() - broken);
    let mut judgements: Vec<String> = checks.iter().take(most).map(|check| judged(check)).collect();
    if most < checks.len() {
        judgements.push(format!("… and {} more that hold", checks.len() - most));
    }
    lines.splice(1..1, judgements);
    lines.splice(1..1, study_words(searched));
    if outcome.interrupted {
        lines.insert(0, "Stopped early: these are the results so far.".to_owned());
    }
    paragraph(&mut out, &lines);
    out
}

/// How often it was run and what that took, and whose copies ran.
fn closing(out: &mut String, outcome: &Outcome) {
    let scenario = &outcome.scenario;
    let events: u64 = outcome.variants.iter().map(|variant| variant.record.events).sum();
    let replications = outcome.variants.iter().map(|variant| variant.replications).min().unwrap_or(0);
    let mut line = format!(
        "{replications} replication{} of {}{}, seed {}, {} events",
        if replications == 1 { "" } else { "s" },
        lasting(scenario.duration),
        if replications == 1 { "" } else { " each" },
        scenario.seed,
        grouped(events as f64, 0)
    );
    let mut environments: Vec<&str> = Vec::new();
    for variant in &outcome.variants {
        let used = variant.compiled.replicas.iter().flatten().any(|it| it.says == Says::Deployment);
        let name = variant.compiled.environment.as_deref().filter(|name| used && !environments.contains(name));
        environments.extend(name);
    }
    if !environments.is_empty() {
        let _ = write!(line, "; copies of deployment {}", environments.join(", "));
    }
    wrapped(&line, WIDTH, 0).iter().for_each(|line| out.extend([line, "\n"]));
}

/// How requests fared, without intervals.
fn requests(outcome: &Outcome) -> Table {
    let confidence = outcome.scenario.confidence;
    let mut rows = super::heading(&["load", "variant", "when", "p50", "p99", "success", "done"]);
    for (at, load) in outcome.scenario.loads.iter().enumerate() {
        for variant in &outcome.variants {
            for phase in &outcome.phases {
                let of = |metric: &'static str| {
                    let found = super::estimate(variant.loads[at].samples.get(&(phase.name, metric)), confidence);
                    (found.count > 0).then_some(found.mean)
                };
                let cell = |metric, words: &dyn Fn(f64) -> String| of(metric).map_or_else(|| "–".to_owned(), words);
                rows.push(vec![
                    load.name.clone(),
                    variant.name.clone(),
                    phase.name.to_owned(),
                    cell("p50", &show),
                    cell("p99", &show),
                    cell("success", &|value| format!("{:.2} %", value * 100.0)),
                    cell("throughput", &|value| format!("{value:.2}/s")),
                ]);
            }
        }
    }
    Table { title: "Requests".to_owned(), rows }
}

fn paragraph(out: &mut String, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    out.push('\n');
    for line in lines {
        wrapped(&in_groups(line), WIDTH, 2).iter().for_each(|line| out.extend([line, "\n"]));
    }
}

fn push_table(out: &mut String, mut table: Table, most: usize) {
    // The heading is a row.
    let rows = table.rows.len().saturating_sub(1);
    if rows == 0 {
        return;
    }
    table.rows.truncate(most.saturating_add(1));
    let _ = writeln!(out, "\n{}", table.title);
    out.push_str(&aligned(&table));
    if rows > most {
        let _ = writeln!(out, "  … and {} more rows", rows - most);
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// The words of a text; a number stays together with its interval and its unit.
fn words(text: &str) -> Vec<String> {
    const UNITS: [&str; 7] = ["%", "s", "ms", "µs", "h", "min", "days"];
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        // `22.7 ms..23.6 ms` is one number and the next.
        let first = word.split("..").next().unwrap_or(word);
        let is_unit = UNITS.contains(&first.trim_end_matches([',', '.', ';', ':', ')']));
        let after_number = |last: &String| last.ends_with(|c: char| c.is_ascii_digit());
        let stays = open || word == "±" || (is_unit && words.last().is_some_and(after_number));
        match words.last_mut().filter(|_| stays) {
            Some(last) => last.extend([" ", word]),
            None => words.push(word.to_owned()),
        }
        open = word == "±";
    }
    words
}

/// A text in lines of so many characters, all but the first indented; words that are longer are cut.
fn wrapped(text: &str, width: usize, indent: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let push = |lines: &mut Vec<String>, word: &str| {
        if let Some(last) = lines.last_mut() {
            if !last.trim().is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    };
    for word in words(text) {
        let last = lines.last().map_or("", String::as_str);
        let needed = length(last) + usize::from(!last.trim().is_empty()) + length(&word);
        if needed <= width {
            push(&mut lines, &word);
            continue;
        }
        if !last.trim().is_empty() {
            lines.push(" ".repeat(indent));
        }
        let mut rest: &str = &word;
        loop {
            let room = width.saturating_sub(lines.last().map_or(0, |line| length(line))).max(1);
            let Some((cut, _)) = rest.char_indices().nth(room) else { break };
            // Names are cut behind a slash where there is one.
            let cut = rest[..cut].rfind('/').map_or(cut, |slash| slash + 1);
            push(&mut lines, &rest[..cut]);
            lines.push(" ".repeat(indent));
            rest = &rest[cut..];
        }
        push(&mut lines, rest);
    }
    lines
}

/// How wide a column is, and how narrow it may get.
#[derive(Clone, Copy)]
struct Column {
    width: usize,
    least: usize,
}

impl Column {
    fn of(table: &Table, at: usize) -> Self {
        let cells = || table.rows.iter().filter_map(|row| row.get(at));
        let whole = |word: &String| word.starts_with(|c: char| c.is_ascii_digit() || "+-".contains(c));
        let longest = |word: &String| word.split_inclusive('/').map(length).max().unwrap_or(0);
        let part = |word: &String| if whole(word) { length(word) } else { longest(word) };
        let least = cells().flat_map(|cell| words(cell)).map(|word| part(&word)).max().unwrap_or(0);
        Self { width: cells().map(|cell| length(cell)).max().unwrap_or(0), least: least.min(COLUMN_MAX) }
    }
}

/// How many columns say of what a row is: as many as tell the rows apart, or the first one when a few do not.
fn keys(table: &Table) -> usize {
    const KEYS_MAX: usize = 3;
    let apart = |count: &usize| {
        let mut seen = BTreeSet::new();
        table.rows.iter().all(|row| seen.insert(row.get(..*count).unwrap_or(row)))
    };
    (1..=KEYS_MAX).find(apart).unwrap_or(1)
}

/// The columns that stand beside each other, with their widths; what does not fit stands below, behind the columns that
/// say of what it is.
fn blocks(table: &Table, room: usize) -> Vec<Vec<(usize, usize)>> {
    let count = table.rows.iter().map(Vec::len).max().unwrap_or(0);
    let columns: Vec<Column> = (0..count).map(|at| Column::of(table, at)).collect();
    let keys: Vec<usize> = (0..keys(table).min(count)).collect();
    let mut blocks: Vec<Vec<usize>> = vec![keys.clone()];
    for at in keys.len()..count {
        let Some(block) = blocks.last_mut() else { break };
        let taken: usize = block.iter().map(|at| columns[*at].least + GAP).sum();
        if block.len() > keys.len() && taken + columns[at].least > room {
            blocks.push(keys.iter().copied().chain([at]).collect());
        } else {
            block.push(at);
        }
    }
    let fit = |block: Vec<usize>| {
        let mut widths: Vec<usize> = block.iter().map(|at| columns[*at].width).collect();
        let gaps = GAP * block.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > room {
            // The widest one gives way first.
            let wide = widths.iter_mut().zip(&block).filter(|(width, at)| **width > columns[**at].least);
            let Some((width, _)) = wide.max_by_key(|(width, _)| **width) else { break };
            *width -= 1;
        }
        block.into_iter().zip(widths).collect()
    };
    blocks.into_iter().map(fit).collect()
}

/// A table in columns; cells that are too wide go on in the next line.
pub(super) fn aligned(table: &Table) -> String {
    const MARGIN: &str = "  ";
    let rows = table.rows.iter().map(|row| row.iter().map(|cell| in_groups(cell)).collect()).collect();
    let table = &Table { title: String::new(), rows };
    let mut out = String::new();
    for (number, block) in blocks(table, WIDTH - MARGIN.len()).into_iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        for row in &table.rows {
            let cells: Vec<Vec<String>> = block
                .iter()
                .map(|(at, width)| wrapped(row.get(*at).map_or("", String::as_str), (*width).max(1), 0))
                .collect();
            for line in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
                let mut told = MARGIN.to_owned();
                for (cell, (_, width)) in cells.iter().zip(&block) {
                    let part = cell.get(line).map_or("", String::as_str);
                    let _ = write!(told, "{part:width$}{:GAP$}", "");
                }
                let _ = writeln!(out, "{}", told.trim_end());
            }
        }
    }
    out
}

/// How many copies of a station's element run, and of which deployment; nothing where copies mean nothing.
pub(super) fn copies(variant: &crate::compile::Compiled, at: usize) -> String {
    let Some(replicas) = variant.replicas.get(at).copied().flatten() else { return String::new() };
    let count = grouped(f64::from(replicas.count), 0);
    match (replicas.says, &variant.environment) {
        (Says::Deployment, Some(environment)) => format!("{count}, of deployment {environment}"),
        (Says::Element, _) => count,
        _ if variant.network.stations[at].servers == UNLIMITED => String::new(),
        _ => format!("{count}, assumed"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Table, WIDTH, aligned, wrapped};

    #[test]
    fn lines_break_between_words_and_long_names_behind_a_slash() {
        assert_eq!(wrapped("one two three", 8, 2), ["one two", "  three"]);
        assert_eq!(wrapped("ordering/checkout", 10, 0), ["ordering/", "checkout"]);
        assert_eq!(wrapped("abcdefgh", 3, 0), ["abc", "def", "gh"]);
        assert_eq!(wrapped("", 3, 0), [""]);
        assert_eq!(wrapped("(22.7 ms..23.6 ms) more", 18, 0), ["(22.7 ms..23.6 ms)", "more"]);
        assert_eq!(wrapped("p99 by 1.61 s ± 371 ms, less", 16, 0), ["p99 by", "1.61 s ± 371 ms,", "less"]);
    }

    #[test]
    fn a_table_is_as_wide_as_it_may_be_and_loses_nothing() {
        let cell = |at: usize| format!("column{at} {}", "word ".repeat(9)).trim().to_owned();
        let rows = vec![vec!["a".to_owned(); 5], (0..5).map(cell).collect()];
        let told = aligned(&Table { title: String::new(), rows });
        assert!(told.lines().all(|line| line.chars().count() <= WIDTH), "{told}");
        assert_eq!(told.matches("word").count(), 45, "{told}");
    }

    #[test]
    fn columns_that_do_not_fit_stand_below_behind_what_they_are_of() {
        let row =
            |of: [&str; 2], value: &str| of.into_iter().chain([value; 9]).map(str::to_owned).collect::<Vec<String>>();
        let number = "12.34 s ± 5.67 ms";
        let rows = vec![row(["of", "when"], "number"), row(["web", "before"], number), row(["web", "after"], number)];
        let told = aligned(&Table { title: String::new(), rows });
        assert!(told.lines().all(|line| line.chars().count() <= WIDTH), "{told}");
        assert_eq!((told.matches(number).count(), told.matches("web  after").count()), (18, 3), "{told}");
    }
}
