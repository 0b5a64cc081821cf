//! Words and their neighbours: the examples of skip-gram with negative sampling (Mikolov and others 2013).

use super::partition::Partition;
use super::points::Part;
use super::reviews::Texts;
use super::shard::ShardError;
use super::stretch::Stretch;
use crate::rng::{Stream, Streams, below, uniform_f64};
use descent_spec::data::{IMDB_VOCABULARY, NEGATIVES, PAIRS_PER_REVIEW};
use descent_spec::plant::{self, FAMILIES, FILLERS};
use descent_spec::words::SPECIAL;
use descent_spec::{DataSpec, Shape};
use rand_chacha::ChaCha8Rng;

/// Sentences to learn and choose from, and half a tenth as many for the test.
const N_SENTENCES: [usize; 2] = [6_000, 600];
/// A word of share f stays in its sentence with probability `√(t / f)`; the paper's t, 1e-5, is for billions of words, of which none
/// of the 96 here would be left.
const SUBSAMPLE: f64 = 0.01;
/// The same for reviews, a million words: of 3,000 words the 1,178 commonest are thinned out, "the" to 4 %, and a third of all places
/// is left. With the paper's 1e-5 every word would be thinned, the rarest to 58 % of its 27 places.
const SUBSAMPLE_REVIEWS: f64 = 1e-4;
/// Sentences of noise, and words in each.
const NOISE: (usize, usize) = (400, 40);

/// Pairs of a word and one that stands within the window, in the order of the text. The input of each is seven tokens: the word,
/// and, numbered behind all words, its neighbour and five words drawn from the seed.
///
/// A text comes in stretches, each of which has its examples for itself: how many is known before it is there, and which they are
/// depends on nothing but the seed and the stretch.
#[derive(Debug, Clone)]
pub struct WordPairs {
    streams: Streams,
    part: u64,
    n_words: usize,
    window: usize,
    bounds: Vec<usize>,
    stretches: Vec<Option<Stretch>>,
}

impl WordPairs {
    /// The pairs of a text that is all there: sentences of words' numbers, each below `n_words`.
    pub fn new(sentences: &[Vec<u16>], n_words: usize, window: usize, part: Part, seed: u32) -> WordPairs {
        let streams = Streams::new(seed);
        let part = part as u64;
        let stretch = Stretch::new(sentences, n_words, window, SUBSAMPLE, &mut streams.rng(Stream::Subsample, part));
        WordPairs { streams, part, n_words, window, bounds: vec![0, stretch.pairs.len()], stretches: vec![Some(stretch)] }
    }

    /// Sentences of the planted words: for each a family, a pair and a side are drawn, all alike, and a pattern that puts words of
    /// the side and of the pair beside the word.
    pub fn planted(data: &DataSpec, part: Part, seed: u32) -> WordPairs {
        let mut rng = Streams::new(seed).rng(Stream::Corpus, part as u64);
        let n_sentences = N_SENTENCES[usize::from(part == Part::Test)];
        let sentences: Vec<Vec<u16>> = (0..n_sentences).map(|_| sentence(&mut rng)).collect();
        WordPairs::new(&sentences, plant::n_words(), data.window, part, seed)
    }

    /// Sentences of noise, in which small numbers are frequent as common words are: something to time steps on.
    pub fn noise(data: &DataSpec, part: Part, seed: u32) -> WordPairs {
        let mut rng = Streams::new(seed).rng(Stream::Race, 1 + part as u64);
        let n_words = data.set.n_words();
        let mut word = || ((n_words as f64).powf(uniform_f64(&mut rng)) as usize - 1) as u16;
        let sentences: Vec<Vec<u16>> = (0..NOISE.0).map(|_| (0..NOISE.1).map(|_| word()).collect()).collect();
        WordPairs::new(&sentences, n_words, data.window, part, seed)
    }

    /// Room for the pairs of reviews in shards of so many.
    pub fn announced(n_reviews: &[usize], data: &DataSpec, part: Part, seed: u32) -> WordPairs {
        let mut bounds = vec![0];
        bounds.extend(n_reviews.iter().scan(0, |end, count| {
            *end += count * PAIRS_PER_REVIEW;
            Some(*end)
        }));
        WordPairs {
            streams: Streams::new(seed),
            part: part as u64,
            n_words: data.set.n_words(),
            window: data.window,
            bounds,
            stretches: vec![None; n_reviews.len()],
        }
    }

    /// A shard of reviews has come: each is a sentence of the words that get vectors, and what is none of those is left out before
    /// neighbours are counted, as the authors' program does with rare words.
    ///
    /// # Errors
    /// Why it was refused; nothing changes then.
    pub fn insert_shard(&mut self, shard_idx: usize, bytes: &[u8]) -> Result<(), ShardError> {
        let n_shards = self.stretches.len();
        let Some(place) = self.stretches.get_mut(shard_idx) else {
            return Err(ShardError::NoSuchShard { shard_idx, n_shards });
        };
        let n_pairs = self.bounds[shard_idx + 1] - self.bounds[shard_idx];
        let texts = Texts::parse(bytes, n_pairs / PAIRS_PER_REVIEW, IMDB_VOCABULARY, 2)?;
        let known = SPECIAL.len()..SPECIAL.len() + self.n_words;
        let word = |&token: &u16| known.contains(&usize::from(token)).then(|| token - known.start as u16);
        let sentences: Vec<Vec<u16>> = texts.iter().map(|tokens| tokens.iter().filter_map(word).collect()).collect();
        let mut rng = self.streams.rng(Stream::Subsample, (shard_idx as u64) << 32 | self.part);
        let stretch = Stretch::new(&sentences, self.n_words, self.window, SUBSAMPLE_REVIEWS, &mut rng).with(n_pairs);
        *place = Some(stretch.ok_or_else(|| ShardError::Content("no two of its words stand near each other".into()))?);
        Ok(())
    }

    /// How often each word stands in the text, as far as it is there.
    pub fn counts(&self) -> Vec<u32> {
        let of = |word: usize| self.stretches.iter().flatten().map(|stretch| stretch.counts[word]).sum();
        (0..self.n_words).map(of).collect()
    }

    /// Train and validation in the order of the text: validation is the end of each stretch, so that no sentence is in both but the
    /// one that is cut.
    pub fn partition(&self, validation_share: f64) -> Partition {
        let (mut train, mut validation) = (Vec::new(), Vec::new());
        for bounds in self.bounds.windows(2) {
            let [from, to] = [bounds[0] as u32, bounds[1] as u32];
            let cut = to - (f64::from(to - from) * validation_share).round() as u32;
            train.extend(from..cut);
            validation.extend(cut..to);
        }
        Partition { train, validation }
    }

    /// Shape of one example.
    pub fn shape(&self) -> Shape {
        Shape::Tokens { steps: 2 + NEGATIVES, vocabulary: 2 * self.n_words, is_padded: false }
    }

    /// 0: no class is told.
    pub fn n_classes(&self) -> usize {
        0
    }

    /// Number of examples, loaded or not.
    pub fn len(&self) -> usize {
        self.bounds[self.stretches.len()]
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Index of the first example of each stretch, and behind them [`len`](Self::len).
    pub fn shard_bounds(&self) -> &[usize] {
        &self.bounds
    }

    /// Whether this stretch is there.
    pub fn is_shard_loaded(&self, shard_idx: usize) -> bool {
        self.stretches.get(shard_idx).is_some_and(Option::is_some)
    }

    /// Whether the example's stretch is there.
    pub fn is_loaded(&self, idx: usize) -> bool {
        self.find(idx).is_some()
    }

    /// 0: of the words compared, the first is the true neighbour.
    pub fn target(&self, _idx: usize) -> f32 {
        0.0
    }

    /// Replaces the buffer's contents with examples, `[batch, 2 + negatives]`.
    pub fn fill_inputs(&self, indices: &[u32], inputs: &mut Vec<f32>) {
        inputs.clear();
        let as_neighbour = |word: usize| (self.n_words + word) as f32;
        for &idx in indices {
            let Some((stretch, [word, neighbour])) = self.find(idx as usize) else {
                inputs.resize(inputs.len() + 2 + NEGATIVES, 0.0);
                continue;
            };
            // A function of seed and example, so that a place in an epoch is enough to go on.
            let mut rng = self.streams.rng(Stream::Negatives, self.part << 32 | u64::from(idx));
            inputs.extend([f32::from(word), as_neighbour(usize::from(neighbour))]);
            inputs.extend(stretch.negatives(neighbour, &mut rng).map(as_neighbour));
        }
    }

    /// An example's stretch and its pair; none while it is missing.
    fn find(&self, idx: usize) -> Option<(&Stretch, [u16; 2])> {
        let shard_idx = self.bounds.partition_point(|&bound| bound <= idx).checked_sub(1)?;
        let stretch = self.stretches.get(shard_idx)?.as_ref()?;
        Some((stretch, *stretch.pairs.get(idx - self.bounds[shard_idx])?))
    }
}

/// One sentence.
fn sentence(rng: &mut ChaCha8Rng) -> Vec<u16> {
    let one_of = |rng: &mut ChaCha8Rng, n: usize| below(rng, n as u32) as usize;
    let family = &FAMILIES[one_of(rng, FAMILIES.len())];
    let pair = &family.pairs[one_of(rng, family.pairs.len())];
    let side = one_of(rng, 2);
    let word = pair.words[side];
    let beside = family.sides[side][one_of(rng, 3)];
    let own = pair.own[one_of(rng, 2)];
    let [one, other] = [0, 1].map(|_| FILLERS[one_of(rng, FILLERS.len())]);
    let spelled = match one_of(rng, 3) {
        0 => vec![one, beside, word, other, own],
        1 => vec![one, own, other, word, beside],
        _ => vec![beside, one, word, own],
    };
    spelled.into_iter().map(|word| plant::id(word) as u16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::DataSet;

    fn planted(window: usize, seed: u32) -> WordPairs {
        WordPairs::planted(&DataSpec { window, ..DataSpec::for_set(DataSet::PlantedWords) }, Part::Pool, seed)
    }

    fn pairs_of(words: &WordPairs) -> Vec<[u16; 2]> {
        words.stretches.iter().flatten().flat_map(|stretch| stretch.pairs.clone()).collect()
    }

    #[test]
    fn seed_and_example_decide_and_nothing_else() {
        let (one, again, other) = (planted(3, 1), planted(3, 1), planted(3, 2));
        assert_eq!(pairs_of(&one), pairs_of(&again));
        assert_ne!(pairs_of(&one), pairs_of(&other));
        let rows = |pairs: &WordPairs, indices: &[u32]| {
            let mut inputs = Vec::new();
            pairs.fill_inputs(indices, &mut inputs);
            inputs
        };
        let (together, alone) = (rows(&one, &[5, 9]), rows(&again, &[9]));
        assert_eq!(together[7..], alone[..]);
        assert!(together[0] < 96.0 && together[1..7].iter().all(|&token| (96.0..192.0).contains(&token)));
        assert!(planted(5, 1).len() > one.len());
        let Partition { train, validation } = one.partition(0.1);
        assert_eq!((train.len() + validation.len(), validation[0]), (one.len(), train.len() as u32));
    }

    /// What is planted is in the sentences: a capital stands beside mayors and never beside an army, and its country the other way.
    #[test]
    fn sides_and_pairs_have_their_own_neighbours() {
        let pairs = pairs_of(&planted(3, 1));
        let together = |one: &str, other: &str| {
            let sought = [one, other].map(|word| plant::id(word) as u16);
            pairs.iter().filter(|pair| **pair == sought).count()
        };
        assert!(together("paris", "mayor") > 20 && together("france", "army") > 20);
        assert!(together("paris", "wine") > 20 && together("france", "wine") > 20);
        assert_eq!([together("paris", "army"), together("france", "mayor"), together("rome", "wine")], [0, 0, 0]);
    }

    /// A shard of reviews: labels, lengths, tokens.
    fn shard_of(reviews: &[Vec<u16>]) -> Vec<u8> {
        let lengths = reviews.iter().map(|tokens| tokens.len() as u16);
        let tokens = reviews.iter().flatten().copied();
        reviews.iter().map(|_| 1).chain(lengths.chain(tokens).flat_map(u16::to_le_bytes)).collect()
    }

    /// By hand: tokens 2, 3, 4 and 5 are words 0 to 3; 0, 1 and 4,000 are none, so that 2 and 5 stand side by side. Of so few words a
    /// fiftieth is left, √(1e-4 / 0.25), so there are many reviews.
    #[test]
    fn reviews_are_sentences_of_the_words_that_get_vectors() {
        let data = DataSpec { window: 1, ..DataSpec::for_set(DataSet::ReviewWords) };
        let mut words = WordPairs::announced(&[2_000, 1], &data, Part::Pool, 1);
        assert_eq!((words.len(), words.is_loaded(0)), (2_001 * PAIRS_PER_REVIEW, false));
        let review =
            |nth: usize| if nth.is_multiple_of(2) { [[2, 1, 4_000, 5]; 60].concat() } else { [[3, 0, 4, 1]; 60].concat() };
        words.insert_shard(0, &shard_of(&(0..2_000).map(review).collect::<Vec<_>>())).unwrap();
        assert_eq!(words.counts()[..5], [60_000, 60_000, 60_000, 60_000, 0]);
        assert!(words.is_loaded(1_000 * PAIRS_PER_REVIEW) && !words.is_loaded(2_000 * PAIRS_PER_REVIEW));
        let pairs = pairs_of(&words);
        assert_eq!(pairs.len(), 2_000 * PAIRS_PER_REVIEW);
        // Word 0 stands beside itself and word 3, words 1 and 2 beside each other: no pair is of two reviews.
        assert!(pairs.iter().all(|[word, neighbour]| [0, 3].contains(word) == [0, 3].contains(neighbour)));
        assert!(pairs.contains(&[0, 3]) && pairs.contains(&[2, 1]));
        // One review of one word has no pair; a token outside the vocabulary and another length are refused.
        assert!(words.insert_shard(1, &shard_of(&[vec![2]])).unwrap_err().to_string().contains("near each other"));
        assert!(words.insert_shard(1, &shard_of(&[vec![2, 5_000]])).is_err());
        assert!(words.insert_shard(1, &[1, 2, 0]).is_err() && words.insert_shard(2, &[]).is_err());
        assert!(!words.is_shard_loaded(1));
    }

    /// What a stretch holds is the same whichever came first, and its end is held out.
    #[test]
    fn the_order_of_arrival_decides_nothing() {
        let data = DataSpec::for_set(DataSet::ReviewWords);
        let shard = |first: u16| {
            shard_of(&(0..20).map(|nth| (0..300).map(|at| first + (7 * nth + at) % 150).collect()).collect::<Vec<_>>())
        };
        let room = || WordPairs::announced(&[20, 20], &data, Part::Pool, 4);
        let (mut one, mut other) = (room(), room());
        for shard_idx in [0, 1] {
            one.insert_shard(shard_idx, &shard(2 + 200 * shard_idx as u16)).unwrap();
            other.insert_shard(1 - shard_idx, &shard(2 + 200 * (1 - shard_idx) as u16)).unwrap();
        }
        let rows = |words: &WordPairs| {
            let mut inputs = Vec::new();
            words.fill_inputs(&(0..20_000).collect::<Vec<_>>(), &mut inputs);
            inputs
        };
        assert_eq!(rows(&one), rows(&other));
        // By hand: of twice 10,000 examples a tenth of each.
        let Partition { train, validation } = one.partition(0.1);
        assert_eq!((train.len(), validation.len(), validation[0], train[9_000]), (18_000, 2_000, 9_000, 10_000));
    }
}
