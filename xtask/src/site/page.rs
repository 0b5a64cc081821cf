//! Trunk's last hook: tells the page where its workers are, writes its content security policy, and adds texts and data.

use super::Profile;
use super::html;
use super::workers::Worker;
use crate::data::{CATALOG, CatalogEntry};
use crate::files;
use crate::project::Project;
use crate::run::Run;
use crate::tools::WasmOpt;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Set when the site is for others: only data whose terms allow it go along.
pub(crate) const PUBLISH_VARIABLE: &str = "DESCENT_PUBLISH";

/// Measured in November 2026 (binaryen 132, the app with profile `site`, after brotli): without wasm-opt 513 kB, of which the
/// names of functions are 105 kB; with `-O1` 402 kB; with `-Oz`, though smaller before brotli, 438 kB.
const APP_LEVEL: &str = "-O1";

/// Finishes the site under construction.
pub(crate) fn run(project: &Project) -> Result<()> {
    let staging = std::env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from);
    let staging = staging.context("this is a hook of Trunk: run `cargo xtask serve` or `cargo xtask dist`")?;
    let profile = Profile::of_hook();
    let publish = std::env::var_os(PUBLISH_VARIABLE).is_some_and(|it| !it.is_empty());
    if !profile.is_dev() {
        optimize_app(project, &staging, profile)?;
    }
    finish_html(&staging)?;
    add_texts(project, &staging)?;
    add_data(project, &staging.join("data"), publish)?;
    if publish {
        // GitHub Pages would hand the folder to Jekyll, which leaves out what begins with an underscore.
        files::write(&staging.join(".nojekyll"), "")?;
    }
    Ok(())
}

fn finish_html(staging: &Path) -> Result<()> {
    let file = staging.join("index.html");
    let page = String::from_utf8(files::read(&file)?).context("index.html is not UTF-8")?;
    let mut lines = Vec::new();
    let engine = staging.join("engine");
    for folder in if engine.is_dir() { files::list(&engine)? } else { Vec::new() } {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for worker in Worker::ALL.into_iter().filter(|worker| html::is_worker_folder(&name, worker.name())) {
            lines.extend(html::worker_lines(worker.name(), &name, worker == Worker::Cpu));
        }
    }
    files::write(&file, html::allow_inline_scripts(&html::add_to_head(&page, &lines)?)?)
}

/// Trunk would look for wasm-opt on the PATH and download it otherwise; this uses ours, or none. The file keeps its name:
/// Trunk made its hash from the input, of which the output is a function.
fn optimize_app(project: &Project, staging: &Path, profile: Profile) -> Result<()> {
    let wasm_opt = if profile == Profile::Release { WasmOpt::find(project) } else { None };
    let Some(wasm_opt) = wasm_opt else { return Ok(()) };
    let wasm_files = files::list(staging)?.into_iter().filter(|path| path.extension().is_some_and(|it| it == "wasm"));
    for wasm in wasm_files {
        let input = files::sha256(&files::read(&wasm)?);
        let dir = project.target.join("descent-workers").join(profile.name());
        files::create_dir(&dir)?;
        let (done, stamp_file) = (dir.join("app.opt.wasm"), dir.join("app.stamp"));
        let stamp = format!("{input} {APP_LEVEL} {}", WasmOpt::fingerprint());
        if !(done.is_file() && std::fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp)) {
            files::remove(&stamp_file)?;
            wasm_opt.run(APP_LEVEL, &wasm, &done)?;
            files::write(&stamp_file, stamp)?;
        }
        std::fs::copy(&done, &wasm)?;
    }
    Ok(())
}

/// The texts of the weeks. The page knows their names, which hold a hash: both come from the same build script.
fn add_texts(project: &Project, staging: &Path) -> Result<()> {
    Run::cargo()
        // Compiled for this machine with the profile of xtask, whatever the site's: the texts are the same.
        .args(["run", "--quiet", "--package", "descent-course", "--bin", "course-files", "--"])
        .arg(staging)
        .dir(&project.root)
        .status()
}

/// Adds the data that publishing leaves out, for a site that nobody but a test sees.
pub(crate) fn add_unpublished(project: &Project, place: &Path) -> Result<()> {
    copy_data(project, place, |entry| !entry.publishable)
}

/// The development server gets a link, so that no rebuild copies data about; what is published gets copies.
fn add_data(project: &Project, place: &Path, publish: bool) -> Result<()> {
    let data = project.data_dir();
    if !data.is_dir() || (!publish && link(&data, place)) {
        return Ok(());
    }
    copy_data(project, place, |entry| entry.publishable || !publish)
}

fn copy_data(project: &Project, place: &Path, is_wanted: impl Fn(&CatalogEntry) -> bool) -> Result<()> {
    let data = project.data_dir();
    for entry in CATALOG.iter().filter(|entry| is_wanted(entry)) {
        let folder = entry.folder();
        if data.join(folder).is_dir() {
            files::copy_dir(&data.join(folder), &place.join(folder))?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> bool {
    std::os::unix::fs::symlink(from, to).is_ok()
}

#[cfg(not(unix))]
fn link(_from: &Path, _to: &Path) -> bool {
    false
}
