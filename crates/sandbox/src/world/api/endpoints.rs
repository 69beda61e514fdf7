//! Endpoints of the Partner API (docs/partner-api.md section 2).

use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::{CreatedSession, Platform, SessionStatus};
use serde_json::{Value, json};

use super::validation;
use crate::world::World;
use crate::world::http::{Request, Response, reason};
use crate::world::platforms::PLATFORMS;
use crate::world::session::{Owner, Seq, Session, WebhookTarget};
use crate::world::switches::{EmbedTokenOnGet, ListOrder};

impl World {
    pub(super) fn list_platforms(&self) -> Response {
        let inactive_too = self.settings.switches.inactive_platforms_listed;
        let listed = PLATFORMS.iter().filter(|entry| entry.is_active || inactive_too);
        let platforms: Vec<Platform> = listed.map(|entry| entry.to_wire(&self.settings.origin)).collect();
        Response::success(200, platforms)
    }

    pub(super) fn create(&mut self, caller: Owner, request: &Request) -> Response {
        let body = match request.json() {
            Ok(body) => body,
            Err(response) => return response,
        };
        let wanted = match validation::new_session(&body, self.settings.allow_http_webhooks) {
            Ok(wanted) => wanted,
            Err(problems) => return self.invalid(problems),
        };
        let user = wanted.user.unwrap_or(self.user);
        let expires_at = self.now + Millis::from_secs(wanted.expires_in_hours * 3600);
        let mut session = Session::new(self.random.uuid(), caller, wanted.platform, user, [self.now, expires_at]);
        let own = wanted.webhook_url.map(|url| WebhookTarget { url, own: true });
        let dashboards = || self.settings.webhook_url.clone().map(|url| WebhookTarget { url, own: false });
        session.webhook = own.or_else(dashboards);
        session.external_reference_id = wanted.external_reference_id;
        let token = self.random.secret();
        let embed_url = session.embed_url(&token, &self.settings);
        session.page.tokens.add(token, self.now, self.settings.switches.embed_token_secs);
        let created = CreatedSession {
            session_id: session.id.clone(),
            status: self.settings.switches.create_shows_status.then_some(SessionStatus::Created),
            embed_url,
            platform_id: Some(session.platform.id),
            expires_at: Some(expires_at),
            created_at: Some(self.now),
            external_reference_id: session.external_reference_id.clone(),
        };
        if self.sessions.insert(session) {
            self.changes += 1;
            Response::success(self.settings.switches.create_status_code, created)
        } else {
            Response::error(503, "The sandbox cannot hold more active sessions")
        }
    }

    pub(super) fn get(&mut self, caller: Owner, id: &str) -> Response {
        let not_found = || Response::error(404, reason(404));
        let Some(seq) = self.sessions.find(id) else { return not_found() };
        let ended = match self.sessions.get(seq) {
            Some(session) if session.owner.is_same_key(caller) => session.end().is_some(),
            _ => return not_found(),
        };
        let token = match ended {
            // The token from create, which no longer opens the page.
            true if self.settings.switches.embed_url_once_ended => self.first_token(seq),
            true => None,
            false => self.token_on_get(seq),
        };
        match self.sessions.get(seq) {
            Some(session) => {
                let embed_url = token.map(|token| session.embed_url(&token, &self.settings));
                Response::success(200, session.show(embed_url, &self.settings, self.now))
            }
            None => not_found(),
        }
    }

    /// Returns the token for Get's `embedUrl`. The provider does not document which one it is; a switch decides.
    fn token_on_get(&mut self, seq: Seq) -> Option<String> {
        let (token, now) = (self.random.secret(), self.now);
        let (choice, secs) = (self.settings.switches.embed_token_on_get, self.settings.switches.embed_token_secs);
        self.sessions.change(seq, |session, _| match choice {
            EmbedTokenOnGet::Same => session.page.tokens.first().to_owned(),
            EmbedTokenOnGet::Spent => token,
            EmbedTokenOnGet::Fresh | EmbedTokenOnGet::FreshVoiding => {
                if choice == EmbedTokenOnGet::FreshVoiding {
                    session.page.tokens.clear();
                }
                session.page.tokens.add(token.clone(), now, secs);
                token
            }
        })
    }

    fn first_token(&self, seq: Seq) -> Option<String> {
        Some(self.sessions.get(seq)?.page.tokens.first().to_owned())
    }

    pub(super) fn list(&self, caller: Owner, request: &Request) -> Response {
        let query = match validation::list_query(request) {
            Ok(query) => query,
            Err(problems) => return self.invalid(problems),
        };
        let switches = &self.settings.switches;
        let matches = |session: &&Session| {
            let mine = session.owner.is_same_key(caller)
                && (switches.list_old_keys_sessions || !session.owner.is_older_than(caller));
            mine && query.status.as_ref().is_none_or(|status| *status == session.status())
        };
        let total = self.sessions.newest().filter(matches).count();
        let skipped = usize::try_from(query.offset).unwrap_or(usize::MAX);
        // At most 100, so the cast is lossless.
        let limit = query.limit as usize;
        let show = |session: &Session| session.show_in_list(&self.settings, self.now);
        let sessions: Vec<Value> = match switches.list_order {
            ListOrder::Newest => self.sessions.newest().filter(matches).skip(skipped).take(limit).map(show).collect(),
            ListOrder::Unknown => self.sessions.by_id().filter(matches).skip(skipped).take(limit).map(show).collect(),
        };
        let list = json!({ "sessions": sessions, "total": total, "limit": query.limit, "offset": query.offset });
        Response::success(200, list)
    }

    /// Returns a validation error. The provider does not document its exact shape; two switches decide.
    fn invalid(&self, problems: Vec<String>) -> Response {
        let switches = &self.settings.switches;
        let message = if switches.messages_as_list { json!(problems) } else { json!(problems.join("; ")) };
        let mut body = json!({ "statusCode": 400, "message": message });
        if switches.error_name_beside_messages {
            body["error"] = json!(reason(400));
        }
        Response::json(400, &body)
    }
}
