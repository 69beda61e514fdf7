use crate::contract::MAX_WAIT_SECS;
use crate::retry::Backoff;
use crate::time::Millis;

/// The engine's times. The defaults are the product's; tests change them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// True if the user picks the platform: starting again then leads back to the list. Otherwise the page has named one,
    /// and starting again creates a session for it.
    pub user_picks: bool,
    /// How long a status question asks to be held, in seconds.
    pub wait_secs: u64,
    /// How much longer than its wait an ask may take.
    pub ask_grace: Millis,
    /// The least distance between the starts of two asks.
    pub ask_spacing: Millis,
    /// An unchanged answer sooner than this means that the server does not hold questions.
    pub held_at_least: Millis,
    /// Between asks, where the server does not hold and the machine works.
    pub poll_machine: Millis,
    /// Between asks, where the server does not hold and the user must act.
    pub poll_user: Millis,
    /// Between asks after failures.
    pub backoff: Backoff,
    /// The longest `Retry-After` that is believed.
    pub longest_retry_after: Millis,
    /// Maximum number of sessions in a row that may turn out to be another user's before the user is told. An identity that changes from request
    /// to request would otherwise create one session after another.
    pub renewals: u32,
    /// Denials needed before we say that the verification cannot be seen any more.
    pub stall_denials: u32,
    /// The least time between the first and the last of them.
    pub stall_after: Millis,
    /// Between asks once stalled.
    pub stalled_poll: Millis,
    /// How long a create may take.
    pub create_timeout: Millis,
    /// Failed creates before the user is asked to try again.
    pub create_tries: u32,
    /// How long fetching an embed URL may take.
    pub embed_timeout: Millis,
    /// The least distance between two fetches of an embed URL.
    pub embed_spacing: Millis,
    /// How long `READY` may last before a new window is offered.
    pub offer_window_after: Millis,
    /// How long opening may last before it is called slow.
    pub slow_opening: Millis,
    /// How long any other step of the machine may last before it is called slow.
    pub slow_working: Millis,
    /// How long before `expiresAt` the user is told.
    pub expiring_before: Millis,
    /// How long past `expiresAt` an unreachable server is waited for.
    pub expired_after: Millis,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            user_picks: false,
            wait_secs: MAX_WAIT_SECS,
            ask_grace: Millis::from_secs(10),
            ask_spacing: Millis(500),
            held_at_least: Millis::from_secs(1),
            poll_machine: Millis::from_secs(2),
            poll_user: Millis::from_secs(4),
            backoff: Backoff { base: Millis::from_secs(1), cap: Millis::from_secs(30) },
            longest_retry_after: Millis::from_secs(120),
            renewals: 2,
            stall_denials: 3,
            stall_after: Millis::from_secs(30),
            stalled_poll: Millis::from_secs(60),
            create_timeout: Millis::from_secs(40),
            create_tries: 4,
            embed_timeout: Millis::from_secs(20),
            embed_spacing: Millis::from_secs(crate::contract::FRAME_MIN_INTERVAL_SECS),
            offer_window_after: Millis::from_secs(20),
            slow_opening: Millis::from_secs(10),
            slow_working: Millis::from_secs(60),
            expiring_before: Millis::from_secs(300),
            expired_after: Millis::from_secs(60),
        }
    }
}
