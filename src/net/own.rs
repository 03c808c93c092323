//! Opening files that this program writes: one that is no regular file must not stop it.

use std::{
    fs::{File, OpenOptions, Permissions},
    io::{self, Error, ErrorKind},
    os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use rustix::fs::OFlags;

/// Opens a file of this program's own for writing, which nobody but its owner may read.
///
/// # Errors
/// Those of the system; also for what is no regular file, and for a link.
pub(crate) fn regular(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    // Opening a FIFO would wait for a reader without end, and a link would lead the writing
    // wherever somebody else wants it (CWE-59).
    let file = open(path, options, OFlags::NONBLOCK | OFlags::NOFOLLOW)?;
    if !file.metadata()?.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "not a regular file"));
    }
    keep(&file)?;
    Ok(file)
}

/// Opens what the user named for writing: a regular file, a device such as `/dev/stderr`, or a
/// pipe that somebody reads. A link is followed, because the user may have named it on purpose.
///
/// # Errors
/// Those of the system; also for a FIFO that nobody reads, for a folder and for a socket.
pub(crate) fn named(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let file = open(path, options, OFlags::NONBLOCK).map_err(|e| {
        // "O_NONBLOCK … with O_WRONLY … no process has the FIFO open for reading: ENXIO" (open(2)).
        if e.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) {
            return Error::new(ErrorKind::InvalidInput, "nobody reads from it");
        }
        e
    })?;
    let kind = file.metadata()?.file_type();
    if kind.is_file() {
        keep(&file)?;
    } else if kind.is_char_device() || kind.is_fifo() {
        // A slow reader is no error of the writer.
        rustix::fs::fcntl_setfl(&file, rustix::fs::fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    } else {
        return Err(Error::new(ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok(file)
}

fn open(path: &Path, options: &mut OpenOptions, flags: OFlags) -> io::Result<File> {
    let flags = flags | OFlags::NOCTTY;
    options.mode(0o600).custom_flags(flags.bits().cast_signed()).open(path)
}

/// Makes a file that was there before private, where it is ours: `mode` holds for new ones only.
fn keep(file: &File) -> io::Result<()> {
    let metadata = file.metadata()?;
    let ours = metadata.uid() == rustix::process::geteuid().as_raw();
    if ours && metadata.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// Makes something at that path.
    type Make = fn(&Path);

    fn fifo(path: &Path) {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    }

    fn open_to_all(path: &Path) {
        std::fs::write(path, "old").unwrap();
        std::fs::set_permissions(path, Permissions::from_mode(0o666)).unwrap();
    }

    fn link(path: &Path) {
        let target = path.with_extension("target");
        std::fs::write(&target, "").unwrap();
        symlink(target, path).unwrap();
    }

    #[test]
    fn only_a_regular_file_is_written_and_it_is_private() {
        let folder = std::env::temp_dir().join(format!("sigscope-own-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let rows: [(&str, Make, bool, bool); 6] = [
            ("none", |_| (), true, true),
            ("open to all", open_to_all, true, true),
            ("FIFO", fifo, false, false),
            ("folder", |path| std::fs::create_dir(path).unwrap(), false, false),
            ("link", link, false, true),
            ("device", |path| symlink("/dev/null", path).unwrap(), false, true),
        ];
        for (name, make, own, chosen) in rows {
            for (which, good) in [("own", own), ("chosen", chosen)] {
                let path = folder.join(format!("{which} {name}"));
                make(&path);
                let mut options = OpenOptions::new();
                options.write(true).create(true);
                let got = match which {
                    "own" => regular(&path, &mut options),
                    _ => named(&path, &mut options),
                };
                assert_eq!(got.is_ok(), good, "{which} {name}: {got:?}");
                let metadata = got.ok().map(|file| file.metadata().unwrap());
                if let Some(metadata) = metadata.filter(std::fs::Metadata::is_file) {
                    assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{which} {name}");
                }
            }
        }
        // A FIFO that somebody reads is no file of ours, but the user may want it.
        let path = folder.join("own FIFO");
        let reader = OpenOptions::new()
            .read(true)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
            .open(&path);
        assert!(reader.is_ok() && regular(&path, OpenOptions::new().write(true)).is_err());
        assert!(named(&path, OpenOptions::new().write(true)).is_ok());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
