//! Everything that touches the browser. No other module names web-sys beyond the types of elements and events.

pub(crate) mod clock;
pub(crate) mod decode;
pub(crate) mod driver;
mod frame;
mod http;
pub(crate) mod intl;
mod messages;
pub(crate) mod page;
pub(crate) mod shell;
mod slots;
pub(crate) mod storage;
