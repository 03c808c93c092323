//! Writing into new files: with the event loop the only place of the terminal floor that
//! touches the disk.

use std::{
    borrow::Cow,
    fs,
    io::{self, Write as _},
    path::Path,
};

use tokio::task::spawn_blocking;

use crate::report::sbom::Taken;

/// What is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Writing {
    /// A part of an SBOM.
    Sbom(Taken),
    /// A text, and what it is.
    Text {
        /// The text.
        text: String,
        /// `the policy for cosign`.
        what: String,
    },
}

impl Writing {
    fn bytes(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Sbom(taken) => taken.bytes(),
            Self::Text { text, .. } => Cow::Borrowed(text.as_bytes()),
        }
    }

    fn said(&self, name: &str, bytes: &[u8]) -> String {
        match self {
            Self::Sbom(taken) => taken.said(name, bytes),
            Self::Text { what, .. } => format!("wrote {what} to {name}"),
        }
    }
}

/// Writes into a file that is not there yet: nothing is overwritten, and no link that lies there is
/// followed (CWE-59).
pub(super) async fn write_new(path: &Path, writing: Box<Writing>) -> Result<String, String> {
    let name = path.display();
    let to = path.to_owned();
    // A table of a million components takes a while, and so does the digest of its document.
    let task = spawn_blocking(move || write(&to, &writing));
    match task.await.map_err(io::Error::other).and_then(|written| written) {
        Ok(said) => Ok(said),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            Err(format!("{name} is there already; nothing was written"))
        }
        Err(e) => Err(format!("{name} was not written: {e}")),
    }
}

fn write(path: &Path, writing: &Writing) -> io::Result<String> {
    let bytes = writing.bytes();
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    let written = file.write_all(&bytes).and_then(|()| file.sync_all());
    if let Err(e) = written {
        // Half a document is none. It was made here, and the first error is the one that tells.
        let _ = fs::remove_file(path);
        return Err(e);
    }
    Ok(writing.said(&path.display().to_string(), &bytes))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        domain::sbom::Sbom,
        report::sbom::{About, Part},
    };

    #[tokio::test]
    async fn a_document_is_written_byte_for_byte_and_never_over_something() {
        let folder = std::env::temp_dir().join(format!("sigscope-export-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let document = "\u{feff}{\"bomFormat\":\"CycloneDX\", \"components\":[{\"name\":\"a\"}]}\n";
        let taken = || {
            let about = About {
                target: "bom.json".into(),
                digest: None,
                attested_by: None,
                platform: None,
                carrier: None,
                predicate: None,
            };
            let sbom = Arc::new(Sbom::parse(document).unwrap());
            Box::new(Writing::Sbom(Taken { about, sbom, part: Part::Document, undecided: None }))
        };
        let (new, link) = (folder.join("bom.json"), folder.join("link"));
        std::os::unix::fs::symlink(folder.join("elsewhere"), &link).unwrap();
        let said = write_new(&new, taken()).await.unwrap();
        assert!(said.contains("sha256:") && said.contains("UNVERIFIED"), "{said}");
        assert_eq!(fs::read(&new).unwrap(), document.as_bytes());
        for there in [&new, &link] {
            assert!(write_new(there, taken()).await.unwrap_err().contains("there already"));
        }
        assert!(!folder.join("elsewhere").exists());
        fs::remove_dir_all(&folder).unwrap();
    }
}
