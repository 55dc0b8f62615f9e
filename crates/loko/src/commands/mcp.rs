use crate::context::{Context, Done, Failure, Outcome};
use crate::mcp;
use std::process::Command;
use std::sync::Arc;

/// Serve AI agents over standard input and output (Model Context Protocol)
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Set an environment variable first; may be repeated
    #[arg(long = "env", value_name = "KEY=VALUE", value_parser = pair)]
    env: Vec<(String, String)>,
}

fn pair(written: &str) -> Result<(String, String), String> {
    match written.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() && !key.contains('\0') && !value.contains('\0') => {
            Ok((key.trim().to_owned(), value.to_owned()))
        }
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    if args.env.is_empty() {
        mcp::serve(Arc::new(context.clone()))?;
        return Ok(Done::Fine);
    }
    again(args.env)
}

/// Starts the same command with the variables set: settings, flags and colours have been read without them.
fn again(variables: Vec<(String, String)>) -> Outcome {
    let mut arguments = Vec::new();
    let mut given = std::env::args_os().skip(1);
    while let Some(argument) = given.next() {
        match argument.to_str() {
            Some("--env") => drop(given.next()),
            Some(text) if text.starts_with("--env=") => {}
            _ => arguments.push(argument),
        }
    }
    let mut command = Command::new(std::env::current_exe()?);
    command.args(arguments).envs(variables);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        Err(Failure::from(command.exec()))
    }
    #[cfg(not(unix))]
    {
        let status = command.status()?;
        if status.success() { Ok(Done::Fine) } else { Err(Failure::new(format!("the server ended with {status}"))) }
    }
}
