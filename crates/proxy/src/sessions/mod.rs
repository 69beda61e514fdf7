//! Sessions: their creation, the long polls waiting for them, and their refresh from the provider until they end.

mod creator;
mod embed_url;
mod keyed_locks;
mod list_backoff;
mod list_refresh;
mod refresher;
mod registry;
mod schedule;
mod watched_session;

pub(crate) use creator::{CreateError, Created, SessionCreator};
pub(crate) use embed_url::EmbedUrlError;
pub(crate) use refresher::run as refresh;
pub(crate) use registry::SessionRegistry;
pub(crate) use watched_session::WatchedSession;

#[cfg(test)]
mod tests;
