//! The code that the page shows, run against the engine: `tests/parity/run.py` with what it needs.

use crate::project::{Project, env_path};
use crate::run::{Run, exe};
use crate::say;
use crate::tools::python;
use anyhow::{Context, Result};
use std::path::PathBuf;

/// NumPy and Keras, from a virtual environment of our own.
pub(super) fn run(project: &Project) -> Result<()> {
    let venv = python::ensure_packages(project)?;
    let dialects: &[&str] = if venv.has_keras { &["numpy", "keras"] } else { &["numpy"] };
    compare(project, Run::new(&venv.python), dialects)
}

/// PyTorch, from the interpreter that `PYTHON` names.
pub(super) fn run_torch(project: &Project) -> Result<()> {
    let python = env_path("PYTHON").unwrap_or_else(|| "python3".into());
    let has_it = Run::new(&python).args(["-c", "import torch, safetensors.torch, numpy"]).output();
    has_it.with_context(|| {
        format!(
            "{} has no torch, safetensors and numpy: install them somewhere and name that interpreter in PYTHON",
            python.display()
        )
    })?;
    compare(project, Run::new(python), &["pytorch"])
}

fn compare(project: &Project, python: Run, dialects: &[&str]) -> Result<()> {
    for (package, example) in [("descent-export", "code"), ("descent-engine", "dump")] {
        Run::cargo().args(["build", "--quiet", "--package", package, "--example", example]).dir(&project.root).status()?;
    }
    let example = |name: &str| -> PathBuf { project.target.join("debug").join("examples").join(exe(name)) };
    say::note(&format!("running the code of {}", dialects.join(" and ")));
    python
        .arg(project.root.join("tests").join("parity").join("run.py"))
        .args(["--code".into(), example("code"), "--dump".into(), example("dump")])
        .args(dialects)
        .dir(&project.root)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .advice("docs/parity.md says what is compared; `--verbose` after run.py tells every experiment.")
        .status()
}
