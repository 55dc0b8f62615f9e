//! Finds the commands: every file in `src/commands` is one, named as its file. No list has to be kept by hand.

#![allow(clippy::disallowed_methods, reason = "a build script reads its own folder")]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=src/commands");
    link_at_a_fixed_address();
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("src/commands");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("the commands lie in src/commands")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok()?.strip_suffix(".rs").map(str::to_owned))
        .collect();
    names.sort();
    let mut modules = String::new();
    let mut variants = String::new();
    let mut runs = String::new();
    let mut additions = String::new();
    for name in &names {
        let file = folder.join(format!("{name}.rs"));
        let variant: String = name.split('_').map(capitalised).collect();
        // A command whose name is a Rust keyword lies in a file with a trailing underscore.
        let command = name.trim_end_matches('_').replace('_', "-");
        let _ = writeln!(modules, "#[path = {file:?}]\npub(crate) mod {name};");
        let _ = writeln!(variants, "    #[command(name = {command:?})]\n    {variant}({name}::Args),");
        let _ = writeln!(
            additions,
            "        {command:?} => program.subcommand({name}::Args::augment_args(clap::Command::new({command:?}))),"
        );
        let _ = writeln!(runs, "        Command::{variant}(args) => {name}::run(context, args),");
    }
    let code = format!(
        "{modules}\n// The commands; a doc comment would be told as what the program is.\n#[derive(clap::Subcommand)]\npub(crate) enum Command {{\n{variants}}}\n\n\
         /// Adds the one command of a name to a program; all of them when there is none of that name. To define all of them\n\
         /// takes longer than a short one runs.\n\
         pub(crate) fn define(program: clap::Command, name: &str) -> clap::Command {{\n    \
         use clap::{{Args as _, Subcommand as _}};\n    match name {{\n{additions}        \
         _ => Command::augment_subcommands(program),\n    }}\n}}\n\n\
         /// Runs a command.\npub(crate) fn run(context: &Context, command: Command) -> Outcome {{\n    match command {{\n{runs}    }}\n}}\n"
    );
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("commands.rs");
    fs::write(out, code).expect("the output folder can be written");
}

/// Where the program lies in memory is settled by the linker and not at every start: the tables of this program hold some
/// 70,000 addresses, and setting them took as long as all else that a short command does. Heap, stack and libraries lie
/// at random addresses all the same.
fn link_at_a_fixed_address() {
    let target = |key: &str| env::var(format!("CARGO_CFG_TARGET_{key}")).unwrap_or_default();
    if target("OS") == "linux"
        && target("ENV") == "gnu"
        && env::var("PROFILE").is_ok_and(|profile| profile == "release")
    {
        println!("cargo::rustc-link-arg-bin=loko=-no-pie");
    }
}

fn capitalised(part: &str) -> String {
    let mut letters = part.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
