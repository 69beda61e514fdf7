//! Frame page: single-use links, security headers and page keys.

use cr3dentials_sandbox::Config;
use cr3dentials_sandbox::testing::{Step, User};
use reqwest::{Method, Response};
use serde_json::json;

use crate::harness::{Partner, text};

async fn open(partner: &Partner, url: &str) -> Response {
    partner.client.get(url).send().await.unwrap()
}

#[tokio::test]
async fn link_opens_once() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let url = text(&created, "embedUrl");
    assert_eq!(open(&partner, url).await.status(), 200);
    let again = open(&partner, url).await;
    assert_eq!(
        (again.status().as_u16(), &again.headers()["content-type"]),
        (410, &"text/html; charset=utf-8".parse().unwrap())
    );
    assert!(again.text().await.unwrap().contains("This link cannot be used again"));
}

#[tokio::test]
async fn link_expires() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    partner.control("/clock", json!({ "advanceSecs": 121 })).await;
    assert_eq!(open(&partner, text(&created, "embedUrl")).await.status(), 410);
}

#[tokio::test]
async fn other_methods_do_not_use_up_a_link() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let url = text(&created, "embedUrl");
    for method in [Method::HEAD, Method::OPTIONS, Method::POST] {
        assert_eq!(partner.client.request(method, url).send().await.unwrap().status(), 404);
    }
    assert_eq!(open(&partner, url).await.status(), 200);
}

#[tokio::test]
async fn get_returns_a_new_link_and_older_ones_stay_valid() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let (first, second) = (partner.session(&created).await, partner.session(&created).await);
    let urls = [&created, &first, &second].map(|session| text(session, "embedUrl"));
    assert!(urls[0] != urls[1] && urls[1] != urls[2]);
    for url in urls {
        assert_eq!(open(&partner, url).await.status(), 200);
    }
}

#[tokio::test]
async fn invalid_links_show_an_explanation() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let origin = partner.sandbox.frame_origin();
    let unknown = format!("{origin}/verify/00000000-0000-4000-8000-000000000000?token=x");
    assert_eq!(open(&partner, &unknown).await.status(), 404);
    let (base, _) = text(&created, "embedUrl").split_once('?').unwrap();
    for url in [base.to_owned(), format!("{base}?token="), format!("{base}?token=guess")] {
        assert_eq!(open(&partner, &url).await.status(), 410, "{url}");
    }
    let terminate = format!("/sessions/{}/terminate", text(&created, "sessionId"));
    partner.control(&terminate, json!({})).await;
    let ended = open(&partner, text(&created, "embedUrl")).await;
    assert_eq!(ended.status(), 410);
    assert!(ended.text().await.unwrap().contains("This verification is over"));
}

#[tokio::test]
async fn page_can_be_framed_only_by_listed_origins() {
    let parents = vec!["https://partner.example.com".to_owned(), "http://localhost:8080/".to_owned()];
    let partner = Partner::with(Config { parent_origins: parents, ..Config::default() }).await;
    let created = partner.create(json!({})).await;
    let url = text(&created, "embedUrl").to_owned();
    for page in [open(&partner, &url).await, open(&partner, &url).await] {
        let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.ends_with("frame-ancestors https://partner.example.com http://localhost:8080"), "{policy}");
        assert!(
            page.status() != 200 || policy.contains(&format!("connect-src ws://{}", partner.sandbox.addr)),
            "{policy}"
        );
        assert!(policy.contains("default-src 'none'; script-src 'self'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        let html = page.text().await.unwrap();
        assert!(!html.contains("style=") && !html.contains("<script>"), "the policy forbids inline code");
    }
}

#[tokio::test]
async fn page_has_the_element_ids_that_tests_rely_on() {
    let partner = Partner::new().await;
    let created = partner.create(json!({ "platformId": 4 })).await;
    let html = open(&partner, text(&created, "embedUrl")).await.text().await.unwrap();
    for id in
        ["username", "password", "sign-in", "code", "submit-code", "answer", "submit-answer", "accounts", "cancel"]
    {
        assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
    }
    assert!(html.contains("Sign in to Northshore Bank") && html.contains("northshore.example"));
    assert!(!html.contains("{{"));
    for file in ["frame.css", "frame.js", "icon.svg"] {
        let url = format!("{}/assets/{file}", partner.sandbox.frame_origin());
        assert_eq!(open(&partner, &url).await.status(), 200, "{file}");
    }
}

#[tokio::test]
async fn newly_opened_page_replaces_the_older_one_at_the_same_step() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let older = partner.user(&created).await;
    older.sign_in("otp").await.unwrap();
    older.wait_for(Step::Code).await.unwrap();
    let newer = User::open(text(&partner.session(&created).await, "embedUrl")).await.unwrap();
    assert_eq!(older.state().await.unwrap_err().status(), Some(403));
    assert_eq!(newer.state().await.unwrap().step, Step::Code);
    newer.code("123456").await.unwrap();
    partner.until(&created, "COMPLETED").await;
}
