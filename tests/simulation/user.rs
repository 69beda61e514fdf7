//! The simulated user in front of the frame, who completes each step, or cancels.

use cr3dentials_core::time::UnixMillis;
use cr3dentials_sandbox::test_users;
use cr3dentials_sandbox::world::{Method, World};
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::relay::send;

/// A user with the sign-in page open in the frame.
pub(crate) struct User {
    session: String,
    key: String,
}

impl User {
    /// Loads the frame's URL, which works once. `None` when it is refused.
    pub(crate) fn open(world: &mut World, now: UnixMillis, url: &str) -> Option<Self> {
        let (_, path) = url.split_once("127.0.0.1:1")?;
        let page = send(world, now, Method::Get, path, "");
        let html = String::from_utf8(page.body).unwrap();
        let (_, rest) = html.split_once("name=\"frame-key\" content=\"")?;
        let session = path.strip_prefix("/verify/")?.split('?').next()?.to_owned();
        Some(Self { session, key: rest.split('"').next()?.to_owned() })
    }

    /// Performs the next step, as any test user, or cancels. Returns true if it had an effect that the page around the
    /// frame is notified of.
    pub(crate) fn act(&self, world: &mut World, now: UnixMillis, rng: &mut StdRng) -> bool {
        let users = test_users();
        let name = &users[rng.random_range(0..users.len())].name;
        if rng.random_ratio(1, 40) {
            return self.send(world, now, &json!({ "id": 1, "type": "cancel" })).is_some();
        }
        self.act_as(world, now, name)
    }

    /// Performs the next step as this test user.
    pub(crate) fn act_as(&self, world: &mut World, now: UnixMillis, name: &str) -> bool {
        let Some(state) = self.send(world, now, &json!({ "id": 0, "type": "look" })) else { return false };
        let state: Value = serde_json::from_str(&state).unwrap();
        let action = match state["state"]["step"].as_str() {
            Some("signIn") => json!({ "id": 1, "type": "signIn", "username": name, "password": "sandbox" }),
            Some("code") => json!({ "id": 1, "type": "code", "code": "123456" }),
            Some("question") => json!({ "id": 1, "type": "answer", "answer": "bento" }),
            Some("account") => json!({ "id": 1, "type": "account", "account": 0 }),
            _ => return false,
        };
        self.send(world, now, &action).is_some()
    }

    fn send(&self, world: &mut World, now: UnixMillis, action: &Value) -> Option<String> {
        world.frame_message(&self.session, &self.key, &action.to_string(), now).ok()
    }
}
