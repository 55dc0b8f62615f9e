//! A page with our picture, dagre's and ELK's of every layout case of the conformance data side by side, and a table.
//!
//! The engines' pictures are drawn from the coordinates in the data by the very code that draws ours, so that only the
//! placement differs. The table measures all three as the data's own `layout_metrics.py` does; labels are measured for
//! ours alone, since the data has no places of the engines' labels.

#![allow(clippy::disallowed_methods, reason = "automation reads the data and writes a folder of pictures")]

mod case;
mod metrics;
mod page;

use case::Case;
use metrics::Metrics;
use std::fs;
use std::path::Path;

/// The engines in the order of their columns.
pub(crate) const ENGINES: [&str; 3] = ["loko", "dagre", "elk"];

/// One board of one case: a picture and the measures of each engine that has it.
pub(crate) struct Shown {
    /// The case, and the board if it is not the first.
    pub(crate) name: String,
    /// What the data says of the case: `plain`, `grid`, `sequence` …
    pub(crate) tags: Vec<String>,
    /// The D2 text.
    pub(crate) input: String,
    /// For each engine the file of its picture, and its measures.
    pub(crate) columns: [Option<(String, Metrics)>; 3],
}

/// Draws the cases of `data` into `out`; returns the table of totals.
pub(crate) fn run(data: &Path, out: &Path) -> Result<String, String> {
    let text = fs::read_to_string(data).map_err(|error| format!("cannot read {}: {error}", data.display()))?;
    fs::create_dir_all(out.join("pictures")).map_err(|error| error.to_string())?;
    let mut shown = Vec::new();
    for line in text.lines() {
        let data: serde_json::Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        for case in Case::boards(&data) {
            shown.push(show(&case, out)?);
        }
    }
    let page = out.join("index.html");
    fs::write(&page, page::html(&shown)).map_err(|error| error.to_string())?;
    Ok(format!("{}\n{}", page::summary(&shown), page.display()))
}

fn show(case: &Case, out: &Path) -> Result<Shown, String> {
    let mut columns = [None, None, None];
    for (at, engine) in ENGINES.into_iter().enumerate() {
        let Some(placed) = case.placed(engine) else { continue };
        let file = format!("pictures/{}.{engine}.svg", case.file_name());
        fs::write(out.join(&file), case.svg(&placed)).map_err(|error| format!("cannot write {file}: {error}"))?;
        columns[at] = Some((file, Metrics::of(&case.board, &placed)));
    }
    Ok(Shown { name: case.name.clone(), tags: case.tags.clone(), input: case.input.clone(), columns })
}
