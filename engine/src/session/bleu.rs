//! Corpus BLEU-4 (Papineni, Roukos, Ward and Zhu 2002).

use descent_spec::message::Bleu;
use std::collections::HashMap;
use std::hash::Hash;

/// Longest run of tokens that is counted.
const MAX_RUN: usize = 4;

/// Counts over all pairs of an answer and its one reference; `score` puts them together. No smoothing: where no run of four tokens is
/// right, the score is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BleuCounts {
    right: [u64; MAX_RUN],
    all: [u64; MAX_RUN],
    answer_len: u64,
    reference_len: u64,
}

impl BleuCounts {
    /// Counts a pair. A run of the answer is right as often as it stands in the reference.
    pub fn add<T: Eq + Hash>(&mut self, answer: &[T], reference: &[T]) {
        self.answer_len += answer.len() as u64;
        self.reference_len += reference.len() as u64;
        for run in 1..=MAX_RUN {
            let mut left: HashMap<&[T], u64> = HashMap::new();
            for of_reference in reference.windows(run) {
                *left.entry(of_reference).or_default() += 1;
            }
            for of_answer in answer.windows(run) {
                self.all[run - 1] += 1;
                if let Some(left) = left.get_mut(of_answer).filter(|left| **left > 0) {
                    *left -= 1;
                    self.right[run - 1] += 1;
                }
            }
        }
    }

    /// `brevity · exp(¼ Σ ln precision)`.
    pub fn score(&self) -> Bleu {
        let precisions: [f64; MAX_RUN] =
            std::array::from_fn(|run| if self.all[run] == 0 { 0.0 } else { self.right[run] as f64 / self.all[run] as f64 });
        let brevity = match (self.answer_len, self.reference_len) {
            (0, _) => 0.0,
            (answer, reference) if answer >= reference => 1.0,
            (answer, reference) => (1.0 - reference as f64 / answer as f64).exp(),
        };
        let mean = precisions.iter().map(|precision| precision.ln()).sum::<f64>() / MAX_RUN as f64;
        Bleu { score: brevity * mean.exp(), precisions, brevity }
    }
}
