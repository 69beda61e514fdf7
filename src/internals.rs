//! Parts that the module of the npm package (`crates/embed-module`) and the demo's gallery are built on. Not part of
//! the API: anything in here may change in any release.

mod scene;

use std::cell::RefCell;

use cr3dentials_core::contract::Created;
use cr3dentials_core::engine::{Failure, HostAction, Resume, Start};
use js_sys::Function;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

use crate::browser::decode::{self, FromJs};
use crate::browser::driver::{ComponentEvent, Driver};
use crate::browser::partner_client::PartnerClient;
use crate::browser::shell::Shell;
use crate::browser::{locks, panic_flag};
use crate::i18n::Strings;
use crate::options::{Mode, Options, Theme};
use crate::verification::MountedVerification;

pub use scene::{Scene, SceneCard};

/// Returns true if this instance of the module has panicked. It must not be used any more then.
pub fn has_panicked() -> bool {
    panic_flag::has_panicked()
}

/// Records that this instance has panicked, and releases every lock it holds, so that another tab can take over.
pub fn note_panic() {
    panic_flag::set_panicked();
    locks::release_all();
}

/// Creates a shell as the host of the npm package does. For tests of what the host calls.
pub fn create_shell(place: &Element) -> Option<JsValue> {
    Shell::create(place).map(JsValue::from)
}

/// A verification in a shell that JavaScript created, with options and a listener from JavaScript.
///
/// Nothing here is generic, so that all of it is compiled in this crate, which makes the module smaller.
///
/// No borrow is held while the page's code may run, so every method may be called inside one of its events. After
/// [`destroy`](Self::destroy) every call does nothing.
#[derive(Debug)]
pub struct Mounted(RefCell<Option<MountedVerification>>);

impl Mounted {
    /// Reads the options and takes over the shell. Nothing is sent, emitted or drawn before [`start`](Self::start).
    ///
    /// `listener` is called with an event's name, without its prefix, and its detail; and with `step` and a step that
    /// has ended.
    ///
    /// # Errors
    /// A message for the page's developer when the options or the shell are invalid.
    pub fn new(shell: JsValue, options: &JsValue, listener: Function) -> Result<Self, &'static str> {
        let (start, partner) = (decode::field(options, "start"), PartnerClient::from_js(options).unwrap_or_default());
        let options = Options::from_js(options).ok_or("proxyUrl is missing, or an option is invalid")?;
        if let Some(problem) = options.problem() {
            return Err(problem);
        }
        let start = start.and_then(|start| read_start(&start, &options)).ok_or("start is invalid")?;
        decode::field(&shell, "dialog").ok_or("The shell is invalid")?;
        let shell = shell.unchecked_into::<Shell>();
        let mounted =
            MountedVerification::new(shell, options, partner, start, |_| {}, move |event| emit(&listener, &event));
        Ok(Self(RefCell::new(Some(mounted))))
    }

    /// Starts the verification and then draws it; later calls do nothing.
    pub fn start(&self) {
        let start = self.0.borrow_mut().as_mut().and_then(MountedVerification::take_start);
        if let Some((driver, start)) = start {
            driver.start(start);
            // The first event may have destroyed it. Drawing runs none of the page's code.
            if let Some(mounted) = &mut *self.0.borrow_mut() {
                mounted.draw();
            }
        }
    }

    /// Performs an action that the host requested.
    pub fn act(&self, action: HostAction) {
        self.with(|driver| driver.act(action));
    }

    /// Shows the dialog.
    pub fn open(&self) {
        self.with(Driver::open);
    }

    /// Hides the dialog. The session continues.
    pub fn hide(&self) {
        self.with(Driver::hide);
    }

    /// Reports that the shell was moved in the DOM, which loaded the iframe again.
    pub fn frame_lost(&self) {
        self.with(Driver::frame_lost);
    }

    /// Changes theme, mode, strings and partner name, each only if `changes` has it; anything else is ignored.
    ///
    /// # Errors
    /// A message for the page's developer when a value is not one of those documented. Nothing is changed then.
    pub fn update(&self, changes: &JsValue) -> Result<(), &'static str> {
        let theme = match decode::text(changes, "theme") {
            Some(theme) => Some(Theme::from_name(&theme).ok_or("theme is auto, light or dark")?),
            None => None,
        };
        let mode = match decode::text(changes, "mode") {
            Some(mode) => Some(Mode::from_name(&mode).ok_or("mode is inline, modal or bare")?),
            None => None,
        };
        if let Some(driver) = self.driver() {
            mode.into_iter().for_each(|mode| driver.set_mode(mode));
            theme.into_iter().for_each(|theme| driver.set_theme(theme));
        }
        let strings = Strings::from_js(changes);
        let partner = decode::text(changes, "partnerName");
        if let Some(mounted) = &*self.0.borrow()
            && (strings.is_some() || partner.is_some())
        {
            mounted.update_wording(|wording| {
                if let Some(strings) = strings {
                    wording.strings = strings;
                }
                // An empty name removes it.
                if let Some(name) = partner {
                    wording.partner = Some(name).filter(|name| !name.is_empty());
                }
            });
        }
        Ok(())
    }

    /// Returns what is shown now, as an object; `null` after [`destroy`](Self::destroy).
    pub fn state(&self) -> JsValue {
        self.driver().map_or(JsValue::NULL, |driver| to_js(&driver.view()))
    }

    /// Stops everything permanently, without emitting an event.
    pub fn destroy(&self) {
        // Taken out first: dropping it may call back.
        let mounted = self.0.borrow_mut().take();
        drop(mounted);
    }

    /// Calls the driver through a clone, so that the host may destroy this value inside an event.
    fn with(&self, act: impl FnOnce(&Driver)) {
        if let Some(driver) = self.driver() {
            act(&driver);
        }
    }

    fn driver(&self) -> Option<Driver> {
        self.0.borrow().as_ref().map(|mounted| mounted.driver.clone())
    }
}

/// Reads how to start: `{kind: "new", failure?: {kind, retryAfter}}`, `{kind: "given", created}` or
/// `{kind: "resume", sessionId, clientToken}`. `None` when the kind is unknown or a field is missing.
fn read_start(start: &JsValue, options: &Options) -> Option<Option<Start>> {
    Some(match decode::text(start, "kind")?.as_str() {
        "new" => options.new_session().map(|new| with_failure(new, decode::field(start, "failure"))),
        "given" => Some(Start::Given(Created::from_js(&decode::field(start, "created")?)?)),
        "resume" => Some(Start::Resume(Resume::from_js(start)?)),
        _ => return None,
    })
}

/// Adds the failure of the create that the host has sent.
fn with_failure(start: Start, refusal: Option<JsValue>) -> Start {
    match start {
        Start::New { platform_id, key, .. } => {
            Start::New { platform_id, key, failure: refusal.and_then(|refusal| Failure::from_js(&refusal)) }
        }
        start => start,
    }
}

fn emit(listener: &Function, event: &ComponentEvent) {
    let (name, detail) = match event {
        ComponentEvent::Event(event) => (event.name(), to_js(&event.detail())),
        ComponentEvent::Step(step) => ("step", to_js(step)),
    };
    // The host is responsible for a listener that throws; the browser has already reported it.
    let _ = listener.call2(&JsValue::UNDEFINED, &JsValue::from_str(name), &detail);
}

fn to_js(value: &impl Serialize) -> JsValue {
    value.serialize(&Serializer::json_compatible()).unwrap_or(JsValue::NULL)
}
