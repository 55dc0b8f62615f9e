//! Fingerprints: what a file was made from, in 64 bits, so that a second build makes only what changed.
//!
//! A fingerprint covers everything that a file's bytes depend on, this crate's version and templates included. It is
//! compared with one that the same program wrote earlier on the same machine; it is no checksum for anybody else.

use foldhash::quality::{FixedState, FoldHasher};
use loko_source::FilePath;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};

/// What a file was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// The fingerprint that 16 hexadecimal digits name.
    ///
    /// ```
    /// use loko_site::Fingerprint;
    /// let fingerprint = Fingerprint::parse("00ff00ff00ff00ff").unwrap();
    /// assert_eq!(fingerprint.to_string(), "00ff00ff00ff00ff");
    /// assert_eq!(Fingerprint::parse("-"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 16 {
            return None;
        }
        u64::from_str_radix(text, 16).ok().map(Self)
    }
}

impl From<u64> for Fingerprint {
    fn from(bits: u64) -> Self {
        Self(bits)
    }
}

impl From<Fingerprint> for u64 {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The fingerprints of the files of an earlier build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Previous(BTreeMap<FilePath, Fingerprint>);

impl Previous {
    /// Nothing was built before.
    pub fn new() -> Self {
        Self::default()
    }

    /// Remembers a file that is still there as it was written.
    pub fn insert(&mut self, path: FilePath, fingerprint: Fingerprint) {
        self.0.insert(path, fingerprint);
    }

    /// Whether there is such a file.
    pub(crate) fn knows(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// Whether the file was made from the same.
    pub(crate) fn has(&self, path: &str, fingerprint: Fingerprint) -> bool {
        self.0.get(path) == Some(&fingerprint)
    }
}

impl FromIterator<(FilePath, Fingerprint)> for Previous {
    fn from_iter<T: IntoIterator<Item = (FilePath, Fingerprint)>>(files: T) -> Self {
        Self(files.into_iter().collect())
    }
}

/// Room for what most pages are made from.
const BUFFER_BYTES: usize = 4096;

/// Collects what a file is made from.
pub(crate) struct Ingredients {
    hasher: FoldHasher<'static>,
    buffer: Vec<u8>,
}

impl Ingredients {
    /// Begins with a kind of file; different kinds never share a fingerprint by having the same ingredients.
    pub(crate) fn of(kind: &str) -> Self {
        let mut ingredients = Self { hasher: FixedState::default().build_hasher(), buffer: Vec::new() };
        ingredients.text(env!("CARGO_PKG_VERSION"));
        ingredients.text(kind);
        ingredients
    }

    /// Adds a text.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// Adds texts, and how many they are.
    pub(crate) fn texts(&mut self, texts: &[String]) -> &mut Self {
        self.hasher.write_usize(texts.len());
        for text in texts {
            self.text(text);
        }
        self
    }

    /// Adds bytes.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.hasher.write_usize(bytes.len());
        self.hasher.write(bytes);
        self
    }

    /// Adds another fingerprint.
    pub(crate) fn fingerprint(&mut self, fingerprint: Fingerprint) -> &mut Self {
        self.hasher.write_u64(fingerprint.0);
        self
    }

    /// Adds anything that can be written down.
    pub(crate) fn data(&mut self, data: &impl Serialize) -> &mut Self {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        buffer.reserve(BUFFER_BYTES);
        crate::bytes::append(&mut buffer, data);
        self.bytes(&buffer);
        self.buffer = buffer;
        self
    }

    /// The fingerprint.
    pub(crate) fn finish(&self) -> Fingerprint {
        Fingerprint(self.hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_ingredients_do_not_run_together() {
        let one = Ingredients::of("page").text("ab").text("c").finish();
        let other = Ingredients::of("page").text("a").text("bc").finish();
        assert_ne!(one, other);
        assert_eq!(one, Ingredients::of("page").text("ab").text("c").finish());
    }
}
