//! State that the parts of the card share.

use cr3dentials_core::contract::PlatformView;
use cr3dentials_core::engine::{Failure, Input, Start, View};
use leptos::prelude::*;

use crate::browser::driver::{Driver, ViewState};
use crate::i18n::texts::Text;
use crate::i18n::{Localizer, Strings};

/// Loading state of the list of platforms.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PlatformList {
    Loading,
    Failed,
    Loaded(Vec<PlatformView>),
}

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
    pub(crate) fn with_platforms(self, platforms: PlatformList, query: &str) -> Self {
        self.platform_list.set(platforms);
        self.query.set(query.to_owned());
        self
    }

    /// Reads the engine's view.
    pub(super) fn view<T>(self, read: impl FnOnce(&View) -> T) -> T {
        self.view_state.with(|view_state| read(&view_state.view))
    }

    pub(super) fn localizer(self) -> Localizer {
        let of_session = self.view(|view| view.platform.as_ref().map(|platform| platform.display_name.clone()));
        let picked = || self.picked.with(|picked| picked.as_ref().map(|platform| platform.display_name.clone()));
        let Wording { strings, partner } = self.wording.get();
        Localizer { platform: of_session.or_else(picked).filter(|name| !name.is_empty()), partner, strings }
    }

    /// Returns a text in the current language, with the current names.
    pub(super) fn text(self, text: Text) -> String {
        self.localizer().fill(text)
    }

    /// Returns the URL of the platform's icon.
    pub(super) fn icon(self) -> Option<String> {
        let of_session = self.view(|view| view.platform.as_ref().and_then(|platform| platform.icon.clone()));
        let picked = || self.picked.with(|picked| picked.as_ref().and_then(|platform| platform.icon.clone()));
        of_session.or_else(picked).and_then(|path| self.url(&path))
    }

    pub(super) fn url(self, path: &str) -> Option<String> {
        self.driver.with_value(|driver| driver.url(path))
    }

    /// Returns the platform that the start screen offers, if there is a start screen.
    pub(super) fn start_screen_platform(self) -> Option<u64> {
        self.driver.with_value(|driver| driver.options().start_screen_platform())
    }

    pub(super) fn driver(self) -> Driver {
        self.driver.with_value(Driver::clone)
    }

    /// Returns true while the user is asked whether to stop.
    pub(super) fn is_confirming_leave(self) -> bool {
        self.view_state.with(|view_state| view_state.confirming_leave)
    }

    pub(super) fn platform_list(self) -> PlatformList {
        self.platform_list.get()
    }

    pub(super) fn query(self) -> String {
        self.query.get()
    }

    pub(super) fn query_untracked(self) -> String {
        self.query.get_untracked()
    }

    pub(super) fn set_query(self, query: String) {
        self.query.set(query);
    }

    /// Forgets the platform of a session that was given up, and fetches the list if no fetch has
    /// succeeded or failed yet.
    pub(super) fn prepare_picker(self) {
        self.picked.set(None);
        if self.platform_list.get_untracked() == PlatformList::Loading {
            self.load_platforms();
        }
    }

    /// Loads the list of platforms to choose from.
    pub(super) fn load_platforms(self) {
        self.platform_list.set(PlatformList::Loading);
        self.fetch_platforms(None);
    }

    /// Loads name and icon of the platform that the start screen offers.
    pub(super) fn load_platform(self, platform_id: u64) {
        self.fetch_platforms(Some(platform_id));
    }

    /// Fetches the platforms: for the list, or only for the platform `known`.
    fn fetch_platforms(self, known: Option<u64>) {
        let on_response = move |platforms: Result<Vec<PlatformView>, Failure>| {
            if let Some(known) = known {
                let found = platforms.unwrap_or_default().into_iter().find(|platform| platform.id == known);
                let _ = self.picked.try_set(found);
            } else {
                let _ = self.platform_list.try_set(platforms.map_or(PlatformList::Failed, PlatformList::Loaded));
            }
        };
        self.driver().platforms(Box::new(on_response));
    }

    /// Starts a session for the platform that the user picked.
    pub(super) fn pick(self, platform: PlatformView) {
        let platform_id = platform.id;
        self.picked.set(Some(platform));
        self.start(platform_id);
    }

    /// Starts a session for this platform.
    pub(super) fn start(self, platform_id: u64) {
        self.driver().send(Input::Start(Start::New { platform_id, key: None, failure: None }));
    }
}
