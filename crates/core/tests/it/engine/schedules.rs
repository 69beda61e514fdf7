//! Random schedules with an adversarial server, browser and host page.
//!
//! `CR3D_SCHEDULES=100000 cargo test -p cr3dentials-core --test it --release schedules` runs more of them.

use cr3dentials_core::engine::ClientToken;
use cr3dentials_core::engine::{
    CallId, EndReason, Failure, FailureKind, FrameId, FrameSignal, HostAction, Input, PageSignal, Resume, SessionEnd,
    Stage, Start, StatusResponse,
};
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::SessionStatus;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::engine::harness::{Call, EPOCH, Harness};

/// One step of a schedule. Numbers choose among the steps possible at that moment.
#[derive(Clone, Debug)]
enum Action {
    Pass(u64),
    ClockSet(i64),
    Sleep(u64),
    Respond {
        status: u8,
        progress: u8,
        held: bool,
        other_session: bool,
    },
    Stale(u32),
    Fail {
        call: u8,
        kind: u8,
        held: bool,
        retry_after: Option<u64>,
    },
    Created,
    Embed {
        fresh: bool,
    },
    Frame {
        of_other: bool,
        news: u8,
    },
    Page(u8),
    Host(u8),
    /// Another tab takes over the session or releases it; for the current session or for an earlier one.
    Claimed {
        ours: bool,
        of_other: bool,
    },
    StartTwice,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => prop_oneof![0..600_u64, 0..40_000_u64, 0..4_000_000_u64].prop_map(Action::Pass),
        1 => prop_oneof![-700_000..700_000_i64, -90_000_000..90_000_000_i64].prop_map(Action::ClockSet),
        1 => prop_oneof![0..60_000_u64, 0..5_000_000_u64].prop_map(Action::Sleep),
        6 => (any::<u8>(), 0..=120_u8, any::<bool>(), prop::bool::weighted(0.05))
            .prop_map(|(status, progress, held, other_session)| Action::Respond { status, progress, held, other_session }),
        1 => any::<u32>().prop_map(Action::Stale),
        3 => (any::<u8>(), any::<u8>(), any::<bool>(), prop::option::weighted(0.3, 0..400_000_u64))
            .prop_map(|(call, kind, held, retry_after)| Action::Fail { call, kind, held, retry_after }),
        3 => Just(Action::Created),
        2 => any::<bool>().prop_map(|fresh| Action::Embed { fresh }),
        2 => (prop::bool::weighted(0.1), any::<u8>()).prop_map(|(of_other, news)| Action::Frame { of_other, news }),
        2 => any::<u8>().prop_map(Action::Page),
        1 => any::<u8>().prop_map(Action::Host),
        1 => (any::<bool>(), prop::bool::weighted(0.1))
            .prop_map(|(ours, of_other)| Action::Claimed { ours, of_other }),
        1 => Just(Action::StartTwice),
    ]
}

/// Terminal statuses are rarer than others; otherwise every schedule would end at once.
fn status_of(number: u8) -> SessionStatus {
    match number {
        0..200 => SessionStatus::ALL[usize::from(number % 9)].clone(),
        200..240 => SessionStatus::ALL[9 + usize::from(number % 5)].clone(),
        _ => SessionStatus::Unknown("RESTING".to_owned()),
    }
}

fn perform(harness: &mut Harness, sessions: &mut u32, action: &Action) {
    match action {
        Action::Pass(millis) => harness.pass(Millis(*millis)),
        Action::ClockSet(by) => harness.now.wall.0 += by,
        Action::Sleep(millis) => {
            harness.sleep(Millis(*millis));
            harness.give(Input::Tick);
        }
        Action::Respond { status, progress, held, other_session } => {
            if let Some(call) = harness.the(Call::Poll) {
                let mut response = harness.response(status_of(*status), *progress);
                response.long_polled = *held;
                if let (true, Ok(view)) = (*other_session, &mut response.result) {
                    view.session_id.push('x');
                }
                harness.give(Input::Status(call, response));
            }
        }
        Action::Stale(call) => {
            let call = CallId(u32::MAX - call % 1000);
            let response = harness.response(SessionStatus::Completed, 100);
            harness.give(Input::Status(call, response));
            let created = harness.new_session("stale");
            harness.give(Input::Created(call, Ok(created)));
            let url = harness.fresh_url();
            harness.give(Input::Embed(call, Ok(url)));
        }
        Action::Fail { call, kind, held, retry_after } => {
            let failure = Failure {
                kind: FailureKind::ALL[usize::from(*kind) % FailureKind::ALL.len()],
                retry_after: retry_after.map(Millis),
            };
            let kinds = [Call::Poll, Call::Create, Call::Embed];
            let start = usize::from(call % 3);
            let open = (0..3).find_map(|n| {
                let kind = kinds[(start + n) % 3];
                harness.the(kind).map(|call| (kind, call))
            });
            match open {
                Some((Call::Poll, call)) => {
                    let response = StatusResponse { result: Err(failure), long_polled: *held };
                    harness.give(Input::Status(call, response))
                }
                Some((Call::Create, call)) => harness.give(Input::Created(call, Err(failure))),
                Some((Call::Embed, call)) => harness.give(Input::Embed(call, Err(failure))),
                None => Vec::new(),
            };
        }
        Action::Created => {
            if harness.the(Call::Create).is_some() {
                *sessions += 1;
                harness.created(&format!("session-{sessions}"));
            }
        }
        Action::Embed { fresh } => {
            if let Some(call) = harness.the(Call::Embed) {
                let mut url = harness.fresh_url();
                if !fresh {
                    url.embed_url = "https://frame.example.com/verify/1".to_owned();
                }
                harness.give(Input::Embed(call, Ok(url)));
            }
        }
        Action::Frame { of_other, news } => {
            let frame = if *of_other { Some(FrameId(u32::MAX)) } else { harness.frame };
            let choices =
                [FrameSignal::Loaded, FrameSignal::Hint, FrameSignal::Hint, FrameSignal::CspBlocked, FrameSignal::Lost];
            if let Some(frame) = frame {
                harness.give(Input::Frame(frame, choices[usize::from(news % 5)]));
            }
        }
        Action::Page(number) => {
            let news = [
                PageSignal::Visible,
                PageSignal::Hidden,
                PageSignal::Frozen,
                PageSignal::Restored,
                PageSignal::Online,
                PageSignal::Offline,
            ];
            harness.give(Input::Page(news[usize::from(number % 6)]));
        }
        Action::Host(number) => {
            let action = match number % 16 {
                0..=3 => HostAction::Refresh,
                4..=5 => HostAction::UseHere,
                6..=9 => HostAction::Remount,
                10..=13 => HostAction::StartAgain,
                14 => HostAction::Close,
                _ => HostAction::Destroy,
            };
            harness.give(Input::Host(action));
        }
        Action::Claimed { ours, of_other } => {
            let current = harness.engine.view().session_id.clone();
            let session_id = current.filter(|_| !of_other).unwrap_or_else(|| "earlier".to_owned());
            harness.give(Input::Ownership(session_id, *ours));
        }
        Action::StartTwice => {
            harness.give(Input::Start(Start::New { platform_id: 2, key: None, failure: None }));
        }
    }
}

fn begin(harness: &mut Harness, how: u8) {
    let start = match how % 4 {
        0 => Start::New { platform_id: 1, key: None, failure: None },
        1 => {
            let kind = FailureKind::ALL[usize::from(how / 4) % FailureKind::ALL.len()];
            let failure = Some(Failure { kind, retry_after: (how >= 128).then_some(Millis(20_000)) });
            Start::New { platform_id: 1, key: Some("key of the host".to_owned()), failure }
        }
        2 => Start::Given(harness.new_session("given")),
        _ => Start::Resume(Resume {
            session_id: "resumed".to_owned(),
            client_token: ClientToken("token".to_owned()),
            platform_id: Some(1),
            expires_at: Some(EPOCH + Millis::from_secs(3600)),
        }),
    };
    harness.give(Input::Start(start));
}

/// After the random steps every request succeeds: the session in progress must reach the end that the server reports.
fn finish(harness: &mut Harness, sessions: &mut u32) {
    for news in [PageSignal::Online, PageSignal::Restored, PageSignal::Visible] {
        harness.give(Input::Page(news));
    }
    for _ in 0..50 {
        match harness.engine.view().stage.clone() {
            Stage::Creating | Stage::NotStarted(_) | Stage::Idle => {
                harness.give(Input::Start(Start::New { platform_id: 1, key: None, failure: None }));
                harness.give(Input::Host(HostAction::Refresh));
                if harness.the(Call::Create).is_some() {
                    *sessions += 1;
                    harness.created(&format!("session-{sessions}"));
                }
            }
            Stage::Live if harness.the(Call::Poll).is_some() => {
                harness.respond(SessionStatus::Completed, 100);
                let end = SessionEnd { reason: EndReason::Completed, confirmed: true };
                assert_eq!(harness.engine.view().stage, Stage::Ended(end));
            }
            Stage::Live => drop(harness.give(Input::Host(HostAction::UseHere))),
            Stage::Ended(_) | Stage::Destroyed => return,
        }
        harness.pass(Millis(3_000));
    }
    panic!("the session did not end: {:?}", harness.engine.view());
}

#[test]
fn no_schedule_breaks_an_invariant() {
    let cases = std::env::var("CR3D_SCHEDULES").ok().and_then(|n| n.parse().ok()).unwrap_or(1000);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let schedules = (any::<u64>(), any::<u8>(), prop::collection::vec(action(), 0..120));
    let result = runner.run(&schedules, |(seed, how, actions)| {
        let mut harness = Harness::new(seed);
        let mut sessions = 0;
        begin(&mut harness, how);
        for action in &actions {
            perform(&mut harness, &mut sessions, action);
        }
        finish(&mut harness, &mut sessions);
        Ok(())
    });
    result.unwrap();
}
