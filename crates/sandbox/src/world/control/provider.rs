//! Control routes for the whole provider: clock, settings, switches, faults, keys and restart.

use cr3dentials_core::time::Millis;
use serde_json::{Value, json};

use crate::users;
use crate::world::http::Response;
use crate::world::settings::{ApiKey, Environment};
use crate::world::{Restart, World};

/// Maximum jump of the clock, in seconds: about a year.
const MAX_JUMP_SECS: f64 = 366.0 * 86_400.0;

/// Maximum downtime of a restart, in milliseconds.
const MAX_DOWN: u64 = 600_000;

impl World {
    /// Moves the clock ahead and processes each event that becomes due, at the time it is due.
    pub(super) fn move_clock(&mut self, body: &Value) -> Response {
        let Some(seconds) = body["advanceSecs"].as_f64().filter(|seconds| (0.0..=MAX_JUMP_SECS).contains(seconds))
        else {
            return Response::invalid(vec![format!("advanceSecs must be a number from 0 to {MAX_JUMP_SECS}")]);
        };
        // Bounded above, so the cast loses only the fraction.
        let jump = Millis((seconds * 1000.0) as u64);
        let callers_now = self.now - self.ahead;
        self.ahead = self.ahead + jump;
        self.advance(callers_now);
        Response::json(200, &json!({ "now": self.now }))
    }

    pub(super) fn show_settings(&self) -> Value {
        json!({
            "user": self.user.name,
            "speed": self.settings.speed,
            "rateLimit": self.settings.rate_limit,
            "webhookRetries": self.settings.webhook_retries,
        })
    }

    /// Changes the settings named in `body`; the others stay as they are.
    pub(super) fn set_settings(&mut self, body: &Value) -> Response {
        let (mut user, mut rate_limit) = (self.user, self.settings.rate_limit);
        for (name, value) in body.as_object().into_iter().flatten() {
            let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
            match (name.as_str(), value, number) {
                ("user", Value::Null, _) => user = users::default_user(),
                ("user", Value::String(name), _) => match users::find(name) {
                    Some(found) => user = found,
                    None => return Response::invalid(vec![format!("user: unknown test user {name}")]),
                },
                ("rateLimit", _, Some(limit)) => rate_limit = limit,
                _ => return Response::invalid(vec![format!("{name} is not a setting, or has an invalid value")]),
            }
        }
        (self.user, self.settings.rate_limit) = (user, rate_limit);
        Response::json(200, &self.show_settings())
    }

    pub(super) fn set_switches(&mut self, body: &Value) -> Response {
        match self.settings.switches.with(body) {
            Ok(switches) => {
                self.settings.switches = switches;
                Response::json(200, &json!(self.settings.switches))
            }
            Err(problem) => Response::invalid(vec![problem]),
        }
    }

    /// Replaces all faults by those in `body`, a list.
    pub(super) fn replace_faults(&mut self, body: &Value) -> Response {
        match self.faults.set(body) {
            Ok(()) => Response::json(200, &json!(self.faults.list())),
            Err(problems) => Response::invalid(problems),
        }
    }

    pub(super) fn add_key(&mut self, body: &Value) -> Response {
        let environment = match &body["environment"] {
            Value::Null => Environment::default(),
            value => match serde_json::from_value(value.clone()) {
                Ok(environment) => environment,
                Err(_) => return Response::invalid(vec!["environment must be development or production".to_owned()]),
            },
        };
        let expires_at = match &body["expiresInSecs"] {
            Value::Null => None,
            value => match value.as_u64().filter(|secs| *secs <= 10 * 366 * 86_400) {
                Some(secs) => Some(self.now + Millis::from_secs(secs)),
                None => return Response::invalid(vec!["expiresInSecs must be a number of seconds".to_owned()]),
            },
        };
        let secret = self.random.secret();
        match self.keys.add(ApiKey { secret: secret.clone(), environment, expires_at }) {
            Some(id) => Response::json(201, &json!({ "id": id, "apiKey": secret })),
            None => Response::error(409, "The maximum number of keys exists already"),
        }
    }

    /// Rotates a key as the provider's dashboard does: the old secret is refused at once, the new one is shown once.
    pub(super) fn rotate_key(&mut self, id: &str) -> Response {
        let secret = self.random.secret();
        if self.keys.rotate(id, secret.clone()) {
            Response::json(200, &json!({ "id": id, "apiKey": secret }))
        } else {
            Response::error(404, "Key not found")
        }
    }

    /// Requests a restart. With `memory` false, all sessions, tokens and queued webhooks are dropped, as by a crash that
    /// lost the database. Keys, switches and faults are configuration and stay.
    pub(super) fn restart(&mut self, body: &Value) -> Response {
        let memory = match &body["memory"] {
            Value::Null => true,
            Value::Bool(memory) => *memory,
            _ => return Response::invalid(vec!["memory must be true or false".to_owned()]),
        };
        let down = match &body["downMillis"] {
            Value::Null => Some(0),
            value => value.as_u64().filter(|down| *down <= MAX_DOWN),
        };
        let Some(down) = down else {
            return Response::invalid(vec![format!("downMillis must be from 0 to {MAX_DOWN}")]);
        };
        if !memory {
            self.sessions.clear();
            self.webhooks.clear();
        }
        self.restart = Some(Restart { down: Millis(down) });
        Response::json(202, &json!({ "memory": memory, "downMillis": down }))
    }
}
