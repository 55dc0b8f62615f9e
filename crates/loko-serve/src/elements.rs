//! The modern half of the API: elements, relations, ways between them, search, views and their pictures, events,
//! decisions. What it answers is what the queries of `loko-model` say.

use crate::api::{current, problem};
use crate::state::Shared;
use crate::workbench::bad_query;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use loko_model::query::list::{Filter, list};
use loko_model::query::path::path;
use loko_model::query::relations::{RelationFilter, relations};
use loko_model::query::search::{LIMIT_DEFAULT, SearchOptions, search};
use loko_model::query::{ElementRef, RelationRef};
use loko_model::view::views;
use loko_model::{ElementIx, Kind, Model, Resolution};
use serde::Deserialize;
use serde_json::{Value, json};

/// Results of one answer at most; the rest is asked for with `offset`.
pub(crate) const LIMIT_MAX: usize = 1_000;
/// Ways between two elements at most.
const PATHS_MAX: usize = 20;

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/api/v1/elements", get(elements))
        .route("/api/v1/elements/{*id}", get(element))
        .route("/api/v1/relations", get(all_relations))
        .route("/api/v1/path", get(ways))
        .route("/api/v1/search", get(found))
        .route("/api/v1/views", get(all_views))
        .route("/api/v1/decisions", get(decisions))
}

type Asked<T> = Result<Query<T>, QueryRejection>;
type Answer = Result<Json<Value>, Response>;

fn element_of(model: &Model, name: &str) -> Result<ElementIx, Response> {
    match model.resolve(name) {
        Resolution::Found(ix) => Ok(ix),
        Resolution::Ambiguous(all) => {
            let ids: Vec<&str> = all.iter().map(|ix| model.element(*ix).id.as_str()).collect();
            let told = format!("`{name}` could be any of {}", ids.join(", "));
            Err(problem(StatusCode::CONFLICT, "AMBIGUOUS", told))
        }
        Resolution::Unknown => {
            let known = model.elements.iter().map(|element| element.id.as_str());
            let hint = loko_source::suggest::did_you_mean(name, known);
            let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
            Err(problem(StatusCode::NOT_FOUND, "NOT_FOUND", format!("there is no element `{name}`{hint}")))
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    kind: Option<String>,
    technology: Option<String>,
    tag: Option<String>,
    owner: Option<String>,
    q: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<usize>,
    offset: Option<usize>,
}

impl Wanted {
    fn filter(&self) -> Result<Filter, Response> {
        let kind = match self.kind.as_deref() {
            None => None,
            Some(name) => {
                let found = Kind::ALL.into_iter().find(|kind| kind.name() == name);
                let told = "`kind` is person, system, container or component";
                Some(found.ok_or_else(|| problem(StatusCode::BAD_REQUEST, "INVALID_REQUEST", told))?)
            }
        };
        Ok(Filter {
            kind,
            technology: self.technology.clone(),
            tag: self.tag.clone(),
            owner: self.owner.clone(),
            ..Filter::default()
        })
    }

    fn limit(&self) -> usize {
        self.limit.unwrap_or(LIMIT_DEFAULT).min(LIMIT_MAX)
    }
}

async fn elements(State(state): State<Shared>, asked: Asked<Wanted>) -> Answer {
    let Query(wanted) = asked.map_err(|rejection| bad_query(&rejection))?;
    let built = current(&state)?;
    let found = list(&built.model, &wanted.filter()?);
    let (total, offset) = (found.total, wanted.offset.unwrap_or(0));
    let rows: Vec<_> = found.elements.into_iter().skip(offset).take(wanted.limit()).collect();
    Ok(Json(json!({ "success": true, "total_count": total, "offset": offset, "elements": rows })))
}

async fn element(State(state): State<Shared>, Path(id): Path<String>) -> Answer {
    let built = current(&state)?;
    let model = &built.model;
    let ix = element_of(model, &id)?;
    let element = model.element(ix);
    let refs = |all: &[ElementIx]| json!(all.iter().map(|ix| ElementRef::new(model, *ix)).collect::<Vec<_>>());
    let links =
        |all: &[loko_model::RelationIx]| json!(all.iter().map(|ix| RelationRef::new(model, *ix)).collect::<Vec<_>>());
    Ok(Json(json!({
        "success": true,
        "element": {
            "id": element.id,
            "kind": element.kind,
            "name": element.name,
            "description": element.description,
            "technology": element.technology,
            "tags": element.tags,
            "owner": element.owner,
            "owned_by": model.owner(ix).map(|(owner, _)| owner),
            "external": element.external,
            "file": element.file.as_str(),
        },
        "parts": refs(model.children(ix)),
        "uses": links(model.outgoing(ix)),
        "used_by": links(model.incoming(ix)),
    })))
}

async fn all_relations(State(state): State<Shared>, asked: Asked<Wanted>) -> Answer {
    let Query(wanted) = asked.map_err(|rejection| bad_query(&rejection))?;
    let built = current(&state)?;
    let model = &built.model;
    let filter = RelationFilter { source: wanted.from.clone(), target: wanted.to.clone(), ..RelationFilter::default() };
    let found = relations(model, &filter);
    let (total, offset) = (found.total, wanted.offset.unwrap_or(0));
    let rows: Vec<_> = found.relations.into_iter().skip(offset).take(wanted.limit()).collect();
    Ok(Json(json!({ "success": true, "total_count": total, "offset": offset, "relations": rows })))
}

#[derive(Deserialize)]
struct Ends {
    from: String,
    to: String,
    #[serde(default)]
    limit: Option<usize>,
}

async fn ways(State(state): State<Shared>, asked: Asked<Ends>) -> Answer {
    let Query(Ends { from, to, limit }) = asked.map_err(|rejection| bad_query(&rejection))?;
    let built = current(&state)?;
    let (source, target) = (element_of(&built.model, &from)?, element_of(&built.model, &to)?);
    let found = path(&built.model, source, target, limit.unwrap_or(1).clamp(1, PATHS_MAX));
    Ok(Json(json!({ "success": true, "paths": found.paths })))
}

async fn found(State(state): State<Shared>, asked: Asked<Wanted>) -> Answer {
    let Query(wanted) = asked.map_err(|rejection| bad_query(&rejection))?;
    let built = current(&state)?;
    let options = SearchOptions { filter: wanted.filter()?, limit: wanted.limit() };
    let found = search(&built.model, wanted.q.as_deref().unwrap_or(""), &options);
    Ok(Json(json!({ "success": true, "total_count": found.total, "results": found.results })))
}

async fn all_views(State(state): State<Shared>) -> Answer {
    let built = current(&state)?;
    let model = &built.model;
    let told: Vec<Value> = views(model)
        .into_iter()
        .map(|view| {
            let scope = view.scope.map(|ix| model.element(ix).id.to_string());
            json!({ "key": view.key, "title": view.title, "description": view.description, "scope": scope })
        })
        .collect();
    Ok(Json(json!({ "success": true, "total_count": told.len(), "views": told })))
}

async fn decisions(State(state): State<Shared>) -> Answer {
    let built = current(&state)?;
    let model = &built.model;
    let told: Vec<Value> = model
        .decisions
        .iter()
        .map(|it| {
            let elements: Vec<&str> = it.elements.iter().map(|ix| model.element(*ix).id.as_str()).collect();
            json!({ "id": it.id, "number": it.number, "title": it.title, "status": it.status, "date": it.date, "elements": elements })
        })
        .collect();
    Ok(Json(json!({ "success": true, "total_count": told.len(), "decisions": told })))
}
