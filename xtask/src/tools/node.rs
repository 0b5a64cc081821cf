//! npm, which comes with Node.

use crate::run::{Run, which};
use crate::say;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Where npm is; on Windows it is a script.
pub(crate) fn npm() -> Option<PathBuf> {
    which("npm").or_else(|| which("npm.cmd")).or_else(|| npm_cmd().filter(|path| path.is_file()))
}

fn npm_cmd() -> Option<PathBuf> {
    Some(which("node")?.with_file_name("npm.cmd"))
}

/// Installs the packages that end-to-end tests and the bench drive the browser with, unless what is there is as new as the lock.
pub(crate) fn install_modules(dir: &Path) -> Result<()> {
    let changed = |path: PathBuf| path.metadata().and_then(|meta| meta.modified()).ok();
    let installed = changed(dir.join("node_modules").join(".package-lock.json"));
    if installed.is_some() && installed >= changed(dir.join("package-lock.json")) {
        return Ok(());
    }
    say::note("installing the test driver with npm");
    Run::new(npm().context("npm is missing: install Node")?)
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"])
        .dir(dir)
        .advice("Check the network and try again.")
        .status()
}
