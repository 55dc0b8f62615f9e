//! Shelves of the user's cache folder: what one run leaves there for the next, a file for each workspace.
//!
//! What lies there is a help and never a need: a file that is missing, damaged, too large, of another workspace or of
//! another form is no file, and nobody is told. It is its owner's alone, and it is whole or not there at all.

use super::output::ABANDONED_AFTER;
use super::{TEMPORARY, TEMPORARY_LETTERS};
use rustc_hash::FxHasher;
use std::hash::{Hash as _, Hasher as _};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// What every file begins with; the number is that of the form, a checksum follows.
const MAGIC: &[u8; 16] = b"loko cache 003\r\n";
const HEAD: usize = MAGIC.len() + 8;

/// What lies on a shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The ending of the files.
    pub ending: &'static str,
    /// How many workspaces have one; the one that was written longest ago makes room.
    pub files_max: usize,
    /// Larger files are neither written nor read.
    pub bytes_max: u64,
}

/// The place of one workspace on a shelf.
#[derive(Clone, Debug)]
pub struct Shelf {
    sort: Sort,
    folder: PathBuf,
    file: PathBuf,
    root: PathBuf,
}

/// What lay on a shelf.
#[derive(Clone, Debug)]
pub struct Kept(Vec<u8>);

impl Deref for Kept {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0[HEAD..]
    }
}

impl Shelf {
    /// The place of the workspace with this root.
    pub fn of(folder: &Path, root: &Path, sort: Sort) -> Self {
        let mut hasher = FxHasher::default();
        root.hash(&mut hasher);
        let file = folder.join(format!("{:016x}.{}", hasher.finish(), sort.ending));
        Self { sort, folder: folder.to_owned(), file, root: root.to_owned() }
    }

    /// What lies there, if it is whole.
    #[must_use]
    pub fn read(&self) -> Option<Kept> {
        let metadata = fs::symlink_metadata(&self.file).ok()?;
        if !metadata.is_file() || metadata.len() > self.sort.bytes_max + HEAD as u64 {
            return None;
        }
        let bytes = fs::read(&self.file).ok()?;
        let (sum, body) = bytes.strip_prefix(MAGIC)?.split_at_checked(HEAD - MAGIC.len())?;
        (self.checksum(body) == sum).then_some(Kept(bytes))
    }

    /// Puts something there in place of what was. Where that fails or it is too large, the next run takes as long as this
    /// one, and that is all.
    pub fn keep(&self, body: &[u8]) {
        if body.len() as u64 <= self.sort.bytes_max {
            let _ = self.write(body);
        }
    }

    fn write(&self, body: &[u8]) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)?;
        self.make_room()?;
        let mut file =
            tempfile::Builder::new().prefix(TEMPORARY).rand_bytes(TEMPORARY_LETTERS).tempfile_in(&self.folder)?;
        for part in [&MAGIC[..], &self.checksum(body), body] {
            io::Write::write_all(&mut file, part)?;
        }
        super::take_place(file, &self.file)
    }

    /// Takes the oldest files away when there are too many, and what runs left behind that were stopped while they wrote.
    fn make_room(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let path = entry.path();
            let is_unfinished = entry.file_name().to_str().is_some_and(|name| name.starts_with(TEMPORARY));
            let is_other = path != self.file && path.extension().is_some_and(|it| it == self.sort.ending);
            if !is_unfinished && !is_other {
                continue;
            }
            // Somebody else may have taken it away meanwhile.
            let Ok(modified) = fs::symlink_metadata(&path).and_then(|metadata| metadata.modified()) else { continue };
            if is_other {
                files.push((modified, path));
            } else if modified.elapsed().is_ok_and(|age| age >= ABANDONED_AFTER) {
                let _ = fs::remove_file(path);
            }
        }
        files.sort();
        let excess = (files.len() + 1).saturating_sub(self.sort.files_max);
        files.into_iter().take(excess).for_each(|(_, path)| _ = fs::remove_file(path));
        Ok(())
    }

    /// Tells a file that was written whole for this workspace from others; it is no protection against anybody.
    fn checksum(&self, body: &[u8]) -> [u8; HEAD - MAGIC.len()] {
        let mut hasher = FxHasher::default();
        self.root.hash(&mut hasher);
        hasher.write(body);
        hasher.finish().to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const SORT: Sort = Sort { ending: "things", files_max: 3, bytes_max: 100 };

    fn entries(folder: &Path) -> usize {
        fs::read_dir(folder).map_or(0, Iterator::count)
    }

    #[test]
    fn what_is_kept_is_there_again_until_it_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("a/b");
        let shelf = Shelf::of(&below, Path::new("/shop"), SORT);
        assert!(shelf.read().is_none());
        shelf.keep(b"once");
        shelf.keep(b"twice");
        assert_eq!(&*shelf.read().unwrap(), b"twice");
        // It is of that workspace and of no other, whatever its file is called.
        let other = Shelf { file: shelf.file.clone(), ..Shelf::of(&below, Path::new("/pub"), SORT) };
        assert!(other.read().is_none());
        // Too much is not kept; what was there stays.
        shelf.keep(&[7; 101]);
        assert_eq!(&*shelf.read().unwrap(), b"twice");
        let mut bytes = fs::read(&shelf.file).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&shelf.file, bytes).unwrap();
        assert!(shelf.read().is_none());
        fs::write(&shelf.file, b"loko").unwrap();
        assert!(shelf.read().is_none());
    }

    #[test]
    fn the_oldest_make_room_and_leftovers_go() {
        let folder = tempfile::tempdir().unwrap();
        let old = std::time::SystemTime::now() - 2 * ABANDONED_AFTER;
        let aged = |path: &Path, time| fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
        for (at, root) in ["/a", "/b", "/c"].into_iter().enumerate() {
            let shelf = Shelf::of(folder.path(), Path::new(root), SORT);
            shelf.keep(root.as_bytes());
            aged(&shelf.file, old + std::time::Duration::from_secs(at as u64));
        }
        for name in [".loko-aBc123", ".loko-fresh1", "foreign"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        aged(&folder.path().join(".loko-aBc123"), old);
        aged(&folder.path().join("foreign"), old);
        Shelf::of(folder.path(), Path::new("/d"), SORT).keep(b"new");
        let read = |root: &str| Shelf::of(folder.path(), Path::new(root), SORT).read().is_some();
        assert_eq!(["/a", "/b", "/c", "/d"].map(read), [false, true, true, true]);
        assert_eq!(entries(folder.path()), 3 + 2, "what is fresh and what is nobody's stays");
    }
}
