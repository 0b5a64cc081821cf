//! Plain `trunk serve` needs trunk and wasm-bindgen on the PATH: links in cargo's own folder of programs, beside nobody's.

use super::Tools;
use crate::files;
use crate::project::{Project, env_path};
use crate::run::which;
use crate::say;
use std::path::{Path, PathBuf};

/// Links the programs that are not on the PATH at all. Links of ours that point to an old version are renewed; whatever
/// somebody else put there stays. It is a convenience, so that nothing here can fail the set-up.
pub(crate) fn link_into_cargo_bin(project: &Project, tools: &Tools) {
    let Some(bin) = cargo_bin().filter(|dir| dir.is_dir()) else { return };
    let wanted =
        [(&tools.trunk, "trunk"), (&tools.wasm_bindgen, "wasm-bindgen"), (&tools.wasm_bindgen, "wasm-bindgen-test-runner")];
    let mut linked = Vec::new();
    for (dir, program) in wanted {
        let (from, to) = (dir.join(program), bin.join(program));
        let ours = std::fs::read_link(&to).is_ok_and(|target| target.starts_with(project.cache.join("tools")) && target != from);
        if (ours && files::remove(&to).is_ok() || which(program).is_none()) && link(&from, &to) {
            linked.push(program);
        }
    }
    if !linked.is_empty() {
        say::note(&format!("linked {} into {}, so that plain `trunk serve` works", linked.join(", "), bin.display()));
    }
}

fn cargo_bin() -> Option<PathBuf> {
    let home = env_path("CARGO_HOME").or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))?;
    Some(home.join("bin"))
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> bool {
    std::os::unix::fs::symlink(from, to).is_ok()
}

#[cfg(not(unix))]
fn link(_from: &Path, _to: &Path) -> bool {
    false
}
