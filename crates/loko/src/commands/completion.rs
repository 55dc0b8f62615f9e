use crate::completing::{self, Answer};
use crate::context::{Context, Done, Outcome};
use crate::output;
use clap_complete::Shell;

/// Print a shell's completion script
///
/// In bash, zsh and fish it proposes commands, flags and their values, and what is in the workspace: elements, tags, owners,
/// patterns, events, scenarios, decisions, revisions.
#[derive(clap::Args)]
#[command(after_help = "bash:  loko completion bash > /etc/bash_completion.d/loko\n\
zsh:   loko completion zsh > \"${fpath[1]}/_loko\"\n\
fish:  loko completion fish > ~/.config/fish/completions/loko.fish")]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
    /// Instead of the script: what may stand where the last of these words stands
    #[arg(last = true, hide = true)]
    words: Option<Vec<String>>,
}

/// Asks for every word; the first line of the answer says whether a file belongs there.
const BASH: &str = r#"_loko() {
    local line lines=() first=
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ -z $first ]]; then
            first=$line
        else
            printf -v line '%q' "$line"
            COMPREPLY+=("$line")
        fi
    done < <("${1/#\~/$HOME}" completion bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    if [[ $first == files ]]; then
        compopt -o default 2>/dev/null
    fi
}
complete -o nosort -F _loko loko 2>/dev/null || complete -F _loko loko
"#;

const ZSH: &str = r#"#compdef loko
_loko() {
    local line
    local -a lines proposals
    lines=("${(@f)$("${(Q)words[1]}" completion zsh -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ $lines[1] == files ]]; then
        _files
        return
    fi
    for line in "${(@)lines[2,-1]}"; do
        proposals+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    _describe -V loko proposals
}
if [[ $funcstack[1] == _loko ]]; then
    _loko "$@"
else
    compdef _loko loko
fi
"#;

const FISH: &str = r#"function __loko_proposals
    set -l words (commandline -opc)
    set -l written (commandline -ct)
    set -l lines ($words[1] completion fish -- $words[2..-1] "$written" 2>/dev/null)
    if test "$lines[1]" = files
        __fish_complete_path "$written"
    else if set -q lines[2]
        printf '%s\n' $lines[2..-1]
    end
end
complete -c loko -f -k -a '(__loko_proposals)'
"#;

pub(crate) fn run(_context: &Context, args: Args) -> Outcome {
    if let Some(words) = &args.words {
        propose(args.shell, words);
        return Ok(Done::Fine);
    }
    let script = match args.shell {
        Shell::Bash => BASH.as_bytes().to_vec(),
        Shell::Zsh => ZSH.as_bytes().to_vec(),
        Shell::Fish => FISH.as_bytes().to_vec(),
        // The others get what is the same everywhere.
        shell => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut crate::program(), "loko", &mut script);
            script
        }
    };
    output::print_bytes(&script);
    Ok(Done::Fine)
}

fn propose(shell: Shell, words: &[String]) {
    let mut lines = Vec::new();
    match completing::answer(words) {
        Answer::Files => lines.push("files".to_owned()),
        Answer::Values(values) => {
            lines.push("values".to_owned());
            // A line is one proposal, whatever its texts hold.
            let on_a_line = |text: &str| text.lines().next().unwrap_or_default().replace(char::is_control, " ");
            lines.extend(values.iter().map(|(value, help)| match shell {
                Shell::Bash => on_a_line(value),
                _ => format!("{}\t{}", on_a_line(value), on_a_line(help)),
            }));
        }
    }
    output::print(&lines.join("\n"));
}
