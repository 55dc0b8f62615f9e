//! What the stated behaviour of a call comes to: how often it is made, how long its caller waits for one answer, and
//! how long it can go on in all.
//!
//! Keys, units and what holds when one is not given are those of [`loko_model::behaviour`], which the simulator reads
//! too: `timeout.overall` spans all attempts, `retry.attempts` counts the first one.

use loko_model::Value;
use loko_model::behaviour::{Behaviour, Duration};

/// Pauses that are added up; those of more attempts count as the last of them.
const PAUSES_MAX: u64 = 64;

/// How often a call is made at most, the first time included; none when nothing is said of it.
pub(crate) fn attempts(call: Behaviour<'_>) -> Option<u64> {
    call.count_or_default("retry.attempts").map(|attempts| attempts.max(1))
}

/// The shortest time after which the caller gives up an attempt or all of them, and where that is said.
pub(crate) fn patience(call: Behaviour<'_>) -> Option<(Duration, &Value)> {
    let stated = |path| Some((call.duration(path)?, call.find(path)?.value));
    let all = ["timeout.overall", "retry.per_try_timeout", "timeout.read"].into_iter().filter_map(stated);
    all.filter(|(span, _)| span.nanos() > 0).min_by_key(|(span, _)| *span)
}

/// How long a call goes on at most, and where that is said: its overall timeout, else that of one attempt; times the
/// attempts and with the pauses between them when `with_retries`.
pub(crate) fn longest(call: Behaviour<'_>, with_retries: bool) -> Option<(Duration, &Value)> {
    let stated = |path| Some((call.duration(path)?, call.find(path)?.value));
    if let Some(overall) = stated("timeout.overall") {
        return Some(overall);
    }
    let (once, value) = stated("retry.per_try_timeout").or_else(|| stated("timeout.read"))?;
    let attempts = attempts(call).filter(|_| with_retries).unwrap_or(1);
    let nanos = once.nanos().saturating_mul(attempts).saturating_add(pauses(call, attempts - 1));
    Some((Duration::from_nanos(nanos), value))
}

/// The nanoseconds of the first so many pauses between attempts, each as long as jitter lets it be.
fn pauses(call: Behaviour<'_>, count: u64) -> u64 {
    if count == 0 {
        return 0;
    }
    let nanos = |path| call.duration_or_default(path).map_or(0, Duration::nanos);
    let (initial, cap) = (nanos("retry.initial"), nanos("retry.max"));
    let factor = call.number_or_default("retry.factor").map_or(1.0, |factor| factor.max(1.0));
    let (mut total, mut pause) = (0_u64, initial);
    for made in 1..=count.min(PAUSES_MAX) {
        total = total.saturating_add(pause.min(cap.max(initial)));
        pause = match call.text("retry.backoff").as_deref() {
            Some("constant") => initial,
            Some("linear") => initial.saturating_mul(made + 1),
            _ => (pause as f64 * factor) as u64,
        };
    }
    total.saturating_add(pause.min(cap.max(initial)).saturating_mul(count.saturating_sub(PAUSES_MAX)))
}
