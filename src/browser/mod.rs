//! Access to the browser. No other module names web-sys beyond the types of elements and events; `i18n` also calls the
//! browser's `Intl`.

pub(crate) mod clock;
pub(crate) mod decode;
pub(crate) mod driver;
pub(crate) mod focus;
mod foreign;
mod frame;
mod http;
pub(crate) mod locks;
mod log;
mod long_poll_slots;
mod messages;
pub(crate) mod page_lifecycle;
mod page_title;
pub(crate) mod panic_flag;
pub(crate) mod partner_client;
mod response;
pub(crate) mod shell;
mod step_timer;
pub(crate) mod storage;
pub(crate) mod task;
mod unload;
pub(crate) mod url;

use wasm_bindgen::JsCast;

/// Returns the page's window. `web_sys::window()` checks for the class `Window`, a name that the page may have
/// redefined.
fn window() -> web_sys::Window {
    js_sys::global().unchecked_into()
}
