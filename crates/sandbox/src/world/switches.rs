//! Behavior that the provider does not document ("assumed" in docs/partner-api.md), as switches.
//!
//! The first value of each switch is the sandbox's assumption. A client of the provider should work with all values.

use cr3dentials_core::wire::undocumented::{CREATE_STATUS_CODE, EMBED_TOKEN_LIFETIME_SECS, SESSION_LIST_PATH};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Token in the `embedUrl` that Get returns for a live session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EmbedTokenOnGet {
    /// A new token each time; older ones stay valid.
    #[default]
    Fresh,
    /// A new token each time, which invalidates the older ones.
    FreshVoiding,
    /// The token from create, valid or not.
    Same,
    /// A token that cannot be used.
    Spent,
}

/// Fields of the list's items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ListItems {
    /// The fields of Get, without `embedUrl`.
    #[default]
    Full,
    /// Only `sessionId` and `status`.
    Bare,
}

/// Order of the list's items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ListOrder {
    /// Newest first.
    #[default]
    Newest,
    /// A meaningless order, but the same for each request.
    Unknown,
}

/// Format of `X-RateLimit-Reset`.
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

/// Statuses in which a session has a `streamUrl`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StreamUrlWhile {
    /// From `READY` to `VERIFYING`.
    #[default]
    ReadyToVerifying,
    /// From `CONNECTED` to `VERIFYING`.
    ConnectedToVerifying,
    /// Until the session has ended.
    Live,
}

/// Value of every switch. [`SWITCHES`] describes each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "SWITCHES documents each")]
#[allow(clippy::struct_excessive_bools, reason = "each is an independent switch")]
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

/// Description of a switch.
#[derive(Clone, Copy, Debug)]
pub struct Switch {
    /// Name on the wire: a field of [`Switches`] in camel case.
    pub name: &'static str,
    /// Question that the provider's documentation leaves open.
    pub question: &'static str,
    /// Section of docs/partner-api.md that states the assumption.
    pub section: u8,
    values: fn() -> Vec<Value>,
}

impl Switch {
    /// Returns the values to test with, as JSON; the first is the default.
    pub fn values(&self) -> Vec<Value> {
        (self.values)()
    }
}

/// Every switch.
pub const SWITCHES: [Switch; 24] = [
    Switch {
        name: "embedTokenOnGet",
        question: "Which token does Get return in embedUrl?",
        section: 2,
        values: || vec![json!("fresh"), json!("freshVoiding"), json!("same"), json!("spent")],
    },
    Switch {
        name: "embedTokenSecs",
        question: "For how many seconds is an embed token valid?",
        section: 6,
        values: || vec![json!(EMBED_TOKEN_LIFETIME_SECS), json!(20), json!(3600)],
    },
    Switch {
        name: "listPath",
        question: "What is the path of the list? Null: there is no list.",
        section: 2,
        values: || vec![json!(SESSION_LIST_PATH), json!("/partner/sessions"), Value::Null],
    },
    Switch {
        name: "listItems",
        question: "Which fields do list items have?",
        section: 2,
        values: || vec![json!("full"), json!("bare")],
    },
    Switch {
        name: "listOrder",
        question: "In which order are list items returned?",
        section: 2,
        values: || vec![json!("newest"), json!("unknown")],
    },
    Switch {
        name: "listLimit",
        question: "How many list requests per minute are allowed? Null: no separate limit.",
        section: 2,
        values: || vec![Value::Null, json!(5)],
    },
    Switch {
        name: "listOldKeysSessions",
        question: "Does a rotated key list the sessions created before the rotation?",
        section: 2,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "createLimit",
        question: "How many create requests per minute are allowed? Null: no separate limit.",
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
        question: "Does the create response include status?",
        section: 2,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "embedUrlOnceEnded",
        question: "Does Get still return embedUrl, although it no longer works, once a session has ended?",
        section: 2,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "embedUrlInList",
        question: "Do list items include embedUrl, with the token from create?",
        section: 2,
        values: || vec![json!(false), json!(true)],
    },
    Switch {
        name: "streamUrlWhile",
        question: "In which statuses does a session have a streamUrl?",
        section: 2,
        values: || vec![json!("readyToVerifying"), json!("connectedToVerifying"), json!("live")],
    },
    Switch {
        name: "referenceInGet",
        question: "Does Get return externalReferenceId if one was given?",
        section: 2,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "referenceInList",
        question: "Do list items include externalReferenceId if one was given?",
        section: 2,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "resetFormat",
        question: "What is the format of X-RateLimit-Reset?",
        section: 5,
        values: || vec![json!("seconds"), json!("milliseconds"), json!("delta")],
    },
    Switch {
        name: "retryAfter",
        question: "Does a 429 response include Retry-After?",
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
        question: "Are fields without a value null (true) or absent (false)?",
        section: 2,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "messagesAsList",
        question: "Does a validation error return its messages as a list (true) or as one string (false)?",
        section: 1,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "errorNameBesideMessages",
        question: "Does a validation error include error, the reason phrase of its status?",
        section: 1,
        values: || vec![json!(true), json!(false)],
    },
    Switch {
        name: "partialAttestation",
        question: "Does a PARTIAL_COMPLETE session with data have an attestation?",
        section: 2,
        values: || vec![json!(false), json!(true)],
    },
    Switch {
        name: "webhookHeaderOnSessionUrl",
        question: "Is the dashboard's webhook header also sent to a session's own webhookUrl?",
        section: 4,
        values: || vec![json!(true), json!(false)],
    },
];

/// Default limit of create requests per minute and key. The provider documents that there is a limit, but not its value.
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
    /// Returns these switches with the values in `changes`, an object, applied.
    ///
    /// # Errors
    /// One sentence about the first problem in `changes`.
    pub fn with(&self, changes: &Value) -> Result<Self, String> {
        let changes = changes.as_object().ok_or("the switches must be an object")?;
        // Plain data, so this cannot fail.
        let mut fields = json!(self);
        for (name, value) in changes {
            if fields.get(name).is_none() {
                return Err(format!("unknown switch {name}"));
            }
            fields[name] = value.clone();
            let changed: Self =
                serde_json::from_value(fields.clone()).map_err(|_| format!("{name} has an invalid value"))?;
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
    fn every_switch_is_described_and_every_value_can_be_set() {
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
    fn invalid_switch_is_refused_by_name() {
        let with = |changes| Switches::default().with(&changes).unwrap_err();
        assert_eq!(with(json!({ "nothing": 1 })), "unknown switch nothing");
        assert_eq!(with(json!({ "createStatusCode": 404 })), "createStatusCode must be from 200 to 299");
        assert_eq!(with(json!({ "embedTokenSecs": 0 })), "embedTokenSecs must be from 1 to 86400");
        assert_eq!(with(json!({ "listPath": "x" })), "listPath must be null or a path");
        assert_eq!(with(json!({ "resetFormat": "years" })), "resetFormat has an invalid value");
        assert_eq!(with(json!([])), "the switches must be an object");
    }
}
