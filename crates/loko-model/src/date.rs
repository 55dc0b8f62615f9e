//! Days of the calendar: of decisions, and of the ends of waivers. What day it is, callers say.

use std::fmt;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// A day, if there is such a one.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => return None,
        };
        (1..=days).contains(&day).then_some(Self { year, month, day })
    }

    /// Reads `2027-01-31`.
    ///
    /// ```
    /// use loko_model::Date;
    /// assert!(Date::parse("2027-01-31") < Date::parse("2027-02-01"));
    /// assert_eq!(Date::parse("2027-02-29"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let [year, month, day] = parts(text.trim())?;
        Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// Whether a text has the form `2027-01-31` and is no day all the same.
    pub(crate) fn is_wrong(text: &str) -> bool {
        parts(text.trim()).is_some() && Self::parse(text).is_none()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The parts of a text that has the form `2027-01-31`.
fn parts(text: &str) -> Option<[&str; 3]> {
    let mut parts = text.split('-');
    let mut part = |digits: usize| {
        parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let found = [part(4)?, part(2)?, part(2)?];
    parts.next().is_none().then_some(found)
}
