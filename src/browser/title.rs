use std::cell::RefCell;

use super::window;

/// Says in the page's title that it is the user's turn, and takes that back. A title that the page has changed
/// meanwhile is the page's.
#[derive(Debug, Default)]
pub(crate) struct Title {
    /// The page's title and what we made of it.
    called: RefCell<Option<(String, String)>>,
}

impl Title {
    /// Puts `call` before the title, or takes it away.
    pub(crate) fn show(&self, call: Option<String>) {
        let Some(document) = window().document() else { return };
        if call.is_some() == self.called.borrow().is_some() {
            return;
        }
        let title = document.title();
        let before = self.called.take();
        if let Some(call) = call {
            let ours = if title.is_empty() { call } else { [&call, " · ", &title].concat() };
            document.set_title(&ours);
            self.called.replace(Some((title, ours)));
        } else if let Some((before, ours)) = before
            && ours == title
        {
            document.set_title(&before);
        }
    }
}

impl Drop for Title {
    fn drop(&mut self) {
        self.show(None);
    }
}
