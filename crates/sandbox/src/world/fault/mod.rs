//! Fault injection: where, how often, and which fault.

mod injector;
mod response;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) use injector::Faults;
pub(crate) use response::{apply, rate_limited, refusal, skewed};

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
