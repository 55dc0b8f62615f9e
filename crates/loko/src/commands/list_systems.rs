use crate::commands::query::{self, Question};
use crate::context::{Context, Outcome};
use crate::output::Format;

/// List the systems (short for `loko query list --kind system`)
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How to print the list
    #[arg(short, long, value_enum, default_value = "text")]
    format: Format,
    /// A git revision to ask instead of the files on disk
    #[arg(long, visible_alias = "version", value_name = "REV")]
    at: Option<String>,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    query::answer(context, &Question::systems(), args.format, args.at.as_deref())
}
