//! HTML of the console.

use serde_json::json;

use crate::users::TEST_USERS_JSON;
use crate::world::html::{render, respond};
use crate::world::http::Response;
use crate::world::settings::Settings;
use crate::world::switches::SWITCHES;

const CONSOLE: &str = include_str!("../../console/console.html");

/// Returns the console. Its HTML contains no secrets; its script fetches the rest.
pub(crate) fn page(settings: &Settings) -> Response {
    // Plain data, so this cannot fail.
    let switches = serde_json::to_string(&SWITCHES.map(|switch| {
        json!({ "name": switch.name, "question": switch.question, "section": switch.section, "values": switch.values() })
    }));
    let html = render(
        CONSOLE,
        &[
            ("base", &format!("{}/v1", settings.origin)),
            ("users", TEST_USERS_JSON),
            ("switches", &switches.unwrap_or_default()),
        ],
    );
    respond(200, html, &[], "'self'")
}
