//! The card around the frame, drawn from the engine's view. Each file draws one part of it.

mod body;
mod header;
mod icons;
mod leave;
mod links;
mod notice;
mod parts;
mod picker;
mod start;
mod status;
mod status_text;
mod stepper;
mod trust;

use cr3dentials_core::contract::PlatformView;
use cr3dentials_core::engine::{Input, Start, View};
use leptos::prelude::*;

use crate::browser::driver::{Driver, ViewState};
use crate::i18n::texts::Text;
use crate::i18n::{Localizer, Strings};
pub(crate) use picker::PlatformList;

/// Strings and the partner's name, which may change while the verification runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wording {
    pub(crate) strings: Strings,
    pub(crate) partner: Option<String>,
}

/// State that every part of the card reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model {
    view_state: RwSignal<ViewState>,
    picked: RwSignal<Option<PlatformView>>,
    platform_list: RwSignal<PlatformList>,
    /// Search text of the picker.
    query: RwSignal<String>,
    wording: RwSignal<Wording>,
    driver: StoredValue<Driver, LocalStorage>,
}

impl Model {
    pub(crate) fn new(view_state: ArcRwSignal<ViewState>, wording: ArcRwSignal<Wording>, driver: Driver) -> Self {
        Self {
            view_state: view_state.into(),
            picked: RwSignal::new(None),
            platform_list: RwSignal::new(PlatformList::Loading),
            query: RwSignal::new(String::new()),
            wording: wording.into(),
            driver: StoredValue::new_local(driver),
        }
    }

    /// Sets the list of platforms and the search text.
    #[cfg(feature = "gallery")]
    pub(crate) fn with_platforms(self, platforms: PlatformList, query: &str) -> Self {
        self.platform_list.set(platforms);
        self.query.set(query.to_owned());
        self
    }

    /// Reads the engine's view.
    fn view<T>(self, read: impl FnOnce(&View) -> T) -> T {
        self.view_state.with(|view_state| read(&view_state.view))
    }

    fn localizer(self) -> Localizer {
        let of_session = self.view(|view| view.platform.as_ref().map(|platform| platform.display_name.clone()));
        let picked = || self.picked.with(|picked| picked.as_ref().map(|platform| platform.display_name.clone()));
        let Wording { strings, partner } = self.wording.get();
        Localizer { platform: of_session.or_else(picked).filter(|name| !name.is_empty()), partner, strings }
    }

    /// Returns a text in the current language, with the current names.
    fn text(self, text: Text) -> String {
        self.localizer().fill(text)
    }

    /// Returns the URL of the platform's icon.
    fn icon(self) -> Option<String> {
        let of_session = self.view(|view| view.platform.as_ref().and_then(|platform| platform.icon.clone()));
        let picked = || self.picked.with(|picked| picked.as_ref().and_then(|platform| platform.icon.clone()));
        of_session.or_else(picked).map(|path| self.url(&path))
    }

    fn url(self, path: &str) -> String {
        self.driver.with_value(|driver| driver.url(path))
    }

    /// Returns the platform that the start screen offers, if there is a start screen.
    fn start_screen_platform(self) -> Option<u64> {
        self.driver.with_value(|driver| driver.options().start_screen_platform())
    }

    fn pick(self, platform: PlatformView) {
        let platform_id = platform.id;
        self.picked.set(Some(platform));
        self.start(platform_id);
    }

    fn start(self, platform_id: u64) {
        self.driver.with_value(Driver::clone).send(Input::Start(Start::New { platform_id, key: None }));
    }
}

/// Draws everything around the iframe.
pub(crate) fn card(model: Model) -> AnyView {
    vec![
        header::header(model).into_any(),
        leave::leave(model).into_any(),
        stepper::stepper(model).into_any(),
        status::status(model).into_any(),
        notice::notice(model).into_any(),
        body::body(model).into_any(),
        trust::trust(model).into_any(),
    ]
    .into_any()
}
