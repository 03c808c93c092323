//! Reading the trust root.

use std::sync::Arc;

use super::MAX_ROOT_BYTES;
use crate::{
    domain::verdict::Answer,
    inspect::{Facts, Finding, RootFacts, RootSource, World},
    verify::root::TrustRoot,
};

pub(super) async fn run(source: &RootSource, world: &World) -> Finding {
    let root = match source {
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
