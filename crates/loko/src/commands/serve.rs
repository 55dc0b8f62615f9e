use crate::context::{Context, Done, Outcome};
use crate::server::{self, Door, ServerArgs};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Show the documentation in the browser and follow every edit
#[derive(clap::Args)]
#[command(visible_alias = "s")]
pub(crate) struct Args {
    #[command(flatten)]
    server: ServerArgs,
    /// The folder that a build asked for by the API writes to
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Saving a file makes several events within milliseconds; one build answers them all.
const DEBOUNCE: Duration = Duration::from_millis(8);

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let door = Door { site: true, output: args.output, debounce: DEBOUNCE };
    server::run(Arc::new(context.clone()), args.server, door)?;
    Ok(Done::Fine)
}
