//! Every state of the card, drawn without a server, for the demo's gallery and its tests.
#![allow(unreachable_pub, reason = "the component macro makes what it generates public")]

use cr3dentials_core::contract::{PlatformView, SessionPlatform};
use cr3dentials_core::engine::{
    Connection, EmbedUrl, EndReason, FailureKind, FrameView, SessionEnd, Stage, Step, View,
};
use cr3dentials_core::wire::SessionStatus;
use leptos::html;
use leptos::prelude::*;

use crate::browser::driver::ViewState;
use crate::browser::shell::Shell;
use crate::options::Options;
use crate::verification::MountedVerification;
use crate::view::PlatformList;

/// A state of the card.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Name of the state, also used for its screenshot.
    pub name: &'static str,
    view_state: ViewState,
    platforms: PlatformList,
    query: &'static str,
    start_screen: bool,
}

/// Draws the card in one state. Its buttons do nothing that needs a server.
#[component]
pub fn SceneCard(
    /// State to draw.
    scene: Scene,
    /// Names, strings and colors.
    options: Options,
) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let mounted = StoredValue::new_local(None::<MountedVerification>);
    place.on_load(move |place| {
        let Some(shell) = Shell::create(&place) else { return };
        let options = Options { start_screen: scene.start_screen, ..options };
        let shows_frame = scene.view_state.view.frame != FrameView::None;
        if shows_frame {
            shell.frame_container.set_inner_html("<p class=\"window\">The provider’s window</p>");
        }
        let mut mounted_scene = MountedVerification::new(shell, options, None, |_| {}, |_| {});
        mounted_scene.show(scene.view_state.clone(), scene.platforms.clone(), scene.query);
        mounted.set_value(Some(mounted_scene));
    });
    on_cleanup(move || {
        if let Some(mounted) = mounted.try_update_value(Option::take).flatten() {
            mounted.unmount();
        }
    });
    view! { <div class="cr3d-host" node_ref=place></div> }
}

/// Returns all states, in the order in which users encounter them.
pub fn scenes() -> Vec<Scene> {
    let mut scenes = vec![
        picker("picker", PlatformList::Loaded(platform_views()), ""),
        picker("picker-nothing-found", PlatformList::Loaded(platform_views()), "Zebra"),
        picker("picker-empty", PlatformList::Loaded(Vec::new()), ""),
        picker("picker-failed", PlatformList::Failed, ""),
        Scene { start_screen: true, ..of("start", View::default()) },
        of("creating", View { stage: Stage::Creating, ..View::default() }),
        of("creating-slow", View { stage: Stage::Creating, slow: true, ..View::default() }),
        of("busy", busy()),
        of("offline-at-start", View { connection: Connection::Offline, stage: Stage::Creating, ..View::default() }),
        of("could-not-start", View { stage: Stage::NotStarted(FailureKind::Network), ..View::default() }),
        of("not-allowed", View { stage: Stage::NotStarted(FailureKind::Forbidden), ..View::default() }),
    ];
    scenes.extend(lifecycle());
    scenes.extend(problems());
    scenes.extend(ends());
    scenes
}

fn lifecycle() -> Vec<Scene> {
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

fn problems() -> Vec<Scene> {
    let signing_in = || live(SessionStatus::AwaitingUser, Step::SignIn, 40);
    let window = || Some(EmbedUrl("https://frame.example.com/verify/1".to_owned()));
    let leaving = of("leaving", signing_in());
    vec![
        of("slow", View { slow: true, ..live(SessionStatus::Running, Step::SignIn, 40) }),
        of("nothing-seen", View { window: window(), ..live(SessionStatus::Ready, Step::Connect, 10) }),
        of("frame-blocked", View { frame: FrameView::Blocked, window: window(), ..signing_in() }),
        of("no-frame", View { frame: FrameView::Unavailable, ..signing_in() }),
        of("offline", View { connection: Connection::Offline, ..signing_in() }),
        of("reconnecting", View { connection: Connection::Reconnecting, ..signing_in() }),
        of("stalled", View { stalled: true, ..signing_in() }),
        of("not-found", View { stalled: true, status: None, frame: FrameView::None, ..signing_in() }),
        of("other-tab", View { elsewhere: true, frame: FrameView::None, ..signing_in() }),
        of("expiring", View { minutes_left: Some(4), ..signing_in() }),
        Scene { view_state: ViewState { confirming_leave: true, ..leaving.view_state.clone() }, ..leaving },
    ]
}

fn ends() -> Vec<Scene> {
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

fn of(name: &'static str, view: View) -> Scene {
    Scene {
        name,
        view_state: ViewState { view, confirming_leave: false },
        platforms: PlatformList::Loaded(platform_views()),
        query: "",
        start_screen: false,
    }
}

fn picker(name: &'static str, platforms: PlatformList, query: &'static str) -> Scene {
    Scene { platforms, query, ..of(name, View::default()) }
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
