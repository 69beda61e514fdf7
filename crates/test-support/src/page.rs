//! Helpers for the page around a component under test.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, HtmlElement, Window};

/// Address without a server, so that every request fails.
pub const NOWHERE: &str = "http://127.0.0.1:9";

/// Creates an empty element in the page.
pub fn place() -> HtmlElement {
    let document = document();
    let place = document.create_element("div").unwrap();
    document.body().unwrap().append_child(&place).unwrap();
    place.unchecked_into()
}

pub fn find(root: &Element, selector: &str) -> Option<Element> {
    root.query_selector(selector).unwrap()
}

pub fn text(root: &Element, selector: &str) -> String {
    find(root, selector).and_then(|found| found.text_content()).unwrap_or_default()
}

/// Waits until `condition` holds. Tests wait in no other way.
pub async fn until(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..400 {
        if condition() {
            return;
        }
        let turn = Promise::new(&mut |done, _| {
            window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, 25).unwrap();
        });
        JsFuture::from(turn).await.unwrap();
    }
    panic!("timed out waiting for {what}");
}

fn window() -> Window {
    web_sys::window().unwrap()
}

pub fn document() -> Document {
    window().document().unwrap()
}
