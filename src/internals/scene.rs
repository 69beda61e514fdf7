//! A fixed state of the card, drawn without a server: for the demo's gallery, which the tests of every state use too.
#![allow(unreachable_pub, reason = "the component macro makes what it generates public")]

use cr3dentials_core::contract::PlatformView;
use cr3dentials_core::engine::{FrameView, View};
use leptos::html;
use leptos::prelude::*;

use crate::browser::driver::ViewState;
use crate::browser::partner_client::PartnerClient;
use crate::browser::shell::Shell;
use crate::options::Options;
use crate::verification::MountedVerification;
use crate::view::PlatformList;

/// A state of the card.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// The engine's view.
    pub view: View,
    /// True if the user is being asked whether to stop.
    pub confirming_leave: bool,
    /// The platforms to choose from; `None` if the list could not be loaded.
    pub platforms: Option<Vec<PlatformView>>,
    /// The text in the search field.
    pub query: &'static str,
    /// True if the start screen is shown.
    pub start_screen: bool,
}

/// Draws the card in one state. Its buttons do nothing that needs a server.
#[component]
pub fn SceneCard(
    /// State to draw.
    scene: Scene,
    /// Names, strings and colors.
    options: Options,
    /// HTML in place of the iframe, for the states that show one.
    frame_html: &'static str,
) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let mounted = StoredValue::new_local(None::<MountedVerification>);
    place.on_load(move |place| {
        let Some(shell) = Shell::create(&place) else { return };
        let Scene { view, confirming_leave, platforms, query, start_screen } = scene;
        let options = Options { start_screen, ..options };
        if view.frame != FrameView::None {
            shell.frame().set_inner_html(frame_html);
        }
        let platforms = platforms.map_or(PlatformList::Failed, PlatformList::Loaded);
        let mut card = MountedVerification::new(shell, options, PartnerClient::default(), None, |_| {}, |_| {});
        card.show(ViewState { view, confirming_leave }, platforms, query);
        mounted.set_value(Some(card));
    });
    on_cleanup(move || {
        if let Some(mounted) = mounted.try_update_value(Option::take).flatten() {
            mounted.unmount();
        }
    });
    view! { <div class="cr3d-host" node_ref=place></div> }
}
