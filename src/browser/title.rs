use std::cell::RefCell;

use super::window;

/// Announces in the page's title that the user must act, and restores the title later. A title that the page has
/// changed meanwhile is left as it is.
#[derive(Debug, Default)]
pub(crate) struct Title {
    /// The page's title, and the title that we set in its place.
    called: RefCell<Option<(String, String)>>,
}

impl Title {
    /// Puts `call` in front of the title, or removes it.
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
