//! Runs other programs, and says in words when one fails.

use anyhow::{Result, anyhow, bail};
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program about to be run.
pub(crate) struct Run {
    command: Command,
    advice: Option<String>,
}

impl Run {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Run {
        Run { command: Command::new(program), advice: None }
    }

    /// The cargo that runs us, so that `cargo +toolchain xtask` stays on its toolchain.
    pub(crate) fn cargo() -> Run {
        Run::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Run {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, args: I) -> Run {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Run {
        self.command.env(key, value);
        self
    }

    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Run {
        self.command.current_dir(dir);
        self
    }

    /// What to do next if the program fails: a sentence.
    pub(crate) fn advice(mut self, advice: impl Into<String>) -> Run {
        self.advice = Some(advice.into());
        self
    }

    /// Runs it with our own output, and waits.
    pub(crate) fn status(mut self) -> Result<()> {
        let line = self.line();
        let status = self.command.stdin(Stdio::null()).status().map_err(|err| self.not_started(&line, &err))?;
        if status.success() { Ok(()) } else { bail!("`{line}` ended with {status}.{}", self.advice_after()) }
    }

    /// Becomes the program, where the system can do that, so that a signal to us reaches it; else runs it and waits.
    #[cfg(unix)]
    pub(crate) fn replace_us(mut self) -> Result<()> {
        use std::os::unix::process::CommandExt;
        let line = self.line();
        let err = self.command.exec();
        Err(self.not_started(&line, &err))
    }

    #[cfg(not(unix))]
    pub(crate) fn replace_us(self) -> Result<()> {
        self.status()
    }

    /// Runs it silently and returns what it wrote to stdout; its stderr goes into the error.
    pub(crate) fn output(mut self) -> Result<String> {
        let line = self.line();
        let output = self.command.stdin(Stdio::null()).output().map_err(|err| self.not_started(&line, &err))?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            bail!("`{line}` ended with {}: {}{}", output.status, stderr.trim(), self.advice_after());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// As the developer would type it.
    pub(crate) fn line(&self) -> String {
        let program = Path::new(self.command.get_program()).file_name().unwrap_or(self.command.get_program());
        let words = std::iter::once(program).chain(self.command.get_args()).map(|word| word.to_string_lossy());
        words.map(|word| if word.contains(' ') { format!("'{word}'") } else { word.into_owned() }).collect::<Vec<_>>().join(" ")
    }

    fn not_started(&self, line: &str, err: &std::io::Error) -> anyhow::Error {
        let why = match err.kind() {
            ErrorKind::NotFound => "the program was not found".to_owned(),
            _ => err.to_string(),
        };
        anyhow!("`{line}` could not be started: {why}.{}", self.advice_after())
    }

    fn advice_after(&self) -> String {
        self.advice.as_ref().map(|advice| format!(" {advice}")).unwrap_or_default()
    }
}

/// Where a program of this name lies on the PATH.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(exe(program))).find(|file| is_executable(file))
}

/// The file name of a program on this system.
pub(crate) fn exe(program: &str) -> String {
    format!("{program}{}", std::env::consts::EXE_SUFFIX)
}

/// The PATH with these folders in front.
pub(crate) fn path_with(dirs: &[PathBuf]) -> OsString {
    let old = std::env::var_os("PATH").unwrap_or_default();
    let all = dirs.iter().cloned().chain(std::env::split_paths(&old));
    // A folder with the separator in its name cannot be on a PATH at all; then the old PATH is the best there is.
    std::env::join_paths(all).unwrap_or(old)
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_the_next_step() {
        let err = Run::new("no-such-program-at-all").arg("a b").advice("Install it.").status().unwrap_err().to_string();
        assert_eq!(err, "`no-such-program-at-all 'a b'` could not be started: the program was not found. Install it.");
    }
}
