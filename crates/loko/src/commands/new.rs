use crate::context::{Context, Outcome};
use crate::pipeline;
use crate::{commands::link::finish, output, templates};
use clap::ValueEnum;
use loko_model::edit::{self, NewKind};

/// Add a person, system, external system, container or component
#[derive(clap::Args)]
#[command(visible_alias = "n")]
pub(crate) struct Args {
    /// What to add
    #[arg(value_enum)]
    kind: KindArg,
    /// Its name
    name: Option<String>,
    /// Its name, as a flag
    #[arg(long = "name", value_name = "NAME", conflicts_with = "name", hide = true)]
    name_flag: Option<String>,
    /// What it does, one sentence
    #[arg(short, long)]
    description: Option<String>,
    /// What it is made with
    #[arg(long, alias = "tech")]
    technology: Option<String>,
    /// What it is part of: an id (`shop/order-api`), a name, or names (`Shop/Order API`)
    #[arg(long, value_name = "ELEMENT")]
    parent: Option<String>,
    /// The system it is part of (with `--container` for a component)
    #[arg(long, value_name = "ELEMENT", conflicts_with = "parent")]
    system: Option<String>,
    /// The container it is part of
    #[arg(long, value_name = "ELEMENT", conflicts_with = "parent")]
    container: Option<String>,
    /// Its id below its parent, when not made from the name
    #[arg(long)]
    id: Option<String>,
    /// Labels for filters and rules; may be given several times
    #[arg(long = "tag", alias = "tags", value_name = "TAG", value_delimiter = ',')]
    tags: Vec<String>,
    /// Who answers for it
    #[arg(long)]
    owner: Option<String>,
    /// The role that shows in its shape: database, queue, topic, bucket, function, cache, browser, mobile
    #[arg(long)]
    shape: Option<String>,
    /// The prose to start with: one of loko's (`compute`, `datastore`, …) or a file of the team's `templates/`
    #[arg(short, long, value_name = "TEMPLATE", conflicts_with = "auto_template")]
    template: Option<String>,
    /// Choose the prose by the technology (what happens without `--template` anyway)
    #[arg(long)]
    auto_template: bool,
    /// Show the diagram that it then stands in
    #[arg(long)]
    preview: bool,
    /// Show what would be written, as a diff
    #[arg(long)]
    dry_run: bool,
}

/// What can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum KindArg {
    /// A software system
    System,
    /// A deployable unit of a system
    Container,
    /// A part of a container
    Component,
    /// A person or role
    #[value(alias = "actor", alias = "user")]
    Person,
    /// A software system of somebody else
    External,
}

impl From<KindArg> for NewKind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::System => Self::System,
            KindArg::Container => Self::Container,
            KindArg::Component => Self::Component,
            KindArg::Person => Self::Person,
            KindArg::External => Self::External,
        }
    }
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let session = context.load(None)?;
    let kind = NewKind::from(args.kind);
    let name = match args.name.or(args.name_flag) {
        Some(name) => name,
        None => context.ask(&format!("name of the new {}", kind.name()), None)?,
    };
    let parent = match (args.parent, args.system, args.container) {
        (None, Some(system), Some(container)) => Some(format!("{system}/{container}")),
        (parent, system, container) => parent.or(container).or(system),
    };
    let body = templates::find(session.workspace.root(), args.template.as_deref(), kind.name())?;
    let wish = edit::New {
        kind,
        name,
        id: args.id,
        parent,
        description: args.description,
        technology: args.technology,
        tags: args.tags,
        owner: args.owner,
        shape: args.shape,
        // What the team has under this name counts; loko's own templates are asked for the rest.
        template: args.template.filter(|_| body.is_none()),
        body,
    };
    let mut plan = edit::new(&session.snapshot, &session.loaded, &wish);
    if let (Err(refusal), Some(name)) = (&mut plan, &wish.template) {
        templates::name_own(session.workspace.root(), name, kind.name(), &mut refusal.diagnostics)?;
    }
    if args.preview && let Ok(plan) = &plan {
        preview(&session, plan);
    }
    finish(context, &session, plan, args.dry_run)
}

/// The main view of what was made, as it will be, in the terminal.
fn preview(session: &crate::context::Session, plan: &edit::Plan) {
    let Ok(after) = session.snapshot.overlay(&plan.changes) else { return };
    let model = loko_model::load(&after).model;
    let views = loko_model::view::views(&model);
    let made = plan.created.first().and_then(|id| model.find(id));
    let main = loko_model::view::main_views(&model, &views);
    if let Some(view) = made.and_then(|ix| main[ix.index()]) {
        let (diagram, _) = loko_model::view::diagram(&model, &after, view);
        output::print(&pipeline::text(&diagram.root));
    }
}
