//! Matching names and ids against patterns with `*` and `?`.
//!
//! `*` matches any characters but `/`, `**` those too, `?` exactly one character but `/`. Letters match in any case.

/// Whether a text is a pattern rather than a word.
pub fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// A pattern, ready to be matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Piece>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Character(char),
    One,
    Some,
    Any,
}

impl Pattern {
    /// Reads a pattern.
    pub fn new(text: &str) -> Self {
        let mut pieces = Vec::new();
        for character in text.chars().flat_map(char::to_lowercase) {
            match (character, pieces.last_mut()) {
                ('*', Some(last @ (Piece::Some | Piece::Any))) => *last = Piece::Any,
                ('*', _) => pieces.push(Piece::Some),
                ('?', _) => pieces.push(Piece::One),
                (character, _) => pieces.push(Piece::Character(character)),
            }
        }
        Self(pieces)
    }

    /// Whether the whole text matches. Takes time proportional to the product of both lengths, whatever they hold.
    pub fn matches(&self, text: &str) -> bool {
        // `fits[i]`: the first i pieces match all of the text read so far.
        let mut fits = vec![false; self.0.len() + 1];
        fits[0] = true;
        self.skip_empty(&mut fits);
        for character in text.chars().flat_map(char::to_lowercase) {
            let mut after = vec![false; fits.len()];
            for (at, piece) in self.0.iter().enumerate().filter(|(at, _)| fits[*at]) {
                match piece {
                    Piece::Character(wanted) => after[at + 1] |= *wanted == character,
                    Piece::One => after[at + 1] |= character != '/',
                    Piece::Some => after[at] |= character != '/',
                    Piece::Any => after[at] = true,
                }
            }
            fits = after;
            self.skip_empty(&mut fits);
        }
        fits[self.0.len()]
    }

    /// Stars also match nothing.
    fn skip_empty(&self, fits: &mut [bool]) {
        for (at, piece) in self.0.iter().enumerate() {
            if fits[at] && matches!(piece, Piece::Some | Piece::Any) {
                fits[at + 1] = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_texts() {
        let cases = [
            ("order*", "Order API", true),
            ("order*", "My order", false),
            ("*api", "Order API", true),
            ("o?der", "order", true),
            ("o?der", "oder", false),
            ("shop/*", "shop/order-api", true),
            ("shop/*", "shop/order-api/checkout", false),
            ("shop/**", "shop/order-api/checkout", true),
            ("**/checkout", "shop/order-api/checkout", true),
            ("shop/?", "shop//", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("caf*", "CAFÉ", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(Pattern::new(pattern).matches(text), expected, "{pattern} against {text}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = Pattern::new(&"*a".repeat(500));
        assert!(!pattern.matches(&"a".repeat(400)));
        assert!(pattern.matches(&"ba".repeat(600)));
    }
}
