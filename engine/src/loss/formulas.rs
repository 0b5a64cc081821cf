//! The losses and what is shown beside them, on tensors.

use crate::kernels;
use burn::tensor::activation::{log_sigmoid, log_softmax};
use burn::tensor::{Int, Tensor};

/// Mean binary cross-entropy of logits against classes 0 and 1: `1/N Σᵢ −yᵢ ln σ(zᵢ) − (1 − yᵢ) ln(1 − σ(zᵢ))`, computed as
/// `(1 − y) z − ln σ(z)`, which is the same and overflows nowhere (PyTorch's `BCEWithLogitsLoss`).
///
/// Shapes: `[batch, 1]` both, result `[1]`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// let device = Device::flex();
/// // σ(0) = 1/2: whatever the class, the loss is −ln(1/2) = 0.6931.
/// let (logits, classes) = (Tensor::<2>::from_floats([[0.0]], &device), Tensor::<2>::from_floats([[1.0]], &device));
/// let loss: f32 = descent_engine::loss::binary_cross_entropy(logits, classes).into_scalar();
/// assert!((loss - std::f32::consts::LN_2).abs() < 1e-6);
/// ```
pub fn binary_cross_entropy(logits: Tensor<2>, classes: Tensor<2>) -> Tensor<1> {
    (logits.clone() * (classes.neg() + 1.0) - log_sigmoid(logits)).mean()
}

/// Mean loss of negative sampling `1/N Σᵢ (−ln σ(zᵢ₀) − Σₖ ln σ(−zᵢₖ))`, the first logit of each row being that of the true
/// neighbour and the others those of drawn words (Mikolov and others 2013, equation 4, with the sign of a loss).
///
/// Shapes: logits `[batch, 1 + negatives]`, result `[1]`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// // σ(0) = 1/2 three times: −3 ln(1/2) = 2.0794.
/// let logits = Tensor::<2>::from_floats([[0.0, 0.0, 0.0]], &Device::flex());
/// let loss: f32 = descent_engine::loss::negative_sampling(logits).into_scalar();
/// assert!((loss - 3.0 * std::f32::consts::LN_2).abs() < 1e-6);
/// ```
pub fn negative_sampling(logits: Tensor<2>) -> Tensor<1> {
    let [batch, width] = logits.dims();
    let truth = log_sigmoid(logits.clone().narrow(1, 0, 1)).sum();
    let drawn = log_sigmoid(logits.narrow(1, 1, width - 1).neg()).sum();
    (truth + drawn).neg() / batch as f64
}

/// Mean perceptron loss `1/N Σᵢ max(0, −tᵢ zᵢ)` of sums against signs (Rosenblatt 1958; Bishop 2006, 4.1.7). Its slope for z is
/// `−t` where `t z ≤ 0`, else 0: a sum of exactly 0 is a mistake, so that learning can start from zero weights.
///
/// Shapes: `[batch, 1]` both, result `[1]`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// let device = Device::flex();
/// let (sums, signs) = (Tensor::<2>::from_floats([[3.0], [-2.0]], &device), Tensor::<2>::from_floats([[1.0], [1.0]], &device));
/// let loss: f32 = descent_engine::loss::perceptron(sums, signs).into_scalar();
/// assert_eq!(loss, (0.0 + 2.0) / 2.0);
/// ```
pub fn perceptron(sums: Tensor<2>, signs: Tensor<2>) -> Tensor<1> {
    let to_its_side = sums * signs;
    let is_mistake = to_its_side.clone().lower_equal_elem(0.0).float();
    (is_mistake * to_its_side.neg()).mean()
}

/// Mean squared error `1/N Σᵢ (ŷᵢ − yᵢ)²`, without a factor ½ (PyTorch's `MSELoss`).
///
/// Shapes: `[batch, 1]` both, result `[1]`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// let device = Device::flex();
/// let (outputs, values) = (Tensor::<2>::from_floats([[1.0], [2.0]], &device), Tensor::<2>::from_floats([[0.0], [4.0]], &device));
/// let loss: f32 = descent_engine::loss::mean_squared_error(outputs, values).into_scalar();
/// assert_eq!(loss, (1.0 + 4.0) / 2.0);
/// ```
pub fn mean_squared_error(outputs: Tensor<2>, values: Tensor<2>) -> Tensor<1> {
    let difference = outputs - values;
    (difference.clone() * difference).mean()
}

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
    if let Some(loss) = kernels::cross_entropy(&logits, &classes) {
        return loss;
    }
    let [batch, _classes] = logits.dims();
    log_softmax(logits, 1).gather(1, classes.reshape([batch, 1])).mean().neg()
}

/// Share of examples whose largest logit is the right class, as `[1]`, untracked.
pub fn accuracy(logits: Tensor<2>, classes: Tensor<1, Int>) -> Tensor<1> {
    let [batch, _classes] = logits.dims();
    logits.argmax(1).reshape([batch]).equal(classes).float().mean()
}

/// Share of rows whose first number is larger than every other, as `[1]`.
pub(super) fn first_is_largest(logits: Tensor<2>) -> Tensor<1> {
    let [_batch, width] = logits.dims();
    let rival = logits.clone().narrow(1, 1, width - 1).max_dim(1);
    logits.narrow(1, 0, 1).greater(rival).float().mean()
}
