use serde_json::{Value, json};

use crate::mock_provider::{CREATE, PLATFORMS, mock_harness, ordinary, success};
use cr3dentials_test_support::{API_KEY, Harness, TestSession, until};

async fn end(harness: &Harness, session: &TestSession, status: &str) {
    harness.control(&format!("/sessions/{}/status", session.id), json!({ "status": status })).await;
    until("the session to end", || async { (harness.backend.result(session).await["terminal"] == true).then_some(()) })
        .await;
}

#[tokio::test]
async fn results_require_the_backend_token() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    for path in ["/results".to_owned(), format!("/results/{}", session.id), "/nowhere".to_owned()] {
        for token in ["", "wrong", "marker-backend-toke", API_KEY] {
            let refused = harness.backend.get_as(&path, token).await;
            refused.is_error(401, "forbidden");
            assert_eq!(refused.header("www-authenticate"), "Bearer");
        }
    }
    assert_eq!(harness.backend.get(&format!("/results/{}", session.id)).await.status, 200);
    harness.backend.get("/results/no-such-session").await.is_error(404, "not-found");
    harness.backend.get("/nowhere").await.is_error(404, "not-found");
}

#[tokio::test]
async fn a_result_has_all_fields() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    session.open().await.sign_in("success").await.unwrap();
    harness.browser.follow_to(&session, "COMPLETED").await;
    let result = harness.backend.result(&session).await;
    assert_eq!(
        (&result["status"], &result["terminal"], &result["user"]),
        (&json!("COMPLETED"), &json!(true), &json!("local"))
    );
    assert_eq!(result["hasAttestation"], true);
    assert!(result["extractedData"].as_object().is_some_and(|data| !data.is_empty()));
    for time in ["createdAt", "expiresAt", "completedAt", "endedAt", "updatedAt"] {
        assert!(result[time].is_string(), "{time}");
    }
    assert_eq!((&result["errorCode"], &result["errorMessage"]), (&Value::Null, &Value::Null));
    let data = result["extractedData"].as_object().unwrap();
    for response in harness.browser.seen() {
        for name in data.keys().map(String::as_str).chain([API_KEY, "extractedData", "streamUrl"]) {
            assert!(!response.text.contains(&format!("\"{name}\"")), "{}: {name}", response.path);
        }
    }
    let text = result.to_string();
    assert!(!text.contains("embedUrl") && !text.contains("streamUrl"));
}

#[tokio::test]
async fn results_are_listed_in_the_order_of_their_end() {
    let harness = Harness::new().await;
    let sessions = [harness.browser.start().await, harness.browser.start().await, harness.browser.start().await];
    let [one, two, three] = &sessions;
    assert_eq!(harness.backend.get("/results").await.data()["results"], json!([]));
    end(&harness, three, "COMPLETED").await;
    end(&harness, one, "ERROR").await;
    let page = harness.backend.get("/results").await.data().clone();
    assert_eq!((ids(&page), &page["hasMore"]), (vec![&*three.id, &*one.id], &json!(false)));
    let cursor = page["nextCursor"].as_str().unwrap();
    let next = harness.backend.get(&format!("/results?cursor={cursor}")).await.data().clone();
    assert_eq!((ids(&next), &next["nextCursor"]), (vec![], &page["nextCursor"]));
    end(&harness, two, "CANCELLED").await;
    let next = harness.backend.get(&format!("/results?cursor={cursor}")).await.data().clone();
    assert_eq!(ids(&next), [two.id.as_str()]);
    let errors = harness.backend.get("/results?status=ERROR").await.data().clone();
    assert_eq!(ids(&errors), [one.id.as_str()]);
    let since = next["results"][0]["endedAt"].as_str().unwrap();
    let recent = harness.backend.get(&format!("/results?since={since}")).await.data().clone();
    assert_eq!(ids(&recent), [two.id.as_str()]);
    for query in ["since=yesterday", "cursor=x", "status=RUNNING", "status=NONSENSE"] {
        harness.backend.get(&format!("/results?{query}")).await.is_error(400, "bad-request");
    }
}

fn ids(page: &Value) -> Vec<&str> {
    page["results"].as_array().unwrap().iter().map(|result| result["sessionId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_session_with_too_much_data_still_ends() {
    for (size, kept) in [(1_000, true), (2 << 20, false)] {
        let harness = mock_harness(move |line| match line {
            PLATFORMS | CREATE => ordinary(line),
            _ => {
                let id = line.rsplit('/').next().unwrap();
                let data = json!({ "trips": "x".repeat(size) });
                success(&json!({ "sessionId": id, "status": "COMPLETED", "extractedData": data }))
            }
        })
        .await;
        let (browser, backend) = (&harness.browser, &harness.backend);
        let session = browser.start().await;
        let ended = until("the session to end", || async {
            Some(browser.poll(&session, "").await.data().clone()).filter(|view| view["status"] == "COMPLETED")
        })
        .await;
        assert_eq!(ended["status"], "COMPLETED");
        let result = backend.result(&session).await;
        assert_eq!(result["extractedData"].is_object(), kept, "{size}");
        assert_eq!(result.get("extractedDataTooLarge"), (!kept).then_some(&json!(true)), "{size}");
        let listed = backend.get("/results").await.data()["results"][0].clone();
        assert_eq!(listed["extractedDataTooLarge"], result["extractedDataTooLarge"]);
    }
}
