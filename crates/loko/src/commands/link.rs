use crate::context::{Context, Done, Failure, Outcome, Session};
use crate::{asking, checking, output};
use loko_model::Element;
use loko_model::edit::{self, Plan, Refusal, RefusalKind};

/// Add a relation between two elements
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where it starts: an id or a name; a terminal is asked for what is missing
    source: Option<String>,
    /// Where it ends
    target: Option<String>,
    /// What the source wants of the target
    #[arg(short, long, alias = "description", short_alias = 'd', value_name = "TEXT")]
    label: Option<String>,
    /// The protocol or means
    #[arg(long, alias = "tech")]
    technology: Option<String>,
    /// The source does not wait for an answer
    #[arg(long = "async")]
    is_async: bool,
    /// The name of the event that travels, `<entity>.<action>`
    #[arg(long)]
    event: Option<String>,
    /// The relation goes both ways
    #[arg(long)]
    bidirectional: bool,
    /// Labels for filters and rules
    #[arg(long = "tag", alias = "tags", value_name = "TAG", value_delimiter = ',')]
    tags: Vec<String>,
    /// Write it into relationships.toml rather than into the source's front matter
    #[arg(long)]
    toml: bool,
    /// Show what would be written, as a diff
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let session = context.load(None)?;
    let asks = args.source.is_none() || args.target.is_none();
    let any = |_: &Element| true;
    let source = asking::element(context, &session, "the element that the relation starts at", args.source, any)?;
    let target = asking::element(context, &session, "the element that it ends at", args.target, any)?;
    let label = match args.label {
        None if asks => Some(context.ask("label", Some(""))?).filter(|label| !label.is_empty()),
        label => label,
    };
    let wish = edit::Link {
        source,
        target,
        description: label,
        technology: args.technology,
        is_async: args.is_async,
        event: args.event,
        is_event: false,
        is_bidirectional: args.bidirectional,
        tags: args.tags,
        home: args.toml.then_some(edit::Home::Toml),
    };
    let plan = edit::link(&session.snapshot, &session.loaded, &wish);
    finish(context, &session, plan, args.dry_run)
}

/// Writes a plan or shows it, and says what it came to.
pub(crate) fn finish(
    context: &Context,
    session: &Session,
    plan: Result<Plan, Refusal>,
    dry_run: bool,
) -> Outcome {
    let plan = match plan {
        Ok(plan) => plan,
        Err(refusal) => {
            let is_finding = matches!(refusal.kind, RefusalKind::References(_) | RefusalKind::Exists);
            let failure = Failure::findings(refusal.into(), session.snapshot.clone());
            if !is_finding {
                return Err(failure);
            }
            output::error(context, &failure);
            return Ok(Done::Findings);
        }
    };
    let (mut findings, after) = checking::added(context, session, &plan.changes)?;
    context.write(session, &plan.changes, dry_run)?;
    findings.retain(|new| !plan.findings.iter().any(|told| (&told.code, &told.message) == (&new.code, &new.message)));
    findings.extend(plan.findings);
    output::remark_findings(context, &findings, &after);
    for line in &plan.summary {
        output::say(context, line);
    }
    Ok(Done::Fine)
}
