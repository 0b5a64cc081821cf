//! Every random draw of an experiment, from its seed through named streams.
//!
//! A stream is asked for by name and index (`Shuffle` of epoch 3, `Dropout` of step 120), so what one part of a run draws never
//! shifts what another part gets, and any point of a run can be reached without drawing everything before it. The generator is
//! ChaCha with 8 rounds (Bernstein 2008): the same numbers on every machine. The helpers below are our own, because the
//! distributions of the `rand` crates change between releases and a curve must not.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a draw is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Which training examples become validation examples. Index 0.
    Split,
    /// First weights. Index: number of the parameter.
    Init,
    /// Order of the examples. Index: epoch.
    Shuffle,
    /// Which units are dropped. Index: step.
    Dropout,
    /// Generated digits. Index: number of the digit.
    Strokes,
    /// Made-up data for timing. Index 0; of words 1: train and validation, 2: test.
    Race,
    /// Points of a plane. Index 0: train and validation, 1: test.
    Points,
    /// Which units are dropped in one slice of a batch. Index: step times the most slices, and the slice.
    SliceDropout,
    /// Steps of a random walk. Index 0.
    Walk,
    /// Tokens drawn by a language model. Index: number of the sample.
    Sample,
    /// Days, and how they are written. Index 0.
    Dates,
    /// Sentences of planted words. Index 0: train and validation, 1: test.
    Corpus,
    /// Which words of a sentence are left out because they are frequent. Index as of the corpus, and above it the shard.
    Subsample,
    /// Words drawn beside a true neighbour. Index: number of the example, and above it the part.
    Negatives,
}

impl Stream {
    /// Part of the generator's key, so it never changes: a new stream takes a new number.
    const fn number(self) -> u32 {
        match self {
            Stream::Split => 1,
            Stream::Init => 2,
            Stream::Shuffle => 3,
            Stream::Dropout => 4,
            Stream::Strokes => 5,
            Stream::Race => 6,
            Stream::Points => 7,
            Stream::SliceDropout => 8,
            Stream::Walk => 9,
            Stream::Sample => 10,
            Stream::Dates => 12,
            Stream::Corpus => 21,
            Stream::Subsample => 22,
            Stream::Negatives => 23,
        }
    }
}

/// The streams of one seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streams {
    seed: u32,
}

impl Streams {
    /// All streams of this seed.
    pub fn new(seed: u32) -> Streams {
        Streams { seed }
    }

    /// A fresh generator, independent of that of any other seed, stream or index.
    pub fn rng(self, stream: Stream, index: u64) -> ChaCha8Rng {
        // The three numbers are written into the key side by side: no two places of a run can share a key, and ChaCha's
        // output under different keys is independent for our purposes.
        let mut key = *b"........--------descent streams.";
        key[0..4].copy_from_slice(&self.seed.to_le_bytes());
        key[4..8].copy_from_slice(&stream.number().to_le_bytes());
        key[8..16].copy_from_slice(&index.to_le_bytes());
        ChaCha8Rng::from_seed(key)
    }
}

/// Uniform in `[0, 1)`: `k / 2²⁴` with `k` the upper 24 bits of one draw, so every value is exact.
pub fn uniform_f32(rng: &mut ChaCha8Rng) -> f32 {
    (rng.next_u32() >> 8) as f32 / (1 << 24) as f32
}

/// Uniform in `[0, 1)`: `k / 2⁵³` with `k` the upper 53 bits of one draw of 64.
pub fn uniform_f64(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// [`normal_f32`] in double precision: two draws of [`uniform_f64`].
pub fn normal_f64(rng: &mut ChaCha8Rng) -> f64 {
    let u1 = 1.0 - uniform_f64(rng);
    let u2 = uniform_f64(rng);
    (-2.0 * u1.ln()).sqrt() * (std::f64::consts::TAU * u2).cos()
}

/// Standard normal, after Box and Muller 1958: `√(−2 ln u₁) cos(2π u₂)`. Two draws; the sine half is thrown away to keep the
/// number of draws a matter of counting.
///
/// Computed in `f64` and rounded at the end, which hides the last-digit differences between the platforms' logarithms and cosines.
pub fn normal_f32(rng: &mut ChaCha8Rng) -> f32 {
    // 1 − u lies in (0, 1], where the logarithm is finite.
    let u1 = 1.0 - f64::from(uniform_f32(rng));
    let u2 = f64::from(uniform_f32(rng));
    ((-2.0 * u1.ln()).sqrt() * (std::f64::consts::TAU * u2).cos()) as f32
}

/// Uniform in `0..bound` without bias (Lemire 2019): the upper half of `draw × bound`, drawn again where the lower half falls
/// into the incomplete last stretch. Zero for a bound of zero.
pub fn below(rng: &mut ChaCha8Rng, bound: u32) -> u32 {
    if bound == 0 {
        return 0;
    }
    let incomplete = bound.wrapping_neg() % bound;
    loop {
        let product = u64::from(rng.next_u32()) * u64::from(bound);
        if product as u32 >= incomplete {
            return (product >> 32) as u32;
        }
    }
}

/// Puts `items` into random order (Fisher and Yates, from the last place down): every order is equally likely.
pub fn shuffle(rng: &mut ChaCha8Rng, items: &mut [u32]) {
    for last in (1..items.len()).rev() {
        // Slices of examples are far shorter than 2³².
        let other = below(rng, last as u32 + 1) as usize;
        items.swap(last, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_chacha8() {
        // Keystream of ChaCha8 under a key and nonce of zeros, draft-strombergson-chacha-test-vectors, TC1:
        // 3e00ef2f 895f40d6 7f5bb8e8 1f09a5a1 …
        let mut rng = ChaCha8Rng::from_seed([0; 32]);
        assert_eq!(rng.next_u32(), 0x2fef_003e);
        assert_eq!(rng.next_u32(), 0xd640_5f89);
        // 0xe8b85b >> 0 over 2^24 = 15251547 / 16777216.
        assert_eq!(uniform_f32(&mut rng), 15_251_547.0 / 16_777_216.0);
    }

    #[test]
    fn places_of_a_run_draw_on_their_own() {
        let first = |seed, stream, index| Streams::new(seed).rng(stream, index).next_u64();
        let here = first(1, Stream::Init, 0);
        assert_eq!(here, first(1, Stream::Init, 0));
        for there in [first(2, Stream::Init, 0), first(1, Stream::Split, 0), first(1, Stream::Init, 1)] {
            assert_ne!(here, there);
        }
    }

    #[test]
    fn uniform_and_normal_have_their_moments() {
        let mut rng = Streams::new(7).rng(Stream::Race, 0);
        let n = 100_000;
        let moments = |draw: &mut dyn FnMut() -> f32| {
            let values: Vec<f64> = (0..n).map(|_| f64::from(draw())).collect();
            let mean = values.iter().sum::<f64>() / f64::from(n);
            (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / f64::from(n))
        };
        let (mean, variance) = moments(&mut || uniform_f32(&mut rng));
        assert!((mean - 0.5).abs() < 0.005 && (variance - 1.0 / 12.0).abs() < 0.002, "{mean} {variance}");
        let (mean, variance) = moments(&mut || uniform_f64(&mut rng) as f32);
        assert!((mean - 0.5).abs() < 0.005 && (variance - 1.0 / 12.0).abs() < 0.002, "{mean} {variance}");
        let (mean, variance) = moments(&mut || normal_f64(&mut rng) as f32);
        assert!((mean).abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
        let (mean, variance) = moments(&mut || normal_f32(&mut rng));
        assert!((mean).abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
    }

    #[test]
    fn every_order_of_three_is_equally_likely() {
        let mut rng = Streams::new(3).rng(Stream::Shuffle, 0);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..12_000 {
            let mut items = [0, 1, 2];
            shuffle(&mut rng, &mut items);
            *counts.entry(items).or_insert(0) += 1;
        }
        // 2000 each; the standard deviation is √(12000 · 1/6 · 5/6) ≈ 41.
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|&count| (1800..2200).contains(&count)), "{counts:?}");
    }

    #[test]
    fn below_stays_below() {
        let mut rng = Streams::new(3).rng(Stream::Shuffle, 1);
        for bound in [0, 1, 2, 3, 1000, u32::MAX] {
            assert!((0..100).all(|_| below(&mut rng, bound) < bound.max(1)));
        }
    }
}
