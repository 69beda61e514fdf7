//! The engine's vocabulary: the inputs it processes, the effects it returns and the state it shows. No rules here.

mod effect;
mod end;
pub mod event;
mod input;
mod problem;
mod secret;
mod view;

pub use effect::Effect;
pub use end::{EndReason, SessionEnd};
pub use event::Event;
pub use input::{
    CallId, Failure, FailureKind, FrameId, FrameSignal, HostAction, Input, Now, PageSignal, Resume, Start,
    StatusResponse,
};
pub use problem::Problem;
pub use secret::{ClientToken, EmbedUrl};
pub use view::{Connection, FrameView, Stage, Step, View};
