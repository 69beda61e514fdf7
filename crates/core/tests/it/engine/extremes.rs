//! Extreme values from outside: clocks, timestamps and delays at the limits of their types. Overflow checks are on in
//! tests, so an overflow is a panic here.

use cr3dentials_core::engine::{
    CallId, Config, Effect, Engine, Failure, FailureKind, Input, Now, Start, StatusResponse,
};
use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::SessionStatus;
use proptest::prelude::*;

use crate::engine::harness::{EPOCH, Harness, view};

/// A wall clock or a server's timestamp, in milliseconds.
fn timestamp() -> impl Strategy<Value = UnixMillis> {
    prop_oneof![
        prop::sample::select(vec![i64::MIN, i64::MIN + 1, -1, 0, 1, EPOCH.0, i64::MAX - 1, i64::MAX]),
        any::<i64>(),
        (EPOCH.0 - 700_000)..(EPOCH.0 + 700_000),
    ]
    .prop_map(UnixMillis)
}

/// One response, with the time that passes and the device's clock at that moment.
#[derive(Clone, Debug)]
struct Step {
    passes: u64,
    wall: UnixMillis,
    status: usize,
    progress: u8,
    rev: u64,
    expires_at: Option<UnixMillis>,
    server_time: Option<UnixMillis>,
    retry_after: Option<u64>,
    fails: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let passes = prop_oneof![Just(0), 0..700_u64, 0..100_000_u64, Just(1 << 50)];
    let retry_after = prop::option::of(prop_oneof![Just(0), Just(u64::MAX), any::<u64>()]);
    (
        (passes, timestamp(), 0..9_usize, any::<u8>(), any::<u64>()),
        (prop::option::of(timestamp()), prop::option::of(timestamp()), retry_after, any::<bool>()),
    )
        .prop_map(|((passes, wall, status, progress, rev), (expires_at, server_time, retry_after, fails))| Step {
            passes,
            wall,
            status,
            progress,
            rev,
            expires_at,
            server_time,
            retry_after,
            fails,
        })
}

fn poll(effects: &[Effect]) -> Option<CallId> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::PollStatus { call, .. } => Some(*call),
        _ => None,
    })
}

proptest! {
    #[test]
    fn extreme_times_neither_panic_nor_stop_the_timers(
        seed: u64,
        first in timestamp(),
        expires_at in prop::option::of(timestamp()),
        server_time in prop::option::of(timestamp()),
        steps in prop::collection::vec(step(), 0..30),
    ) {
        let mut engine = Engine::new(Config::default(), seed);
        let mut now = Now { mono: Millis(1000), wall: first };
        let mut created = Harness::new(seed).new_session("s1");
        (created.expires_at, created.server_time) = (expires_at, server_time);
        engine.handle(now, Input::Start(Start::Given(created)));
        let mut call = poll(&engine.handle(now, Input::Ownership("s1".to_owned(), true)));
        for step in steps {
            now = Now { mono: now.mono + Millis(step.passes), wall: step.wall };
            call = poll(&engine.handle(now, Input::Tick)).or(call);
            if let Some(call) = call {
                let status = SessionStatus::ALL[step.status].clone();
                let mut report = view("s1", status, step.progress, now.wall);
                (report.expires_at, report.server_time, report.rev) = (step.expires_at, step.server_time, step.rev);
                let retry_after = step.retry_after.map(Millis);
                let failure = Failure { kind: FailureKind::ALL[step.status], retry_after };
                let result = if step.fails { Err(failure) } else { Ok(report) };
                engine.handle(now, Input::Status(call, StatusResponse { result, long_polled: true }));
            }
            if let Some(deadline) = engine.deadline() {
                prop_assert!(deadline > now.mono, "a deadline in the past: {deadline:?} at {now:?}");
            }
        }
    }
}
