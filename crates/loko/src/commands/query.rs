use crate::answers;
use crate::context::{Context, Done, Failure, Outcome, Session};
use crate::output::{self, Format};
use clap::ValueEnum;
use loko_model::edit;
use loko_model::query::{self, DepsOptions, Filter, SearchOptions};
use loko_model::select::Select;
use loko_model::{ElementIx, Kind};
use loko_source::{FilePath, Snapshot};
use serde::Serialize;

/// Ask about the architecture: dependencies, paths, impact, search, lists, numbers
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, after_help = "\
Elements are named by id (`shop/order-api`), by name (`Order API`) or by names (`Shop/Order API`).
Without a question, the architecture itself is told, as far as `--detail` goes.

Examples:
  loko query deps shop/order-api --transitive
  loko query path customer shop/order-db
  loko query impact shop/order-db
  loko query search payment --kind container
  loko query list --kind container --tag pci --format json
  loko query list --select 'kind:container and tag:pci and not has:owner'
  loko query --detail structure --target-system shop")]
pub(crate) struct Args {
    #[command(subcommand)]
    question: Option<Question>,
    /// How much to tell of the architecture
    #[arg(long, value_enum, default_value = "structure")]
    detail: answers::Detail,
    /// Tell only of this system
    #[arg(long, value_name = "ELEMENT")]
    target_system: Option<String>,
    /// Tell the relations too
    #[arg(long)]
    relationships: bool,
    /// How to print the answer
    #[arg(short, long, value_enum, default_value = "text", global = true)]
    format: Format,
    /// A git revision to ask instead of the files on disk
    #[arg(long, visible_alias = "version", value_name = "REV", global = true)]
    at: Option<String>,
}

/// The questions.
#[derive(clap::Subcommand)]
pub(crate) enum Question {
    /// What an element depends on
    #[command(visible_alias = "dependencies")]
    Deps(DepsArgs),
    /// What depends on an element
    Dependents(DepsArgs),
    /// How one element reaches another
    Path {
        /// Where to start
        from: String,
        /// Where to get
        to: String,
        /// Up to this many ways, shortest first
        #[arg(long, default_value_t = 1, value_name = "COUNT")]
        all: usize,
    },
    /// What is affected when an element fails or changes
    Impact {
        /// The element
        element: String,
    },
    /// Find elements by words, or by a glob with `*` and `?`
    Search {
        /// The words
        #[arg(required = true)]
        words: Vec<String>,
        #[command(flatten)]
        filter: FilterArgs,
        /// At most this many
        #[arg(long, default_value_t = query::search::LIMIT_DEFAULT)]
        limit: usize,
    },
    /// List elements
    List {
        #[command(flatten)]
        filter: FilterArgs,
    },
    /// Count what there is
    Stats,
}

/// Whose dependencies, and how far.
#[derive(clap::Args)]
pub(crate) struct DepsArgs {
    /// The element
    element: String,
    /// Go on from what was found
    #[arg(short, long)]
    transitive: bool,
    /// Go on this far at most
    #[arg(long, value_name = "STEPS")]
    depth: Option<u32>,
    /// Tell of containers or systems instead of what is inside them
    #[arg(long, value_enum)]
    level: Option<KindArg>,
}

/// Which elements.
#[derive(clap::Args)]
pub(crate) struct FilterArgs {
    /// Only this kind
    #[arg(long, alias = "type", value_enum)]
    kind: Option<KindArg>,
    /// Only with this tag
    #[arg(long)]
    tag: Option<String>,
    /// Only of this owner
    #[arg(long)]
    owner: Option<String>,
    /// Only with this technology, as a word or glob
    #[arg(long)]
    technology: Option<String>,
    /// Only direct parts of this element
    #[arg(long, value_name = "ELEMENT")]
    parent: Option<String>,
    /// Only this element and what is inside it
    #[arg(long, value_name = "ELEMENT")]
    within: Option<String>,
    /// Only (or with `false` no) elements of others
    #[arg(long, num_args = 0..=1, default_missing_value = "true")]
    external: Option<bool>,
    /// Only what a selector picks, such as `kind:container and tag:pci and not has:owner`
    #[arg(short, long, value_name = "SELECTOR")]
    select: Option<String>,
}

/// The kinds of elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "each variant is the kind of its name")]
pub(crate) enum KindArg {
    Person,
    System,
    Container,
    Component,
    /// Systems of others
    External,
}

impl From<KindArg> for Kind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Person => Self::Person,
            KindArg::System | KindArg::External => Self::System,
            KindArg::Container => Self::Container,
            KindArg::Component => Self::Component,
        }
    }
}

impl Question {
    /// All systems.
    pub(crate) fn systems() -> Self {
        let filter = FilterArgs {
            kind: Some(KindArg::System),
            tag: None,
            owner: None,
            technology: None,
            parent: None,
            within: None,
            external: None,
            select: None,
        };
        Self::List { filter }
    }
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    match args.question {
        Some(question) => answer(context, &question, args.format, args.at.as_deref()),
        None => {
            let session = context.load_once(args.at.as_deref())?;
            let system = args.target_system.as_deref().map(|name| find(&session, name)).transpose()?;
            let told = answers::describe(session.model(), args.detail, system, args.relationships);
            match args.format {
                Format::Text => output::print(&answers::description(&told)),
                format => output::print_value(&told, format),
            }
            Ok(Done::Fine)
        }
    }
}

/// Answers one question.
pub(crate) fn answer(context: &Context, question: &Question, format: Format, at: Option<&str>) -> Outcome {
    let session = context.load_once(at)?;
    let model = session.model();
    match question {
        Question::Deps(args) => {
            let deps = query::deps(model, find(&session, &args.element)?, &args.options());
            show(&deps, format, |deps| answers::deps(deps, "depends on"));
        }
        Question::Dependents(args) => {
            let deps = query::dependents(model, find(&session, &args.element)?, &args.options());
            show(&deps, format, |deps| answers::deps(deps, "is needed by"));
        }
        Question::Path { from, to, all } => {
            let paths = query::path(model, find(&session, from)?, find(&session, to)?, *all);
            show(&paths, format, answers::paths);
            if paths.paths.is_empty() {
                return Ok(Done::Findings);
            }
        }
        Question::Impact { element } => {
            show(&query::impact(model, find(&session, element)?), format, answers::impact);
        }
        Question::Search { words, filter, limit } => {
            let options = SearchOptions { filter: filter.filter(&session)?, limit: *limit };
            show(&query::search(model, &words.join(" "), &options), format, answers::search);
        }
        Question::List { filter } => show(&query::list(model, &filter.filter(&session)?), format, answers::list),
        Question::Stats => show(&query::stats(model), format, answers::stats),
    }
    Ok(Done::Fine)
}

impl DepsArgs {
    fn options(&self) -> DepsOptions {
        DepsOptions {
            transitive: self.transitive || self.depth.is_some(),
            depth: self.depth,
            level: self.level.map(Kind::from),
        }
    }
}

impl FilterArgs {
    fn filter(&self, session: &Session) -> Result<Filter, Failure> {
        let element = |name: &Option<String>| name.as_deref().map(|name| find(session, name)).transpose();
        Ok(Filter {
            kind: self.kind.map(Kind::from),
            tag: self.tag.clone(),
            owner: self.owner.clone(),
            technology: self.technology.clone(),
            parent: element(&self.parent)?,
            within: element(&self.within)?,
            external: self.external.or((self.kind == Some(KindArg::External)).then_some(true)),
            select: self.select.as_deref().map(select).transpose()?,
        })
    }
}

/// A selector that was given as an argument.
pub(crate) fn select(text: &str) -> Result<Select, Failure> {
    Select::elements(text).map_err(|error| {
        // The argument is shown like a file, its wrong part underlined.
        let path = FilePath::new("SELECTOR").expect("a plain name is a path");
        let snapshot = Snapshot::from_texts([(path.as_str(), text)]);
        Failure::findings(vec![error.finding(&path, 0)], snapshot)
    })
}

/// The element of a name, or who else could be meant.
pub(crate) fn find(session: &Session, name: &str) -> Result<ElementIx, Failure> {
    edit::element(session.model(), name)
        .map_err(|refusal| Failure::findings(refusal.into(), session.snapshot.clone()))
}

fn show<T: Serialize>(answer: &T, format: Format, text: impl FnOnce(&T) -> String) {
    match format {
        Format::Text => output::print(&text(answer)),
        format => {
            output::print_value(&serde_json::to_value(answer).expect("an answer is plain data"), format);
        }
    }
}
