use serde_json::Value;

use crate::harness::{API_KEY, Answer, BACKEND_TOKEN};

/// Names that no browser's answer may hold.
const NAMES: [&str; 7] =
    ["extractedData", "proofHash", "streamUrl", "receiverData", "webhookUrl", "loginUrl", "externalReferenceId"];

/// Asserts that none of `answers` holds a secret or a piece of the account's data, and that embed URLs are where they
/// belong.
pub(crate) fn none(answers: &[Answer], result: &Value) {
    assert!(answers.len() > 5);
    let mut secrets = vec![API_KEY.to_owned(), BACKEND_TOKEN.to_owned()];
    secrets.extend(NAMES.map(|name| format!("\"{name}\"")));
    texts(&result["extractedData"], &mut secrets);
    secrets.extend(result["proofHash"]["value"].as_str().map(str::to_owned));
    for answer in answers {
        let headers = format!("{:?}", answer.headers);
        for secret in &secrets {
            assert!(!answer.text.contains(secret) && !headers.contains(secret), "{}: {secret}", answer.path);
        }
        if answer.path != "/sessions" && !answer.path.ends_with("/frame") {
            for part in ["embedUrl", "/verify/", "clientToken"] {
                assert!(!answer.text.contains(part), "{}: {part}", answer.path);
            }
        }
    }
}

/// Every text of `data` that is long enough to be told from chance.
fn texts(data: &Value, found: &mut Vec<String>) {
    match data {
        Value::String(text) if text.len() >= 6 => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|item| texts(item, found)),
        _ => {}
    }
}
