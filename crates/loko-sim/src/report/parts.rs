//! What came of a scenario in pieces, for pages that have frames, styles and scripts of their own: words, tables as texts,
//! pictures as SVG without style or script, and the numbers that play the run.

use super::player::{Naming, pieces};
use super::{Table, charts, closed, study, study_words, tables, verdict};
use crate::quick::Quick;
use crate::run::Outcome;
use crate::search::Study;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A table of texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    /// What it tells of.
    pub title: String,
    /// The heads of its columns.
    pub head: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

impl Grid {
    fn of(table: Table) -> Self {
        let mut rows = table.rows.into_iter();
        Self { title: table.title, head: rows.next().unwrap_or_default(), rows: rows.collect() }
    }
}

/// The diagram that plays a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Play {
    /// Elements (`data-s`) and calls (`data-e`), coloured by the whole run.
    pub svg: String,
    /// The variants, in the order of the frames.
    pub variants: Vec<String>,
    /// For each variant its times `t`, faults `f`, elements `s` (`k` key, `b` busy, `w` waiting, `l` limited) and calls
    /// `e` (`k` key, `n` name, `r` rate, `x` share that fails), a value for each time.
    pub frames: Value,
}

/// All that is told of an outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parts {
    /// The verdict, a sentence a line.
    pub verdict: Vec<String>,
    /// Whether every expectation holds.
    pub holds: bool,
    /// What happens where; nothing when nothing limited is reached.
    pub play: Option<Play>,
    /// The courses over time and the sweeps, as SVG.
    pub charts: Vec<String>,
    /// The numbers.
    pub tables: Vec<Grid>,
    /// What was assumed because the model does not say.
    pub assumptions: Vec<String>,
}

/// An outcome in pieces, the boxes of its diagram called as `naming` says.
pub fn parts(outcome: &Outcome, searched: &Study, naming: Naming<'_>) -> Parts {
    let play = pieces(outcome, naming).map(|(svg, frames)| Play {
        svg,
        variants: outcome.variants.iter().map(|variant| variant.name.clone()).collect(),
        frames: Value::Array(frames),
    });
    let assumed = outcome.variants.first().map(|variant| variant.compiled.assumptions.clone());
    Parts {
        verdict: verdict(outcome).into_iter().chain(study_words(searched)).collect(),
        holds: outcome.holds(),
        play,
        charts: charts(outcome, searched),
        tables: study::tables(searched).into_iter().chain(tables(outcome)).map(Grid::of).collect(),
        assumptions: assumed.unwrap_or_default(),
    }
}

/// The quick look as tables; those without rows are left out.
pub fn quick_grids(quick: &Quick) -> Vec<Grid> {
    closed::quick_tables(quick).into_iter().filter(|table| table.rows.len() > 1).map(Grid::of).collect()
}
