use crate::contract::{FRAME_MIN_INTERVAL_SECS, MAX_WAIT_SECS};
use crate::retry::Backoff;
use crate::time::Millis;

/// The engine's intervals and limits. The defaults are the product's; tests change them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// True if the user picks the platform: starting again then returns to the list. Otherwise the page has set one,
    /// and starting again creates a session for it.
    pub user_picks: bool,
    /// Wait that a long poll requests, in seconds.
    pub long_poll_secs: u64,
    /// Time that a poll may take in addition to its wait.
    pub poll_grace: Millis,
    /// Minimum interval between the starts of two polls.
    pub min_poll_interval: Millis,
    /// A long poll that returns an unchanged status sooner than this was not held: the proxy does not support it.
    pub min_long_poll: Millis,
    /// A long poll that is cut sooner than this was cut early.
    pub early_cut: Millis,
    /// Number of early cuts in a row after which there are no more long polls.
    pub max_early_cuts: u32,
    /// Half of the wait that is tried, in seconds, where there were no more long polls and the network has changed.
    pub min_wait_secs: u64,
    /// Interval between polls without long polling while the remote browser works.
    pub poll_interval_working: Millis,
    /// Interval between polls without long polling while the user has to act.
    pub poll_interval_user: Millis,
    /// Interval between polls of a stalled session.
    pub poll_interval_stalled: Millis,
    /// Delays after failures.
    pub backoff: Backoff,
    /// Upper bound for a server's `Retry-After`.
    pub max_retry_after: Millis,
    /// Maximum number of consecutive sessions that may turn out to be another user's before an error is reported. An
    /// identity that changes with every request would otherwise create one session after another.
    pub max_renewals: u32,
    /// Number of refused polls after which a session may count as stalled.
    pub stall_denials: u32,
    /// Minimum time between the first and the last of them.
    pub stall_after: Millis,
    /// Timeout of a create.
    pub create_timeout: Millis,
    /// Number of failed creates after which the user decides.
    pub max_create_attempts: u32,
    /// Timeout of a request for an embed URL.
    pub embed_url_timeout: Millis,
    /// Minimum interval between two requests for an embed URL.
    pub min_embed_url_interval: Millis,
    /// Time for which the user must act and gives no sign, after which a new window is offered.
    pub offer_window_after: Millis,
    /// Duration of the opening steps after which they count as slow.
    pub slow_opening_after: Millis,
    /// Duration of any other automatic step after which it counts as slow.
    pub slow_working_after: Millis,
    /// Time before `expiresAt` at which the user is warned.
    pub expiry_warning: Millis,
    /// Time past `expiresAt`, and past the last response, after which a session counts as expired when no server
    /// responds.
    pub expiry_grace: Millis,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            user_picks: false,
            long_poll_secs: MAX_WAIT_SECS,
            poll_grace: Millis::from_secs(10),
            min_poll_interval: Millis(500),
            min_long_poll: Millis::from_secs(1),
            early_cut: Millis::from_secs(3),
            max_early_cuts: 2,
            min_wait_secs: 2,
            poll_interval_working: Millis::from_secs(2),
            poll_interval_user: Millis::from_secs(4),
            poll_interval_stalled: Millis::from_secs(60),
            backoff: Backoff { base: Millis::from_secs(1), cap: Millis::from_secs(30) },
            max_retry_after: Millis::from_secs(120),
            max_renewals: 2,
            stall_denials: 3,
            stall_after: Millis::from_secs(30),
            create_timeout: Millis::from_secs(40),
            max_create_attempts: 4,
            embed_url_timeout: Millis::from_secs(20),
            min_embed_url_interval: Millis::from_secs(FRAME_MIN_INTERVAL_SECS),
            offer_window_after: Millis::from_secs(20),
            slow_opening_after: Millis::from_secs(10),
            slow_working_after: Millis::from_secs(60),
            expiry_warning: Millis::from_secs(300),
            expiry_grace: Millis::from_secs(60),
        }
    }
}
