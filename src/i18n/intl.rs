//! Numbers in the user's language, formatted by the browser's `Intl`.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Returns the plural category of `number`, such as `one` or `few`.
pub(crate) fn plural(lang: &str, number: u32) -> String {
    let english = || if number == 1 { "one" } else { "other" }.to_owned();
    call_intl("PluralRules", "select", lang, number).unwrap_or_else(english)
}

/// Formats `number` with the digits of the language.
pub(crate) fn number(lang: &str, number: u32) -> String {
    call_intl("NumberFormat", "format", lang, number).unwrap_or_else(|| number.to_string())
}

/// Converts to lowercase with the browser, which has the tables for that.
pub(crate) fn lowercase(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

/// Calls a method of a new `Intl` object with `number`. `None` for an invalid language tag, for which the constructor
/// throws.
fn call_intl(class: &str, method: &str, lang: &str, number: u32) -> Option<String> {
    let get = |object: &JsValue, name: &str| Reflect::get(object, &JsValue::from_str(name)).ok();
    let class: Function = get(&get(&js_sys::global(), "Intl")?, class)?.dyn_into().ok()?;
    let formatter = Reflect::construct(&class, &Array::of1(&JsValue::from_str(lang))).ok()?;
    let method: Function = get(&formatter, method)?.dyn_into().ok()?;
    method.call1(&formatter, &JsValue::from_f64(number.into())).ok()?.as_string()
}
