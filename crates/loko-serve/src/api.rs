//! The REST API, with the routes and bodies that the Go loko's callers know.

use crate::openapi;
use crate::state::{Built, Shared};
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use loko_model::{Element, ElementIx, Kind, Model};
use loko_source::{LineIndex, Severity};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/health", get(health))
        .route("/api/v1/project", get(project))
        .route("/api/v1/systems", get(systems))
        .route("/api/v1/systems/{id}", get(system))
        .route("/api/v1/build", post(build))
        .route("/api/v1/build/{id}", get(build_status))
        .route("/api/v1/validate", get(validate))
        .route("/api/v1/openapi.json", get(openapi::document))
        .route("/api/v1/openapi.yaml", get(openapi::document_as_yaml))
        .route("/api", get(|| async { Redirect::to("/api/docs") }))
        .route("/api/{*rest}", any(not_found))
}

/// An error body: `{error, code}`.
pub(crate) fn problem(status: StatusCode, code: &str, message: impl Into<String>) -> Response {
    (status, Json(json!({ "error": message.into(), "code": code }))).into_response()
}

pub(crate) async fn not_found() -> Response {
    problem(StatusCode::NOT_FOUND, "NOT_FOUND", "there is no such route; see /api/v1/openapi.json")
}

pub(crate) async fn wrong_method() -> Response {
    problem(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        "this route has no such method; see /api/v1/openapi.json",
    )
}

async fn health(State(state): State<Shared>) -> Json<Value> {
    let uptime = state.started.elapsed().as_secs();
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION"), "uptime": format!("{uptime}s") }))
}

/// The site as last built, or why there is none.
pub(crate) fn current(state: &Shared) -> Result<std::sync::Arc<Built>, Response> {
    match state.failure() {
        Some(reason) => Err(problem(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", reason)),
        None => Ok(state.built()),
    }
}

async fn project(State(state): State<Shared>) -> Result<Json<Value>, Response> {
    let built = current(&state)?;
    let model = &built.model;
    let count = |kind| model.of_kind(kind).count();
    Ok(Json(json!({
        "success": true,
        "name": model.project.name,
        "description": model.project.description,
        "version": model.project.version,
        "system_count": own_systems(model).count(),
        "container_count": count(Kind::Container),
        "component_count": count(Kind::Component),
    })))
}

fn own_systems(model: &Model) -> impl Iterator<Item = ElementIx> {
    model.of_kind(Kind::System)
}

fn system_json(model: &Model, ix: ElementIx) -> Value {
    let element = model.element(ix);
    let containers = model.children(ix);
    let components: usize = containers.iter().map(|container| model.children(*container).len()).sum();
    let mut value = head(element);
    value["external"] = json!(element.external);
    value["container_count"] = json!(containers.len());
    value["component_count"] = json!(components);
    value
}

fn head(element: &Element) -> Value {
    json!({ "id": element.id, "name": element.name, "description": element.description, "tags": element.tags })
}

async fn systems(State(state): State<Shared>) -> Result<Json<Value>, Response> {
    let built = current(&state)?;
    let model = &built.model;
    let systems: Vec<Value> = own_systems(model).map(|ix| system_json(model, ix)).collect();
    Ok(Json(json!({
        "success": true,
        "total_count": systems.len(),
        "systems": systems,
        "project_name": model.project.name,
    })))
}

async fn system(State(state): State<Shared>, Path(id): Path<String>) -> Result<Json<Value>, Response> {
    let built = current(&state)?;
    let model = &built.model;
    let found = model.find(&id).filter(|ix| model.element(*ix).kind == Kind::System);
    let Some(ix) = found else {
        let known = own_systems(model).map(|ix| model.element(ix).id.as_str());
        let hint = loko_source::suggest::did_you_mean(&id, known).map(|hint| format!("; {hint}")).unwrap_or_default();
        return Err(problem(StatusCode::NOT_FOUND, "NOT_FOUND", format!("there is no system `{id}`{hint}")));
    };
    let containers: Vec<Value> = model.children(ix).iter().map(|container| container_json(model, *container)).collect();
    Ok(Json(json!({ "success": true, "system": system_json(model, ix), "containers": containers })))
}

fn container_json(model: &Model, ix: ElementIx) -> Value {
    let element = model.element(ix);
    let mut value = head(element);
    value["id"] = json!(element.key());
    value["technology"] = json!(element.technology);
    value["component_count"] = json!(model.children(ix).len());
    value
}

/// What to build.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BuildRequest {
    format: Option<String>,
    /// Accepted for old callers; every build is incremental.
    #[serde(rename = "incremental")]
    _incremental: Option<bool>,
    output_dir: Option<String>,
}

async fn build(
    State(state): State<Shared>,
    body: Result<Json<BuildRequest>, JsonRejection>,
) -> Result<Response, Response> {
    let request = match body {
        Ok(Json(request)) => request,
        // No body at all asks for the usual build.
        Err(JsonRejection::MissingJsonContentType(_)) => BuildRequest::default(),
        Err(rejection) => return Err(crate::workbench::bad_body(&rejection)),
    };
    if let Some(folder) = &request.output_dir
        && let Err(error) = loko_source::FilePath::new(folder)
    {
        return Err(problem(StatusCode::BAD_REQUEST, "INVALID_OUTPUT_DIR", error.to_string()));
    }
    if state.read_only {
        return Err(problem(StatusCode::FORBIDDEN, "READ_ONLY", "this server was started with `--read-only`"));
    }
    let formats = request.format.iter().flat_map(|formats| formats.split(',')).map(|name| name.trim().to_owned());
    let id = state.start_job(formats.filter(|name| !name.is_empty()).collect(), request.output_dir);
    let body = json!({
        "success": true, "build_id": id, "status": "building", "message": format!("see /api/v1/build/{id}"),
    });
    Ok((StatusCode::ACCEPTED, Json(body)).into_response())
}

async fn build_status(State(state): State<Shared>, Path(id): Path<String>) -> Result<Json<Value>, Response> {
    let Some(job) = state.job(&id) else {
        return Err(problem(StatusCode::NOT_FOUND, "NOT_FOUND", format!("there is no build `{id}`")));
    };
    let mut body = json!({ "success": true, "build_id": job.id, "duration_ms": job.elapsed_ms });
    match job.result {
        None => {
            body["status"] = json!("building");
            body["message"] = json!("the build is running");
        }
        Some(Ok((folder, files))) => {
            body["status"] = json!("complete");
            body["output_dir"] = json!(folder.display().to_string());
            body["files_generated"] = json!(files);
            body["message"] = json!(format!("{files} files"));
        }
        Some(Err(reason)) => {
            body["success"] = json!(false);
            body["status"] = json!("failed");
            body["message"] = json!("the build failed");
            body["error"] = json!(reason);
        }
    }
    Ok(Json(body))
}

async fn validate(State(state): State<Shared>) -> Result<Json<Value>, Response> {
    let built = current(&state)?;
    let count = |severity| built.findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let issues: Vec<Value> = built
        .findings
        .iter()
        .map(|finding| {
            let mut issue = json!({
                "code": finding.code, "severity": finding.severity.name(), "message": finding.message,
            });
            if let Some(label) = &finding.primary {
                let text = built.snapshot.text(label.place.path.as_str()).unwrap_or("");
                let start = (label.place.span.start as usize).min(text.len());
                let place = LineIndex::new(text).line_column(start);
                issue["location"] = json!(format!("{}:{}:{}", label.place.path, place.line, place.column));
            }
            issue
        })
        .collect();
    Ok(Json(json!({
        "success": true,
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": warnings,
        "issues": issues,
        "message": format!("{errors} errors, {warnings} warnings"),
    })))
}
