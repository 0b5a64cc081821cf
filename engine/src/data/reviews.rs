//! Texts of different lengths with a class each.

use super::shard::{ShardError, check_labels};
use descent_spec::Shape;
use descent_spec::data::PADDING;

/// Texts in shards, as the tokens' numbers. A window takes the first of each; a shorter one is filled up with [`PADDING`].
#[derive(Debug, Clone)]
pub struct Reviews {
    window: usize,
    vocabulary: usize,
    n_classes: usize,
    bounds: Vec<usize>,
    shards: Vec<Option<Texts>>,
}

/// The texts of one shard.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    labels: Vec<u8>,
    /// Where each begins among the tokens, and behind them their number.
    starts: Vec<usize>,
    tokens: Vec<u16>,
}

impl Texts {
    /// Reads a shard: labels, lengths (two bytes each), tokens (two bytes each), little-endian.
    ///
    /// # Errors
    /// Why it was refused.
    pub(super) fn parse(bytes: &[u8], count: usize, vocabulary: usize, n_classes: usize) -> Result<Texts, ShardError> {
        let too_short = |expected| ShardError::Unpacked { expected, at_least: bytes.len() };
        let words = |bytes: &[u8]| bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect::<Vec<_>>();
        let head = 3 * count;
        if bytes.len() < head {
            return Err(too_short(head));
        }
        let labels = bytes[..count].to_vec();
        check_labels(&labels, n_classes)?;
        let lengths = words(&bytes[count..head]);
        let mut starts = vec![0];
        starts.extend(lengths.iter().scan(0, |end, &len| {
            *end += usize::from(len);
            Some(*end)
        }));
        let expected = head + 2 * starts[count];
        if bytes.len() != expected {
            return Err(too_short(expected));
        }
        let tokens = words(&bytes[head..]);
        match tokens.iter().position(|&token| usize::from(token) >= vocabulary) {
            Some(place) => {
                let why = format!("its token {place} has number {}, and there are {vocabulary}", tokens[place]);
                Err(ShardError::Content(why))
            }
            None => Ok(Texts { labels, starts, tokens }),
        }
    }

    /// The tokens of one after the other.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u16]> {
        self.starts.windows(2).map(|bounds| &self.tokens[bounds[0]..bounds[1]])
    }
}

impl Reviews {
    /// Room for shards of these sizes, none loaded.
    pub fn empty(window: usize, vocabulary: usize, n_classes: usize, shard_counts: &[usize]) -> Reviews {
        let mut bounds = vec![0];
        bounds.extend(shard_counts.iter().scan(0, |end, count| {
            *end += count;
            Some(*end)
        }));
        Reviews { window, vocabulary, n_classes, bounds, shards: vec![None; shard_counts.len()] }
    }

    /// Puts a shard in place: labels, lengths (two bytes each), tokens (two bytes each), little-endian.
    ///
    /// # Errors
    /// Why it was refused; nothing changes then.
    pub fn insert_shard(&mut self, shard_idx: usize, bytes: &[u8]) -> Result<(), ShardError> {
        let n_shards = self.shards.len();
        let Some(place) = self.shards.get_mut(shard_idx) else {
            return Err(ShardError::NoSuchShard { shard_idx, n_shards });
        };
        let count = self.bounds[shard_idx + 1] - self.bounds[shard_idx];
        *place = Some(Texts::parse(bytes, count, self.vocabulary, self.n_classes)?);
        Ok(())
    }

    /// Shape of one text as the net takes it.
    pub fn shape(&self) -> Shape {
        Shape::Tokens { steps: self.window, vocabulary: self.vocabulary, is_padded: true }
    }

    /// Number of classes; every label is below it.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Number of texts, loaded or not.
    pub fn len(&self) -> usize {
        self.bounds[self.shards.len()]
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Index of the first text of each shard, and behind them [`len`](Self::len).
    pub fn shard_bounds(&self) -> &[usize] {
        &self.bounds
    }

    /// Whether this shard has been inserted.
    pub fn is_shard_loaded(&self, shard_idx: usize) -> bool {
        self.shards.get(shard_idx).is_some_and(Option::is_some)
    }

    /// Whether the text's shard has been inserted.
    pub fn is_loaded(&self, idx: usize) -> bool {
        self.find(idx).is_some()
    }

    /// All tokens of a text, however long; none while its shard is missing.
    pub fn tokens(&self, idx: usize) -> &[u16] {
        self.find(idx).map_or(&[], |(texts, nth)| &texts.tokens[texts.starts[nth]..texts.starts[nth + 1]])
    }

    /// The text's class; 0 while its shard is missing.
    pub fn target(&self, idx: usize) -> f32 {
        self.find(idx).map_or(0.0, |(texts, nth)| f32::from(texts.labels[nth]))
    }

    /// Replaces the buffer's contents with the first tokens of texts, `[batch, window]`.
    pub fn fill_inputs(&self, indices: &[u32], inputs: &mut Vec<f32>) {
        inputs.clear();
        for (row, &idx) in indices.iter().enumerate() {
            inputs.extend(self.tokens(idx as usize).iter().take(self.window).map(|&token| f32::from(token)));
            inputs.resize((row + 1) * self.window, PADDING as f32);
        }
    }

    fn find(&self, idx: usize) -> Option<(&Texts, usize)> {
        let shard_idx = self.bounds.partition_point(|&bound| bound <= idx).checked_sub(1)?;
        Some((self.shards.get(shard_idx)?.as_ref()?, idx - self.bounds[shard_idx]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Two texts, `[7, 8, 9]` of class 1 and `[5]` of class 0.
    const TWO: [u8; 14] = [1, 0, 3, 0, 1, 0, 7, 0, 8, 0, 9, 0, 5, 0];

    #[test]
    fn texts_are_cut_and_filled_up() {
        let mut reviews = Reviews::empty(2, 10, 2, &[2, 1]);
        reviews.insert_shard(0, &TWO).unwrap();
        let mut inputs = Vec::new();
        reviews.fill_inputs(&[1, 0], &mut inputs);
        assert_eq!(inputs, [5.0, 0.0, 7.0, 8.0]);
        assert_eq!((reviews.target(0), reviews.target(1), reviews.tokens(0)), (1.0, 0.0, &[7, 8, 9][..]));
        assert_eq!((reviews.is_loaded(1), reviews.is_loaded(2), reviews.len()), (true, false, 3));
    }

    #[test]
    fn a_token_outside_the_vocabulary_is_refused() {
        let mut reviews = Reviews::empty(2, 9, 2, &[2]);
        assert!(reviews.insert_shard(0, &TWO).unwrap_err().to_string().contains("number 9"));
        assert!(!reviews.is_shard_loaded(0));
        assert!(reviews.insert_shard(1, &TWO).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..80), count in 0usize..30) {
            let mut reviews = Reviews::empty(4, 300, 2, &[count]);
            if reviews.insert_shard(0, &bytes).is_ok() {
                let mut inputs = Vec::new();
                reviews.fill_inputs(&(0..count as u32).collect::<Vec<_>>(), &mut inputs);
                prop_assert!(inputs.iter().all(|&token| token < 300.0));
            }
        }
    }
}
