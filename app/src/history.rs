//! The curves of the running session, kept outside the signals: thousands of points, read when [`crate::state::Lab::history_tick`] moves.

use crate::pairs::PairScore;
use descent_spec::message::{EvalPoint, StepPoint};
use serde::{Deserialize, Serialize};

/// Beyond this many step points neighbours are merged in pairs: 16 bytes each, so 2 MB, and far more than a chart has pixels.
const MAX_STEPS: usize = 1 << 17;
/// The same for reports of gradient norms, one for each layer: ten minutes at ten reports a second.
const MAX_REPORTS: usize = 6_000;

/// Most texts that are kept: a few hundred bytes each.
const MAX_TEXTS: usize = 200;

/// Gradient norms of one report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NormPoint {
    /// Step they belong to.
    pub step: u64,
    /// One for each layer of the run.
    pub norms: Vec<f32>,
}

/// A text that the net wrote at the end of an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptText {
    /// Epochs done; 0 is before the first step.
    pub epoch: u32,
    /// Steps done.
    pub step: u64,
    /// What it wrote.
    pub text: String,
}

/// Everything a chart over steps can show.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Every training step (pairs are averaged once there are very many).
    pub points: Vec<StepPoint>,
    /// Every evaluation on validation data.
    pub validation: Vec<EvalPoint>,
    /// Gradient norms by report.
    pub gradient_norms: Vec<NormPoint>,
    /// Texts by epoch; of very many every second is kept.
    pub texts: Vec<KeptText>,
    /// Every score of answers to validation pairs that came by itself.
    pub scores: Vec<PairScore>,
}

impl History {
    /// Adds the points of one report.
    pub fn push_steps(&mut self, points: &[StepPoint], norms: &[f32]) {
        self.points.extend_from_slice(points);
        if self.points.len() > MAX_STEPS {
            self.points = self.points.chunks(2).map(merged).collect();
        }
        if let (Some(last), false) = (points.last(), norms.is_empty()) {
            self.gradient_norms.push(NormPoint { step: last.step, norms: norms.to_vec() });
            if self.gradient_norms.len() > MAX_REPORTS {
                let mut keep = false;
                self.gradient_norms.retain(|_| {
                    keep = !keep;
                    keep
                });
            }
        }
    }

    /// Adds a point of the dashed curve; a later one at the same step replaces it.
    pub fn push_validation(&mut self, point: EvalPoint) {
        self.validation.retain(|earlier| earlier.step < point.step);
        self.validation.push(point);
    }

    /// Adds a text; a later one at the same step replaces it.
    pub fn push_text(&mut self, text: KeptText) {
        self.texts.retain(|earlier| earlier.step < text.step);
        self.texts.push(text);
        if self.texts.len() > MAX_TEXTS {
            let mut keep = false;
            self.texts.retain(|_| {
                keep = !keep;
                keep
            });
        }
    }

    /// Adds a score; a later one at the same step replaces it.
    pub fn push_score(&mut self, score: PairScore) {
        self.scores.retain(|earlier| earlier.step < score.step);
        self.scores.push(score);
    }

    /// Forgets what came after this step: the session was taken back to a checkpoint.
    pub fn truncate(&mut self, step: u64) {
        self.points.retain(|point| point.step <= step);
        self.validation.retain(|point| point.step <= step);
        self.gradient_norms.retain(|point| point.step <= step);
        self.texts.retain(|text| text.step <= step);
        self.scores.retain(|score| score.step <= step);
    }

    /// A few bytes for each point, for storage.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).unwrap_or_default()
    }

    /// Reads [`to_bytes`](Self::to_bytes); `None` where they are something else.
    pub fn from_bytes(bytes: &[u8]) -> Option<History> {
        // What was saved before there were texts or scores ends where they begin: a zero stands for none.
        [&[][..], &[0], &[0, 0]].into_iter().find_map(|end| postcard::from_bytes(&[bytes, end].concat()).ok())
    }
}

fn merged(pair: &[StepPoint]) -> StepPoint {
    let n = pair.len() as f32;
    StepPoint {
        step: pair[pair.len() - 1].step,
        loss: pair.iter().map(|point| point.loss).sum::<f32>() / n,
        accuracy: pair.iter().map(|point| point.accuracy).sum::<f32>() / n,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(steps: std::ops::RangeInclusive<u64>) -> Vec<StepPoint> {
        steps.map(|step| StepPoint { step, loss: step as f32, accuracy: 0.5 }).collect()
    }

    #[test]
    fn it_survives_storage_and_refuses_rubbish() {
        let mut history = History::default();
        history.push_steps(&points(1..=3), &[0.1, 0.2]);
        history.push_validation(EvalPoint { step: 3, loss: 0.5, accuracy: 0.75, count: 8 });
        let without_texts = history.to_bytes();
        for n_missing in [1, 2] {
            assert_eq!(History::from_bytes(&without_texts[..without_texts.len() - n_missing]), Some(history.clone()));
        }
        history.push_score(PairScore { step: 3, n: 200, exact: 0.25, bleu: None });
        history.push_text(KeptText { epoch: 1, step: 3, text: "To be".into() });
        assert_eq!(History::from_bytes(&history.to_bytes()), Some(history));
        assert_eq!(History::from_bytes(&[255; 20]), None);
    }

    #[test]
    fn going_back_forgets_and_plenty_is_thinned() {
        let mut history = History::default();
        history.push_steps(&points(1..=10), &[1.0]);
        history.truncate(4);
        assert_eq!(history.points.len(), 4);
        assert!(history.gradient_norms.is_empty());
        history.push_steps(&points(5..=MAX_STEPS as u64 + 1), &[]);
        assert_eq!(history.points.len(), MAX_STEPS / 2 + 1);
        assert_eq!(history.points[0], StepPoint { step: 2, loss: 1.5, accuracy: 0.5 });
        assert_eq!(history.points[MAX_STEPS / 2].step, MAX_STEPS as u64 + 1);
    }
}
