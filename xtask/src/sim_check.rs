//! `cargo xtask sim-check FILE`: every quantity of every case with its exact, closed-form and simulated value, and a
//! verdict. The cases run in the engine that `loko simulate` uses; see `loko_sim::conformance`.

use loko_sim::conformance::coverage::{Covered, coverage};
use loko_sim::conformance::{self, Answer, COVERAGE_MIN, Case, Effort, Plan, Verdict};
use std::io::Write as _;
use std::path::Path;

/// No simulated value may be further off than so many standard errors, unless it is within its tolerance.
const DEVIATION_MAX: f64 = 6.0;

/// Of how many cases it is told how long they took.
const LONGEST_TOLD: usize = 8;

/// What was counted.
#[derive(Default)]
struct Totals {
    cases: usize,
    quantities: usize,
    unclear: usize,
    out: usize,
    intervals: usize,
    covered: usize,
    farthest: f64,
}

/// How long cases run.
pub(crate) enum Length {
    /// As long as their tolerances ask for.
    Precise(Plan),
    /// All of them as long.
    Fixed(Effort),
}

fn read(file: &Path, only: Option<&str>) -> Result<Vec<Case>, String> {
    #[expect(clippy::disallowed_methods, reason = "the file lies outside of any workspace")]
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let mut cases = conformance::read(&text).map_err(|error| format!("{}: {error}", file.display()))?.cases;
    cases.retain(|case| only.is_none_or(|only| case.id.contains(only)));
    Ok(cases)
}

/// Counts how often the intervals of every quantity hold its exact value, over so many seeds of short runs.
pub(crate) fn cover(file: &Path, seeds: u32, effort: &Effort, only: Option<&str>) -> Result<String, String> {
    let mut out = std::io::stdout();
    let mut families: Vec<(String, Vec<Covered>)> = Vec::new();
    for case in read(file, only)? {
        let mut rows = coverage(&case, seeds, effort)?;
        match families.last_mut().filter(|(family, _)| *family == case.family) {
            Some((_, all)) => all.append(&mut rows),
            None => families.push((case.family.clone(), rows)),
        }
    }
    let _ =
        writeln!(out, "| family | intervals | hold the exact value | the least of a quantity |\n|---|---:|---:|---|");
    let (mut all, mut held, mut low) = (0u64, 0u64, Vec::new());
    for (family, rows) in &families {
        let (some, right) = rows
            .iter()
            .fold((0u64, 0u64), |(some, right), row| (some + u64::from(row.intervals), right + u64::from(row.held)));
        (all, held) = (all + some, held + right);
        low.extend(rows.iter().filter(|row| row.is_low()));
        let least = rows.iter().min_by(|a, b| a.share().total_cmp(&b.share()));
        if let Some(least) = least {
            let share = 100.0 * right as f64 / some.max(1) as f64;
            let _ = writeln!(
                out,
                "| {family} | {some} | {share:.2} % | {:.1} % ({}, {}) |",
                100.0 * least.share(),
                least.case,
                least.quantity
            );
        }
    }
    let share = held as f64 / all.max(1) as f64;
    let summary = format!(
        "{all} intervals of 99 % from {seeds} seeds: {:.2} % hold the exact value; of {} quantities fewer do than chance explains{}",
        100.0 * share,
        low.len(),
        low.iter()
            .map(|row| format!("\n  {} {}: {:.1} %", row.case, row.quantity, 100.0 * row.share()))
            .collect::<String>()
    );
    if share < COVERAGE_MIN { Err(format!("the intervals are too narrow\n{summary}")) } else { Ok(summary) }
}

/// Checks a file and prints a row for each quantity; an error when one is out.
pub(crate) fn run(file: &Path, length: &Length, only: Option<&str>) -> Result<String, String> {
    let cases = read(file, only)?;
    let mut totals = Totals::default();
    let mut out = std::io::stdout();
    let _ = writeln!(
        out,
        "{:<26} {:<44} {:>14} {:>14} {:>14} {:>27}  verdict",
        "case", "quantity", "exact", "closed form", "simulated", "99 % interval"
    );
    let mut times: Vec<(f64, &str)> = Vec::new();
    for case in &cases {
        totals.cases += 1;
        #[expect(clippy::disallowed_methods, reason = "a check of speed has a clock on purpose")]
        let started = std::time::Instant::now();
        let answers = match length {
            Length::Precise(plan) => conformance::check_precisely(case, plan),
            Length::Fixed(effort) => conformance::check(case, effort),
        };
        match answers {
            Ok(answers) => answers.iter().for_each(|answer| totals.add(case, answer, &mut out)),
            Err(error) => {
                totals.out += 1;
                let _ = writeln!(out, "{:<26} error: {error}", case.id);
            }
        }
        times.push((started.elapsed().as_secs_f64(), &case.id));
    }
    let all: f64 = times.iter().map(|(time, _)| time).sum();
    times.sort_by(|a, b| b.0.total_cmp(&a.0));
    let longest: Vec<String> =
        times.iter().take(LONGEST_TOLD).map(|(time, case)| format!("{case} {time:.1} s")).collect();
    let _ = writeln!(out, "{all:.0} s in all; the longest were {}", longest.join(", "));
    totals.summary()
}

impl Totals {
    fn add(&mut self, case: &Case, answer: &Answer, out: &mut impl std::io::Write) {
        self.quantities += 1;
        self.unclear += usize::from(answer.verdict == Verdict::Unclear);
        self.out += usize::from(matches!(answer.verdict, Verdict::Out | Verdict::Missing));
        if let Some(covered) = answer.covered() {
            self.intervals += 1;
            self.covered += usize::from(covered);
        }
        // Within its tolerance a value is right, however short the interval of a long run is.
        if answer.verdict != Verdict::In {
            self.farthest = self.farthest.max(answer.deviation().map_or(0.0, f64::abs));
        }
        let interval = answer.simulated.filter(|estimate| estimate.half.is_finite());
        let _ = writeln!(
            out,
            "{:<26} {:<44} {:>14} {:>14} {:>14} {:>27}  {}",
            case.id,
            answer.name,
            number(Some(answer.exact)),
            number(answer.analytic),
            number(answer.simulated.map(|estimate| estimate.mean)),
            interval.map_or_else(String::new, |estimate| {
                format!("{} .. {}", number(Some(estimate.low())), number(Some(estimate.high())))
            }),
            match answer.verdict {
                Verdict::In => "in",
                Verdict::Unclear => "in, within a wide interval",
                Verdict::Out => "OUT",
                Verdict::Missing => "OUT, no way to answer it",
            }
        );
    }

    fn summary(&self) -> Result<String, String> {
        let share = self.covered as f64 / (self.intervals.max(1)) as f64;
        let summary = format!(
            "{} cases, {} quantities: {} in ({} of them only by a wide interval), {} out; {:.1} % of {} intervals (99 %) \
             hold the exact value, the farthest is {:.1} standard errors off",
            self.cases,
            self.quantities,
            self.quantities.saturating_sub(self.out),
            self.unclear,
            self.out,
            100.0 * share,
            self.intervals,
            self.farthest
        );
        let uncovered = self.intervals >= 100 && share < COVERAGE_MIN;
        if self.out > 0 {
            return Err(format!("values are out\n{summary}"));
        }
        if uncovered || self.farthest > DEVIATION_MAX {
            return Err(format!(
                "the intervals are too narrow: at least {:.0} % must hold the exact value and none may be more than \
                 {DEVIATION_MAX} standard errors off\n{summary}",
                100.0 * COVERAGE_MIN
            ));
        }
        Ok(summary)
    }
}

fn number(value: Option<f64>) -> String {
    match value {
        None => "–".to_owned(),
        Some(value) if value != 0.0 && (value.abs() < 1e-4 || value.abs() >= 1e9) => format!("{value:.5e}"),
        Some(value) => format!("{value:.6}"),
    }
}
