use crate::commands::d2::{self, RenderArgs};
use crate::context::{Context, Outcome};

/// Draw a D2 file (the same as `loko d2 render`)
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    render: RenderArgs,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    d2::render(context, &args.render)
}
