//! Paths of imports and icons: `/`-separated, worked on as texts.

/// The shortest path that means the same: no `.`, no empty parts, `..` resolved where it can be; `.` for nothing.
pub(crate) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&"..") | None if !rooted => parts.push(".."),
                None => {}
                _ => {
                    parts.pop();
                }
            },
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// A path below a folder, cleaned; the folder `.` or `` is no folder.
pub(crate) fn join(folder: &str, path: &str) -> String {
    if folder.is_empty() || path.starts_with('/') { clean(path) } else { clean(&format!("{folder}/{path}")) }
}

/// The folder of a path, `.` when it has none.
pub(crate) fn folder(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) => clean(if folder.is_empty() { "/" } else { folder }),
        None => ".".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shortened() {
        for (path, expected) in [
            ("", "."),
            ("./", "."),
            ("../", ".."),
            ("a/../b", "b"),
            ("../../x", "../../x"),
            ("/..", "/"),
            ("a//b/.", "a/b"),
        ] {
            assert_eq!(clean(path), expected, "{path}");
        }
        assert_eq!(join("a/b", "../c.d2"), "a/c.d2");
        assert_eq!(join(".", "c"), "c");
        assert_eq!(folder("a/b/c"), "a/b");
        assert_eq!(folder("c"), ".");
    }
}
