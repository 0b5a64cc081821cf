//! Where things are: the checkout, its build folder, and the cache that all checkouts share.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The folders every command works in.
pub(crate) struct Project {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// What cargo builds into.
    pub(crate) target: PathBuf,
    /// Tools and downloads, outside `target/` so that `cargo clean` does not cost half an hour.
    pub(crate) cache: PathBuf,
}

impl Project {
    pub(crate) fn find() -> Result<Project> {
        let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = here.parent().context("xtask does not lie in a workspace")?.to_owned();
        let target = env_path("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        Ok(Project { root, target, cache: cache_dir()? })
    }

    /// The folder of one tool: `<cache>/tools/<name>-<version>`.
    pub(crate) fn tool_dir(&self, name: &str, version: &str) -> PathBuf {
        self.cache.join("tools").join(format!("{name}-{version}"))
    }

    /// Where `xtask data` puts the shards.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.root.join("public").join("data")
    }

    /// A path as the developer thinks of it: relative to the checkout where it lies inside.
    pub(crate) fn show(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

fn cache_dir() -> Result<PathBuf> {
    if let Some(dir) = env_path("DESCENT_CACHE") {
        return std::path::absolute(dir).context("DESCENT_CACHE does not name a folder");
    }
    if let Some(dir) = env_path("XDG_CACHE_HOME") {
        return Ok(dir.join("descent"));
    }
    let home = std::env::home_dir().context("there is no home folder; set DESCENT_CACHE to a folder for tools and downloads")?;
    Ok(home.join(".cache").join("descent"))
}

/// A non-empty environment variable as a path.
pub(crate) fn env_path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
