//! `cargo xtask bench`: how long a training step takes, on this machine.

use crate::project::Project;
use crate::run::Run;
use anyhow::Result;

/// The engine's example that measures natively. Fat LTO would take longer to link than it saves here, hence the profile.
const NATIVE: [&str; 7] = ["run", "--quiet", "--profile", "site", "--package", "descent-engine", "--example"];

/// Times the works of the bench contract natively.
pub(crate) fn run(project: &Project) -> Result<()> {
    Run::cargo().args(NATIVE).arg("bench").dir(&project.root).status()
}
