use crate::commands::diff::side;
use crate::context::{Context, Done, Failure, Outcome, Session};
use crate::{checking, output};
use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use loko_model::diff::{Side, diff};
use loko_rules::Preset;
use loko_site::Words;
use loko_site::changelog::{self, Release};
use loko_source::Snapshot;
use loko_source::disk::write_atomically;
use loko_source::git::{self, Tag};
use std::path::PathBuf;

/// Tell what became of the architecture from tag to tag, in the form of Keep a Changelog
#[derive(clap::Args)]
#[command(after_help = "\
Every tag in the history of HEAD is a version; what the files on disk say besides is unreleased.
Two versions are compared as `loko diff` does it.

Examples:
  loko changelog > ARCHITECTURE-CHANGELOG.md
  loko changelog --tags 'v*' --since v1.0
  loko changelog --format json")]
pub(crate) struct Args {
    /// Only tags that match this, with `*` and `?`; `**` matches slashes too
    #[arg(long, value_name = "GLOB", default_value = "**")]
    tags: String,
    /// Only what came after this tag
    #[arg(long, value_name = "TAG")]
    since: Option<String>,
    /// Which rules tell of findings: none but those named in `[rules]`, the recommended ones, or all
    #[arg(long, value_name = "PRESET", value_parser = PossibleValuesParser::new(Preset::ALL.map(|(name, _)| name)))]
    preset: Option<String>,
    /// How to print it
    #[arg(short, long, value_enum, default_value = "markdown")]
    format: Form,
    /// The file to write; standard output without it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Forms of a changelog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    #[value(alias = "md", alias = "text")]
    Markdown,
    /// JSON, with stable names
    Json,
    /// TOON, which costs language models fewer tokens
    Toon,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let checked = |mut session: Session| {
        session.findings = checking::of_revision(&session, args.preset.as_deref());
        session
    };
    let now = checked(context.load(None)?);
    let all = git::tags(now.workspace.root())?;
    let tags = chosen(&all, &args)?;
    let mut releases: Vec<Release> = Vec::new();
    let mut before: Option<Session> = None;
    for (at, tag) in tags.iter().enumerate() {
        // A tag from before there was a workspace has no version of it.
        let Ok(session) = context.load(Some(&tag.commit)).map(checked) else { continue };
        if at > 0 || args.since.is_none() {
            let mut release = compare(before.as_ref(), &session);
            release.version.clone_from(&tag.name);
            release.date = Some(output::day_of(tag.seconds.try_into().unwrap_or(0)));
            releases.push(release);
        }
        before = Some(session);
    }
    let unreleased = compare(before.as_ref(), &now);
    if !unreleased.is_empty() {
        releases.push(unreleased);
    }
    releases.reverse();
    let text = match args.format {
        Form::Markdown => changelog::markdown(&releases),
        form => {
            let told = serde_json::json!({ "versions": releases });
            match form {
                Form::Toon => loko_site::toon::encode(&told),
                _ => serde_json::to_string_pretty(&told).expect("a JSON value can always be written") + "\n",
            }
        }
    };
    match &args.output {
        None => output::print(&text),
        Some(path) => {
            write_atomically(path, text.as_bytes()).map_err(|error| Failure::unwritable(path, &error))?;
            output::say(context, &format!("wrote {}", path.display()));
        }
    }
    Ok(Done::Fine)
}

/// The tags to tell of, the oldest first; with `since`, that one stands first.
fn chosen(all: &[Tag], args: &Args) -> Result<Vec<Tag>, Failure> {
    let mut tags: Vec<Tag> = all.iter().filter(|tag| loko_model::query::is_like(&args.tags, &tag.name)).cloned().collect();
    if let Some(since) = &args.since {
        let Some(start) = all.iter().position(|tag| tag.name == *since) else {
            let failure = Failure::new(format!("there is no tag `{since}` in the history of HEAD"));
            let near = loko_source::suggest::did_you_mean(since, all.iter().map(|tag| tag.name.as_str()));
            return Err(failure.help(near.unwrap_or_else(|| "`git tag --merged` lists them".to_owned())));
        };
        let later = &all[start + 1..];
        tags.retain(|tag| later.contains(tag));
        tags.insert(0, all[start].clone());
    }
    Ok(tags)
}

fn compare(before: Option<&Session>, after: &Session) -> Release {
    let (model, snapshot) = (loko_model::Model::default(), Snapshot::default());
    let nothing = Side { model: &model, snapshot: &snapshot, findings: &[] };
    let before = before.map_or(nothing, side);
    let diff = diff(before, side(after));
    // A file of the repository is written as those that "Keep a Changelog" knows: in English.
    changelog::release(before.model, after.model(), &diff, &Words::default())
}
