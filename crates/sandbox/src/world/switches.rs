//! Behavior that the provider does not document ("assumed" in docs/partner-api.md), as switches.
//!
//! The first value of each switch is the sandbox's assumption. A client of the provider should work with all values.

use cr3dentials_core::wire::undocumented::{CREATE_STATUS_CODE, EMBED_TOKEN_LIFETIME_SECS, SESSION_LIST_PATH};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Token in the `embedUrl` that Get returns for a live session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EmbedTokenOnGet {
    /// A new token each time; older ones stay valid.
    Fresh,
    /// A new token each time, which invalidates the older ones.
    FreshVoiding,
    /// The token from create, valid or not.
    Same,
    /// A token that cannot be used.
    Spent,
}

/// Fields of the list's items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ListItems {
    /// The fields of Get, without `embedUrl`.
    Full,
    /// Only `sessionId` and `status`.
    Bare,
}

/// Order of the list's items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ListOrder {
    /// Newest first.
    Newest,
    /// A meaningless order, but the same for each request.
    Unknown,
}

/// Format of `X-RateLimit-Reset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ResetFormat {
    /// Unix time in seconds.
    Seconds,
    /// Unix time in milliseconds.
    Milliseconds,
    /// Seconds from now.
    Delta,
}

/// Statuses in which a session has a `streamUrl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StreamUrlWhile {
    /// From `READY` to `VERIFYING`.
    ReadyToVerifying,
    /// From `CONNECTED` to `VERIFYING`.
    ConnectedToVerifying,
    /// Until the session has ended.
    Live,
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

/// Default limit of create requests per minute and key. The provider documents that there is a limit, but not its value.
const DEFAULT_CREATE_LIMIT: u32 = 60;

/// Declares [`Switches`], its default and [`SWITCHES`] from one table. The first value of a switch is its default.
macro_rules! switches {
    ($($field:ident: $type:ty {
        name: $name:literal,
        question: $question:literal,
        section: $section:literal,
        values: [$default:expr $(, $value:expr)*],
    })*) => {
        /// Value of every switch. [`SWITCHES`] describes each.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(clippy::struct_excessive_bools, reason = "each is an independent switch")]
        pub struct Switches {
            $(
                #[doc = $question]
                #[serde(rename = $name)]
                pub $field: $type,
            )*
        }

        impl Default for Switches {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        /// Every switch.
        pub const SWITCHES: [Switch; [$($name),*].len()] = [$(Switch {
            name: $name,
            question: $question,
            section: $section,
            values: || {
                let values: Vec<$type> = vec![$default $(, $value)*];
                values.iter().map(|value| json!(value)).collect()
            },
        }),*];
    };
}

switches! {
    embed_token_on_get: EmbedTokenOnGet {
        name: "embedTokenOnGet",
        question: "Which token does Get return in embedUrl?",
        section: 2,
        values: [EmbedTokenOnGet::Fresh, EmbedTokenOnGet::FreshVoiding, EmbedTokenOnGet::Same, EmbedTokenOnGet::Spent],
    }
    embed_token_secs: u64 {
        name: "embedTokenSecs",
        question: "For how many seconds is an embed token valid?",
        section: 6,
        values: [EMBED_TOKEN_LIFETIME_SECS, 20, 3600],
    }
    list_path: Option<String> {
        name: "listPath",
        question: "What is the path of the list? Null: there is no list.",
        section: 2,
        values: [Some(SESSION_LIST_PATH.to_owned()), Some("/partner/sessions".to_owned()), None],
    }
    list_items: ListItems {
        name: "listItems",
        question: "Which fields do list items have?",
        section: 2,
        values: [ListItems::Full, ListItems::Bare],
    }
    list_order: ListOrder {
        name: "listOrder",
        question: "In which order are list items returned?",
        section: 2,
        values: [ListOrder::Newest, ListOrder::Unknown],
    }
    list_limit: Option<u32> {
        name: "listLimit",
        question: "How many list requests per minute are allowed? Null: no separate limit.",
        section: 2,
        values: [None, Some(5)],
    }
    list_old_keys_sessions: bool {
        name: "listOldKeysSessions",
        question: "Does a rotated key list the sessions created before the rotation?",
        section: 2,
        values: [true, false],
    }
    create_limit: Option<u32> {
        name: "createLimit",
        question: "How many create requests per minute are allowed? Null: no separate limit.",
        section: 5,
        values: [Some(DEFAULT_CREATE_LIMIT), Some(5), None],
    }
    create_status_code: u16 {
        name: "createStatusCode",
        question: "What is the HTTP status of a successful create?",
        section: 1,
        values: [CREATE_STATUS_CODE, 200],
    }
    create_shows_status: bool {
        name: "createShowsStatus",
        question: "Does the create response include status?",
        section: 2,
        values: [true, false],
    }
    embed_url_once_ended: bool {
        name: "embedUrlOnceEnded",
        question: "Does Get still return embedUrl, although it no longer works, once a session has ended?",
        section: 2,
        values: [true, false],
    }
    embed_url_in_list: bool {
        name: "embedUrlInList",
        question: "Do list items include embedUrl, with the token from create?",
        section: 2,
        values: [false, true],
    }
    stream_url_while: StreamUrlWhile {
        name: "streamUrlWhile",
        question: "In which statuses does a session have a streamUrl?",
        section: 2,
        values: [StreamUrlWhile::ReadyToVerifying, StreamUrlWhile::ConnectedToVerifying, StreamUrlWhile::Live],
    }
    reference_in_get: bool {
        name: "referenceInGet",
        question: "Does Get return externalReferenceId if one was given?",
        section: 2,
        values: [true, false],
    }
    reference_in_list: bool {
        name: "referenceInList",
        question: "Do list items include externalReferenceId if one was given?",
        section: 2,
        values: [true, false],
    }
    reset_format: ResetFormat {
        name: "resetFormat",
        question: "What is the format of X-RateLimit-Reset?",
        section: 5,
        values: [ResetFormat::Seconds, ResetFormat::Milliseconds, ResetFormat::Delta],
    }
    retry_after: bool {
        name: "retryAfter",
        question: "Does a 429 response include Retry-After?",
        section: 5,
        values: [false, true],
    }
    inactive_platforms_listed: bool {
        name: "inactivePlatformsListed",
        question: "Are inactive platforms listed?",
        section: 2,
        values: [true, false],
    }
    content_type_on_get_required: bool {
        name: "contentTypeOnGetRequired",
        question: "Is a GET without Content-Type: application/json refused?",
        section: 1,
        values: [false, true],
    }
    null_fields_present: bool {
        name: "nullFieldsPresent",
        question: "Are fields without a value null (true) or absent (false)?",
        section: 2,
        values: [true, false],
    }
    messages_as_list: bool {
        name: "messagesAsList",
        question: "Does a validation error return its messages as a list (true) or as one string (false)?",
        section: 1,
        values: [true, false],
    }
    error_name_beside_messages: bool {
        name: "errorNameBesideMessages",
        question: "Does a validation error include error, the reason phrase of its status?",
        section: 1,
        values: [true, false],
    }
    partial_attestation: bool {
        name: "partialAttestation",
        question: "Does a PARTIAL_COMPLETE session with data have an attestation?",
        section: 2,
        values: [false, true],
    }
    webhook_header_on_session_url: bool {
        name: "webhookHeaderOnSessionUrl",
        question: "Is the dashboard's webhook header also sent to a session's own webhookUrl?",
        section: 4,
        values: [true, false],
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
