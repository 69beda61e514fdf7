use std::cell::RefCell;

use super::window;

/// Announces in the page's title that the user must act, and restores the title later. A title that the page has
/// changed meanwhile is left as it is.
#[derive(Debug, Default)]
pub(crate) struct PageTitle {
    /// The page's title, and the title that we set in its place.
    replaced: RefCell<Option<(String, String)>>,
}

impl PageTitle {
    /// Puts `prefix` in front of the title, or removes it.
    pub(crate) fn set_prefix(&self, prefix: Option<String>) {
        let Some(document) = window().document() else { return };
        if prefix.is_some() == self.replaced.borrow().is_some() {
            return;
        }
        let title = document.title();
        let before = self.replaced.take();
        if let Some(prefix) = prefix {
            let ours = if title.is_empty() { prefix } else { [&prefix, " · ", &title].concat() };
            document.set_title(&ours);
            self.replaced.replace(Some((title, ours)));
        } else if let Some((before, ours)) = before
            && ours == title
        {
            document.set_title(&before);
        }
    }
}

impl Drop for PageTitle {
    fn drop(&mut self) {
        self.set_prefix(None);
    }
}
