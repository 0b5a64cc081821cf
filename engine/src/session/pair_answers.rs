//! Pairs of a split and what the net answers to their sources: how many are right, and how near the others come.

use super::bleu::BleuCounts;
use super::translate::{Greedy, Reader, Spoken, TranslateError};
use super::{NotLoaded, Supervised};
use crate::data::{LabData, Pool};
use crate::read::ReadError;
use descent_spec::message::{Bleu, TranslatedPair};
use descent_spec::pairs::{END, Side, UNKNOWN_TOKEN, joined};
use descent_spec::{DataSet, Split};

/// Pairs that are answered side by side.
const BATCH: usize = 50;

/// Why no pairs can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PairsError {
    /// They have not come.
    #[error(transparent)]
    NotLoaded(#[from] NotLoaded),
    /// The session learns something else.
    #[error(transparent)]
    Translate(#[from] TranslateError),
}

/// Pairs being answered, token by token, with the net as it was at the beginning.
pub struct PairAnswers {
    reader: Reader,
    set: DataSet,
    split: Split,
    step: u64,
    epoch: u32,
    /// Indices within the pool.
    examples: Vec<usize>,
    batch: Option<Greedy>,
    spoken: Vec<Spoken>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct PairScore {
    /// Steps done when the answers were begun.
    pub step: u64,
    /// Whole epochs done then.
    pub epoch: u32,
    /// Which part.
    pub split: Split,
    /// How many pairs.
    pub n: u32,
    /// Share that is right to the last token. A word that is not in the vocabulary is right nowhere.
    pub exact: f64,
    /// Of translations.
    pub bleu: Option<Bleu>,
}

impl Supervised {
    /// Begins to answer pairs of a split from the `from`-th on, as many as there are up to `count`.
    ///
    /// # Errors
    /// When the session learns no pairs, or one of them has not come.
    pub fn answer_pairs(&self, split: Split, from: usize, count: usize, data: &LabData) -> Result<PairAnswers, PairsError> {
        let reader = self.reader()?;
        let end = self.n_examples(split, data).min(from.saturating_add(count));
        let examples: Vec<usize> = (from..end).filter_map(|index| self.pool_index(split, index)).collect();
        if examples.iter().any(|&idx| !pool(split, data).is_loaded(idx)) {
            return Err(NotLoaded.into());
        }
        let (set, progress) = (self.experiment.data.set, self.progress);
        let (step, epoch) = (progress.step, progress.epoch);
        Ok(PairAnswers { reader, set, split, step, epoch, examples, batch: None, spoken: Vec::new() })
    }
}

impl PairAnswers {
    /// One token more for some of them; says whether there is more to do.
    ///
    /// # Errors
    /// When the device was lost.
    pub async fn advance(&mut self, data: &LabData) -> Result<bool, ReadError> {
        let Some(batch) = &mut self.batch else {
            let rest = &self.examples[self.spoken.len()..];
            let with_end = |&idx: &usize| {
                let [mut source, _] = self.sides(idx, data);
                source.push(END);
                source
            };
            let sources: Vec<Vec<u32>> = rest.iter().take(BATCH).map(with_end).collect();
            if sources.is_empty() {
                return Ok(false);
            }
            self.batch = Some(self.reader.clone().begin(sources));
            return Ok(true);
        };
        if !batch.advance().await?
            && let Some(batch) = self.batch.take()
        {
            self.spoken.extend(batch.finish());
        }
        Ok(self.spoken.len() < self.examples.len())
    }

    /// Steps done when the answers were begun.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The pairs with their answers, in the order of the split.
    pub fn pairs(&self, data: &LabData) -> Vec<TranslatedPair> {
        let words = |tokens: &[u32], vocabulary: &[String], side: Side| {
            let spelled: Vec<&str> =
                tokens.iter().map(|&token| vocabulary.get(token as usize).map_or("?", String::as_str)).collect();
            joined(self.set, side, &spelled)
        };
        let pair = |(&idx, spoken): (&usize, &Spoken)| {
            let [source, target] = self.sides(idx, data);
            TranslatedPair {
                source: words(&source, &data.vocabulary, Side::Source),
                target: words(&target, &data.target_vocabulary, Side::Target),
                answer: words(without_end(spoken), &data.target_vocabulary, Side::Target),
                is_exact: is_exact(spoken, &target),
            }
        };
        self.examples.iter().zip(&self.spoken).map(pair).collect()
    }

    /// How good the answers are.
    pub fn score(&self, data: &LabData) -> PairScore {
        let mut counts = BleuCounts::default();
        let mut n_exact = 0;
        for (&idx, spoken) in self.examples.iter().zip(&self.spoken) {
            let [_, target] = self.sides(idx, data);
            n_exact += u32::from(is_exact(spoken, &target));
            // The same number stands for different unknown words.
            let answer: Vec<Option<u32>> =
                without_end(spoken).iter().map(|&token| (token != UNKNOWN_TOKEN).then_some(token)).collect();
            let reference: Vec<Option<u32>> =
                target.iter().map(|&token| Some(if token == UNKNOWN_TOKEN { u32::MAX } else { token })).collect();
            counts.add(&answer, &reference);
        }
        let n = self.spoken.len() as u32;
        PairScore {
            step: self.step,
            epoch: self.epoch,
            split: self.split,
            n,
            exact: f64::from(n_exact) / f64::from(n.max(1)),
            bleu: (self.set == DataSet::FraEng).then(|| counts.score()),
        }
    }

    fn sides(&self, idx: usize, data: &LabData) -> [Vec<u32>; 2] {
        let sides = pool(self.split, data).pairs().map_or([&[][..], &[]], |pairs| pairs.sides(idx));
        sides.map(|side| side.iter().map(|&token| u32::from(token)).collect())
    }
}

fn pool(split: Split, data: &LabData) -> &Pool {
    match split {
        Split::Train | Split::Validation => &data.train_pool,
        Split::Test => &data.test,
    }
}

fn without_end(spoken: &Spoken) -> &[u32] {
    match spoken.tokens.split_last() {
        Some((&END, rest)) => rest,
        _ => &spoken.tokens,
    }
}

fn is_exact(spoken: &Spoken, target: &[u32]) -> bool {
    spoken.is_finished && without_end(spoken) == target && !target.contains(&UNKNOWN_TOKEN)
}
