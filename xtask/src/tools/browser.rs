//! Chromium and its driver, and Node: what tests in a browser need.

use crate::project::env_path;
use crate::run::{Run, which};
use crate::say;
use anyhow::{Result, bail};
use std::path::PathBuf;

/// Programs that must be on this machine.
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

const CHROMIUM_NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const CHROME_ON_MACOS: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// What to type where we may not install by ourselves.
pub(crate) const ADVICE: &str = "On Debian: sudo apt-get install chromium chromium-driver nodejs npm. \
On Fedora: sudo dnf install chromium chromedriver nodejs npm. On macOS: brew install --cask google-chrome chromedriver, and brew \
install node. Elsewhere: Chrome, the ChromeDriver of the same version (https://googlechromelabs.github.io/chrome-for-testing) \
and Node 20, with CHROMIUM and CHROMEDRIVER naming the two programs.";

pub(crate) fn chromium() -> Option<PathBuf> {
    let named = env_path("CHROMIUM").filter(|path| path.is_file());
    let mac = Some(PathBuf::from(CHROME_ON_MACOS)).filter(|path| path.is_file());
    named.or_else(|| CHROMIUM_NAMES.iter().find_map(|name| which(name))).or(mac)
}

pub(crate) fn chromedriver() -> Option<PathBuf> {
    env_path("CHROMEDRIVER").filter(|path| path.is_file()).or_else(|| which("chromedriver"))
}

impl Browser {
    /// Finds browser, driver and Node; installs them where we are root on a system with apt.
    pub(crate) fn ensure() -> Result<Browser> {
        let missing = missing_packages();
        if !missing.is_empty() && may_install() {
            say::step(&format!("Install {} with apt-get", missing.join(", ")));
            // A failed update may be a stale third-party source; the install then tells.
            if let Err(err) = Run::new("apt-get").args(["update", "-qq"]).status() {
                say::warn(&format!("{err:#}"));
            }
            Run::new("apt-get")
                .args(["install", "--yes", "-qq", "--no-install-recommends"])
                .args(&missing)
                .env("DEBIAN_FRONTEND", "noninteractive")
                .advice("Install them by hand and try again.")
                .status()?;
        }
        match (chromium(), chromedriver(), missing_packages().as_slice()) {
            (Some(chromium), Some(chromedriver), []) => Ok(Browser { chromium, chromedriver }),
            (_, _, missing) => bail!(
                "Tests in the browser need {}, and we may not install it here. {ADVICE} \
                 Or leave those tests out: cargo xtask test --fast.",
                missing.join(", ")
            ),
        }
    }
}

/// Debian's names of what is missing.
fn missing_packages() -> Vec<&'static str> {
    let needed = [
        (chromium().is_some(), "chromium"),
        (chromedriver().is_some(), "chromium-driver"),
        (which("node").is_some(), "nodejs"),
        (which("npm").is_some(), "npm"),
    ];
    needed.into_iter().filter(|(there, _)| !there).map(|(_, package)| package).collect()
}

/// Whether we are root on a system with apt.
fn may_install() -> bool {
    which("apt-get").is_some() && Run::new("id").arg("-u").output().is_ok_and(|id| id.trim() == "0")
}
