use crate::context::{Context, Done, Failure, Outcome};
use crate::{mcp, output};
use loko_mcp::clients::{CLIENTS, Client};
use loko_source::disk::{create_folder, write_atomically};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

/// Serve AI agents over standard input and output (Model Context Protocol)
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    /// Set an environment variable first; may be repeated
    #[arg(long = "env", value_name = "KEY=VALUE", value_parser = pair)]
    env: Vec<(String, String)>,
}

/// What to do instead of serving.
#[derive(clap::Subcommand)]
enum Action {
    /// Print what tells a program of loko, or write it into that program's configuration
    Install {
        /// The program
        #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(CLIENTS.map(|client| client.name)))]
        client: String,
        /// Write it; everything else in the file stays
        #[arg(long)]
        write: bool,
    },
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
    if let Some(Action::Install { client, write }) = &args.action {
        return install(context, client, *write);
    }
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

/// Prints or writes the configuration of a program.
fn install(context: &Context, name: &str, write: bool) -> Outcome {
    let client = Client::from_name(name).ok_or_else(|| Failure::new(format!("there is no client `{name}`")))?;
    let workspace = context.workspace()?;
    // A file of the workspace goes with it to other machines; one of the home folder must find it from anywhere.
    let root = if client.is_of_workspace() { ".".to_owned() } else { workspace.root().display().to_string() };
    let file = match client.file.strip_prefix("~/") {
        None => workspace.root().join(client.file),
        Some(below) => home()?.join(below),
    };
    let present = std::fs::read_to_string(&file).ok();
    let unfit = |reason: String| {
        Failure::new(format!("`{}` is not changed: {reason}", file.display()))
            .help(format!("add this by hand:\n{}", client.configured("loko", &root, None).unwrap_or_default()))
    };
    if !write {
        let text = client.configured("loko", &root, None).map_err(unfit)?;
        output::say(context, &format!("{}: put this into {} (or run again with --write)", client.title, client.file));
        output::print(&text);
        return Ok(Done::Fine);
    }
    let text = client.configured("loko", &root, present.as_deref()).map_err(unfit)?;
    if present.as_deref() == Some(text.as_str()) {
        output::say(context, &format!("{} knows loko already", client.title));
        return Ok(Done::Fine);
    }
    if let Some(folder) = file.parent() {
        create_folder(folder)?;
    }
    write_atomically(&file, text.as_bytes())?;
    output::say(context, &format!("{} knows loko now: {}", client.title, file.display()));
    Ok(Done::Fine)
}

fn home() -> Result<PathBuf, Failure> {
    let set = std::env::var_os(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
    set.map(PathBuf::from).ok_or_else(|| Failure::new("the home folder is not known").help("set HOME"))
}
