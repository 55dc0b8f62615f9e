//! Draws D2 texts into a folder: the cases of a JSON lines file (`name`, `input`) or single files. Beside each picture
//! stands where everything was placed, as JSON.
//!
//! `cargo run -p loko-draw --example corpus -- OUT FILE.jsonl|FILE.d2 …`

#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "for developers: reads and writes their files")]

use loko_d2::{NoImports, compile};
use loko_diagram::Board;
use loko_draw::{Look, SvgOptions, measure, svg};
use loko_layout::{Options, layout};
use loko_source::FilePath;
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("where to?")?;
    std::fs::create_dir_all(&out)?;
    for file in arguments {
        let text = std::fs::read_to_string(&file)?;
        if !file.ends_with(".jsonl") {
            let name = Path::new(&file).file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            draw(&text, &name, Path::new(&out))?;
            continue;
        }
        for line in text.lines() {
            let case: serde_json::Value = serde_json::from_str(line)?;
            let name = case["name"].as_str().unwrap_or("case").replace(['/', ' '], "_");
            draw(case["input"].as_str().unwrap_or_default(), &name, Path::new(&out))?;
        }
    }
    Ok(())
}

fn draw(text: &str, name: &str, out: &Path) -> Result<(), Box<dyn Error>> {
    let compiled = compile(text, &FilePath::new("index.d2")?, &NoImports);
    draw_board(&compiled.diagram.root, name, out)
}

fn draw_board(board: &Board, name: &str, out: &Path) -> Result<(), Box<dyn Error>> {
    let look = Look::default().configured(&board.config);
    let placed = layout(board, &measure(board, &look), &Options::default());
    std::fs::write(out.join(format!("{name}.json")), serde_json::to_string(&placed)?)?;
    let text = svg(board, &placed, &look, &SvgOptions::default());
    std::fs::write(out.join(format!("{name}.svg")), text)?;
    for (_, inner) in board.boards() {
        draw_board(inner, &format!("{name}__{}", inner.name.replace(['/', ' '], "_")), out)?;
    }
    Ok(())
}
