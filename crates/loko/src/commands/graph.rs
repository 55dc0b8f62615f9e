use crate::commands::coupling;
use crate::context::{Context, Outcome};

/// The architecture as a graph: what `coupling` tells, by the name that older documents give it
#[derive(clap::Args)]
#[command(hide = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    question: Question,
}

#[derive(clap::Subcommand)]
enum Question {
    /// Coupling, cycles and what to cut
    Analyze(coupling::Args),
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let Question::Analyze(args) = args.question;
    coupling::run(context, args)
}
