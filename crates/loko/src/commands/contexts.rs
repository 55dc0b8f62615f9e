use crate::context::{Context, Done, Outcome};
use crate::output::{self, Format};
use serde_json::json;

/// The bounded contexts of contexts.toml, their teams, and the context map
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Print the context map as D2 instead; draw it with `loko contexts --d2 | loko d2 render - map.svg`
    #[arg(long)]
    d2: bool,
    /// How to print them
    #[arg(short, long, value_enum, default_value = "text")]
    format: Format,
}

pub(crate) fn run(context: &Context, args: Args) -> Outcome {
    let session = context.load(None)?;
    let model = session.model();
    if args.d2 {
        output::print(&loko_model::context::map_d2(&model.contexts, &model.context_map));
        return Ok(Done::Fine);
    }
    let id = |at: usize| model.contexts.get(at).map_or("", |it| it.id.as_str());
    if args.format != Format::Text {
        let contexts: Vec<_> = model
            .contexts
            .iter()
            .map(|it| {
                let elements: Vec<_> = it.elements.iter().map(|ix| model.element(*ix).id.to_string()).collect();
                json!({ "id": it.id, "name": it.name, "subdomain": it.subdomain, "team": it.team, "elements": elements,
                    "aggregates": it.aggregates, "language": it.language })
            })
            .collect();
        let map: Vec<_> = model
            .context_map
            .iter()
            .map(|it| json!({ "downstream": id(it.downstream), "upstream": id(it.upstream), "pattern": it.pattern, "note": it.note }))
            .collect();
        output::print_value(&json!({ "contexts": contexts, "map": map }), args.format);
        return Ok(Done::Fine);
    }
    for it in &model.contexts {
        let said = [it.subdomain.as_deref(), it.team.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
        output::print(&format!("{}  {said}", it.id));
        for relation in model.context_map.iter().filter(|relation| id(relation.downstream) == it.id) {
            output::print(&format!("  follows {}: {}", id(relation.upstream), relation.pattern));
        }
    }
    Ok(Done::Fine)
}
