//! Everything that touches the browser. No other module names web-sys beyond the types of elements and events.

pub(crate) mod clock;
pub(crate) mod decode;
mod dialog;
pub(crate) mod driver;
pub(crate) mod focus;
mod frame;
mod http;
pub(crate) mod intl;
pub(crate) mod locks;
mod log;
mod messages;
pub(crate) mod page;
pub(crate) mod shell;
mod slots;
mod steps;
pub(crate) mod storage;
pub(crate) mod task;
mod title;
mod unload;
