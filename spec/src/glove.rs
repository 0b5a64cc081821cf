//! Word vectors that others learned from six thousand million words: GloVe (Pennington, Socher and Manning 2014), the 10,000 commonest
//! of its words, 50 numbers each, rounded to 8 bits.
//!
//! They come as the data sets do, a manifest and one shard, but nothing is learned from them: the words are the manifest's vocabulary,
//! and the shard holds for each the size of its largest number (an `f32`), then for each the 50 numbers in 127ths of that (a byte with
//! sign), little-endian. Half a megabyte instead of two; of the analogies that the published numbers answer, the 20 that are tested are
//! answered the same, with cosines that differ by less than 0.005.

use std::collections::HashSet;

/// Folder below `data/`; its version changes whenever a byte does.
pub const FOLDER: &str = "glove-v1";
/// Name in the manifest.
pub const NAME: &str = "glove";
/// Words, the commonest first.
pub const N_WORDS: usize = 10_000;
/// Numbers of a vector.
pub const WIDTH: usize = 50;
/// Most bytes of a word.
pub const MAX_WORD: usize = 64;
/// Terms of use, as the authors state them.
pub const LICENCE: &str =
    "Public Domain Dedication and License 1.0 (http://opendatacommons.org/licenses/pddl/); cut and rounded by this project";
/// Whom to cite.
pub const CITATION: &str = "J. Pennington, R. Socher, C. D. Manning: GloVe: Global Vectors for Word Representation, EMNLP 2014, \
                            https://nlp.stanford.edu/projects/glove/ (6B, 50 numbers)";

/// Bytes of one vector in the shard.
const BYTES: usize = 4 + WIDTH;

/// Words and their vectors.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Glove {
    /// In the order of the file, the commonest first.
    pub words: Vec<String>,
    /// `[words, WIDTH]`, row by row.
    pub values: Vec<f32>,
}

impl Glove {
    /// The published text, one word and its numbers a line.
    ///
    /// # Errors
    /// The first line that is another.
    pub fn parse(text: &str) -> Result<Glove, String> {
        let mut glove = Glove::default();
        for (idx, line) in text.lines().enumerate() {
            let mut cells = line.split(' ');
            let word = cells.next().filter(|word| !word.is_empty()).ok_or_else(|| format!("line {} has no word", idx + 1))?;
            let values: Vec<f32> = cells.filter_map(|cell| cell.parse().ok()).filter(|value: &f32| value.is_finite()).collect();
            if values.len() != WIDTH || line.split(' ').count() != WIDTH + 1 {
                return Err(format!("line {} is not a word and {WIDTH} numbers", idx + 1));
            }
            glove.words.push(word.to_owned());
            glove.values.extend(values);
        }
        Ok(glove)
    }

    /// What the shard holds of the vectors.
    pub fn pack(&self) -> Vec<u8> {
        let rows = || self.values.chunks_exact(WIDTH);
        let largest = |row: &[f32]| row.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        let mut bytes: Vec<u8> = rows().flat_map(|row| largest(row).to_le_bytes()).collect();
        for row in rows() {
            let scale = 127.0 / largest(row).max(f32::MIN_POSITIVE);
            bytes.extend(row.iter().map(|value| (value * scale).round() as i8 as u8));
        }
        bytes
    }

    /// Words of a manifest with their vectors from [`pack`](Self::pack)'s bytes.
    ///
    /// # Errors
    /// What is wrong with them, to stand behind "it cannot be used: ".
    pub fn unpack(words: Vec<String>, bytes: &[u8]) -> Result<Glove, String> {
        if words.len() > N_WORDS || bytes.len() != BYTES * words.len() {
            return Err(format!("{} bytes are not the vectors of {} words", bytes.len(), words.len()));
        }
        if let Some(word) = words.iter().find(|word| word.is_empty() || word.len() > MAX_WORD) {
            return Err(format!("{word:?} is no word"));
        }
        if words.iter().collect::<HashSet<_>>().len() < words.len() {
            return Err("a word stands in it twice".into());
        }
        let (scales, numbers) = bytes.split_at(4 * words.len());
        let scales: Vec<f32> = scales.chunks_exact(4).map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]])).collect();
        if let Some(idx) = scales.iter().position(|scale| !(0.0..1e6).contains(scale)) {
            return Err(format!("the largest number of {:?} is {}", words[idx], scales[idx]));
        }
        let row = |(row, scale): (&[u8], f32)| row.iter().map(|&it| f32::from(it as i8) * (scale / 127.0)).collect::<Vec<_>>();
        let values = numbers.chunks_exact(WIDTH).zip(scales).flat_map(row).collect();
        Ok(Glove { words, values })
    }

    /// A word's vector.
    pub fn row(&self, word: usize) -> &[f32] {
        self.values.get(word * WIDTH..(word + 1) * WIDTH).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    /// By hand: the largest number is 2, so that 1 is 63.5/127 and becomes 64/127 · 2 = 1.008; −2 is −127.
    #[test]
    fn numbers_are_127ths_of_the_largest() {
        let numbers = |first: &str| format!("{first} 2 {}", vec!["1"; 48].join(" "));
        let text = format!("the {}\nof {}\n", numbers("-2"), numbers("0"));
        let glove = Glove::parse(&text).unwrap();
        let bytes = glove.pack();
        assert_eq!(bytes.len(), 2 * 4 + 2 * 50);
        assert_eq!((&bytes[..4], bytes[8], bytes[9], bytes[10]), (&2.0_f32.to_le_bytes()[..], 0x81, 127, 64));
        let back = Glove::unpack(words("the of"), &bytes).unwrap();
        assert_eq!((&back.words, back.row(0)[0], back.row(1)[0]), (&glove.words, -2.0, 0.0));
        assert!((back.row(1)[2] - 128.0 / 127.0).abs() < 1e-6 && back.row(2).is_empty());
    }

    #[test]
    fn what_is_broken_is_refused_in_words() {
        assert!(Glove::parse("the 1 2").unwrap_err().starts_with("line 1"));
        assert!(Glove::parse(&format!("a {} x", vec!["1"; 49].join(" "))).is_err());
        assert!(Glove::parse(&format!("a x {}", vec!["1"; 50].join(" "))).is_err());
        let bytes = Glove { words: Vec::new(), values: vec![1.0; 2 * WIDTH] }.pack();
        let refused = |text: &str, bytes: &[u8]| Glove::unpack(words(text), bytes).unwrap_err();
        for cut in [0, 3, 9, bytes.len() - 1] {
            assert!(refused("the of", &bytes[..cut]).contains("not the vectors of 2 words"));
        }
        assert!(refused("the the", &bytes).contains("twice"));
        assert!(refused("the ", &bytes).contains("no word"));
        let mut odd = bytes.clone();
        odd[4..8].copy_from_slice(&f32::NAN.to_le_bytes());
        assert!(refused("the of", &odd).contains("\"of\" is NaN"));
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(glove) = Glove::unpack(words("a b c"), &bytes) {
                prop_assert!(glove.values.iter().all(|value| value.is_finite()));
            }
        }
    }
}
