//! The manifest of a data set: `data/<folder>/manifest.json`, written by `cargo xtask data`, read by the worker.
//!
//! A shard is a gzip stream. What it holds follows from the set's [`Kind`](crate::Kind), whole numbers little-endian:
//! - pictures: `count` label bytes, then `count` examples of [`Shape::len`] bytes each, channels first;
//! - a series: `count` lines `date,value`, in one shard for training and test;
//! - a text: `count` bytes, each the number of a token, in one shard for training and test;
//! - pairs: for each the lengths of source and target (a byte each), then the tokens of one side after the other (two bytes each);
//!   pairs with the same source lie within one stretch of [`STRETCH`](crate::pairs::STRETCH);
//! - reviews: `count` label bytes, then `count` lengths (two bytes each), then the tokens of one after the other (two bytes each);
//! - GloVe's vectors: [`glove`](crate::glove) says.

use crate::shape::Shape;
use serde::{Deserialize, Serialize};

/// Largest manifest that is read, in bytes.
pub const MAX_MANIFEST_BYTES: usize = 256 * 1024;
/// Largest shard that is fetched, in bytes.
pub const MAX_SHARD_BYTES: u64 = 8 * 1024 * 1024;
/// Most examples a data set may have; of a text, most characters.
pub const MAX_EXAMPLES: usize = 2_000_000;
/// Most tokens of a vocabulary.
pub const MAX_VOCABULARY: usize = 20_000;
/// The version of this format.
pub const FORMAT: u32 = 1;

/// What a folder below `data/` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// The data set's id: `mnist`.
    pub name: String,
    /// Shape of one example.
    pub shape: Shape,
    /// Names of the classes, in label order; none where no class is told.
    pub classes: Vec<String>,
    /// What each token stands for, in the order of their numbers; none where there are no tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vocabulary: Vec<String>,
    /// Of pairs, the same of what is answered; then `vocabulary` is that of what is read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target_vocabulary: Vec<String>,
    /// Shards of the training part, in order.
    pub train: Vec<Shard>,
    /// Shards of the test part, in order; none where it is cut from the end of the training part.
    pub test: Vec<Shard>,
    /// Whether these are the real data or generated in its place.
    pub source: Source,
    /// Terms of use, as the source states them.
    pub licence: String,
    /// Who made the set, and where it is described.
    pub citation: String,
}

/// Where the examples come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The published data set.
    Real,
    /// Made by the engine: points of a plane, or digits drawn from jittered strokes where the published set was out of reach.
    Generated,
}

/// One file of examples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// File name beside the manifest; contains its hash, so it can be cached for ever.
    pub file: String,
    /// Number of examples; of a series its values, of a text its tokens.
    pub count: usize,
    /// Size after unpacking, in bytes, where it does not follow from `count` and the shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpacked: Option<u64>,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// Reads a manifest and checks every bound before anything is allocated or fetched; the error is a sentence.
    pub fn parse(json: &str) -> Result<Manifest, String> {
        if json.len() > MAX_MANIFEST_BYTES {
            return Err(format!("it has {} bytes, and {MAX_MANIFEST_BYTES} is the most", json.len()));
        }
        let manifest: Manifest = serde_json::from_str(json).map_err(|err| err.to_string())?;
        if manifest.format != FORMAT {
            return Err(format!("it has format {}, and this page reads format {FORMAT}", manifest.format));
        }
        let shards = || manifest.train.iter().chain(&manifest.test);
        if manifest.train.is_empty() {
            return Err("it lists no shards".into());
        }
        if let Some(shard) =
            shards().find(|shard| shard.bytes > MAX_SHARD_BYTES || shard.count == 0 || shard.count > MAX_EXAMPLES)
        {
            return Err(format!("its shard {:?} is empty or too large", shard.file));
        }
        if let Some(shard) = shards().find(|shard| !is_plain_name(&shard.file) || !is_sha256(&shard.sha256)) {
            return Err(format!("its shard {:?} has an odd name or hash", shard.file));
        }
        if shards().map(|shard| shard.count).sum::<usize>() > MAX_EXAMPLES {
            return Err(format!("it has more than {MAX_EXAMPLES} examples"));
        }
        if manifest.shape.is_empty()
            || manifest.shape.len() > 64 * 64 * 3
            || manifest.classes.len() > 256
            || manifest.vocabulary.len() > MAX_VOCABULARY
            || manifest.target_vocabulary.len() > MAX_VOCABULARY
        {
            return Err("its shape, its classes or its vocabulary are out of bounds".into());
        }
        Ok(manifest)
    }

    /// Number of training examples (before the validation split is taken from them).
    pub fn n_train(&self) -> usize {
        self.train.iter().map(|shard| shard.count).sum()
    }

    /// Number of test examples.
    pub fn n_test(&self) -> usize {
        self.test.iter().map(|shard| shard.count).sum()
    }
}

/// A name that cannot leave its folder.
fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 80
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Manifest {
        let shard = |file: &str, count| Shard { file: file.into(), count, unpacked: None, bytes: 1000, sha256: "a".repeat(64) };
        Manifest {
            format: FORMAT,
            name: "mnist".into(),
            shape: Shape::Image { channels: 1, height: 28, width: 28 },
            classes: (0..10).map(|digit| digit.to_string()).collect(),
            vocabulary: Vec::new(),
            target_vocabulary: Vec::new(),
            train: vec![shard("train-0.shard", 6000), shard("train-1.shard", 6000)],
            test: vec![shard("test-0.shard", 5000)],
            source: Source::Real,
            licence: "CC BY-SA 3.0".into(),
            citation: "LeCun et al.".into(),
        }
    }

    #[test]
    fn a_good_manifest_is_read_and_counted() {
        let manifest = Manifest::parse(&serde_json::to_string(&sample()).unwrap()).unwrap();
        assert_eq!((manifest.n_train(), manifest.n_test()), (12_000, 5_000));
    }

    #[test]
    fn bad_manifests_are_refused() {
        let refused = |change: fn(&mut Manifest)| {
            let mut manifest = sample();
            change(&mut manifest);
            Manifest::parse(&serde_json::to_string(&manifest).unwrap()).is_err()
        };
        assert!(refused(|it| it.format = 2));
        assert!(refused(|it| it.train.clear()));
        assert!(refused(|it| it.train[0].file = "../secret".into()));
        assert!(refused(|it| it.train[0].file = ".hidden".into()));
        assert!(refused(|it| it.train[0].bytes = u64::MAX));
        assert!(refused(|it| it.train[0].count = usize::MAX / 2));
        assert!(refused(|it| it.vocabulary = vec![String::new(); MAX_VOCABULARY + 1]));
        assert!(refused(|it| it.test[0].sha256 = "zz".into()));
        assert!(refused(|it| it.shape = Shape::Image { channels: 1000, height: 1000, width: 1000 }));
        assert!(Manifest::parse("{").is_err());
        assert!(Manifest::parse(&" ".repeat(MAX_MANIFEST_BYTES + 1)).is_err());
    }
}
