//! Where users wait, and where they stop.

use serde::Serialize;

/// A step that is over: how long the user was at it, and where they went from there.
///
/// A visit that ends in the middle has a last one too, with `next` as `left`, when the page goes away or the component
/// is taken out of it; a page that is killed outright cannot say so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepTime {
    /// A UUID, once there is a session.
    pub session_id: Option<String>,
    /// `choose` (a platform, or the start), `start` (a session is made), `connect`, `sign-in`, `read-details`, `check`.
    pub step: &'static str,
    /// The next step, the reason of the end, or `left`.
    pub next: &'static str,
    /// How long it took, in milliseconds, by a clock that nobody sets.
    pub millis: u64,
}
