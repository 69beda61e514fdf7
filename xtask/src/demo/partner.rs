use serde_json::Value;
use ureq::Agent;

use super::config::Config;
use super::site;

/// Maximum number of lines of a session's data that are printed.
const MAX_LINES: usize = 40;

/// The partner's own server, as far as the demo needs one: it fetches new results from the proxy.
pub(crate) struct Partner {
    agent: Agent,
    url: String,
    authorization: String,
    cursor: Option<String>,
}

impl Partner {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            agent: site::agent(),
            url: format!("http://{}/results", config.backend),
            authorization: format!("Bearer {}", config.backend_token),
            cursor: None,
        }
    }

    /// Returns the results since the last call as lines to print. Empty when the proxy does not respond: other code
    /// watches its process.
    pub(crate) fn new_results(&mut self) -> Vec<String> {
        let mut request = self.agent.get(&self.url).header("Authorization", &self.authorization);
        if let Some(cursor) = &self.cursor {
            request = request.query("cursor", cursor);
        }
        let Some(body) = request.call().ok().and_then(|mut response| response.body_mut().read_to_string().ok()) else {
            return Vec::new();
        };
        let body: Value = serde_json::from_str(&body).unwrap_or_default();
        let page = &body["data"];
        if let Some(cursor) = page["nextCursor"].as_str() {
            self.cursor = Some(cursor.to_owned());
        }
        page["results"].as_array().into_iter().flatten().flat_map(describe).collect()
    }
}

/// Formats a result as lines to print.
fn describe(result: &Value) -> Vec<String> {
    let text = |key: &str| result[key].as_str().unwrap_or("none").to_owned();
    let mut lines = vec![format!("received {} of session {}", text("status"), text("sessionId"))];
    if !result["errorCode"].is_null() {
        lines.push(format!("  errorCode: {}", text("errorCode")));
    }
    if result["hasAttestation"] == true {
        lines.push("  with an attestation".to_owned());
    }
    if !result["extractedData"].is_null() {
        let data = serde_json::to_string_pretty(&result["extractedData"]).unwrap_or_default();
        lines.push("  extractedData:".to_owned());
        lines.extend(data.lines().take(MAX_LINES).map(|line| format!("  {line}")));
        if data.lines().count() > MAX_LINES {
            lines.push("  ...".to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn result_is_printed_with_its_data() {
        let lines = describe(&json!({
            "sessionId": "s1", "status": "COMPLETED", "hasAttestation": true, "errorCode": null,
            "extractedData": { "name": "Sam Rivers", "trips": 4121 },
        }));
        assert_eq!(lines[0], "received COMPLETED of session s1");
        assert!(lines.iter().any(|line| line.contains("Sam Rivers")));
    }

    #[test]
    fn failure_shows_its_code_and_long_data_is_cut() {
        let failed = describe(&json!({ "sessionId": "s2", "status": "ERROR", "errorCode": "ACCOUNT_LOCKED" }));
        assert_eq!(failed, ["received ERROR of session s2", "  errorCode: ACCOUNT_LOCKED"]);
        let long = describe(&json!({ "sessionId": "s3", "extractedData": vec![0; 1000] }));
        assert!(long.len() <= MAX_LINES + 3);
    }
}
