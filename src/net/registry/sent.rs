//! A request whose head was answered, together with its record.

use std::ops::Deref;

use reqwest::{Response, Url};

use crate::{
    inspect::world::Progress,
    net::trace::{Begin, Open, Tracer},
};

use super::{
    answer::Answer,
    busy,
    failure::Failure,
    transport::{Ask, Transport},
};

/// A head, and the body that may still come.
pub(in crate::net) struct Sent {
    response: Response,
    open: Open,
}

impl Deref for Sent {
    type Target = Response;

    fn deref(&self) -> &Response {
        &self.response
    }
}

impl Sent {
    /// Waits for the head of an answer; whatever ends the wait is recorded.
    pub(super) async fn head(
        tracer: &Tracer,
        (method, ask, url): (&'static str, &Ask<'_>, &Url),
        work: impl Future<Output = Result<Response, Failure>>,
    ) -> Result<Self, Failure> {
        let begin = Begin { method, url, purpose: &ask.what, of: &ask.place.host };
        let mut open = tracer.begin(&begin);
        match work.await {
            Ok(response) => {
                // Neither query nor headers: both may hold credentials.
                let (host, status) = (url.host_str(), response.status().as_u16());
                tracing::debug!(host, path = url.path(), status, method);
                open.head(response.status(), busy::rate(response.headers()));
                Ok(Self { response, open })
            }
            Err(failure) => {
                open.end(Err(failure.words()));
                Err(failure)
            }
        }
    }
}

impl Transport {
    /// The same, with every request recorded.
    #[must_use]
    pub(in crate::net) fn traced(mut self, tracer: Tracer) -> Self {
        self.tracer = tracer;
        self
    }

    /// Reads the body of what was sent, up to its limit.
    pub(super) async fn read(
        &self,
        ask: &Ask<'_>,
        sent: Sent,
        progress: Progress<'_>,
    ) -> Result<Answer, Failure> {
        let Sent { response, open } = sent;
        let read = self.body(ask, response, progress).await;
        let ended = read.as_ref().map(|answer| answer.body.len());
        open.end(ended.map_err(Failure::words));
        read
    }
}

impl Failure {
    /// In words, for the record.
    fn words(&self) -> String {
        match self {
            Self::Lost(words) | Self::Silent(words) => words.clone(),
            Self::Final(error) => error.to_string(),
        }
    }
}
