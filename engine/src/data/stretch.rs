//! A stretch of text that is there as a whole: its pairs of neighbours, and what is drawn beside them (Mikolov and others 2013).

use crate::rng::uniform_f64;
use descent_spec::data::NEGATIVES;
use rand_chacha::ChaCha8Rng;

/// What a count is raised to before words are drawn by it (Mikolov 2013).
const POWER: f64 = 0.75;

/// Pairs of a word and one that stands within the window, in the order of the text, and the words' counts. All that is counted is
/// counted in the stretch alone, so that no pair depends on what has not come.
#[derive(Debug, Clone)]
pub(super) struct Stretch {
    /// Word and neighbour.
    pub(super) pairs: Vec<[u16; 2]>,
    /// How often each word stands here.
    pub(super) counts: Vec<u32>,
    /// Sums of counts to the power of 3/4, up to and with each word.
    weights: Vec<f64>,
}

impl Stretch {
    /// The pairs of sentences of words' numbers, each below `n_words`. Words of a share above the threshold are thinned out.
    pub(super) fn new(sentences: &[Vec<u16>], n_words: usize, window: usize, threshold: f64, rng: &mut ChaCha8Rng) -> Stretch {
        let mut counts = vec![0_u32; n_words];
        for &word in sentences.iter().flatten() {
            counts[usize::from(word)] += 1;
        }
        let total: f64 = counts.iter().copied().map(f64::from).sum();
        let keep: Vec<f64> = counts.iter().map(|&count| keep_share(f64::from(count) / total.max(1.0), threshold)).collect();
        let mut pairs = Vec::new();
        for sentence in sentences {
            // The words that are left move together, as in the authors' program.
            let left: Vec<u16> = sentence.iter().copied().filter(|&word| uniform_f64(rng) < keep[usize::from(word)]).collect();
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
        Stretch { pairs, counts, weights }
    }

    /// The same with so many pairs, evenly taken from all: fewer, or some of them more than once. None where there is no pair.
    pub(super) fn with(mut self, n_pairs: usize) -> Option<Stretch> {
        let n = self.pairs.len();
        if n == 0 {
            return None;
        }
        // The product of two millions is more than a browser's `usize` holds.
        let place = |idx: usize| (idx as u64 * n as u64 / n_pairs as u64) as usize;
        self.pairs = (0..n_pairs).map(|idx| self.pairs[place(idx)]).collect();
        Some(self)
    }

    /// Words drawn beside a true neighbour. The neighbour itself is drawn again, as in the authors' program.
    pub(super) fn negatives(&self, neighbour: u16, rng: &mut ChaCha8Rng) -> [usize; NEGATIVES] {
        std::array::from_fn(|_| {
            let drawn = self.draw(rng);
            if drawn != usize::from(neighbour) {
                return drawn;
            }
            // A text of one word has nothing else to draw.
            (0..100).map(|_| self.draw(rng)).find(|&again| again != usize::from(neighbour)).unwrap_or(drawn)
        })
    }

    /// A word, with a probability that goes with its count to the power of 3/4.
    fn draw(&self, rng: &mut ChaCha8Rng) -> usize {
        let at = uniform_f64(rng) * self.weights.last().copied().unwrap_or_default();
        self.weights.partition_point(|&sum| sum <= at).min(self.counts.len().saturating_sub(1))
    }
}

/// How probable it is that a word of this share of the text stays, `min(1, √(t / f))`.
fn keep_share(share: f64, threshold: f64) -> f64 {
    if share > threshold { (threshold / share).sqrt() } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Stream, Streams};

    fn rng() -> ChaCha8Rng {
        Streams::new(3).rng(Stream::Negatives, 0)
    }

    /// By hand: of a b c with a window of 1 come ab, ba, bc, cb. A hundred different words of one each are all kept.
    #[test]
    fn pairs_are_neighbours_within_the_window() {
        let sentences: Vec<Vec<u16>> = (0..50).map(|nth| vec![2 * nth, 2 * nth + 1]).chain([vec![100, 101, 102, 103]]).collect();
        let pairs = |window| Stretch::new(&sentences, 104, window, 0.01, &mut rng()).pairs;
        assert_eq!((pairs(1).len(), pairs(2).len()), (2 * 50 + 6, 2 * 50 + 10));
        assert_eq!(&pairs(1)[100..], [[100, 101], [101, 100], [101, 102], [102, 101], [102, 103], [103, 102]]);
    }

    /// Of the six pairs of a b c d, by hand, every second one; and each of them twice. Nothing comes of no pair.
    #[test]
    fn pairs_are_taken_evenly() {
        let of = |sentence: Vec<u16>| Stretch::new(&[sentence], 4, 1, 1.0, &mut rng());
        let taken = |n_pairs| of(vec![0, 1, 2, 3]).with(n_pairs).unwrap().pairs;
        assert_eq!(taken(3), [[0, 1], [1, 2], [2, 3]]);
        assert_eq!(taken(12)[..5], [[0, 1], [0, 1], [1, 0], [1, 0], [1, 2]]);
        assert!(of(vec![2]).with(5).is_none());
    }

    /// Against the formula: counts 1, 16 and 81 to the power of 3/4 are 1, 8 and 27. Of 100,000 draws the standard deviation of a
    /// share is at most 0.0016.
    #[test]
    fn words_are_drawn_by_their_counts_to_three_quarters() {
        let sentence: Vec<u16> = [vec![0; 1], vec![1; 16], vec![2; 81]].concat();
        let stretch = Stretch::new(&[sentence], 3, 2, 0.01, &mut rng());
        assert_eq!(stretch.counts, [1, 16, 81]);
        let mut drawn = [0_u32; 3];
        let mut rng = rng();
        for _ in 0..100_000 {
            drawn[stretch.draw(&mut rng)] += 1;
        }
        for (count, share) in drawn.into_iter().zip([1.0 / 36.0, 8.0 / 36.0, 27.0 / 36.0]) {
            assert!((f64::from(count) / 1e5 - share).abs() < 0.007, "{drawn:?}");
        }
        // The true neighbour is never among those drawn beside it.
        assert!((0..200).all(|_| !stretch.negatives(2, &mut rng).contains(&2)));
    }

    /// √(0.01 / f): a word of share 1/4 stays in a fifth of its places, one of 1 % in all.
    #[test]
    fn frequent_words_are_thinned_out() {
        assert!((keep_share(0.25, 0.01) - 0.2).abs() < 1e-12);
        assert_eq!((keep_share(0.01, 0.01), keep_share(0.001, 0.01)), (1.0, 1.0));
    }
}
