//! Random schedules against an adversarial server, browser and host.
//!
//! `CR3D_SCHEDULES=100000 cargo test -p cr3dentials-core --test suite --release schedules` is the long run.

use cr3dentials_core::engine::ClientToken;
use cr3dentials_core::engine::{
    CallId, EndReason, Failure, FailureKind, FrameId, FrameSignal, HostAction, Input, PageSignal, Resume, SessionEnd,
    Stage, Start,
};
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::SessionStatus;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::harness::{Call, EPOCH, Harness};

/// One thing that happens. Numbers choose among what is possible at that moment.
#[derive(Clone, Debug)]
enum Happening {
    Pass(u64),
    ClockSet(i64),
    Answer {
        status: u8,
        progress: u8,
        held: bool,
        other_session: bool,
    },
    Stale(u32),
    Fail {
        call: u8,
        kind: u8,
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
    /// Another page takes the session, or lets it go; for the right session or for one of long ago.
    Claimed {
        ours: bool,
        of_other: bool,
    },
    StartTwice,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => prop_oneof![0..600_u64, 0..40_000_u64, 0..4_000_000_u64].prop_map(Happening::Pass),
        1 => (-700_000..700_000_i64).prop_map(Happening::ClockSet),
        6 => (any::<u8>(), 0..=120_u8, any::<bool>(), prop::bool::weighted(0.05))
            .prop_map(|(status, progress, held, other_session)| Happening::Answer { status, progress, held, other_session }),
        1 => any::<u32>().prop_map(Happening::Stale),
        3 => (any::<u8>(), any::<u8>(), prop::option::weighted(0.3, 0..400_000_u64))
            .prop_map(|(call, kind, retry_after)| Happening::Fail { call, kind, retry_after }),
        3 => Just(Happening::Created),
        2 => any::<bool>().prop_map(|fresh| Happening::Embed { fresh }),
        2 => (prop::bool::weighted(0.1), any::<u8>()).prop_map(|(of_other, news)| Happening::Frame { of_other, news }),
        2 => any::<u8>().prop_map(Happening::Page),
        1 => any::<u8>().prop_map(Happening::Host),
        1 => (any::<bool>(), prop::bool::weighted(0.1))
            .prop_map(|(ours, of_other)| Happening::Claimed { ours, of_other }),
        1 => Just(Happening::StartTwice),
    ]
}

const KINDS: [FailureKind; 10] = [
    FailureKind::Network,
    FailureKind::Forbidden,
    FailureKind::OtherUser,
    FailureKind::KeySpent,
    FailureKind::NotFound,
    FailureKind::RateLimited,
    FailureKind::Refused,
    FailureKind::Server,
    FailureKind::BadResponse,
    FailureKind::ContractVersion,
];

/// Terminal statuses are rarer than others, or every schedule would be over at once.
fn status_of(number: u8) -> SessionStatus {
    match number {
        0..200 => SessionStatus::ALL[usize::from(number % 9)].clone(),
        200..240 => SessionStatus::ALL[9 + usize::from(number % 5)].clone(),
        _ => SessionStatus::Unknown("RESTING".to_owned()),
    }
}

fn play(harness: &mut Harness, sessions: &mut u32, happening: &Happening) {
    match happening {
        Happening::Pass(millis) => harness.pass(Millis(*millis)),
        Happening::ClockSet(by) => harness.now.wall.0 += by,
        Happening::Answer { status, progress, held, other_session } => {
            if let Some(call) = harness.the(Call::Ask) {
                let mut answer = harness.answer_of(status_of(*status), *progress);
                answer.long_polled = *held;
                if *other_session {
                    answer.view.session_id.push('x');
                }
                harness.give(Input::Status(call, Ok(answer)));
            }
        }
        Happening::Stale(call) => {
            let call = CallId(u32::MAX - call % 1000);
            let answer = harness.answer_of(SessionStatus::Completed, 100);
            harness.give(Input::Status(call, Ok(answer)));
            let created = harness.new_session("stale");
            harness.give(Input::Created(call, Ok(created)));
            let url = harness.fresh_url();
            harness.give(Input::Embed(call, Ok(url)));
        }
        Happening::Fail { call, kind, retry_after } => {
            let failure = Failure { kind: KINDS[usize::from(kind % 10)], retry_after: retry_after.map(Millis) };
            let kinds = [Call::Ask, Call::Create, Call::Embed];
            let start = usize::from(call % 3);
            let open = (0..3).find_map(|n| {
                let kind = kinds[(start + n) % 3];
                harness.the(kind).map(|call| (kind, call))
            });
            match open {
                Some((Call::Ask, call)) => harness.give(Input::Status(call, Err(failure))),
                Some((Call::Create, call)) => harness.give(Input::Created(call, Err(failure))),
                Some((Call::Embed, call)) => harness.give(Input::Embed(call, Err(failure))),
                None => Vec::new(),
            };
        }
        Happening::Created => {
            if harness.the(Call::Create).is_some() {
                *sessions += 1;
                harness.created(&format!("session-{sessions}"));
            }
        }
        Happening::Embed { fresh } => {
            if let Some(call) = harness.the(Call::Embed) {
                let mut url = harness.fresh_url();
                if !fresh {
                    url.embed_url = "https://frame.example.com/verify/1".to_owned();
                }
                harness.give(Input::Embed(call, Ok(url)));
            }
        }
        Happening::Frame { of_other, news } => {
            let frame = if *of_other { Some(FrameId(u32::MAX)) } else { harness.frame };
            let choices =
                [FrameSignal::Loaded, FrameSignal::Hint, FrameSignal::Hint, FrameSignal::CspBlocked, FrameSignal::Lost];
            if let Some(frame) = frame {
                harness.give(Input::Frame(frame, choices[usize::from(news % 5)]));
            }
        }
        Happening::Page(number) => {
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
        Happening::Host(number) => {
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
        Happening::Claimed { ours, of_other } => {
            let current = harness.engine.view().session_id.clone();
            let session_id = current.filter(|_| !of_other).unwrap_or_else(|| "long-ago".to_owned());
            harness.give(Input::Ownership(session_id, *ours));
        }
        Happening::StartTwice => {
            harness.give(Input::Start(Start::New { platform_id: 2, key: None }));
        }
    }
}

fn begin(harness: &mut Harness, how: u8) {
    let start = match how % 3 {
        0 => Start::New { platform_id: 1, key: None },
        1 => Start::Given(harness.new_session("given")),
        _ => Start::Resume(Resume {
            session_id: "resumed".to_owned(),
            client_token: ClientToken("token".to_owned()),
            platform_id: Some(1),
            expires_at: Some(EPOCH + Millis::from_secs(3600)),
        }),
    };
    harness.give(Input::Start(start));
}

/// After the storm the world is kind again: whatever is under way must come to the end that the server says.
fn calm(harness: &mut Harness, sessions: &mut u32) {
    for news in [PageSignal::Online, PageSignal::Restored, PageSignal::Visible] {
        harness.give(Input::Page(news));
    }
    // An hour may have passed in the storm, and no server is there while time flies.
    harness.now.wall = EPOCH;
    for _ in 0..50 {
        match harness.engine.view().stage.clone() {
            Stage::Creating | Stage::NotStarted(_) | Stage::Idle => {
                harness.give(Input::Start(Start::New { platform_id: 1, key: None }));
                harness.give(Input::Host(HostAction::Refresh));
                if harness.the(Call::Create).is_some() {
                    *sessions += 1;
                    harness.created(&format!("session-{sessions}"));
                }
            }
            Stage::Live if harness.the(Call::Ask).is_some() => {
                harness.answer(SessionStatus::Completed, 100);
                let end = SessionEnd { reason: EndReason::Completed, confirmed: true };
                assert_eq!(harness.engine.view().stage, Stage::Ended(end));
            }
            Stage::Live => drop(harness.give(Input::Host(HostAction::UseHere))),
            Stage::Ended(_) | Stage::Destroyed => return,
        }
        harness.pass(Millis(3_000));
    }
    panic!("no end was reached: {:?}", harness.engine.view());
}

#[test]
fn no_schedule_breaks_an_invariant() {
    let cases = std::env::var("CR3D_SCHEDULES").ok().and_then(|n| n.parse().ok()).unwrap_or(1000);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let schedules = (any::<u64>(), any::<u8>(), prop::collection::vec(happening(), 0..120));
    let result = runner.run(&schedules, |(seed, how, happenings)| {
        let mut harness = Harness::new(seed);
        let mut sessions = 0;
        begin(&mut harness, how);
        for happening in &happenings {
            play(&mut harness, &mut sessions, happening);
        }
        calm(&mut harness, &mut sessions);
        Ok(())
    });
    result.unwrap();
}
