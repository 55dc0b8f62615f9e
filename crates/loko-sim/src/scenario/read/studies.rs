//! Reading what is asked beyond one run: sweeps, searches, and what matters most.

use super::{Reader, Table};
use crate::run::METRICS;
use crate::scenario::{Knob, Named, Search, Sensitivity, Sweep, split_key};
use loko_model::value::{Data, Value};
use loko_source::Span;
use loko_source::suggest::did_you_mean;

const SWEEP: &[&str] = &["set", "values", "from", "to", "points"];
const FIND: &[&str] = &["smallest", "largest", "from", "to", "each"];
const SENSITIVITY: &[&str] = &["by", "of", "load"];
/// How many points a sweep between two numbers has when it does not say.
const SWEEP_POINTS: u64 = 6;
/// How much inputs are changed when nobody says.
const SWING: f64 = 0.2;

impl Reader<'_> {
    /// What matters most: each input a bit less and a bit more.
    pub(super) fn sensitivity(&mut self, top: &Table) -> Option<Sensitivity> {
        let entry = top.get("sensitivity")?;
        let Some(table) = entry.value.as_map() else {
            let help = Some("start it with a line `[sensitivity]`".to_owned());
            self.tell(entry.value.span, "`sensitivity` must be a table", entry.value.kind_name(), help);
            return None;
        };
        self.keys(table, SENSITIVITY, "a sensitivity");
        let by = self.share(table, "by").unwrap_or(SWING);
        if by <= 0.0 || by >= 1.0 {
            let span = table.get("by").map_or(entry.key_span, |by| by.value.span);
            self.tell(span, "inputs are changed by more than 0 % and less than 100 %", "here", None);
        }
        let of = self.text(table, "of");
        let name = of.as_ref().map_or("p99", |named| named.text.as_str());
        let Some(number) = METRICS.iter().find(|known| **known == name) else {
            let help = did_you_mean(name, METRICS).or_else(|| Some(format!("it may be {}", METRICS.join(", "))));
            let span = of.as_ref().map_or(entry.key_span, |named| named.span);
            self.tell(span, format!("`{name}` is no number of a load that inputs are held against"), "here", help);
            return None;
        };
        Some(Sensitivity { by, number, load: self.text(table, "load") })
    }

    /// What is turned: `ELEMENT.KEY`, `A -> B.KEY`, `load` or `load NAME`.
    fn knob(&mut self, named: Named) -> Option<Knob> {
        let text = named.text.trim();
        if text == "load" {
            return Some(Knob::Loads);
        }
        if let Some(load) = text.strip_prefix("load ") {
            return Some(Knob::Load(Named { text: load.trim().to_owned(), span: named.span }));
        }
        let Some((target, key)) = split_key(text) else {
            let help = Some("write `ELEMENT.KEY`, `A -> B.KEY`, `load` or `load NAME`".to_owned());
            self.tell(named.span, format!("`{text}` is nothing that can be changed"), "here", help);
            return None;
        };
        Some(Knob::Key(Named { text: target.trim().to_owned(), span: named.span }, key.trim().to_owned()))
    }

    pub(super) fn sweep(&mut self, table: &Table, span: Span) -> Option<Sweep> {
        self.keys(table, SWEEP, "a sweep");
        let Some(named) = self.text(table, "set") else {
            self.tell(span, "the sweep does not say what is changed", "no `set`", None);
            return None;
        };
        let knob = self.knob(named)?;
        let values = match table.get("values") {
            Some(entry) => entry.value.as_list().unwrap_or_default().to_vec(),
            None => {
                let (from, to) = (self.number(table, "from")?, self.number(table, "to")?);
                let points = self.number(table, "points").map_or(SWEEP_POINTS, |points| points as u64).clamp(2, 100);
                let step = (to - from) / (points - 1) as f64;
                let value = |at: u64| {
                    let number = from + step * at as f64;
                    // Counts are written without a point.
                    let whole = number.fract() == 0.0 && number.abs() < 1e15;
                    Value { data: if whole { Data::Integer(number as i64) } else { Data::Float(number) }, span }
                };
                (0..points).map(value).collect()
            }
        };
        if values.is_empty() {
            let help = Some("give `values = [1, 2, 4]`, or `from` and `to`".to_owned());
            self.tell(span, "the sweep has no values", "here", help);
            return None;
        }
        Some(Sweep { knob, values })
    }

    pub(super) fn search(&mut self, table: &Table, span: Span) -> Option<Search> {
        self.keys(table, FIND, "a search");
        let (smallest, largest) = (self.text(table, "smallest"), self.text(table, "largest"));
        let (named, smallest) = match (smallest, largest) {
            (Some(named), None) => (named, true),
            (None, Some(named)) => (named, false),
            _ => {
                let help = Some("such as `smallest = \"shop/api.replicas\"` or `largest = \"load\"`".to_owned());
                self.tell(span, "a search is for `smallest` or for `largest`", "here", help);
                return None;
            }
        };
        let knob = self.knob(named)?;
        let (from, to) = (self.number(table, "from").unwrap_or(1.0), self.number(table, "to").unwrap_or(64.0));
        if from >= to {
            self.tell(span, format!("the search goes from {from} to {to}, which is nothing"), "here", None);
            return None;
        }
        let each = matches!(table.get("each").map(|entry| &entry.value.data), Some(Data::Bool(true)));
        Some(Search { knob, smallest, from, to, each, span })
    }
}
