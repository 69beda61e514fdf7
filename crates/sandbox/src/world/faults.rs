//! Fault injection: where, how often, and which fault.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Maximum number of faults.
const MAX_FAULTS: usize = 100;

/// Maximum delay, in milliseconds.
pub(crate) const MAX_DELAY: u64 = 600_000;

/// Maximum clock skew, in seconds: a year.
const MAX_SKEW: i64 = 366 * 86_400;

/// Place where a fault applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Target {
    /// All endpoints of the Partner API.
    Any,
    /// `GET` of the platforms.
    Platforms,
    /// `POST` that creates a session.
    Create,
    /// `GET` of one session.
    Get,
    /// `GET` of the session list.
    List,
    /// HTML document of the frame page.
    Page,
    /// WebSocket of the frame page.
    Stream,
    /// Outgoing webhook.
    Webhook,
}

/// Kind of a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Kind {
    /// The response has this status and an error body, and the request is not carried out.
    Status {
        /// From 400 to 599.
        status: u16,
        /// `Retry-After`, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
    },
    /// The response is a 429, as if the key had no requests left.
    RateLimited {
        /// `Retry-After`, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
    },
    /// A response, each message of a stream, or a webhook is delayed.
    Delay {
        /// Delay in milliseconds.
        millis: u64,
    },
    /// The connection is cut: during the body of a response, or after a message of a stream.
    Cut {
        /// Number of body bytes sent before the cut; half of the body if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<usize>,
    },
    /// The body is broken JSON.
    Malformed,
    /// The sessions in the response have an undocumented status.
    UnknownStatus {
        /// Undocumented status, 1 to 64 bytes.
        #[serde(default = "unknown_status")]
        status: String,
    },
    /// The sessions in the response have this `progress`.
    Progress {
        /// Any JSON, such as a number out of range, a fraction or null.
        value: Value,
    },
    /// The data has an undocumented field.
    UnknownField,
    /// An optional field is absent.
    MissingField {
        /// Name of the field; every optional one if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// All timestamps of the response, including `Date`, are wrong.
    ClockSkew {
        /// Error of the clock in seconds; ahead if positive.
        secs: i64,
    },
    /// The webhook is not sent.
    Lose,
    /// The webhook is sent several times.
    Duplicate {
        /// Number of extra deliveries, 1 to 10.
        copies: u8,
    },
    /// The webhook is sent after the next one, or after 10 seconds if there is none.
    Reorder,
}

/// A fault to inject: where, which kind, and how often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// Place where the fault applies.
    pub on: Target,
    /// Kind of the fault, with its parameters.
    #[serde(flatten)]
    pub kind: Kind,
    /// Number of matching requests to leave intact first.
    #[serde(default)]
    pub skip: u64,
    /// Number of times that the fault applies; unlimited if absent.
    #[serde(default)]
    pub times: Option<u64>,
    /// Probability from 0 to 1 that the fault applies.
    #[serde(default = "always")]
    pub probability: f64,
    /// Seed of the random choice; the same seed repeats the same choices.
    #[serde(default)]
    pub seed: u64,
}

/// An active fault and its random generator.
#[derive(Debug)]
struct Rule {
    fault: Fault,
    chance: StdRng,
}

/// All active faults, in order.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Rule>);

impl Faults {
    /// Replaces all faults by those in `faults`, a list.
    ///
    /// # Errors
    /// Every problem found, each with the index of its fault.
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
            // An unchanged fault keeps the state of its random generator.
            Some(at) => before.swap_remove(at),
            None => Rule { chance: StdRng::seed_from_u64(fault.seed), fault },
        };
        self.0 = faults.into_iter().flatten().map(rule).collect();
        Ok(())
    }

    /// Returns the active faults, with `skip` and `times` counted down.
    pub(crate) fn list(&self) -> Vec<&Fault> {
        self.0.iter().map(|rule| &rule.fault).collect()
    }

    /// Returns the faults that apply to one request, stream message or webhook at `target`.
    pub(crate) fn draw(&mut self, target: Target) -> Vec<Kind> {
        let mut kinds = Vec::new();
        for Rule { fault, chance } in &mut self.0 {
            let matches = fault.on == target || (fault.on == Target::Any && target.is_endpoint());
            if !matches || fault.times == Some(0) {
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
    /// Checks bounds and unknown fields. `given` is the JSON that this fault was parsed from.
    fn check(&self, given: &Value) -> Result<(), String> {
        let known = json!(self);
        let unknown = |(name, value): &(&String, &Value)| known.get(name).is_none() && !value.is_null();
        if let Some((name, _)) = given.as_object().into_iter().flatten().find(unknown) {
            return Err(format!("unknown field {name}"));
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
            return Err("this kind of fault is not supported on this target");
        }
        match &self.kind {
            Kind::Status { status, .. } if !(400..=599).contains(status) => Err("status must be from 400 to 599"),
            Kind::Delay { millis } if *millis > MAX_DELAY => Err("millis must be at most 600000"),
            Kind::UnknownStatus { status } if !(1..=64).contains(&status.len()) => {
                Err("status must be a string of 1 to 64 bytes")
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
    fn fault_skips_requests_then_applies_a_limited_number_of_times() {
        let mut faults = faults(json!([{ "on": "get", "kind": "status", "status": 503, "skip": 1, "times": 2 }]));
        let mut applies = |target| !faults.draw(target).is_empty();
        assert_eq!([Target::Get; 5].map(&mut applies), [false, true, true, false, false]);
        assert!(!applies(Target::List));
    }

    #[test]
    fn target_any_covers_every_endpoint_and_nothing_else() {
        let mut faults = faults(json!([{ "on": "any", "kind": "malformed" }]));
        for (target, applies) in [(Target::Create, true), (Target::List, true), (Target::Page, false)] {
            assert_eq!(!faults.draw(target).is_empty(), applies, "{target:?}");
        }
    }

    #[test]
    fn same_seed_repeats_the_same_choices() {
        let choices = |seed: u64| {
            let list = json!([{ "on": "get", "kind": "malformed", "probability": 0.5, "seed": seed }]);
            let mut faults = faults(list);
            (0..64).map(|_| u8::from(!faults.draw(Target::Get).is_empty())).collect::<Vec<_>>()
        };
        assert_eq!(choices(1), choices(1));
        assert_ne!(choices(1), choices(2));
        assert!((20..44).contains(&choices(1).iter().filter(|applied| **applied == 1).count()));
    }

    #[test]
    fn invalid_fault_is_refused_and_changes_nothing() {
        let mut faults = faults(json!([{ "on": "get", "kind": "malformed" }]));
        for (fault, problem) in [
            (json!({ "on": "get", "kind": "status", "status": 200 }), "from 400 to 599"),
            (json!({ "on": "page", "kind": "malformed" }), "not supported on this target"),
            (json!({ "on": "webhook", "kind": "cut" }), "not supported on this target"),
            (json!({ "on": "get", "kind": "lose" }), "not supported on this target"),
            (json!({ "on": "get", "kind": "delay", "millis": 600_001 }), "at most"),
            (json!({ "on": "get", "kind": "delay", "millis": 1, "probability": 2 }), "from 0 to 1"),
            (json!({ "on": "webhook", "kind": "duplicate", "copies": 11 }), "from 1 to 10"),
            (json!({ "on": "get", "kind": "malformed", "tims": 1 }), "unknown field tims"),
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
