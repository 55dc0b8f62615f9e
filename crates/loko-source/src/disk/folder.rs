//! An open folder: its entries, and what lies directly in it, found from the folder and not by long paths.
//!
//! On Linux the folder is a descriptor, so that the system looks up one name and not a path of ten, and nobody can put a
//! link in its way meanwhile (`openat` with `O_NOFOLLOW`). Elsewhere it is a path.

use super::cache::Stamp;
use std::io;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    File,
    Link,
    Other,
}

#[cfg(target_os = "linux")]
mod system {
    use super::{Kind, Stamp, io};
    use rustix::fs::{AtFlags, FileType, Mode, OFlags, RawDir, Stat, fstat, openat, statat};
    use rustix::io::Errno;
    use std::cell::RefCell;
    use std::ffi::{CStr, CString};
    use std::fs::File;
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    /// What a thread lists folders into; a name has at most 255 bytes, so that any entry fits.
    const LIST_BYTES: usize = 32 * 1024;

    thread_local! {
        static LIST: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }

    /// The name of an entry, as the system has it.
    pub(in crate::disk) type Name = CString;

    pub(in crate::disk) struct Folder(OwnedFd);

    const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

    impl Folder {
        pub(in crate::disk) fn open(path: &Path) -> io::Result<Self> {
            Ok(Self(again(|| rustix::fs::open(path, FOLDER, Mode::empty()))?))
        }

        /// A folder in this one; never by a link.
        pub(in crate::disk) fn folder(&self, name: &Name) -> io::Result<Self> {
            Ok(Self(again(|| openat(&self.0, name, FOLDER | OFlags::NOFOLLOW, Mode::empty()))?))
        }

        /// A folder below this one; never by a link.
        pub(in crate::disk) fn below(&self, path: &str) -> io::Result<Self> {
            let mut parts = path.split('/').map(CString::new);
            let first = parts.next().ok_or(io::ErrorKind::NotFound)??;
            parts.try_fold(self.folder(&first)?, |above, name| above.folder(&name?))
        }

        /// A file in a folder below this one; never by a link.
        pub(in crate::disk) fn file_below(&self, folder: &str, name: &str) -> io::Result<File> {
            self.below(folder)?.file(&CString::new(name)?)
        }

        /// What this folder is now.
        pub(in crate::disk) fn stamp(&self) -> Option<Stamp> {
            fstat(&self.0).ok().as_ref().map(stamp)
        }

        /// What a folder below this one is now; nothing when it is none.
        pub(in crate::disk) fn folder_stamp(&self, path: &str) -> Option<Stamp> {
            self.stamp_of(path, FileType::Directory)
        }

        /// What a file below this folder is now; nothing when it is none.
        pub(in crate::disk) fn file_stamp(&self, path: &str) -> Option<Stamp> {
            self.stamp_of(path, FileType::RegularFile)
        }

        fn stamp_of(&self, path: &str, kind: FileType) -> Option<Stamp> {
            let stat = statat(&self.0, path, AtFlags::SYMLINK_NOFOLLOW).ok()?;
            (FileType::from_raw_mode(stat.st_mode) == kind).then(|| stamp(&stat))
        }

        /// A file in this folder; never by a link.
        pub(in crate::disk) fn file(&self, name: &Name) -> io::Result<File> {
            let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
            Ok(again(|| openat(&self.0, name, flags, Mode::empty()))?.into())
        }

        /// All entries, in the system's order.
        pub(in crate::disk) fn each(&self, mut take: impl FnMut(Name, Kind)) -> io::Result<()> {
            LIST.with_borrow_mut(|list| {
                list.reserve(LIST_BYTES);
                let buffer: &mut [MaybeUninit<u8>] = list.spare_capacity_mut();
                let mut entries = RawDir::new(&self.0, buffer);
                while let Some(entry) = entries.next() {
                    let entry = match entry {
                        Ok(entry) => entry,
                        Err(Errno::INTR) => continue,
                        Err(error) => return Err(error.into()),
                    };
                    let name = entry.file_name();
                    if name != c"." && name != c".." {
                        take(name.to_owned(), self.kind(name, entry.file_type()));
                    }
                }
                Ok(())
            })
        }

        fn kind(&self, name: &CStr, kind: FileType) -> Kind {
            match kind {
                FileType::Directory => Kind::Folder,
                FileType::RegularFile => Kind::File,
                FileType::Symlink => Kind::Link,
                // Some file systems do not keep kinds beside names.
                FileType::Unknown => match statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) if FileType::from_raw_mode(stat.st_mode) != FileType::Unknown => {
                        self.kind(name, FileType::from_raw_mode(stat.st_mode))
                    }
                    _ => Kind::Other,
                },
                _ => Kind::Other,
            }
        }
    }

    /// What an open file is now.
    pub(in crate::disk) fn stamp_of_file(file: &File) -> Option<Stamp> {
        fstat(file).ok().as_ref().map(stamp)
    }

    #[allow(clippy::unnecessary_cast, reason = "the types differ between processors")]
    fn stamp(stat: &Stat) -> Stamp {
        Stamp {
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as u32),
            changed: (stat.st_ctime as i64, stat.st_ctime_nsec as u32),
            size: stat.st_size as u64,
            inode: stat.st_ino as u64,
            device: stat.st_dev as u64,
        }
    }

    fn again<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> io::Result<T> {
        loop {
            match call() {
                Err(Errno::INTR) => {}
                outcome => return Ok(outcome?),
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{Kind, Stamp, io};
    use std::ffi::OsString;
    use std::fs::{self, File};
    use std::path::{Path, PathBuf};

    /// The name of an entry, as the system has it.
    pub(in crate::disk) type Name = OsString;

    pub(in crate::disk) struct Folder(PathBuf);

    /// What an open file is now: not known here.
    pub(in crate::disk) fn stamp_of_file(_file: &File) -> Option<Stamp> {
        None
    }

    impl Folder {
        pub(in crate::disk) fn open(path: &Path) -> io::Result<Self> {
            fs::read_dir(path)?;
            Ok(Self(path.to_owned()))
        }

        /// A folder in this one.
        pub(in crate::disk) fn folder(&self, name: &Name) -> io::Result<Self> {
            Self::open(&self.0.join(name))
        }

        /// A folder below this one.
        pub(in crate::disk) fn below(&self, path: &str) -> io::Result<Self> {
            Self::open(&self.0.join(path))
        }

        /// A file in a folder below this one.
        pub(in crate::disk) fn file_below(&self, folder: &str, name: &str) -> io::Result<File> {
            File::open(self.0.join(folder).join(name))
        }

        /// What this folder is now: not known here, so that nothing is kept.
        pub(in crate::disk) fn stamp(&self) -> Option<Stamp> {
            None
        }

        /// See [`Folder::stamp`].
        pub(in crate::disk) fn folder_stamp(&self, _path: &str) -> Option<Stamp> {
            None
        }

        /// See [`Folder::stamp`].
        pub(in crate::disk) fn file_stamp(&self, _path: &str) -> Option<Stamp> {
            None
        }

        /// A file in this folder.
        pub(in crate::disk) fn file(&self, name: &Name) -> io::Result<File> {
            File::open(self.0.join(name))
        }

        /// All entries, in the system's order.
        pub(in crate::disk) fn each(&self, mut take: impl FnMut(Name, Kind)) -> io::Result<()> {
            for entry in fs::read_dir(&self.0)? {
                let entry = entry?;
                let kind = match entry.file_type() {
                    Ok(kind) if kind.is_dir() => Kind::Folder,
                    Ok(kind) if kind.is_file() => Kind::File,
                    Ok(kind) if kind.is_symlink() => Kind::Link,
                    _ => Kind::Other,
                };
                take(entry.file_name(), kind);
            }
            Ok(())
        }
    }
}

pub(super) use system::{Folder, Name, stamp_of_file};

/// The name as a text; what is not UTF-8 becomes U+FFFD.
pub(super) fn text(name: &Name) -> std::borrow::Cow<'_, str> {
    name.to_string_lossy()
}
