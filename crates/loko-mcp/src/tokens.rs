//! Counting tokens as a model does, with the vocabulary `o200k_base`, which is part of the program.
//!
//! Other models cut texts otherwise; their counts differ by some percent. The vocabulary is read when it is first needed.

use std::sync::OnceLock;
use tiktoken_rs::CoreBPE;

static VOCABULARY: OnceLock<CoreBPE> = OnceLock::new();

fn vocabulary() -> &'static CoreBPE {
    VOCABULARY.get_or_init(|| tiktoken_rs::o200k_base().expect("the vocabulary is part of the program"))
}

/// How many tokens a text has.
pub fn count(text: &str) -> usize {
    vocabulary().count_ordinary(text)
}

/// Reads the vocabulary, so that the first question need not wait for it.
pub(crate) fn warm_up() {
    vocabulary();
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_counted() {
        assert_eq!(super::count(""), 0);
        assert_eq!(super::count("hello world"), 2);
        assert!(super::count("architecture as code") <= 4);
    }
}
