//! Tools written in Rust: taken from the cache, the PATH, a release, or compiled, whichever comes first.

use crate::files::{self, Draft};
use crate::net::{self, Net};
use crate::project::Project;
use crate::run::{Run, exe, which};
use crate::say;
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A tool with its version.
pub(crate) struct Binary {
    /// Its name on crates.io, in the cache and on the page of releases.
    pub(crate) name: &'static str,
    pub(crate) version: String,
    /// The programs it brings; the first one answers `--version`.
    pub(crate) programs: &'static [&'static str],
    /// Where a release for this machine would be.
    pub(crate) release: Option<String>,
    /// Arguments for `cargo install` beside name and version: features that can be left out.
    pub(crate) install_args: &'static [&'static str],
    /// How long compiling takes: words for the developer who waits.
    pub(crate) compile_time: &'static str,
}

/// Compiled for soon, not for speed: these tools work for seconds a day. Measured on two cores in November 2026:
/// wasm-bindgen-cli 1 min instead of 4, trunk 3 min instead of 6 to 11.
const QUICK_BUILD: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

impl Binary {
    /// The folder with the programs, if they are in the cache or on the PATH in exactly this version.
    pub(crate) fn find(&self, project: &Project) -> Option<PathBuf> {
        let cached = project.tool_dir(self.name, &self.version).join("bin");
        if self.is_whole(&cached) {
            return Some(cached);
        }
        let dir = which(self.programs[0])?.parent()?.to_owned();
        self.is_whole(&dir).then_some(dir)
    }

    /// The folder with the programs; they are fetched or compiled first if they are nowhere.
    pub(crate) fn ensure(&self, project: &Project, net: &Net) -> Result<PathBuf> {
        if let Some(dir) = self.find(project) {
            return Ok(dir);
        }
        let started = Instant::now();
        say::step(&format!("Set up {} {}", self.name, self.version));
        let place = project.tool_dir(self.name, &self.version);
        if let Some(parent) = place.parent() {
            files::create_dir(parent)?;
        }
        if let Err(err) = self.fetch(&place, net) {
            say::note(&format!("no ready-made one: {err:#}"));
            self.compile(project, &place)?;
        }
        let dir = place.join("bin");
        ensure!(
            self.is_whole(&dir),
            "{} does not answer as version {}. Remove {} and try again.",
            self.name,
            self.version,
            place.display()
        );
        say::note(&format!("done in {}", say::elapsed(started.elapsed())));
        Ok(dir)
    }

    /// Whether all programs are there and the first answers with our version: a release may need a newer libc than there is.
    fn is_whole(&self, dir: &Path) -> bool {
        self.programs.iter().all(|program| dir.join(exe(program)).is_file())
            && Run::new(dir.join(exe(self.programs[0])))
                .arg("--version")
                .output()
                .is_ok_and(|text| text.split_whitespace().any(|word| word == self.version))
    }

    fn fetch(&self, place: &Path, net: &Net) -> Result<()> {
        let url = self.release.as_ref().context("none is published for this machine")?;
        let draft = Draft::of(place)?;
        let name = url.rsplit('/').next().unwrap_or(self.name);
        let archive = draft.dir().join(name);
        say::note(&format!("downloading {url}"));
        net.fetch(url, &archive)?;
        // Not every release publishes a hash; where there is one it must agree.
        if let Ok(text) =
            net.text(&format!("{url}.sha256sum"), draft.dir()).or_else(|_| net.text(&format!("{url}.sha256"), draft.dir()))
        {
            let published = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
            ensure!(files::sha256(&files::read(&archive)?) == published, "the download's SHA-256 is not the published one");
        }
        let unpacked = draft.dir().join("unpacked");
        files::create_dir(&unpacked)?;
        net::unpack(&archive, &unpacked)?;
        let bin = draft.dir().join("bin");
        files::create_dir(&bin)?;
        for program in self.programs {
            let found = find_file(&unpacked, &exe(program))?.with_context(|| format!("the archive holds no {program}"))?;
            std::fs::rename(found, bin.join(exe(program)))?;
        }
        files::remove(&unpacked)?;
        files::remove(&archive)?;
        if !self.is_whole(&bin) {
            bail!("the release does not run on this machine");
        }
        draft.finish()
    }

    /// Compiles into a folder of its own, which stays until all is well: an interrupted run goes on where it stopped.
    fn compile(&self, project: &Project, place: &Path) -> Result<()> {
        say::note(&format!("compiling it, once: {}", self.compile_time));
        let build = project.cache.join("build").join(format!("{}-{}", self.name, self.version));
        files::create_dir(&build)?;
        let install = |locked: &[&str]| {
            let install = Run::cargo()
                .args(["install", self.name, "--version", &self.version])
                .args(locked)
                .args(self.install_args)
                .arg("--root")
                .arg(place)
                .env("CARGO_TARGET_DIR", &build)
                // Outside the checkout, so that its .cargo/config.toml does not reach the tool.
                .dir(&project.cache)
                .advice("Check the network; a second try goes on where this one stopped.");
            QUICK_BUILD.iter().fold(install, |run, (key, value)| run.env(key, value)).status()
        };
        // The versions its authors tested, unless one of them is not to be had (withdrawn, or a registry mirror lags behind).
        if install(&["--locked"]).is_err() {
            say::note("trying again without its lock file");
            install(&[])?;
        }
        files::remove(&build)
    }
}

fn find_file(dir: &Path, name: &str) -> Result<Option<PathBuf>> {
    for path in files::list(dir)? {
        if path.is_dir() {
            if let Some(found) = find_file(&path, name)? {
                return Ok(Some(found));
            }
        } else if path.file_name().is_some_and(|it| it == name) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}
