//! Unreadable JSON fields from the provider affect no other fields.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::response::Response;
use serde_json::{Value, json};

use crate::mock_provider::{CREATE, LIST, PLATFORMS, mock_harness, mock_harness_with, ordinary, success};
use cr3dentials_test_support::{TestResponse, client, until, with_webhooks};

fn raw(body: impl Into<axum::body::Body>) -> Response {
    Response::builder().header("content-type", "application/json").body(body.into()).unwrap()
}

fn nested(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}

/// Responds with the session whose number is in its id, with the fields of its case.
fn numbered(line: &str, case: impl Fn(usize) -> String, created: &AtomicUsize) -> Response {
    if line == CREATE {
        let id = format!("session-{:016}", created.fetch_add(1, Ordering::Relaxed));
        return success(
            &json!({ "sessionId": id, "embedUrl": "https://frame.example/x?token=y", "expiresAt": "2099-01-31T09:05:00Z" }),
        );
    }
    if line == PLATFORMS || line == LIST {
        return ordinary(line);
    }
    let id = line.rsplit('/').next().unwrap();
    let fields = case(id.trim_start_matches("session-").parse().unwrap());
    raw(format!(r#"{{"status":"success","data":{{"sessionId":"{id}","status":"COMPLETED",{fields}}}}}"#))
}

#[tokio::test]
async fn sessions_with_an_unreadable_field_still_end() {
    // The fields, and whether the account's data is unreadable.
    let cases = [
        (r#""extractedData":{"bio":"hi \ud83d"}"#.to_owned(), true),
        (format!(r#""extractedData":{}"#, nested(200)), true),
        (format!(r#""extractedData":{}"#, nested(127)), true),
        (r#""extractedData":{"amount":1e999}"#.to_owned(), true),
        (r#""extractedData":null"#.to_owned(), false),
        (format!(r#""platform":{{"id":1,"name":"uber","displayName":"Uber","config":{}}}"#, nested(200)), false),
        (r#""platform":"uber""#.to_owned(), false),
        (r#""platform":{"id":"1","icon":false}"#.to_owned(), false),
        (r#""platform":{"id":1,"name":"uber","displayName":"Uber","icon":false}"#.to_owned(), false),
        (r#""platformId":"1""#.to_owned(), false),
        (r#""platformId":1.0"#.to_owned(), false),
        (r#""externalReferenceId":2041"#.to_owned(), false),
        (r#""expiresAt":1769850300000"#.to_owned(), false),
        (r#""createdAt":"yesterday","completedAt":"""#.to_owned(), false),
        (r#""hasAttestation":"yes""#.to_owned(), false),
        (r#""errorCode":17,"errorMessage":{}"#.to_owned(), false),
        (r#""progress":1e999"#.to_owned(), false),
        (r#""other\ud83d":1"#.to_owned(), false),
        (r#""streamUrl":1,"embedUrl":{},"status":"COMPLETED""#.to_owned(), false),
    ];
    let (fields, created) = (cases.clone(), Arc::new(AtomicUsize::new(0)));
    let harness = mock_harness(move |line| numbered(line, |number| fields[number].0.clone(), &created)).await;
    let (browser, backend) = (&harness.browser, &harness.backend);
    let mut sessions = Vec::new();
    for _ in &cases {
        sessions.push(browser.start().await);
    }
    let ends = sessions.iter().map(|session| {
        let (browser, session) = (browser.clone(), session.clone());
        tokio::spawn(async move { browser.follow_to(&session, "COMPLETED").await })
    });
    for ((end, session), (fields, unreadable)) in ends.collect::<Vec<_>>().into_iter().zip(&sessions).zip(&cases) {
        let end = end.await.unwrap_or_else(|_| panic!("the session did not end: {fields}"));
        // Stored values are kept.
        let known = (&end["platformId"], &end["platform"]["name"], &end["expiresAt"]);
        assert_eq!(known, (&json!(1), &json!("uber"), &json!("2099-01-31T09:05:00.000Z")), "{fields}");
        let result = backend.result(session).await;
        assert_eq!((&result["terminal"], &result["extractedData"]), (&json!(true), &Value::Null), "{fields}");
        assert_eq!(result.get("extractedDataUnreadable"), unreadable.then_some(&json!(true)), "{fields}");
        assert_eq!(result.get("extractedDataTooLarge"), None, "{fields}");
    }
}

#[tokio::test]
async fn sessions_with_invalid_utf8_still_end() {
    let harness = mock_harness(|line| match line {
        PLATFORMS | CREATE | LIST => ordinary(line),
        _ => {
            let id = line.rsplit('/').next().unwrap();
            let start = format!(r#"{{"status":"success","data":{{"sessionId":"{id}","status":"COMPLETED","#);
            raw([start.as_bytes(), b"\"extractedData\":{\"name\":\"Ren\xe9\"}}}"].concat())
        }
    })
    .await;
    let browser = &harness.browser;
    let session = browser.start().await;
    browser.follow_to(&session, "COMPLETED").await;
    let result = harness.backend.result(&session).await;
    assert_eq!(result["extractedDataUnreadable"], true);
}

#[tokio::test]
async fn webhooks_with_an_unreadable_field_keep_the_proof() {
    let harness = mock_harness_with(
        |line| match line {
            PLATFORMS | CREATE | LIST => ordinary(line),
            _ => success(&json!({ "sessionId": line.rsplit('/').next().unwrap(), "status": "COMPLETED" })),
        },
        with_webhooks,
    )
    .await;
    let (provider, browser, backend) = (&harness.provider, &harness.browser, &harness.backend);
    for (number, fields) in [
        r#""completedAt":1769850300"#,
        r#""completedAt":"""#,
        r#""completedAt":"2026-01-31T09:05:00""#,
        r#""completedAt":null,"completedAt":"2026-01-31T09:05:00Z""#,
        r#""status":"COMPLETED""#,
        r#""extractedData":{"bio":"hi \ud83d"}"#,
        r#""metadata":{"\ud83d":1e999},"other\ud83d":{}"#,
    ]
    .into_iter()
    .enumerate()
    {
        let session = browser.start().await;
        let creates: Vec<_> =
            provider.seen.lock().unwrap().iter().filter(|call| call.line == CREATE).cloned().collect();
        let url = creates[number].body["webhookUrl"].as_str().unwrap().to_owned();
        let deliver = async |body: String| TestResponse::of("/webhooks", client().post(&url).body(body)).await;
        let id = &session.id;
        deliver(format!(r#"{{"sessionId":"{id}","status":null,"proofHash":"proof"}}"#))
            .await
            .is_error(400, "bad-request");
        let body = format!(r#"{{"sessionId":"{id}","status":"COMPLETED","proofHash":"proof",{fields}}}"#);
        assert_eq!(deliver(body).await.status, 200, "{fields}");
        let proof = until("the proof", || async {
            Some(backend.result(&session).await["proofHash"].clone()).filter(|proof| !proof.is_null())
        })
        .await;
        assert_eq!(proof["value"], "proof", "{fields}");
    }
}

#[tokio::test]
async fn platforms_with_an_unreadable_field_are_listed() {
    let cases = [
        r#""createdAt":"yesterday""#.to_owned(),
        r#""updatedAt":1769850300"#.to_owned(),
        format!(r#""config":{}"#, nested(200)),
        r#""config":{"text":"\ud83d"}"#.to_owned(),
        r#""icon":false"#.to_owned(),
        r#""description":{"en":"Rides"}"#.to_owned(),
        r#""description":"\ud83d""#.to_owned(),
        r#""allowCustomUrl":"no","loginUrl":7"#.to_owned(),
        r#""isActive":"yes""#.to_owned(),
        r#""id":3"#.to_owned(),
    ];
    let count = cases.len();
    let harness = mock_harness(move |line| match line {
        PLATFORMS => {
            let platforms: Vec<_> = (cases.iter())
                .map(|fields| format!(r#"{{"id":3,"name":"uber","displayName":"Uber",{fields}}}"#))
                .collect();
            let unusable = r#"{"id":"4","name":"other","displayName":"Other"}"#;
            raw(format!(r#"{{"status":"success","data":[{},{unusable}]}}"#, platforms.join(",")))
        }
        _ => ordinary(line),
    })
    .await;
    let response = harness.browser.get("/platforms").await;
    let platforms = response.data().as_array().unwrap();
    assert_eq!(platforms.len(), count, "{}", response.text);
    for platform in platforms {
        assert_eq!((&platform["displayName"], &platform["isActive"]), (&json!("Uber"), &json!(true)), "{platform}");
        assert_eq!((&platform["icon"], &platform["description"]), (&Value::Null, &Value::Null), "{platform}");
    }
}
