//! Somebody before the frame page, who does what it asks for, or not.

use cr3dentials_core::time::UnixMillis;
use cr3dentials_sandbox::test_users;
use cr3dentials_sandbox::world::{Method, World};
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::relay::send;

/// A page that is open in the frame.
pub(crate) struct Person {
    session: String,
    key: String,
}

impl Person {
    /// Loads the frame's URL, which can be done once; nobody is there when it is refused.
    pub(crate) fn open(world: &mut World, now: UnixMillis, url: &str) -> Option<Self> {
        let (_, path) = url.split_once("127.0.0.1:1")?;
        let page = send(world, now, Method::Get, path, "");
        let html = String::from_utf8(page.body).unwrap();
        let (_, rest) = html.split_once("name=\"frame-key\" content=\"")?;
        let session = path.strip_prefix("/verify/")?.split('?').next()?.to_owned();
        Some(Self { session, key: rest.split('"').next()?.to_owned() })
    }

    /// Does the next thing; true when something came of it that the page around would be told of.
    pub(crate) fn act(&self, world: &mut World, now: UnixMillis, chance: &mut StdRng) -> bool {
        let mut say = |action: Value| world.frame_message(&self.session, &self.key, &action.to_string(), now).ok();
        let Some(state) = say(json!({ "id": 0, "type": "look" })) else { return false };
        let state: Value = serde_json::from_str(&state).unwrap();
        let users = test_users();
        let action = match state["state"]["step"].as_str() {
            _ if chance.random_ratio(1, 40) => json!({ "id": 1, "type": "cancel" }),
            Some("signIn") => {
                let user = &users[chance.random_range(0..users.len())];
                json!({ "id": 1, "type": "signIn", "username": user.name, "password": "sandbox" })
            }
            Some("code") => json!({ "id": 1, "type": "code", "code": "123456" }),
            Some("question") => json!({ "id": 1, "type": "answer", "answer": "bento" }),
            Some("account") => json!({ "id": 1, "type": "account", "account": 0 }),
            _ => return false,
        };
        say(action).is_some()
    }
}
