//! `--export`: the document byte for byte, and the digest that shows it.

use std::{
    fs, io,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::task::spawn_blocking;

use crate::inspect::sboms::Document;
use crate::{
    cli::{Console, Stop, UNDECIDED},
    domain::{
        Digest,
        sbom::Sbom,
        text::{safe, shell_word},
    },
    net::files::whole,
};

/// Writes the document to `path`, or to standard output for `-`.
///
/// # Errors
/// Undecided where it cannot be written, or is not there afterwards as it was read.
pub(super) async fn run(
    document: &Document,
    path: &Path,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    let bytes = document.sbom.source().bytes();
    if path.as_os_str() == "-" {
        console.out.write_all(bytes)?;
        console.out.flush()?;
        return tell(document, &Digest::sha256(bytes), "standard output", console);
    }
    let name = shell_word(&path.display().to_string());
    let (sbom, to) = (Arc::clone(&document.sbom), path.to_owned());
    let written = spawn_blocking(move || write(&sbom, &to)).await;
    let written = written.map_err(io::Error::other).and_then(|written| written);
    match written {
        Ok(digest) => tell(document, &digest, &name, console),
        Err(e) => {
            let message = format!("--export {name}: {e}");
            Err(Stop { code: UNDECIDED, message })
        }
    }
}

/// Says what was written, and how it compares with what was attested.
fn tell(
    document: &Document,
    digest: &Digest,
    place: &str,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    let compared = match &document.predicate {
        None => String::new(),
        Some(predicate) => match Digest::sha256(predicate.as_bytes()) {
            same if same == *digest => ", which is the attestation's predicate".to_owned(),
            // A string in JSON, or a member of cosign's custom predicate.
            other => format!(", taken out of the attestation's predicate {other}"),
        },
    };
    writeln!(console.err, "sigscope: wrote {digest} to {place}{}", safe(&compared))?;
    Ok(())
}

/// Writes beside the file and renames: whoever reads it sees the old one or the new one. What is
/// on the disk afterwards is read again; its digest is returned.
fn write(sbom: &Sbom, path: &Path) -> io::Result<Digest> {
    let bytes = sbom.source().bytes();
    may_be_replaced(path)?;
    let beside = beside(path)?;
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&beside)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&beside, path));
    if let Err(e) = written {
        // It may not even be there; the first error is the one that tells.
        let _ = fs::remove_file(&beside);
        return Err(e);
    }
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let found = Digest::sha256(&whole(path, length)?);
    if found == Digest::sha256(bytes) {
        Ok(found)
    } else {
        let words = format!("what is there now is {found}, not what was written");
        Err(io::Error::new(ErrorKind::InvalidData, words))
    }
}

/// CWE-59: a link in somebody else's folder would lead the writing wherever they want it, and a
/// device must not be replaced by a file.
fn may_be_replaced(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found.file_type(),
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e),
    };
    let refuse = |words: String| Err(io::Error::new(ErrorKind::InvalidInput, words));
    if found.is_symlink() {
        let to = fs::read_link(path).unwrap_or_default();
        return refuse(format!(
            "a link to {}; name that file",
            shell_word(&to.display().to_string())
        ));
    }
    if found.is_file() { Ok(()) } else { refuse("there is something that is no file".to_owned()) }
}

fn beside(path: &Path) -> io::Result<PathBuf> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(ErrorKind::InvalidInput, "no name of a file"));
    };
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.part", std::process::id()));
    Ok(path.with_file_name(hidden))
}
