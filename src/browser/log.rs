//! Console output: with the `debug` option the name of each input and effect, but none of their contents; and mistakes
//! of the partner's page.

use cr3dentials_core::engine::{Effect, Engine};
use cr3dentials_core::wire::SessionStatus;
use wasm_bindgen::JsValue;

use super::{clock, foreign, window};

/// Logs `input` and the effects it caused.
pub(crate) fn write(engine: &Engine, input: (&str, &str), effects: &[Effect]) {
    let mut line = ["cr3d ", &clock::now().mono.0.to_string(), " ms: ", input.0, " ", input.1, " →"].concat();
    for (number, effect) in effects.iter().enumerate() {
        line += if number > 0 { ", " } else { " " };
        line += effect.name();
    }
    let view = engine.view();
    for part in [" [", view.step.as_str(), " ", view.status.as_ref().map_or("", SessionStatus::as_str), "]"] {
        line += part;
    }
    write_to_console("debug", &line, &JsValue::UNDEFINED);
}

/// Logs an error in the partner's page, for its developers.
pub(crate) fn error(message: &str, reason: &JsValue) {
    write_to_console("error", &["cr3dentials-embed: ", message].concat(), reason);
}

/// Calls a method of the console, which pages replace to report what is logged.
fn write_to_console(method: &str, message: &str, detail: &JsValue) {
    let arguments = [&JsValue::from_str(message), detail];
    let count = if detail.is_undefined() { 1 } else { 2 };
    let console = foreign::get(&window(), "console");
    let _ = console.and_then(|console| foreign::call(&console, method, &arguments[..count]));
}
