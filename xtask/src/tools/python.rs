//! Python's packages in a virtual environment of our own, for the tests that run the page's code in other frameworks.

use crate::files;
use crate::project::Project;
use crate::run::{Run, which};
use crate::say;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// An environment that is ready.
pub(crate) struct Venv {
    /// Its interpreter.
    pub(crate) python: PathBuf,
    /// Whether Keras is in it; it has some 300 MB with JAX, which not every place can fetch.
    pub(crate) has_keras: bool,
}

/// Sets up the environment with the packages of `tests/parity/requirements.txt`, unless what is there has them.
///
/// # Errors
/// When there is no Python that can make environments, or NumPy cannot be installed.
pub(crate) fn ensure_packages(project: &Project) -> Result<Venv> {
    let wanted = project.root.join("tests").join("parity").join("requirements.txt");
    let dir = project.cache.join("python").join("venv");
    let python = if cfg!(windows) { dir.join("Scripts").join("python.exe") } else { dir.join("bin").join("python") };
    // A copy of the list that was installed whole: as long as it is the same, nothing has to be asked of the network.
    let installed = dir.join("requirements.txt");
    if python.is_file() && files::read(&installed).ok().as_deref() == Some(files::read(&wanted)?.as_slice()) {
        return Ok(Venv { python, has_keras: true });
    }
    if !python.is_file() {
        create(&dir)?;
    }
    say::note(&format!("installing Python packages into {}", dir.display()));
    if install(&python, &["--requirement".as_ref(), &wanted]).is_ok() {
        files::write(&installed, files::read(&wanted)?)?;
        return Ok(Venv { python, has_keras: true });
    }
    say::warn("Keras and JAX could not be installed: only the NumPy code is run.");
    install(&python, &["numpy".as_ref(), "safetensors".as_ref()]).context("NumPy could not be installed either")?;
    Ok(Venv { python, has_keras: false })
}

fn create(dir: &Path) -> Result<()> {
    let Some(system) = which("python3").or_else(|| which("python")) else {
        bail!(
            "there is no python3: install Python 3.11 or newer with its venv module (Debian: apt install python3 python3-venv)"
        );
    };
    if let Some(parent) = dir.parent() {
        files::create_dir(parent)?;
    }
    Run::new(system)
        .args(["-m", "venv"])
        .arg(dir)
        .advice("Python's venv module is missing or broken (Debian: apt install python3-venv).")
        .output()
        .map(drop)
}

fn install(python: &Path, packages: &[&Path]) -> Result<()> {
    Run::new(python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(packages)
        .advice("Check the network and try again.")
        .status()
}
