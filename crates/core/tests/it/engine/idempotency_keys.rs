//! Idempotency keys: the same for a repeated create, another for another session.

use std::collections::HashSet;

use cr3dentials_core::engine::FailureKind;

use crate::engine::scenario::Scenario;

#[test]
fn keys_are_valid_and_never_the_same() {
    let mut keys = HashSet::new();
    for seed in 0..50 {
        let mut scenario = Scenario::seeded(seed);
        scenario.start();
        scenario.close();
        scenario.start_again();
        for key in scenario.keys() {
            assert!((32..=128).contains(&key.len()), "{key:?} is too short to be unique, or too long");
            assert!(key.bytes().all(|byte| byte.is_ascii_graphic()), "{key:?} is not visible ASCII");
            assert!(keys.insert(key), "a key for two sessions");
        }
    }
    assert_eq!(keys.len(), 100, "two sessions on each of 50 pages");
}

#[test]
fn given_key_is_used() {
    let mut scenario = Scenario::idle();
    scenario.start_with(1, Some("key-of-the-last-page"));
    scenario.create_fails(FailureKind::Network, Some(1000));
    scenario.wait(1000);
    assert_eq!(scenario.keys(), ["key-of-the-last-page"; 2]);
}

#[test]
fn automatic_retries_change_only_a_spent_key() {
    for (kind, same) in [
        (FailureKind::Network, true),
        (FailureKind::RateLimited, true),
        (FailureKind::Server, true),
        (FailureKind::BadResponse, true),
        (FailureKind::KeySpent, false),
    ] {
        let mut scenario = Scenario::creating();
        scenario.create_fails(kind, Some(1000));
        scenario.wait(1000);
        let keys = scenario.keys();
        assert_eq!(keys.len(), 2, "{kind}");
        assert_eq!(keys[0] == keys[1], same, "{kind}");
    }
}

#[test]
fn retry_by_the_user_keeps_the_key_only_after_a_network_failure() {
    for (kind, same) in [(FailureKind::Network, true), (FailureKind::BadResponse, false), (FailureKind::Server, false)]
    {
        let mut scenario = Scenario::creating();
        for _ in 0..3 {
            scenario.create_fails(kind, Some(1000));
            scenario.wait(1000);
        }
        scenario.create_fails(kind, None);
        scenario.refresh();
        let keys = scenario.keys();
        assert_eq!(keys.len(), 5, "{kind}");
        assert_eq!(keys[3] == keys[4], same, "{kind}");
    }
}
