//! `--export`: the document byte for byte, and the digest that shows it.

use std::{
    fs, io,
    io::{ErrorKind, Write as _},
    path::Path,
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

/// Writes into a file that is not there yet, as the terminal does: nothing is overwritten, and no
/// link that lies there is followed (CWE-59). What is on the disk afterwards is read again; its
/// digest is returned.
fn write(sbom: &Sbom, path: &Path) -> io::Result<Digest> {
    let bytes = sbom.source().bytes();
    let opened = fs::OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = opened.map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => io::Error::new(e.kind(), there(path)),
        _ => e,
    })?;
    if let Err(e) = file.write_all(bytes).and_then(|()| file.sync_all()) {
        // Half a document is none. It was made here, and the first error is the one that tells.
        let _ = fs::remove_file(path);
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

/// What stands where the file would be.
fn there(path: &Path) -> String {
    match fs::read_link(path) {
        Ok(to) => {
            let to = shell_word(&to.display().to_string());
            format!("a link to {to} is there already; nothing was written")
        }
        Err(_) => "it is there already; nothing was written".to_owned(),
    }
}
