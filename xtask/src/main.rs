//! What a developer types: `cargo xtask <command>`.
//!
//! Every command sets up what it needs, says what it does, and ends with a sentence when it cannot. This crate knows the tools
//! and the files of the project; it does not know Burn, the page or the course.

mod bench;
mod data;
mod doctor;
mod files;
mod net;
mod project;
mod run;
mod say;
mod site;
mod test;
mod tools;

use anyhow::Result;
use clap::{Parser, Subcommand};
use net::Net;
use project::Project;
use site::Profile;
use std::path::PathBuf;
use std::process::ExitCode;

/// Descent's workbench: set-up, serving, tests, data and publishing.
#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Set up everything the page needs and serve it, rebuilt on every change
    Serve(site::serve::Options),
    /// Set up everything the tests need and run them: what must hold before a change lands
    Test(test::Options),
    /// Build the data sets into public/data
    ///
    /// Each published file is taken from a mirror if there is one, else downloaded; its SHA-256 is checked. A set that is out of
    /// reach is left out: the labs then draw examples of their own.
    Data {
        /// A folder that holds the published files as mnist/train-images-idx3-ubyte.gz and so on [env: DESCENT_MIRROR]
        #[arg(long, value_name = "DIR")]
        mirror: Option<PathBuf>,
        /// Build sets that are up to date too
        #[arg(long)]
        force: bool,
    },
    /// Build the site into a folder for any static host, under any path, and print its sizes
    Dist(site::dist::Options),
    /// Time a training step natively and in the browser
    Bench(bench::Options),
    /// Say what is there, what is missing and how to get it
    Doctor,
    /// Build the workers; Trunk calls it
    #[command(hide = true)]
    Workers {
        /// How much the compiler works; by default as Trunk was told
        #[arg(long, value_enum)]
        profile: Option<Profile>,
        /// Leave out the WebGPU worker
        #[arg(long)]
        cpu_only: bool,
    },
    /// Finish the page Trunk wrote; Trunk calls it
    #[command(hide = true)]
    Page,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            say::failed(&err);
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let project = Project::find()?;
    let net = Net::default();
    match command {
        Command::Data { mirror, force } => data::run(&project, &net, mirror, force),
        Command::Serve(options) => site::serve::run(&project, &net, &options),
        Command::Test(options) => test::run(&project, &net, &options),
        Command::Dist(options) => site::dist::run(&project, &net, &options),
        Command::Bench(options) => bench::run(&project, &net, &options),
        Command::Doctor => doctor::run(&project),
        Command::Workers { profile, cpu_only } => {
            site::workers::run(&project, &net, profile.unwrap_or_else(Profile::of_hook), cpu_only)
        }
        Command::Page => site::page::run(&project),
    }
}
