//! "Did you mean": the nearest known names to one that is not known.

/// How many candidates are shown at most.
pub const CANDIDATES_MAX: usize = 3;

/// The candidates nearest to `wanted`, best first, at most [`CANDIDATES_MAX`]; none when nothing is near.
///
/// Near is an optimal-string-alignment distance (insertions, deletions, substitutions, swaps of neighbours) of at most
/// a third of the longer name, case ignored; a name whose last path segment equals the wanted one counts as near.
///
/// ```
/// use loko_source::suggest::nearest;
/// assert_eq!(nearest("shop/ordr-api", ["shop/order-api", "shop/web"]), ["shop/order-api"]);
/// ```
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    nearest_of(wanted, known.into_iter().map(|name| (name, name))).into_iter().map(|(name, _)| name).collect()
}

/// The same where things have several names each: the things with a name near to `wanted`, best first, each once with that
/// name.
///
/// ```
/// use loko_source::suggest::nearest_of;
/// let known = [("Shipper", 1), ("shipper", 1), ("Shop", 2), ("shop", 2)];
/// assert_eq!(nearest_of("shiper", known), [("Shipper", 1)]);
/// ```
pub fn nearest_of<'a, T: Ord>(wanted: &str, known: impl IntoIterator<Item = (&'a str, T)>) -> Vec<(&'a str, T)> {
    let wanted_lower: Vec<char> = wanted.to_lowercase().chars().collect();
    let wanted_letters = letters(&wanted_lower);
    let last = wanted.rsplit('/').next().unwrap_or(wanted).to_lowercase();
    let mut scored: Vec<(usize, &str, T)> = known
        .into_iter()
        .filter_map(|(name, thing)| {
            let lower: Vec<char> = name.to_lowercase().chars().collect();
            let limit = wanted_lower.len().max(lower.len()).div_ceil(3);
            if wanted_lower.len().abs_diff(lower.len()) <= limit && unlike(&wanted_letters, &letters(&lower)) <= limit {
                let distance = distance(&wanted_lower, &lower);
                if distance <= limit {
                    return Some((distance, name, thing));
                }
            }
            let same_end = !last.is_empty() && name.rsplit('/').next().is_some_and(|end| end.to_lowercase() == last);
            same_end.then_some((limit, name, thing))
        })
        .collect();
    scored.sort();
    let mut found: Vec<(&str, T)> = Vec::new();
    for (_, name, thing) in scored {
        if found.len() == CANDIDATES_MAX {
            break;
        }
        if found.iter().all(|(_, other)| *other != thing) {
            found.push((name, thing));
        }
    }
    found
}

/// How often each letter occurs; letters that fall together only make names look more alike.
fn letters(name: &[char]) -> [u8; 32] {
    let mut counts = [0_u8; 32];
    for letter in name {
        let count = &mut counts[*letter as usize % 32];
        *count = count.saturating_add(1);
    }
    counts
}

/// The fewest edits that lead from some letters to others, whatever their order: a name that needs more is not near, which
/// is seen much faster than its distance.
fn unlike(a: &[u8; 32], b: &[u8; 32]) -> usize {
    let (mut missing, mut surplus) = (0_usize, 0_usize);
    for (a, b) in a.iter().zip(b) {
        missing += usize::from(a.saturating_sub(*b));
        surplus += usize::from(b.saturating_sub(*a));
    }
    missing.max(surplus)
}

/// "did you mean `a`, `b` or `c`?", or nothing when no candidate is near.
pub fn did_you_mean<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    question(&nearest(wanted, known))
}

/// "did you mean `a`, `b` or `c`?"; nothing for no names.
pub fn question(names: &[&str]) -> Option<String> {
    let (last, rest) = names.split_last()?;
    let rest: Vec<String> = rest.iter().map(|name| format!("`{name}`")).collect();
    Some(if rest.is_empty() {
        format!("did you mean `{last}`?")
    } else {
        format!("did you mean {} or `{last}`?", rest.join(", "))
    })
}

/// The optimal-string-alignment distance: insertions, deletions, substitutions and swaps of neighbours.
pub fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let substitution = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substitution.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}
