//! Fresh embed URLs for sessions that have not ended.

use std::sync::PoisonError;

use cr3dentials_core::contract::{ErrorCode, FRAME_MIN_INTERVAL_SECS};
use cr3dentials_core::time::Millis;

use super::{Entry, Live};
use crate::clock;
use crate::error::ApiError;
use crate::provider::{Budget, Client, Priority};

/// Timeout for a user-facing request to get a request permit.
pub(crate) const PATIENCE: Millis = Millis::from_secs(5);

impl Live {
    /// Fetches an unused embed URL from the provider, at most once in [`FRAME_MIN_INTERVAL_SECS`].
    pub(crate) async fn embed_url(&self, entry: &Entry, client: &Client, budget: &Budget) -> Result<String, ApiError> {
        if entry.record().session.status.is_terminal() {
            return Err(over());
        }
        let now = clock::mono();
        let before = entry.take_frame_turn(now)?;
        let url = self.ask_embed_url(entry, client, budget).await;
        if url.is_err() {
            *entry.frame_at.lock().unwrap_or_else(PoisonError::into_inner) = before;
        }
        url
    }

    async fn ask_embed_url(&self, entry: &Entry, client: &Client, budget: &Budget) -> Result<String, ApiError> {
        let permit = budget.permit_within(Priority::Create, PATIENCE).await?;
        let question = self.question();
        let fetched = client.session(permit, entry.id()).await?;
        let url = fetched.session.embed_url.clone();
        if self.apply(entry, fetched, question).await?.session.status.is_terminal() {
            return Err(over());
        }
        url.ok_or_else(|| ApiError::new(ErrorCode::ProviderError, "the provider returned no embed URL"))
    }
}

impl Entry {
    /// Records an attempt at `now`. Returns the time of the previous attempt, to be restored if this one fails.
    fn take_frame_turn(&self, now: Millis) -> Result<Option<Millis>, ApiError> {
        let interval = Millis::from_secs(FRAME_MIN_INTERVAL_SECS);
        let mut last = self.frame_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(since) = last.map(|at| now.since(at)).filter(|since| *since < interval) {
            let wait = interval.since(since);
            return Err(ApiError::rate_limited("a fresh embed URL can be requested once in 10 s", wait));
        }
        Ok(last.replace(now))
    }
}

fn over() -> ApiError {
    ApiError::new(ErrorCode::Conflict, "the session has ended; start a new one")
}
