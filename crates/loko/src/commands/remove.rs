use crate::asking;
use crate::commands::link::finish;
use crate::context::{Context, Outcome};
use loko_model::edit;

/// Take an element away; refused while others refer to it
#[derive(clap::Args)]
#[command(visible_alias = "rm")]
pub(crate) struct Args {
    /// The element, by id or name; a terminal is asked for it
    element: Option<String>,
    /// Take its parts and all that refers to it away as well
    #[arg(long)]
    cascade: bool,
    /// Show what would be written, as a diff
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let session = context.load(None)?;
    let element = asking::element(context, &session, "the element to remove", args.element, |_| true)?;
    let wish = edit::Remove { element, cascade: args.cascade };
    finish(context, &session, edit::remove(&session.snapshot, &session.loaded, &wish), args.dry_run)
}
