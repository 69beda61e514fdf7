//! What the provider does not document ("open" in partner-api), each as a switch. The sandbox's choice is the first of
//! each switch's values and no more than a guess; whoever builds on the provider should work with all of them.

use cr3dentials_core::wire::undocumented::{CREATE_STATUS_CODE, EMBED_TOKEN_LIFETIME_SECS, SESSION_LIST_PATH};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What `embedUrl` holds in the answer to Get, while the session is live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EmbedTokenOnGet {
    /// A fresh token each time, beside which the older ones stay good.
    #[default]
    Fresh,
    /// A fresh token each time, and the older ones end.
    FreshVoiding,
    /// Create's token, good or not.
    Same,
    /// A token that cannot be used.
    Spent,
}

/// What the list's items hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ListItems {
    /// Get's fields, without `embedUrl`.
    #[default]
    Full,
    /// `sessionId` and `status` alone.
    Bare,
}

/// In which order the list comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ListOrder {
    /// Newest first.
    #[default]
    Newest,
    /// By nothing that anybody could rely on, but the same each time.
    Unknown,
}

/// What `X-RateLimit-Reset` is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ResetFormat {
    /// Unix time in seconds.
    #[default]
    Seconds,
    /// Unix time in milliseconds.
    Milliseconds,
    /// Seconds from now.
    Delta,
}

/// When a session has a `streamUrl`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StreamUrlWhile {
    /// From `READY` to `VERIFYING`.
    #[default]
    ReadyToVerifying,
    /// From `CONNECTED` to `VERIFYING`.
    ConnectedToVerifying,
    /// As long as it has not ended.
    Live,
}

/// The switches. [`SWITCHES`] says what each is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "SWITCHES documents each, for people too")]
#[allow(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Switches {
    pub embed_token_on_get: EmbedTokenOnGet,
    pub embed_token_secs: u64,
    pub list_path: Option<String>,
    pub list_items: ListItems,
    pub list_order: ListOrder,
    pub list_limit: Option<u32>,
    pub list_old_keys_sessions: bool,
    pub create_limit: Option<u32>,
    pub create_status_code: u16,
    pub create_shows_status: bool,
    pub embed_url_once_ended: bool,
    pub embed_url_in_list: bool,
    pub stream_url_while: StreamUrlWhile,
    pub reference_in_get: bool,
    pub reference_in_list: bool,
    pub reset_format: ResetFormat,
    pub retry_after: bool,
    pub inactive_platforms_listed: bool,
    pub content_type_on_get_required: bool,
    pub null_fields_present: bool,
    pub messages_as_list: bool,
    pub error_name_beside_messages: bool,
    pub partial_attestation: bool,
    pub webhook_header_on_session_url: bool,
}

/// What is known about a switch.
#[derive(Clone, Copy, Debug)]
pub struct Switch {
    /// Its name, as a field of [`Switches`] on the wire.
    pub name: &'static str,
    /// The question that the provider leaves open.
    pub question: &'static str,
    /// The section of the contract that leaves it open.
    pub section: u8,
    values: fn() -> Vec<Value>,
}

impl Switch {
    /// The values to try, as JSON; the first is the default.
    pub fn values(&self) -> Vec<Value> {
        (self.values)()
    }
}

/// Every switch.
pub const SWITCHES: [Switch; 24] = [
    Switch {
        name: "embedTokenOnGet",
        question: "Which token does Get hand out in embedUrl?",
        section: 2,
        values: || vec![json!("fresh"), json!("freshVoiding"), json!("same"), json!("spent")],
    },
    Switch {
        name: "embedTokenSecs",
        question: "For how many seconds can an embed token be used?",
        section: 6,
        values: || vec![json!(EMBED_TOKEN_LIFETIME_SECS), json!(20), json!(3600)],
    },
    Switch {
        name: "listPath",
        question: "Where is the list? Null: there is none.",
        section: 2,
        values: || vec![json!(SESSION_LIST_PATH), json!("/partner/sessions"), Value::Null],
    },
    Switch {
        name: "listItems",
        question: "Which fields do the list's items have?",
        section: 2,
        values: || vec![json!("full"), json!("bare")],
    },
    Switch {
        name: "listOrder",
        question: "In which order does the list come?",
        section: 2,
        values: || vec![json!("newest"), json!("unknown")],
    },
    Switch {
        name: "listLimit",
        question: "How many lists a minute are allowed? Null: no limit of its own.",
        section: 2,
        values: || vec![Value::Null, json!(5)],
    },
    Switch {
        name: "listOldKeysSessions",
        question: "Does a rotated key list what the old one made?",
        section: 2,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "createLimit",
        question: "How many creates a minute are allowed? Null: no limit of its own.",
        section: 5,
        values: || vec![json!(DEFAULT_CREATE_LIMIT), json!(5), Value::Null],
    },
    Switch {
        name: "createStatusCode",
        question: "What is the HTTP status of a successful create?",
        section: 1,
        values: || vec![json!(CREATE_STATUS_CODE), json!(200)],
    },
    Switch {
        name: "createShowsStatus",
        question: "Does create's answer have a status?",
        section: 2,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "embedUrlOnceEnded",
        question: "Does Get carry embedUrl, of no use by then, once a session has ended?",
        section: 2,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "embedUrlInList",
        question: "Do the list's items carry embedUrl, with create's token?",
        section: 2,
        values: || vec![json!(false), json!(true)],
    },
    Switch {
        name: "streamUrlWhile",
        question: "When is a session active, so that it has a streamUrl?",
        section: 2,
        values: || vec![json!("readyToVerifying"), json!("connectedToVerifying"), json!("live")],
    },
    Switch {
        name: "referenceInGet",
        question: "Does Get carry externalReferenceId, when one was given?",
        section: 2,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "referenceInList",
        question: "Do the list's items carry externalReferenceId, when one was given?",
        section: 2,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "resetFormat",
        question: "What is X-RateLimit-Reset counted in?",
        section: 5,
        values: || vec![json!("seconds"), json!("milliseconds"), json!("delta")],
    },
    Switch {
        name: "retryAfter",
        question: "Does a 429 carry Retry-After?",
        section: 5,
        values: || vec![json!(false), json!(true)],
    },
    Switch {
        name: "inactivePlatformsListed",
        question: "Are inactive platforms listed?",
        section: 2,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "contentTypeOnGetRequired",
        question: "Is a GET without Content-Type: application/json refused?",
        section: 1,
        values: || vec![json!(false), json!(true)],
    },
    Switch {
        name: "nullFieldsPresent",
        question: "Is a field without a value null (or absent)?",
        section: 2,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "messagesAsList",
        question: "Does a validation error carry its messages as a list (or as one text)?",
        section: 1,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "errorNameBesideMessages",
        question: "Does a validation error carry error, the name of its status, too?",
        section: 1,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "partialAttestation",
        question: "Does a partial end with data have an attestation?",
        section: 2,
        values: || vec![json!(false), json!(true)],
    },
    Switch {
        name: "webhookHeaderOnSessionUrl",
        question: "Does the dashboard's webhook header go to a session's own webhookUrl too?",
        section: 4,
        values: || vec![json!(true), json!(false)],
    },
];

/// Creates a minute that a key has. The provider says that there is such a limit, not what it is.
const DEFAULT_CREATE_LIMIT: u32 = 60;

impl Default for Switches {
    fn default() -> Self {
        Self {
            embed_token_on_get: EmbedTokenOnGet::default(),
            embed_token_secs: EMBED_TOKEN_LIFETIME_SECS,
            list_path: Some(SESSION_LIST_PATH.to_owned()),
            list_items: ListItems::default(),
            list_order: ListOrder::default(),
            list_limit: None,
            list_old_keys_sessions: true,
            create_limit: Some(DEFAULT_CREATE_LIMIT),
            create_status_code: CREATE_STATUS_CODE,
            create_shows_status: true,
            embed_url_once_ended: true,
            embed_url_in_list: false,
            stream_url_while: StreamUrlWhile::default(),
            reference_in_get: true,
            reference_in_list: true,
            reset_format: ResetFormat::default(),
            retry_after: false,
            inactive_platforms_listed: true,
            content_type_on_get_required: false,
            null_fields_present: true,
            messages_as_list: true,
            error_name_beside_messages: true,
            partial_attestation: false,
            webhook_header_on_session_url: true,
        }
    }
}

impl Switches {
    /// These switches, with those that `changes`, an object, names changed.
    ///
    /// # Errors
    /// What is wrong with `changes`, in a sentence.
    pub fn with(&self, changes: &Value) -> Result<Self, String> {
        let changes = changes.as_object().ok_or("the switches must be an object")?;
        // Plain data of our own, so this cannot fail.
        let mut fields = json!(self);
        for (name, value) in changes {
            if fields.get(name).is_none() {
                return Err(format!("there is no switch {name}"));
            }
            fields[name] = value.clone();
            let changed: Self = serde_json::from_value(fields.clone()).map_err(|_| format!("{name} cannot be that"))?;
            changed.check().map_err(|problem| format!("{name} {problem}"))?;
        }
        serde_json::from_value(fields).map_err(|error| error.to_string())
    }

    fn check(&self) -> Result<(), &'static str> {
        if !(200..=299).contains(&self.create_status_code) {
            return Err("must be from 200 to 299");
        }
        if !(1..=86_400).contains(&self.embed_token_secs) {
            return Err("must be from 1 to 86400");
        }
        match &self.list_path {
            Some(path) if !path.starts_with('/') || path.len() > 100 => Err("must be null or a path"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_described_and_every_value_can_be_set() {
        let default = Switches::default();
        let fields = json!(default);
        assert_eq!(fields.as_object().unwrap().len(), SWITCHES.len());
        for switch in SWITCHES {
            let values = switch.values();
            assert_eq!(fields.get(switch.name), Some(&values[0]), "{}: the first value is the default", switch.name);
            assert!(values.len() > 1, "{}", switch.name);
            for value in values {
                let set = default.with(&json!({ switch.name: value })).unwrap();
                assert_eq!(json!(set)[switch.name], value);
            }
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        let with = |changes| Switches::default().with(&changes).unwrap_err();
        assert_eq!(with(json!({ "nothing": 1 })), "there is no switch nothing");
        assert_eq!(with(json!({ "createStatusCode": 404 })), "createStatusCode must be from 200 to 299");
        assert_eq!(with(json!({ "embedTokenSecs": 0 })), "embedTokenSecs must be from 1 to 86400");
        assert_eq!(with(json!({ "listPath": "x" })), "listPath must be null or a path");
        assert_eq!(with(json!({ "resetFormat": "years" })), "resetFormat cannot be that");
        assert_eq!(with(json!([])), "the switches must be an object");
    }
}
