//! wasm-opt, from the npm package `binaryen`. It makes the published app smaller (`site::page`); the workers go without (`site::workers`).

use crate::files::{self, Draft};
use crate::project::Project;
use crate::run::{Run, which};
use crate::say;
use anyhow::{Result, anyhow};
use std::path::{Path, PathBuf};

/// The newest in November 2026.
pub(crate) const WASM_OPT_VERSION: &str = "132";

/// What rustc 1.95 and wasm-bindgen 0.2.130 emit, `simd128` among it, and every browser of the last three years reads.
/// Not `--all-features`: that would let wasm-opt use what browsers do not have yet.
const FEATURES: [&str; 9] = [
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// A way to run wasm-opt.
pub(crate) enum WasmOpt {
    /// A native program on the PATH.
    Native(PathBuf),
    /// The npm package: a JavaScript file for Node.
    Npm(PathBuf),
}

impl WasmOpt {
    /// In the cache, or on the PATH in this version.
    pub(crate) fn find(project: &Project) -> Option<WasmOpt> {
        if let Some(native) = which("wasm-opt") {
            let answer = Run::new(&native).arg("--version").output().unwrap_or_default();
            // "wasm-opt version 132 (version_132)"
            if answer.split_whitespace().any(|word| word == WASM_OPT_VERSION) {
                return Some(WasmOpt::Native(native));
            }
        }
        let script = script(&place(project));
        (script.is_file() && which("node").is_some()).then_some(WasmOpt::Npm(script))
    }

    /// Installs it if npm is there. Without it the site is larger, no more; that is said, and work goes on.
    pub(crate) fn ensure(project: &Project) -> Option<WasmOpt> {
        WasmOpt::find(project).or_else(|| match install(project) {
            Ok(tool) => Some(tool),
            Err(err) => {
                say::warn(&format!("Going on without wasm-opt ({err:#}): the site will be about a tenth larger."));
                None
            }
        })
    }

    /// Optimizes one file into another. `level` is `-O1` to `-O4`, `-Os` or `-Oz`.
    pub(crate) fn run(&self, level: &str, from: &Path, to: &Path) -> Result<()> {
        let run = match self {
            WasmOpt::Native(program) => Run::new(program),
            WasmOpt::Npm(script) => Run::new("node").arg(script),
        };
        run.arg(level).args(FEATURES).arg(from).arg("-o").arg(to).output().map(drop)
    }

    /// Changes whenever the output may.
    pub(crate) fn fingerprint() -> String {
        format!("wasm-opt {WASM_OPT_VERSION} {}", FEATURES.join(" "))
    }
}

fn place(project: &Project) -> PathBuf {
    project.tool_dir("binaryen", WASM_OPT_VERSION)
}

fn script(place: &Path) -> PathBuf {
    place.join("node_modules").join("binaryen").join("bin").join("wasm-opt")
}

fn install(project: &Project) -> Result<WasmOpt> {
    let npm = super::node::npm().ok_or_else(|| anyhow!("there is no npm to install it with"))?;
    say::step(&format!("Set up wasm-opt {WASM_OPT_VERSION}"));
    let place = place(project);
    if let Some(parent) = place.parent() {
        files::create_dir(parent)?;
    }
    let draft = Draft::of(&place)?;
    Run::new(npm)
        .args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--fetch-retries=1", "--prefix"])
        .arg(draft.dir())
        .arg(format!("binaryen@{WASM_OPT_VERSION}.0.0"))
        .output()?;
    draft.finish()?;
    WasmOpt::find(project).ok_or_else(|| anyhow!("the npm package does not hold it"))
}
