//! Frame page: opened once for each token, then driven by a stream of states and user actions.

mod pages;
mod state;
mod stream;

use cr3dentials_core::time::Millis;

pub use state::{FrameState, Step};
pub use stream::StreamEnd;

use super::World;
use super::fault::{self, MAX_DELAY, Target};
use super::http::{Request, Response};
use super::session::PageOpening;

impl World {
    /// Handles `GET /verify/{id}?token=…`. Each token opens the page once; opening it connects the user.
    pub(super) fn open_page(&mut self, id: &str, request: &Request) -> Response {
        let faults = self.faults.sample(Target::Page);
        let mut response = fault::refusal(&faults).unwrap_or_else(|| self.open_with_token(id, request));
        fault::apply(&mut response, &faults, self.now);
        response
    }

    fn open_with_token(&mut self, id: &str, request: &Request) -> Response {
        let parents = &self.settings.parent_origins;
        let Some(seq) = self.sessions.find(id) else { return pages::unknown_link(parents) };
        let (now, key) = (self.now, self.random.secret());
        let token = request.query_value("token").unwrap_or_default();
        let opening = self.change(seq, now, |session, _| session.open_page(&token, key, now));
        let parents = &self.settings.parent_origins;
        match (opening, self.sessions.get(seq)) {
            (Some(PageOpening::Opened), Some(session)) => pages::verify(session, &self.settings),
            (Some(PageOpening::NeverLoads), _) => Response { delay: Millis(MAX_DELAY), ..pages::unknown_link(parents) },
            (_, Some(session)) if session.end().is_some() => pages::ended(parents),
            _ => pages::unusable_link(parents),
        }
    }
}
