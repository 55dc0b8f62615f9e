//! The API's own description.

use axum::Json;
use serde_json::{Value, json};

/// `/api/v1/openapi.json`: OpenAPI 3.1.
pub(crate) async fn document() -> Json<Value> {
    Json(value())
}

pub(crate) fn value() -> Value {
    let ok = |text: &str| json!({ "description": text, "content": { "application/json": { "schema": { "type": "object" } } } });
    let error = |text: &str| json!({ "description": text, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } } });
    let id = |text: &str| json!([{ "name": "id", "in": "path", "required": true, "description": text, "schema": { "type": "string" } }]);
    json!({
        "openapi": "3.1.0",
        "info": { "title": "loko", "version": env!("CARGO_PKG_VERSION"), "description": "Architecture as code: the model of one workspace." },
        "security": [{ "key": [] }, {}],
        "paths": {
            "/health": { "get": { "operationId": "health", "summary": "Whether the server runs", "security": [],
                "responses": { "200": ok("It runs") } } },
            "/api/v1/project": { "get": { "operationId": "project", "summary": "The project and its size",
                "responses": { "200": ok("The project"), "401": error("The key is missing"), "500": error("The workspace cannot be read") } } },
            "/api/v1/systems": { "get": { "operationId": "systems", "summary": "All systems",
                "responses": { "200": ok("The systems"), "401": error("The key is missing"), "500": error("The workspace cannot be read") } } },
            "/api/v1/systems/{id}": { "get": { "operationId": "system", "summary": "One system with its containers", "parameters": id("The system's id"),
                "responses": { "200": ok("The system"), "401": error("The key is missing"), "404": error("No such system"), "500": error("The workspace cannot be read") } } },
            "/api/v1/build": { "post": { "operationId": "build", "summary": "Build the site into a folder of the workspace",
                "requestBody": { "required": false, "content": { "application/json": { "schema": { "type": "object", "properties": {
                    "format": { "type": "string", "description": "html, markdown, json, toon; several separated by commas" },
                    "incremental": { "type": "boolean", "description": "Accepted; every build is incremental" },
                    "output_dir": { "type": "string", "description": "A folder inside the workspace" } } } } } },
                "responses": { "202": ok("The build was started"), "400": error("The body is wrong"), "401": error("The key is missing"), "413": { "description": "The body is too large" } } } },
            "/api/v1/build/{id}": { "get": { "operationId": "buildStatus", "summary": "How a build stands", "parameters": id("A build's id, or `latest`"),
                "responses": { "200": ok("The build"), "401": error("The key is missing"), "404": error("No such build") } } },
            "/api/v1/validate": { "get": { "operationId": "validate", "summary": "What is wrong with the workspace",
                "responses": { "200": ok("The findings"), "401": error("The key is missing"), "500": error("The workspace cannot be read") } } },
            "/api/v1/openapi.json": { "get": { "operationId": "openapi", "summary": "This document", "security": [],
                "responses": { "200": ok("The document") } } },
        },
        "components": {
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer" } },
            "schemas": { "Error": { "type": "object", "required": ["error", "code"], "properties": {
                "error": { "type": "string" }, "code": { "type": "string" } } } },
        },
    })
}
