//! The pages that change things: the playground for D2 and the editor, and what they ask the server.
//!
//! The editor writes only where the server was not started read-only; the playground writes nothing at all.

use crate::api::problem;
use crate::desk::{Desk, Refusal};
use crate::pages::spoken;
use crate::state::Shared;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The files of these pages: path, type, text.
const ASSETS: [(&str, &str, &str); 4] = [
    ("/_loko/workbench.css", "text/css; charset=utf-8", include_str!("../assets/workbench.css")),
    ("/_loko/pane.js", "text/javascript; charset=utf-8", include_str!("../assets/pane.js")),
    ("/_loko/playground.js", "text/javascript; charset=utf-8", include_str!("../assets/playground.js")),
    ("/_loko/edit.js", "text/javascript; charset=utf-8", include_str!("../assets/edit.js")),
];
/// The pages themselves, which say what they say in the language of the workspace.
const PAGES: [(&str, &str); 2] = [
    ("/_loko/playground", include_str!("../assets/playground.html")),
    ("/_loko/edit", include_str!("../assets/edit.html")),
];

/// The pages and their files.
pub(crate) fn pages() -> Router<Shared> {
    let mut router = Router::new();
    for (path, kind, text) in ASSETS {
        router = router.route(path, get(move || async move { ([(header::CONTENT_TYPE, kind)], text) }));
    }
    for (path, page) in PAGES {
        let show = move |State(state): State<Shared>| async move { Html(spoken(page, &state.words())) };
        router = router.route(path, get(show));
    }
    router
}

/// What they ask.
pub(crate) fn api() -> Router<Shared> {
    Router::new()
        .route("/api/v1/d2/render", post(render))
        .route("/api/v1/complete", post(complete))
        .route("/api/v1/files", get(files))
        .route("/api/v1/source", get(source).put(save))
        .route("/api/v1/preview", post(preview))
        .route("/api/v1/open", post(open))
}

/// A body that is not what it should be.
pub(crate) fn bad_body(rejection: &JsonRejection) -> Response {
    let status = rejection.status();
    let code = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "TOO_LARGE",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "UNSUPPORTED_MEDIA_TYPE",
        _ => "INVALID_REQUEST",
    };
    let status = if code == "INVALID_REQUEST" { StatusCode::BAD_REQUEST } else { status };
    problem(status, code, rejection.body_text())
}

fn refused(refusal: Refusal) -> Response {
    match refusal {
        Refusal::Missing(why) => problem(StatusCode::NOT_FOUND, "NOT_FOUND", why),
        Refusal::Forbidden(why) => problem(StatusCode::FORBIDDEN, "FORBIDDEN_PATH", why),
        Refusal::Stale(why) => problem(StatusCode::CONFLICT, "STALE", why),
        Refusal::Failed(why) => problem(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", why),
    }
}

fn read_only(state: &Shared) -> Option<Response> {
    let told = "this server was started with `--read-only`";
    state.read_only.then(|| problem(StatusCode::FORBIDDEN, "READ_ONLY", told))
}

/// Has work done beside the requests that only read.
async fn at_desk<T: Send + 'static>(
    state: &Shared,
    work: impl FnOnce(&dyn Desk) -> T + Send + 'static,
) -> Result<T, Response> {
    let Some(desk) = state.desk.clone() else {
        return Err(problem(StatusCode::NOT_FOUND, "NOT_FOUND", "this server only shows"));
    };
    let done = tokio::task::spawn_blocking(move || work(Arc::as_ref(&desk))).await;
    done.map_err(|_| problem(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", "the work ended early"))
}

type Body<T> = Result<Json<T>, JsonRejection>;

#[derive(Deserialize)]
struct D2 {
    d2: String,
}

async fn render(State(state): State<Shared>, body: Body<D2>) -> Result<Response, Response> {
    let Json(D2 { d2 }) = body.map_err(|rejection| bad_body(&rejection))?;
    let drawn = at_desk(&state, move |desk| desk.draw(&d2)).await?;
    Ok(Json(json!({ "success": drawn.problems.iter().all(|it| it.severity != "error"), "svg": drawn.svg, "problems": drawn.problems })).into_response())
}

#[derive(Deserialize)]
struct At {
    path: String,
    text: String,
    offset: usize,
}

async fn complete(State(state): State<Shared>, body: Body<At>) -> Result<Response, Response> {
    let Json(At { path, text, offset }) = body.map_err(|rejection| bad_body(&rejection))?;
    let proposals = at_desk(&state, move |desk| desk.complete(&path, &text, offset)).await?;
    Ok(Json(json!({ "success": true, "proposals": proposals })).into_response())
}

async fn files(State(state): State<Shared>) -> Result<Json<Value>, Response> {
    let files = at_desk(&state, |desk| desk.files()).await?;
    Ok(Json(json!({ "success": true, "read_only": state.read_only, "files": files })))
}

#[derive(Deserialize)]
struct Named {
    path: String,
}

type Asked<T> = Result<Query<T>, axum::extract::rejection::QueryRejection>;

/// A question that is not what it should be.
pub(crate) fn bad_query(rejection: &axum::extract::rejection::QueryRejection) -> Response {
    problem(StatusCode::BAD_REQUEST, "INVALID_REQUEST", rejection.body_text())
}

async fn source(State(state): State<Shared>, asked: Asked<Named>) -> Result<Json<Value>, Response> {
    let Query(Named { path }) = asked.map_err(|rejection| bad_query(&rejection))?;
    let read = at_desk(&state, move |desk| desk.read(&path)).await?.map_err(refused)?;
    Ok(Json(
        json!({ "success": true, "path": read.path, "text": read.text, "revision": read.revision, "read_only": state.read_only }),
    ))
}

#[derive(Deserialize)]
struct Written {
    path: String,
    text: String,
    #[serde(default)]
    revision: String,
}

fn draft(draft: &crate::desk::Draft) -> Json<Value> {
    Json(
        json!({ "success": true, "revision": draft.revision, "page": draft.page, "html": draft.html, "problems": draft.problems }),
    )
}

async fn preview(State(state): State<Shared>, body: Body<Written>) -> Result<Json<Value>, Response> {
    let Json(Written { path, text, .. }) = body.map_err(|rejection| bad_body(&rejection))?;
    let made = at_desk(&state, move |desk| desk.preview(&path, &text)).await?.map_err(refused)?;
    Ok(draft(&made))
}

async fn save(State(state): State<Shared>, body: Body<Written>) -> Result<Json<Value>, Response> {
    let Json(Written { path, text, revision }) = body.map_err(|rejection| bad_body(&rejection))?;
    if let Some(refusal) = read_only(&state) {
        return Err(refusal);
    }
    let made = at_desk(&state, move |desk| desk.save(&path, &text, &revision)).await?.map_err(refused)?;
    Ok(draft(&made))
}

#[derive(Deserialize)]
struct Place {
    path: String,
    #[serde(default)]
    line: u32,
}

async fn open(State(state): State<Shared>, body: Body<Place>) -> Result<Json<Value>, Response> {
    let Json(Place { path, line }) = body.map_err(|rejection| bad_body(&rejection))?;
    if let Some(refusal) = read_only(&state) {
        return Err(refusal);
    }
    at_desk(&state, move |desk| desk.open(&path, line)).await?.map_err(refused)?;
    Ok(Json(json!({ "success": true })))
}
