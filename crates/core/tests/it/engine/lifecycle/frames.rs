//! The iframe: one at a time, no URL loaded twice.

use cr3dentials_core::contract::FrameUrl;
use cr3dentials_core::engine::{Effect, FrameSignal, FrameView, HostAction, Input};
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::SessionStatus::Connected;

use super::ready;
use crate::engine::harness::Call;

#[test]
fn lost_iframe_is_replaced_with_a_fresh_url() {
    let mut harness = ready();
    let first = harness.frame.unwrap();
    let effects = harness.give(Input::Frame(first, FrameSignal::Lost));
    assert!(effects.contains(&Effect::Drop(first)), "{effects:?}");
    let url = harness.fresh_url();
    let call = harness.the(Call::Embed).unwrap();
    harness.give(Input::Embed(call, Ok(url)));
    assert!(harness.frame.is_some_and(|frame| frame != first));
}

#[test]
fn used_url_is_not_loaded_again() {
    let mut harness = ready();
    harness.give(Input::Frame(harness.frame.unwrap(), FrameSignal::Lost));
    let call = harness.the(Call::Embed).unwrap();
    let used = FrameUrl { embed_url: "https://frame.example.com/verify/1".to_owned() };
    harness.give(Input::Embed(call, Ok(used)));
    assert_eq!(harness.frame, None);
    assert_eq!(harness.engine.view().frame, FrameView::Unavailable);
}

#[test]
fn remount_keeps_the_iframe_until_the_new_one_is_ready() {
    let mut harness = ready();
    let first = harness.frame;
    harness.give(Input::Host(HostAction::Remount));
    assert_eq!(harness.frame, first);
    let call = harness.the(Call::Embed).unwrap();
    let url = harness.fresh_url();
    harness.give(Input::Embed(call, Ok(url)));
    assert_ne!(harness.frame, first);
}

#[test]
fn long_ready_offers_a_new_window() {
    let mut harness = ready();
    harness.pass(Millis(20_100));
    let call = harness.the(Call::Embed).unwrap();
    let url = harness.fresh_url();
    harness.give(Input::Embed(call, Ok(url)));
    assert!(harness.engine.view().window.is_some());
    harness.respond(Connected, 10);
    assert_eq!(harness.engine.view().window, None);
}
