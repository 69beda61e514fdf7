//! The completed and the resumed scenario with each switch of the sandbox set to each of its other values, one at a time.
//! The switches cover what the provider's documentation leaves open.
//!
//! Each test has one session, and the proxy reads the provider's list only when several sessions are due, so the switches
//! of the list have no effect here. They are included anyway, so that every switch is covered.

use std::sync::Arc;

use cr3dentials_sandbox::{SWITCHES, Switch};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::scenario::Scenario;
use crate::scenarios;

/// Maximum number of scenarios that run at the same time.
const AT_ONCE: usize = 8;

/// Runs `run_scenario` once for each switch value that is not the sandbox's default, and lists those that fail.
async fn over_each<F: Future<Output = ()> + Send + 'static>(run_scenario: fn(Scenario, Value) -> F) {
    let values = |switch: &Switch| {
        let name = switch.name;
        switch.values().into_iter().skip(1).map(move |value| (name, value))
    };
    let cases: Vec<_> = SWITCHES.iter().flat_map(values).collect();
    assert!(cases.len() > SWITCHES.len());
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut runs = JoinSet::new();
    for (name, value) in cases {
        let places = Arc::clone(&places);
        runs.spawn(async move {
            let _place = places.acquire().await.unwrap();
            let changes = json!({ name: value });
            let name = changes.to_string();
            let run = tokio::spawn(async move {
                let scenario = Scenario::switched(&changes).await;
                run_scenario(scenario, changes).await;
            });
            run.await.err().map(|error| format!("{name}: {error}"))
        });
    }
    let failed: Vec<_> = runs.join_all().await.into_iter().flatten().collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test]
async fn every_switch_value_allows_a_completed_session() {
    over_each(|scenario, _| async move {
        scenarios::completed(&scenario).await;
        scenario.finish().await;
    })
    .await;
}

#[tokio::test]
async fn every_switch_value_allows_a_resume_or_keeps_the_session() {
    over_each(|scenario, changes| async move {
        match changes["embedTokenOnGet"].as_str() {
            // The provider gives out no second embed URL, so the page can only show the true status.
            Some("same" | "spent") => scenarios::locked_out(&scenario).await,
            _ => scenarios::resumed(&scenario).await,
        }
        scenario.finish().await;
    })
    .await;
}
