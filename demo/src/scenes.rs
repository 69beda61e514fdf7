//! Every state of the card, with data for each.

use cr3dentials_embed::core::contract::{PlatformView, SessionPlatform};
use cr3dentials_embed::core::engine::{
    Connection, EmbedUrl, EndReason, FailureKind, FrameView, SessionEnd, Stage, Step, View,
};
use cr3dentials_embed::core::wire::SessionStatus;
use cr3dentials_embed::internals::Scene;

/// A state with its name, which is also the name of its screenshot.
type NamedScene = (&'static str, Scene);

/// Returns all states, in the order in which users encounter them.
pub(crate) fn scenes() -> Vec<NamedScene> {
    let mut scenes = vec![
        picker("picker", Some(platform_views()), ""),
        picker("picker-nothing-found", Some(platform_views()), "Zebra"),
        picker("picker-empty", Some(Vec::new()), ""),
        picker("picker-failed", None, ""),
        ("start", Scene { start_screen: true, ..with_view(View::default()) }),
        of("creating", View { stage: Stage::Creating, ..View::default() }),
        of("creating-slow", View { stage: Stage::Creating, slow: true, ..View::default() }),
        of("busy", busy()),
        of("offline-at-start", View { connection: Connection::Offline, stage: Stage::Creating, ..View::default() }),
        of("still-trying-to-start", View { connection: Connection::Slow, stage: Stage::Creating, ..View::default() }),
        of("could-not-start", View { stage: Stage::NotStarted(FailureKind::Network), ..View::default() }),
        of("not-allowed", View { stage: Stage::NotStarted(FailureKind::Forbidden), ..View::default() }),
    ];
    scenes.extend(lifecycle());
    scenes.extend(problems());
    scenes.extend(ends());
    scenes
}

fn lifecycle() -> Vec<NamedScene> {
    use SessionStatus::{
        AwaitingUser, CollectingData, Connected, Created, Initializing, LoadingTree, Ready, Running, Unknown, Verifying,
    };
    let resting = Unknown("RESTING".to_owned());
    [
        ("created", Created, Step::Connect, 0),
        ("initializing", Initializing, Step::Connect, 5),
        ("ready", Ready, Step::Connect, 10),
        ("connected", Connected, Step::Connect, 15),
        ("loading-tree", LoadingTree, Step::Connect, 20),
        ("running", Running, Step::SignIn, 30),
        ("awaiting-user", AwaitingUser, Step::SignIn, 40),
        ("collecting-data", CollectingData, Step::ReadDetails, 70),
        ("verifying", Verifying, Step::Check, 90),
        ("unknown-status", resting, Step::ReadDetails, 70),
    ]
    .map(|(name, status, step, progress)| of(name, live(status, step, progress)))
    .into()
}

fn problems() -> Vec<NamedScene> {
    let signing_in = || live(SessionStatus::AwaitingUser, Step::SignIn, 40);
    let window = || Some(EmbedUrl("https://frame.example.com/verify/1".to_owned()));
    vec![
        of("slow", View { slow: true, ..live(SessionStatus::Running, Step::SignIn, 40) }),
        of("nothing-seen", View { window: window(), ..live(SessionStatus::Ready, Step::Connect, 10) }),
        of("frame-blocked", View { frame: FrameView::Blocked, window: window(), ..signing_in() }),
        of("no-frame", View { frame: FrameView::Unavailable, ..signing_in() }),
        of("offline", View { connection: Connection::Offline, ..signing_in() }),
        of("reconnecting", View { connection: Connection::Reconnecting, ..signing_in() }),
        of("still-trying", View { connection: Connection::Slow, ..signing_in() }),
        of("stalled", View { stalled: true, ..signing_in() }),
        of("not-found", View { stalled: true, status: None, frame: FrameView::None, ..signing_in() }),
        of("other-tab", View { elsewhere: true, frame: FrameView::None, ..signing_in() }),
        of("expiring", View { minutes_left: Some(4), ..signing_in() }),
        ("leaving", Scene { confirming_leave: true, ..with_view(signing_in()) }),
    ]
}

fn ends() -> Vec<NamedScene> {
    let code = Some("ACCOUNT_LOCKED".to_owned());
    [
        ("completed", EndReason::Completed, Step::Check, 100),
        ("partial", EndReason::Partial, Step::Check, 80),
        ("failed", EndReason::Failed { code }, Step::SignIn, 40),
        ("failed-without-code", EndReason::Failed { code: None }, Step::SignIn, 40),
        ("cancelled", EndReason::Cancelled, Step::SignIn, 40),
        ("expired", EndReason::Expired, Step::SignIn, 40),
        ("terminated", EndReason::Terminated, Step::ReadDetails, 70),
    ]
    .map(|(name, reason, step, progress)| {
        let stage = Stage::Ended(SessionEnd { reason, confirmed: true });
        of(name, View { stage, step, progress, platform: Some(platform()), ..View::default() })
    })
    .into()
}

fn of(name: &'static str, view: View) -> NamedScene {
    (name, with_view(view))
}

fn picker(name: &'static str, platforms: Option<Vec<PlatformView>>, query: &'static str) -> NamedScene {
    (name, Scene { platforms, query, ..Scene::default() })
}

fn with_view(view: View) -> Scene {
    Scene { view, platforms: Some(platform_views()), ..Scene::default() }
}

fn busy() -> View {
    View { stage: Stage::Creating, connection: Connection::Busy, retry_secs: Some(8), ..View::default() }
}

fn live(status: SessionStatus, step: Step, progress: u8) -> View {
    View {
        stage: Stage::Live,
        session_id: Some("0c5f3d9a-6f0e-4f7e-9a53-2f6f4a1f9b10".to_owned()),
        status: Some(status),
        step,
        progress,
        platform: Some(platform()),
        frame: FrameView::Shown,
        ..View::default()
    }
}

fn platform() -> SessionPlatform {
    SessionPlatform { id: 1, name: "uber".to_owned(), display_name: "Uber".to_owned(), icon: None }
}

fn platform_views() -> Vec<PlatformView> {
    [("Uber", "Ride-hailing", true), ("Bolt", "Ride-hailing and delivery", true), ("Old Taxi", "Taxis", false)]
        .iter()
        .zip(1..)
        .map(|((name, description, is_active), id)| PlatformView {
            id,
            name: name.to_lowercase(),
            display_name: (*name).to_owned(),
            description: Some((*description).to_owned()),
            icon: None,
            is_active: *is_active,
        })
        .collect()
}
