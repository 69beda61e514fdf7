//! What the npm package's module (`crates/embed-module`) is built on. Not part of the API: anything in here may change
//! in any release.

use std::cell::RefCell;

use cr3dentials_core::contract::Created;
use cr3dentials_core::engine::{Event, HostAction, Resume, Start, View};
use wasm_bindgen::JsValue;
use web_sys::HtmlDialogElement;

use crate::browser::decode::{self, FromJs};
use crate::browser::driver::{BROKEN, Driver, News};
use crate::browser::locks;
use crate::browser::shell::Shell;
use crate::options::{Mode, Options, Theme};
use crate::strings::Strings;
use crate::telemetry::StepTime;
use crate::verification::Attached;

/// Returns whether this instance of the module has panicked. It must not be used any more then.
pub fn has_panicked() -> bool {
    BROKEN.get()
}

/// Notes that this instance has panicked, and releases every lock it holds, so that another tab can take over.
pub fn note_panic() {
    BROKEN.set(true);
    locks::let_go_of_all();
}

/// A verification in a shell that JavaScript made, with options that are a JavaScript object.
///
/// No borrow is held while the page's code may run: every method may be called inside one of its own events. After
/// [`destroy`](Self::destroy) every call does nothing.
#[derive(Debug)]
pub struct Mounted(RefCell<Option<Attached>>);

impl Mounted {
    /// Reads the options and takes over the shell. Nothing is sent, emitted or drawn before [`start`](Self::start).
    ///
    /// # Errors
    /// A message for the page's developer when the options or the shell are invalid.
    pub fn new(
        shell: HtmlDialogElement,
        options: &JsValue,
        on_event: impl Fn(&Event) + 'static,
        on_step: impl Fn(&StepTime) + 'static,
    ) -> Result<Self, &'static str> {
        let start = decode::field(options, "start");
        let options = Options::from_js(options).ok_or("The options need a proxyUrl, and each the values documented")?;
        if let Some(problem) = options.problem() {
            return Err(problem);
        }
        let start =
            start.and_then(|start| read_start(&start, &options)).ok_or("start needs a kind and what goes with it")?;
        let shell = Shell::adopt(shell).ok_or("The shell needs children of the classes cr3d-view and cr3d-frame")?;
        let on_news = move |news: News| match news {
            News::Event(event) => on_event(&event),
            News::Step(step) => on_step(&step),
        };
        Ok(Self(RefCell::new(Some(Attached::new(shell, options, start, |_| {}, on_news)))))
    }

    /// Starts the verification and then draws it; later calls do nothing.
    pub fn start(&self) {
        let start = self.0.borrow_mut().as_mut().and_then(Attached::begin);
        if let Some((driver, start)) = start {
            driver.start(start);
            // The first event may have destroyed it.
            if let Some(attached) = &mut *self.0.borrow_mut() {
                attached.draw();
            }
        }
    }

    /// Does what the host asks of the session.
    pub fn act(&self, action: HostAction) {
        self.with(|driver| driver.act(action));
    }

    /// Shows the dialog.
    pub fn open(&self) {
        self.with(Driver::open);
    }

    /// Hides the dialog. Nothing ends.
    pub fn hide(&self) {
        self.with(Driver::hide);
    }

    /// Reports that the shell was moved in the DOM, which loaded the iframe again.
    pub fn frame_lost(&self) {
        self.with(Driver::frame_lost);
    }

    /// Changes theme, mode, strings and partner's name, each where `changes` has it; anything else is ignored.
    ///
    /// # Errors
    /// A message for the page's developer when a value is not one of those documented; nothing is changed then.
    pub fn update(&self, changes: &JsValue) -> Result<(), &'static str> {
        let theme = match decode::text(changes, "theme") {
            Some(theme) => Some(Theme::from_name(&theme).ok_or("theme is auto, light or dark")?),
            None => None,
        };
        let mode = match decode::text(changes, "mode") {
            Some(mode) => Some(Mode::from_name(&mode).ok_or("mode is inline, modal or bare")?),
            None => None,
        };
        if let Some(mode) = mode {
            self.with(|driver| driver.set_mode(mode));
        }
        let strings = Strings::from_js(changes);
        let partner = decode::text(changes, "partnerName");
        if let Some(attached) = &*self.0.borrow() {
            theme.into_iter().for_each(|theme| attached.driver.set_theme(theme));
            if strings.is_some() || partner.is_some() {
                attached.reword(|wording| {
                    wording.strings = strings.unwrap_or_else(|| wording.strings.clone());
                    // An empty one removes it.
                    wording.partner = partner
                        .map_or_else(|| wording.partner.clone(), |name| Some(name).filter(|name| !name.is_empty()));
                });
            }
        }
        Ok(())
    }

    /// Returns what is shown now; `None` after [`destroy`](Self::destroy).
    pub fn view(&self) -> Option<View> {
        self.0.borrow().as_ref().map(|attached| attached.driver.view())
    }

    /// Stops everything, silently and for good.
    pub fn destroy(&self) {
        // Taken out first: what is dropped may call back.
        let attached = self.0.borrow_mut().take();
        drop(attached);
    }

    fn with(&self, act: impl FnOnce(&Driver)) {
        // A clone, so that the host may destroy it inside an event.
        let driver = self.0.borrow().as_ref().map(|attached| attached.driver.clone());
        if let Some(driver) = driver {
            act(&driver);
        }
    }
}

/// Reads how to start: `{kind: "new"}`, `{kind: "given", created}` or `{kind: "resume", sessionId, clientToken}`.
/// `None` when it is none of them, or something in it is missing.
fn read_start(start: &JsValue, options: &Options) -> Option<Option<Start>> {
    Some(match decode::text(start, "kind")?.as_str() {
        "new" => options.new_session(),
        "given" => Some(Start::Given(Created::from_js(&decode::field(start, "created")?)?)),
        "resume" => Some(Start::Resume(Resume::from_js(start)?)),
        _ => return None,
    })
}
