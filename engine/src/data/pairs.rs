//! Pairs of token sequences: one is read, the other answered.

use super::partition::Partition;
use super::shard::ShardError;
use descent_spec::Shape;
use descent_spec::data::PADDING;
use descent_spec::pairs::{BEGIN, END, STRETCH, UNKNOWN_TOKEN};

/// Pairs in shards, as the tokens' numbers. An example is the source and its end, then the begin and the target, each filled up with
/// [`PADDING`]; its targets are the target and its end, then −1.
#[derive(Debug, Clone)]
pub struct Pairs {
    source_steps: usize,
    target_steps: usize,
    vocabularies: [usize; 2],
    bounds: Vec<usize>,
    shards: Vec<Option<Texts>>,
    /// What is held out lies in stretches of so many.
    stretch: usize,
}

/// The pairs of one shard.
#[derive(Debug, Clone)]
struct Texts {
    /// Where each side of each pair begins among the tokens, and behind them their number.
    starts: Vec<usize>,
    tokens: Vec<u16>,
}

impl Texts {
    fn parse(bytes: &[u8], count: usize, room: [usize; 2], vocabularies: [usize; 2]) -> Result<Texts, ShardError> {
        let unpacked = |expected| ShardError::Unpacked { expected, at_least: bytes.len() };
        let head = 2 * count;
        let lengths = bytes.get(..head).ok_or_else(|| unpacked(head))?;
        if let Some(place) = lengths.iter().enumerate().position(|(idx, &len)| usize::from(len) > room[idx % 2] || len == 0) {
            let why = format!("the pair {} has a side of {} tokens, of which {} fit", place / 2, lengths[place], room[place % 2]);
            return Err(ShardError::Content(why));
        }
        let mut starts = vec![0];
        starts.extend(lengths.iter().scan(0, |end, &len| {
            *end += usize::from(len);
            Some(*end)
        }));
        let expected = head + 2 * starts[head];
        if bytes.len() != expected {
            return Err(unpacked(expected));
        }
        let tokens: Vec<u16> = bytes[head..].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        for (side, places) in starts.windows(2).enumerate() {
            let is_odd = |&&token: &&u16| u32::from(token) < UNKNOWN_TOKEN || usize::from(token) >= vocabularies[side % 2];
            if let Some(odd) = tokens[places[0]..places[1]].iter().find(is_odd) {
                let why = format!("the pair {} has a token {odd}, and they are 3 to {}", side / 2, vocabularies[side % 2] - 1);
                return Err(ShardError::Content(why));
            }
        }
        Ok(Texts { starts, tokens })
    }
}

impl Pairs {
    /// Room for shards of these sizes, none loaded. A shape of no pair has room for none.
    pub fn empty(shape: Shape, shard_counts: &[usize]) -> Pairs {
        let (source_steps, target_steps, vocabularies) = match shape {
            Shape::TokenPair { source, target, source_vocabulary, target_vocabulary } => {
                (source, target, [source_vocabulary, target_vocabulary])
            }
            _ => (1, 1, [0, 0]),
        };
        let mut bounds = vec![0];
        bounds.extend(shard_counts.iter().scan(0, |end, count| {
            *end += count;
            Some(*end)
        }));
        let shards = vec![None; shard_counts.len()];
        Pairs { source_steps, target_steps, vocabularies, bounds, shards, stretch: STRETCH }
    }

    /// Pairs that are all there and know nothing of each other, so that each may be held out by itself.
    pub fn of(shape: Shape, pairs: &[[Vec<u16>; 2]]) -> Pairs {
        let mut texts = Texts { starts: vec![0], tokens: Vec::new() };
        for side in pairs.iter().flatten() {
            texts.tokens.extend(side);
            texts.starts.push(texts.tokens.len());
        }
        let empty = Pairs::empty(shape, &[pairs.len()]);
        Pairs { shards: vec![Some(texts)], stretch: 1, ..empty }
    }

    /// Puts a shard in place: the lengths of source and target of each pair (a byte each), then their tokens (two bytes each,
    /// little-endian), without begin and end.
    ///
    /// # Errors
    /// Why it was refused; nothing changes then.
    pub fn insert_shard(&mut self, shard_idx: usize, bytes: &[u8]) -> Result<(), ShardError> {
        let n_shards = self.shards.len();
        let Some(place) = self.shards.get_mut(shard_idx) else {
            return Err(ShardError::NoSuchShard { shard_idx, n_shards });
        };
        let count = self.bounds[shard_idx + 1] - self.bounds[shard_idx];
        let room = [self.source_steps - 1, self.target_steps - 1];
        *place = Some(Texts::parse(bytes, count, room, self.vocabularies)?);
        Ok(())
    }

    /// Shape of one pair as the net takes it.
    pub fn shape(&self) -> Shape {
        let [source_vocabulary, target_vocabulary] = self.vocabularies;
        Shape::TokenPair { source: self.source_steps, target: self.target_steps, source_vocabulary, target_vocabulary }
    }

    /// 0: tokens are told and no class.
    pub fn n_classes(&self) -> usize {
        0
    }

    /// Number of pairs, loaded or not.
    pub fn len(&self) -> usize {
        self.bounds[self.shards.len()]
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Index of the first pair of each shard, and behind them [`len`](Self::len).
    pub fn shard_bounds(&self) -> &[usize] {
        &self.bounds
    }

    /// Whether this shard has been inserted.
    pub fn is_shard_loaded(&self, shard_idx: usize) -> bool {
        self.shards.get(shard_idx).is_some_and(Option::is_some)
    }

    /// Whether the pair's shard has been inserted.
    pub fn is_loaded(&self, idx: usize) -> bool {
        self.find(idx).is_some()
    }

    /// The tokens of both sides, without begin and end; none while the shard is missing.
    pub fn sides(&self, idx: usize) -> [&[u16]; 2] {
        self.find(idx).map_or([&[], &[]], |(texts, nth)| {
            [2 * nth, 2 * nth + 1].map(|side| &texts.tokens[texts.starts[side]..texts.starts[side + 1]])
        })
    }

    /// The first token of the answer.
    pub fn target(&self, idx: usize) -> f32 {
        self.sides(idx)[1].first().map_or(0.0, |&token| f32::from(token))
    }

    /// Train and validation: of pairs that may share a source whole stretches are held out, each as likely as the others.
    pub fn partition(&self, validation_share: f64, seed: u32) -> Partition {
        let stretches = Partition::new(self.len().div_ceil(self.stretch), validation_share, seed);
        let within = |stretches: Vec<u32>| -> Vec<u32> {
            let of = |stretch: u32| stretch * self.stretch as u32..(stretch + 1) * self.stretch as u32;
            stretches.into_iter().flat_map(of).filter(|&idx| (idx as usize) < self.len()).collect()
        };
        Partition { train: within(stretches.train), validation: within(stretches.validation) }
    }

    /// Replaces the buffer's contents with what the net reads, `[batch, source + target]`.
    pub fn fill_inputs(&self, indices: &[u32], inputs: &mut Vec<f32>) {
        inputs.clear();
        let width = self.source_steps + self.target_steps;
        for (row, &idx) in indices.iter().enumerate() {
            let [source, target] = self.sides(idx as usize);
            inputs.extend(source.iter().map(|&token| f32::from(token)).chain([END as f32]));
            inputs.resize(row * width + self.source_steps, PADDING as f32);
            inputs.push(BEGIN as f32);
            inputs.extend(target.iter().map(|&token| f32::from(token)));
            inputs.resize((row + 1) * width, PADDING as f32);
        }
    }

    /// Replaces the buffer's contents with what it should answer, `[batch, target]`.
    pub fn fill_targets(&self, indices: &[u32], targets: &mut Vec<f32>) {
        targets.clear();
        for (row, &idx) in indices.iter().enumerate() {
            let [_, target] = self.sides(idx as usize);
            targets.extend(target.iter().map(|&token| f32::from(token)).chain([END as f32]));
            targets.resize((row + 1) * self.target_steps, -1.0);
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

    const SHAPE: Shape = Shape::TokenPair { source: 4, target: 3, source_vocabulary: 9, target_vocabulary: 7 };
    /// Two pairs, `[7, 8] → [5]` and `[3] → [6, 4]`.
    const TWO: [u8; 16] = [2, 1, 1, 2, 7, 0, 8, 0, 5, 0, 3, 0, 6, 0, 4, 0];

    #[test]
    fn an_example_is_read_and_answered_as_by_hand() {
        let mut pairs = Pairs::empty(SHAPE, &[2, 1]);
        pairs.insert_shard(0, &TWO).unwrap();
        let (mut inputs, mut targets) = (Vec::new(), Vec::new());
        pairs.fill_inputs(&[1, 0], &mut inputs);
        pairs.fill_targets(&[1, 0], &mut targets);
        assert_eq!(inputs, [3.0, 2.0, 0.0, 0.0, 1.0, 6.0, 4.0, 7.0, 8.0, 2.0, 0.0, 1.0, 5.0, 0.0]);
        assert_eq!(targets, [6.0, 4.0, 2.0, 5.0, 2.0, -1.0]);
        assert_eq!((pairs.is_loaded(1), pairs.is_loaded(2), pairs.len()), (true, false, 3));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let refused = |shape, bytes: &[u8]| Pairs::empty(shape, &[2]).insert_shard(0, bytes).unwrap_err().to_string();
        let small = |source, target_vocabulary| Shape::TokenPair { source, target: 3, source_vocabulary: 9, target_vocabulary };
        assert!(refused(small(2, 7), &TWO).contains("side of 2 tokens"));
        assert!(refused(small(4, 6), &TWO).contains("token 6"));
        let mut with_begin = TWO;
        with_begin[4] = 1;
        assert!(refused(SHAPE, &with_begin).contains("token 1"));
        assert!(Pairs::empty(SHAPE, &[2]).insert_shard(0, &TWO[..15]).is_err());
        assert!(Pairs::empty(SHAPE, &[2]).insert_shard(1, &TWO).is_err());
    }

    /// By hand: 200 pairs are four stretches, of which 0.25 are held out: one of 64, or the last with 8.
    #[test]
    fn whole_stretches_are_held_out() {
        for seed in 0..20 {
            let Partition { train, validation } = Pairs::empty(SHAPE, &[150, 50]).partition(0.25, seed);
            assert_eq!(train.len() + validation.len(), 200);
            assert!(validation.len() == 64 || validation.len() == 8);
            assert!(validation.iter().all(|idx| idx / 64 == validation[0] / 64));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(0u8..9, 0..80), count in 0usize..20) {
            let mut pairs = Pairs::empty(SHAPE, &[count]);
            if pairs.insert_shard(0, &bytes).is_ok() {
                let (mut inputs, mut targets) = (Vec::new(), Vec::new());
                let all: Vec<u32> = (0..count as u32).collect();
                pairs.fill_inputs(&all, &mut inputs);
                pairs.fill_targets(&all, &mut targets);
                prop_assert!(inputs.len() == 7 * count && inputs.iter().all(|&token| token < 9.0));
                prop_assert!(targets.len() == 3 * count && targets.iter().all(|&token| token < 7.0));
            }
        }
    }
}
