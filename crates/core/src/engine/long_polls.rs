//! How long a long poll may wait: learned from those that a gateway between page and proxy cuts.
//!
//! Many gateways end a request that takes longer than they allow, with a 504 or by closing the connection. That is no
//! sign of trouble. So a long poll that fails is followed by a short poll, and only a failure of that counts. If it
//! succeeds, the next long polls wait shorter than the time after which the cut came.

use super::Config;
use crate::time::Millis;

/// The wait of the next poll.
#[derive(Debug)]
pub(super) struct LongPolls {
    /// Longest wait that was not cut, in seconds. 0 if there are no long polls.
    max_wait_secs: u64,
    /// The wait that a cut suggests, until a short poll has shown whether the proxy can be reached.
    suspected: Option<u64>,
    /// Long polls that were cut early, without another in between that was not.
    early_cuts: u32,
    /// True if the last poll failed. The next one is then short, so that a success shows at once.
    failed: bool,
    /// False once the proxy has returned an unchanged status at once: it does not support long polling.
    supported: bool,
}

/// The end of a long poll without a response.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    /// The requested wait, in seconds.
    pub(super) wait_secs: u64,
    /// Time for which the request was open.
    pub(super) held: Millis,
    /// We ended it, because no response came long after the wait.
    pub(super) timed_out: bool,
}

impl LongPolls {
    pub(super) fn new(config: &Config) -> Self {
        Self { max_wait_secs: config.long_poll_secs, suspected: None, early_cuts: 0, failed: false, supported: true }
    }

    /// Returns the wait of the next poll, in seconds.
    pub(super) fn wait_secs(&self) -> u64 {
        if self.failed { 0 } else { self.max_wait_secs }
    }

    /// Records a long poll that was cut.
    pub(super) fn cut(&mut self, config: &Config, cut: Cut) {
        self.failed = true;
        self.suspected = Some(if cut.timed_out {
            // Nothing is known of the time at which the connection was lost.
            cut.wait_secs / 2
        } else if cut.held < config.early_cut {
            self.early_cuts = self.early_cuts.saturating_add(1);
            // One early cut may be an accident, such as a proxy that restarts.
            if self.early_cuts < config.max_early_cuts { cut.wait_secs } else { 0 }
        } else {
            (cut.held.0 * 4 / 5 / 1000).min(cut.wait_secs * 4 / 5)
        });
    }

    /// Records any other failure. It says nothing about long polls.
    pub(super) fn failed(&mut self) {
        (self.failed, self.suspected) = (true, None);
    }

    /// Records a response. Returns true if the next poll need not wait for its interval: the last one was held, or it
    /// only followed a long poll that was cut.
    pub(super) fn responded(&mut self, config: &Config, long_polled: bool, open_for: Millis, changed: bool) -> bool {
        let was_cut = self.suspected.is_some();
        if let Some(wait_secs) = self.suspected.take() {
            self.max_wait_secs = wait_secs;
        }
        self.failed = false;
        if long_polled {
            self.early_cuts = 0;
            if open_for >= config.min_long_poll {
                self.supported = true;
            } else if !changed {
                self.supported = false;
            }
        }
        (long_polled || was_cut) && self.supported && self.max_wait_secs > 0
    }

    /// Allows longer waits again, step by step, as the page is in another network.
    pub(super) fn network_changed(&mut self, config: &Config) {
        self.early_cuts = 0;
        self.max_wait_secs = (self.max_wait_secs.max(config.min_wait_secs) * 2).min(config.long_poll_secs);
    }
}
