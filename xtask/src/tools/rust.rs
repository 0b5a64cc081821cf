//! Parts of the Rust toolchain: the wasm target, rustfmt and clippy.

use crate::run::{Run, which};
use crate::say;
use anyhow::{Result, bail};
use std::path::Path;

/// What the page is compiled for.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Whether the standard library for the wasm target is there, however Rust was installed.
pub(crate) fn has_wasm_target() -> bool {
    let libdir = Run::new("rustc").args(["--print", "target-libdir", "--target", WASM_TARGET]).output();
    libdir.is_ok_and(|dir| Path::new(dir.trim()).join("self-contained").is_dir() || has_core(Path::new(dir.trim())))
}

fn has_core(dir: &Path) -> bool {
    std::fs::read_dir(dir).is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|it| it.file_name().to_string_lossy().starts_with("libcore")))
    })
}

/// Adds the wasm target if it is missing.
pub(crate) fn ensure_wasm_target() -> Result<()> {
    if has_wasm_target() {
        return Ok(());
    }
    if which("rustup").is_none() {
        bail!(
            "Rust has no target {WASM_TARGET}, and there is no rustup to add it. Install it as you installed Rust, or Rust with https://rustup.rs."
        );
    }
    say::step(&format!("Add the target {WASM_TARGET}"));
    Run::new("rustup").args(["target", "add", WASM_TARGET]).advice("Check the network and try again.").status()
}

/// Whether `cargo fmt` or `cargo clippy` answers.
pub(crate) fn has_component(subcommand: &str) -> bool {
    Run::cargo().args([subcommand, "--version"]).output().is_ok()
}

/// Adds `rustfmt` or `clippy` if it is missing.
pub(crate) fn ensure_component(subcommand: &str, component: &str) -> Result<()> {
    if has_component(subcommand) {
        return Ok(());
    }
    if which("rustup").is_none() {
        bail!("`cargo {subcommand}` is missing, and there is no rustup to add it. Install {component} as you installed Rust.");
    }
    say::step(&format!("Add {component}"));
    Run::new("rustup").args(["component", "add", component]).advice("Check the network and try again.").status()
}
