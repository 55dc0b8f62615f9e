//! The command line: it parses arguments, calls the rooms below, and prints. Nothing here is worth a test of its own.
//!
//! Exit codes: 0 fine, 1 findings, 2 wrong usage or input that cannot be read.

#![allow(clippy::disallowed_methods, reason = "the command line is the door to the disk, environment and clock")]

mod aliases;
mod animate;
mod answers;
mod arguments;
mod asking;
mod checking;
mod commands;
mod completing;
mod context;
mod desk;
mod fonts;
mod history;
mod mcp;
mod output;
mod pipeline;
mod publish;
mod remembered;
mod remote;
mod render;
mod server;
mod settings;
mod templates;

use clap::{CommandFactory as _, FromArgMatches as _, Parser};
use context::{Context, Global};
use std::process::ExitCode;

/// Loading a workspace is many small allocations on all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Architecture as code: describe it once; draw it, check it, break it and build from it in milliseconds.
///
/// A workspace is a folder of Markdown and D2 files in git. Start one with `loko init shop`, add to it with
/// `loko new` and `loko link`, see it with `loko serve` or `loko build`, check it with `loko validate`.
#[derive(Parser)]
#[command(name = "loko", version, long_version = LONG_VERSION, max_term_width = 100, subcommand_required = true,
    arg_required_else_help = true, after_help = EXAMPLES)]
struct Frame {
    #[command(flatten)]
    global: Global,
}

/// The definition of the whole program.
fn program() -> clap::Command {
    commands::define(Frame::command(), "")
}

const LONG_VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (native, ", env!("CARGO_PKG_LICENSE"), ")");

const EXAMPLES: &str = "\
First steps:
  loko init shop && cd shop
  loko new system Shop -d \"Sells things\"
  loko new container \"Order API\" --parent shop --technology \"Rust, Axum\"
  loko new person Customer
  loko link customer shop/order-api --label \"Places orders\" --technology HTTPS
  loko validate
  loko serve

Exit codes: 0 fine, 1 findings, 2 wrong usage or input that cannot be read.";

/// Takes environment variables that are set to nothing for variables that are not set, as pipelines leave them.
fn without_empty_variables(program: clap::Command) -> clap::Command {
    let is_empty = |arg: &clap::Arg| arg.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
    let empty: Vec<clap::Id> =
        program.get_arguments().filter(|arg| is_empty(arg)).map(|arg| arg.get_id().clone()).collect();
    let program = empty.into_iter().fold(program, |program, id| program.mut_arg(id, |arg| arg.env(None)));
    program.mut_subcommands(without_empty_variables)
}

/// How often a command begins anew because somebody else wrote the same file meanwhile; then it says so.
const WRITE_TRIES: usize = 20;

fn main() -> ExitCode {
    // Guides of the Go loko write `-project`.
    let given = std::env::args_os().map(|it| if it == "-project" { "--project".into() } else { it });
    let arguments = aliases::expand(given.collect());
    let name = arguments.get(1).and_then(|word| word.to_str()).unwrap_or_default();
    let program = without_empty_variables(commands::define(Frame::command(), name));
    let arguments = match aliases::command_position(&arguments) {
        Some((at, _)) => arguments::settle(arguments, at, &program),
        None => arguments,
    };
    let matches = match program.try_get_matches_from(&arguments).map_err(arguments::sensible) {
        Ok(matches) => matches,
        Err(error) => {
            output::heed(error.print());
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            if let Some(lost) = output::unwritten() {
                output::say_failure(&lost, false);
                return ExitCode::from(2);
            }
            return ExitCode::from(code);
        }
    };
    let mut tries = 1;
    loop {
        let parsed = Frame::from_arg_matches(&matches)
            .and_then(|frame| Ok((frame.global, commands::Command::from_arg_matches(&matches)?)));
        let (global, command) = match parsed {
            Ok(parsed) => parsed,
            Err(error) => {
                let _ = error.print();
                return ExitCode::from(2);
            }
        };
        let mut context = Context::new(global);
        return match settings::log_level(&mut context.global).and_then(|()| commands::run(&context, command)) {
            Ok(done) => match output::unwritten() {
                None => done.into(),
                Some(lost) => {
                    output::error(&context, &lost);
                    ExitCode::from(2)
                }
            },
            Err(error) if error.is_stale && tries < WRITE_TRIES => {
                tries += 1;
                continue;
            }
            Err(error) => {
                output::error(&context, &error);
                ExitCode::from(2)
            }
        };
    }
}
