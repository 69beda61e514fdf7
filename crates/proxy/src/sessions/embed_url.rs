//! Fresh embed URLs for sessions that have not ended.

use std::sync::PoisonError;

use cr3dentials_core::contract::{ErrorCode, FRAME_MIN_INTERVAL_SECS};
use cr3dentials_core::time::Millis;

use super::{SessionRegistry, WatchedSession};
use crate::clock;
use crate::error::ApiError;
use crate::provider::{Budget, Client, Priority};

/// Timeout for a user-facing request to get a request permit.
pub(crate) const USER_PERMIT_TIMEOUT: Millis = Millis::from_secs(5);

impl SessionRegistry {
    /// Fetches an unused embed URL from the provider, at most once in [`FRAME_MIN_INTERVAL_SECS`].
    pub(crate) async fn embed_url(
        &self,
        watched: &WatchedSession,
        client: &Client,
        budget: &Budget,
    ) -> Result<String, ApiError> {
        if watched.record().session.status.is_terminal() {
            return Err(ended());
        }
        let now = clock::mono();
        let before = watched.record_embed_url_request(now)?;
        let url = self.fetch_embed_url(watched, client, budget).await;
        if url.is_err() {
            *watched.embed_url_at.lock().unwrap_or_else(PoisonError::into_inner) = before;
        }
        url
    }

    async fn fetch_embed_url(
        &self,
        watched: &WatchedSession,
        client: &Client,
        budget: &Budget,
    ) -> Result<String, ApiError> {
        let permit = budget.permit_within(Priority::Create, USER_PERMIT_TIMEOUT).await?;
        let request = self.start_request();
        let fetched = client.session(permit, watched.id()).await?;
        let url = fetched.session.embed_url.clone();
        if self.apply(watched, fetched, request).await?.session.status.is_terminal() {
            return Err(ended());
        }
        url.ok_or_else(|| ApiError::new(ErrorCode::ProviderError, "the provider returned no embed URL"))
    }
}

impl WatchedSession {
    /// Records an attempt at `now`. Returns the time of the previous attempt, to be restored if this one fails.
    fn record_embed_url_request(&self, now: Millis) -> Result<Option<Millis>, ApiError> {
        let interval = Millis::from_secs(FRAME_MIN_INTERVAL_SECS);
        let mut last = self.embed_url_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(since) = last.map(|at| now.since(at)).filter(|since| *since < interval) {
            let wait = interval.since(since);
            return Err(ApiError::rate_limited("a fresh embed URL can be requested once in 10 s", wait));
        }
        Ok(last.replace(now))
    }
}

fn ended() -> ApiError {
    ApiError::new(ErrorCode::Conflict, "the session has ended; start a new one")
}
