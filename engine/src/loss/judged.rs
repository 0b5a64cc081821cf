//! Answers judged one by one on the host, in double precision: what evaluations are summed from.

use super::sign;
use descent_spec::Head;
use descent_spec::message::{ClassLosses, Losses};

/// Softmax and cross-entropy of one example on the host, in double precision: what evaluations are summed from.
///
/// Returns the probabilities, the loss and the most probable class.
pub fn score(logits: &[f32], class: usize) -> (Vec<f32>, f64, usize) {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exps: Vec<f64> = logits.iter().map(|&logit| f64::from(logit - largest).exp()).collect();
    let sum: f64 = exps.iter().sum();
    let probabilities = exps.iter().map(|exp| (exp / sum) as f32).collect();
    let loss = sum.ln() - f64::from(logits[class] - largest);
    // The first of equals wins, as in NumPy's argmax; NaN never wins.
    let best = (0..logits.len()).fold(0, |best, idx| if logits[idx] > logits[best] { idx } else { best });
    (probabilities, loss, best)
}

/// The perceptron's step, loss and class: its answer is 1, 0, or ½ on the line, where it is wrong whatever the class.
fn step(sum: f32, class: usize) -> (Vec<f32>, f64, usize) {
    let to_its_side = f64::from(sum) * f64::from(sign(class as f32));
    let of_class_1 = if sum > 0.0 {
        1.0
    } else if sum < 0.0 {
        0.0
    } else {
        0.5
    };
    let predicted = if to_its_side > 0.0 { class } else { 1 - class.min(1) };
    (vec![1.0 - of_class_1, of_class_1], (-to_its_side).max(0.0), predicted)
}

/// The loss of negative sampling of one example, the probability of each word to be a neighbour, and whether the true one, the first,
/// has the largest.
fn sampled(logits: &[f32]) -> Judged {
    // −ln σ(z) = ln(1 + e^−z), without overflow.
    let surprise = |z: f64| (-z).max(0.0) + (-z.abs()).exp().ln_1p();
    let signed = logits.iter().enumerate().map(|(idx, &z)| if idx == 0 { f64::from(z) } else { -f64::from(z) });
    let is_right = logits.first().is_some_and(|first| logits[1..].iter().all(|rival| first > rival));
    Judged {
        probabilities: logits.iter().map(|&z| (1.0 / (1.0 + (-f64::from(z)).exp())) as f32).collect(),
        loss: signed.map(surprise).sum(),
        predicted: None,
        metric: if is_right { 1.0 } else { 0.0 },
    }
}

/// One answer, judged on the host in double precision.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// One for each class; for regression the value.
    pub probabilities: Vec<f32>,
    /// Its loss.
    pub loss: f64,
    /// The most probable class; none for regression.
    pub predicted: Option<usize>,
    /// 1 where the class is right and 0 where not; for regression the absolute error.
    pub metric: f64,
}

/// Judges the outputs of one example against its target.
pub fn judge(head: Head, outputs: &[f32], target: f32) -> Judged {
    let class = target as usize;
    let judged = |(probabilities, loss, predicted): (Vec<f32>, f64, usize)| {
        let metric = if predicted == class { 1.0 } else { 0.0 };
        Judged { probabilities, loss, predicted: Some(predicted), metric }
    };
    let first = outputs.first().copied().unwrap_or_default();
    match head {
        Head::Softmax { .. } | Head::Tokens { .. } => judged(score(outputs, class)),
        // softmax((0, z)) = (1 − σ(z), σ(z)), so that one logit is scored as two.
        Head::Sigmoid => judged(score(&[0.0, first], class)),
        Head::Perceptron => judged(step(first, class)),
        Head::Sampled { .. } => sampled(outputs),
        Head::Linear => {
            let error = f64::from(first) - f64::from(target);
            Judged { probabilities: vec![first], loss: error * error, predicted: None, metric: error.abs() }
        }
    }
}

/// What several losses say of the outputs of one example, on the host in double precision; [`Losses`] has the formulas.
///
/// ```
/// // z = 0 for class 1: p = 1/2, both cross-entropies are ln 2, the hinge loss is 1 − 0.
/// let losses = descent_engine::loss::compare(descent_spec::Head::Sigmoid, &[0.0], 1.0);
/// let of_classes = losses.of_classes.unwrap();
/// assert_eq!((losses.squared, losses.absolute, of_classes.hinge), (0.25, 0.5, 1.0));
/// assert!((of_classes.binary - 2.0_f64.ln()).abs() < 1e-15 && of_classes.binary == of_classes.categorical);
/// ```
pub fn compare(head: Head, outputs: &[f32], target: f32) -> Losses {
    let logits: Vec<f64> = match head {
        Head::Linear => {
            let error = f64::from(outputs.first().copied().unwrap_or_default()) - f64::from(target);
            return Losses { squared: error * error, absolute: error.abs(), of_classes: None };
        }
        // One logit is two of which one is 0; the mean over two classes is then what the formula for one says.
        Head::Sigmoid | Head::Perceptron => [0.0].into_iter().chain(outputs.iter().map(|&logit| f64::from(logit))).collect(),
        Head::Softmax { .. } | Head::Tokens { .. } | Head::Sampled { .. } => {
            outputs.iter().map(|&logit| f64::from(logit)).collect()
        }
    };
    let class = target as usize;
    let classes = || 0..logits.len();
    // ln Σ exp(zₖ) over some of the classes, without overflow.
    let log_sum = |keep: &dyn Fn(usize) -> bool| {
        let largest = classes().filter(|&k| keep(k)).map(|k| logits[k]).fold(f64::NEG_INFINITY, f64::max);
        largest + classes().filter(|&k| keep(k)).map(|k| (logits[k] - largest).exp()).sum::<f64>().ln()
    };
    let total = log_sum(&|_| true);
    let mean = |of: &dyn Fn(usize) -> f64| classes().map(of).sum::<f64>() / logits.len() as f64;
    // 1 − pₖ is the share of the others: subtracting from 1 would lose it where pₖ is nearly 1.
    let error = |k: usize| if k == class { (log_sum(&|j| j != k) - total).exp() } else { (logits[k] - total).exp() };
    let binary = |k: usize| if k == class { total - logits[k] } else { total - log_sum(&|j| j != k) };
    let rival = classes().filter(|&k| k != class).map(|k| logits[k]).fold(f64::NEG_INFINITY, f64::max);
    Losses {
        squared: mean(&|k| error(k).powi(2)),
        absolute: mean(&error),
        of_classes: Some(ClassLosses {
            categorical: total - logits[class],
            binary: mean(&binary),
            hinge: (1.0 + rival - logits[class]).max(0.0),
        }),
    }
}
