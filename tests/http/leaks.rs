use serde_json::Value;

use cr3dentials_test_support::{API_KEY, BACKEND_TOKEN, TestResponse};

/// Field names that no response to a browser may contain.
const NAMES: [&str; 7] =
    ["extractedData", "proofHash", "streamUrl", "receiverData", "webhookUrl", "loginUrl", "externalReferenceId"];

/// Asserts that no response contains a secret or a part of the account's data, and that embed URLs are only in the
/// responses that may contain them.
pub(crate) fn none(responses: &[TestResponse], result: &Value) {
    assert!(responses.len() > 5);
    let mut secrets = vec![API_KEY.to_owned(), BACKEND_TOKEN.to_owned()];
    secrets.extend(NAMES.map(|name| format!("\"{name}\"")));
    texts(&result["extractedData"], &mut secrets);
    secrets.extend(result["proofHash"]["value"].as_str().map(str::to_owned));
    for response in responses {
        let headers = format!("{:?}", response.headers);
        for secret in &secrets {
            assert!(!response.text.contains(secret) && !headers.contains(secret), "{}: {secret}", response.path);
        }
        if response.path != "/sessions" && !response.path.ends_with("/frame") {
            for part in ["embedUrl", "/verify/", "clientToken"] {
                assert!(!response.text.contains(part), "{}: {part}", response.path);
            }
        }
    }
}

/// Collects every text of `data` that is long enough not to match by chance.
fn texts(data: &Value, found: &mut Vec<String>) {
    match data {
        Value::String(text) if text.len() >= 6 => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|item| texts(item, found)),
        _ => {}
    }
}
