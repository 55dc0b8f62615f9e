use crate::commands::link::finish;
use crate::context::{Context, Failure, Outcome};
use loko_model::edit;

/// Change what an element's front matter says
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The element, by id or name
    element: String,
    /// What it does, one sentence
    #[arg(short, long)]
    description: Option<String>,
    /// What it is made with
    #[arg(long, alias = "tech")]
    technology: Option<String>,
    /// Who answers for it
    #[arg(long)]
    owner: Option<String>,
    /// Any key with its value; an empty value clears it
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// A key to take away
    #[arg(long, value_name = "KEY")]
    clear: Vec<String>,
    /// A tag to add
    #[arg(long = "tag", value_name = "TAG", value_delimiter = ',')]
    add_tags: Vec<String>,
    /// A tag to take away
    #[arg(long = "remove-tag", value_name = "TAG", value_delimiter = ',')]
    remove_tags: Vec<String>,
    /// Show what would be written, as a diff
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let named = [("description", args.description), ("technology", args.technology), ("owner", args.owner)];
    let mut set: Vec<(String, String)> =
        named.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    for pair in args.set {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| Failure::new(format!("`{pair}` is no KEY=VALUE")).help("write for instance `--set owner=team-a`"))?;
        set.push((key.trim().to_owned(), value.to_owned()));
    }
    let session = context.load(None)?;
    let wish = edit::Update {
        element: args.element,
        set,
        lists: Vec::new(),
        clear: args.clear,
        tags: None,
        add_tags: args.add_tags,
        remove_tags: args.remove_tags,
    };
    finish(context, &session, edit::update(&session.snapshot, &session.loaded, &wish), args.dry_run)
}
