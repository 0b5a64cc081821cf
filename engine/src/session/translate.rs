//! Answers to sources: token by token, each from the source and all that was answered before it.
//!
//! The whole prefix is computed anew for each token: the same for a recurrent net and a transformer, and the same numbers as when a net
//! is trained, where all tokens of the target are there at once. Work is cut into single tokens, so that the worker listens between.

use super::Supervised;
use crate::model::{Net, Signal, Tokens, time_first};
use crate::read::{ReadError, read_all, read_one};
use descent_spec::data::PADDING;
use descent_spec::pairs::{BEGIN, END, MAX_BEAM};
use descent_spec::{LayerSpec, Shape};

/// Why nothing can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TranslateError {
    /// The session learns something else.
    #[error("This net does not answer a sequence with a sequence.")]
    NoPairs,
    /// There is nothing to read.
    #[error("There is nothing to read: write something.")]
    Empty,
    /// The source is longer than those that the net learns from.
    #[error("That is too long: the net reads {0} tokens at most.")]
    TooLong(usize),
    /// A beam without a width, or with too large a one.
    #[error("A beam keeps 1 to {MAX_BEAM} answers.")]
    Beam,
}

/// An answer in the tokens' numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken {
    /// Its tokens, the end included where it came.
    pub tokens: Vec<u32>,
    /// Natural logarithm of its probability.
    pub log_probability: f64,
    /// Whether it ended.
    pub is_finished: bool,
}

impl Spoken {
    /// The same for each token: a longer answer is not worse for being longer.
    fn per_token(&self) -> f64 {
        self.log_probability / self.tokens.len().max(1) as f64
    }
}

/// Most probable tokens, one after the other, for many sources at once; on a snapshot of the net.
pub struct Greedy {
    reader: Reader,
    /// Tokens with their end.
    sources: Vec<Vec<u32>>,
    spoken: Vec<Spoken>,
}

/// The most probable answers that a beam of some width finds to one source; on a snapshot of the net.
pub struct Beam {
    reader: Reader,
    source: Vec<u32>,
    width: usize,
    step: u64,
    live: Vec<Spoken>,
    finished: Vec<Spoken>,
}

/// A snapshot of the net that answers.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    net: Net,
    vocabulary: usize,
    /// Most tokens of an answer.
    room: usize,
}

/// Weights of attention for one answer, `[answer, source]`, one for each head.
#[derive(Debug, Clone, PartialEq)]
pub struct AttentionMap {
    /// `attend1`, `transformer1 head 1`.
    pub name: String,
    /// Row by row.
    pub weights: Vec<f32>,
}

impl Supervised {
    /// Whether it learns pairs.
    pub fn is_translating(&self) -> bool {
        matches!(self.traced[0].input, Shape::TokenPair { .. })
    }

    /// Begins to answer sources (tokens without their end) with the net as it is now.
    ///
    /// # Errors
    /// [`TranslateError::NoPairs`], or the first source that is empty or too long.
    pub fn answer_greedily(&self, sources: Vec<Vec<u32>>) -> Result<Greedy, TranslateError> {
        let sources = sources.into_iter().map(|source| self.with_end(source)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.reader()?.begin(sources))
    }

    /// Begins to look for the best answers to a source (without its end) with the net as it is now.
    ///
    /// # Errors
    /// As [`answer_greedily`](Self::answer_greedily), and a width out of bounds.
    pub fn answer_by_beam(&self, source: Vec<u32>, width: u32) -> Result<Beam, TranslateError> {
        if !(1..=MAX_BEAM).contains(&width) {
            return Err(TranslateError::Beam);
        }
        let live = vec![Spoken { tokens: Vec::new(), log_probability: 0.0, is_finished: false }];
        let (reader, source) = (self.reader()?, self.with_end(source)?);
        Ok(Beam { reader, source, width: width as usize, step: self.progress.step, live, finished: Vec::new() })
    }

    pub(super) fn reader(&self) -> Result<Reader, TranslateError> {
        let Shape::TokenPair { target, target_vocabulary, .. } = self.traced[0].input else {
            return Err(TranslateError::NoPairs);
        };
        Ok(Reader { net: self.evaluation_net(), vocabulary: target_vocabulary, room: target })
    }

    fn with_end(&self, mut source: Vec<u32>) -> Result<Vec<u32>, TranslateError> {
        let Shape::TokenPair { source: room, .. } = self.traced[0].input else { return Err(TranslateError::NoPairs) };
        if source.is_empty() {
            return Err(TranslateError::Empty);
        }
        if source.len() >= room {
            return Err(TranslateError::TooLong(room - 1));
        }
        source.push(END);
        Ok(source)
    }

    /// What each step of an answer took from the source, for every layer and head with attention.
    ///
    /// # Errors
    /// When the device was lost.
    pub async fn attention(&self, beam: &Beam, answer: &Spoken) -> Result<Vec<AttentionMap>, ReadError> {
        let said = &answer.tokens[..answer.tokens.len().saturating_sub(1)];
        let x = beam.reader.signal(&[&beam.source], &[said]);
        let (_, maps) = beam.reader.net.forward_with_maps(x);
        let mut n_heads = vec![0; self.traced.len()];
        maps.iter().for_each(|&(layer, ..)| n_heads[layer] += 1);
        let name = |layer: usize, head: usize| {
            let nth = 1 + self.traced[..layer].iter().filter(|it| it.layer.kind() == self.traced[layer].layer.kind()).count();
            match self.traced[layer].layer {
                LayerSpec::Transformer { .. } => format!("transformer{nth} head {}", head + 1),
                _ => self.traced[layer].name.clone(),
            }
        };
        let names: Vec<String> = maps.iter().map(|&(layer, head, _)| name(layer, head)).collect();
        let values = read_all(maps.into_iter().map(|(.., weights)| weights.reshape([-1])).collect()).await?;
        Ok(names.into_iter().zip(values).map(|(name, weights)| AttentionMap { name, weights }).collect())
    }
}

impl Reader {
    /// Begins to answer sources with their end.
    pub(super) fn begin(self, sources: Vec<Vec<u32>>) -> Greedy {
        let spoken = vec![Spoken { tokens: Vec::new(), log_probability: 0.0, is_finished: false }; sources.len()];
        Greedy { reader: self, sources, spoken }
    }

    /// Sources with their end, and prefixes of the same length without their begin.
    fn signal(&self, sources: &[&[u32]], prefixes: &[&[u32]]) -> Signal {
        let batch = sources.len();
        let longest = sources.iter().map(|source| source.len()).max().unwrap_or(1);
        let padded = |source: &&[u32]| {
            let mut row = source.to_vec();
            row.resize(longest, PADDING);
            row
        };
        let rows: Vec<u32> = sources.iter().flat_map(padded).collect();
        let lengths = Some(sources.iter().map(|source| source.len()).collect());
        let source = Tokens { ids: time_first(&rows, batch, longest, 1), batch, lengths };
        let said: Vec<u32> = prefixes.iter().flat_map(|prefix| [BEGIN].into_iter().chain(prefix.iter().copied())).collect();
        let target = Tokens { ids: time_first(&said, batch, said.len() / batch.max(1), 1), batch, lengths: None };
        Signal::TokenPair(source, target)
    }

    /// Logits of the token behind each prefix, `[prefixes, vocabulary]`.
    async fn next(&self, sources: &[&[u32]], prefixes: &[&[u32]]) -> Result<Vec<f32>, ReadError> {
        let outputs = self.net.forward(self.signal(sources, prefixes));
        let [rows, _] = outputs.dims();
        read_one(outputs.narrow(0, rows - prefixes.len(), prefixes.len())).await
    }
}

impl Greedy {
    /// One token more for every answer that has not ended; says whether there is more to do.
    ///
    /// # Errors
    /// When the device was lost.
    pub async fn advance(&mut self) -> Result<bool, ReadError> {
        let room = self.reader.room;
        let open: Vec<usize> =
            (0..self.spoken.len()).filter(|&idx| !self.spoken[idx].is_finished && self.spoken[idx].tokens.len() < room).collect();
        if open.is_empty() {
            return Ok(false);
        }
        let sources: Vec<&[u32]> = open.iter().map(|&idx| self.sources[idx].as_slice()).collect();
        let prefixes: Vec<&[u32]> = open.iter().map(|&idx| self.spoken[idx].tokens.as_slice()).collect();
        let logits = self.reader.next(&sources, &prefixes).await?;
        for (idx, logits) in open.into_iter().zip(logits.chunks_exact(self.reader.vocabulary)) {
            let (token, log_probability) = most_probable(logits, 1)[0];
            self.spoken[idx].say(token, log_probability);
        }
        Ok(self.spoken.iter().any(|it| !it.is_finished && it.tokens.len() < room))
    }

    /// The answers, in the order of their sources.
    pub fn finish(self) -> Vec<Spoken> {
        self.spoken
    }
}

impl Beam {
    /// One token more; says whether there is more to do.
    ///
    /// # Errors
    /// When the device was lost.
    pub async fn advance(&mut self) -> Result<bool, ReadError> {
        if self.live.is_empty() {
            return Ok(false);
        }
        let sources = vec![self.source.as_slice(); self.live.len()];
        let prefixes: Vec<&[u32]> = self.live.iter().map(|it| it.tokens.as_slice()).collect();
        let logits = self.reader.next(&sources, &prefixes).await?;
        let mut grown: Vec<Spoken> = Vec::new();
        for (prefix, logits) in self.live.iter().zip(logits.chunks_exact(self.reader.vocabulary)) {
            for (token, log_probability) in most_probable(logits, self.width) {
                let mut longer = prefix.clone();
                longer.say(token, log_probability);
                grown.push(longer);
            }
        }
        // All are equally long. The order of the tokens decides between equals, so that the same net gives the same answers.
        grown.sort_by(|a, b| b.log_probability.total_cmp(&a.log_probability).then_with(|| a.tokens.cmp(&b.tokens)));
        grown.truncate(self.width);
        let room = self.reader.room;
        let (ended, live): (Vec<_>, Vec<_>) = grown.into_iter().partition(|it| it.is_finished || it.tokens.len() >= room);
        self.finished.extend(ended);
        self.live = live;
        if self.finished.len() >= self.width {
            self.live.clear();
        }
        Ok(!self.live.is_empty())
    }

    /// Steps done when it was begun.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The source with its end.
    pub fn source(&self) -> &[u32] {
        &self.source
    }

    /// The answers, the most probable for each of its tokens first; those that ended before those that had no room to.
    pub fn answers(&self) -> Vec<Spoken> {
        let mut answers = self.finished.clone();
        answers.sort_by(|a, b| b.is_finished.cmp(&a.is_finished).then_with(|| b.per_token().total_cmp(&a.per_token())));
        answers.truncate(self.width);
        answers
    }
}

impl Spoken {
    fn say(&mut self, token: u32, log_probability: f64) {
        self.tokens.push(token);
        self.log_probability += log_probability;
        self.is_finished = token == END;
    }
}

/// Whether a token may stand in an answer: the padding and the begin are for reading only.
fn is_sayable(token: u32) -> bool {
    !matches!(token, PADDING | BEGIN)
}

/// The `n` most probable of the tokens that may stand in an answer, the first of equals first, each with the logarithm of its
/// probability in double precision. The probability is the net's, in which all tokens have a share.
fn most_probable(logits: &[f32], n: usize) -> Vec<(u32, f64)> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|&logit| f64::from(logit - largest).exp()).sum();
    let normalizer = f64::from(largest) + sum.ln();
    let mut best: Vec<(u32, f64)> = Vec::with_capacity(n + 1);
    for (token, &logit) in (0..).zip(logits).filter(|&(token, _)| is_sayable(token)) {
        let place = best.partition_point(|&(_, other)| other >= f64::from(logit));
        if place < n {
            best.insert(place, (token, f64::from(logit)));
            best.truncate(n);
        }
    }
    best.into_iter().map(|(token, logit)| (token, logit - normalizer)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logits ln 8, ln 4, ln 2, ln 16, ln 1, ln 1 have the probabilities 1/4, 1/8, 1/16, 1/2, 1/32, 1/32.
    #[test]
    fn what_is_for_reading_only_is_never_said() {
        let logits = [8.0f32, 4.0, 2.0, 16.0, 1.0, 1.0].map(f32::ln);
        let found = most_probable(&logits, 2);
        assert_eq!(found.iter().map(|it| it.0).collect::<Vec<_>>(), [3, END]);
        for ((_, found), expected) in found.into_iter().zip([1.0f64 / 2.0, 1.0 / 16.0]) {
            assert!((found - expected.ln()).abs() < 1e-6, "{found}");
        }
        assert_eq!(most_probable(&logits, 8).len(), 4);
    }
}
