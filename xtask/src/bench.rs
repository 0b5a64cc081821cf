//! `cargo xtask bench`: how long a training step takes, natively and in the browser, on this machine.

use crate::files;
use crate::net::Net;
use crate::project::Project;
use crate::run::Run;
use crate::say;
use crate::site::Profile;
use crate::site::dist;
use crate::tools::browser::Browser;
use crate::tools::node;
use anyhow::Result;
use std::path::PathBuf;

/// What may be asked for.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Leave out the browser
    #[arg(long)]
    native_only: bool,
    /// Leave out the native part
    #[arg(long, conflicts_with = "native_only")]
    wasm_only: bool,
    /// Time WebGPU in the browser, on a software adapter, instead of the CPU
    #[arg(long)]
    webgpu: bool,
    /// Works to time in the browser
    #[arg(long, default_value = "matmul512,mlp,cnn,cnn-cifar,lstm-char,tiny")]
    works: String,
    /// Time every lab of the course in the browser instead, on made-up data
    #[arg(long, conflicts_with_all = ["native_only", "works", "peers"])]
    labs: bool,
    /// Workers that share a batch where it is cut; as many as there are cores, four at most, if not given
    #[arg(long)]
    workers: Option<u32>,
    /// Time other libraries, too, in the same browser run: the folder of a comparison (a `run.mjs` that takes `--extra name=URL`)
    #[arg(long)]
    peers: Option<PathBuf>,
    /// What that comparison is told, say "--repeat 3 --only tfjs-wasm,jax-wasm"
    #[arg(long, default_value = "", allow_hyphen_values = true)]
    peers_args: String,
    /// How the site is built
    #[arg(long, value_enum, default_value_t = Profile::Release)]
    profile: Profile,
}

/// The engine's examples that measure natively, in the order they run.
const NATIVE_EXAMPLES: [&str; 2] = ["kernels", "works"];

pub(crate) fn run(project: &Project, net: &Net, options: &Options) -> Result<()> {
    if !options.wasm_only && !options.labs {
        native(project)?;
    }
    if !options.native_only {
        wasm(project, net, options)?;
    }
    Ok(())
}

/// With the profile `site`: fat LTO takes longer to link than it saves in a minute of measuring.
fn native(project: &Project) -> Result<()> {
    for example in NATIVE_EXAMPLES {
        say::step(&format!("Native: {example}"));
        Run::cargo()
            .args(["run", "--quiet", "--profile", "site", "--package", "descent-engine", "--example", example])
            .dir(&project.root)
            .status()?;
    }
    Ok(())
}

fn wasm(project: &Project, net: &Net, options: &Options) -> Result<()> {
    let browser = Browser::ensure()?;
    node::install_modules(&project.root.join("tests").join("e2e"))?;
    let site = project.target.join(format!("descent-bench-{}", options.profile.name()));
    dist::build(project, net, options.profile, &site)?;
    let device = if options.webgpu { "webgpu" } else { "cpu" };
    let what = if options.labs { "every lab" } else { &options.works };
    say::step(&format!("Browser: {what} on {device}"));
    let mut bench = Run::new("node")
        .arg(project.root.join("xtask").join("bench.mjs"))
        .arg("--site")
        .arg(&site)
        .args(["--works", &options.works, "--device", device])
        .env("CHROMIUM", &browser.chromium)
        .dir(&project.root);
    if options.labs {
        bench = bench.arg("--labs");
    }
    if let Some(n_workers) = options.workers {
        bench = bench.args(["--workers", &n_workers.to_string()]);
    }
    if let Some(peers) = &options.peers {
        // A copy, because its packages are installed into it.
        let copy = project.target.join("descent-bench-peers");
        files::copy_dir(peers, &copy)?;
        node::install_modules(&copy)?;
        bench = bench.arg("--peers").arg(&copy).arg(format!("--peers-args={}", options.peers_args));
    }
    bench.status()
}
