//! Writing an SBOM into a file: with the event loop the only place of the terminal floor that
//! touches the disk.

use std::{io, path::Path};

use tokio::io::AsyncWriteExt as _;

use crate::domain::{Digest, sbom::Sbom};

/// Writes a document into a file that is not there yet: nothing is overwritten, and no link that
/// lies there is followed (CWE-59).
pub(super) async fn write_new(path: &Path, sbom: &Sbom) -> Result<String, String> {
    let bytes = sbom.source().bytes();
    let write = async {
        let mut options = tokio::fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).open(path).await?;
        file.write_all(bytes).await?;
        file.sync_all().await
    };
    match write.await {
        Ok(()) => {
            let digest = Digest::sha256(bytes);
            Ok(format!("wrote {} bytes to {}: {digest}", bytes.len(), path.display()))
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            Err(format!("{} is there already; nothing was written", path.display()))
        }
        Err(e) => Err(format!("{} was not written: {e}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_document_is_written_byte_for_byte_and_never_over_something() {
        let folder = std::env::temp_dir().join(format!("sigscope-export-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let document = "\u{feff}{\"bomFormat\":\"CycloneDX\", \"components\":[{\"name\":\"a\"}]}\n";
        let sbom = Sbom::parse(document).unwrap();
        let (new, link) = (folder.join("bom.json"), folder.join("link"));
        std::os::unix::fs::symlink(folder.join("elsewhere"), &link).unwrap();
        assert!(write_new(&new, &sbom).await.unwrap().contains("sha256:"));
        assert_eq!(std::fs::read(&new).unwrap(), document.as_bytes());
        for taken in [&new, &link] {
            assert!(write_new(taken, &sbom).await.unwrap_err().contains("there already"));
        }
        assert!(!folder.join("elsewhere").exists());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
