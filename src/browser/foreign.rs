//! Reads and calls objects of the page. The page's scripts may replace browser functions and classes, so nothing here
//! checks for a class, and every exception is caught: one that passes through the module leaves it broken.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::window;

/// Returns a property; `None` when it is absent or null, or when reading it throws.
pub(crate) fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// Calls a method; `None` when it does not exist or throws.
pub(crate) fn call(object: &JsValue, name: &str, arguments: &[&JsValue]) -> Option<JsValue> {
    let method: Function = get(object, name)?.dyn_into().ok()?;
    let arguments: Array = arguments.iter().copied().collect();
    method.apply(object, &arguments).ok()
}

/// Creates an object of the class with this name in the page; `None` when it does not exist or throws.
pub(crate) fn construct(class: &str, arguments: &[&JsValue]) -> Option<JsValue> {
    let class: Function = get(&window(), class)?.dyn_into().ok()?;
    let arguments: Array = arguments.iter().copied().collect();
    Reflect::construct(&class, &arguments).ok()
}

/// Waits for `value` to settle, whatever kind of promise it is.
///
/// # Errors
/// The reason of its rejection, which may be any value.
pub(crate) async fn settled(value: &JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(value)).await
}

/// Evaluates a JavaScript expression, in which `it` is `argument`.
#[cfg(all(test, target_arch = "wasm32"))]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
pub(crate) fn evaluate(expression: &str, argument: &JsValue) -> JsValue {
    let function = Function::new_with_args("it", &["return ", expression].concat());
    function.call1(&JsValue::UNDEFINED, argument).unwrap()
}
