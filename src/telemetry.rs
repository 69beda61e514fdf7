//! Duration of each step: where users wait, and where they leave.

use serde::Serialize;

/// A step that has ended: how long the user spent in it, and what came next.
///
/// If the user leaves in the middle of a step (the page goes away or the component is removed), a last step has `left`
/// as `next`. A page that the browser kills reports nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepTime {
    /// UUID of the session; absent before there is one.
    pub session_id: Option<String>,
    /// `choose` (a platform, or the start), `start` (a session is created), `connect`, `sign-in`, `read-details`,
    /// `check`.
    pub step: &'static str,
    /// Next step, reason of the end, or `left`.
    pub next: &'static str,
    /// Duration in milliseconds, measured with a monotonic clock.
    pub millis: u64,
}
