//! What each step runs. A step sets up what it needs itself, so that `--only` works on a fresh machine.

use crate::files;
use crate::net::Net;
use crate::project::Project;
use crate::run::{Run, path_with};
use crate::site::workers::Worker;
use crate::site::{Profile, dist, page};
use crate::tools::browser::Browser;
use crate::tools::{self, node, rust};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

pub(super) fn format(project: &Project) -> Result<()> {
    rust::ensure_component("fmt", "rustfmt")?;
    Run::cargo().args(["fmt", "--all", "--check"]).dir(&project.root).advice("`cargo fmt --all` puts it right.").status()
}

pub(super) fn clippy(project: &Project) -> Result<()> {
    rust::ensure_component("clippy", "clippy")?;
    let clippy = Run::cargo().args(["clippy", "--quiet", "--workspace", "--all-targets"]);
    clippy.args(["--", "--deny", "warnings"]).dir(&project.root).status()
}

/// With a configuration of its own: a tensor may be read synchronously in a native test, never in a worker.
pub(super) fn clippy_wasm(project: &Project) -> Result<()> {
    rust::ensure_component("clippy", "clippy")?;
    rust::ensure_wasm_target()?;
    for learning in ["engine", "kernels"] {
        refuse_default_device(&project.root.join(learning).join("src"))?;
    }
    let clippy = |packages: &[&str], more: &[&str]| {
        let packages = packages.iter().flat_map(|package| ["--package", *package]);
        let clippy = Run::cargo().args(["clippy", "--quiet", "--target", rust::WASM_TARGET]).args(packages).args(more);
        clippy
            .args(["--", "--deny", "warnings"])
            .env("CLIPPY_CONF_DIR", project.root.join("clippy-wasm"))
            .dir(&project.root)
            .status()
    };
    clippy(&["descent-spec", "descent-course", "descent-export", "descent-tsne", "descent-app"], &[])?;
    for worker in Worker::ENGINES {
        clippy(&["descent-kernels", "descent-engine", "descent-worker"], worker.features())?;
    }
    Ok(())
}

/// `Device::default()` is WebGPU wherever WebGPU is compiled in. Clippy sees only `Default::default` there, so this reads the text.
fn refuse_default_device(dir: &Path) -> Result<()> {
    for path in files::list(dir)? {
        if path.is_dir() {
            refuse_default_device(&path)?;
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = String::from_utf8_lossy(&files::read(&path)?).into_owned();
            let is_call = |line: &str| line.contains("Device::default()") && !line.trim_start().starts_with("//");
            if let Some(nth) = text.lines().position(is_call) {
                bail!("{}:{} calls Device::default(): pass the session's device instead", path.display(), nth + 1);
            }
        }
    }
    Ok(())
}

pub(super) fn unit(project: &Project) -> Result<()> {
    Run::cargo().args(["test", "--quiet", "--workspace"]).dir(&project.root).status()
}

pub(super) fn wasm(project: &Project, net: &Net, worker: Worker) -> Result<()> {
    rust::ensure_wasm_target()?;
    let browser = Browser::ensure()?;
    let bindgen = tools::wasm_bindgen(project)?.ensure(project, net)?;
    Run::cargo()
        // With the site's profile, whose dependencies the site's workers need anyway: the GPU's are minutes of compiling.
        .args([
            "test",
            "--profile",
            Profile::Site.name(),
            "--package",
            "descent-engine",
            "--target",
            rust::WASM_TARGET,
            "--tests",
        ])
        .args(worker.features())
        .dir(&project.root)
        .env("PATH", path_with(&[bindgen]))
        .env("CHROMEDRIVER", &browser.chromedriver)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", webdriver_json(project, &browser)?)
        // Seconds. A training test on the software adapter takes minutes where the default allows 20 s.
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30")
        .status()
}

/// Tells the test runner which browser to start and how: with WebGPU on a software adapter, as no test machine has another.
fn webdriver_json(project: &Project, browser: &Browser) -> Result<PathBuf> {
    let dir = project.target.join("descent-tests");
    files::create_dir(&dir)?;
    let args = [
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--enable-unsafe-webgpu",
        "--use-webgpu-adapter=swiftshader",
        "--enable-unsafe-swiftshader",
    ];
    let options = serde_json::json!({ "goog:chromeOptions": { "binary": browser.chromium, "args": args } });
    let file = dir.join("webdriver.json");
    files::write(&file, options.to_string())?;
    Ok(file)
}

/// Where the site for the end-to-end tests lies.
fn site_dir(project: &Project) -> PathBuf {
    project.target.join("descent-site")
}

pub(super) fn site(project: &Project, net: &Net) -> Result<()> {
    let dir = site_dir(project);
    dist::build(project, net, Profile::Site, &dir)?;
    // Labs on data that may not be published are tested all the same.
    page::add_unpublished(project, &dir.join("data"))
}

pub(super) fn e2e(project: &Project, net: &Net, only: Option<&str>, skip: Option<&str>) -> Result<()> {
    let browser = Browser::ensure()?;
    let dir = project.root.join("tests").join("e2e");
    node::install_modules(&dir)?;
    if !site_dir(project).join("index.html").is_file() {
        site(project, net)?;
    }
    let run = Run::new("node").arg(dir.join("run.mjs")).arg("--site").arg(site_dir(project));
    run.args(only.iter().flat_map(|names| ["--only", names]))
        .args(skip.iter().flat_map(|names| ["--skip", names]))
        .dir(&project.root)
        .env("CHROMIUM", &browser.chromium)
        .advice("Screenshots of failures are in tests/out.")
        .status()
}
