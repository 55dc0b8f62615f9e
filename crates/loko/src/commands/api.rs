use crate::context::{Context, Done, Outcome};
use crate::server::{self, Door, ServerArgs};
use std::sync::Arc;
use std::time::Duration;

/// Answer programs over HTTP (`/api/v1/openapi.json` describes it)
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let door = Door { site: false, output: None, debounce: Duration::from_millis(100) };
    server::run(Arc::new(context.clone()), args.server, door)?;
    Ok(Done::Fine)
}
