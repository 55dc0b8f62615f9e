//! Numbers as people read them: groups of three digits, and no more digits after the point than say something.
//!
//! What only looks like a number stays as it is: dates, versions, names, and whole numbers in the middle of words, which may
//! be years.

/// From so many digits on, a number is written in groups.
const GROUPED_FROM: usize = 4;
/// The units that follow a number without a space where people write settings.
const UNITS: [&str; 16] =
    ["ns", "us", "µs", "ms", "s", "min", "h", "d", "B", "kB", "KB", "MB", "GB", "KiB", "MiB", "GiB"];

/// A text with its numbers in groups of three. In a text that begins with a number all of them are; in others only those
/// with a point or with groups already, since whole ones may be part of a name.
pub(crate) fn tidy(text: &str, thousands: &str, decimal: &str) -> String {
    let is_measure = text.trim_start_matches(is_sign).starts_with(|first: char| first.is_ascii_digit());
    let mut out = String::with_capacity(text.len() + 4);
    let mut rest = text;
    let mut is_code = false;
    while let Some(at) = rest.find(|it: char| it.is_ascii_digit() || it == '`') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('`') {
            is_code = !is_code;
            out.push('`');
            rest = after;
            continue;
        }
        let length = rest.find(|it: char| !is_part_of_word(it)).unwrap_or(rest.len());
        // A point ends a sentence, two stand between the ends of a range; neither is the number's.
        let length = rest[..length].find("..").unwrap_or(length);
        let word = rest[..length].trim_end_matches(['.', ',', ':']);
        rest = &rest[word.len()..];
        let stands_alone = !is_code && begins_number(&out) && !follows_on(rest);
        let bare = ungrouped(word);
        let is_number = is_measure || bare != word;
        match split(&bare).filter(|(_, fraction)| stands_alone && (is_number || !fraction.is_empty())) {
            Some((whole, fraction)) => out.push_str(&written(whole, fraction, is_share(rest), thousands, decimal)),
            None => out.push_str(word),
        }
    }
    out + rest
}

/// The same for settings as people write them: units stand apart from their numbers too.
pub(crate) fn settings(text: &str, thousands: &str, decimal: &str) -> String {
    let told = text.split(' ').map(|word| {
        let bare = word.trim_end_matches(',');
        let digits = bare.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(bare.len());
        let (number, unit) = bare.split_at(digits);
        let gap = if UNITS.contains(&unit) { " " } else { "" };
        match split(number) {
            Some(_) if !gap.is_empty() || unit.is_empty() || unit == "%" || unit.starts_with('/') => {
                format!("{}{gap}{unit}{}", tidy(number, thousands, decimal), &word[bare.len()..])
            }
            _ => word.to_owned(),
        }
    });
    told.collect::<Vec<_>>().join(" ")
}

fn is_sign(it: char) -> bool {
    matches!(it, '-' | '−' | '+' | '±' | '<' | '>' | '≤' | '≥' | '~' | ' ')
}

fn is_part_of_word(it: char) -> bool {
    it.is_alphanumeric() || matches!(it, '.' | ',' | ':' | '_' | '-')
}

/// Whether a number may begin after this.
fn begins_number(before: &str) -> bool {
    let without_sign = before.trim_end_matches(['-', '−', '+', '±', '<', '>', '≤', '≥', '~']);
    without_sign.is_empty() || without_sign.ends_with([' ', '(', '[']) || without_sign.ends_with("..")
}

/// Whether what comes next makes the number part of something else, such as `2026/11/22`.
fn follows_on(rest: &str) -> bool {
    let mut next = rest.chars();
    next.next() == Some('/') && next.next().is_some_and(|it| it.is_ascii_digit())
}

fn is_share(rest: &str) -> bool {
    rest.trim_start().starts_with('%')
}

/// A number that has groups already without what parts them.
fn ungrouped(word: &str) -> String {
    let (whole, _) = word.split_once('.').unwrap_or((word, ""));
    let mut groups = whole.split(',');
    let is_number = |group: &str| group.bytes().all(|it| it.is_ascii_digit());
    let begins = groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && is_number(first));
    if begins && groups.all(|group| group.len() == 3 && is_number(group)) {
        word.replace(',', "")
    } else {
        word.to_owned()
    }
}

/// The digits before and after the point, if it is a number and nothing else.
fn split(word: &str) -> Option<(&str, &str)> {
    let (whole, fraction) = word.split_once('.').unwrap_or((word, ""));
    let is_number = |digits: &str| digits.bytes().all(|it| it.is_ascii_digit());
    let is_code = whole.len() > 1 && whole.starts_with('0');
    (!whole.is_empty() && !is_code && is_number(whole) && is_number(fraction)).then_some((whole, fraction))
}

/// A number with the digits that say something; shares keep all of theirs, since 99.95 % is not 100 %.
fn written(whole: &str, fraction: &str, is_share: bool, thousands: &str, decimal: &str) -> String {
    let digits = match whole.len() {
        _ if fraction.bytes().all(|it| it == b'0') => 0,
        _ if is_share => fraction.len(),
        1 => 3,
        2 => 2,
        3 => 1,
        _ => 0,
    };
    let rounded = if fraction.len() <= digits || fraction.is_empty() {
        None
    } else {
        format!("{whole}.{fraction}").parse::<f64>().ok().map(|value| format!("{value:.digits$}"))
    };
    let (whole, fraction) = match &rounded {
        Some(text) => text.split_once('.').unwrap_or((text, "")),
        None => (whole, fraction),
    };
    let mut out = String::with_capacity(whole.len() + 8);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && whole.len() >= GROUPED_FROM && (whole.len() - at).is_multiple_of(3) {
            out.push_str(thousands);
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push_str(decimal);
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{settings, tidy};

    #[test]
    fn numbers_are_written_in_groups_and_without_what_says_nothing() {
        for (text, expected) in [
            ("2000.00/s", "2,000/s"),
            ("51176.2/s", "51,176/s"),
            ("2,000.00/s", "2,000/s"),
            ("1,2,3", "1,2,3"),
            ("999.96/s", "1,000.0/s"),
            ("99.981 %", "99.981 %"),
            ("100.000 %", "100 %"),
            ("12.50 ms ± 0.25 ms", "12.50 ms ± 0.25 ms"),
            ("1.00", "1"),
            ("-1234567", "-1,234,567"),
            ("3 of 12000", "3 of 12,000"),
            ("p99 1.00 s (0.50 s..12000.4 s), 3.00 % fail.", "p99 1 s (0.50 s..12,000 s), 3 % fail."),
            ("100", "100"),
        ] {
            assert_eq!(tidy(text, ",", "."), expected, "{text}");
        }
        assert_eq!(tidy("as is: 32,382.18 EUR, 23,638,798 a month", ".", ","), "as is: 32.382 EUR, 23.638.798 a month");
        assert_eq!(tidy("1234.5 ms, 12,345.6/s, 0.25/s", ".", ","), "1.234 ms, 12.346/s, 0,25/s");
    }

    #[test]
    fn what_only_looks_like_a_number_stays() {
        for text in [
            "Black Friday 2026 (today)",
            "2026-11-22",
            "2026/11/22",
            "1.10.0",
            "`1500.00` in code",
            "ISO 3166-1",
            "v2000.00",
            "0010",
            "12:30:00",
            "",
        ] {
            assert_eq!(tidy(text, ",", "."), text);
        }
    }

    #[test]
    fn settings_have_a_space_before_their_unit() {
        let told = |text| settings(text, ",", ".");
        assert_eq!(told("connect 250ms, read 2500ms"), "connect 250 ms, read 2,500 ms");
        assert_eq!(told("batch 10000, wait 5s"), "batch 10,000, wait 5 s");
        assert_eq!(told("1536Mi"), "1536Mi");
        assert_eq!(told("2000/s"), "2,000/s");
        assert_eq!(told("ordering/order-api 2500mz"), "ordering/order-api 2500mz");
    }
}
