//! Files: hashes, and folders that appear whole or not at all.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} could not be read", path.display()))
}

pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("{} could not be written", path.display()))
}

pub(crate) fn create_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("the folder {} could not be made", path.display()))
}

/// Removes a file, a link or a whole folder; nothing there is fine.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let Ok(meta) = path.symlink_metadata() else { return Ok(()) };
    let done = if meta.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    done.with_context(|| format!("{} could not be removed", path.display()))
}

/// Copies a folder with everything in it; links are followed.
pub(crate) fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    create_dir(to)?;
    for entry in list(from)? {
        let Some(name) = entry.file_name() else { continue };
        let target = to.join(name);
        if entry.is_dir() {
            copy_dir(&entry, &target)?;
        } else {
            fs::copy(&entry, &target)
                .with_context(|| format!("{} could not be copied to {}", entry.display(), target.display()))?;
        }
    }
    Ok(())
}

/// What lies in a folder, by name.
pub(crate) fn list(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("the folder {} could not be read", dir.display()))?;
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Holds a folder for one run of xtask; a second run waits. Freed when dropped, and by the system when the process ends.
pub(crate) struct Lock {
    _file: fs::File,
}

impl Lock {
    pub(crate) fn of(place: &Path) -> Result<Lock> {
        let name = place.file_name().context("a folder needs a name")?.to_string_lossy();
        let path = place.with_file_name(format!(".{name}.lock"));
        if let Some(parent) = path.parent() {
            create_dir(parent)?;
        }
        let file = fs::File::create(&path).with_context(|| format!("{} could not be made", path.display()))?;
        if file.try_lock().is_err() {
            crate::say::note(&format!("waiting for another run that writes {}", place.display()));
            file.lock().with_context(|| format!("{} could not be locked", path.display()))?;
        }
        Ok(Lock { _file: file })
    }
}

/// A folder under construction beside its final place. Until [`finish`](Draft::finish) nobody sees it; dropped before, it goes.
pub(crate) struct Draft {
    dir: PathBuf,
    place: PathBuf,
}

impl Draft {
    pub(crate) fn of(place: &Path) -> Result<Draft> {
        let name = place.file_name().context("a folder needs a name")?.to_string_lossy();
        let dir = place.with_file_name(format!(".{name}.draft-{}", std::process::id()));
        remove(&dir)?;
        create_dir(&dir)?;
        Ok(Draft { dir, place: place.to_owned() })
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Puts the folder in its place, instead of what was there.
    pub(crate) fn finish(self) -> Result<()> {
        remove(&self.place)?;
        fs::rename(&self.dir, &self.place).with_context(|| format!("{} could not be put in place", self.place.display()))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Nothing is left to remove after `finish`; after a failure a leftover only wastes room.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// A folder of a test's own, removed at the end.
#[cfg(test)]
pub(crate) struct TestDir(pub(crate) PathBuf);

#[cfg(test)]
impl TestDir {
    pub(crate) fn new(name: &str) -> TestDir {
        let dir = std::env::temp_dir().join(format!("descent-xtask-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        TestDir(dir)
    }
}

#[cfg(test)]
impl Drop for TestDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_of_abc_is_as_in_fips_180() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_lock_keeps_a_second_run_waiting() {
        let home = TestDir::new("lock");
        let place = home.0.join("site");
        let held = Lock::of(&place).unwrap();
        let second = fs::File::open(home.0.join(".site.lock")).unwrap();
        assert!(second.try_lock().is_err());
        drop(held);
        assert!(second.try_lock().is_ok());
    }

    #[test]
    fn a_draft_appears_whole_or_not_at_all() {
        let home = TestDir::new("draft");
        let place = home.0.join("set");
        drop(Draft::of(&place).unwrap());
        assert!(list(&home.0).unwrap().is_empty());
        for content in ["old", "new"] {
            let draft = Draft::of(&place).unwrap();
            write(&draft.dir().join("file"), content).unwrap();
            draft.finish().unwrap();
            assert_eq!(read(&place.join("file")).unwrap(), content.as_bytes());
        }
        assert_eq!(list(&home.0).unwrap(), [place]);
    }
}
