//! What Cargo.lock says about one package.

use crate::files;
use crate::project::Project;
use anyhow::{Context, Result};

/// The locked version of a package of which there is only one.
pub(crate) fn version(project: &Project, package: &str) -> Result<String> {
    let lock = String::from_utf8_lossy(&files::read(&project.root.join("Cargo.lock"))?).into_owned();
    version_in(&lock, package).with_context(|| format!("Cargo.lock does not name {package}. Run `cargo metadata` to renew it."))
}

/// Cargo writes the two lines of a package always in this order; a TOML parser would cost more to compile than all of xtask.
fn version_in(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    lines.find(|line| *line == name)?;
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"').map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_by_its_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9.9.9\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(lock, "wasm"), None);
    }
}
