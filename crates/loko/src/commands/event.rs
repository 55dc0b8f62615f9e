use crate::context::{Context, Done, Failure, Outcome};
use crate::output::{self, Format};
use clap::Subcommand;
use loko_events::Event;
use loko_model::{ElementIx, Model};
use serde_json::json;

/// The events of the architecture: who publishes them, who hears of them, what breaks
#[derive(clap::Args)]
#[command(visible_alias = "events")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// All events, with publisher and subscribers
    List {
        /// How to print them
        #[arg(short, long, value_enum, default_value = "text")]
        format: Format,
    },
    /// The page of an event, in Markdown
    Show {
        /// Its name
        name: String,
        /// Print its flow as D2 instead
        #[arg(long)]
        d2: bool,
    },
    /// What breaks for readers, or for kept events, since a git revision
    Breaking {
        /// The revision to compare with
        #[arg(long, value_name = "REV")]
        since: String,
        /// How to print it
        #[arg(short, long, value_enum, default_value = "text")]
        format: Format,
    },
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let session = context.load(None)?;
    let model = session.model();
    let events = loko_events::events(model);
    match args.command {
        Command::List { format } => list(model, &events, format),
        Command::Show { name, d2 } => {
            let Some(event) = events.iter().find(|event| event.name == name) else {
                let names = events.iter().map(|event| event.name.as_str());
                let help = loko_source::suggest::did_you_mean(&name, names);
                let failure = Failure::new(format!("there is no event `{name}`"));
                return Err(failure.help(help.unwrap_or_else(|| "see them with `loko event list`".to_owned())));
            };
            output::print(&if d2 { loko_events::flow(model, event) } else { loko_events::page(model, &session.snapshot, event) });
            Ok(Done::Fine)
        }
        Command::Breaking { since, format } => {
            let old = context.load(Some(&since))?;
            let before = loko_events::events(old.model());
            let breaks = loko_events::breaking((&before, &old.snapshot), (&events, &session.snapshot));
            if format == Format::Text {
                for it in &breaks {
                    let announced = if it.is_announced { " (a new major version)" } else { "" };
                    let at = if it.at.is_empty() { String::new() } else { format!(": {}", it.at) };
                    output::print(&format!("{}{at} {}{announced}", it.event, it.change));
                }
                output::say(context, &format!("{} since {since}", output::plural(breaks.len(), "breaking change")));
            } else {
                let rows: Vec<_> = breaks.iter().map(|it| json!({ "event": it.event, "at": it.at, "change": it.change, "announced": it.is_announced })).collect();
                output::print_value(&json!({ "breaking": rows }), format);
            }
            Ok(if breaks.iter().any(|it| !it.is_announced) { Done::Findings } else { Done::Fine })
        }
    }
}

fn ids(model: &Model, all: impl Iterator<Item = ElementIx>) -> Vec<String> {
    all.map(|ix| model.element(ix).id.to_string()).collect()
}

fn list(model: &Model, events: &[Event], format: Format) -> Outcome {
    if format != Format::Text {
        let rows: Vec<_> = events
            .iter()
            .map(|event| json!({
                "name": event.name, "version": event.version, "schema": event.schema, "style": event.style,
                "publishers": ids(model, event.publishers.iter().copied()), "through": ids(model, event.through.iter().copied()),
                "subscribers": ids(model, event.subscribers.iter().map(|(ix, _)| *ix)),
            }))
            .collect();
        output::print_value(&json!({ "events": rows }), format);
        return Ok(Done::Fine);
    }
    for event in events {
        let version = event.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        output::print(&format!(
            "{}{version}\n  from {}\n  to   {}",
            event.name,
            or_nobody(ids(model, event.publishers.iter().copied())),
            or_nobody(ids(model, event.subscribers.iter().map(|(ix, _)| *ix)))
        ));
    }
    Ok(Done::Fine)
}

/// Ids in a row, or that there are none.
fn or_nobody(ids: Vec<String>) -> String {
    if ids.is_empty() { "nobody in the model".to_owned() } else { ids.join(", ") }
}
