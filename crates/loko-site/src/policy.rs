//! The content security policy of a page: nothing but the site's own files, and of what stands in the page itself only
//! the style sheets of its pictures, each by its hash.
//!
//! Content Security Policy Level 3, <https://www.w3.org/TR/CSP3/>. The policy stands in the page, so that it holds wherever
//! the site is published. `file:` is for readers who open pages from a disk; pages from a server cannot load such addresses.

use memchr::memmem;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What the template has in the policy's place.
const PLACE: &str = "{policy}";

/// The page with its policy.
pub(crate) fn stated(page: &str) -> String {
    page.replacen(PLACE, &policy(page), 1)
}

/// The page with a policy that lets in nothing but what stands in the page itself.
pub(crate) fn alone(page: &str) -> String {
    let mut policy = "default-src 'none'; script-src".to_owned();
    push_hashes(&mut policy, page, "script");
    policy.push_str("; img-src data:; font-src data:; style-src");
    push_hashes(&mut policy, page, "style");
    policy.push_str("; base-uri 'none'; form-action 'none'");
    page.replacen(PLACE, &policy, 1)
}

fn policy(page: &str) -> String {
    let mut policy = "default-src 'none'; script-src 'self' file:".to_owned();
    push_hashes(&mut policy, page, "script");
    policy.push_str(
        "; connect-src 'self'; img-src 'self' file: data:; font-src 'self' file: data:; style-src 'self' file:",
    );
    push_hashes(&mut policy, page, "style");
    policy.push_str("; frame-src 'self'; base-uri 'none'; form-action 'none'");
    policy
}

/// Adds the hashes of all elements of a name that have no attributes, each once.
fn push_hashes(policy: &mut String, page: &str, element: &str) {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let close = memmem::Finder::new(&close);
    let text = |start: usize| {
        let rest = &page.as_bytes()[start + open.len()..];
        close.find(rest).map(|end| base64(&Sha256::digest(&rest[..end])))
    };
    let hashes: BTreeSet<String> = memmem::find_iter(page.as_bytes(), &open).filter_map(text).collect();
    for hash in hashes {
        let _ = write!(policy, " 'sha256-{hash}'");
    }
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648, section 4.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let three = [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_styles_of_the_page_are_let_in() {
        let page = "<meta content=\"{policy}\"><svg><style>a{fill:red}</style></svg>";
        let stated = stated(page);
        // printf 'a{fill:red}' | openssl dgst -sha256 -binary | base64
        assert!(stated.contains("style-src 'self' file: 'sha256-"), "{stated}");
        assert!(!stated.contains("unsafe"), "{stated}");
        assert!(stated.ends_with("<svg><style>a{fill:red}</style></svg>"));
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        let cases = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (text, expected) in cases {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }
}
