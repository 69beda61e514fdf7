//! Faults on command: where, how often, and what goes wrong.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The faults kept at most.
const MAX_FAULTS: usize = 100;

/// The longest delay, in milliseconds.
pub(crate) const MAX_DELAY: u64 = 600_000;

/// The furthest that a clock can be off, in seconds: a year.
const MAX_SKEW: i64 = 366 * 86_400;

/// Where a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Target {
    /// Every endpoint of the Partner API.
    Any,
    /// The list of platforms.
    Platforms,
    /// Create.
    Create,
    /// Get.
    Get,
    /// List.
    List,
    /// The frame page's document.
    Page,
    /// The frame page's stream.
    Stream,
    /// A webhook on its way out.
    Webhook,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Kind {
    /// Answered with this status and an error body instead.
    Status {
        /// From 400 to 599.
        status: u16,
        /// `Retry-After`, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
    },
    /// Answered as if the key's requests were used up.
    RateLimited {
        /// `Retry-After`, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
    },
    /// Everything takes so much longer: an answer, each message of a stream, a webhook.
    Delay {
        /// The time.
        millis: u64,
    },
    /// The connection is cut: an answer in the middle of its body, a stream after it has said something.
    Cut {
        /// How much of an answer's body gets through; half of it when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<usize>,
    },
    /// The body is broken JSON.
    Malformed,
    /// The sessions in the answer have a status that nobody documented.
    UnknownStatus {
        /// That status.
        #[serde(default = "unknown_status")]
        status: String,
    },
    /// The sessions in the answer have this `progress`, whatever it is.
    Progress {
        /// Any JSON: out of range, fractional, null.
        value: Value,
    },
    /// The data have a field that nobody documented.
    UnknownField,
    /// An optional field is absent.
    MissingField {
        /// Which; every optional one when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// The clock that dates the answer is wrong.
    ClockSkew {
        /// By so many seconds; ahead when positive.
        secs: i64,
    },
    /// A webhook is not sent.
    Lose,
    /// A webhook is sent more often.
    Duplicate {
        /// So many times more, 10 at most.
        copies: u8,
    },
    /// A webhook waits until the next one has been sent, or a while.
    Reorder,
}

/// A fault: what goes wrong, where, and how often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// Where.
    pub on: Target,
    /// What.
    #[serde(flatten)]
    pub kind: Kind,
    /// Let so many pass first.
    #[serde(default)]
    pub skip: u64,
    /// Strike so many times; for ever when absent.
    #[serde(default)]
    pub times: Option<u64>,
    /// Strike by chance: from 0 to 1.
    #[serde(default = "always")]
    pub probability: f64,
    /// What the chance comes from: the same seed gives the same fate again.
    #[serde(default)]
    pub seed: u64,
}

/// A fault at work.
#[derive(Debug)]
struct Rule {
    fault: Fault,
    chance: StdRng,
}

/// Every fault at work, in order.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Rule>);

impl Faults {
    /// Replaces all faults.
    ///
    /// # Errors
    /// What is wrong with `faults`, a list, by its place in it.
    pub(crate) fn set(&mut self, faults: &Value) -> Result<(), Vec<String>> {
        let Some(list) = faults.as_array().filter(|list| list.len() <= MAX_FAULTS) else {
            return Err(vec![format!("faults must be a list of at most {MAX_FAULTS}")]);
        };
        let read = |(at, value): (usize, &Value)| -> Result<Fault, String> {
            let fault: Fault = serde_json::from_value(value.clone()).map_err(|error| format!("fault {at}: {error}"))?;
            fault.check(value).map_err(|problem| format!("fault {at}: {problem}"))?;
            Ok(fault)
        };
        let (faults, problems): (Vec<_>, Vec<_>) = list.iter().enumerate().map(read).partition(Result::is_ok);
        if !problems.is_empty() {
            return Err(problems.into_iter().filter_map(Result::err).collect());
        }
        let mut before = std::mem::take(&mut self.0);
        let rule = |fault: Fault| match before.iter().position(|rule| rule.fault == fault) {
            // One that goes on keeps its dice.
            Some(at) => before.swap_remove(at),
            None => Rule { chance: StdRng::seed_from_u64(fault.seed), fault },
        };
        self.0 = faults.into_iter().flatten().map(rule).collect();
        Ok(())
    }

    /// The faults as they stand: what was let pass and what has struck is counted down.
    pub(crate) fn list(&self) -> Vec<&Fault> {
        self.0.iter().map(|rule| &rule.fault).collect()
    }

    /// What goes wrong with one request, stream message or webhook at `target`.
    pub(crate) fn draw(&mut self, target: Target) -> Vec<Kind> {
        let mut kinds = Vec::new();
        for Rule { fault, chance } in &mut self.0 {
            let fits = fault.on == target || (fault.on == Target::Any && target.is_endpoint());
            if !fits || fault.times == Some(0) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
            } else if chance.random::<f64>() < fault.probability {
                fault.times = fault.times.map(|times| times - 1);
                kinds.push(fault.kind.clone());
            }
        }
        kinds
    }
}

impl Target {
    fn is_endpoint(self) -> bool {
        matches!(self, Self::Any | Self::Platforms | Self::Create | Self::Get | Self::List)
    }
}

impl Fault {
    /// Checks what the types do not: `given` is what this was read from.
    fn check(&self, given: &Value) -> Result<(), String> {
        let known = json!(self);
        let stray = |(name, value): &(&String, &Value)| known.get(name).is_none() && !value.is_null();
        if let Some((name, _)) = given.as_object().into_iter().flatten().find(stray) {
            return Err(format!("{name} means nothing here"));
        }
        self.check_bounds().map_err(str::to_owned)
    }

    fn check_bounds(&self) -> Result<(), &'static str> {
        if !(0.0..=1.0).contains(&self.probability) {
            return Err("probability must be from 0 to 1");
        }
        let possible = match &self.kind {
            Kind::Delay { .. } => true,
            Kind::Cut { .. } => self.on != Target::Webhook,
            Kind::Status { .. } => self.on.is_endpoint() || self.on == Target::Page,
            Kind::Lose | Kind::Duplicate { .. } | Kind::Reorder => self.on == Target::Webhook,
            _ => self.on.is_endpoint(),
        };
        if !possible {
            return Err("this kind of fault cannot happen there");
        }
        match &self.kind {
            Kind::Status { status, .. } if !(400..=599).contains(status) => Err("status must be from 400 to 599"),
            Kind::Delay { millis } if *millis > MAX_DELAY => Err("millis must be at most 600000"),
            Kind::UnknownStatus { status } if !(1..=64).contains(&status.len()) => {
                Err("status must be a text of 1 to 64 bytes")
            }
            Kind::ClockSkew { secs } if !(-MAX_SKEW..=MAX_SKEW).contains(secs) => Err("secs must be within a year"),
            Kind::Duplicate { copies } if !(1..=10).contains(copies) => Err("copies must be from 1 to 10"),
            _ => Ok(()),
        }
    }
}

fn unknown_status() -> String {
    "RECONCILING".to_owned()
}

fn always() -> f64 {
    1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(list: Value) -> Faults {
        let mut faults = Faults::default();
        faults.set(&list).unwrap();
        faults
    }

    #[test]
    fn a_fault_lets_some_pass_and_strikes_so_many_times() {
        let mut faults = faults(json!([{ "on": "get", "kind": "status", "status": 503, "skip": 1, "times": 2 }]));
        let mut struck = |target| !faults.draw(target).is_empty();
        assert_eq!([Target::Get; 5].map(&mut struck), [false, true, true, false, false]);
        assert!(!struck(Target::List));
    }

    #[test]
    fn any_means_every_endpoint_and_nothing_else() {
        let mut faults = faults(json!([{ "on": "any", "kind": "malformed" }]));
        for (target, strikes) in [(Target::Create, true), (Target::List, true), (Target::Page, false)] {
            assert_eq!(!faults.draw(target).is_empty(), strikes, "{target:?}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_fate() {
        let fate = |seed: u64| {
            let list = json!([{ "on": "get", "kind": "malformed", "probability": 0.5, "seed": seed }]);
            let mut faults = faults(list);
            (0..64).map(|_| u8::from(!faults.draw(Target::Get).is_empty())).collect::<Vec<_>>()
        };
        assert_eq!(fate(1), fate(1));
        assert_ne!(fate(1), fate(2));
        assert!((20..44).contains(&fate(1).iter().filter(|struck| **struck == 1).count()));
    }

    #[test]
    fn what_makes_no_sense_is_refused_and_changes_nothing() {
        let mut faults = faults(json!([{ "on": "get", "kind": "malformed" }]));
        for (fault, problem) in [
            (json!({ "on": "get", "kind": "status", "status": 200 }), "from 400 to 599"),
            (json!({ "on": "page", "kind": "malformed" }), "cannot happen there"),
            (json!({ "on": "webhook", "kind": "cut" }), "cannot happen there"),
            (json!({ "on": "get", "kind": "lose" }), "cannot happen there"),
            (json!({ "on": "get", "kind": "delay", "millis": 600_001 }), "at most"),
            (json!({ "on": "get", "kind": "delay", "millis": 1, "probability": 2 }), "from 0 to 1"),
            (json!({ "on": "webhook", "kind": "duplicate", "copies": 11 }), "from 1 to 10"),
            (json!({ "on": "get", "kind": "malformed", "tims": 1 }), "tims means nothing"),
            (json!({ "on": "moon", "kind": "malformed" }), "moon"),
            (json!({ "on": "get", "kind": "explode" }), "explode"),
        ] {
            let problems = faults.set(&json!([{ "on": "list", "kind": "malformed" }, fault])).unwrap_err();
            assert!(problems.len() == 1 && problems[0].starts_with("fault 1: "), "{problems:?}");
            assert!(problems[0].contains(problem), "{problems:?}");
        }
        assert_eq!(faults.list()[0].on, Target::Get);
    }
}
