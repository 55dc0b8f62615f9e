//! Amounts with units: how they are written, read and shown.
//!
//! Every amount has one way to be shown and reads that way back. A number without a unit is refused where a unit could
//! be meant differently: nobody shall have to guess whether `timeout: 500` is seconds.

use serde_json::{Value, json};
use smol_str::SmolStr;
use std::fmt;

/// What an amount counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A span of time: `500ms`, `1m30s`.
    Duration,
    /// So many a time: `2 rps`, `100/min`.
    Rate,
    /// A part of a whole: `10 %`, `0.1`.
    Share,
    /// A share; a number alone counts percent: `10`, `10 %`.
    Percent,
    /// An amount of memory or storage: `128 MiB`, `512Mi`.
    Size,
    /// An amount of money: `110 EUR`, `0.02 USD`.
    Money,
    /// Processors: `500m`, `2`.
    Cpu,
    /// A number, not negative: `1.4`, `400k`.
    Number,
}

impl Unit {
    /// What belongs there, in words.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Duration => "a span of time such as `500ms`, `2s` or `15m`",
            Self::Rate => "a rate such as `2 rps`, `10/s` or `100/min`",
            Self::Share => "a share such as `10 %` or `0.1`",
            Self::Percent => "a share such as `10 %`, or a number of percent such as `10`",
            Self::Size => "a size such as `128 MiB` or `512Mi`",
            Self::Money => "an amount of money such as `110 EUR`",
            Self::Cpu => "processors such as `500m` or `2`",
            Self::Number => "a number such as `3`, `1.4` or `400k`",
        }
    }

    /// Reads a text; `Err` says what belongs there or a bit more.
    pub fn check(self, text: &str) -> Result<(), Problem> {
        match self {
            Self::Duration => Duration::parse(text).map(drop),
            Self::Rate => Rate::parse(text).map(drop),
            Self::Share => Share::parse(text).map(drop),
            Self::Percent => Share::parse_percent(text).map(drop),
            Self::Size => Size::parse(text).map(drop),
            Self::Money => Money::parse(text).map(drop),
            Self::Cpu => Cpu::parse(text).map(drop),
            Self::Number => Number::parse(text).map(drop),
        }
    }

    /// The unit as JSON Schema.
    pub fn json_schema(self) -> Value {
        let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
        match self {
            Self::Duration => json!({ "anyOf": [
                { "const": 0 }, text(r"^([0-9]+(\.[0-9]+)?\s*[a-zµ]+\s*)+$|^0$"),
            ] }),
            Self::Rate => text(r"^[0-9]+(\.[0-9]+)?\s*[kM]?\s*(rps|rpm|(/|per)\s*[a-z]+|[a-zA-Z]+/[a-z]+)$"),
            Self::Share => json!({ "anyOf": [
                { "type": "number", "minimum": 0, "maximum": 1 }, text(r"^[0-9]+(\.[0-9]+)?\s*%?$"),
            ] }),
            Self::Percent => json!({ "anyOf": [
                { "type": "number", "minimum": 0, "maximum": 100 }, text(r"^[0-9]+(\.[0-9]+)?\s*%?$"),
            ] }),
            Self::Size => text(r"^[0-9]+(\.[0-9]+)?\s*([kKMGTP]i?)?[bB]?$"),
            Self::Money => text(r"^([A-Z]{3}|[€$£])?\s*[0-9]+(\.[0-9]+)?\s*([A-Z]{3}|[€$£])?(\s*/\s*[a-z]+)?$"),
            Self::Cpu => json!({ "anyOf": [
                { "type": "number", "minimum": 0 }, text(r"^[0-9]+(\.[0-9]+)?m?$"),
            ] }),
            Self::Number => json!({ "anyOf": [
                { "type": "number", "minimum": 0 }, text(r"^[0-9]+(\.[0-9]+)?\s*[kM]?$"),
            ] }),
        }
    }
}

/// Why a text is no such amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, if more can be said than what belongs there.
    pub why: String,
    /// Texts that would do.
    pub instead: Vec<String>,
}

impl Problem {
    fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), instead: Vec::new() }
    }

    fn or(mut self, instead: impl Into<String>) -> Self {
        self.instead.push(instead.into());
        self
    }
}

/// A number and what follows it.
fn number(text: &str) -> Result<(f64, &str), Problem> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(text.len());
    let digits: String = text[..end].chars().filter(|c| *c != '_').collect();
    match digits.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((value, text[end..].trim_start())),
        _ if text.starts_with('-') => Err(Problem::new("it cannot be negative")),
        _ => Err(Problem::new("it begins with no number")),
    }
}

/// A span of time, whole nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(u64);

/// Units of time with their nanoseconds, the names that are shown first.
const TIMES: [(&[&str], u64); 9] = [
    (&["y", "year", "years"], 365 * 86_400 * 1_000_000_000),
    (&["months", "month", "mo"], 30 * 86_400 * 1_000_000_000),
    (&["d", "day", "days"], 86_400 * 1_000_000_000),
    (&["h", "hr", "hour", "hours"], 3_600 * 1_000_000_000),
    (&["m", "min", "mins", "minute", "minutes"], 60 * 1_000_000_000),
    (&["s", "sec", "secs", "second", "seconds"], 1_000_000_000),
    (&["ms", "msec", "millisecond", "milliseconds"], 1_000_000),
    (&["us", "µs", "μs", "microsecond", "microseconds"], 1_000),
    (&["ns", "nanosecond", "nanoseconds"], 1),
];

/// Weeks are read and never shown.
const WEEKS: (&[&str], u64) = (&["w", "week", "weeks"], 7 * 86_400 * 1_000_000_000);

fn time_unit(word: &str) -> Option<u64> {
    let exact = TIMES.iter().chain([&WEEKS]).find(|(names, _)| names.contains(&word));
    exact.map(|(_, nanos)| *nanos)
}

impl Duration {
    /// A span of so many nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// A span of so many milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// A span of so many seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    /// Its nanoseconds.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// Its seconds.
    pub fn secs(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Reads `500ms`, `1.5 s`, `1m30s`, `0`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (mut rest, mut total) = (text.trim(), 0.0);
        if rest.is_empty() {
            return Err(Problem::new("it is empty"));
        }
        while !rest.is_empty() {
            let (value, after) = number(rest)?;
            let end = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
            let unit = &after[..end];
            if unit.is_empty() {
                if value == 0.0 && after.is_empty() {
                    return Ok(Self(total as u64));
                }
                let digits = rest.trim();
                return Err(Problem::new("it has no unit").or(format!("{digits}ms")).or(format!("{digits}s")));
            }
            let Some(nanos) = time_unit(unit) else {
                let known = TIMES.iter().flat_map(|(names, _)| names.iter().copied());
                let near = loko_source::suggest::nearest(&unit.to_ascii_lowercase(), known);
                let problem = Problem::new(format!("`{unit}` is no unit of time"));
                return Err(match near.first() {
                    Some(best) => problem.or(format!("{}{best}", rest[..rest.len() - after.len()].trim())),
                    None => problem,
                });
            };
            total += value * nanos as f64;
            rest = after[end..].trim_start();
        }
        if total >= u64::MAX as f64 {
            return Err(Problem::new("it is longer than 500 years"));
        }
        Ok(Self(total.round() as u64))
    }
}

impl From<Duration> for std::time::Duration {
    fn from(span: Duration) -> Self {
        Self::from_nanos(span.0)
    }
}

impl fmt::Display for Duration {
    /// The largest units first, none left out: `1m30s`. Years and months are shown in days.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return out.write_str("0s");
        }
        let mut rest = self.0;
        for (names, nanos) in &TIMES[2..] {
            let many = rest / nanos;
            if many > 0 {
                write!(out, "{many}{}", names[0])?;
                rest %= nanos;
            }
        }
        Ok(())
    }
}

/// So many a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
    /// So many a second.
    pub const fn per_second_of(value: f64) -> Self {
        Self(value)
    }

    /// How many a second.
    pub const fn per_second(self) -> f64 {
        self.0
    }

    /// Reads `2 rps`, `10/s`, `5 per minute`, `1k rps`, `100 requests/min`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (value, rest) = number(text)?;
        let (value, rest) = scaled(value, rest);
        let word = rest.to_ascii_lowercase();
        let seconds = match word.as_str() {
            "rps" | "qps" | "tps" | "hz" => Some(1.0),
            "rpm" => Some(60.0),
            "" => {
                let digits = text.trim();
                return Err(Problem::new("it has no unit").or(format!("{digits} rps")).or(format!("{digits}/min")));
            }
            _ => {
                let unit = word.rsplit_once('/').map(|(_, unit)| unit).or_else(|| {
                    let (what, unit) = word.split_once("per ")?;
                    (what.is_empty() || what.ends_with(' ')).then_some(unit)
                });
                unit.and_then(|unit| time_unit(unit.trim())).map(|nanos| nanos as f64 / 1e9)
            }
        };
        match seconds {
            Some(seconds) => Ok(Self(value / seconds)),
            None => Err(Problem::new(format!("`{rest}` is no unit of a rate"))),
        }
    }
}

/// Takes a `k` or `M` that belongs to the number, not to the unit behind it.
fn scaled(value: f64, rest: &str) -> (f64, &str) {
    for (letter, factor) in [('k', 1e3), ('K', 1e3), ('M', 1e6)] {
        if let Some(after) = rest.strip_prefix(letter)
            && !after.starts_with(char::is_alphanumeric)
        {
            return (value * factor, after.trim_start());
        }
    }
    (value, rest)
}

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |value: f64| (value - value.round()).abs() < 1e-9;
        for (seconds, unit) in [(1.0, "s"), (60.0, "min"), (3600.0, "h"), (86_400.0, "d")] {
            let value = self.0 * seconds;
            if whole(value) {
                return if unit == "s" {
                    write!(out, "{} rps", value.round())
                } else {
                    write!(out, "{}/{unit}", value.round())
                };
            }
        }
        write!(out, "{} rps", self.0)
    }
}

/// A part of a whole, from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// A share from 0 to 1.
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// The share from 0 to 1.
    pub const fn value(self) -> f64 {
        self.0
    }

    /// The share in percent.
    pub fn percent(self) -> f64 {
        self.0 * 100.0
    }

    /// Reads `10 %`, `0.1`, `1`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (value, rest) = number(text)?;
        match rest {
            "%" => Self::new(value / 100.0).ok_or_else(|| Problem::new("it is more than 100 %")),
            "" => Self::new(value).ok_or_else(|| Problem::new("it is more than 1").or(format!("{value} %"))),
            unit => Err(Problem::new(format!("`{unit}` is no unit of a share")).or(format!("{value} %"))),
        }
    }

    /// Reads `10 %` and `10`, which is the same here.
    pub fn parse_percent(text: &str) -> Result<Self, Problem> {
        let (value, rest) = number(text)?;
        match rest {
            "%" | "" => Self::new(value / 100.0).ok_or_else(|| Problem::new("it is more than 100 %")),
            unit => Err(Problem::new(format!("`{unit}` is no unit of a share")).or(format!("{value} %"))),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Binary fractions times a hundred carry noise far behind the point.
        write!(out, "{} %", (self.0 * 1e10).round() / 1e8)
    }
}

/// An amount of memory or storage, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u64);

/// Units of size with their bytes: powers of 1024, then of 1000.
const SIZES: [(&str, u64); 11] = [
    ("Pi", 1 << 50),
    ("Ti", 1 << 40),
    ("Gi", 1 << 30),
    ("Mi", 1 << 20),
    ("Ki", 1 << 10),
    ("P", 1_000_000_000_000_000),
    ("T", 1_000_000_000_000),
    ("G", 1_000_000_000),
    ("M", 1_000_000),
    ("k", 1_000),
    ("", 1),
];

impl Size {
    /// So many bytes.
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// Reads `128 MiB`, `512Mi`, `4 GB`, `100 B`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (value, unit) = number(text)?;
        if unit.is_empty() && value != 0.0 {
            let digits = text.trim();
            return Err(Problem::new("it has no unit").or(format!("{digits} MiB")).or(format!("{digits} B")));
        }
        let plain = unit.strip_suffix(['B', 'b']).unwrap_or(unit);
        let known = SIZES.iter().find(|(name, _)| name.eq_ignore_ascii_case(plain));
        let Some((_, bytes)) = known else {
            return Err(Problem::new(format!("`{unit}` is no unit of size")));
        };
        let total = value * *bytes as f64;
        if total >= u64::MAX as f64 {
            return Err(Problem::new("it is too large"));
        }
        Ok(Self(total.round() as u64))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The unit that needs the smallest number, of those that need no fraction.
        let fits = SIZES.iter().filter(|(_, bytes)| self.0 >= *bytes && self.0.is_multiple_of(*bytes));
        let (name, bytes) = fits.min_by_key(|(_, bytes)| self.0 / bytes).copied().unwrap_or(("", 1));
        write!(out, "{} {name}B", self.0 / bytes)
    }
}

/// An amount of money, in millionths of its currency's unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    micros: u64,
    currency: SmolStr,
}

/// Millionths of a unit.
const MICROS: f64 = 1e6;

impl Money {
    /// The amount in units of the currency.
    pub fn amount(&self) -> f64 {
        self.micros as f64 / MICROS
    }

    /// The currency's ISO 4217 code.
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// Reads `110 EUR`, `EUR 110`, `$5`, `110 EUR/month`; what it is paid for is the key's business.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        let text = text.split_once('/').map_or(text, |(amount, _)| amount.trim_end());
        let (before, rest) = match text.find(|c: char| c.is_ascii_digit()) {
            Some(at) => (text[..at].trim(), &text[at..]),
            None => return Err(Problem::new("it names no amount")),
        };
        let (value, after) = number(rest)?;
        let currency = match (before, after) {
            ("", "") => {
                return Err(Problem::new("it names no currency").or(format!("{value} EUR")).or(format!("{value} USD")));
            }
            ("", word) | (word, "") => {
                currency(word).ok_or_else(|| Problem::new(format!("`{word}` is no currency")))?
            }
            _ => return Err(Problem::new("it has a currency on both sides")),
        };
        if value * MICROS >= u64::MAX as f64 {
            return Err(Problem::new("it is too large"));
        }
        Ok(Self { micros: (value * MICROS).round() as u64, currency })
    }
}

fn currency(word: &str) -> Option<SmolStr> {
    match word {
        "€" => Some("EUR".into()),
        "$" => Some("USD".into()),
        "£" => Some("GBP".into()),
        _ if word.len() == 3 && word.chars().all(|c| c.is_ascii_uppercase()) => Some(word.into()),
        _ => None,
    }
}

impl fmt::Display for Money {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.amount(), self.currency)
    }
}

/// Processors, in thousandths of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cpu(u64);

impl Cpu {
    /// Thousandths of a processor.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// Reads `500m`, `2`, `0.5`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (value, unit) = number(text)?;
        match unit {
            "m" => Ok(Self(value.round() as u64)),
            "" => Ok(Self((value * 1000.0).round() as u64)),
            _ => Err(Problem::new(format!("`{unit}` is no unit of processors"))),
        }
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) { write!(out, "{}", self.0 / 1000) } else { write!(out, "{}m", self.0) }
    }
}

/// A number, not negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Number(f64);

impl Number {
    /// The number.
    pub const fn value(self) -> f64 {
        self.0
    }

    /// Reads `3`, `1.4`, `400k`, `2M`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (value, rest) = number(text)?;
        match scaled(value, rest) {
            (value, "") => Ok(Self(value)),
            (_, rest) => Err(Problem::new(format!("`{rest}` follows the number"))),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown<T: fmt::Display>(read: Result<T, Problem>) -> String {
        read.map_or_else(|problem| format!("{} | {}", problem.why, problem.instead.join(", ")), |it| it.to_string())
    }

    #[test]
    fn amounts_are_shown_as_they_can_be_written() {
        for (text, expected) in [
            ("500ms", "500ms"),
            ("1.5 s", "1s500ms"),
            ("90s", "1m30s"),
            ("1m30s", "1m30s"),
            ("15 min", "15m"),
            ("0", "0s"),
            ("25 months", "750d"),
            ("1y", "365d"),
            ("500", "it has no unit | 500ms, 500s"),
            ("5 sek", "`sek` is no unit of time | 5sec"),
            ("fast", "it begins with no number | "),
            ("-1s", "it cannot be negative | "),
            ("", "it is empty | "),
        ] {
            assert_eq!(shown(Duration::parse(text)), expected, "{text}");
        }
        for (text, expected) in [
            ("2 rps", "2 rps"),
            ("10/s", "10 rps"),
            ("100/min", "100/min"),
            ("5 per minute", "5/min"),
            ("1k rps", "1000 rps"),
            ("100 requests/min", "100/min"),
            ("7", "it has no unit | 7 rps, 7/min"),
            ("7 rpx", "`rpx` is no unit of a rate | "),
        ] {
            assert_eq!(shown(Rate::parse(text)), expected, "{text}");
        }
        for (text, expected) in [
            ("10 %", "10 %"),
            ("99.95%", "99.95 %"),
            ("0.1", "10 %"),
            ("12", "it is more than 1 | 12 %"),
            ("120%", "it is more than 100 % | "),
        ] {
            assert_eq!(shown(Share::parse(text)), expected, "{text}");
        }
        assert_eq!(shown(Share::parse_percent("25")), "25 %");
        for (text, expected) in [
            ("128 MiB", "128 MiB"),
            ("512Mi", "512 MiB"),
            ("1536Mi", "1536 MiB"),
            ("4 GB", "4 GB"),
            ("100 B", "100 B"),
            ("128", "it has no unit | 128 MiB, 128 B"),
        ] {
            assert_eq!(shown(Size::parse(text)), expected, "{text}");
        }
        for (text, expected) in [
            ("110 EUR", "110 EUR"),
            ("EUR 0.02", "0.02 EUR"),
            ("$5", "5 USD"),
            ("110 EUR/month", "110 EUR"),
            ("110", "it names no currency | 110 EUR, 110 USD"),
            ("110 euros", "`euros` is no currency | "),
        ] {
            assert_eq!(shown(Money::parse(text)), expected, "{text}");
        }
        assert_eq!(shown(Cpu::parse("500m")), "500m");
        assert_eq!(shown(Cpu::parse("0.5")), "500m");
        assert_eq!(shown(Cpu::parse("2")), "2");
        assert_eq!(shown(Number::parse("400k")), "400000");
        assert_eq!(shown(Number::parse("4 x")), "`x` follows the number | ");
    }
}
