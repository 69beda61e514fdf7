use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::command::{Failure, Result, Run};

/// Where things are.
pub(crate) struct Project {
    pub(crate) root: PathBuf,
    path: OsString,
    target: PathBuf,
}

impl Project {
    /// The checkout that this program was built from, and the programs that its tools find first.
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default();
        if !root.join("Cargo.toml").is_file() {
            return Err(Failure::new(format!("{} is not the project any more; build xtask again", root.display())));
        }
        // The packages of npm/ first: an operating system's own wasm-opt may be too old, and says nothing.
        let mut path = vec![root.join("npm/node_modules/.bin")];
        let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        path.extend(
            cargo_home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).map(|home| home.join("bin")),
        );
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let path = std::env::join_paths(path).map_err(|error| Failure::new(format!("PATH: {error}")))?;
        // We are in target/debug ourselves, wherever that is.
        let ours = std::env::current_exe().ok();
        let target = ours.as_deref().and_then(Path::parent).filter(|dir| dir.ends_with("debug")).and_then(Path::parent);
        let target = target.map_or_else(|| root.join("target"), Path::to_path_buf);
        Ok(Self { root, path, target })
    }

    /// A path below the root.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// A program of the workspace, once cargo has built it.
    pub(crate) fn built(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// A program to run in the root, with the project's own tools in reach.
    pub(crate) fn program(&self, name: &str) -> Run {
        let found = self.which(name).unwrap_or_else(|| PathBuf::from(name));
        Run::new(found).dir(&self.root).env("PATH", self.path.clone())
    }

    /// Cargo, the one that runs us.
    pub(crate) fn cargo(&self) -> Run {
        self.program("cargo")
    }

    /// A program of npm/node_modules, run in npm/.
    pub(crate) fn npm_tool(&self, name: &str) -> Run {
        self.program(name).dir(self.at("npm"))
    }

    /// The path that programs find their tools on.
    pub(crate) fn tool_path(&self) -> &OsString {
        &self.path
    }

    /// Where a program is.
    pub(crate) fn which(&self, name: &str) -> Option<PathBuf> {
        let extensions: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ""] } else { &[""] };
        std::env::split_paths(&self.path)
            .flat_map(|dir| extensions.iter().map(move |extension| dir.join(format!("{name}{extension}"))))
            .find(|file| file.is_file())
    }
}

/// Reads a file, and says which one when it cannot.
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

/// An empty directory in this place.
pub(crate) fn fresh_dir(path: &Path) -> Result {
    if path.exists() {
        std::fs::remove_dir_all(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    }
    std::fs::create_dir_all(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}
