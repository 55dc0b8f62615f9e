//! Drawing nested graphs of several sizes with loko, the official D2 program (both of its layouts) and Graphviz, side by
//! side in one run: whole processes, their memory, and what loko's steps take in process. Prints Markdown tables.

#![allow(clippy::disallowed_methods, reason = "a benchmark has a clock and runs other programs on purpose")]

use crate::generate::random::Random;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Objects of the graphs; relations are half as many more.
const SIZES: [usize; 4] = [20, 200, 1_000, 5_000];
/// A program that takes longer than this for one size is not run for larger ones.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest that anything may take.
const LIMIT_SECONDS: &str = "180";

/// A program under test.
struct Program {
    name: &'static str,
    command: PathBuf,
    arguments: &'static [&'static str],
    /// The ending of its input.
    input: &'static str,
}

/// Runs each program `runs` times on each graph below `folder`.
pub(crate) fn run(folder: &Path, runs: usize, d2: &Path, dot: &Path) -> Result<String, String> {
    let binary = crate::bench::build()?;
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let programs = [
        Program {
            name: "loko",
            command: binary,
            arguments: &["d2", "render", "IN", "-o", "OUT", "--quiet"],
            input: "d2",
        },
        Program { name: "d2, ELK", command: d2.into(), arguments: &["--layout", "elk", "IN", "OUT"], input: "d2" },
        Program { name: "d2, dagre", command: d2.into(), arguments: &["--layout", "dagre", "IN", "OUT"], input: "d2" },
        Program { name: "dot", command: dot.into(), arguments: &["-Tsvg", "IN", "-o", "OUT"], input: "dot" },
    ];
    let mut table = String::from("| objects | relations |");
    programs.iter().for_each(|program| _ = write!(table, " {} |", program.name));
    table.push_str(" nearest d2 / loko |\n|---:|---:|");
    table.push_str(&"---:|".repeat(programs.len() + 1));
    let mut tired = [false; 4];
    for size in SIZES {
        let relations = write_graph(folder, size)?;
        let _ = write!(table, "\n| {size} | {relations} |");
        let mut medians = [None; 4];
        for (at, program) in programs.iter().enumerate() {
            if tired[at] {
                table.push_str(" not tried |");
                continue;
            }
            let times = (0..runs).map(|_| program.time(folder, size)).collect::<Result<Vec<_>, _>>();
            match times {
                Ok(mut times) => {
                    times.sort();
                    let (median, memory) = times[times.len() / 2];
                    tired[at] = median > PATIENCE;
                    medians[at] = Some(median);
                    let _ = write!(table, " {}, {} MiB |", shown(median), memory / 1024);
                }
                Err(problem) => {
                    tired[at] = true;
                    let _ = write!(table, " {problem} |");
                }
            }
        }
        let d2 = medians[1].into_iter().chain(medians[2]).min();
        match (medians[0], d2) {
            (Some(ours), Some(d2)) => _ = write!(table, " {:.1} × |", d2.as_secs_f64() / ours.as_secs_f64()),
            _ => table.push_str(" |"),
        }
    }
    Ok(format!("{table}\n\n{}", in_process(folder)?))
}

impl Program {
    /// The time and the peak memory (KiB) of one run.
    fn time(&self, folder: &Path, size: usize) -> Result<(Duration, u64), String> {
        let input = folder.join(format!("{size}.{}", self.input));
        let out = folder.join("out.svg");
        let argument = |argument: &&str| match *argument {
            "IN" => input.clone().into_os_string(),
            "OUT" => out.clone().into_os_string(),
            other => other.into(),
        };
        let started = Instant::now();
        let output = Command::new("/usr/bin/time")
            .args(["-f", "%M", "timeout", LIMIT_SECONDS])
            .arg(&self.command)
            .args(self.arguments.iter().map(argument))
            .stdout(Stdio::null())
            .output()
            .map_err(|_| "no `/usr/bin/time`".to_owned())?;
        let elapsed = started.elapsed();
        let text = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => Ok((elapsed, text.lines().last().and_then(|line| line.trim().parse().ok()).unwrap_or(0))),
            Some(124) => Err(format!("over {LIMIT_SECONDS} s")),
            Some(127) => Err("not installed".to_owned()),
            _ => Err("fails".to_owned()),
        }
    }
}

/// What the steps take in this very program, built with optimisation.
fn in_process(folder: &Path) -> Result<String, String> {
    let files = SIZES.map(|size| folder.join(format!("{size}.d2")));
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "--locked", "-p", "xtask", "--", "time-steps"])
        .args(files)
        .output()
        .map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Times the steps from a D2 text to an SVG; the best of several runs each.
pub(crate) fn steps(files: &[PathBuf]) -> Result<String, String> {
    let mut table = String::from(
        "| file | compile | measure | place | write SVG | size of the SVG |\n|---|---:|---:|---:|---:|---:|",
    );
    for file in files {
        let text = fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        let path = loko_source::FilePath::new("index.d2").map_err(|error| error.to_string())?;
        let look = loko_draw::Look::default();
        let mut best = [Duration::MAX; 4];
        let mut length = 0;
        for _ in 0..5 {
            let mut at = 0;
            let mut note = |started: Instant| {
                best[at] = best[at].min(started.elapsed());
                at += 1;
            };
            let started = Instant::now();
            let board = loko_d2::compile(&text, &path, &loko_d2::NoImports).diagram.root;
            note(started);
            let started = Instant::now();
            let measures = loko_draw::measure(&board, &look);
            note(started);
            let started = Instant::now();
            let placed = loko_layout::layout(&board, &measures, &loko_layout::Options::default());
            note(started);
            let started = Instant::now();
            length = loko_draw::svg(&board, &placed, &look, &loko_draw::SvgOptions::default()).len();
            note(started);
        }
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let _ = write!(table, "\n| {name} |");
        best.iter().for_each(|time| _ = write!(table, " {} |", shown(*time)));
        let _ = write!(table, " {} KiB |", length / 1024);
    }
    Ok(table)
}

fn shown(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if seconds >= 1.0 => format!("{seconds:.2} s"),
        seconds => format!("{:.1} ms", seconds * 1000.0),
    }
}

/// Writes a graph in both languages; returns how many relations it has.
///
/// Systems of seven containers of about twenty components; four of five relations stay near.
fn write_graph(folder: &Path, size: usize) -> Result<usize, String> {
    let mut random = Random::new(7);
    let groups = (size / 20).max(1);
    let per = size / groups;
    let (mut d2, mut dot) = (String::new(), String::from("digraph { compound=true; node [shape=box];\n"));
    let mut leaves = Vec::new();
    for group in 0..groups {
        let system = group / 7;
        if group % 7 == 0 {
            let _ = writeln!(d2, "s{system}: System {system} {{");
            let _ = writeln!(dot, "subgraph cluster_s{system} {{ label=\"System {system}\";");
        }
        let _ = writeln!(d2, "  g{group}: Group {group} {{");
        let _ = writeln!(dot, "subgraph cluster_g{group} {{ label=\"Group {group}\";");
        for at in 0..per {
            let _ = writeln!(d2, "    n{at}: Service {group} {at}");
            let _ = writeln!(dot, "n{group}_{at} [label=\"Service {group} {at}\"];");
            leaves.push((format!("s{system}.g{group}.n{at}"), format!("n{group}_{at}")));
        }
        d2.push_str("  }\n");
        dot.push_str("}\n");
        if group % 7 == 6 || group + 1 == groups {
            d2.push_str("}\n");
            dot.push_str("}\n");
        }
    }
    let mut relations = 0;
    for at in 0..leaves.len() * 3 / 2 {
        let a = random.below(leaves.len());
        let near = random.below(10) < 8;
        let b = if near { (a + 1 + random.below(per)) % leaves.len() } else { random.below(leaves.len()) };
        let ((from, from_dot), (to, to_dot)) = (&leaves[a.min(b)], &leaves[a.max(b)]);
        if a != b {
            relations += 1;
            let label = if at % 5 == 0 { ": calls" } else { "" };
            let _ = writeln!(d2, "{from} -> {to}{label}");
            let label = if at % 5 == 0 { " [label=calls]" } else { "" };
            let _ = writeln!(dot, "{from_dot} -> {to_dot}{label};");
        }
    }
    dot.push_str("}\n");
    for (ending, text) in [("d2", d2), ("dot", dot)] {
        fs::write(folder.join(format!("{size}.{ending}")), text).map_err(|error| error.to_string())?;
    }
    Ok(relations)
}
