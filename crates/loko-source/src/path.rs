//! Names of files in a workspace: relative, `/`-separated, never out of it.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// A path relative to the workspace root: `/`-separated parts, none of them empty, `.` or `..`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FilePath(Arc<str>);

/// Why a text is no path inside a workspace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` {reason}")]
pub struct PathError {
    /// The text that was given.
    pub path: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl FilePath {
    /// Reads a path; `\` counts as `/` and a leading `./` is dropped.
    ///
    /// ```
    /// use loko_source::FilePath;
    /// assert_eq!(FilePath::new("./src/shop/system.md").unwrap().as_str(), "src/shop/system.md");
    /// assert!(FilePath::new("../secret").is_err());
    /// assert!(FilePath::new("/etc/passwd").is_err());
    /// ```
    pub fn new(path: &str) -> Result<Self, PathError> {
        let refuse = |reason| Err(PathError { path: path.to_owned(), reason });
        if path.starts_with(['/', '\\']) || path.as_bytes().get(1) == Some(&b':') {
            return refuse("is absolute; paths are relative to the workspace");
        }
        if path.contains('\0') {
            return refuse("holds a NUL byte");
        }
        if is_clean(path) {
            return Ok(Self(path.into()));
        }
        let mut clean = String::with_capacity(path.len());
        for part in path.split(['/', '\\']) {
            match part {
                "" | "." => {}
                ".." => return refuse("leaves the workspace"),
                part => {
                    if !clean.is_empty() {
                        clean.push('/');
                    }
                    clean.push_str(part);
                }
            }
        }
        if clean.is_empty() {
            return refuse("names no file");
        }
        Ok(Self(clean.into()))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        &self.0[self.name_start()..]
    }

    /// What follows the last dot of the file name, if anything.
    pub fn extension(&self) -> Option<&str> {
        self.file_name().rsplit_once('.').map(|(_, extension)| extension)
    }

    /// The folder, or `""` for a file at the root.
    pub fn folder(&self) -> &str {
        &self.0[..self.name_start().saturating_sub(1)]
    }

    /// Where the last part begins. Names are short, so looking at the bytes from behind is the fastest way.
    fn name_start(&self) -> usize {
        self.0.bytes().rposition(|byte| byte == b'/').map_or(0, |slash| slash + 1)
    }

    /// A path below a folder (`""` is the root).
    pub fn below(folder: &str, name: &str) -> Result<Self, PathError> {
        if folder.is_empty() {
            return Self::new(name);
        }
        let mut path = String::with_capacity(folder.len() + 1 + name.len());
        path.push_str(folder);
        path.push('/');
        path.push_str(name);
        Self::new(&path)
    }
}

/// Whether a path that is not absolute is already written as it is kept; nearly all are. Parts that begin with a dot are left to who
/// looks closer.
fn is_clean(path: &str) -> bool {
    let mut begins = true;
    for byte in path.bytes() {
        match byte {
            b'/' | b'.' if begins => return false,
            b'\\' => return false,
            _ => begins = byte == b'/',
        }
    }
    !begins
}

impl Ord for FilePath {
    fn cmp(&self, other: &Self) -> Ordering {
        // Snapshots made from each other share their names.
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl PartialOrd for FilePath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl AsRef<str> for FilePath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for FilePath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl serde::Serialize for FilePath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
