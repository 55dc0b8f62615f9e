//! Whole-process times and memory of the release binary on generated workspaces, beside what the machine needs for the
//! bare reading of the same files. Prints a Markdown table; `docs/performance.md` records one.

#![allow(clippy::disallowed_methods, reason = "a benchmark has a clock and reads files on purpose")]

use crate::generate;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// One thing that is timed.
struct Case {
    name: &'static str,
    elements: u32,
    arguments: &'static [&'static str],
    target: &'static str,
}

const CASES: [Case; 9] = [
    Case { name: "start-up (`loko --version`)", elements: 20, arguments: &["--version"], target: "" },
    Case { name: "validate", elements: 1_000, arguments: &["validate"], target: "" },
    Case { name: "validate", elements: 10_000, arguments: &["validate"], target: "≤ 150 ms, ≤ 3 × reading" },
    Case { name: "query stats", elements: 1_000, arguments: &["query", "stats"], target: "≤ 20 ms" },
    Case { name: "query search", elements: 1_000, arguments: &["query", "search", "order"], target: "≤ 20 ms" },
    Case { name: "export json", elements: 1_000, arguments: &["export", "json"], target: "" },
    Case { name: "build html, from nothing", elements: 1_000, arguments: &["build"], target: "≤ 1.0 s" },
    Case { name: "build html, nothing changed", elements: 1_000, arguments: &["build"], target: "" },
    Case {
        name: "build html, one description changed",
        elements: 1_000,
        arguments: &["build"],
        target: "≤ 50 ms of work",
    },
];

/// Builds the binary, generates the workspaces below `folder`, and times each case `runs` times.
pub(crate) fn run(folder: &Path, runs: usize) -> Result<String, String> {
    let binary = build()?;
    let cache = std::path::absolute(folder.join("cache")).map_err(|error| error.to_string())?;
    let mut table = String::from(
        "| what | elements | median | fastest | reading the files alone | peak memory | target |\n|---|---:|---:|---:|---:|---:|---|\n",
    );
    for case in &CASES {
        let workspace = folder.join(case.elements.to_string());
        generate::run(case.elements, &workspace, 1)?;
        let reading = median(&mut repeat(runs, || read_all(&workspace.join("src")))?);
        let mut memory_kib = 0;
        let mut times = Vec::new();
        // The first run warms the file cache and, for builds, makes what the next one finds.
        for round in 0..=runs {
            if case.name.contains("one description changed") {
                touch(&workspace, round)?;
            }
            if case.name.contains("from nothing") {
                forget(&[workspace.join("dist"), cache.clone()])?;
            }
            let (time, kib) = time(&binary, &workspace, &cache, case.arguments)?;
            if round > 0 {
                times.push(time);
            }
            memory_kib = memory_kib.max(kib);
        }
        let fastest = times.iter().min().copied().unwrap_or_default();
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} MiB | {} |",
            case.name,
            case.elements,
            milliseconds(median(&mut times)),
            milliseconds(fastest),
            milliseconds(reading),
            memory_kib / 1024,
            case.target,
        );
    }
    Ok(table)
}

/// Builds the release binary; where it is.
pub(crate) fn build() -> Result<PathBuf, String> {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked", "--workspace", "--bins", "--message-format", "short"])
        .status()
        .map_err(|error| error.to_string())?;
    if !status.success() {
        return Err("the release build failed".to_owned());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    Ok(target.join("release/loko"))
}

/// Takes folders away.
fn forget(folders: &[PathBuf]) -> Result<(), String> {
    for folder in folders.iter().filter(|folder| folder.exists()) {
        fs::remove_dir_all(folder).map_err(|error| format!("cannot remove {}: {error}", folder.display()))?;
    }
    Ok(())
}

/// Runs a command and gives its time and its peak resident memory in KiB (0 where the system does not tell).
fn time(binary: &Path, workspace: &Path, cache: &Path, arguments: &[&str]) -> Result<(Duration, u64), String> {
    let started = Instant::now();
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%M"])
        .arg(binary)
        .args(arguments)
        .args(["--quiet", "--project"])
        .arg(workspace)
        .env("LOKO_CACHE_HOME", cache)
        .stdout(Stdio::null())
        .output();
    let elapsed = started.elapsed();
    if let Ok(output) = output {
        let kib = String::from_utf8_lossy(&output.stderr).lines().last().and_then(|line| line.trim().parse().ok());
        return Ok((elapsed, kib.unwrap_or(0)));
    }
    let started = Instant::now();
    let status = Command::new(binary)
        .args(arguments)
        .args(["--quiet", "--project"])
        .arg(workspace)
        .env("LOKO_CACHE_HOME", cache)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.map(|_| (started.elapsed(), 0)).map_err(|error| format!("cannot run {}: {error}", binary.display()))
}

fn repeat(runs: usize, mut work: impl FnMut() -> Result<(), String>) -> Result<Vec<Duration>, String> {
    (0..runs)
        .map(|_| {
            let started = Instant::now();
            work().map(|()| started.elapsed())
        })
        .collect()
}

/// Reads every file below a folder, on one thread, and throws the bytes away.
fn read_all(folder: &Path) -> Result<(), String> {
    for entry in fs::read_dir(folder).map_err(|error| error.to_string())?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_all(&path)?;
        } else {
            std::hint::black_box(fs::read(&path).map_err(|error| error.to_string())?);
        }
    }
    Ok(())
}

/// Changes the description of one container.
fn touch(workspace: &Path, round: usize) -> Result<(), String> {
    let file = find(&workspace.join("src"), "container.md").ok_or("the workspace has no container")?;
    let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let changed: Vec<String> = text
        .lines()
        .map(|line| match line.starts_with("description:") {
            true => format!("description: Changed in round {round}"),
            false => line.to_owned(),
        })
        .collect();
    fs::write(&file, changed.join("\n") + "\n").map_err(|error| error.to_string())
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    let here = entries.iter().find(|path| path.ends_with(name)).cloned();
    here.or_else(|| entries.iter().filter(|path| path.is_dir()).find_map(|path| find(path, name)))
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
