use crate::commands::link::finish;
use crate::context::{Context, Outcome};
use loko_model::edit;

/// Take a relation away
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where it starts
    source: String,
    /// Where it ends
    target: String,
    /// What it says, when several join the two
    #[arg(short, long, alias = "description", short_alias = 'd', value_name = "TEXT")]
    label: Option<String>,
    /// Show what would be written, as a diff
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let session = context.load(None)?;
    let wish = edit::Unlink { source: args.source, target: args.target, description: args.label };
    finish(context, &session, edit::unlink(&session.snapshot, &session.loaded, &wish), args.dry_run)
}
