use crate::context::{Context, Done, Outcome};
use crate::output;

/// Print the version
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_context: &Context, _args: Args) -> Outcome {
    output::print(&crate::program().render_long_version());
    Ok(Done::Fine)
}
