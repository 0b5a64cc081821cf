//! `cargo xtask doctor`: what is there, what is missing, and how to get it. Changes nothing.

use crate::data;
use crate::project::Project;
use crate::run::{Run, which};
use crate::tools::{self, WASM_OPT_VERSION, WasmOpt, browser, rust};
use anyhow::Result;
use std::path::Path;

/// One line of the report.
struct Finding {
    what: String,
    /// Where it was found, or else what to do.
    found: Result<String, String>,
    /// Whether the page can be built without.
    optional: bool,
}

/// Prints the report. Missing things are no failure: it is a question that was asked.
pub(crate) fn run(project: &Project) -> Result<()> {
    let findings = findings(project)?;
    let width = findings.iter().map(|finding| finding.what.chars().count()).max().unwrap_or(0);
    for Finding { what, found, optional } in &findings {
        match found {
            Ok(place) => println!("  ok       {what:width$}  {place}"),
            Err(advice) => println!("  {}  {what:width$}  {advice}", if *optional { "absent " } else { "MISSING" }),
        }
    }
    let n_missing = findings.iter().filter(|finding| finding.found.is_err() && !finding.optional).count();
    println!();
    match n_missing {
        0 => println!("Everything is there: `cargo xtask serve` and `cargo xtask test` need no network."),
        _ => println!("`cargo xtask serve` sets up what the page needs, `cargo xtask test` what the tests need."),
    }
    println!("Tools and downloads are kept in {} (DESCENT_CACHE moves them).", project.cache.display());
    Ok(())
}

fn findings(project: &Project) -> Result<Vec<Finding>> {
    let show = |path: &Path| path.display().to_string();
    let need = |what: String, found: Option<String>, advice: &str| Finding {
        what,
        found: found.ok_or_else(|| advice.to_owned()),
        optional: false,
    };
    let wasm_bindgen = tools::wasm_bindgen(project)?;
    let trunk = tools::trunk();
    let serve = "cargo xtask serve sets it up";
    let test = "cargo xtask test adds it";
    let mut findings = vec![
        need("Rust".into(), Run::new("rustc").arg("--version").output().ok().map(|it| it.trim().into()), "https://rustup.rs"),
        need(format!("target {}", rust::WASM_TARGET), rust::has_wasm_target().then(|| "installed".into()), serve),
        need("rustfmt".into(), rust::has_component("fmt").then(|| "installed".into()), test),
        need("clippy".into(), rust::has_component("clippy").then(|| "installed".into()), test),
        need(
            format!("wasm-bindgen {}", wasm_bindgen.version),
            wasm_bindgen.find(project).map(|dir| show(&dir)),
            &format!("{serve}: a release from GitHub, or compiled in {}", wasm_bindgen.compile_time),
        ),
        need(
            format!("trunk {}", trunk.version),
            trunk.find(project).map(|dir| show(&dir)),
            &format!("{serve}: a release from GitHub, or compiled in {}", trunk.compile_time),
        ),
    ];
    let wasm_opt = WasmOpt::find(project).map(|tool| match tool {
        WasmOpt::Native(path) | WasmOpt::Npm(path) => show(&path),
    });
    findings.push(Finding {
        what: format!("wasm-opt {WASM_OPT_VERSION}"),
        found: wasm_opt.ok_or_else(|| "cargo xtask dist installs it with npm; without it the site is a tenth larger".into()),
        optional: true,
    });
    for (label, place, there) in data::state(project) {
        let found =
            if there { Ok(project.show(&place)) } else { Err("cargo xtask data; without it the labs draw their own".into()) };
        findings.push(Finding { what: label.into(), found, optional: true });
    }
    let python = which("python3").or_else(|| which("python")).map(|path| show(&path));
    findings.push(need(
        "Python (tests)".into(),
        python,
        "Python 3.11 or newer with venv; cargo xtask test --skip parity does without",
    ));
    for (what, found) in [
        ("curl (downloads)", which("curl")),
        ("Chromium (tests)", browser::chromium()),
        ("ChromeDriver (tests)", browser::chromedriver()),
        ("Node (tests)", which("node")),
        ("npm (tests)", which("npm")),
    ] {
        findings.push(need(what.into(), found.map(|path| show(&path)), "see below"));
    }
    if findings.iter().any(|finding| finding.found.as_ref().is_err_and(|advice| advice == "see below")) {
        println!("Missing from the system: {}\n", browser::ADVICE);
    }
    Ok(findings)
}
