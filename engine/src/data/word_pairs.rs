//! Words and their neighbours: the examples of skip-gram with negative sampling (Mikolov and others 2013).

use super::partition::Partition;
use super::points::Part;
use crate::rng::{Stream, Streams, below, uniform_f64};
use descent_spec::data::NEGATIVES;
use descent_spec::plant::{self, FAMILIES, FILLERS};
use descent_spec::{DataSpec, Shape};
use rand_chacha::ChaCha8Rng;

/// Sentences to learn and choose from, and half a tenth as many for the test.
const N_SENTENCES: [usize; 2] = [6_000, 600];
/// A word of share f stays in its sentence with probability `√(t / f)`; the paper's t, 1e-5, is for billions of words, of which none
/// of the 96 here would be left.
const SUBSAMPLE: f64 = 0.01;
/// What a count is raised to before words are drawn by it (Mikolov 2013).
const POWER: f64 = 0.75;

/// Pairs of a word and one that stands within the window, in the order of the text. The input of each is seven tokens: the word,
/// and, numbered behind all words, its neighbour and five words drawn from the seed.
#[derive(Debug, Clone)]
pub struct WordPairs {
    streams: Streams,
    part: u64,
    n_words: usize,
    /// Word and neighbour.
    pairs: Vec<[u16; 2]>,
    counts: Vec<u32>,
    /// Sums of counts to the power of 3/4, up to and with each word.
    weights: Vec<f64>,
    bounds: [usize; 2],
}

impl WordPairs {
    /// The pairs of a text: sentences of words' numbers, each below `n_words`.
    pub fn new(sentences: &[Vec<u16>], n_words: usize, window: usize, part: Part, seed: u32) -> WordPairs {
        let streams = Streams::new(seed);
        let part = part as u64;
        let mut counts = vec![0_u32; n_words];
        for &word in sentences.iter().flatten() {
            counts[usize::from(word)] += 1;
        }
        let total: f64 = counts.iter().copied().map(f64::from).sum();
        let keep: Vec<f64> = counts.iter().map(|&count| keep_share(f64::from(count) / total.max(1.0))).collect();
        let mut rng = streams.rng(Stream::Subsample, part);
        let mut pairs = Vec::new();
        for sentence in sentences {
            // The words that are left move together, as in the authors' program.
            let left: Vec<u16> =
                sentence.iter().copied().filter(|&word| uniform_f64(&mut rng) < keep[usize::from(word)]).collect();
            for (place, &word) in left.iter().enumerate() {
                let near = place.saturating_sub(window)..(place + window + 1).min(left.len());
                pairs.extend(near.filter(|&other| other != place).map(|other| [word, left[other]]));
            }
        }
        let weights = counts.iter().scan(0.0, |sum, &count| {
            *sum += f64::from(count).powf(POWER);
            Some(*sum)
        });
        let weights = weights.collect();
        WordPairs { streams, part, n_words, bounds: [0, pairs.len()], pairs, counts, weights }
    }

    /// Sentences of the planted words: for each a family, a pair and a side are drawn, all alike, and a pattern that puts words of
    /// the side and of the pair beside the word.
    pub fn planted(data: &DataSpec, part: Part, seed: u32) -> WordPairs {
        let mut rng = Streams::new(seed).rng(Stream::Corpus, part as u64);
        let n_sentences = N_SENTENCES[usize::from(part == Part::Test)];
        let sentences: Vec<Vec<u16>> = (0..n_sentences).map(|_| sentence(&mut rng)).collect();
        WordPairs::new(&sentences, plant::n_words(), data.window, part, seed)
    }

    /// How often each word stands in the text.
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// Train and validation in the order of the text: validation is its end, so that no sentence is in both but the one that is cut.
    pub fn partition(&self, validation_share: f64) -> Partition {
        let n_validation = (self.len() as f64 * validation_share).round() as usize;
        let cut = (self.len() - n_validation) as u32;
        Partition { train: (0..cut).collect(), validation: (cut..self.len() as u32).collect() }
    }

    /// Shape of one example.
    pub fn shape(&self) -> Shape {
        Shape::Tokens { steps: 2 + NEGATIVES, vocabulary: 2 * self.n_words, is_padded: false }
    }

    /// 0: no class is told.
    pub fn n_classes(&self) -> usize {
        0
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// All pairs are one shard.
    pub fn shard_bounds(&self) -> &[usize] {
        &self.bounds
    }

    /// They are there from the start.
    pub fn is_shard_loaded(&self, shard_idx: usize) -> bool {
        shard_idx == 0
    }

    /// Whether there is such a pair.
    pub fn is_loaded(&self, idx: usize) -> bool {
        idx < self.len()
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
            let [word, neighbour] = self.pairs.get(idx as usize).copied().unwrap_or_default();
            inputs.extend([f32::from(word), as_neighbour(usize::from(neighbour))]);
            inputs.extend(self.negatives(idx, neighbour).map(as_neighbour));
        }
    }

    /// The words drawn for an example: a function of seed and example, so that a place in an epoch is enough to go on. The true
    /// neighbour is drawn again, as in the authors' program.
    fn negatives(&self, idx: u32, neighbour: u16) -> [usize; NEGATIVES] {
        let mut rng = self.streams.rng(Stream::Negatives, self.part << 32 | u64::from(idx));
        std::array::from_fn(|_| {
            let drawn = self.draw(&mut rng);
            if drawn != usize::from(neighbour) {
                return drawn;
            }
            // A text of one word has nothing else to draw.
            (0..100).map(|_| self.draw(&mut rng)).find(|&again| again != usize::from(neighbour)).unwrap_or(drawn)
        })
    }

    /// A word, with a probability that goes with its count to the power of 3/4.
    fn draw(&self, rng: &mut ChaCha8Rng) -> usize {
        let at = uniform_f64(rng) * self.weights.last().copied().unwrap_or_default();
        self.weights.partition_point(|&sum| sum <= at).min(self.n_words.saturating_sub(1))
    }
}

/// How probable it is that a word of this share of the text stays, `min(1, √(t / f))`.
fn keep_share(share: f64) -> f64 {
    if share > SUBSAMPLE { (SUBSAMPLE / share).sqrt() } else { 1.0 }
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

    /// By hand: of a b c with a window of 1 come ab, ba, bc, cb. Fifty more of each word keep every share at a third, so some words
    /// are left out; a hundred different words of one each are all kept.
    #[test]
    fn pairs_are_neighbours_within_the_window() {
        let sentences: Vec<Vec<u16>> = (0..50).map(|nth| vec![2 * nth, 2 * nth + 1]).chain([vec![100, 101, 102, 103]]).collect();
        let pairs = |window| WordPairs::new(&sentences, 104, window, Part::Pool, 1);
        assert_eq!(pairs(1).len(), 2 * 50 + 6);
        assert_eq!(pairs(2).len(), 2 * 50 + 10);
        assert_eq!(&pairs(1).pairs[100..], [[100, 101], [101, 100], [101, 102], [102, 101], [102, 103], [103, 102]]);
    }

    /// Against the formula: counts 1, 16 and 81 to the power of 3/4 are 1, 8 and 27. Of 5 · 20,000 draws the standard deviation of a
    /// share is at most 0.0016.
    #[test]
    fn words_are_drawn_by_their_counts_to_three_quarters() {
        let sentence: Vec<u16> = [vec![0; 1], vec![1; 16], vec![2; 81]].concat();
        let pairs = WordPairs::new(&[sentence], 3, 2, Part::Pool, 7);
        assert_eq!(pairs.counts(), [1, 16, 81]);
        let mut drawn = [0_u32; 3];
        let mut rng = Streams::new(3).rng(Stream::Negatives, 0);
        for _ in 0..100_000 {
            drawn[pairs.draw(&mut rng)] += 1;
        }
        for (count, share) in drawn.into_iter().zip([1.0 / 36.0, 8.0 / 36.0, 27.0 / 36.0]) {
            assert!((f64::from(count) / 1e5 - share).abs() < 0.007, "{drawn:?}");
        }
        // The true neighbour is never among those drawn beside it.
        assert!((0..200).all(|idx| !pairs.negatives(idx, 2).contains(&2)));
    }

    /// √(0.01 / f): a word of share 1/4 stays in a fifth of its places, one of 1 % in all.
    #[test]
    fn frequent_words_are_thinned_out() {
        assert!((keep_share(0.25) - 0.2).abs() < 1e-12);
        assert_eq!((keep_share(0.01), keep_share(0.001)), (1.0, 1.0));
    }

    #[test]
    fn seed_and_example_decide_and_nothing_else() {
        let (one, again, other) = (planted(3, 1), planted(3, 1), planted(3, 2));
        assert_eq!(one.pairs, again.pairs);
        assert_ne!(one.pairs, other.pairs);
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
        let pairs = planted(3, 1);
        let together = |one: &str, other: &str| {
            let sought = [one, other].map(|word| plant::id(word) as u16);
            pairs.pairs.iter().filter(|pair| **pair == sought).count()
        };
        assert!(together("paris", "mayor") > 20 && together("france", "army") > 20);
        assert!(together("paris", "wine") > 20 && together("france", "wine") > 20);
        assert_eq!([together("paris", "army"), together("france", "mayor"), together("rome", "wine")], [0, 0, 0]);
    }
}
