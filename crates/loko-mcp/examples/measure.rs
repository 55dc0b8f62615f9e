//! Counts the tokens that the documentation speaks of: `cargo run --release -p loko-mcp --example measure`.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stdout, reason = "a measurement prints")]

#[path = "../tests/client/mod.rs"]
mod client;

use client::Client;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// A workspace of about so many elements: systems of ten containers of eight components, with relations.
fn generate(folder: &Path, elements: usize) {
    let mut made = 0;
    let write = |path: String, text: String| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("loko.toml".to_owned(), "[project]\nname = \"Generated\"\n".to_owned());
    let technologies = ["Rust, Axum", "Go", "PostgreSQL 16", "TypeScript, React", "Kafka"];
    'all: for system in 0.. {
        let of_system = format!("area-{system:03}");
        write(
            format!("src/{of_system}/system.md"),
            format!("---\nname: Area {system:03}\ndescription: Answers for part {system} of the business\n---\n"),
        );
        made += 1;
        for container in 0..10 {
            if made >= elements {
                break 'all;
            }
            let id = format!("{of_system}/service-{container}");
            let technology = technologies[(system + container) % technologies.len()];
            let mut text = format!(
                "---\nname: Service {container}\ntechnology: {technology}\ndescription: Keeps record {container} of area {system}\n"
            );
            if container > 0 {
                let _ = write!(
                    text,
                    "relationships:\n  - to: {of_system}/service-{}\n    description: Asks for records\n    technology: HTTPS\n",
                    container - 1
                );
            }
            write(format!("src/{id}/container.md"), text + "---\n");
            made += 1;
            for component in 0..8 {
                if made >= elements {
                    break 'all;
                }
                let mut text = format!("---\nname: Part {component}\ndescription: Does step {component}\n");
                if component > 0 {
                    let _ = write!(
                        text,
                        "relationships:\n  - to: {id}/part-{}\n    description: Hands over\n",
                        component - 1
                    );
                }
                write(format!("src/{id}/part-{component}/component.md"), text + "---\n");
                made += 1;
            }
        }
    }
}

async fn tokens(client: &mut Client, tool: &str, arguments: Value) -> (usize, usize) {
    let result = client.result(tool, arguments).await;
    let text = result["content"][0]["text"].as_str().unwrap();
    (loko_mcp::tokens(text), text.len())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("Tokens (o200k) of the same content: everything there is, by `describe` at level full\n");
    println!("| elements | JSON | TOON | text | TOON saves |\n|---:|---:|---:|---:|---:|");
    for elements in [20, 100, 1_000, 10_000] {
        let folder = tempfile::tempdir().unwrap();
        generate(folder.path(), elements);
        let mut client = Client::start(folder.path()).await;
        let mut counts = Vec::new();
        for format in ["json", "toon", "markdown"] {
            counts.push(
                tokens(
                    &mut client,
                    "describe",
                    json!({ "level": "full", "format": format, "max_tokens": 100_000_000 }),
                )
                .await
                .0,
            );
        }
        let saved = 100.0 - 100.0 * counts[1] as f64 / counts[0] as f64;
        println!("| {elements} | {} | {} | {} | {saved:.0} % |", counts[0], counts[1], counts[2]);
    }
    println!(
        "\nTokens of `describe` at its own limits\n\n| elements | summary, text | structure, text | structure, TOON |\n|---:|---:|---:|---:|"
    );
    for elements in [20, 100, 1_000, 10_000] {
        let folder = tempfile::tempdir().unwrap();
        generate(folder.path(), elements);
        let mut client = Client::start(folder.path()).await;
        let summary = tokens(&mut client, "describe", json!({ "level": "summary", "format": "markdown" })).await.0;
        let structure = tokens(&mut client, "describe", json!({ "level": "structure", "format": "markdown" })).await.0;
        let toon = tokens(&mut client, "describe", json!({ "level": "structure", "format": "toon" })).await.0;
        println!("| {elements} | {summary} | {structure} | {toon} |");
    }
}
