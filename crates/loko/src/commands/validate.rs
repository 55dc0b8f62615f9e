use crate::context::{Context, Outcome};
use crate::output::{self, Format};
use serde_json::json;

/// Check the workspace: every problem in one run, with its place and how to mend it
#[derive(clap::Args)]
#[command(visible_alias = "val")]
pub(crate) struct Args {
    /// Warnings fail too
    #[arg(long)]
    strict: bool,
    /// Exit with 1 when the check fails (always so; kept for scripts)
    #[arg(long, hide = true)]
    exit_code: bool,
    /// How to print findings
    #[arg(short, long, value_enum, default_value = "text")]
    format: Format,
    /// A git revision to check instead of the files on disk
    #[arg(long, visible_alias = "version", value_name = "REV")]
    at: Option<String>,
    /// Print one line a finding, `file:line:column: severity[code]: message`
    #[arg(long)]
    short: bool,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let session = context.load(args.at.as_deref())?;
    let findings = &session.findings;
    let verdict = output::verdict(findings, args.strict);
    match args.format {
        Format::Text if args.short => {
            for finding in findings {
                output::print(&loko_source::render::line(finding, &session.snapshot));
            }
        }
        Format::Text => {
            output::print_findings(context, findings, &session.snapshot);
            let model = session.model();
            let size = format!(
                "{}, {}",
                output::plural(model.elements.len(), "element"),
                output::plural(model.relations.len(), "relation")
            );
            output::say(context, &format!("{size}: {}", output::counts(findings)));
        }
        format => output::print_value(
            &json!({
                "valid": verdict == crate::context::Done::Fine,
                "commit": session.commit,
                "elements": session.model().elements.len(),
                "relations": session.model().relations.len(),
                "findings": output::findings_json(&session, findings),
            }),
            format,
        ),
    }
    Ok(verdict)
}
