//! The API's description for people: one page that is made of the OpenAPI document, with no script at all.

use crate::openapi;
use crate::pages::escape;
use crate::state::Shared;
use axum::Router;
use axum::extract::State;
use axum::response::Html;
use axum::routing::get;
use serde_json::Value;
use std::fmt::Write as _;

pub(crate) fn router() -> Router<Shared> {
    Router::new().route("/api/docs", get(page)).route(
        "/api/docs/style.css",
        get(|| async {
            ([(axum::http::header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../assets/docs.css"))
        }),
    )
}

async fn page(State(state): State<Shared>) -> Html<String> {
    Html(html(&openapi::value(state.desk.is_some()), state.site))
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

fn html(document: &Value, has_site: bool) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>API of {0}</title>\n<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"/api/docs/style.css\">\n</head>\n<body>\n{3}<main>\n\
         <h1>API of {0} <small>{1}</small></h1>\n<p>{2} OpenAPI 3.1 as <a href=\"/api/v1/openapi.json\">JSON</a> and <a href=\"/api/v1/openapi.yaml\">YAML</a></p>\n",
        text(&document["info"]["title"]),
        text(&document["info"]["version"]),
        text(&document["info"]["description"]),
        if has_site { "<nav aria-label=\"Site\"><a href=\"/\">← The documentation</a></nav>\n" } else { "" },
    );
    let none = serde_json::Map::new();
    for tag in document["tags"].as_array().into_iter().flatten() {
        let _ = write!(out, "<h2>{}</h2>\n<p>{}</p>\n", text(&tag["name"]), text(&tag["description"]));
        for (path, operations) in document["paths"].as_object().unwrap_or(&none) {
            for (method, operation) in operations.as_object().unwrap_or(&none) {
                if operation["tags"][0] == tag["name"] {
                    push_operation(&mut out, path, method, operation);
                }
            }
        }
    }
    out.push_str("<h2>Schemas</h2>\n");
    for (name, schema) in document["components"]["schemas"].as_object().unwrap_or(&none) {
        let told = serde_json::to_string_pretty(schema).unwrap_or_default();
        let _ = write!(
            out,
            "<details id=\"{0}\"><summary><code>{0}</code></summary>\n<pre tabindex=\"0\"><code>{1}</code></pre>\n</details>\n",
            escape(name),
            escape(&told),
        );
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn push_operation(out: &mut String, path: &str, method: &str, operation: &Value) {
    let _ = writeln!(
        out,
        "<details id=\"{}\"><summary><b class=\"method {method}\">{}</b> <code>{}</code><span>{}</span></summary>",
        text(&operation["operationId"]),
        method.to_uppercase(),
        escape(path),
        text(&operation["summary"]),
    );
    let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    if !parameters.is_empty() {
        out.push_str("<table><thead><tr><th>Parameter</th><th>In</th><th>What it is</th></tr></thead><tbody>\n");
        for it in parameters {
            let needed = if it["required"] == true { " (needed)" } else { "" };
            let _ = writeln!(
                out,
                "<tr><td><code>{}</code>{needed}</td><td>{}</td><td>{}</td></tr>",
                text(&it["name"]),
                text(&it["in"]),
                text(&it["description"]),
            );
        }
        out.push_str("</tbody></table>\n");
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if body.is_object() {
        let told = serde_json::to_string_pretty(body).unwrap_or_default();
        let _ = write!(out, "<p>Body</p>\n<pre tabindex=\"0\"><code>{}</code></pre>\n", escape(&told));
    }
    out.push_str("<table><thead><tr><th>Status</th><th>What it says</th></tr></thead><tbody>\n");
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let _ = writeln!(
            out,
            "<tr><td><code>{}</code></td><td>{}</td></tr>",
            escape(status),
            text(&response["description"])
        );
    }
    out.push_str("</tbody></table>\n</details>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_on_the_page() {
        let document = openapi::value(true);
        let page = html(&document, true);
        for (path, operations) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in operations.as_object().into_iter().flatten() {
                let id = operation["operationId"].as_str().unwrap_or_default();
                assert!(page.contains(&format!("<details id=\"{id}\">")), "{method} {path}");
            }
        }
    }
}
