//! Reading the trust root.

use std::{path::PathBuf, sync::Arc};

use super::MAX_ROOT_BYTES;
use crate::{
    domain::verdict::Answer,
    inspect::{Facts, Finding, RootFacts, RootSource, World, world::AuthorityFiles},
    verify::{pki::Pki, root::TrustRoot},
};

pub(super) async fn run(source: &RootSource, world: &World) -> Finding {
    match source {
        RootSource::OwnAuthorities { base, files } => {
            let found = plain(base, world).await;
            own_authorities(found, files, world).await
        }
        source => plain(source, world).await,
    }
}

/// The authorities of one's own in the place of those of `found`.
async fn own_authorities(found: Finding, files: &AuthorityFiles, world: &World) -> Finding {
    let Facts::Root(base) = &found.facts else { return found };
    let read = async |path: &PathBuf| {
        let bytes = world.files.read(path, MAX_ROOT_BYTES).await;
        bytes.map_err(|e| format!("{} cannot be read: {e}", path.display()))
    };
    let pki = async {
        match files {
            AuthorityFiles::Roots(roots, between) => {
                let roots = read(roots).await?;
                let between = match between {
                    Some(path) => Some(read(path).await?),
                    None => None,
                };
                Pki::from_roots(&roots, between.as_deref()).map_err(|e| e.to_string())
            }
            AuthorityFiles::Chain(path) => {
                Pki::from_chain(&read(path).await?).map_err(|e| e.to_string())
            }
        }
    };
    let grafted =
        pki.await.and_then(|pki| base.root.with_authorities(&pki).map_err(|e| e.to_string()));
    match grafted {
        Ok(root) => Finding {
            summary: root.summary(),
            facts: Facts::Root(RootFacts { root: Arc::new(root) }),
            ..found
        },
        Err(why) => Finding::new(Answer::Undecided, format!("certificate authorities: {why}")),
    }
}

async fn plain(source: &RootSource, world: &World) -> Finding {
    let root = match source {
        RootSource::OwnAuthorities { .. } => {
            return Finding::new(Answer::Undecided, "own authorities cannot be nested");
        }
        RootSource::Embedded => TrustRoot::embedded(),
        RootSource::Demo(bytes) => TrustRoot::parse(bytes, "demo", "demo"),
        RootSource::File(path) => match world.files.read(path, MAX_ROOT_BYTES).await {
            Ok(bytes) => TrustRoot::parse(&bytes, &path.display().to_string(), "file"),
            Err(e) => {
                let words = format!("the trust root {} cannot be read: {e}", path.display());
                return Finding::new(Answer::Undecided, words);
            }
        },
    };
    match root {
        Ok(root) => {
            let words = root.summary();
            let facts = Facts::Root(RootFacts { root: Arc::new(root) });
            Finding::new(Answer::Proved, words).with(facts)
        }
        Err(e) => Finding::new(Answer::Undecided, e.to_string()),
    }
}
