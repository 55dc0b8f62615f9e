use crate::asking;
use crate::commands::link::finish;
use crate::context::{Context, Failure, Outcome};
use loko_model::edit::{self, RenameId};

/// Give an element another name; all that refers to it follows
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The element, by id or name; a terminal is asked for what is missing
    element: Option<String>,
    /// The new name
    name: Option<String>,
    /// The new last part of its id [default: follows the name if it did before]
    #[arg(long, conflicts_with = "keep_id")]
    id: Option<String>,
    /// Leave the id as it is
    #[arg(long)]
    keep_id: bool,
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
    let is_named = args.name.is_some() || args.id.is_some();
    if !is_named && !context.is_interactive() {
        return Err(Failure::new("the new name is missing").help("give a name, or an id with `--id`"));
    }
    let session = context.load(None)?;
    let id = match (args.id, args.keep_id) {
        (Some(id), _) => RenameId::To(id),
        (None, true) => RenameId::Keep,
        (None, false) => RenameId::Follow,
    };
    let element = asking::element(context, &session, "the element to rename", args.element, |_| true)?;
    let name = if is_named { args.name } else { Some(context.ask("new name", None)?) };
    let wish = edit::Rename { element, name, id };
    let mut plan = edit::rename(&session.snapshot, &session.loaded, &wish);
    if args.record || !args.no_record {
        plan = plan.and_then(|plan| edit::record(&session.snapshot, &session.loaded, plan));
    }
    finish(context, &session, plan, args.dry_run)
}
