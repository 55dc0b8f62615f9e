//! Coupling told to people: plain text with aligned columns, and Markdown.

use super::{Coupling, Cycle, ElementRow, Level, Monolith, SystemRow};
use std::fmt::Write as _;

/// A heading and rows of cells, the first one their names.
struct Table {
    title: String,
    rows: Vec<Vec<String>>,
    /// Sentences below the table.
    said: Vec<String>,
}

/// The answer as text; of elements, the `limit` most coupled ones.
pub fn text(coupling: &Coupling<'_>, limit: usize) -> String {
    let mut out = String::new();
    for table in tables(coupling, limit) {
        let gap = if out.is_empty() { "" } else { "\n" };
        let _ = writeln!(out, "{gap}{}", table.title);
        out.push_str(&aligned(&table.rows));
        table.said.iter().for_each(|line| {
            let _ = writeln!(out, "  {line}");
        });
    }
    out
}

/// The answer as Markdown; of elements, the `limit` most coupled ones.
pub fn markdown(coupling: &Coupling<'_>, limit: usize) -> String {
    let mut out = match coupling.target {
        Some(target) => format!("# Coupling of `{target}`\n"),
        None => "# Coupling\n".to_owned(),
    };
    for table in tables(coupling, limit) {
        let _ = write!(out, "\n## {}\n\n", table.title);
        if let Some((head, rows)) = table.rows.split_first() {
            let _ = writeln!(out, "| {} |\n|{}", head.join(" | "), " --- |".repeat(head.len()));
            for row in rows {
                let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
                let _ = writeln!(out, "| {} |", cells.join(" | "));
            }
            let gap = if table.said.is_empty() { "" } else { "\n" };
            out.push_str(gap);
        }
        table.said.iter().for_each(|line| {
            let _ = writeln!(out, "- {line}");
        });
    }
    out
}

fn tables(coupling: &Coupling<'_>, limit: usize) -> Vec<Table> {
    let mut tables = vec![summary(coupling), elements(coupling, limit)];
    if !coupling.systems.is_empty() {
        tables.push(systems(coupling));
    }
    tables.push(cycles(coupling));
    if !coupling.shared_databases.is_empty() {
        let told = coupling.shared_databases.iter().map(|shared| {
            let across = if shared.across_systems { ", of several systems" } else { "" };
            format!("{} is used by {}{across}", shared.database, shared.services.join(", "))
        });
        tables.push(Table { title: "Shared databases".to_owned(), rows: Vec::new(), said: told.collect() });
    }
    if let Some(monolith) = &coupling.distributed_monolith {
        tables.push(monolith_table(monolith));
    }
    tables
}

fn summary(coupling: &Coupling<'_>) -> Table {
    let spread = &coupling.propagation;
    let mut said = vec![format!(
        "{} elements, {} dependencies between them at the level of {}",
        spread.elements,
        spread.dependencies,
        match coupling.level {
            Level::Element => "the elements that relations name",
            Level::Container => "containers",
            Level::System => "systems",
        }
    )];
    if let Some(cost) = spread.cost {
        said.push(format!(
            "propagation cost {}: a change reaches {} of all elements on average",
            number(cost),
            percent(cost)
        ));
    }
    said.extend(coupling.notes.iter().cloned());
    Table { title: "Propagation".to_owned(), rows: Vec::new(), said }
}

fn elements(coupling: &Coupling<'_>, limit: usize) -> Table {
    let mut rows: Vec<&ElementRow<'_>> = coupling.elements.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.afferent + row.efferent));
    let hidden = rows.len().saturating_sub(limit);
    let head =
        ["element", "Ca", "Ce", "I", "A", "D", "fan-in", "fan-out", "reaches", "reached by", "betweenness", "PageRank"];
    let cells = |row: &&ElementRow<'_>| {
        let count = |value: Option<usize>| value.map_or_else(|| "–".to_owned(), |value| value.to_string());
        vec![
            row.element.id.to_owned(),
            row.afferent.to_string(),
            row.efferent.to_string(),
            optional(row.instability),
            optional(row.abstractness),
            optional(row.distance),
            row.fan_in.to_string(),
            row.fan_out.to_string(),
            count(row.reaches),
            count(row.reached_by),
            optional(row.betweenness),
            optional(row.pagerank),
        ]
    };
    let mut table = vec![head.map(str::to_owned).to_vec()];
    table.extend(rows.iter().take(limit).map(cells));
    let said = (hidden > 0).then(|| format!("{hidden} more; raise --limit to see them"));
    Table { title: "Elements, the most coupled first".to_owned(), rows: table, said: said.into_iter().collect() }
}

fn systems(coupling: &Coupling<'_>) -> Table {
    let head = ["system", "Ca", "Ce", "I", "A", "D", "parts", "cohesion", "propagation inside"];
    let cells = |row: &SystemRow<'_>| {
        vec![
            row.id.to_owned(),
            row.afferent.to_string(),
            row.efferent.to_string(),
            optional(row.instability),
            optional(row.abstractness),
            optional(row.distance),
            row.parts.to_string(),
            optional(row.cohesion),
            optional(row.propagation_cost),
        ]
    };
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(coupling.systems.iter().map(cells));
    Table { title: "Systems".to_owned(), rows, said: Vec::new() }
}

fn cycles(coupling: &Coupling<'_>) -> Table {
    let mut said: Vec<String> = coupling.cycles.iter().flat_map(cycle).collect();
    if said.is_empty() {
        said.push("none".to_owned());
    }
    Table { title: "Cycles".to_owned(), rows: Vec::new(), said }
}

fn cycle(cycle: &Cycle<'_>) -> Vec<String> {
    let level = if cycle.level == Level::Element { String::new() } else { format!(" ({} level)", cycle.level.name()) };
    let cut: Vec<String> = cycle.cut.iter().map(|edge| format!("{} → {}", edge.source, edge.target)).collect();
    let how = if cycle.exact {
        "the fewest that break it".to_owned()
    } else {
        format!("at least {} are needed", cycle.cut_min)
    };
    vec![
        format!("{}{level}", cycle.elements.join(", ")),
        format!("  cut {} of {} dependencies, {how}: {}", cut.len(), cycle.dependencies, cut.join("; ")),
    ]
}

fn monolith_table(monolith: &Monolith<'_>) -> Table {
    let mut rows = vec![["part", "value", "weight", "points", "found"].map(str::to_owned).to_vec()];
    rows.extend(monolith.parts.iter().map(|part| {
        vec![
            part.name.to_owned(),
            number(part.value),
            number(part.weight),
            format!("{:.1}", part.points),
            part.told.clone(),
        ]
    }));
    let title = format!("Distributed monolith: {:.1} of 100, {}", monolith.score, monolith.verdict);
    Table { title, rows, said: Vec::new() }
}

/// Columns of equal width, numbers to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let is_number = |column: usize| {
        let mut cells = rows.iter().skip(1).map(|row| row[column].as_str());
        cells.all(|cell| cell.starts_with(|first: char| first.is_ascii_digit() || first == '–'))
    };
    let right: Vec<bool> = (0..columns).map(|column| column > 0 && is_number(column)).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = " ".to_owned();
        for ((cell, width), right) in row.iter().zip(&widths).zip(&right) {
            let _ = if *right { write!(line, " {cell:>width$} ") } else { write!(line, " {cell:<width$} ") };
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

fn optional(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), number)
}

fn number(value: f64) -> String {
    format!("{value:.2}")
}

fn percent(value: f64) -> String {
    format!("{:.0} %", value * 100.0)
}
