//! Evaluation: loss, metric, confusion matrix and mistakes over a split, one batch at a time.

use super::Supervised;
use super::slices::by_row;
use crate::data::LabData;
use crate::loss::judge;
use crate::model::Net;
use crate::read::{ReadError, read_one};
use descent_spec::Split;
use descent_spec::message::{EvalPoint, Mistake};

/// Examples per unit of work: small enough that the worker can listen between two of them.
const BATCH: usize = 64;
/// Most mistakes kept.
const MAX_MISTAKES: usize = 100;
/// Most examples kept for each cell of the confusion matrix.
const MAX_CELL: usize = 24;

/// Examples that an evaluation needs are not loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The examples of this split are not loaded yet.")]
pub struct NotLoaded;

/// An evaluation under way. It works on a snapshot: training may go on between two batches.
pub struct Evaluation {
    net: Net,
    split: Split,
    step: u64,
    /// (index within the split, index within the pool).
    examples: Vec<(u32, usize)>,
    next: usize,
    /// Answers so far: one for each example, or for each of its steps.
    n_judged: usize,
    n_classes: usize,
    loss_sum: f64,
    metric_sum: f64,
    confusion: Vec<u32>,
    cells: Vec<Vec<u32>>,
    mistakes: Vec<Mistake>,
}

/// What an evaluation found.
#[derive(Debug, Clone, PartialEq)]
pub struct EvalOutcome {
    /// Loss and metric.
    pub point: EvalPoint,
    /// `[truth * n_classes + predicted]`; empty for regression, like the two below.
    pub confusion: Vec<u32>,
    /// Wrong answers, most certain first.
    pub mistakes: Vec<Mistake>,
    /// Some examples of each cell, as indices within the split.
    pub cells: Vec<Vec<u32>>,
}

impl Supervised {
    /// Starts an evaluation of a split, or of its first `sample` examples.
    ///
    /// # Errors
    /// [`NotLoaded`] when one of the examples is missing.
    pub fn evaluate(&self, split: Split, sample: Option<usize>, data: &LabData) -> Result<Evaluation, NotLoaded> {
        let pool = match split {
            Split::Train | Split::Validation => &data.train_pool,
            Split::Test => &data.test,
        };
        let len = self.n_examples(split, data);
        let count = sample.map_or(len, |sample| sample.min(len));
        let examples: Vec<(u32, usize)> =
            (0..count).filter_map(|index| self.pool_index(split, index).map(|pool_idx| (index as u32, pool_idx))).collect();
        if examples.is_empty() || examples.iter().any(|&(_, idx)| !pool.is_loaded(idx)) {
            return Err(NotLoaded);
        }
        let n_classes = pool.n_classes();
        Ok(Evaluation {
            net: self.evaluation_net(),
            split,
            step: self.progress.step,
            examples,
            next: 0,
            n_judged: 0,
            n_classes,
            loss_sum: 0.0,
            metric_sum: 0.0,
            confusion: vec![0; n_classes * n_classes],
            cells: vec![Vec::new(); n_classes * n_classes],
            mistakes: Vec::new(),
        })
    }
}

impl Evaluation {
    /// Works through the next batch; says whether there is more to do.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn advance(&mut self, session: &Supervised, data: &LabData) -> Result<bool, ReadError> {
        let pool = match self.split {
            Split::Test => &data.test,
            Split::Train | Split::Validation => &data.train_pool,
        };
        let batch = &self.examples[self.next..(self.next + BATCH).min(self.examples.len())];
        if batch.is_empty() {
            return Ok(false);
        }
        let indices: Vec<u32> = batch.iter().map(|&(_, pool_idx)| pool_idx as u32).collect();
        let (mut inputs, mut targets) = (Vec::new(), Vec::new());
        pool.fill_batch(&indices, &mut inputs, &mut targets);
        let x = session.batch_tensor(inputs, batch.len(), &session.device.clone().inner());
        let outputs = read_one(self.net.forward(x)).await?; // [batch × outputs]
        let targets = by_row(session.head, targets, batch.len());
        // Of sequences each step is a row, time first.
        let rows = outputs.chunks_exact(session.head.n_outputs()).zip(&targets).zip(batch.iter().cycle());
        // A token below 0 is none; a value below 0 is one.
        let counts = |target: f32| target >= 0.0 || !session.head.is_stepwise();
        for ((outputs, &target), &(index, _)) in rows.filter(|((_, target), _)| counts(**target)) {
            let judged = judge(session.head, outputs, target);
            self.n_judged += 1;
            self.loss_sum += judged.loss;
            self.metric_sum += judged.metric;
            let Some(predicted) = judged.predicted.filter(|_| self.n_classes > 0) else { continue };
            let truth = target as usize;
            let cell = truth * self.n_classes + predicted;
            self.confusion[cell] += 1;
            if self.cells[cell].len() < MAX_CELL {
                self.cells[cell].push(index);
            }
            if predicted != truth {
                self.mistakes.push(Mistake {
                    index,
                    truth: truth as u32,
                    predicted: predicted as u32,
                    probability: judged.probabilities[predicted],
                });
            }
        }
        self.next += batch.len();
        Ok(self.next < self.examples.len())
    }

    /// The sums so far as an outcome.
    pub fn finish(mut self) -> EvalOutcome {
        self.mistakes.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.index.cmp(&b.index)));
        self.mistakes.truncate(MAX_MISTAKES);
        let count = self.n_judged.max(1) as f64;
        EvalOutcome {
            point: EvalPoint {
                step: self.step,
                loss: (self.loss_sum / count) as f32,
                accuracy: (self.metric_sum / count) as f32,
                count: self.n_judged as u32,
            },
            confusion: self.confusion,
            mistakes: self.mistakes,
            cells: self.cells,
        }
    }
}
