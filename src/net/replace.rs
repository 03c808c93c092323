//! Replacing a file of somebody else's: whole or not at all, and only what was read before.

use std::{
    fs::{File, Metadata, Permissions},
    io::{Error, ErrorKind, Read, Result, Write},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use rustix::{
    fs::{
        Access, AtFlags, Gid, Mode, OFlags, RenameFlags, Uid, accessat, fchown, openat, renameat,
        renameat_with, unlinkat,
    },
    io::Errno,
};

use crate::inspect::world::{Inside, Replaced};

use super::folder;

/// What the file beside it is called, before and behind what makes the name its own. The end is one
/// that no reader of manifests looks for.
const BESIDE: (&str, &str) = (".sigscope-", ".tmp");
/// Names that are tried for it: another process may have the same number in another container.
const TRIES: usize = 16;

/// The file that is replaced, as it was when it was opened.
struct Target {
    path: PathBuf,
    /// Its folder; everything is done below this handle, whatever its path leads to by then.
    folder: File,
    name: PathBuf,
    metadata: Metadata,
}

/// See [`crate::inspect::Files::replace`].
pub(super) fn replace(inside: Inside<'_>, old: &[u8], new: &[u8]) -> Result<Replaced> {
    let target = Target::find(inside)?;
    target.must_be(&target.name, old)?;
    target.may_be_written()?;
    let (beside, file) = target.beside()?;
    let replaced = target.fill(file, new).and_then(|other_owner| {
        // As late as can be: an editor may have saved while it was looked up who signed.
        folder::inside(inside.0, inside.1)?;
        target.must_be(&target.name, old)?;
        target.take_its_place(&beside, old)?;
        Ok(Replaced { other_links: target.metadata.nlink().saturating_sub(1), other_owner })
    });
    let replaced = match replaced {
        Ok(replaced) => replaced,
        Err(e) => {
            // The first error is the one that tells.
            let _ = unlinkat(&target.folder, &beside, AtFlags::empty());
            return Err(e);
        }
    };
    // The file is whole in either case; this is about which of the two a power failure leaves.
    target.folder.sync_all().map_err(|e| {
        Error::new(e.kind(), format!("it was replaced, but its folder is not on the disk: {e}"))
    })?;
    Ok(replaced)
}

impl Target {
    fn find((base, name): Inside<'_>) -> Result<Self> {
        let path = folder::inside(base, name)?;
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(Error::new(ErrorKind::InvalidInput, "no name of a file"));
        };
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = File::from(rustix::fs::open(parent, flags, Mode::empty())?);
        let name = PathBuf::from(name);
        let metadata = open_in(&folder, &name)?.metadata()?;
        Ok(Self { path, folder, name, metadata })
    }

    /// Puts the new file where the old one is. Both change places in one step where the system can
    /// do that, and what came out is looked at: an editor that saved between the last look and this
    /// step gets its file back (CWE-367). Elsewhere that window stays open.
    fn take_its_place(&self, beside: &Path, old: &[u8]) -> Result<()> {
        let swap = || {
            let (folder, exchange) = (&self.folder, RenameFlags::EXCHANGE);
            renameat_with(folder, beside, folder, &self.name, exchange)
        };
        match swap() {
            Ok(()) => {}
            Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => {
                return Ok(renameat(&self.folder, beside, &self.folder, &self.name)?);
            }
            Err(e) => return Err(e.into()),
        }
        if let Err(changed) = self.must_be(beside, old) {
            swap().map_err(|e| {
                let kept = beside.display();
                let words = format!("{changed}; what was there is {kept} beside it now: {e}");
                Error::new(ErrorKind::InvalidData, words)
            })?;
            return Err(changed);
        }
        Ok(unlinkat(&self.folder, beside, AtFlags::empty())?)
    }

    /// Whether what has that name is still the same file with the same bytes.
    fn must_be(&self, name: &Path, old: &[u8]) -> Result<()> {
        let changed = || {
            let words = "it changed since it was read; nothing was written, run it again";
            Error::new(ErrorKind::InvalidData, words)
        };
        let file = open_in(&self.folder, name).map_err(|e| match e.kind() {
            ErrorKind::NotFound => changed(),
            _ => e,
        })?;
        let metadata = file.metadata()?;
        if !folder::same(&self.metadata, &metadata) || metadata.len() != old.len() as u64 {
            return Err(changed());
        }
        let mut now = Vec::new();
        file.take((old.len() as u64).saturating_add(1)).read_to_end(&mut now)?;
        if now == old { Ok(()) } else { Err(changed()) }
    }

    /// A rename needs no right to write the file itself; who made it read-only meant it all the same.
    fn may_be_written(&self) -> Result<()> {
        let refuse = |words: &str| {
            let words = format!("{words}; nothing was written");
            Err(Error::new(ErrorKind::PermissionDenied, words))
        };
        let denied =
            |name: &Path| accessat(&self.folder, name, Access::WRITE_OK, AtFlags::empty()).is_err();
        if self.metadata.permissions().readonly() || denied(&self.name) {
            return refuse("it is read-only");
        }
        if self.folder.metadata()?.permissions().readonly() || denied(Path::new(".")) {
            return refuse("its folder is read-only");
        }
        Ok(())
    }

    /// A new file beside it that nobody else can have opened.
    fn beside(&self) -> Result<(PathBuf, File)> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let private = Mode::RUSR | Mode::WUSR;
        for _ in 0..TRIES {
            let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
            let name = PathBuf::from(format!("{}{process}-{number}{}", BESIDE.0, BESIDE.1));
            match openat(&self.folder, &name, flags, private) {
                Err(rustix::io::Errno::EXIST) => {}
                opened => return Ok((name, File::from(opened?))),
            }
        }
        let words = format!("{}* files are in the way in {}", BESIDE.0, self.path.display());
        Err(Error::new(ErrorKind::AlreadyExists, words))
    }

    /// Writes it down to the disk, as the old file is; true where the owner could not be kept.
    fn fill(&self, mut file: File, new: &[u8]) -> Result<bool> {
        file.write_all(new)?;
        let own = file.metadata()?;
        let ids = |metadata: &Metadata| (metadata.uid(), metadata.gid());
        if ids(&own) != ids(&self.metadata) {
            let (user, group) = ids(&self.metadata);
            let group = Some(Gid::from_raw(group));
            // Only root gives files away; the group may be one of ours all the same.
            let given = fchown(&file, Some(Uid::from_raw(user)), group);
            let _ = given.or_else(|_| fchown(&file, None, group));
        }
        // Behind the owner: a change of owner clears bits.
        file.set_permissions(Permissions::from_mode(self.metadata.mode() & 0o7777))?;
        file.sync_all()?;
        Ok(ids(&file.metadata()?) != ids(&self.metadata))
    }
}

/// Opens a regular file for reading; a link that came into its place meanwhile is not followed.
fn open_in(folder: &File, name: &Path) -> Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(folder, name, flags, Mode::empty())?);
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(Error::new(ErrorKind::InvalidInput, "not a regular file"))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let path =
            std::env::temp_dir().join(format!("sigscope-replace-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<String> =
            entries.map(|e| e.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_whole_and_keeps_what_it_is() {
        let folder = folder("kept");
        for mode in [0o600, 0o644, 0o664, 0o755] {
            let path = folder.join("x.yaml");
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let done = replace((&folder, "x.yaml"), b"old", b"new and longer").unwrap();
            assert_eq!(done, Replaced::default(), "{mode:o}");
            assert_eq!(fs::read(&path).unwrap(), b"new and longer");
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, mode);
            assert_eq!(names(&folder), ["x.yaml"]);
        }
        fs::hard_link(folder.join("x.yaml"), folder.join("y.yaml")).unwrap();
        let done = replace((&folder, "x.yaml"), b"new and longer", b"z").unwrap();
        assert_eq!(done.other_links, 1);
        assert_eq!(fs::read(folder.join("y.yaml")).unwrap(), b"new and longer");
    }

    #[test]
    fn what_is_not_what_was_read_is_never_overwritten() {
        let folder = folder("changed");
        let path = folder.join("x.yaml");
        // What is there by then, and what was read.
        for (now, read) in
            [("edited", "old"), ("oldX", "old"), ("old", "oldX"), ("", "old"), ("olD", "old")]
        {
            fs::write(&path, now).unwrap();
            let error = replace((&folder, "x.yaml"), read.as_bytes(), b"new").unwrap_err();
            assert!(error.to_string().contains("it changed since it was read"), "{now}: {error}");
            assert_eq!(fs::read(&path).unwrap(), now.as_bytes());
            assert_eq!(names(&folder), ["x.yaml"], "{now}");
        }
        // An editor that saves by a rename while the new file is written beside it.
        fs::write(&path, "old").unwrap();
        let target = Target::find((&folder, "x.yaml")).unwrap();
        fs::write(folder.join("saved"), "old").unwrap();
        fs::rename(folder.join("saved"), &path).unwrap();
        assert!(target.must_be(&target.name, b"old").is_err());
        fs::remove_file(&path).unwrap();
        assert!(target.must_be(&target.name, b"old").unwrap_err().to_string().contains("changed"));
    }

    #[test]
    fn links_stay_links_and_nothing_outside_is_touched() {
        let (inside, outside) = (folder("links"), folder("links-outside"));
        fs::create_dir(inside.join("real")).unwrap();
        fs::write(inside.join("real/x.yaml"), "old").unwrap();
        fs::write(outside.join("secret.yaml"), "old").unwrap();
        symlink("real/x.yaml", inside.join("link.yaml")).unwrap();
        symlink(outside.join("secret.yaml"), inside.join("out.yaml")).unwrap();
        symlink(&outside, inside.join("away")).unwrap();
        replace((&inside, "link.yaml"), b"old", b"new").unwrap();
        assert!(fs::symlink_metadata(inside.join("link.yaml")).unwrap().is_symlink());
        assert_eq!(fs::read(inside.join("real/x.yaml")).unwrap(), b"new");
        for name in ["out.yaml", "away/secret.yaml", "../x", "nothing.yaml", "real", ""] {
            assert!(replace((&inside, name), b"old", b"new").is_err(), "{name}");
        }
        assert_eq!(fs::read(outside.join("secret.yaml")).unwrap(), b"old");
        assert_eq!(names(&outside), ["secret.yaml"]);
    }

    #[test]
    fn what_is_read_only_stays_as_it_is() {
        let folder = folder("read-only");
        let path = folder.join("x.yaml");
        fs::write(&path, "old").unwrap();
        // The mode of the file and of its folder, and what is said.
        for (file, around, words) in
            [(0o444, 0o755, "it is read-only"), (0o644, 0o555, "its folder is read-only")]
        {
            fs::set_permissions(&path, Permissions::from_mode(file)).unwrap();
            fs::set_permissions(&folder, Permissions::from_mode(around)).unwrap();
            let error = replace((&folder, "x.yaml"), b"old", b"new").unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
            assert_eq!(error.kind(), ErrorKind::PermissionDenied);
            assert_eq!(fs::read(&path).unwrap(), b"old");
        }
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        assert_eq!(names(&folder), ["x.yaml"]);
    }

    #[test]
    fn a_pipe_or_device_is_refused_and_not_waited_for() {
        use rustix::fs::{CWD, FileType, mknodat};
        let folder = folder("pipe");
        mknodat(CWD, folder.join("x.yaml"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        let error = replace((&folder, "x.yaml"), b"", b"new").unwrap_err();
        assert!(error.to_string().contains("not a regular file"), "{error}");
        assert!(replace((Path::new("/dev"), "null"), b"", b"new").is_err());
    }

    #[test]
    fn an_editor_that_saves_in_the_last_moment_gets_its_file_back() {
        let folder = folder("moment");
        let path = folder.join("x.yaml");
        for (saved, kept) in [(None, "new"), (Some("edited"), "edited")] {
            fs::write(&path, "old").unwrap();
            let target = Target::find((&folder, "x.yaml")).unwrap();
            let (beside, mut file) = target.beside().unwrap();
            file.write_all(b"new").unwrap();
            // Between the last look and the step that puts it in place.
            if let Some(text) = saved {
                fs::write(folder.join("editor"), text).unwrap();
                fs::rename(folder.join("editor"), &path).unwrap();
            }
            let done = target.take_its_place(&beside, b"old");
            assert_eq!(done.is_ok(), saved.is_none());
            assert_eq!(fs::read(&path).unwrap(), kept.as_bytes());
            let _ = fs::remove_file(folder.join(&beside));
        }
        assert_eq!(names(&folder), ["x.yaml"]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
