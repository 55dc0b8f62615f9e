//! What a run costs: copies by the hour, what is paid by the month, and calls.
//!
//! Prices are what the model states under `cost`; what has none costs nothing and is not guessed. Spot copies cost less
//! by their discount, functions by the call. Amounts of different currencies are not mixed: the first one counts.

use crate::analytic::network::Outlook;
use crate::engine::Record;
use crate::network::{Network, UNLIMITED};
use crate::run::Numbers;
use loko_model::behaviour::{Behaviour, Money, Share};
use loko_model::{Element, Relation};

/// The hours that a month is billed for.
pub const HOURS_A_MONTH: f64 = 730.0;

/// What an element costs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Price {
    /// For a copy and hour.
    pub hourly: f64,
    /// For a month, however many copies there are.
    pub monthly: f64,
    /// For a visit.
    pub per_call: f64,
    /// How many places one copy has.
    pub places: f64,
}

/// The prices of a network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prices {
    /// By station.
    pub stations: Vec<Price>,
    /// For a call, by edge.
    pub edges: Vec<f64>,
    /// What all amounts are in.
    pub currency: String,
}

impl Prices {
    /// The amount at a path, in the currency of all.
    fn amount(&mut self, behaviour: Behaviour<'_>, path: &str) -> f64 {
        let Some(money) = behaviour.money(path) else { return 0.0 };
        self.take(&money)
    }

    fn take(&mut self, money: &Money) -> f64 {
        if self.currency.is_empty() {
            money.currency().clone_into(&mut self.currency);
        }
        if self.currency == money.currency() { money.amount() } else { 0.0 }
    }

    /// Notes what an element costs.
    pub(crate) fn station(&mut self, at: usize, element: &Element, places: f64) {
        let behaviour = Behaviour::of_element(element);
        let spot = behaviour.share("spot.share").map_or(0.0, Share::value);
        let discount = behaviour.share("spot.discount").map_or(0.0, Share::value);
        let price = Price {
            hourly: self.amount(behaviour, "cost.hourly") * (1.0 - spot * discount),
            monthly: self.amount(behaviour, "cost.monthly"),
            per_call: self.amount(behaviour, "cost.per_call"),
            places: places.max(1.0),
        };
        self.stations.resize(self.stations.len().max(at + 1), Price::default());
        self.stations[at] = price;
    }

    /// Notes what calls of a relation cost.
    pub(crate) fn edge(&mut self, at: usize, relation: &Relation) {
        let amount = self.amount(Behaviour::of_relation(relation), "cost.per_call");
        self.edges.resize(self.edges.len().max(at + 1), 0.0);
        self.edges[at] = amount;
    }

    /// Whether anything costs.
    pub fn is_empty(&self) -> bool {
        self.currency.is_empty()
    }

    /// What an hour costs by what is expected; nothing when nothing has a price.
    pub fn expected(&self, network: &Network, outlook: &Outlook) -> Option<f64> {
        if self.is_empty() {
            return None;
        }
        let stations = self.stations.iter().zip(&network.stations).zip(&outlook.stations);
        let stations: f64 = stations
            .map(|((price, station), look)| {
                let limited = station.servers != UNLIMITED;
                let copies = f64::from(station.servers) * f64::from(station.copies) / price.places;
                let copies = if limited { copies } else { 1.0 };
                price.hourly * copies + price.monthly / HOURS_A_MONTH + price.per_call * look.rate * 3_600.0
            })
            .sum();
        let edges = self.edges.iter().zip(&outlook.edges);
        Some(stations + edges.map(|(price, way)| price * way.rate * way.tries * 3_600.0).sum::<f64>())
    }

    /// What a run cost an hour; nothing when nothing has a price.
    pub fn hourly(&self, record: &Record, numbers: &[Numbers]) -> Option<f64> {
        if self.is_empty() {
            return None;
        }
        let hours = record.seconds.max(1e-9) / 3_600.0;
        let stations: f64 = self
            .stations
            .iter()
            .zip(&record.stations)
            .zip(numbers)
            .map(|((price, station), numbers)| {
                let copies = numbers.get("copies").map_or(1.0, |copies| copies / price.places);
                price.hourly * copies + price.monthly / HOURS_A_MONTH + price.per_call * station.arrived as f64 / hours
            })
            .sum();
        let calls: f64 =
            self.edges.iter().zip(&record.edges).map(|(price, edge)| price * edge.sent as f64 / hours).sum();
        Some(stations + calls)
    }
}
