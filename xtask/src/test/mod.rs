//! `cargo xtask test`: everything that must hold before a change lands, cheapest first.

mod parity;
mod steps;

use crate::net::Net;
use crate::project::Project;
use crate::say;
use anyhow::{Context, Result};
use clap::ValueEnum;
use std::time::{Duration, Instant};

/// One part of the tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Step {
    /// rustfmt finds nothing to change
    Format,
    /// clippy without a warning, for this machine
    Clippy,
    /// clippy without a warning for wasm32, with the list of calls that panic in a browser
    ClippyWasm,
    /// Unit and documentation tests
    Unit,
    /// The NumPy and Keras code that the page shows, run against the engine
    Parity,
    /// The same with PyTorch; only when asked for by name, with PYTHON naming an interpreter that has torch and safetensors
    ParityTorch,
    /// The engine's tests in a worker of headless Chromium, built for the CPU alone
    WasmCpu,
    /// The same, built with WebGPU, on a software adapter
    WasmGpu,
    /// The site builds
    Site,
    /// A user's ways through the built site in Chromium
    E2e,
}

impl Step {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn about(self) -> String {
        self.to_possible_value().and_then(|value| value.get_help().map(ToString::to_string)).unwrap_or_default()
    }

    /// Left out by `--fast`: what needs a browser or Python's packages, and the site, which only such tests look at.
    fn is_slow(self) -> bool {
        matches!(self, Step::Parity | Step::WasmCpu | Step::WasmGpu | Step::Site | Step::E2e)
    }

    /// Run only when named: PyTorch has 800 MB, which nobody should have to download to test the page.
    fn is_on_demand(self) -> bool {
        matches!(self, Step::ParityTorch)
    }
}

/// What may be asked for.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Run these steps only, separated by commas
    #[arg(long, value_enum, value_delimiter = ',', value_name = "STEP")]
    only: Vec<Step>,
    /// Leave these steps out
    #[arg(long, value_enum, value_delimiter = ',', value_name = "STEP")]
    skip: Vec<Step>,
    /// Leave out what needs a browser or Python's packages
    #[arg(long)]
    fast: bool,
    /// End-to-end tests to run, by name, separated by commas
    #[arg(long, value_name = "NAME")]
    e2e_only: Option<String>,
    /// End-to-end tests to leave out, by name, separated by commas
    #[arg(long, value_name = "NAME")]
    e2e_skip: Option<String>,
}

pub(crate) fn run(project: &Project, net: &Net, options: &Options) -> Result<()> {
    let chosen = |step: &Step| {
        (options.only.contains(step) || options.only.is_empty() && !step.is_on_demand())
            && !options.skip.contains(step)
            && !(options.fast && step.is_slow())
    };
    let steps: Vec<Step> = Step::value_variants().iter().copied().filter(chosen).collect();
    let mut times: Vec<(Step, Duration)> = Vec::new();
    for (nth, &step) in steps.iter().enumerate() {
        say::step(&format!("[{}/{}] {}: {}", nth + 1, steps.len(), step.name(), step.about()));
        let started = Instant::now();
        let outcome = match step {
            Step::Format => steps::format(project),
            Step::Clippy => steps::clippy(project),
            Step::ClippyWasm => steps::clippy_wasm(project),
            Step::Unit => steps::unit(project),
            Step::Parity => parity::run(project),
            Step::ParityTorch => parity::run_torch(project),
            Step::WasmCpu => steps::wasm(project, net, crate::site::workers::Worker::Cpu),
            Step::WasmGpu => steps::wasm(project, net, crate::site::workers::Worker::Gpu),
            Step::Site => steps::site(project, net),
            Step::E2e => steps::e2e(project, net, options.e2e_only.as_deref(), options.e2e_skip.as_deref()),
        };
        times.push((step, started.elapsed()));
        if outcome.is_err() {
            summary(&times, true);
        }
        outcome
            .with_context(|| format!("the step {0} did not pass. Repeat it with: cargo xtask test --only {0}", step.name()))?;
    }
    summary(&times, false);
    Ok(())
}

fn summary(times: &[(Step, Duration)], last_failed: bool) {
    println!();
    for (nth, (step, time)) in times.iter().enumerate() {
        let verdict = if last_failed && nth + 1 == times.len() { "FAILED" } else { "ok" };
        println!("{verdict:6}  {:>12}  {}", say::elapsed(*time), step.name());
    }
    let total = times.iter().map(|(_, time)| *time).sum();
    println!("{:6}  {:>12}  in all", "", say::elapsed(total));
}
