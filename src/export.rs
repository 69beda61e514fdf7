//! What JavaScript calls: [`mount`] and the [`Handle`] it answers. Nothing else in this crate is exported.

use std::cell::{Cell, RefCell};

use cr3dentials_core::contract::Created;
use cr3dentials_core::engine::{Event, HostAction, Resume, Start};
use js_sys::Function;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use web_sys::HtmlDialogElement;

use crate::browser::decode::{self, FromJs};
use crate::browser::driver::{BROKEN, Driver, News};
use crate::browser::locks;
use crate::browser::shell::Shell;
use crate::options::{Mode, Options, Theme};
use crate::strings::Strings;
use crate::verification::Attached;

/// Where to begin: `{kind: "new"}`, `{kind: "given", created}` or `{kind: "resume", sessionId, clientToken}`. `None`
/// when it is none of them, or something in it is missing.
fn read_start(start: &JsValue, options: &Options) -> Option<Option<Start>> {
    Some(match decode::text(start, "kind")?.as_str() {
        "new" => options.new_session(),
        "given" => Some(Start::Given(Created::from_js(&decode::field(start, "created")?)?)),
        "resume" => Some(Start::Resume(Resume::from_js(start)?)),
        _ => return None,
    })
}

/// Draws a verification into `shell` and starts it.
///
/// `shell` is a `<dialog>` with two children of the classes `cr3d-view` and `cr3d-frame`; an iframe that is already
/// in the second is adopted, not loaded again. `listener` is called with an event's name, without its prefix, and its
/// detail; with `step` and a step that is over; and with `panic` when this module can no longer be used.
///
/// # Errors
/// A message when the options or the shell cannot be used, and once this module has panicked.
#[wasm_bindgen]
pub fn mount(shell: HtmlDialogElement, options: JsValue, listener: Function) -> Result<Handle, JsValue> {
    if BROKEN.get() {
        return Err("The module has panicked".into());
    }
    let start = decode::field(&options, "start");
    let options = Options::from_js(&options).ok_or("The options need a proxyUrl, and each the values documented")?;
    let start =
        start.and_then(|start| read_start(&start, &options)).ok_or("start needs a kind and what goes with it")?;
    let shell = Shell::adopt(shell).ok_or("The shell needs children of the classes cr3d-view and cr3d-frame")?;
    let panics = Panics::tell(&listener);
    let mut attached = Attached::new(shell, options, start, |_| {}, move |news| tell(&listener, &news));
    if let Some((driver, start)) = attached.begin() {
        driver.start(start);
    }
    attached.draw();
    Ok(Handle { attached: RefCell::new(Some(attached)), _panics: panics })
}

thread_local! {
    static LISTENERS: RefCell<Vec<(u32, Function)>> = const { RefCell::new(Vec::new()) };
    static COUNT: Cell<u32> = const { Cell::new(0) };
}

/// Lets a listener know of a panic: whoever called us then sees a trap, if anybody does. Dropping it ends that.
#[derive(Debug)]
struct Panics(u32);

impl Panics {
    fn tell(listener: &Function) -> Self {
        let number = COUNT.replace(COUNT.get().wrapping_add(1));
        if number == 0 {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                before(panic);
                BROKEN.set(true);
                locks::let_go_of_all();
                let listeners = LISTENERS.with(|all| all.try_borrow().map(|all| all.clone()).unwrap_or_default());
                for (_, listener) in listeners {
                    let _ = listener.call1(&JsValue::UNDEFINED, &JsValue::from_str("panic"));
                }
            }));
        }
        LISTENERS.with(|all| all.borrow_mut().push((number, listener.clone())));
        Self(number)
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        let _ = LISTENERS.try_with(|all| all.borrow_mut().retain(|(number, _)| *number != self.0));
    }
}

/// A mounted verification. After `destroy` every call does nothing.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Handle {
    attached: RefCell<Option<Attached>>,
    _panics: Panics,
}

#[wasm_bindgen]
impl Handle {
    /// Asks the proxy for the status now; after a failed start, tries again.
    pub fn refresh(&self) {
        self.act(HostAction::Refresh);
    }

    /// Shows the same session in a new iframe.
    pub fn remount(&self) {
        self.act(HostAction::Remount);
    }

    /// Ends this session as closed and begins another.
    #[wasm_bindgen(js_name = startAgain)]
    pub fn start_again(&self) {
        self.act(HostAction::StartAgain);
    }

    /// Shows the dialog.
    pub fn open(&self) {
        self.with(Driver::open);
    }

    /// Hides the dialog. Nothing ends.
    pub fn hide(&self) {
        self.with(Driver::hide);
    }

    /// Ends this session as closed.
    pub fn close(&self) {
        self.act(HostAction::Close);
    }

    /// Says that the element was moved in the DOM, which loaded the iframe again.
    #[wasm_bindgen(js_name = frameLost)]
    pub fn frame_lost(&self) {
        self.with(Driver::frame_lost);
    }

    /// Changes what may change while it runs; anything else in `changes` is passed over.
    ///
    /// # Errors
    /// A message when a value is not one of those documented.
    pub fn update(&self, changes: JsValue) -> Result<(), JsValue> {
        let theme = match decode::text(&changes, "theme") {
            Some(theme) => Some(Theme::from_name(&theme).ok_or("theme is auto, light or dark")?),
            None => None,
        };
        let mode = match decode::text(&changes, "mode") {
            Some(mode) => Some(Mode::from_name(&mode).ok_or("mode is inline, modal or bare")?),
            None => None,
        };
        if let Some(mode) = mode {
            self.with(|driver| driver.set_mode(mode));
        }
        let strings = Strings::from_js(&changes);
        let partner = decode::text(&changes, "partnerName");
        if let Some(attached) = &*self.attached.borrow() {
            theme.into_iter().for_each(|theme| attached.driver.set_theme(theme));
            if strings.is_some() || partner.is_some() {
                attached.reword(|wording| {
                    wording.strings = strings.unwrap_or_else(|| wording.strings.clone());
                    // An empty one gives it up.
                    wording.partner = partner
                        .map_or_else(|| wording.partner.clone(), |name| Some(name).filter(|name| !name.is_empty()));
                });
            }
        }
        Ok(())
    }

    /// What is shown now, as an object.
    pub fn state(&self) -> JsValue {
        let attached = self.attached.borrow();
        attached.as_ref().map_or(JsValue::NULL, |attached| to_js(&attached.driver.view()))
    }

    /// Stops everything, silently and for good.
    pub fn destroy(&self) {
        // Taken out first: what is dropped may call back.
        let attached = self.attached.borrow_mut().take();
        drop(attached);
    }
}

impl Handle {
    fn act(&self, action: HostAction) {
        self.with(|driver| driver.act(action));
    }

    fn with(&self, act: impl FnOnce(&Driver)) {
        // A clone, so that the host may destroy us inside an event.
        let driver = self.attached.borrow().as_ref().map(|attached| attached.driver.clone());
        if let Some(driver) = driver {
            act(&driver);
        }
    }
}

fn tell(listener: &Function, news: &News) {
    let (name, detail) = match news {
        News::Event(event) => (event.name(), detail_of(event)),
        News::Step(step) => ("step", to_js(step)),
    };
    // A listener that throws is the host's own affair; the browser has reported it.
    let _ = listener.call2(&JsValue::UNDEFINED, &JsValue::from_str(name), &detail);
}

fn detail_of(event: &Event) -> JsValue {
    match event {
        Event::Ready(event) => to_js(event),
        Event::Status(event) => to_js(event),
        Event::Progress(event) => to_js(event),
        Event::Action(event) => to_js(event),
        Event::Expiring(event) => to_js(event),
        Event::Complete(event) => to_js(event),
        Event::Partial(event) => to_js(event),
        Event::Error(event) => to_js(event),
        Event::End(event) => to_js(event),
    }
}

fn to_js(value: &impl Serialize) -> JsValue {
    value.serialize(&Serializer::json_compatible()).unwrap_or(JsValue::NULL)
}
