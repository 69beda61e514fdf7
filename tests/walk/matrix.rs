//! The walk and the resume over everything that the provider leaves open: each of its possible answers, one at a time.
//!
//! The proxy asks for one session at a time and does not list yet, so the switches of the list change nothing on these
//! two ways. They run all the same, for the day when it does.

use std::sync::Arc;

use cr3dentials_sandbox::{SWITCHES, Switch};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::play;
use crate::stage::Stage;

/// Plays at the same time.
const AT_ONCE: usize = 8;

/// Runs `play` once for each value that is not the sandbox's own guess, and names those that fail.
async fn over_each<F: Future<Output = ()> + Send + 'static>(play: fn(Stage, Value) -> F) {
    let values = |switch: &Switch| {
        let name = switch.name;
        switch.values().into_iter().skip(1).map(move |value| (name, value))
    };
    let cases: Vec<_> = SWITCHES.iter().flat_map(values).collect();
    assert!(cases.len() > SWITCHES.len());
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut plays = JoinSet::new();
    for (name, value) in cases {
        let places = Arc::clone(&places);
        plays.spawn(async move {
            let _place = places.acquire().await.unwrap();
            let changes = json!({ name: value });
            let told = changes.to_string();
            let played = tokio::spawn(async move {
                let stage = Stage::switched(&changes).await;
                play(stage, changes).await;
            });
            played.await.err().map(|error| format!("{told}: {error}"))
        });
    }
    let failed: Vec<_> = plays.join_all().await.into_iter().flatten().collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test]
async fn an_account_is_verified_whatever_the_provider_does_where_nobody_says() {
    over_each(|stage, _| async move {
        play::completed(&stage).await;
        stage.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_reloaded_page_resumes_wherever_the_provider_lets_it() {
    over_each(|stage, changes| async move {
        match changes["embedTokenOnGet"].as_str() {
            // There is no second way in, so all that can be kept is the truth.
            Some("same" | "spent") => play::locked_out(&stage).await,
            _ => play::resumed(&stage).await,
        }
        stage.finish().await;
    })
    .await;
}
