//! The whole flow: a user picks a platform and verifies an account, and the partner's page and server get the result.

use crate::harness::{API_KEY, Harness, run_test, until};

/// Returns the session id in the demo page's event log.
async fn session_of_demo(harness: &Harness) -> String {
    until("a session in the log", || async {
        let text = harness.browser.text("[data-event=ready] code").await?;
        let detail: serde_json::Value = serde_json::from_str(&text).ok()?;
        Some(detail["sessionId"].as_str()?.to_owned())
    })
    .await
}

#[test]
fn demo_verifies_an_account_with_a_one_time_code() {
    run_test("walk_demo", |harness| async move {
        let browser = &harness.browser;
        browser.open(&harness.origin).await;
        browser.pick("Uber").await;
        browser.sign_in("otp").await;
        browser.type_code("123456").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        browser.wait_for_text(".received", "Thank you").await;

        let session = session_of_demo(&harness).await;
        let result = harness.result(&session).await;
        assert_eq!(result["status"], "COMPLETED");
        assert!(result["extractedData"].is_object(), "{result}");
        assert_eq!(browser.text(".cr3d-frame").await.as_deref(), Some(""));
        let ends = browser.run("return document.querySelectorAll('[data-event=end]').length").await;
        assert_eq!(ends, 1);
    });
}

#[test]
fn browser_receives_no_key_or_data_and_few_embed_urls() {
    run_test("walk_secrets", |harness| async move {
        let browser = &harness.browser;
        browser.open(&harness.origin).await;
        browser.pick("Uber").await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;

        let session = session_of_demo(&harness).await;
        let data = harness.result(&session).await["extractedData"].clone();
        let secrets: Vec<String> = texts_of(&data).into_iter().filter(|text| text.len() >= 6).collect();
        assert!(!secrets.is_empty(), "the data has no text to search for: {data}");

        let responses = browser.network_log().await;
        assert!(
            responses.iter().any(|(url, body)| url.ends_with(".wasm") && !body.is_empty()),
            "the network log has no bodies"
        );
        let polled = responses.iter().filter(|(url, _)| url.contains("after=")).count();
        assert!(polled >= 3, "only {polled} status responses in the log");
        for (url, body) in &responses {
            assert!(!body.contains(API_KEY), "the key is in {url}");
            for secret in &secrets {
                assert!(!body.contains(secret.as_str()), "“{secret}” is in {url}");
            }
        }
        for exchange in harness.record.exchanges() {
            let may = exchange.method == "POST"
                && (exchange.target.ends_with("/sessions") || exchange.target.ends_with("/frame"));
            assert!(may || !exchange.body.contains("/verify/"), "an embed URL in {exchange:?}");
        }
        for file in std::fs::read_dir(crate::harness::artifact("CR3D_DIST", "dist")).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let bytes = std::fs::read(path).unwrap();
            assert!(!bytes.windows(API_KEY.len()).any(|window| window == API_KEY.as_bytes()));
        }
    });
}

#[test]
fn element_verifies_an_account_on_a_plain_page() {
    run_test("walk_element", |harness| async move {
        let browser = &harness.browser;
        browser.open(&format!("{}/element.html", harness.origin)).await;
        browser.sign_in("otp").await;
        browser.type_code("123456").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;

        let end = browser.run("return window.events.find(e => e.name === 'cr3d-end').detail").await;
        assert_eq!(end["reason"], "completed");
        let session = end["sessionId"].as_str().unwrap();
        assert_eq!(harness.result(session).await["status"], "COMPLETED");
        let names = browser.run("return window.events.map(e => e.name)").await;
        let names: Vec<&str> = names.as_array().unwrap().iter().filter_map(|name| name.as_str()).collect();
        for once in ["cr3d-ready", "cr3d-complete", "cr3d-end"] {
            assert_eq!(names.iter().filter(|name| **name == once).count(), 1, "{once} in {names:?}");
        }
        assert_eq!(names.last(), Some(&"cr3d-end"));
        let resolved =
            browser.run("return document.querySelector('cr3dentials-verify').ended.then(e => e.reason)").await;
        assert_eq!(resolved, "completed");
        // The component took over the host's frame: one session and no second embed URL.
        let posts: Vec<String> =
            harness.record.exchanges().into_iter().filter(|e| e.method == "POST").map(|e| e.target).collect();
        assert_eq!(posts.iter().filter(|target| target.ends_with("/sessions")).count(), 1, "{posts:?}");
        assert!(!posts.iter().any(|target| target.ends_with("/frame")), "{posts:?}");
    });
}

fn texts_of(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => vec![text.clone()],
        serde_json::Value::Array(items) => items.iter().flat_map(texts_of).collect(),
        serde_json::Value::Object(fields) => fields.values().flat_map(texts_of).collect(),
        _ => Vec::new(),
    }
}
