use crate::commands::query::find;
use crate::context::{Context, Done, Failure, Outcome};
use crate::output;
use clap::ValueEnum;
use loko_rules::coupling::{self, Level, Question, picture, text};

/// Measure coupling: metrics of each element and system, cycles with the edges to cut, how far changes spread
#[derive(clap::Args)]
#[command(after_help = "\
What the columns say:
  Ca, Ce       how many elements depend on it, and on how many it depends (Martin)
  I            instability, Ce / (Ca + Ce): 0 hard to change, 1 free to change
  A, D         abstractness where it is known, and the distance |A + I - 1| from the main sequence
  reaches      how many elements it needs over any number of steps, itself included
  betweenness  the share of shortest ways between others that lead through it (Brandes)
  PageRank     its rank; dependencies pass it on

Examples:
  loko coupling
  loko coupling shop --level container
  loko coupling --format json | jq '.cycles[].cut'
  loko coupling --format svg > matrix.svg")]
pub(crate) struct Args {
    /// Only this element and what is in it; neighbours outside still count
    target: Option<String>,
    /// The level of the matrix, of reach and of centrality
    #[arg(short, long, value_enum, default_value = "element")]
    level: LevelArg,
    /// How to print the answer; `svg` is the design structure matrix as a picture
    #[arg(short, long, value_enum, default_value = "text")]
    format: Form,
    /// At most this many elements in text and Markdown
    #[arg(long, default_value_t = LIMIT_DEFAULT, value_name = "COUNT")]
    limit: usize,
    /// A git revision to measure instead of the files on disk
    #[arg(long, visible_alias = "version", value_name = "REV")]
    at: Option<String>,
}

const LIMIT_DEFAULT: usize = 25;

/// Forms of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    Text,
    /// JSON, with stable names
    Json,
    /// TOON, which costs language models fewer tokens
    Toon,
    /// For reports
    #[value(alias = "md")]
    Markdown,
    /// The design structure matrix as a picture
    Svg,
}

/// At which level relations are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LevelArg {
    /// Between the very elements that they name
    Element,
    /// Between containers
    Container,
    /// Between systems
    System,
}

impl From<LevelArg> for Level {
    fn from(level: LevelArg) -> Self {
        match level {
            LevelArg::Element => Self::Element,
            LevelArg::Container => Self::Container,
            LevelArg::System => Self::System,
        }
    }
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let session = context.load(args.at.as_deref())?;
    let target = args.target.as_deref().map(|name| find(&session, name)).transpose()?;
    let coupling = coupling::analyse(session.model(), &Question { target, level: args.level.into() });
    let value = || serde_json::to_value(&coupling).expect("an answer is plain data");
    match args.format {
        Form::Text => output::print(&text::text(&coupling, args.limit)),
        Form::Markdown => output::print(&text::markdown(&coupling, args.limit)),
        Form::Json => output::print_value(&value(), output::Format::Json),
        Form::Toon => output::print_value(&value(), output::Format::Toon),
        Form::Svg => match picture::svg(&coupling) {
            Ok(svg) => output::print(&svg),
            Err(error) => {
                return Err(Failure::new(error.to_string())
                    .help("draw a part, `loko coupling ELEMENT`, or a coarser one, `--level container` or `system`"));
            }
        },
    }
    Ok(Done::Fine)
}
