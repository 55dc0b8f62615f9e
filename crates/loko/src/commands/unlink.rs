use crate::asking;
use crate::commands::link::finish;
use crate::context::{Context, Outcome};
use loko_model::edit;

/// Take a relation away
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where it starts; a terminal is asked for what is missing
    source: Option<String>,
    /// Where it ends
    target: Option<String>,
    /// What it says, when several join the two
    #[arg(short, long, alias = "description", short_alias = 'd', value_name = "TEXT")]
    label: Option<String>,
    /// Show what would be written, as a diff
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let session = context.load(None)?;
    let any = |_: &loko_model::Element| true;
    let source = asking::element(context, &session, "the element that the relation starts at", args.source, any)?;
    let target = asking::element(context, &session, "the element that it ends at", args.target, any)?;
    let wish = edit::Unlink { source, target, description: args.label };
    finish(context, &session, edit::unlink(&session.snapshot, &session.loaded, &wish), args.dry_run)
}
