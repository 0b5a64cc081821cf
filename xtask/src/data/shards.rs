//! Cuts a data set into shards, in the format `descent_spec::manifest` describes.

use super::idx::Idx;
use crate::files::{self, Draft};
use anyhow::{Context, Result, ensure};
use descent_spec::Shape;
use descent_spec::manifest::{FORMAT, Manifest, Shard, Source};
use flate2::{Compression, GzBuilder};
use std::io::Write;
use std::path::Path;

/// One part of a data set, checked.
#[derive(Debug)]
pub(crate) struct Part {
    /// One for each example, below the number of classes.
    pub(crate) labels: Vec<u8>,
    /// `shape.len()` bytes for each example, channels first.
    pub(crate) pixels: Vec<u8>,
}

impl Part {
    /// Joins images `[n, height, width]` and labels `[n]`.
    pub(crate) fn from_idx(images: Idx, labels: Idx, shape: Shape, n_classes: usize) -> Result<Part> {
        let Shape::Image { channels: 1, height, width } = shape else {
            anyhow::bail!("IDX files hold grey pictures, and the data set has shape {shape}")
        };
        let n_examples = *labels.dims.first().context("the labels have no dimensions")?;
        ensure!(labels.dims.len() == 1, "the labels have {} dimensions instead of one", labels.dims.len());
        ensure!(
            images.dims == [n_examples, height, width],
            "the images have dimensions {:?}, and {n_examples} labels ask for {:?}",
            images.dims,
            [n_examples, height, width]
        );
        if let Some(idx) = labels.elements.iter().position(|label| usize::from(*label) >= n_classes) {
            anyhow::bail!("label {idx} is {}, and there are {n_classes} classes", labels.elements[idx]);
        }
        Ok(Part { labels: labels.elements, pixels: images.elements })
    }
}

/// What a set holds, as its shards do before they are compressed.
#[derive(Debug)]
pub(crate) struct Content {
    /// What each token stands for; none where there are no tokens.
    pub(crate) vocabulary: Vec<String>,
    /// Of pairs, the same of what is answered.
    pub(crate) target_vocabulary: Vec<String>,
    pub(crate) train: Vec<Chunk>,
    /// None where it is cut from the end of the training part.
    pub(crate) test: Vec<Chunk>,
}

/// What one shard holds.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// Examples; of a series its values, of a text its tokens.
    pub(crate) count: usize,
    /// As in [`Shard::unpacked`].
    pub(crate) unpacked: Option<u64>,
    pub(crate) bytes: Vec<u8>,
}

impl Chunk {
    /// One whose size does not follow from its examples.
    pub(crate) fn measured(count: usize, bytes: Vec<u8>) -> Chunk {
        Chunk { count, unpacked: Some(bytes.len() as u64), bytes }
    }
}

impl Part {
    /// Labels and pixels, some examples a shard.
    pub(crate) fn chunks(&self, example_len: usize, shard_size: usize) -> Vec<Chunk> {
        let cuts = self.labels.chunks(shard_size).zip(self.pixels.chunks(shard_size * example_len));
        cuts.map(|(labels, pixels)| Chunk { count: labels.len(), unpacked: None, bytes: [labels, pixels].concat() }).collect()
    }
}

/// What a manifest says beside its shards.
pub(crate) struct About<'a> {
    pub(crate) name: &'a str,
    pub(crate) shape: Shape,
    pub(crate) classes: &'a [&'a str],
    pub(crate) licence: &'a str,
    pub(crate) citation: &'a str,
}

/// Writes shards and manifest into a fresh folder and puts it in place at once.
pub(crate) fn write_set(place: &Path, about: &About<'_>, content: &Content) -> Result<Manifest> {
    let draft = Draft::of(place)?;
    let manifest = Manifest {
        format: FORMAT,
        name: about.name.into(),
        shape: about.shape,
        classes: about.classes.iter().map(|&class| class.into()).collect(),
        vocabulary: content.vocabulary.clone(),
        target_vocabulary: content.target_vocabulary.clone(),
        train: write_part(draft.dir(), "train", &content.train)?,
        test: write_part(draft.dir(), "test", &content.test)?,
        source: Source::Real,
        licence: about.licence.into(),
        citation: about.citation.into(),
    };
    let json = serde_json::to_string_pretty(&manifest)?;
    Manifest::parse(&json).map_err(|err| anyhow::anyhow!("the manifest would be refused by the page: {err}"))?;
    files::write(&draft.dir().join("manifest.json"), json + "\n")?;
    draft.finish()?;
    Ok(manifest)
}

fn write_part(dir: &Path, name: &str, chunks: &[Chunk]) -> Result<Vec<Shard>> {
    let write = |(nth, chunk): (usize, &Chunk)| {
        let gz = compress(&chunk.bytes)?;
        let sha256 = files::sha256(&gz);
        let file = format!("{name}-{nth:02}-{}.shard", &sha256[..8]);
        files::write(&dir.join(&file), &gz)?;
        Ok(Shard { file, count: chunk.count, unpacked: chunk.unpacked, bytes: gz.len() as u64, sha256 })
    };
    chunks.iter().enumerate().map(write).collect()
}

/// One gzip stream; without time or name in its header, so that the same data give the same bytes everywhere.
fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut gz = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    gz.write_all(bytes)?;
    Ok(gz.finish()?)
}

/// Whether the folder holds this set whole, cut in this way.
pub(crate) fn is_up_to_date(place: &Path, about: &About<'_>, shard_size: (usize, usize)) -> bool {
    let Ok(json) = std::fs::read_to_string(place.join("manifest.json")) else { return false };
    let Ok(manifest) = Manifest::parse(&json) else { return false };
    let cut_so = |shards: &[Shard], size| shards.iter().rev().skip(1).all(|shard| shard.count == size);
    let described_so = manifest.name == about.name
        && manifest.shape == about.shape
        && manifest.classes == about.classes
        && manifest.licence == about.licence
        && manifest.citation == about.citation;
    described_so
        && cut_so(&manifest.train, shard_size.0)
        && cut_so(&manifest.test, shard_size.1)
        && manifest
            .train
            .iter()
            .chain(&manifest.test)
            .all(|shard| std::fs::read(place.join(&shard.file)).is_ok_and(|bytes| files::sha256(&bytes) == shard.sha256))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::idx::tests::{TINY_IMAGES, TINY_LABELS};
    use flate2::read::GzDecoder;
    use std::io::Read;

    const SHAPE: Shape = Shape::Image { channels: 1, height: 2, width: 2 };
    const ABOUT: About<'_> = About { name: "tiny", shape: SHAPE, classes: &["a"; 10], licence: "none", citation: "by hand" };

    fn tiny() -> Part {
        Part::from_idx(Idx::parse(TINY_IMAGES).unwrap(), Idx::parse(TINY_LABELS).unwrap(), SHAPE, 10).unwrap()
    }

    fn tiny_content() -> Content {
        Content { vocabulary: Vec::new(), target_vocabulary: Vec::new(), train: tiny().chunks(4, 2), test: tiny().chunks(4, 3) }
    }

    #[test]
    fn a_tiny_set_is_cut_and_read_back() {
        let home = files::TestDir::new("shards");
        let place = home.0.join("tiny-v1");
        assert!(!is_up_to_date(&place, &ABOUT, (2, 3)));
        let manifest = write_set(&place, &ABOUT, &tiny_content()).unwrap();
        assert_eq!(manifest.train.iter().map(|shard| shard.count).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(manifest.test.len(), 1);

        let second = files::read(&place.join(&manifest.train[1].file)).unwrap();
        assert_eq!(second.len() as u64, manifest.train[1].bytes);
        assert!(manifest.train[1].file.starts_with("train-01-") && manifest.train[1].file.ends_with(".shard"));
        // Bytes 4 to 8 of a gzip header are the time of the file: none.
        assert_eq!(second[4..8], [0; 4]);
        let mut content = Vec::new();
        GzDecoder::new(second.as_slice()).read_to_end(&mut content).unwrap();
        assert_eq!(content, [9, 30, 31, 32, 33]);

        assert!(is_up_to_date(&place, &ABOUT, (2, 3)));
        assert!(!is_up_to_date(&place, &ABOUT, (1, 3)), "another cut");
        assert!(!is_up_to_date(&place, &About { licence: "other", ..ABOUT }, (2, 3)));
        files::write(&place.join(&manifest.train[1].file), "altered").unwrap();
        assert!(!is_up_to_date(&place, &ABOUT, (2, 3)), "an altered shard");
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let images = || Idx::parse(TINY_IMAGES).unwrap();
        let labels = || Idx::parse(TINY_LABELS).unwrap();
        let refused =
            |images, labels, shape, n_classes| Part::from_idx(images, labels, shape, n_classes).unwrap_err().to_string();
        assert!(refused(images(), labels(), SHAPE, 9).contains("label 2 is 9"));
        assert!(refused(images(), labels(), Shape::Image { channels: 1, height: 2, width: 3 }, 10).contains("dimensions"));
        assert!(refused(images(), labels(), Shape::Flat { units: 4 }, 10).contains("grey"));
        let short = Idx { dims: vec![2], elements: vec![1, 2] };
        assert!(refused(images(), short, SHAPE, 10).contains("dimensions"));
        assert!(refused(images(), images(), SHAPE, 10).contains("dimensions"));
    }
}
