//! `cargo xtask dist`: a folder for any static host, under any path.

use super::Profile;
use super::page::PUBLISH_VARIABLE;
use super::profile::PROFILE_VARIABLE;
use super::size;
use crate::data;
use crate::files::{self, Lock};
use crate::net::Net;
use crate::project::Project;
use crate::run::{Run, exe};
use crate::say;
use crate::tools::{Tools, WasmOpt};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What may be asked for.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Folder to write; what was in it goes
    #[arg(long, value_name = "DIR", default_value = "dist")]
    out: PathBuf,
    /// How much the compiler works
    #[arg(long, value_enum, default_value_t = Profile::Release)]
    profile: Profile,
}

pub(crate) fn run(project: &Project, net: &Net, options: &Options) -> Result<()> {
    let started = Instant::now();
    let out = project.root.join(&options.out);
    build(project, net, options.profile, &out)?;
    size::report(&out)?;
    println!();
    println!(
        "The site is in {}, made in {}. Its paths are relative: put the folder anywhere.",
        project.show(&out),
        say::elapsed(started.elapsed())
    );
    Ok(())
}

/// Builds the site into a folder, with data that may be published.
pub(crate) fn build(project: &Project, net: &Net, profile: Profile, out: &Path) -> Result<()> {
    let _lock = Lock::of(out)?;
    refuse_to_overwrite(out)?;
    let tools = Tools::ensure(project, net)?;
    WasmOpt::ensure(project);
    data::run(project, net, None, false)?;
    say::step(&format!("Build the site ({})", profile.name()));
    let mut build = Run::new(tools.trunk.join(exe("trunk")))
        .args(["build", "--public-url", "./", "--cargo-profile", profile.of_app(), "--dist"])
        .arg(out)
        .dir(&project.root)
        .env("PATH", tools.path())
        .env("TRUNK_SKIP_VERSION_CHECK", "true")
        .env(PROFILE_VARIABLE, profile.name())
        .env(PUBLISH_VARIABLE, "1");
    if !profile.is_dev() {
        build = build.arg("--release");
    }
    build.status()
}

/// Trunk empties the folder it writes to. One that holds something else than a site was named by mistake.
fn refuse_to_overwrite(out: &Path) -> Result<()> {
    // `.stage` is what Trunk leaves behind when a build fails.
    let is_foreign = |path: &PathBuf| path.file_name().is_some_and(|name| name != ".stage");
    if out.is_dir() && !out.join("index.html").is_file() && files::list(out)?.iter().any(is_foreign) {
        bail!(
            "{} holds something that is not a site, and building would empty it. Name another folder with --out.",
            out.display()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sites_are_overwritten() {
        let home = files::TestDir::new("dist");
        assert!(refuse_to_overwrite(&home.0).is_ok() && refuse_to_overwrite(&home.0.join("new")).is_ok());
        files::write(&home.0.join("thesis.tex"), "").unwrap();
        assert!(refuse_to_overwrite(&home.0).is_err());
        files::write(&home.0.join("index.html"), "").unwrap();
        assert!(refuse_to_overwrite(&home.0).is_ok());
    }
}
