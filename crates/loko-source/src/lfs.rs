//! Git LFS: large files that git keeps only a pointer of.

use crate::{Diagnostic, Snapshot};

/// How a pointer begins.
const START: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";
/// A pointer is no longer than this, says its specification.
const BYTES_MAX: usize = 1024;

/// The id of the file that stands elsewhere, when these bytes are a pointer to it.
pub fn pointer(bytes: &[u8]) -> Option<&str> {
    let bytes = Some(bytes).filter(|bytes| bytes.len() < BYTES_MAX && bytes.starts_with(START))?;
    let id = std::str::from_utf8(bytes).ok()?.lines().find_map(|line| line.strip_prefix("oid sha256:"))?;
    (id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(id)
}

/// Where a file is kept in the repository, once it is fetched.
#[cfg(feature = "git")]
pub(crate) fn place(id: &str) -> String {
    format!("lfs/objects/{}/{}/{id}", &id[..2], &id[2..4])
}

/// The pictures and the like of which only pointers are there.
pub fn findings(snapshot: &Snapshot) -> Vec<Diagnostic> {
    let pointers = snapshot.assets().filter(|(_, bytes)| pointer(bytes).is_some());
    let finding = |path: &crate::FilePath| {
        Diagnostic::warning("unfetched-file", format!("`{path}` is only a pointer of Git LFS to the file"))
            .help("`git lfs pull` fetches the file")
    };
    pointers.map(|(path, _)| finding(path)).collect()
}

#[cfg(test)]
mod tests {
    use super::pointer;

    #[test]
    fn a_pointer_names_a_file() {
        let id = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
        let text = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize 12345\n");
        assert_eq!(pointer(text.as_bytes()), Some(id));
        for other in [text.replace("4d7a", "../."), text.replace("spec/v1", "spec/v9"), String::new(), text.repeat(9)] {
            assert_eq!(pointer(other.as_bytes()), None, "{other}");
        }
    }
}
