//! The same question to every release, as one task: a few at a time, each answer as it comes.

use futures_util::{StreamExt as _, stream};
use tokio::sync::mpsc::Sender;

use super::{
    message::{Message, RunId},
    state::Judge,
};
use crate::{
    domain::{Reference, Repository, Tag, sbom::Query},
    inspect::{
        RegistryError, Subject, World,
        sboms::{AT_ONCE, Look},
    },
};

/// What does not differ between the releases.
pub(super) struct Inquiry {
    pub(super) world: World,
    pub(super) repository: Repository,
    pub(super) query: Option<Query>,
    pub(super) judge: Box<Judge>,
}

impl Inquiry {
    /// Asks the releases in that order; whoever drops this ends every request of it.
    pub(super) async fn ask(
        self,
        tags: Vec<Tag>,
        run: RunId,
        inbox: Sender<Message>,
    ) -> Result<(), RegistryError> {
        let Judge { root, whole, demand, scope, .. } = *self.judge;
        let look = Look { world: self.world, root, whole };
        let each = tags.into_iter().map(|tag| {
            let (repository, digest) = (self.repository.clone(), None);
            let subject =
                Subject::Artifact(Reference { repository, tag: Some(tag.clone()), digest });
            let (demand, scope) = (demand.clone(), scope.clone());
            let (look, query) = (&look, self.query.as_ref());
            async move { look.release(tag, (subject, scope), demand, query).await.shortened() }
        });
        let mut answers = stream::iter(each).buffer_unordered(AT_ONCE);
        while let Some(release) = answers.next().await {
            // The receiver is gone only when the program ends.
            let _ = inbox.send(Message::Release(run, Box::new(release))).await;
        }
        Ok(())
    }
}

/// How it ended.
pub(super) fn ended(run: RunId, answer: Result<(), RegistryError>) -> Message {
    Message::ReleasesEnded(run, answer.err().map(|e| e.to_string()))
}
