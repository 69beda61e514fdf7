//! Fresh embed URLs of a session that is under way.

use std::sync::PoisonError;

use cr3dentials_core::contract::{ErrorCode, FRAME_MIN_INTERVAL_SECS};
use cr3dentials_core::time::Millis;

use super::{Entry, Live};
use crate::clock;
use crate::error::ApiError;
use crate::upstream::{Budget, Class, Client};

/// A user waits so long for the request budget.
pub(crate) const PATIENCE: Millis = Millis::from_secs(5);

impl Live {
    /// Asks the provider for an embed URL that was not used yet; at most once in [`FRAME_MIN_INTERVAL_SECS`].
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
        let permit = budget.permit_within(Class::Create, PATIENCE).await?;
        let question = self.question();
        let fetched = client.session(permit, entry.id()).await?;
        let url = fetched.session.embed_url.clone();
        if self.apply(entry, fetched, question).await?.session.status.is_terminal() {
            return Err(over());
        }
        url.ok_or_else(|| ApiError::new(ErrorCode::ProviderError, "the provider gave no embed URL"))
    }
}

impl Entry {
    /// Takes the turn; what to put back when nothing came of it.
    fn take_frame_turn(&self, now: Millis) -> Result<Option<Millis>, ApiError> {
        let interval = Millis::from_secs(FRAME_MIN_INTERVAL_SECS);
        let mut last = self.frame_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(since) = last.map(|at| now.since(at)).filter(|since| *since < interval) {
            let wait = interval.since(since);
            return Err(ApiError::rate_limited("one fresh embed URL in 10 s is enough", wait));
        }
        Ok(last.replace(now))
    }
}

fn over() -> ApiError {
    ApiError::new(ErrorCode::Conflict, "the session is over; start a new one")
}
