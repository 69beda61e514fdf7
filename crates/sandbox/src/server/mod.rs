//! The rules on the network: an axum router around a [`World`], and a task that plays time and sends webhooks.

mod adapter;
mod config;
mod driver;
mod running;
mod sender;
mod stream;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::routing::any;
use cr3dentials_core::time::{Millis, UnixMillis};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::watch;

use crate::world::World;
use sender::Sender;

pub use config::{Clock, Config, Webhooks};
pub use running::{Running, spawn};

/// The sandbox as a router, to be served at `config.listen`: that address is where the platforms' icons and, unless
/// `frame_origin` says otherwise, the frame page are said to be.
///
/// Its background task starts with the first request and ends when the router is dropped. A restart on command cuts
/// the streams and may forget the sessions, but the port is its server's.
///
/// # Errors
/// When the configuration names a file that cannot be read, or a test user that there is not (`InvalidInput`).
pub fn app(config: &Config) -> io::Result<Router> {
    let origin = format!("http://{}", config.listen);
    Ok(router(&Shared::new(config, &origin)?))
}

/// What the router, the background task and a [`Running`] share.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    clock: Clock,
    sender: Sender,
    /// How often something changed: tells the background task that something may be due sooner than it thinks, and
    /// the streams that they may have something to say.
    changed: watch::Sender<u64>,
    /// The restarts that were asked for, each with how long to stay away.
    restarts: watch::Sender<(u64, Millis)>,
    driver: Once,
}

impl Shared {
    fn new(config: &Config, origin: &str) -> io::Result<Arc<Self>> {
        let seed = match config.seed {
            Some(seed) => StdRng::seed_from_u64(seed).random(),
            None => rand::random(),
        };
        let mut world = World::new(config.settings(origin), seed);
        if let Some(user) = &config.user
            && !world.set_user(user)
        {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("there is no test user {user}")));
        }
        Ok(Arc::new(Self {
            world: Mutex::new(world),
            clock: config.clock,
            sender: Sender::new(&config.webhooks)?,
            changed: watch::Sender::new(0),
            restarts: watch::Sender::new((0, Millis(0))),
            driver: Once::new(),
        }))
    }

    /// Does something with the rules, and tells whoever waits for changes.
    fn with<R>(&self, act: impl FnOnce(&mut World, UnixMillis) -> R) -> R {
        let (result, restart) = {
            let mut world = self.world();
            let result = act(&mut world, self.now());
            (result, world.take_restart())
        };
        self.changed.send_modify(|count| *count += 1);
        if let Some(restart) = restart {
            self.restarts.send_modify(|(count, down)| (*count, *down) = (*count + 1, restart.down));
        }
        result
    }

    /// The rules. Held for one call at a time and never across an await.
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of day.
    fn now(&self) -> UnixMillis {
        match self.clock {
            Clock::Stopped(at) => at,
            Clock::Machine => {
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                UnixMillis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
            }
        }
    }
}

fn router(shared: &Arc<Shared>) -> Router {
    Router::new().route("/stream/{id}", any(stream::open)).fallback(adapter::answer).with_state(Arc::clone(shared))
}
