use cr3dentials_sandbox::testing::User;
use serde_json::Value;

use crate::leaks;
use cr3dentials_test_support::{Harness, TestSession, until};

/// Running servers and a started session.
pub(crate) struct Scenario {
    pub(crate) harness: Harness,
    pub(crate) session: TestSession,
    webhooks: bool,
}

impl Scenario {
    pub(crate) async fn with_webhooks() -> Self {
        Self::begin(Harness::new().await, true).await
    }

    pub(crate) async fn without_webhooks() -> Self {
        Self::begin(Harness::with(|_| ()).await, false).await
    }

    /// Starts with some of the provider's switches changed, and with webhooks.
    pub(crate) async fn switched(changes: &Value) -> Self {
        let harness = Harness::new().await;
        harness.control("/switches", changes.clone()).await;
        Self::begin(harness, true).await
    }

    pub(crate) async fn begin(harness: Harness, webhooks: bool) -> Self {
        // Like the page, requests the platforms and an icon first.
        let platforms = harness.browser.get("/platforms").await;
        let icon = platforms.data()[0]["icon"].as_str().unwrap();
        assert_eq!(harness.browser.get(&format!("/{icon}")).await.status, 200);
        let session = harness.browser.start().await;
        Self { harness, session, webhooks }
    }

    /// Loads the iframe. If its URL has been invalidated, the user requests a new one.
    pub(crate) async fn open(&self) -> User {
        self.harness.browser.follow_to(&self.session, "READY").await;
        match User::open(&self.session.embed_url).await {
            Err(error) if error.status() == Some(410) => self.open_again().await,
            opened => opened.unwrap(),
        }
    }

    /// Loads the iframe with a new URL, as after a reload of the page.
    pub(crate) async fn open_again(&self) -> User {
        self.try_again().await.unwrap()
    }

    /// Like [`Scenario::open_again`], for providers that may refuse.
    pub(crate) async fn try_again(&self) -> Result<User, cr3dentials_sandbox::testing::Error> {
        let url = until("another URL", || async {
            let frame = self.harness.browser.post(&self.session, "frame").await;
            // The proxy allows one request in ten seconds.
            (frame.status != 429).then(|| frame.data()["embedUrl"].as_str().unwrap().to_owned())
        });
        User::open(&url.await).await
    }

    /// Polls until the session has ended, and returns the browser's view of it.
    pub(crate) async fn end(&self) -> Value {
        self.harness.browser.follow_to_end(&self.session).await
    }

    /// Returns the result at the partner's server, after checking that it ended with `status`.
    pub(crate) async fn result(&self, status: &str) -> Value {
        let result = self.harness.backend.result(&self.session).await;
        assert_eq!((&result["status"], &result["terminal"]), (&status.into(), &true.into()));
        let listed = self.harness.backend.get("/results").await.data()["results"].clone();
        assert_eq!(listed.as_array().unwrap().len(), 1);
        assert_eq!(listed[0]["sessionId"], result["sessionId"]);
        result
    }

    pub(crate) fn holds_data(&self, result: &Value) {
        assert!(result["extractedData"].as_object().is_some_and(|data| !data.is_empty()), "{result}");
    }

    /// Checks the reference to the attestation, which arrives only by webhook.
    pub(crate) async fn holds_proof(&self) {
        if self.webhooks {
            let proof = until("the proof", || async {
                let result = self.harness.backend.result(&self.session).await;
                Some(result["proofHash"].clone()).filter(|proof| !proof.is_null())
            })
            .await;
            assert_eq!(proof["confirmed"], false);
        } else {
            assert_eq!(self.harness.backend.result(&self.session).await["proofHash"], Value::Null);
        }
    }

    /// Checks every response that the browser received for leaks.
    pub(crate) async fn finish(&self) {
        let result = self.harness.backend.result(&self.session).await;
        leaks::none(&self.harness.browser.seen(), &result);
    }
}
