//! Replays the recorded runs in `tests/fixtures/traces`. The package's plain mode replays its subset of the same files.
//!
//! `CR3D_BLESS=1` records the effects again; review the difference before you commit it.

use std::path::{Path, PathBuf};

use cr3dentials_core::engine::{Config, Effect, Engine, Input, Now};
use cr3dentials_core::time::Millis;
use serde::{Deserialize, Serialize};

use crate::engine::harness::EPOCH;

#[derive(Serialize, Deserialize)]
struct Trace {
    /// Summary of the run in a sentence.
    story: String,
    seed: u64,
    steps: Vec<Step>,
}

#[derive(Serialize, Deserialize)]
struct Step {
    /// Milliseconds since the start.
    at: u64,
    input: Input,
    #[serde(default)]
    effects: Vec<Effect>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/traces")
}

#[test]
fn every_trace_replays() {
    let bless = std::env::var_os("CR3D_BLESS").is_some();
    let mut replayed = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let mut trace: Trace = serde_json::from_str(&std::fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut engine = Engine::new(Config::default(), trace.seed);
        for step in &mut trace.steps {
            let now = Now { mono: Millis(step.at), wall: EPOCH + Millis(step.at) };
            let effects = engine.handle(now, step.input.clone());
            if bless {
                step.effects = effects;
            } else {
                assert_eq!(effects, step.effects, "{} at {} ms", path.display(), step.at);
            }
        }
        if bless {
            std::fs::write(&path, serde_json::to_string_pretty(&trace).unwrap() + "\n").unwrap();
        }
        replayed += 1;
    }
    assert!(replayed >= 6, "only {replayed} traces in {}", folder().display());
}
