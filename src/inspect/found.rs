//! What an inspection found out about its artifact itself.

use std::sync::Arc;

use super::{CheckKind, Facts, Fetched, Inspection, Resolved, Subject, tags};
use crate::domain::{Digest, Repository, Tag, chart::Chart, oci::Descriptor, reference::Pointer};

impl Inspection {
    /// The tag that is asked for: none for a reference with a digest, which cannot move.
    pub fn tag(&self) -> Option<(&Repository, Tag)> {
        match &self.subject {
            Subject::Artifact(reference) | Subject::Layer { reference, .. } => {
                match reference.pointer() {
                    Pointer::Tag(tag) => Some((&reference.repository, tag)),
                    Pointer::Digest(_) => None,
                }
            }
            Subject::File { .. }
            | Subject::Digest { .. }
            | Subject::Document(_)
            | Subject::Folder(_) => None,
        }
    }

    /// Whether the tag points elsewhere than when it was last seen.
    pub fn moved(&self) -> Option<tags::Moved> {
        let (_, tag) = self.tag()?;
        tags::Moved::between(&tag, self.last_seen.as_ref(), self.named_digest()?)
    }

    /// What the reference resolved to.
    pub fn resolved(&self) -> Option<&Resolved> {
        match &self.finding(CheckKind::Resolve)?.facts {
            Facts::Resolved(resolved) => Some(resolved),
            _ => None,
        }
    }

    /// The Helm chart in the artifact.
    pub fn chart(&self) -> Option<&Arc<Chart>> {
        match &self.finding(CheckKind::Chart)?.facts {
            Facts::Chart(chart) => Some(chart),
            _ => None,
        }
    }

    /// The document behind the reference, where it is one that is not understood or refused.
    pub fn raw(&self) -> Option<&Fetched> {
        match &self.finding(CheckKind::Resolve)?.facts {
            Facts::Raw(fetched) => Some(fetched),
            _ => None,
        }
    }

    /// The index that lists what is judged, where one of its platforms is.
    pub fn index(&self) -> Option<&Descriptor> {
        self.resolved()?.listed_in.as_ref()
    }

    /// The repository of signatures, where evidence of this target is looked for in one.
    pub fn apart(&self) -> Option<&Repository> {
        let own = &self.subject.reference()?.repository;
        let apart = self.scope.signatures.as_ref()?;
        (apart != own && own.host().is_some()).then_some(apart)
    }

    /// The digest that the tag itself names: of the index, where one of its platforms is judged.
    pub fn named_digest(&self) -> Option<&Digest> {
        self.index().map(|index| &index.digest).or_else(|| self.digest())
    }

    /// The digest of the target itself. Of a file that is to be a layer it is the file's own: the
    /// artifact's would stand under a name that it does not belong to.
    pub fn own_digest(&self) -> Option<&Digest> {
        match &self.subject {
            Subject::Layer { .. } => self.files().find_map(|(.., file)| file.digest.as_ref()),
            _ => self.digest(),
        }
    }

    /// The digest that everything is judged against.
    pub fn digest(&self) -> Option<&Digest> {
        match &self.finding(CheckKind::Resolve)?.facts {
            Facts::Resolved(resolved) => Some(&resolved.fetched.descriptor.digest),
            Facts::Artifact(artifact) => artifact.digests.first(),
            _ => None,
        }
    }
}
