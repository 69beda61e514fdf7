use serde_json::{Value, json};

use crate::harness::{API_KEY, Backend, Browser, Directory, Started, World, config, until};
use crate::upstream::{CREATE, PLATFORMS, Upstream, ordinary, success};

async fn end(world: &World, session: &Started, status: &str) {
    world.control(&format!("/sessions/{}/status", session.id), json!({ "status": status })).await;
    until("the session to end", || async { (world.backend.result(session).await["terminal"] == true).then_some(()) })
        .await;
}

#[tokio::test]
async fn results_require_the_backend_token() {
    let world = World::new().await;
    let session = world.browser.start().await;
    for path in ["/results".to_owned(), format!("/results/{}", session.id), "/nowhere".to_owned()] {
        for token in ["", "wrong", "marker-backend-toke", API_KEY] {
            let refused = world.backend.get_as(&path, token).await;
            refused.is_error(401, "forbidden");
            assert_eq!(refused.header("www-authenticate"), "Bearer");
        }
    }
    assert_eq!(world.backend.get(&format!("/results/{}", session.id)).await.status, 200);
    world.backend.get("/results/no-such-session").await.is_error(404, "not-found");
    world.backend.get("/nowhere").await.is_error(404, "not-found");
}

#[tokio::test]
async fn a_result_has_all_fields() {
    let world = World::new().await;
    let session = world.browser.start().await;
    session.open().await.sign_in("success").await.unwrap();
    world.browser.follow_to(&session, "COMPLETED").await;
    let result = world.backend.result(&session).await;
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
    for answer in world.browser.seen() {
        for name in data.keys().map(String::as_str).chain([API_KEY, "extractedData", "streamUrl"]) {
            assert!(!answer.text.contains(&format!("\"{name}\"")), "{}: {name}", answer.path);
        }
    }
    let text = result.to_string();
    assert!(!text.contains("embedUrl") && !text.contains("streamUrl"));
}

#[tokio::test]
async fn results_are_listed_in_the_order_of_their_end() {
    let world = World::new().await;
    let sessions = [world.browser.start().await, world.browser.start().await, world.browser.start().await];
    let [one, two, three] = &sessions;
    assert_eq!(world.backend.get("/results").await.data()["results"], json!([]));
    end(&world, three, "COMPLETED").await;
    end(&world, one, "ERROR").await;
    let page = world.backend.get("/results").await.data().clone();
    assert_eq!((ids(&page), &page["hasMore"]), (vec![&*three.id, &*one.id], &json!(false)));
    let cursor = page["nextCursor"].as_str().unwrap();
    let next = world.backend.get(&format!("/results?cursor={cursor}")).await.data().clone();
    assert_eq!((ids(&next), &next["nextCursor"]), (vec![], &page["nextCursor"]));
    end(&world, two, "CANCELLED").await;
    let next = world.backend.get(&format!("/results?cursor={cursor}")).await.data().clone();
    assert_eq!(ids(&next), [two.id.as_str()]);
    let errors = world.backend.get("/results?status=ERROR").await.data().clone();
    assert_eq!(ids(&errors), [one.id.as_str()]);
    let since = next["results"][0]["endedAt"].as_str().unwrap();
    let recent = world.backend.get(&format!("/results?since={since}")).await.data().clone();
    assert_eq!(ids(&recent), [two.id.as_str()]);
    for query in ["since=yesterday", "cursor=x", "status=RUNNING", "status=NONSENSE"] {
        world.backend.get(&format!("/results?{query}")).await.is_error(400, "bad-request");
    }
}

fn ids(page: &Value) -> Vec<&str> {
    page["results"].as_array().unwrap().iter().map(|result| result["sessionId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_session_with_too_much_data_still_ends() {
    for (size, kept) in [(1_000, true), (2 << 20, false)] {
        let upstream = Upstream::start(move |line| match line {
            PLATFORMS | CREATE => ordinary(line),
            _ => {
                let id = line.rsplit('/').next().unwrap();
                let data = json!({ "trips": "x".repeat(size) });
                success(&json!({ "sessionId": id, "status": "COMPLETED", "extractedData": data }))
            }
        })
        .await;
        let directory = Directory::new();
        let proxy = cr3dentials_proxy::spawn(config(&upstream.url, &directory)).await.unwrap();
        let (browser, backend) = (Browser::new(proxy.public_url()), Backend::new(proxy.backend_url()));
        let session = browser.start().await;
        let ended = until("the session to end", || async {
            Some(browser.ask(&session, "").await.data().clone()).filter(|view| view["status"] == "COMPLETED")
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
