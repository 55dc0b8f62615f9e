use crate::context::{Context, Done, Failure, Outcome};
use crate::output;

/// Print the manual page of loko or of one command (roff, for `man -l -`)
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The command
    command: Option<String>,
}

pub(crate) fn run(_context: &Context, args: Args) -> Outcome {
    let mut definition = crate::program();
    definition.build();
    let page = match &args.command {
        None => definition,
        Some(name) => definition
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| Failure::new(format!("there is no command `{name}`")).help("`loko --help` lists them"))?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    output::print_bytes(&text);
    Ok(Done::Fine)
}
