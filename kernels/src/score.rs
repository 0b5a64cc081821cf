//! A batch's loss, what is shown beside it, and the slope of the loss, in one pass over the outputs.

use super::activation;
use descent_spec::Head;
use wide::f32x8;

/// What a batch's outputs are worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Mean loss.
    pub loss: f32,
    /// Share of right answers, or the mean absolute error.
    pub metric: f32,
    /// Derivative of the mean loss for each output.
    pub slope: Vec<f32>,
}

/// Scores `outputs`, `[batch, outputs of the head]`, against one target each; the formulas stand in the engine's `loss`.
///
/// Sums are in double precision, so that they hardly depend on the size of the batch.
pub fn score(head: Head, outputs: &[f32], targets: &[f32]) -> Score {
    let share = 1.0 / targets.len() as f32;
    match head {
        Head::Softmax { .. } | Head::Tokens { .. } => softmax(outputs, targets),
        Head::Sampled { negatives } => sampled(outputs, 1 + negatives),
        Head::Sigmoid => each(outputs, targets, |z, class| {
            // (1 − y) z − ln σ(z), with ln σ(z) = min(z, 0) − ln(1 + e^−|z|), which overflows nowhere.
            let loss = (1.0 - class) * z - (z.min(0.0) - (-z.abs()).exp().ln_1p());
            let sigmoid = 1.0 / (1.0 + (-z).exp());
            (loss, is(f32::from(z > 0.0) == class), (sigmoid - class) * share)
        }),
        Head::Perceptron => each(outputs, targets, |z, class| {
            let sign = 2.0 * class - 1.0;
            let is_mistake = z * sign <= 0.0;
            // A sum that is not a number must not pass for a right answer.
            let loss = if is_mistake || z.is_nan() { -z * sign } else { 0.0 };
            (loss, is(z * sign > 0.0), if is_mistake { -sign * share } else { 0.0 })
        }),
        Head::Linear => each(outputs, targets, |value, target| {
            let error = value - target;
            (error * error, error.abs(), 2.0 * error * share)
        }),
    }
}

fn is(right: bool) -> f32 {
    f32::from(right)
}

/// One output an example: loss, metric and slope from output and target.
fn each(outputs: &[f32], targets: &[f32], of: impl Fn(f32, f32) -> (f32, f32, f32)) -> Score {
    let (mut loss, mut metric) = (0.0, 0.0);
    let slope = outputs.iter().zip(targets).map(|(&output, &target)| {
        let (its_loss, its_metric, slope) = of(output, target);
        loss += f64::from(its_loss);
        metric += f64::from(its_metric);
        slope
    });
    let slope = slope.collect();
    let n = targets.len() as f64;
    Score { loss: (loss / n) as f32, metric: (metric / n) as f32, slope }
}

/// Rows of so many logits, the first of which belongs to the true neighbour.
fn sampled(logits: &[f32], width: usize) -> Score {
    let n = logits.len() / width;
    let share = 1.0 / n.max(1) as f32;
    let (mut loss, mut n_right) = (0.0, 0.0);
    let mut slope = Vec::with_capacity(logits.len());
    for row in logits.chunks_exact(width) {
        for (idx, &z) in row.iter().enumerate() {
            let truth = if idx == 0 { 1.0 } else { 0.0 };
            // (1 − y) z − ln σ(z), as for the sigmoid.
            loss += f64::from((1.0 - truth) * z - (z.min(0.0) - (-z.abs()).exp().ln_1p()));
            slope.push((1.0 / (1.0 + (-z).exp()) - truth) * share);
        }
        n_right += if row[1..].iter().all(|&rival| row[0] > rival) { 1.0 } else { 0.0 };
    }
    let n = n.max(1) as f64;
    Score { loss: (loss / n) as f32, metric: (n_right / n) as f32, slope }
}

/// A class below 0 is none: its row does not count.
fn softmax(logits: &[f32], classes: &[f32]) -> Score {
    let n_classes = logits.len() / classes.len();
    let n = classes.iter().filter(|&&class| class >= 0.0).count().max(1);
    let share = 1.0 / n as f32;
    let mut slope = logits.to_vec();
    let (mut loss, mut n_right) = (0.0, 0.0);
    for (row, &class) in slope.chunks_exact_mut(n_classes).zip(classes) {
        if class < 0.0 {
            row.fill(0.0);
            continue;
        }
        let class = class as usize;
        let logit = row[class];
        // The first of equals wins, as in NumPy's argmax; NaN never wins.
        let best = (1..n_classes).fold(0, |best, idx| if row[idx] > row[best] { idx } else { best });
        let largest = row[best];
        activation::map(row, |z| (z - f32x8::splat(largest)).exp());
        let sum: f64 = row.iter().map(|&it| f64::from(it)).sum();
        loss += sum.ln() + f64::from(largest) - f64::from(logit);
        n_right += if best == class { 1.0 } else { 0.0 };
        let scale = share / sum as f32;
        for value in row.iter_mut() {
            *value *= scale;
        }
        row[class] -= share;
    }
    let n = n as f64;
    Score { loss: (loss / n) as f32, metric: (n_right / n) as f32, slope }
}
