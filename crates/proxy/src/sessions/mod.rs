//! Sessions that have not ended: the long polls waiting for them, and their refresh from the provider.

mod embed_url;
mod list_refresh;
mod refresher;
mod registry;
mod schedule;
mod watched_session;

pub(crate) use embed_url::USER_PERMIT_TIMEOUT;
pub(crate) use refresher::run as refresh;
pub(crate) use registry::SessionRegistry;
pub(crate) use watched_session::WatchedSession;

#[cfg(test)]
mod tests;
