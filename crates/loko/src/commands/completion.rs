use crate::context::{Context, Done, Outcome};
use crate::output;
use clap_complete::Shell;

/// Print a shell's completion script
#[derive(clap::Args)]
#[command(after_help = "bash:  loko completion bash > /etc/bash_completion.d/loko\n\
zsh:   loko completion zsh > \"${fpath[1]}/_loko\"\n\
fish:  loko completion fish > ~/.config/fish/completions/loko.fish")]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(_context: &Context, args: Args) -> Outcome {
    let mut definition = crate::program();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut definition, "loko", &mut script);
    output::print_bytes(&script);
    Ok(Done::Fine)
}
