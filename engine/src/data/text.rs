//! A text cut into windows: each of its tokens is given, and the one behind each is to be told.

use super::partition::Partition;
use super::shard::ShardError;
use descent_spec::{DataSpec, Shape};
use std::ops::Range;
use std::sync::Arc;

/// Share of the text, at its end, that is the test part.
const TEST_SHARE: f64 = 0.05;

/// Windows of a stretch of a text, one behind the other. Their number is known before the text has come.
///
/// Each window begins without a past: windows are shuffled like any other examples, so that the order of an epoch follows from
/// seed and epoch and a batch can be cut into slices. What that costs is the first characters of each, which are told from little.
#[derive(Debug, Clone)]
pub struct TextWindows {
    /// The whole text.
    tokens: Option<Arc<Vec<u8>>>,
    n_tokens: usize,
    vocabulary: usize,
    window: usize,
    /// The stretch, as indices into the text.
    range: Range<usize>,
    bounds: [usize; 2],
}

impl TextWindows {
    /// Room for the windows of a text of so many tokens: to learn and choose from, and of the test part at its end.
    pub fn announced(n_tokens: usize, vocabulary: usize, data: &DataSpec) -> (TextWindows, TextWindows) {
        let test_from = n_tokens - (n_tokens as f64 * TEST_SHARE).round() as usize;
        let windows = |range: Range<usize>| TextWindows {
            tokens: None,
            n_tokens,
            vocabulary,
            window: data.window,
            // The last token of a stretch is only ever an answer.
            bounds: [0, range.len().saturating_sub(1) / data.window.max(1)],
            range,
        };
        (windows(0..test_from), windows(test_from..n_tokens))
    }

    /// The text has come: one token a byte.
    ///
    /// # Errors
    /// When it has another length than was announced, or a token that is not in the vocabulary; nothing changes then.
    pub fn insert(&mut self, tokens: &Arc<Vec<u8>>) -> Result<(), ShardError> {
        if tokens.len() != self.n_tokens {
            return Err(ShardError::Unpacked { expected: self.n_tokens, at_least: tokens.len() });
        }
        if let Some(place) = tokens.iter().position(|&token| usize::from(token) >= self.vocabulary) {
            let why = format!("its character {place} has number {}, and there are {}", tokens[place], self.vocabulary);
            return Err(ShardError::Content(why));
        }
        self.tokens = Some(Arc::clone(tokens));
        Ok(())
    }

    /// Train and validation in the order of the text: validation is the last part of the stretch.
    pub fn partition(&self, validation_share: f64) -> Partition {
        // Of a short text one window at least is held out, where there are two.
        let n_validation = ((self.len() as f64 * validation_share).round() as usize).max(usize::from(self.len() > 1));
        let cut = self.len() - n_validation;
        Partition { train: (0..cut as u32).collect(), validation: (cut as u32..self.len() as u32).collect() }
    }

    /// The tokens of the stretch, once they have come.
    pub fn tokens(&self) -> Option<&[u8]> {
        self.tokens.as_ref().map(|tokens| &tokens[self.range.clone()])
    }

    /// Shape of one window.
    pub fn shape(&self) -> Shape {
        Shape::Tokens { steps: self.window, vocabulary: self.vocabulary, is_padded: false }
    }

    /// 0: tokens are told and no class.
    pub fn n_classes(&self) -> usize {
        0
    }

    /// Number of windows.
    pub fn len(&self) -> usize {
        self.bounds[1]
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All windows are one shard.
    pub fn shard_bounds(&self) -> &[usize] {
        &self.bounds
    }

    /// Whether the text has come.
    pub fn is_shard_loaded(&self, shard_idx: usize) -> bool {
        shard_idx == 0 && self.tokens.is_some()
    }

    /// Whether the window is there.
    pub fn is_loaded(&self, idx: usize) -> bool {
        idx < self.len() && self.tokens.is_some()
    }

    /// What a window begins with, and one token more; none where it is missing.
    fn stretch(&self, idx: usize) -> Option<&[u8]> {
        let start = idx * self.window;
        self.tokens()?.get(start..start + self.window + 1)
    }

    /// The token behind the last of a window.
    pub fn target(&self, idx: usize) -> f32 {
        self.stretch(idx).and_then(|stretch| stretch.last()).map_or(0.0, |&token| f32::from(token))
    }

    /// Replaces the buffer's contents with the tokens of windows, `[batch, window]`.
    pub fn fill_inputs(&self, indices: &[u32], inputs: &mut Vec<f32>) {
        self.fill(indices, 0, inputs);
    }

    /// Replaces the buffer's contents with the tokens behind those, `[batch, window]`.
    pub fn fill_targets(&self, indices: &[u32], targets: &mut Vec<f32>) {
        self.fill(indices, 1, targets);
    }

    fn fill(&self, indices: &[u32], skip: usize, values: &mut Vec<f32>) {
        values.clear();
        for (row, &idx) in indices.iter().enumerate() {
            let stretch = self.stretch(idx as usize).unwrap_or_default();
            values.extend(stretch.iter().skip(skip).take(self.window).map(|&token| f32::from(token)));
            values.resize((row + 1) * self.window, 0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::DataSet;

    fn alphabet(n_tokens: usize, window: usize) -> (TextWindows, TextWindows) {
        let data = DataSpec { window, ..DataSpec::for_set(DataSet::Shakespeare) };
        let (mut pool, mut test) = TextWindows::announced(n_tokens, 100, &data);
        let tokens = Arc::new((0..n_tokens).map(|place| (place % 100) as u8).collect());
        pool.insert(&tokens).unwrap();
        test.insert(&tokens).unwrap();
        (pool, test)
    }

    /// By hand: of 200 tokens the last 10 are the test; 189 of the others have one behind them, which is 23 windows of 8, of which
    /// 0.1 · 23 = 2.3 are held out.
    #[test]
    fn a_text_is_cut_by_hand() {
        let (pool, test) = alphabet(200, 8);
        assert_eq!((pool.len(), test.len()), (23, 1));
        let Partition { train, validation } = pool.partition(0.1);
        assert_eq!((train.len(), validation), (21, vec![21, 22]));
        let (mut inputs, mut targets) = (Vec::new(), Vec::new());
        pool.fill_inputs(&[1, 13], &mut inputs);
        pool.fill_targets(&[1, 13], &mut targets);
        assert_eq!((inputs[0], inputs[7], inputs[8]), (8.0, 15.0, 4.0));
        assert_eq!((targets[0], targets[7], targets[8]), (9.0, 16.0, 5.0));
        test.fill_inputs(&[0], &mut inputs);
        assert_eq!(inputs[0], 90.0);
    }

    /// By hand: of 1,000 characters the last 50 are the test, whose 49 with one behind them are one window of 40; 949 are 23 windows.
    #[test]
    fn an_own_text_is_all_there() {
        let mut data = DataSpec::for_set(DataSet::OwnText);
        data.text = descent_spec::OwnText::new(&"abcde".repeat(200));
        let lab = crate::data::LabData::drawn(&data, 1);
        assert_eq!(lab.vocabulary, ["a", "b", "c", "d", "e"]);
        assert_eq!((lab.train_pool.len(), lab.test.len()), (23, 1));
        let (mut inputs, mut targets) = (Vec::new(), Vec::new());
        lab.train_pool.fill_batch(&[0], &mut inputs, &mut targets);
        assert_eq!((&inputs[..6], &targets[..3]), (&[0.0, 1.0, 2.0, 3.0, 4.0, 0.0][..], &[1.0, 2.0, 3.0][..]));
        let Partition { train, validation } = lab.train_pool.partition(0.05, 1);
        assert_eq!((train.len(), validation.len()), (22, 1));
    }

    #[test]
    fn another_text_than_was_announced_is_refused() {
        let (mut pool, _) = TextWindows::announced(100, 5, &DataSpec::for_set(DataSet::Shakespeare));
        assert!(pool.insert(&Arc::new(vec![0; 99])).is_err());
        assert!(pool.insert(&Arc::new(vec![5; 100])).unwrap_err().to_string().contains("number 5"));
        assert!(!pool.is_loaded(0));
        pool.insert(&Arc::new(vec![4; 100])).unwrap();
        assert!(pool.is_loaded(0));
    }
}
