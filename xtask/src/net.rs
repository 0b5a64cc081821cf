//! Downloads, through the system's `curl`: it knows the developer's proxy and certificates, and costs nothing to compile.

use crate::files;
use crate::run::{Run, which};
use anyhow::{Result, bail};
use std::cell::RefCell;
use std::collections::HashSet;
use std::path::Path;

/// The network of one run: a host that could not be reached once is not tried again.
#[derive(Default)]
pub(crate) struct Net {
    unreachable: RefCell<HashSet<String>>,
}

/// curl's exit codes for "no such host", "no connection", "time out", "TLS failed": the host is out of reach, not just the file.
const UNREACHABLE: [i32; 5] = [5, 6, 7, 28, 35];

impl Net {
    /// Fetches an address into a file. Gives up after five seconds without a connection or twenty without progress.
    pub(crate) fn fetch(&self, url: &str, to: &Path) -> Result<()> {
        let host = host(url);
        if self.unreachable.borrow().contains(host) {
            bail!("{host} is out of reach");
        }
        let Some(curl) = which("curl") else { bail!("there is no curl to download with") };
        let part = to.with_extension("part");
        let status = std::process::Command::new(curl)
            .args(["--fail", "--location", "--silent", "--show-error", "--proto", "=http,https"])
            .args(["--connect-timeout", "5", "--speed-limit", "1000", "--speed-time", "20", "--output"])
            .args([part.as_os_str(), url.as_ref()])
            .stderr(std::process::Stdio::null())
            .status()?;
        if status.success() {
            std::fs::rename(&part, to)?;
            return Ok(());
        }
        files::remove(&part)?;
        if status.code().is_some_and(|code| UNREACHABLE.contains(&code)) {
            self.unreachable.borrow_mut().insert(host.to_owned());
            bail!("{host} is out of reach");
        }
        bail!("{url} could not be downloaded");
    }

    /// Fetches a small text.
    pub(crate) fn text(&self, url: &str, scratch: &Path) -> Result<String> {
        let file = scratch.join("download.txt");
        self.fetch(url, &file)?;
        Ok(String::from_utf8_lossy(&files::read(&file)?).into_owned())
    }
}

/// Unpacks an archive with the system's `tar`, which reads .tar.gz everywhere and .zip where it matters (Windows).
pub(crate) fn unpack(archive: &Path, into: &Path) -> Result<()> {
    Run::new("tar").arg("-xf").arg(archive).arg("-C").arg(into).output().map(drop)
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_address() {
        assert_eq!(host("https://example.org/a/b"), "example.org");
        assert_eq!(host("example.org"), "example.org");
    }

    #[test]
    fn a_host_out_of_reach_is_tried_once() {
        let home = files::TestDir::new("net");
        let net = Net::default();
        for _ in 0..2 {
            // `.invalid` never resolves (RFC 2606).
            let err = net.fetch("https://nowhere.invalid/file", &home.0.join("file")).unwrap_err().to_string();
            assert!(err == "nowhere.invalid is out of reach" || err == "there is no curl to download with", "{err}");
        }
        assert!(!home.0.join("file").exists());
    }
}
