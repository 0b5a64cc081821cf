//! Examples: how they arrive, how they are split, and in which order a run sees them.

mod bags;
mod baselines;
mod dates;
mod examples;
mod order;
mod pairs;
mod partition;
pub mod points;
mod pool;
mod reviews;
pub mod series;
pub mod shard;
mod stretch;
pub mod strokes;
mod text;
pub mod word_pairs;

pub use bags::{Bags, LogisticFit};
pub use baselines::{Linear, last_value, moving_average};
pub use examples::Examples;
pub use order::epoch_order;
pub use pairs::Pairs;
pub use partition::Partition;
pub use points::Points;
pub use pool::Pool;
pub use reviews::Reviews;
pub use series::{Series, Windows};
pub use shard::ShardError;
pub use text::TextWindows;
pub use word_pairs::WordPairs;

use descent_spec::glove::Glove;
use descent_spec::manifest::{Manifest, Source};
use descent_spec::words::SPECIAL;
use descent_spec::{DataSet, DataSpec, Kind, Shape, plant};
use std::collections::HashMap;
use std::sync::Arc;

/// Everything a session learns and is tested on. Bytes may still be missing: [`Examples::is_loaded`] tells.
#[derive(Debug, Clone)]
pub struct LabData {
    /// The training part; train and validation are drawn from it by [`Partition`].
    pub train_pool: Pool,
    /// The test part.
    pub test: Pool,
    /// Real, or generated in its place.
    pub source: Source,
    /// Terms of use.
    pub licence: String,
    /// Whom to cite.
    pub citation: String,
    /// What each token stands for, in the order of their numbers; none where there are no tokens.
    pub vocabulary: Vec<String>,
    /// Of pairs, the same of what is answered.
    pub target_vocabulary: Vec<String>,
    /// GloVe's vectors, for experiments that start from them.
    pub glove: Option<Arc<Glove>>,
}

impl LabData {
    /// What a manifest announces of a set, with no bytes yet; the seed is for what is drawn from them.
    pub fn announced(manifest: &Manifest, data: &DataSpec, seed: u32) -> LabData {
        let counts = |shards: &[descent_spec::manifest::Shard]| shards.iter().map(|shard| shard.count).collect::<Vec<_>>();
        let (train, test) = (counts(&manifest.train), counts(&manifest.test));
        let n_classes = manifest.classes.len();
        let shape = data.facts().shape;
        let vocabulary = match shape {
            Shape::Tokens { vocabulary, .. } => vocabulary,
            _ => 0,
        };
        let (train_pool, test) = match data.set.kind() {
            Kind::Pictures | Kind::Plane => {
                let pictures = |counts: &[usize]| Pool::from(Examples::empty(manifest.shape, n_classes, counts));
                (pictures(&train), pictures(&test))
            }
            Kind::Series => {
                let (pool, test) = Windows::announced(train.iter().sum(), data);
                (Pool::Series(pool), Pool::Series(test))
            }
            Kind::Text => {
                let (pool, test) = TextWindows::announced(train.iter().sum(), vocabulary, data);
                (Pool::Text(pool), Pool::Text(test))
            }
            Kind::Words => {
                let words = |part, counts: &[usize]| Pool::Words(WordPairs::announced(counts, data, part, seed));
                (words(points::Part::Pool, &train), words(points::Part::Test, &test))
            }
            Kind::Reviews => {
                let texts = |counts: &[usize]| Pool::Reviews(Reviews::empty(data.window, vocabulary, n_classes, counts));
                (texts(&train), texts(&test))
            }
            Kind::Pairs => {
                let pairs = |counts: &[usize]| Pool::Pairs(Pairs::empty(shape, counts));
                (pairs(&train), pairs(&test))
            }
        };
        LabData {
            train_pool,
            test,
            source: manifest.source,
            licence: manifest.licence.clone(),
            citation: manifest.citation.clone(),
            vocabulary: match data.set.kind() {
                Kind::Words => words_of(&manifest.vocabulary, data.set.n_words()),
                _ => manifest.vocabulary.clone(),
            },
            target_vocabulary: manifest.target_vocabulary.clone(),
            glove: None,
        }
    }

    /// The data of a set that is never loaded: points of a plane or a random walk, drawn from the seed, or what the visitor brought.
    pub fn drawn(data: &DataSpec, seed: u32) -> LabData {
        // Any series will do where time is measured, so all series are walks here.
        match data.set {
            DataSet::OwnSeries => LabData::of_series(data, Series::own(&data.own_series), ("Your series.", "Brought by you.")),
            set if set.kind() == Kind::Series => {
                let citation = "Sums of independent normal steps, drawn by this page from the seed.";
                LabData::of_series(data, Series::random_walk(seed), ("Drawn by this page: free to use.", citation))
            }
            set if set.kind() == Kind::Text => LabData::own_text(data),
            // Any pairs will do where time is measured, so all pairs are dates here.
            set if set.kind() == Kind::Pairs => LabData::dates(seed),
            // Of words that are loaded, noise of their number will do.
            DataSet::ReviewWords => LabData::noise_words(data, seed),
            set if set.kind() == Kind::Words => LabData::planted_words(data, seed),
            _ => LabData::points(data, seed),
        }
    }

    /// Dates drawn from the seed, all of them.
    fn dates(seed: u32) -> LabData {
        let shape = descent_spec::pairs::shape_of(DataSet::Dates);
        let mut pool = dates::draw(seed);
        let test = pool.split_off(dates::N_POOL);
        let [vocabulary, target_vocabulary] = descent_spec::pairs::date_vocabularies();
        LabData {
            train_pool: Pool::Pairs(Pairs::of(shape, &pool)),
            test: Pool::Pairs(Pairs::of(shape, &test)),
            source: Source::Generated,
            licence: "Drawn by this page: free to use.".into(),
            citation: "Days from 1950 to 2049, each written in one of twelve ways, drawn by this page from the seed.".into(),
            vocabulary,
            target_vocabulary,
            glove: None,
        }
    }

    /// Words in sentences drawn from the seed.
    fn planted_words(data: &DataSpec, seed: u32) -> LabData {
        LabData {
            train_pool: Pool::Words(WordPairs::planted(data, points::Part::Pool, seed)),
            test: Pool::Words(WordPairs::planted(data, points::Part::Test, seed)),
            source: Source::Generated,
            licence: "Drawn by this page: free to use.".into(),
            citation: "Sentences of 96 words, drawn by this page from the seed by a small grammar.".into(),
            vocabulary: plant::words().map(str::to_owned).collect(),
            target_vocabulary: Vec::new(),
            glove: None,
        }
    }

    /// As many words as the set has, in sentences of noise.
    fn noise_words(data: &DataSpec, seed: u32) -> LabData {
        let (citation, vocabulary) = (String::new(), (0..data.set.n_words()).map(|word| format!("word{word}")).collect());
        LabData {
            train_pool: Pool::Words(WordPairs::noise(data, points::Part::Pool, seed)),
            test: Pool::Words(WordPairs::noise(data, points::Part::Test, seed)),
            source: Source::Generated,
            licence: "Drawn by this page: free to use.".into(),
            citation,
            vocabulary,
            target_vocabulary: Vec::new(),
            glove: None,
        }
    }

    /// The visitor's text, all of it.
    fn own_text(data: &DataSpec) -> LabData {
        let alphabet = data.text.alphabet();
        let tokens = Arc::new(data.text.tokens());
        let (mut pool, mut test) = TextWindows::announced(tokens.len(), alphabet.len(), data);
        for part in [&mut pool, &mut test] {
            let inserted = part.insert(&tokens);
            debug_assert!(inserted.is_ok(), "each character is in its own alphabet: {inserted:?}");
        }
        LabData {
            train_pool: Pool::Text(pool),
            test: Pool::Text(test),
            source: Source::Generated,
            licence: "Your text.".into(),
            citation: "Brought by you; it stays in this browser.".into(),
            vocabulary: alphabet.iter().map(char::to_string).collect(),
            target_vocabulary: Vec::new(),
            glove: None,
        }
    }

    fn of_series(data: &DataSpec, series: Series, (licence, citation): (&str, &str)) -> LabData {
        let (pool, test) = Windows::announced(series.values.len(), data);
        let mut made = LabData {
            train_pool: Pool::Series(pool),
            test: Pool::Series(test),
            source: Source::Generated,
            licence: licence.into(),
            citation: citation.into(),
            vocabulary: Vec::new(),
            target_vocabulary: Vec::new(),
            glove: None,
        };
        let inserted = made.insert_series(series);
        debug_assert!(inserted.is_ok(), "the series has the length that was announced: {inserted:?}");
        made
    }

    /// GloVe's vectors of the words of the vocabulary, each with the number of its token; none for words that it lacks.
    pub fn known_vectors(&self) -> Vec<(usize, &[f32])> {
        let Some(glove) = &self.glove else { return Vec::new() };
        let rows: HashMap<&str, usize> = glove.words.iter().map(String::as_str).zip(0..).collect();
        let known = |(token, word): (usize, &String)| Some((token, glove.row(*rows.get(word.as_str())?)));
        self.vocabulary.iter().enumerate().filter_map(known).collect()
    }

    /// Puts a shard of the training part in place; of a series and of a text it holds the test part, too.
    ///
    /// # Errors
    /// Why it was refused; nothing changes then.
    pub fn insert_train(&mut self, shard_idx: usize, bytes: impl Into<Vec<u8>>) -> Result<(), ShardError> {
        let n_shards = self.train_pool.shard_bounds().len() - 1;
        match (&mut self.train_pool, &mut self.test) {
            (Pool::Series(_) | Pool::Text(_), _) if shard_idx >= n_shards => Err(ShardError::NoSuchShard { shard_idx, n_shards }),
            (Pool::Series(_), _) => self.insert_series(Series::parse(&bytes.into())?),
            (Pool::Text(pool), Pool::Text(test)) => {
                let tokens = Arc::new(bytes.into());
                pool.insert(&tokens)?;
                test.insert(&tokens)
            }
            (pool, _) => insert(pool, shard_idx, bytes.into()),
        }
    }

    /// Puts a shard of the test part in place.
    ///
    /// # Errors
    /// Why it was refused; nothing changes then.
    pub fn insert_test(&mut self, shard_idx: usize, bytes: impl Into<Vec<u8>>) -> Result<(), ShardError> {
        insert(&mut self.test, shard_idx, bytes.into())
    }

    fn insert_series(&mut self, series: Series) -> Result<(), ShardError> {
        let series = Arc::new(series);
        for pool in [&mut self.train_pool, &mut self.test] {
            if let Pool::Series(windows) = pool {
                windows.insert(&series)?;
            }
        }
        Ok(())
    }

    /// The points of a planar set, all of them: drawn from the seed, or the visitor's.
    pub fn points(data: &DataSpec, seed: u32) -> LabData {
        let is_own = data.set == DataSet::Own;
        LabData {
            train_pool: Points::new(data, points::Part::Pool, seed).into(),
            test: Points::new(data, points::Part::Test, seed).into(),
            source: Source::Generated,
            licence: if is_own { "Your points." } else { "Drawn by this page: free to use." }.into(),
            citation: if is_own { "Set by you." } else { "Drawn by this page from the seed." }.into(),
            vocabulary: Vec::new(),
            target_vocabulary: Vec::new(),
            glove: None,
        }
    }

    /// Room for digits drawn by [`strokes`], to be filled shard by shard with [`strokes::shard`].
    pub fn generated_empty() -> LabData {
        let room = |n_shards| Pool::from(Examples::empty(strokes::SHAPE, 10, &vec![strokes::SHARD_COUNT; n_shards]));
        LabData {
            train_pool: room(strokes::N_TRAIN_SHARDS),
            test: room(strokes::N_TEST_SHARDS),
            source: Source::Generated,
            licence: "Drawn by this page: free to use.".into(),
            citation: "Digits drawn by this page from jittered strokes, in place of MNIST.".into(),
            vocabulary: Vec::new(),
            target_vocabulary: Vec::new(),
            glove: None,
        }
    }

    /// Digits drawn by [`strokes`], all of them: 10,000 for training, 2,000 for testing.
    pub fn generated(seed: u32) -> LabData {
        let mut data = LabData::generated_empty();
        for idx in 0..strokes::N_TRAIN_SHARDS + strokes::N_TEST_SHARDS {
            data.insert_generated(seed, idx);
        }
        data
    }

    /// Draws the `idx`-th generated shard, training shards first, and puts it in place.
    pub fn insert_generated(&mut self, seed: u32, idx: usize) {
        let bytes = strokes::shard(seed, idx);
        let inserted = match idx.checked_sub(strokes::N_TRAIN_SHARDS) {
            None => self.insert_train(idx, bytes),
            Some(test_idx) => self.insert_test(test_idx, bytes),
        };
        debug_assert!(inserted.is_ok(), "the generator keeps to the format: {inserted:?}");
    }
}

/// The words of a vocabulary that get vectors: the first so many behind those tokens that stand for no word.
fn words_of(vocabulary: &[String], n_words: usize) -> Vec<String> {
    vocabulary.iter().skip(SPECIAL.len()).take(n_words).cloned().collect()
}

/// Puts a shard that holds one part in place.
fn insert(pool: &mut Pool, shard_idx: usize, bytes: Vec<u8>) -> Result<(), ShardError> {
    match pool {
        Pool::Pictures(examples) => examples.insert_shard(shard_idx, bytes),
        Pool::Reviews(reviews) => reviews.insert_shard(shard_idx, &bytes),
        Pool::Pairs(pairs) => pairs.insert_shard(shard_idx, &bytes),
        Pool::Words(words) => words.insert_shard(shard_idx, &bytes),
        Pool::Points(_) | Pool::Series(_) | Pool::Text(_) => Err(ShardError::NoSuchShard { shard_idx, n_shards: 0 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_data_are_whole_and_repeat() {
        let data = LabData::generated(1);
        assert_eq!((data.train_pool.len(), data.test.len()), (10_000, 2_000));
        assert!((0..data.train_pool.len()).all(|idx| data.train_pool.is_loaded(idx)));
        assert!((0..data.test.len()).all(|idx| data.test.is_loaded(idx)));
        assert_eq!(data.source, Source::Generated);
        let mut again = LabData::generated_empty();
        again.insert_generated(1, 8);
        let pixels = |data: &LabData| data.train_pool.pictures().unwrap().pixels(1600).to_vec();
        assert_eq!(pixels(&again), pixels(&data));
        assert_eq!(again.train_pool.class(1600), data.train_pool.class(1600));
    }

    #[test]
    fn no_test_digit_is_a_training_digit() {
        let data = LabData::generated(1);
        let (train, test) = (data.train_pool.pictures().unwrap(), data.test.pictures().unwrap());
        let known: std::collections::HashSet<_> = (0..train.len()).map(|idx| train.pixels(idx)).collect();
        assert!((0..test.len()).all(|idx| !known.contains(test.pixels(idx))));
    }
}
