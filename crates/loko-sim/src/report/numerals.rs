//! Numbers as people read them: groups of three digits, nothing after a plain 0.

/// A number with so many digits behind the point, and commas between thousands.
pub(crate) fn grouped(value: f64, digits: usize) -> String {
    let plain = format!("{value:.digits$}");
    if !value.is_finite() {
        return plain;
    }
    let (sign, rest) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
    let (whole, behind) = rest.find('.').map_or((rest, ""), |at| rest.split_at(at));
    let mut out = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + behind
}

/// A text whose numbers have commas between thousands. Names keep their digits: only what has a fraction, is a rate or
/// has five digits and more is taken for a number.
pub(super) fn in_groups(text: &str) -> String {
    const NUMBER_MIN: usize = 5;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (whole, behind) = from.split_at(digits(from));
        let fraction = behind.strip_prefix('.').map_or(0, digits);
        let (fraction, after) = behind.split_at(if fraction > 0 { fraction + 1 } else { 0 });
        // A sign may stand before a number, but a dash in a name is none.
        let bare = out.strip_suffix(['+', '-']).unwrap_or(&out);
        let begins = bare.chars().next_back().is_none_or(|c| c == ' ' || c == '(');
        let ends = !after.starts_with(|c: char| c.is_alphanumeric() || "_-,.".contains(c)) || after.starts_with(", ");
        let counts = !fraction.is_empty() || after.starts_with("/s") || whole.len() >= NUMBER_MIN;
        match whole.parse::<f64>() {
            Ok(value) if begins && (ends || after == ".") && counts => out.push_str(&grouped(value, 0)),
            _ => out.push_str(whole),
        }
        out.push_str(fraction);
        rest = after;
    }
    out + rest
}

/// How long a scenario lasts, in the largest unit that leaves nothing over.
pub(super) fn lasting(seconds: f64) -> String {
    const UNITS: [(f64, &str); 3] = [(86_400.0, "days"), (3_600.0, "h"), (60.0, "min")];
    let whole = |unit: f64| seconds >= 2.0 * unit && (seconds / unit).fract() == 0.0;
    match UNITS.into_iter().find(|(unit, _)| whole(*unit)) {
        Some((unit, name)) => format!("{} {name}", grouped(seconds / unit, 0)),
        None => crate::compile::show(seconds),
    }
}

#[cfg(test)]
mod tests {
    use super::{grouped, in_groups, lasting};

    #[test]
    fn thousands_are_apart() {
        let all = [(0.0, 0), (999.0, 0), (1_000.0, 0), (-51_176.25, 1), (1_234_567.0, 0), (f64::INFINITY, 2)];
        let told: Vec<String> = all.iter().map(|(value, digits)| grouped(*value, *digits)).collect();
        assert_eq!(told, ["0", "999", "1,000", "-51,176.2", "1,234,567", "inf"]);
    }

    #[test]
    fn numbers_in_a_text_are_grouped_and_names_stay() {
        let told = in_groups("with 2000 users: 4215.91 ± 1606.39 EUR, 3077615 a month, +4943.43, 1500/s, 12345.");
        assert_eq!(told, "with 2000 users: 4,215.91 ± 1,606.39 EUR, 3,077,615 a month, +4,943.43, 1,500/s, 12,345.");
        for name in ["farm-10000", "lab/q12345 → v1234.5.6", "2000rps", "99.95 %", "p99 20.0 ms", "10000x", ""] {
            assert_eq!(in_groups(name), name);
        }
    }

    #[test]
    fn durations_have_the_unit_that_fits() {
        assert_eq!(
            [20.0, 61.0, 1_200.0, 10_800.0, 604_800.0].map(lasting),
            ["20.0 s", "61.0 s", "20 min", "3 h", "7 days"]
        );
    }
}
