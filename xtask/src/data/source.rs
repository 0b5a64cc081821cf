//! Where a published file is taken from: the download cache, a mirror, or its official addresses, the first that has it whole.

use super::catalog::{CatalogEntry, SourceFile};
use crate::files;
use crate::net::Net;
use crate::project::{Project, env_path};
use crate::say;
use anyhow::{Result, bail};
use std::fmt;
use std::path::{Path, PathBuf};

/// A published file is nowhere to be had: no failure of ours, and the labs know what to do without.
#[derive(Debug)]
pub(crate) struct OutOfReach(String);

impl fmt::Display for OutOfReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OutOfReach {}

/// Looks for published files.
pub(crate) struct Sources<'a> {
    project: &'a Project,
    net: &'a Net,
    mirror: Option<PathBuf>,
}

impl<'a> Sources<'a> {
    /// `mirror` is what the developer named; else `DESCENT_MIRROR`; else a folder `shared/data` beside the checkout.
    pub(crate) fn new(project: &'a Project, net: &'a Net, mirror: Option<PathBuf>) -> Result<Sources<'a>> {
        let named = mirror.or_else(|| env_path("DESCENT_MIRROR"));
        if let Some(dir) = named.as_ref().filter(|dir| !dir.is_dir()) {
            bail!("The mirror {} is not a folder. Name the folder that holds `mnist/` and so on.", dir.display());
        }
        Ok(Sources { project, net, mirror: named.or_else(|| beside(project)) })
    }

    /// The file's bytes, their hash checked; [`OutOfReach`] if nobody has it.
    pub(crate) fn get(&self, entry: &CatalogEntry, file: &SourceFile) -> Result<Vec<u8>> {
        if let Some(bytes) = self.read_mirror(entry, file)? {
            return Ok(bytes);
        }
        let cached = self.project.cache.join("data").join(entry.mirror_folder).join(file.name);
        if let Some(bytes) = whole(&cached, file) {
            return Ok(bytes);
        }
        if let Some(parent) = cached.parent() {
            files::create_dir(parent)?;
        }
        let mut reasons = Vec::new();
        for address in entry.addresses {
            let url = format!("{address}/{}", file.name);
            say::note(&format!("downloading {url}"));
            match self.net.fetch(&url, &cached) {
                Ok(()) => match whole(&cached, file) {
                    Some(bytes) => return Ok(bytes),
                    None => {
                        files::remove(&cached)?;
                        reasons.push(format!("{url} is not the published file: its SHA-256 differs"));
                    }
                },
                Err(err) => reasons.push(err.to_string()),
            }
        }
        Err(OutOfReach(format!("{} is nowhere to be had ({})", file.name, reasons.join("; "))).into())
    }

    /// A mirror that has the file in an altered form is an error: silence would hide a broken mirror behind a download.
    fn read_mirror(&self, entry: &CatalogEntry, file: &SourceFile) -> Result<Option<Vec<u8>>> {
        let Some(mirror) = &self.mirror else { return Ok(None) };
        let place = mirror.join(entry.mirror_folder).join(file.name);
        if !place.is_file() {
            // Data sets share file names: what lies in the mirror itself may be another set's, and counts only if it is this one's.
            return Ok(whole(&mirror.join(file.name), file));
        }
        match whole(&place, file) {
            Some(bytes) => Ok(Some(bytes)),
            None => bail!(
                "{} is not the published file: its SHA-256 is not {}. Replace it, or remove it to have it downloaded.",
                place.display(),
                file.sha256
            ),
        }
    }
}

/// The mirror beside the checkout, if there is one.
pub(crate) fn beside(project: &Project) -> Option<PathBuf> {
    project.root.parent().map(|dir| dir.join("shared").join("data")).filter(|dir| dir.is_dir())
}

/// The bytes of a file, if it is there and its hash is right.
fn whole(path: &Path, file: &SourceFile) -> Option<Vec<u8>> {
    let bytes = std::fs::read(path).ok()?;
    (files::sha256(&bytes) == file.sha256).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::catalog::CATALOG;

    /// SHA-256 of "abc", from FIPS 180-4.
    const ABC: SourceFile =
        SourceFile { name: "abc.gz", sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" };

    #[test]
    fn a_mirror_is_used_and_an_altered_file_refused() {
        let home = files::TestDir::new("mirror");
        let project = Project { root: home.0.join("checkout"), target: home.0.join("target"), cache: home.0.join("cache") };
        let mirror = home.0.join("shared").join("data");
        let file = mirror.join("mnist").join("abc.gz");
        files::create_dir(&mirror.join("mnist")).unwrap();
        files::write(&file, "abc").unwrap();
        assert_eq!(beside(&project), Some(mirror.clone()));
        let net = Net::default();
        // Named, because `DESCENT_MIRROR` may name another.
        let sources = Sources::new(&project, &net, Some(mirror.clone())).unwrap();
        assert_eq!(sources.get(&CATALOG[0], &ABC).unwrap(), b"abc");
        files::write(&file, "abd").unwrap();
        assert!(sources.get(&CATALOG[0], &ABC).unwrap_err().to_string().contains("not the published file"));
        files::remove(&file).unwrap();
        let alone = mirror.join("abc.gz");
        files::write(&alone, "another set's").unwrap();
        assert!(sources.read_mirror(&CATALOG[0], &ABC).unwrap().is_none());
        files::write(&alone, "abc").unwrap();
        assert_eq!(sources.get(&CATALOG[0], &ABC).unwrap(), b"abc");
        assert!(Sources::new(&project, &net, Some(home.0.join("nowhere"))).is_err());
    }
}
