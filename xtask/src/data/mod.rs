//! `cargo xtask data`: published files in, shards for the page out.

mod catalog;
mod glove;
mod idx;
mod pairs;
mod sequences;
mod shards;
mod source;

use crate::files::{self, Lock};
use crate::net::Net;
use crate::project::Project;
use crate::say;
use anyhow::{Context, Result};
pub(crate) use catalog::{CATALOG, CatalogEntry};
use catalog::{Files, Holds, SourceFile};
use descent_spec::Shape;
use idx::Idx;
use shards::{About, Content, Part};
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
        say::step(&format!("Data: {}", entry.label()));
        let content = match load(entry, &sources) {
            Ok(content) => content,
            Err(err) if err.is::<OutOfReach>() => {
                say::warn(&format!("{err}."));
                say::note(match entry.holds {
                    Holds::Set(set) if set.is_digits() => "The lab will draw digits of its own instead, and say so on the page.",
                    Holds::Set(_) => "Its lab will say that the data are missing.",
                    Holds::Glove => "Labs that look words up will say that the vectors are missing.",
                });
                say::note("With the published files in a folder: cargo xtask data --mirror FOLDER");
                continue;
            }
            Err(err) => return Err(err),
        };
        if let Some(parent) = place.parent() {
            files::create_dir(parent)?;
        }
        let manifest = shards::write_set(&place, &about, &content)?;
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
        (entry.label(), place, there)
    };
    CATALOG.iter().map(state_of).collect()
}

fn about(entry: &CatalogEntry) -> About<'static> {
    About { name: entry.id(), shape: entry.shape(), classes: entry.classes(), licence: entry.licence, citation: entry.citation }
}

/// What the set's shards hold.
fn load(entry: &CatalogEntry, sources: &Sources<'_>) -> Result<Content> {
    let shape = entry.shape();
    let get = |file: &SourceFile| sources.get(entry, file);
    let unreadable = |file: &SourceFile| format!("{} could not be read", file.name);
    match &entry.files {
        Files::Idx { .. } => {
            let (train, test) = load_pictures(entry, sources)?;
            let len = shape.len();
            let (train, test) = (train.chunks(len, entry.shard_size.0), test.chunks(len, entry.shard_size.1));
            Ok(Content { vocabulary: Vec::new(), target_vocabulary: Vec::new(), train, test })
        }
        Files::Series { table, date, value } => sequences::series(&get(table)?, date, value).with_context(|| unreadable(table)),
        Files::Text(file) => sequences::text(&get(file)?, n_tokens(shape)).with_context(|| unreadable(file)),
        Files::Reviews([train, test]) => {
            sequences::reviews(&get(train)?, &get(test)?, n_tokens(shape), entry.shard_size).with_context(|| unreadable(train))
        }
        Files::Pairs(file) => pairs::pairs(&get(file)?, shape, entry.shard_size).with_context(|| unreadable(file)),
        Files::Glove(file) => glove::vectors(&get(file)?).with_context(|| unreadable(file)),
    }
}

fn n_tokens(shape: Shape) -> usize {
    if let Shape::Tokens { vocabulary, .. } = shape { vocabulary } else { 0 }
}

/// Training and test part of a set of pictures.
fn load_pictures(entry: &CatalogEntry, sources: &Sources<'_>) -> Result<(Part, Part)> {
    let Files::Idx { train, test } = &entry.files else { anyhow::bail!("{} holds no pictures", entry.label()) };
    let part = |[images, labels]: &[SourceFile; 2]| {
        let idx = |file: &SourceFile| {
            let bytes = sources.get(entry, file)?;
            Idx::from_gz(&bytes).with_context(|| format!("{} could not be read", file.name))
        };
        Part::from_idx(idx(images)?, idx(labels)?, entry.shape(), entry.classes().len())
    };
    Ok((part(train)?, part(test)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::DataSet;

    /// What `read` makes of a set as published; `None`, and silence, where no mirror is at hand.
    fn published<T>(set: DataSet, read: impl Fn(&CatalogEntry, &Sources<'_>) -> Result<T>) -> Option<T> {
        held(Holds::Set(set), read)
    }

    /// The same of anything in the catalog.
    fn held<T>(holds: Holds, read: impl Fn(&CatalogEntry, &Sources<'_>) -> Result<T>) -> Option<T> {
        let project = Project::find().unwrap();
        let entry = CATALOG.iter().find(|entry| entry.holds == holds).unwrap();
        if source::beside(&project).is_none() && std::env::var_os("DESCENT_MIRROR").is_none() {
            eprintln!("no mirror beside the checkout: {} itself was not tested", entry.label());
            return None;
        }
        let net = Net::default();
        let sources = Sources::new(&project, &net, None).unwrap();
        Some(read(entry, &sources).unwrap())
    }

    /// Against NumPy on the published numbers (`tests/reference/glove.py`), from the bytes that the page is given: twenty published
    /// analogies with their cosines, the neighbours of one word, and how many of two whole sections are right. Left in, the
    /// question's own word is the answer, as Linzen 2016 says.
    #[test]
    fn gloves_analogies_hold_in_the_bytes_of_the_site() {
        let write = |entry: &CatalogEntry, sources: &Sources<'_>| {
            let home = files::TestDir::new("glove");
            let place = home.0.join(entry.folder());
            shards::write_set(&place, &about(entry), &load(entry, sources)?)?;
            assert!(shards::is_up_to_date(&place, &about(entry), entry.shard_size));
            glove::tests::read_back(&place)
        };
        let Some(glove) = held(Holds::Glove, write) else { return };
        glove::tests::check(&glove);
    }

    fn count(part: &Part) -> Vec<usize> {
        (0..10).map(|class| part.labels.iter().filter(|&&it| it == class).count()).collect()
    }

    /// Mean grey level of the pixels, from 0 to 1.
    fn mean(part: &Part) -> f64 {
        part.pixels.iter().map(|&pixel| u64::from(pixel)).sum::<u64>() as f64 / part.pixels.len() as f64 / 255.0
    }

    /// Counts: LeCun's files, as Keras and PyTorch load them. The mean of the training pixels stands in every tutorial.
    #[test]
    fn mnist_is_what_everybody_knows() {
        let Some((train, test)) = published(DataSet::Mnist, load_pictures) else { return };
        assert_eq!(train.labels[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
        assert_eq!(test.labels[..5], [7, 2, 1, 0, 4]);
        assert_eq!(count(&train), [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
        assert_eq!(count(&test), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
        assert!((mean(&train) - 0.1307).abs() < 5e-5, "{}", mean(&train));
    }

    /// Counts: Xiao et al. 2017, as many of each class. First labels and mean: as Keras loads the set, and as PyTorch's users
    /// normalise it.
    #[test]
    fn fashion_mnist_is_what_everybody_knows() {
        let Some((train, test)) = published(DataSet::FashionMnist, load_pictures) else { return };
        assert_eq!(train.labels[..10], [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]);
        assert_eq!(test.labels[..5], [9, 2, 1, 1, 6]);
        assert_eq!(count(&train), [6_000; 10]);
        assert_eq!(count(&test), [1_000; 10]);
        assert!((mean(&train) - 0.2860).abs() < 5e-5, "{}", mean(&train));
    }

    /// Lengths, first and last values: as the files themselves show them.
    #[test]
    fn the_series_are_what_their_tables_say() {
        for (set, n_values, first, last) in [
            (DataSet::Stocks, 2306, "2007-01-03,23.950705\n", "2016-03-01,"),
            (DataSet::Sunspots, 2820, "1749-01,58.0\n", "1983-12,33.4\n"),
            (DataSet::Temperatures, 3650, "1981-01-01,20.7\n", "1990-12-31,13.0\n"),
            (DataSet::Passengers, 144, "1949-01,112\n", "1960-12,432\n"),
        ] {
            let Some(content) = published(set, load) else { return };
            let text = String::from_utf8(content.train[0].bytes.clone()).unwrap();
            assert_eq!(content.train[0].count, n_values, "{set:?}");
            assert!(text.starts_with(first) && text.contains(last), "{set:?}");
        }
    }

    /// Counts: Karpathy's, repeated in every tutorial on this text; its first words, numbered from the newline on.
    #[test]
    fn tiny_shakespeare_is_what_everybody_knows() {
        let Some(content) = published(DataSet::Shakespeare, load) else { return };
        assert_eq!((content.train[0].count, content.vocabulary.len()), (1_115_394, 65));
        let first: String = content.train[0].bytes[..14].iter().map(|&id| content.vocabulary[usize::from(id)].as_str()).collect();
        assert_eq!(first, "First Citizen:");
        // nanoGPT's tutorial prints the numbers of these characters.
        assert_eq!(content.train[0].bytes[..5], [18, 47, 56, 57, 58]);
    }

    /// Counted with Python: 30,000 lines, of which 29,875 pairs are different and fit; no sentence is on both sides of the cut.
    #[test]
    fn translations_as_published() {
        let Some(content) = published(DataSet::FraEng, load) else { return };
        let count = |chunks: &[shards::Chunk]| chunks.iter().map(|chunk| chunk.count).sum::<usize>();
        assert_eq!(count(&content.train) + count(&content.test), 29_875);
        assert!(content.vocabulary.iter().any(|it| it == "tom") && content.target_vocabulary.iter().any(|it| it == "j'"));
        let sources = |chunks: &[shards::Chunk]| -> std::collections::HashSet<Vec<u8>> {
            let of = |chunk: &shards::Chunk| {
                let (lengths, mut tokens) = chunk.bytes.split_at(2 * chunk.count);
                let mut next = |len: u8| tokens.split_off(..2 * usize::from(len)).unwrap().to_vec();
                lengths.chunks(2).map(|pair| [next(pair[0]), next(pair[1])][0].clone()).collect::<Vec<_>>()
            };
            chunks.iter().flat_map(of).collect()
        };
        let (train, test) = (sources(&content.train), sources(&content.test));
        // Sentences with unknown words may look the same though they are not.
        let unknown = 3u16.to_le_bytes();
        let known = test.iter().filter(|source| !source.chunks(2).any(|token| token == unknown));
        assert!(known.clone().count() > 500 && known.clone().all(|source| !train.contains(source)));
    }

    #[test]
    fn the_reviews_are_balanced() {
        let Some(content) = published(DataSet::Imdb, load) else { return };
        let labels =
            |chunks: &[shards::Chunk]| chunks.iter().flat_map(|chunk| chunk.bytes[..chunk.count].to_vec()).collect::<Vec<u8>>();
        for (chunks, n_reviews) in [(&content.train, 5_000), (&content.test, 2_000)] {
            let labels = labels(chunks);
            assert_eq!((labels.len(), labels.iter().filter(|&&label| label == 1).count()), (n_reviews, n_reviews / 2));
        }
        let mut first = content.vocabulary[2..6].to_vec();
        first.sort();
        assert_eq!(first, ["a", "and", "of", "the"], "the most frequent words of English reviews");
    }
}
