//! The wait of long polls, learned from those that a gateway between page and proxy cuts.
//!
//! Many gateways end a request that takes longer than they allow, with a 504 or by closing the connection. That is no
//! sign of trouble. So a long poll that fails is followed by a short poll, and only a failure of that counts. If it
//! succeeds, the next long polls wait shorter than the time after which the cut came.

use super::Config;
use crate::time::Millis;

/// The waits of the polls.
#[derive(Debug)]
pub(super) struct LongPolls {
    /// Longest wait that was not cut, in seconds. 0 if there are no long polls.
    max_wait_secs: u64,
    mode: Mode,
    /// Long polls that were cut early, without another in between that was not.
    early_cuts: u32,
    /// False once the proxy has returned an unchanged status at once: it does not support long polling.
    supported: bool,
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    /// Polls wait.
    Waiting,
    /// The next poll is short, to find out whether the proxy can be reached. After a cut it decides whether the next
    /// long polls take over the wait `learned` from it.
    Probing { learned: Option<u64> },
    /// Polls failed, and are short until one succeeds, which then shows at once.
    Failing,
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
        Self { max_wait_secs: config.long_poll_secs, mode: Mode::Waiting, early_cuts: 0, supported: true }
    }

    /// Returns the wait of the next poll, in seconds.
    pub(super) fn wait_secs(&self) -> u64 {
        match self.mode {
            Mode::Waiting => self.max_wait_secs,
            Mode::Probing { .. } | Mode::Failing => 0,
        }
    }

    /// Records a long poll that was cut.
    pub(super) fn cut(&mut self, config: &Config, cut: Cut) {
        let learned = if cut.timed_out {
            // Nothing is known of the time at which the connection was lost.
            cut.wait_secs / 2
        } else if cut.held < config.early_cut {
            self.early_cuts = self.early_cuts.saturating_add(1);
            // One early cut may be an accident, such as a proxy that restarts.
            if self.early_cuts < config.max_early_cuts { cut.wait_secs } else { 0 }
        } else {
            (cut.held.0 / 1000).min(cut.wait_secs) * 4 / 5
        };
        self.mode = Mode::Probing { learned: Some(learned) };
    }

    /// Makes the next poll short, because the network may be gone.
    pub(super) fn probe(&mut self) {
        if let Mode::Waiting = self.mode {
            self.mode = Mode::Probing { learned: None };
        }
    }

    /// Records a failure that is no cut. It says nothing about long polls.
    pub(super) fn failed(&mut self) {
        self.mode = Mode::Failing;
    }

    /// Records a response. Returns true if the next poll need not wait for its interval: this one was held, or it only
    /// interrupted the long polls.
    pub(super) fn responded(&mut self, config: &Config, long_polled: bool, open_for: Millis, changed: bool) -> bool {
        let mode = std::mem::replace(&mut self.mode, Mode::Waiting);
        if let Mode::Probing { learned: Some(wait_secs) } = mode {
            self.max_wait_secs = wait_secs;
        }
        if long_polled {
            self.early_cuts = 0;
            if open_for >= config.min_long_poll {
                self.supported = true;
            } else if !changed {
                self.supported = false;
            }
        }
        let continues = long_polled || matches!(mode, Mode::Probing { .. });
        continues && self.supported && self.max_wait_secs > 0
    }

    /// Allows longer waits again, step by step, as the page may be in another network.
    pub(super) fn network_changed(&mut self, config: &Config) {
        self.early_cuts = 0;
        self.max_wait_secs = (self.max_wait_secs.max(config.min_wait_secs) * 2).min(config.long_poll_secs);
    }
}
