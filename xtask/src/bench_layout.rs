//! Drawing nested graphs of several sizes with loko, the official D2 program (both of its layouts, and an older release
//! beside it if there is one) and Graphviz, side by side in one run: whole processes, their memory, and what loko's steps
//! take in process. Prints Markdown tables.
//!
//! Each cell has the time on the clock and the processor time (user and system, all threads); on a machine that does
//! other things too, only the latter says anything about the program.

#![allow(clippy::disallowed_methods, reason = "a benchmark has a clock and runs other programs on purpose")]

use crate::generate::random::Random;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Objects of the graphs, unless others are asked for; relations are half as many more.
pub(crate) const SIZES: [usize; 4] = [20, 200, 1_000, 5_000];
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

/// The programs that are compared.
pub(crate) struct Peers<'a> {
    /// The official D2 program.
    pub(crate) d2: &'a Path,
    /// Another release of it.
    pub(crate) old_d2: Option<&'a Path>,
    /// Graphviz.
    pub(crate) dot: &'a Path,
}

/// What one run took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Took {
    /// User and system time of all threads.
    processor: Duration,
    clock: Duration,
    kib: u64,
}

/// Runs each program `runs` times on graphs of these sizes below `folder`; says how far it is on standard error.
pub(crate) fn run(folder: &Path, runs: usize, sizes: &[usize], peers: &Peers<'_>) -> Result<String, String> {
    let binary = crate::bench::build()?;
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let programs = programs(binary, peers);
    let mut table = String::from("| objects | relations |");
    programs.iter().for_each(|program| _ = write!(table, " {} |", program.name));
    table.push_str(" nearest d2 / loko: clock | processor |\n|---:|---:|");
    table.push_str(&"---:|".repeat(programs.len() + 2));
    let mut tired = vec![false; programs.len()];
    for size in sizes.iter().copied() {
        let relations = write_graph(folder, size)?;
        let _ = write!(table, "\n| {size} | {relations} |");
        let mut medians: Vec<Option<Took>> = vec![None; programs.len()];
        for (at, program) in programs.iter().enumerate() {
            if tired[at] {
                table.push_str(" not tried |");
                continue;
            }
            let _ = writeln!(std::io::stderr(), "{size} objects, {} …", program.name);
            match program.median(folder, size, runs) {
                Ok(took) => {
                    tired[at] = took.clock > PATIENCE;
                    medians[at] = Some(took);
                    let _ =
                        write!(table, " {} ({}), {} MiB |", shown(took.clock), shown(took.processor), took.kib / 1024);
                }
                Err(problem) => {
                    tired[at] = true;
                    let _ = write!(table, " {problem} |");
                }
            }
        }
        for part in [|took: Took| took.clock, |took: Took| took.processor] {
            let d2 = medians[1].into_iter().chain(medians[2]).map(part).min();
            match (medians[0].map(part), d2) {
                (Some(ours), Some(d2)) => _ = write!(table, " {:.1} × |", d2.as_secs_f64() / ours.as_secs_f64()),
                _ => table.push_str(" |"),
            }
        }
    }
    let note = "Time on the clock (processor time), peak memory; medians.";
    Ok(format!("{table}\n\n{note}\n\n{}", in_process(folder, sizes)?))
}

fn programs(loko: PathBuf, peers: &Peers<'_>) -> Vec<Program> {
    let ours: &[&str] = &["d2", "render", "IN", "-o", "OUT", "--quiet"];
    let elk: &[&str] = &["--layout", "elk", "IN", "OUT"];
    let dagre: &[&str] = &["--layout", "dagre", "IN", "OUT"];
    let program = |name, command: &Path, arguments, input| Program { name, command: command.into(), arguments, input };
    let mut programs = vec![
        program("loko", &loko, ours, "d2"),
        program("d2, ELK", peers.d2, elk, "d2"),
        program("d2, dagre", peers.d2, dagre, "d2"),
        program("dot", peers.dot, &["-Tsvg", "IN", "-o", "OUT"], "dot"),
    ];
    if let Some(old) = peers.old_d2 {
        programs.push(program("older d2, ELK", old, elk, "d2"));
        programs.push(program("older d2, dagre", old, dagre, "d2"));
    }
    programs
}

/// Prints the clock, user and system time of its arguments as a command; the limit is one of processor time.
const TIMED: &str = "ulimit -t \"$0\"; TIMEFORMAT='%3R %3U %3S'; time \"$@\" >/dev/null 2>/dev/null; exit $?";

impl Program {
    /// The run of middle processor time, after one that warms the file cache.
    fn median(&self, folder: &Path, size: usize, runs: usize) -> Result<Took, String> {
        let kib = self.memory(folder, size)?;
        let mut all = (0..runs.max(1)).map(|_| self.time(folder, size)).collect::<Result<Vec<_>, _>>()?;
        all.sort();
        let middle = all[all.len() / 2];
        let mut clocks: Vec<Duration> = all.iter().map(|took| took.clock).collect();
        clocks.sort();
        Ok(Took { clock: clocks[clocks.len() / 2], kib, ..middle })
    }

    fn arguments(&self, folder: &Path, size: usize) -> Vec<std::ffi::OsString> {
        let input = folder.join(format!("{size}.{}", self.input));
        let out = folder.join("out.svg");
        let argument = |argument: &&str| match *argument {
            "IN" => input.clone().into_os_string(),
            "OUT" => out.clone().into_os_string(),
            other => other.into(),
        };
        self.arguments.iter().map(argument).collect()
    }

    /// The peak memory of one run in KiB.
    fn memory(&self, folder: &Path, size: usize) -> Result<u64, String> {
        let output = Command::new("/usr/bin/time")
            .args(["-f", "%M", "timeout", LIMIT_SECONDS])
            .arg(&self.command)
            .args(self.arguments(folder, size))
            .stdout(Stdio::null())
            .output()
            .map_err(|_| "no `/usr/bin/time`".to_owned())?;
        let text = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => Ok(text.lines().last().and_then(|line| line.trim().parse().ok()).unwrap_or(0)),
            Some(124) => Err(format!("over {LIMIT_SECONDS} s")),
            Some(127) => Err("not installed".to_owned()),
            _ => Err("fails".to_owned()),
        }
    }

    /// The times of one run.
    fn time(&self, folder: &Path, size: usize) -> Result<Took, String> {
        let output = Command::new("bash")
            .args(["-c", TIMED, LIMIT_SECONDS])
            .arg(&self.command)
            .args(self.arguments(folder, size))
            .output()
            .map_err(|_| "no `bash`".to_owned())?;
        if !output.status.success() {
            return Err("fails".to_owned());
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let seconds: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [clock, user, system] = seconds[..] else { return Err("no times".to_owned()) };
        Ok(Took { clock: Duration::from_secs_f64(clock), processor: Duration::from_secs_f64(user + system), kib: 0 })
    }
}

/// What the steps take in this very program, built with optimisation.
fn in_process(folder: &Path, sizes: &[usize]) -> Result<String, String> {
    let files = sizes.iter().map(|size| folder.join(format!("{size}.d2")));
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
