use std::collections::BTreeMap;
use std::path::Path;

use crate::command::{Failure, Result};

/// Generated and installed files and folders, which are not checked.
const IGNORED: [&str; 8] =
    [".git", "target", "dist", "node_modules", ".next", "npm/build", "npm/wasm", "examples/leptos-ssr/pkg"];

/// The project's text files by their path from the root, with `/` as the separator.
#[derive(Debug, Default)]
pub(crate) struct Tree(BTreeMap<String, String>);

impl Tree {
    /// Reads every text file.
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
            if IGNORED.contains(&name.as_str()) || IGNORED.contains(&path.as_str()) {
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

    /// Returns the files below `dir` (`""` for all) whose names end in one of `endings`.
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

    /// Returns a file's text; empty when the file does not exist.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.0.get(path).map_or("", String::as_str)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
impl<'a> FromIterator<(&'a str, &'a str)> for Tree {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(files: I) -> Self {
        Self(files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect())
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Tree {
    fn from(files: [(&str, &str); N]) -> Self {
        files.into_iter().collect()
    }
}
