use crate::context::{Context, Done, Failure, Outcome, Session};
use crate::{checking, output, pipeline};
use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use loko_draw::Look;
use loko_model::diff::{self, Diff, Side, picture};
use loko_rules::Preset;
use loko_site::changes;
use serde_json::{Value, json};

/// Compare two revisions by meaning: what came, went, moved, was renamed, rewired or changed, and who is affected
#[derive(clap::Args)]
#[command(after_help = "\
Revisions are whatever git knows: tags, branches, commits, HEAD~3. One alone is compared with
the files on disk, none compares HEAD with them. Elements that have another id are found by
likeness, and with certainty where loko.toml has a record, which `loko rename` and `loko move`
write:

  [[moved]]
  from = \"shop/api\"
  to = \"shop/order-api\"

Examples:
  loko diff v1.0..v2.0
  loko diff main --format markdown
  loko diff HEAD~1.. --format svg > changes.svg
  loko diff v1.0..v2.0 --format html > changes.html")]
pub(crate) struct Args {
    /// `A..B`, or one revision to compare with the files on disk [default: HEAD]
    revisions: Option<String>,
    /// The later revision, when not written as `A..B`
    #[arg(value_name = "REV")]
    later: Option<String>,
    /// How to print the difference
    #[arg(short, long, value_enum, default_value = "text")]
    format: Form,
    /// Which rules tell of findings: none but those named in `[rules]`, the recommended ones, or all
    #[arg(long, value_name = "PRESET", value_parser = PossibleValuesParser::new(Preset::ALL.map(|(name, _)| name)))]
    preset: Option<String>,
    /// Exit with 1 when anything differs
    #[arg(long)]
    exit_code: bool,
}

/// Forms of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    Text,
    /// JSON, with stable names
    Json,
    /// TOON, which costs language models fewer tokens
    Toon,
    /// For pull requests
    #[value(alias = "md")]
    Markdown,
    /// A page with the picture, which stands alone
    Html,
    /// Both revisions in one picture, additions, removals and changes marked
    Svg,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let (from, to) = revisions(args.revisions.as_deref(), args.later.as_deref())?;
    let mut before = context.load(Some(&from))?;
    let mut after = context.load(to.as_deref())?;
    for session in [&mut before, &mut after] {
        session.findings = checking::of_revision(session, args.preset.as_deref());
    }
    let diff = diff::diff(side(&before), side(&after));
    let title = format!("Changes from {from} to {}", to.as_deref().unwrap_or("the files on disk"));
    match args.format {
        Form::Text => output::print(&changes::text(&diff)),
        Form::Markdown => output::print(&changes::markdown(&diff, &title)),
        Form::Json => output::print_value(&value(&diff, &from, to.as_deref()), output::Format::Json),
        Form::Toon => output::print_value(&value(&diff, &from, to.as_deref()), output::Format::Toon),
        Form::Html => output::print(&changes::html(&diff, &title, svg(&before, &after, &diff).as_deref())),
        Form::Svg => match svg(&before, &after, &diff) {
            Some(svg) => output::print(&svg),
            None => return Err(Failure::new("nothing to draw: no element and no relation changed")
                .help("`loko diff` without `--format svg` tells what else did")),
        },
    }
    Ok(if args.exit_code && !diff.is_empty() { Done::Findings } else { Done::Fine })
}

/// What a difference is made of.
pub(crate) fn side(session: &Session) -> Side<'_> {
    Side { model: session.model(), snapshot: &session.snapshot, findings: &session.findings }
}

/// The former revision, and the later one unless that is the files on disk.
fn revisions(written: Option<&str>, later: Option<&str>) -> Result<(String, Option<String>), Failure> {
    let written = written.unwrap_or("HEAD");
    let or_head = |name: &str| if name.is_empty() { "HEAD".to_owned() } else { name.to_owned() };
    let help = "write `A..B`, or one revision to compare it with the files on disk";
    match (written.split_once(".."), later) {
        (Some((_, rest)), _) if rest.starts_with('.') => {
            Err(Failure::new(format!("`{written}` asks for a merge base, which loko does not look for")).help(help))
        }
        (Some(_), Some(later)) => {
            Err(Failure::new(format!("`{written}` has a later revision already, and so has `{later}`")).help(help))
        }
        (Some((from, to)), None) => Ok((or_head(from), Some(or_head(to)))),
        (None, later) => Ok((or_head(written), later.map(str::to_owned))),
    }
}

fn svg(before: &Session, after: &Session, diff: &Diff<'_>) -> Option<String> {
    let board = picture::board(before.model(), after.model(), diff, &picture::Words::default())?;
    let look = Look::default();
    let placed = pipeline::place(&board, &look, &pipeline::Placing::default());
    Some(pipeline::svg(&board, &placed, &look, None, loko_draw::SvgOptions::default()))
}

fn value(diff: &Diff<'_>, from: &str, to: Option<&str>) -> Value {
    let mut value = json!({ "from": from, "to": to, "summary": changes::summary(diff) });
    if let (Value::Object(all), Ok(Value::Object(told))) = (&mut value, serde_json::to_value(diff)) {
        all.extend(told);
    }
    value
}
