//! Flags and words for files: detached signatures, lists of checksums, release folders, chart
//! archives.

use std::{path::PathBuf, sync::Arc};

use clap::Args;

use super::{Stop, args::Flags};
use crate::{
    domain::{
        demand::{Demand, Wanted},
        target::Target,
        text::shell_word,
    },
    inspect::{Material, Subject},
};

/// What vouches for a file, and how strictly.
#[derive(Args, Default)]
pub(super) struct FileFlags {
    /// A detached signature of the file, with --certificate or --key
    #[arg(long, value_name = "FILE")]
    pub(super) signature: Option<PathBuf>,
    /// The certificate beside --signature: PEM, or base64 of it
    #[arg(long, value_name = "FILE")]
    pub(super) certificate: Option<PathBuf>,
    /// A list of checksums that names the file; --bundle or --signature then vouches for the list
    #[arg(long, value_name = "LIST")]
    pub(super) checksums: Option<PathBuf>,
    /// A missing file of a list is absent, one that nothing vouches for refutes
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub(super) strict: bool,
    /// The chart or artifact whose layer the file must be: `oci://HOST/NAME:VERSION`, a reference or a layout
    #[arg(long, value_name = "REFERENCE")]
    pub(super) layer_of: Option<String>,
    /// The log to look signatures up in, instead of the trust root's: https, or this machine
    #[arg(long, value_name = "URL")]
    pub(super) rekor_url: Option<String>,
}

impl FileFlags {
    /// Whether a flag says that the targets are files.
    pub(super) const fn say_file(&self) -> bool {
        self.signature.is_some()
            || self.certificate.is_some()
            || self.checksums.is_some()
            || self.layer_of.is_some()
    }
}

/// Where the evidence of a file lies; `None` where no flag says.
pub(super) fn material(flags: &Flags) -> Result<Option<Material>, Stop> {
    let files = &flags.files;
    let named = [
        ("--bundle", flags.bundle.as_ref()),
        ("--signature", files.signature.as_ref()),
        ("--certificate", files.certificate.as_ref()),
        ("--checksums", files.checksums.as_ref()),
    ];
    if let Some((flag, _)) =
        named.iter().find(|(_, path)| path.is_some_and(|path| path.as_os_str().is_empty()))
    {
        return Err(Stop::usage(format!("{flag} is empty")));
    }
    let evidence = match (&flags.bundle, &files.signature, &files.certificate) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            return Err(Stop::usage(
                "--bundle holds signature and certificate; it excludes --signature and --certificate",
            ));
        }
        (None, None, Some(_)) => {
            return Err(Stop::usage("--certificate goes with --signature"));
        }
        (None, Some(_), None) if flags.key.is_none() => {
            return Err(Stop::usage("--signature wants --certificate or --key"));
        }
        (None, Some(_), Some(_)) if flags.key.is_some() => {
            return Err(Stop::usage("--key and --certificate exclude each other"));
        }
        (Some(bundle), None, None) => Some(Material::Bundle(bundle.clone())),
        (None, Some(signature), certificate) => {
            let (signature, certificate) = (signature.clone(), certificate.clone());
            Some(Material::Detached { signature, certificate })
        }
        (None, None, None) => None,
    };
    match (&files.checksums, evidence) {
        (None, evidence) => Ok(evidence),
        (Some(list), Some(evidence)) => {
            let (list, evidence) = (list.clone(), Box::new(evidence));
            Ok(Some(Material::Checksums { list, evidence }))
        }
        (Some(_), None) => Err(Stop::usage(
            "--checksums wants the evidence of the list: --bundle, or --signature with --certificate",
        )),
    }
}

/// The subject that a path stands for.
pub(super) fn path(path: PathBuf, flags: &Flags) -> Result<Subject, Stop> {
    let material = material(flags)?;
    match (material, &flags.files.layer_of) {
        (Some(_), Some(_)) => Err(Stop::usage(
            "with --layer-of the evidence lies beside the artifact; it excludes --bundle, --signature and --checksums",
        )),
        (None, Some(word)) => layer(path, word),
        (Some(_), None) if path.is_dir() => {
            Err(Stop::usage("a folder brings its own evidence; these flags go with a file"))
        }
        (Some(material), None) => Ok(Subject::File { path, material }),
        (None, None) if path.is_dir() => Ok(Subject::Folder(path)),
        (None, None) if !path.exists() => {
            let name = shell_word(&path.display().to_string());
            Err(Stop::usage(format!("there is no file or folder {name}")))
        }
        (None, None) => Ok(Subject::Document(path)),
    }
}

/// A file beside which nothing vouches for it can be looked at, not verified.
pub(super) fn to_verify(subject: Subject) -> Result<Subject, Stop> {
    match subject {
        Subject::Document(_) => Err(Stop::usage(
            "a file wants what vouches for it: --bundle, --signature, --checksums, --layer-of, --owner or --repo",
        )),
        subject => Ok(subject),
    }
}

/// helm writes `oci://` before a reference; a layout begins with `oci:`.
fn layer(path: PathBuf, word: &str) -> Result<Subject, Stop> {
    let bare = word.strip_prefix("oci://").unwrap_or(word);
    let target = Target::parse(bare).map_err(|e| Stop::usage(e.pointing_at(bare)))?;
    match target {
        Target::Artifact(reference) => Ok(Subject::Layer { path, reference }),
        _ => Err(Stop::usage(format!(
            "--layer-of takes a reference with its tag or digest, not {}",
            shell_word(word)
        ))),
    }
}

/// Over files a message signature, or an attestation of any type, is a signature: cosign
/// `verify-blob` and `verify-blob-attestation` in one.
pub(super) fn demanded_over(demand: &Arc<Demand>, subject: &Subject, flags: &Flags) -> Arc<Demand> {
    match subject {
        Subject::Artifact(_) | Subject::Layer { .. } => Arc::clone(demand),
        Subject::Folder(_)
        | Subject::Document(_)
        | Subject::File { .. }
        | Subject::Digest { .. } => over_files(demand, flags),
    }
}

/// The demand as it is applied to files.
pub(super) fn over_files(demand: &Arc<Demand>, flags: &Flags) -> Arc<Demand> {
    // What a profile requires by name is not weakened to whatever is there.
    let exact = flags.require_signature || flags.loaded.is_some();
    let own = if exact { Wanted::SignatureOverFile } else { Wanted::AnyOverFile };
    let wanted = demand.wanted.iter().map(|wanted| match wanted {
        Wanted::Signature => own.clone(),
        other => other.clone(),
    });
    Arc::new(Demand { wanted: wanted.collect(), ..(**demand).clone() })
}
