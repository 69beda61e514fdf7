//! The rules on the network: an axum router around a [`World`], and a task that plays time and sends webhooks.

mod adapter;
mod config;
mod driver;
mod running;

use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use cr3dentials_core::time::UnixMillis;
use tokio::sync::Notify;

use crate::world::World;

pub use config::Config;
pub use running::{Running, spawn};

/// The sandbox as a router, to be served at `config.listen`: that address is where the platforms' icons and, unless
/// `frame_origin` says otherwise, the frame page are said to be.
///
/// Its background task starts with the first request and ends when the router is dropped.
pub fn app(config: Config) -> Router {
    let origin = format!("http://{}", config.listen);
    router(&Shared::new(World::new(config.into_settings(&origin), rand::random())))
}

/// What the router, the background task and a [`Running`] share.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    /// Told after every request: something may be due sooner than the background task thinks.
    changed: Notify,
    driver: Once,
}

impl Shared {
    fn new(world: World) -> Arc<Self> {
        Arc::new(Self { world: Mutex::new(world), changed: Notify::new(), driver: Once::new() })
    }

    /// The rules. Held for one call at a time and never across an await.
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn router(shared: &Arc<Shared>) -> Router {
    Router::new().fallback(adapter::answer).with_state(Arc::clone(shared))
}

/// The time of day.
fn now() -> UnixMillis {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
