//! `cargo xtask data`: published files in, shards for the page out.

mod catalog;
mod idx;
mod shards;
mod source;

use crate::files::{self, Lock};
use crate::net::Net;
use crate::project::Project;
use crate::say;
use anyhow::{Context, Result};
pub(crate) use catalog::CATALOG;
use catalog::{CatalogEntry, Files, SourceFile};
use descent_spec::registry::Registry;
use idx::Idx;
use shards::{About, Part};
use source::{OutOfReach, Sources};
use std::path::PathBuf;

/// Builds every data set that is not up to date. A set that is out of reach is no failure: the labs draw their own data then.
pub(crate) fn run(project: &Project, net: &Net, mirror: Option<PathBuf>, force: bool) -> Result<()> {
    let _lock = Lock::of(&project.data_dir())?;
    let sources = Sources::new(project, net, mirror)?;
    for entry in CATALOG {
        let place = project.data_dir().join(entry.folder());
        let about = about(entry);
        if !force && shards::is_up_to_date(&place, &about, entry.shard_size) {
            continue;
        }
        say::step(&format!("Data: {}", entry.set.label()));
        let (train, test) = match load(entry, &sources) {
            Ok(parts) => parts,
            Err(err) if err.is::<OutOfReach>() => {
                say::warn(&format!("{err}."));
                say::note("The labs will draw examples of their own instead, and say so on the page.");
                say::note("With the published files in a folder: cargo xtask data --mirror FOLDER");
                continue;
            }
            Err(err) => return Err(err),
        };
        if let Some(parent) = place.parent() {
            files::create_dir(parent)?;
        }
        let manifest = shards::write_set(&place, &about, &train, &test, entry.shard_size)?;
        let n_bytes = manifest.train.iter().chain(&manifest.test).map(|shard| shard.bytes).sum();
        say::note(&format!(
            "{} training and {} test examples in {} shards, {}, in {}",
            manifest.n_train(),
            manifest.n_test(),
            manifest.train.len() + manifest.test.len(),
            say::bytes(n_bytes),
            project.show(&place)
        ));
    }
    Ok(())
}

/// For each set: its name, its folder, and whether it is there whole.
pub(crate) fn state(project: &Project) -> Vec<(&'static str, PathBuf, bool)> {
    let state_of = |entry: &CatalogEntry| {
        let place = project.data_dir().join(entry.folder());
        let there = shards::is_up_to_date(&place, &about(entry), entry.shard_size);
        (entry.set.label(), place, there)
    };
    CATALOG.iter().map(state_of).collect()
}

fn about(entry: &CatalogEntry) -> About<'static> {
    let facts = entry.facts();
    About { name: entry.set.id(), shape: facts.shape, classes: facts.classes, licence: entry.licence, citation: entry.citation }
}

/// Training and test part.
fn load(entry: &CatalogEntry, sources: &Sources<'_>) -> Result<(Part, Part)> {
    let facts = entry.facts();
    let Files::Idx { train, test } = &entry.files;
    let part = |[images, labels]: &[SourceFile; 2]| {
        let idx = |file: &SourceFile| {
            let bytes = sources.get(entry, file)?;
            Idx::from_gz(&bytes).with_context(|| format!("{} could not be read", file.name))
        };
        Part::from_idx(idx(images)?, idx(labels)?, facts.shape, facts.classes.len())
    };
    Ok((part(train)?, part(test)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the published set; silent where it is out of reach. Counts: LeCun's files, as Keras and PyTorch load them.
    #[test]
    fn mnist_is_what_everybody_knows() {
        let project = Project::find().unwrap();
        let beside = project.root.join("..").join("shared").join("data");
        if !beside.is_dir() && std::env::var_os("DESCENT_MIRROR").is_none() {
            eprintln!("no mirror beside the checkout: MNIST itself was not tested");
            return;
        }
        let net = Net::default();
        let sources = Sources::new(&project, &net, None).unwrap();
        let (train, test) = load(&CATALOG[0], &sources).unwrap();
        assert_eq!(train.labels[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
        assert_eq!(test.labels[..5], [7, 2, 1, 0, 4]);
        let count = |part: &Part| (0..10).map(|digit| part.labels.iter().filter(|&&it| it == digit).count()).collect::<Vec<_>>();
        assert_eq!(count(&train), [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
        assert_eq!(count(&test), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
        // The mean grey level of the training pixels, known from every tutorial as 0.1307.
        let mean = train.pixels.iter().map(|&pixel| u64::from(pixel)).sum::<u64>() as f64 / train.pixels.len() as f64 / 255.0;
        assert!((mean - 0.1307).abs() < 5e-5, "{mean}");
    }
}
