use crate::commands::link::finish;
use crate::context::{Context, Outcome};
use loko_model::edit;

/// Make an element part of another; all that refers to it follows
#[derive(clap::Args)]
#[command(visible_alias = "mv")]
pub(crate) struct Args {
    /// The element, by id or name
    element: String,
    /// What it becomes part of
    #[arg(value_name = "PARENT", required_unless_present = "parent_flag")]
    parent: Option<String>,
    /// What it becomes part of, as a flag
    #[arg(long = "parent", value_name = "ELEMENT", conflicts_with = "parent", hide = true)]
    parent_flag: Option<String>,
    /// Leave out the record of the new id in loko.toml, by which `loko diff` knows it and old addresses lead on
    #[arg(long)]
    no_record: bool,
    /// Record the new id, which is done anyway
    #[arg(long, conflicts_with = "no_record", hide = true)]
    record: bool,
    /// Show what would be written, as a diff
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let session = context.load(None)?;
    let parent = args.parent.or(args.parent_flag).unwrap_or_default();
    let wish = edit::Move { element: args.element, parent };
    let mut plan = edit::move_to(&session.snapshot, &session.loaded, &wish);
    if args.record || !args.no_record {
        plan = plan.and_then(|plan| edit::record(&session.snapshot, &session.loaded, plan));
    }
    finish(context, &session, plan, args.dry_run)
}
