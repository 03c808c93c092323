//! The digest beside the tag, as the files that people deploy from write it.
//!
//! The tag stays for people; what is pulled is the digest. Names of registries, tags and digests
//! hold no character that YAML or a Dockerfile gives a meaning to, except that a tag may look like
//! a number: it is quoted where it stands alone.

use crate::domain::{Digest, Reference, Repository};

/// A pin in one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinForm {
    /// For what.
    pub name: &'static str,
    /// The text; of several lines, each ends with a line break.
    pub text: String,
}

/// The pin in every form that can say it; of a layout only the reference.
pub fn pins(reference: &Reference, digest: &Digest) -> Vec<PinForm> {
    let pinned = Reference { digest: Some(digest.clone()), ..reference.clone() };
    let mut forms = vec![PinForm { name: "reference", text: pinned.to_string() }];
    let Repository::Remote { host, path } = &reference.repository else { return forms };
    let tag = |name: &str, indent: &str| match &reference.tag {
        Some(tag) => format!("{indent}{name}: \"{tag}\"\n"),
        None => String::new(),
    };
    forms.extend([
        PinForm { name: "Kubernetes, Compose", text: format!("image: {pinned}\n") },
        PinForm {
            name: "Helm values",
            text: format!(
                "image:\n  registry: {host}\n  repository: {path}\n{}  digest: \"{digest}\"\n",
                tag("tag", "  ")
            ),
        },
        PinForm {
            name: "Kustomize",
            text: format!(
                "images:\n  - name: {host}/{path}\n{}    digest: {digest}\n",
                tag("newTag", "    ")
            ),
        },
        PinForm { name: "Dockerfile", text: format!("FROM {pinned}\n") },
        PinForm { name: "GitHub workflow", text: format!("uses: docker://{pinned}\n") },
    ]);
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_the_digest_and_keeps_the_tag() {
        let digest = Digest::sha256(b"content");
        for (written, name, wanted) in [
            ("ghcr.io/a/b:1.10", "reference", "ghcr.io/a/b:1.10@DIGEST"),
            ("ghcr.io/a/b:1.10", "Kubernetes, Compose", "image: ghcr.io/a/b:1.10@DIGEST\n"),
            (
                "localhost:5000/a/b:1.10",
                "Helm values",
                "image:\n  registry: localhost:5000\n  repository: a/b\n  tag: \"1.10\"\n  digest: \"DIGEST\"\n",
            ),
            (
                "nginx:1.10",
                "Kustomize",
                "images:\n  - name: docker.io/library/nginx\n    newTag: \"1.10\"\n    digest: DIGEST\n",
            ),
            ("ghcr.io/a/b", "Kustomize", "images:\n  - name: ghcr.io/a/b\n    digest: DIGEST\n"),
            ("ghcr.io/a/b:1", "Dockerfile", "FROM ghcr.io/a/b:1@DIGEST\n"),
            ("ghcr.io/a/b:1", "GitHub workflow", "uses: docker://ghcr.io/a/b:1@DIGEST\n"),
        ] {
            let forms = pins(&Reference::parse(written).unwrap(), &digest);
            let form = forms.iter().find(|form| form.name == name).unwrap();
            assert_eq!(form.text, wanted.replace("DIGEST", &digest.to_string()));
        }
        let layout =
            Reference { repository: Repository::Layout("here".into()), tag: None, digest: None };
        assert_eq!(pins(&layout, &digest).len(), 1, "nobody else can pull from a folder");
    }
}
