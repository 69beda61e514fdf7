use std::collections::BTreeMap;
use std::path::Path;

use crate::command::{Failure, Result};

/// What is made by tools or brought from elsewhere.
const FOREIGN: [&str; 8] =
    [".git", "target", "dist", "node_modules", ".next", "npm/build", "npm/wasm", "examples/leptos-ssr/pkg"];

/// The project's text files by their path from the root, with `/` between its parts.
#[derive(Debug, Default)]
pub(crate) struct Tree(BTreeMap<String, String>);

impl Tree {
    /// Reads every file that is text.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.read_dir(root, "").map_err(|error| Failure::new(format!("{}: {error}", root.display())))?;
        Ok(tree)
    }

    fn read_dir(&mut self, dir: &Path, prefix: &str) -> std::io::Result<()> {
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            if FOREIGN.contains(&name.as_str()) || FOREIGN.contains(&path.as_str()) {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.read_dir(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file()
                && let Ok(text) = String::from_utf8(std::fs::read(entry.path())?)
            {
                self.0.insert(path, text);
            }
        }
        Ok(())
    }

    /// The files below `dir` (`""` is all of them) whose names end in one of `endings`.
    pub(crate) fn files<'a>(
        &'a self,
        dir: &'a str,
        endings: &'a [&'a str],
    ) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
        self.0
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .filter(move |(path, _)| path.starts_with(dir) && endings.iter().any(|ending| path.ends_with(ending)))
    }

    /// A file's text; nothing when there is no such file.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.0.get(path).map_or("", String::as_str)
    }

    /// Whether there is such a file, or such a directory with something in it.
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let inside = format!("{path}/");
        self.0.keys().any(|file| file == path || file.starts_with(&inside))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Tree {
    fn from(files: [(&str, &str); N]) -> Self {
        Self(files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect())
    }
}
