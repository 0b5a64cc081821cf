//! The workers: the package `worker`, compiled for the CPU alone (small, loaded at once) and with WebGPU (fetched when a lab
//! wants it), and the package `tsne` (fetched when a map is to be drawn by it). Trunk would neither hash their names nor build one
//! crate with two sets of features; so this is a hook of Trunk. Each ends in a folder named after its content, `engine/cpu-0123456789ab/`, so that a page never meets the worker of
//! another release in a cache.
//!
//! No wasm-opt here. Measured in November 2026 on the CPU worker (binaryen 132, Chromium 156, profile `site`): against what rustc
//! left, `-O1` changed neither size nor speed; `-O2`, `-O3` and `-Oz` made it 11 % larger after brotli (613 kB to 680 kB), and
//! `-O2` and `-O3` made a step of the MLP two to five times slower: they undo how LLVM laid out the kernels.

use super::Profile;
use super::size;
use crate::files::{self, Lock};
use crate::net::Net;
use crate::project::Project;
use crate::run::{Run, exe};
use crate::say;
use crate::tools;
use crate::tools::rust::WASM_TARGET;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Set while profiling: the workers keep the names of their functions. (What is built already is not built again.)
const NAMES_VARIABLE: &str = "DESCENT_FUNCTION_NAMES";
/// Set to build no WebGPU worker: the page then runs on the CPU and says why.
pub(crate) const CPU_ONLY_VARIABLE: &str = "DESCENT_CPU_ONLY";

/// The module a page starts as a worker. An error while loading is thrown outside of the promise, where the page hears it.
const BOOT: &str = "\
import init from './worker.js';
init({ module_or_path: new URL('worker_bg.wasm', import.meta.url) }).catch((err) => setTimeout(() => { throw err; }));
";

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Worker {
    Cpu,
    Gpu,
    Tsne,
}

impl Worker {
    pub(crate) const ALL: [Worker; 3] = [Worker::Cpu, Worker::Gpu, Worker::Tsne];
    /// Those that train.
    pub(crate) const ENGINES: [Worker; 2] = [Worker::Cpu, Worker::Gpu];

    /// In the names of folders and of the page's meta elements.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Worker::Cpu => "cpu",
            Worker::Gpu => "gpu",
            Worker::Tsne => "tsne",
        }
    }

    /// Package and name of the program.
    fn program(self) -> (&'static str, &'static str) {
        match self {
            Worker::Cpu | Worker::Gpu => ("descent-worker", "worker"),
            Worker::Tsne => ("descent-tsne", "tsne"),
        }
    }

    /// Features of the package.
    pub(crate) fn features(self) -> &'static [&'static str] {
        match self {
            Worker::Cpu | Worker::Tsne => &[],
            Worker::Gpu => &["--features", "webgpu"],
        }
    }
}

/// Builds the workers and, called by Trunk, puts them into the site under construction.
pub(crate) fn run(project: &Project, net: &Net, profile: Profile, cpu_only: bool) -> Result<()> {
    let bindgen = tools::wasm_bindgen(project)?;
    let factory = Factory {
        project,
        profile,
        bindgen: bindgen.ensure(project, net)?.join(exe("wasm-bindgen")),
        bindgen_version: bindgen.version,
        // Minutes of one core for a tenth of the size: worth it for what is published, not for what is tested.
    };
    let _lock = Lock::of(&project.target.join("descent-workers").join(profile.name()))?;
    let cpu_only = cpu_only || std::env::var_os(CPU_ONLY_VARIABLE).is_some_and(|it| !it.is_empty());
    let built = Worker::ALL
        .into_iter()
        .filter(|worker| !(cpu_only && *worker == Worker::Gpu))
        .map(|worker| Ok((worker, factory.bind(worker, &factory.compile(worker)?)?)))
        .collect::<Result<Vec<_>>>()?;
    let Some(staging) = std::env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from) else { return Ok(()) };
    for (worker, dir) in built {
        let place = staging.join("engine").join(format!("{}-{}", worker.name(), hash_of_dir(&dir)?));
        files::copy_dir(&dir, &place)?;
    }
    Ok(())
}

struct Factory<'a> {
    project: &'a Project,
    profile: Profile,
    bindgen: PathBuf,
    bindgen_version: String,
}

impl Factory<'_> {
    /// Compiles and returns a copy of the result: two workers come out of cargo under one name.
    fn compile(&self, worker: Worker) -> Result<PathBuf> {
        let Factory { project, profile, .. } = self;
        let (package, program) = worker.program();
        Run::cargo()
            .args(["build", "--quiet", "--package", package, "--bin", program])
            .args(["--target", WASM_TARGET, "--profile", profile.name()])
            .args(worker.features())
            .dir(&project.root)
            .status()?;
        let built = project.target.join(WASM_TARGET).join(profile.folder()).join(format!("{program}.wasm"));
        let dir = project.target.join("descent-workers").join(profile.name());
        files::create_dir(&dir)?;
        let copy = dir.join(format!("{}.wasm", worker.name()));
        std::fs::copy(&built, &copy).with_context(|| format!("cargo left no {}", project.show(&built)))?;
        Ok(copy)
    }

    /// Bindings and boot module; nothing to do if neither the input nor the tool has changed.
    fn bind(&self, worker: Worker, wasm: &Path) -> Result<PathBuf> {
        let place = wasm.with_extension("");
        let stamp_file = wasm.with_extension("stamp");
        let stamp = format!("{} {}\n{BOOT}", files::sha256(&files::read(wasm)?), self.bindgen_version);
        if std::fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) && place.join("boot.js").is_file() {
            return Ok(place);
        }
        let started = Instant::now();
        files::remove(&stamp_file)?;
        files::remove(&place)?;
        let keeps_names = self.profile.is_dev() || std::env::var_os(NAMES_VARIABLE).is_some();
        let names: &[&str] = if keeps_names { &[] } else { &["--remove-name-section", "--remove-producers-section"] };
        Run::new(&self.bindgen)
            .args(["--target", "web", "--no-typescript", "--out-name", "worker", "--out-dir"])
            .arg(&place)
            .args(names)
            .arg(wasm)
            .output()?;
        files::write(&place.join("boot.js"), BOOT)?;
        files::write(&stamp_file, stamp)?;
        let n_bytes = size::of_dir(&place)?;
        say::note(&format!("{} worker: {}, done in {}", worker.name(), say::bytes(n_bytes), say::elapsed(started.elapsed())));
        Ok(place)
    }
}

/// Twelve digits that change with any file of the folder.
fn hash_of_dir(dir: &Path) -> Result<String> {
    fn collect(dir: &Path, all: &mut Vec<u8>) -> Result<()> {
        for path in files::list(dir)? {
            all.extend(path.file_name().unwrap_or_default().as_encoded_bytes());
            if path.is_dir() {
                collect(&path, all)?;
            } else {
                all.extend(files::sha256(&files::read(&path)?).into_bytes());
            }
        }
        Ok(())
    }
    let mut all = Vec::new();
    collect(dir, &mut all)?;
    Ok(files::sha256(&all)[..12].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_changes_with_names_and_content() {
        let home = files::TestDir::new("hash");
        let mut hashes = Vec::new();
        for (name, content) in [("a", "1"), ("a", "2"), ("b", "2")] {
            files::write(&home.0.join(name), content).unwrap();
            hashes.push(hash_of_dir(&home.0).unwrap());
            assert_eq!(hashes.last().unwrap().len(), 12);
        }
        hashes.dedup();
        assert_eq!(hashes.len(), 3);
    }
}
