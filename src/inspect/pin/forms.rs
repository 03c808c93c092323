//! A pin as every kind of file writes it, for whoever copies it by hand.

use crate::{
    domain::{Digest, Reference, Repository, pin::NOT_PROVED},
    policy::scalar::quoted,
};

/// A pin in the words of one kind of file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormText {
    /// Which kind.
    pub name: &'static str,
    /// What stands there; several lines, without one at the end.
    pub text: String,
}

/// The name of the form that is the reference alone.
pub const REFERENCE: &str = "Reference";

/// Every form of a pin of `digest` under the name and tag of `reference`; none for a layout, which has
/// no name that is pulled. What is not proved says so in every form that can hold a comment, and
/// [`NOT_PROVED`] begins the line above where an instruction cannot.
pub fn forms(reference: &Reference, digest: &Digest, proved: bool) -> Vec<FormText> {
    let Repository::Remote { host, path } = &reference.repository else { return vec![] };
    let whole = Reference { digest: Some(digest.clone()), ..reference.clone() };
    // Quoted, because a tag such as 4.0 is a number otherwise.
    let (image, name) = (quoted(&whole.to_string()), quoted(&reference.repository.to_string()));
    let mark = if proved { String::new() } else { format!("  {NOT_PROVED}") };
    let above = if proved { String::new() } else { format!("{NOT_PROVED}\n") };
    let tag = |key: &str| {
        let tag = reference.tag.as_ref().map(|tag| quoted(tag.as_str()));
        tag.map_or_else(String::new, |tag| format!("  {key}: {tag}\n"))
    };
    let (registry, repository) = (quoted(host), quoted(path));
    let digest = quoted(&digest.to_string());
    [
        (REFERENCE, format!("{whole}{mark}")),
        ("Kubernetes, Compose", format!("image: {image}{mark}")),
        (
            "Helm values",
            format!(
                "image:\n  registry: {registry}\n  repository: {repository}\n{}  digest: {digest}{mark}",
                tag("tag")
            ),
        ),
        (
            // Kustomize writes `name:newTag@digest` since 4.5, and took the digest alone before.
            "Kustomize",
            format!("images:\n- name: {name}\n{}  digest: {digest}{mark}", tag("newTag")),
        ),
        ("Dockerfile", format!("{above}FROM {whole}")),
        ("GitHub workflow", format!("uses: {}{mark}", quoted(&format!("docker://{whole}")))),
    ]
    .map(|(name, text)| FormText { name, text })
    .to_vec()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::pin::Document;

    #[test]
    fn every_form_reads_back_as_the_reference_that_was_meant() {
        let digest = Digest::sha256(b"x");
        for text in ["nginx", "nginx:1.25", "ghcr.io/enix/x:4.0", "localhost:5000/a/b:1e3"] {
            let reference = Reference::parse(text).unwrap();
            let wanted = Reference { digest: Some(digest.clone()), ..reference.clone() };
            for proved in [true, false] {
                for FormText { name, text: form } in forms(&reference, &digest, proved) {
                    assert_eq!(form.contains(NOT_PROVED), !proved, "{name}: {form}");
                    let (file, whole) = match name {
                        "Kubernetes, Compose" => {
                            ("x.yaml", format!("services:\n  a:\n    {form}\n"))
                        }
                        "Helm values" => ("values.yaml", format!("{form}\n")),
                        "Kustomize" => {
                            ("kustomization.yaml", format!("kind: Kustomization\n{form}\n"))
                        }
                        "Dockerfile" => ("Dockerfile", format!("{form}\n")),
                        "GitHub workflow" => {
                            ("x.yaml", format!("on: push\njobs:\n  a:\n    steps:\n    - {form}\n"))
                        }
                        _ => continue,
                    };
                    let document = Document::read(file, &Arc::from(whole.as_bytes())).unwrap();
                    let found: Vec<_> = document.places().iter().map(|p| &p.reference).collect();
                    assert_eq!(found, [&wanted], "{name}:\n{whole}");
                }
            }
        }
        let layout =
            Reference { repository: Repository::Layout("x".into()), tag: None, digest: None };
        assert_eq!(forms(&layout, &digest, true), []);
    }
}
