//! The loss of a classifier.

use burn::tensor::{Int, Tensor, activation::log_softmax};

/// Mean cross-entropy of logits against classes: `−1/N Σᵢ log softmax(zᵢ)[yᵢ]`.
///
/// Shapes: logits `[batch, classes]`, classes `[batch]`, result `[1]`.
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// let device = Device::flex();
/// // Two equal logits: each class has probability 1/2, and −ln(1/2) = 0.6931.
/// let logits = Tensor::<2>::from_floats([[0.0, 0.0]], &device);
/// let classes = Tensor::<1, Int>::from_ints([1], &device);
/// let loss: f32 = descent_engine::loss::cross_entropy(logits, classes).into_scalar();
/// assert!((loss - std::f32::consts::LN_2).abs() < 1e-6);
/// ```
pub fn cross_entropy(logits: Tensor<2>, classes: Tensor<1, Int>) -> Tensor<1> {
    let [batch, _classes] = logits.dims();
    log_softmax(logits, 1).gather(1, classes.reshape([batch, 1])).mean().neg()
}

/// Share of examples whose largest logit is the right class, as `[1]`, untracked.
pub fn accuracy(logits: Tensor<2>, classes: Tensor<1, Int>) -> Tensor<1> {
    let [batch, _classes] = logits.dims();
    logits.argmax(1).reshape([batch]).equal(classes).float().mean()
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn score_is_softmax_by_hand() {
        // exp(1) / (exp(1) + exp(0)) = 0.731059; −ln of it = 0.313262.
        let (probabilities, loss, best) = score(&[1.0, 0.0], 0);
        assert!((probabilities[0] - 0.731_059).abs() < 1e-6);
        assert!((loss - 0.313_262).abs() < 1e-6);
        assert_eq!(best, 0);
        // Large logits neither overflow nor lose the answer.
        let (probabilities, loss, best) = score(&[1000.0, 0.0], 1);
        assert_eq!((probabilities[0], loss, best), (1.0, 1000.0, 0));
    }
}
