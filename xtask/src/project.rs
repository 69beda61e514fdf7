use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::command::{Failure, Result, Run};

/// Paths of the checkout and its tools.
pub(crate) struct Project {
    pub(crate) root: PathBuf,
    path: OsString,
    target: PathBuf,
}

impl Project {
    /// Returns the checkout that this program was built from, and the search path of its tools.
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default();
        if !root.join("Cargo.toml").is_file() {
            return Err(Failure::new(format!("{} is no longer the project; rebuild xtask", root.display())));
        }
        // The packages of npm/ first: the operating system's wasm-opt may be too old, and breaks modules silently.
        let mut path = vec![root.join("npm/node_modules/.bin")];
        let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        path.extend(
            cargo_home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).map(|home| home.join("bin")),
        );
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let path = std::env::join_paths(path).map_err(|error| Failure::new(format!("PATH: {error}")))?;
        // This program runs from the target directory's `debug` folder, wherever that directory is.
        let ours = std::env::current_exe().ok();
        let target = ours.as_deref().and_then(Path::parent).filter(|dir| dir.ends_with("debug")).and_then(Path::parent);
        let target = target.map_or_else(|| root.join("target"), Path::to_path_buf);
        Ok(Self { root, path, target })
    }

    /// Returns the absolute path of `path`, which is relative to the root.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Cargo's target directory.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Path of a workspace program that cargo has built in the dev profile.
    pub(crate) fn built(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// Returns a command that runs in the root and finds the project's own tools first.
    pub(crate) fn program(&self, name: &str) -> Run {
        let found = self.which(name).unwrap_or_else(|| PathBuf::from(name));
        Run::new(found).dir(&self.root).env("PATH", self.path.clone())
    }

    /// Returns a command for cargo, run in the root.
    pub(crate) fn cargo(&self) -> Run {
        self.program("cargo")
    }

    /// Returns a command for a program of npm/node_modules, run in npm/.
    pub(crate) fn npm_tool(&self, name: &str) -> Run {
        self.program(name).dir(self.at("npm"))
    }

    /// The `PATH` that programs run with.
    pub(crate) fn tool_path(&self) -> &OsString {
        &self.path
    }

    /// Returns the path of a program; `None` when it is not on the search path.
    pub(crate) fn which(&self, name: &str) -> Option<PathBuf> {
        let extensions: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ""] } else { &[""] };
        std::env::split_paths(&self.path)
            .flat_map(|dir| extensions.iter().map(move |extension| dir.join(format!("{name}{extension}"))))
            .find(|file| file.is_file())
    }
}

/// Reads a file. The error names it.
pub(crate) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// Writes a file and the directories above it.
pub(crate) fn write(path: &Path, text: &str) -> Result {
    path.parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// Copies a file and makes the directories above its destination.
pub(crate) fn copy(from: &Path, to: &Path) -> Result {
    to.parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::copy(from, to).map(drop))
        .map_err(|error| Failure::new(format!("{} to {}: {error}", from.display(), to.display())))
}

/// Creates an empty directory at `path`, removing an existing one.
pub(crate) fn fresh_dir(path: &Path) -> Result {
    if path.exists() {
        std::fs::remove_dir_all(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    }
    std::fs::create_dir_all(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}
