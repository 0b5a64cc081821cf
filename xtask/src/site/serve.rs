//! `cargo xtask serve`: set-up, then Trunk's development server.

use super::Profile;
use super::profile::PROFILE_VARIABLE;
use super::workers::CPU_ONLY_VARIABLE;
use crate::data;
use crate::net::Net;
use crate::project::Project;
use crate::run::{Run, exe};
use crate::say;
use crate::tools::Tools;
use anyhow::{Result, anyhow};

/// What may be asked for.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Port of the page
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Address to listen at; 0.0.0.0 lets other machines in
    #[arg(long, default_value = "127.0.0.1")]
    address: std::net::IpAddr,
    /// Serve what would be published, not what compiles in seconds
    #[arg(long)]
    release: bool,
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
    /// Leave out the WebGPU worker, whose first compilation takes minutes
    #[arg(long)]
    cpu_only: bool,
}

pub(crate) fn run(project: &Project, net: &Net, options: &Options) -> Result<()> {
    let tools = Tools::ensure(project, net)?;
    data::run(project, net, None, false)?;
    let profile = if options.release { Profile::Release } else { Profile::Dev };
    refuse_taken_port(options)?;
    say::step(&format!("Build the page ({}); it will be at http://{}:{}/", profile.name(), options.address, options.port));
    let mut serve = Run::new(tools.trunk.join(exe("trunk")))
        .args(["serve", "--port", &options.port.to_string(), "--address", &options.address.to_string()])
        .dir(&project.root)
        .env("PATH", tools.path())
        .env("TRUNK_SKIP_VERSION_CHECK", "true")
        .env(PROFILE_VARIABLE, profile.name());
    if options.release {
        serve = serve.args(["--release", "--cargo-profile", profile.of_app()]);
    }
    if options.open {
        serve = serve.arg("--open");
    }
    if options.cpu_only {
        serve = serve.env(CPU_ONLY_VARIABLE, "1");
    }
    serve.replace_us()
}

/// Before the minutes of building, not after.
fn refuse_taken_port(options: &Options) -> Result<()> {
    std::net::TcpListener::bind((options.address, options.port)).map(drop).map_err(|err| {
        anyhow!("The page cannot be served at {}:{} ({err}). Choose another port with --port.", options.address, options.port)
    })
}
