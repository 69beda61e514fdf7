//! Dynamic parts of a view, with one type for each kind. Every closure has its own type, and Leptos's rendering code is
//! compiled for each of them: written in place, these would be a third of the module.

use cr3dentials_core::contract::PlatformView;
use cr3dentials_core::engine::{HostAction, View};
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::model::Model;
use crate::i18n::texts::Text;

/// Returns a text that updates with the signals it reads.
///
/// Elements show it as `prop:textContent`. As their child it would be a text node that is updated in place, and browsers
/// that translate a page take such nodes out of it: the user would go on reading what was true when they translated.
pub(super) fn text(read: ReadText) -> impl Fn() -> String + Send + Sync + 'static {
    move || read()
}

/// Draws a text beside other children.
pub(super) fn words(read: ReadText) -> AnyView {
    view! { <span prop:textContent=text(read)></span> }.into_any()
}

/// Returns a part that is redrawn when a signal it reads changes. It should read few signals, best a [`Memo`] that
/// seldom changes.
pub(super) fn part(draw: Box<dyn Fn() -> AnyView + Send + Sync>) -> impl Fn() -> AnyView + Send + Sync + 'static {
    move || draw()
}

/// Draws `view` if it is `wanted`, otherwise nothing.
pub(super) fn when(wanted: bool, view: impl FnOnce() -> AnyView) -> AnyView {
    if wanted { view() } else { ().into_any() }
}

/// Draws a paragraph.
pub(super) fn paragraph(class: &'static str, children: Vec<AnyView>) -> AnyView {
    named_paragraph(class, None, children)
}

/// Draws a paragraph that a page can style by the name of its part.
pub(super) fn named_paragraph(class: &'static str, part: Option<&'static str>, children: Vec<AnyView>) -> AnyView {
    view! { <p class=class part=part>{children}</p> }.into_any()
}

/// Draws a paragraph that begins with a few words in bold.
pub(super) fn strong_paragraph(class: &'static str, strong: ReadText, rest: ReadText) -> AnyView {
    let strong = view! { <strong prop:textContent=text(strong)></strong>" " }.into_any();
    paragraph(class, vec![strong, words(rest)])
}

/// Draws the platform's icon; nothing if it cannot be loaded.
pub(super) fn logo(url: RwSignal<String>) -> AnyView {
    view! {
        <img class="cr3d-logo" src=url.get() alt="" width="32" height="32" on:error=move |_| url.set(String::new()) />
    }
    .into_any()
}

/// Draws a skeleton of something that is still loading. Built from a list: elements that are all literal become one
/// piece of HTML text, which a page with Trusted Types rejects.
pub(super) fn skeleton(classes: &'static [&'static str]) -> AnyView {
    let bones: Vec<_> = classes.iter().map(|class| view! { <div class=*class></div> }.into_any()).collect();
    view! { <div class="cr3d-skeleton" aria-hidden="true">{bones}</div> }.into_any()
}

/// A function that reads a text that may change.
pub(super) type ReadText = Box<dyn Fn() -> String + Send + Sync>;

/// Action of a button.
#[derive(Clone, Debug)]
pub(super) enum ButtonAction {
    Act(HostAction),
    Start(u64),
    Pick(PlatformView),
    LoadPlatforms,
    Stay,
    Leave,
}

impl Model {
    /// Returns a text that follows the current strings and names.
    pub(super) fn localized(self, text: Text) -> impl Fn() -> String + Send + Sync + 'static {
        move || self.text(text)
    }

    /// Draws a text that follows the current strings and names.
    pub(super) fn words(self, text: Text) -> AnyView {
        words(Box::new(self.localized(text)))
    }

    /// Memoizes a condition, so that what depends on it is redrawn only when it changes.
    pub(super) fn memo_flag(self, read: fn(&View) -> bool) -> Memo<bool> {
        Memo::new(move |_| self.view(read))
    }

    /// Memoizes a text; empty when there is none.
    pub(super) fn memo_text(self, read: fn(Self) -> Option<String>) -> Memo<String> {
        Memo::new(move |_| read(self).unwrap_or_default())
    }

    /// Returns the click handler of a button.
    pub(super) fn on(self, action: ButtonAction) -> impl Fn(MouseEvent) + 'static {
        move |_| {
            let driver = self.driver();
            match action.clone() {
                ButtonAction::Act(host_action) => driver.act(host_action),
                ButtonAction::Start(platform_id) => self.start(platform_id),
                ButtonAction::Pick(platform) => self.pick(platform),
                ButtonAction::LoadPlatforms => self.load_platforms(),
                ButtonAction::Stay => driver.stay(),
                ButtonAction::Leave => driver.leave(),
            }
        }
    }

    /// Draws the primary button, in its own paragraph.
    pub(super) fn main_button(self, label: Text, action: ButtonAction) -> AnyView {
        paragraph("cr3d-actions", vec![self.button("cr3d-button cr3d-primary", label, action)])
    }

    pub(super) fn button(self, class: &'static str, label: Text, action: ButtonAction) -> AnyView {
        let label = self.localized(label);
        view! { <button class=class type="button" on:click=self.on(action) prop:textContent=label></button> }.into_any()
    }
}
