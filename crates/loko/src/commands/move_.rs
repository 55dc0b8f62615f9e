use crate::asking;
use crate::commands::link::finish;
use crate::context::{Context, Outcome};
use loko_model::{Element, Kind, edit};

/// Make an element part of another; all that refers to it follows
#[derive(clap::Args)]
#[command(visible_alias = "mv")]
pub(crate) struct Args {
    /// The element, by id or name; a terminal is asked for what is missing
    element: Option<String>,
    /// What it becomes part of
    #[arg(value_name = "PARENT")]
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
    let can_move = |it: &Element| holder(it.kind).is_some();
    let element = asking::element(context, &session, "the element to move", args.element, can_move)?;
    let moved = edit::element(session.model(), &element).ok().map(|ix| session.model().element(ix));
    let can_hold = |it: &Element| moved.is_some_and(|moved| holder(moved.kind) == Some(it.kind));
    let parent = args.parent.or(args.parent_flag);
    let parent = asking::element(context, &session, "the element that it becomes part of", parent, can_hold)?;
    let wish = edit::Move { element, parent };
    let mut plan = edit::move_to(&session.snapshot, &session.loaded, &wish);
    if args.record || !args.no_record {
        plan = plan.and_then(|plan| edit::record(&session.snapshot, &session.loaded, plan));
    }
    finish(context, &session, plan, args.dry_run)
}

/// What elements of a kind are parts of.
fn holder(kind: Kind) -> Option<Kind> {
    match kind {
        Kind::Container => Some(Kind::System),
        Kind::Component => Some(Kind::Container),
        Kind::Person | Kind::System => None,
    }
}
