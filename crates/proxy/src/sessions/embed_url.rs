//! Fresh embed URLs for sessions that have not ended.

use cr3dentials_core::time::Millis;

use super::{SessionRegistry, WatchedSession};
use crate::clock;
use crate::provider::{Budget, Client, Priority, ProviderError, USER_PERMIT_TIMEOUT};
use crate::store::StoreError;

/// Reason why there is no fresh embed URL.
#[derive(Debug)]
pub(crate) enum EmbedUrlError {
    /// The session has ended.
    Ended,
    /// The last one was requested too recently.
    TooSoon {
        /// Time until the next request is allowed.
        retry_after: Millis,
    },
    /// The provider's response holds none.
    Missing,
    /// The request to the provider failed.
    Provider(ProviderError),
    /// The response could not be stored.
    Store(StoreError),
}

impl SessionRegistry {
    /// Fetches an unused embed URL from the provider, at most once in
    /// [`FRAME_MIN_INTERVAL_SECS`](cr3dentials_core::contract::FRAME_MIN_INTERVAL_SECS).
    pub(crate) async fn embed_url(
        &self,
        watched: &WatchedSession,
        client: &Client,
        budget: &Budget,
    ) -> Result<String, EmbedUrlError> {
        if watched.record().session.status.is_terminal() {
            return Err(EmbedUrlError::Ended);
        }
        let before = watched.start_embed_url_request(clock::mono());
        let before = before.map_err(|retry_after| EmbedUrlError::TooSoon { retry_after })?;
        let url = self.fetch_embed_url(watched, client, budget).await;
        if url.is_err() {
            watched.undo_embed_url_request(before);
        }
        url
    }

    async fn fetch_embed_url(
        &self,
        watched: &WatchedSession,
        client: &Client,
        budget: &Budget,
    ) -> Result<String, EmbedUrlError> {
        let permit = budget.permit_within(Priority::Create, USER_PERMIT_TIMEOUT).await?;
        let request = self.start_request();
        let fetched = client.session(permit, watched.id()).await?;
        let url = fetched.session.embed_url.clone();
        if self.apply(watched, fetched, request).await?.session.status.is_terminal() {
            return Err(EmbedUrlError::Ended);
        }
        url.ok_or(EmbedUrlError::Missing)
    }
}

impl From<ProviderError> for EmbedUrlError {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

impl From<StoreError> for EmbedUrlError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
