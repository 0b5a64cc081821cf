//! The tools beside cargo: which, in what version, and how to come by them.

mod binary;
pub(crate) mod browser;
mod links;
mod lockfile;
pub(crate) mod node;
pub(crate) mod python;
pub(crate) mod rust;
mod wasm_opt;

use crate::net::Net;
use crate::project::Project;
use anyhow::Result;
use binary::Binary;
pub(crate) use links::link_into_cargo_bin;
use std::path::PathBuf;
pub(crate) use wasm_opt::{WASM_OPT_VERSION, WasmOpt};

/// 0.22 needs Rust 1.96.
const TRUNK_VERSION: &str = "0.21.14";

/// The programs that build the page.
pub(crate) struct Tools {
    /// Folder of `trunk`.
    pub(crate) trunk: PathBuf,
    /// Folder of `wasm-bindgen` and `wasm-bindgen-test-runner`.
    pub(crate) wasm_bindgen: PathBuf,
}

impl Tools {
    /// Finds all of them and sets up what is missing.
    pub(crate) fn ensure(project: &Project, net: &Net) -> Result<Tools> {
        rust::ensure_wasm_target()?;
        let wasm_bindgen = wasm_bindgen(project)?.ensure(project, net)?;
        let trunk = trunk().ensure(project, net)?;
        let tools = Tools { trunk, wasm_bindgen };
        link_into_cargo_bin(project, &tools);
        Ok(tools)
    }

    /// The PATH on which trunk and cargo find the tools.
    pub(crate) fn path(&self) -> std::ffi::OsString {
        crate::run::path_with(&[self.trunk.clone(), self.wasm_bindgen.clone()])
    }
}

/// wasm-bindgen's program must be of the very version of the library in Cargo.lock.
pub(crate) fn wasm_bindgen(project: &Project) -> Result<Binary> {
    let version = lockfile::version(project, "wasm-bindgen")?;
    let release = host("musl").map(|host| {
        format!("https://github.com/wasm-bindgen/wasm-bindgen/releases/download/{version}/wasm-bindgen-{version}-{host}.tar.gz")
    });
    Ok(Binary {
        name: "wasm-bindgen-cli",
        version,
        programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
        release,
        install_args: &[],
        compile_time: "about a minute on two cores",
    })
}

/// The bundler and development server.
pub(crate) fn trunk() -> Binary {
    let release = host("gnu").map(|host| {
        let kind = if cfg!(windows) { "zip" } else { "tar.gz" };
        format!("https://github.com/trunk-rs/trunk/releases/download/v{TRUNK_VERSION}/trunk-{host}.{kind}")
    });
    Binary {
        name: "trunk",
        version: TRUNK_VERSION.into(),
        programs: &["trunk"],
        release,
        // Without its check for newer versions of itself.
        install_args: &["--no-default-features", "--features", "rustls"],
        compile_time: "about three minutes on two cores",
    }
}

/// This machine, as releases name it.
fn host(linux_libc: &str) -> Option<String> {
    let arch = std::env::consts::ARCH;
    match (std::env::consts::OS, arch) {
        // wasm-bindgen links its Linux release for Arm against glibc.
        ("linux", "aarch64") => Some("aarch64-unknown-linux-gnu".into()),
        ("linux", "x86_64") => Some(format!("x86_64-unknown-linux-{linux_libc}")),
        ("macos", "x86_64" | "aarch64") => Some(format!("{arch}-apple-darwin")),
        ("windows", "x86_64") => Some("x86_64-pc-windows-msvc".into()),
        _ => None,
    }
}
