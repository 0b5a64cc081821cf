//! Losses and metrics, by the head of the net: on tensors for training, on the host for evaluation.

use crate::kernels::{self, is_host};
use burn::tensor::activation::{log_sigmoid, log_softmax, sigmoid, softmax};
use burn::tensor::{Device, Int, Tensor, TensorData};
use descent_spec::Head;
use descent_spec::message::{ClassLosses, Losses};

/// What a batch should have answered, as the head's loss takes it.
#[derive(Debug, Clone)]
pub enum Targets {
    /// On the host, one for each example: the kernels of the CPU score them there.
    Scored(Head, Vec<f32>),
    /// Classes, `[batch]`, for [`Head::Softmax`].
    Classes(Tensor<1, Int>),
    /// Tokens, `[rows]`, for [`Head::Tokens`], and which of the rows they belong to; the others do not count.
    Tokens(Tensor<1, Int>, Vec<u32>),
    /// The first output belongs to the true neighbour, for [`Head::Sampled`].
    FirstIsTrue,
    /// Classes 0 and 1 as numbers, `[batch, 1]`, for [`Head::Sigmoid`].
    Binary(Tensor<2>),
    /// Classes 0 and 1 as signs −1 and +1, `[batch, 1]`, for [`Head::Perceptron`].
    Signs(Tensor<2>),
    /// Values, `[batch, 1]`, for [`Head::Linear`].
    Values(Tensor<2>),
}

impl Targets {
    /// Targets, one for each example, where the device wants them.
    pub fn new(head: Head, targets: Vec<f32>, device: &Device) -> Targets {
        if is_host(device) { Targets::Scored(head, targets) } else { Targets::on_device(head, targets, device) }
    }

    /// Puts targets on a device, to be scored there by Burn's operations.
    pub fn on_device(head: Head, targets: Vec<f32>, device: &Device) -> Targets {
        let batch = targets.len();
        match head {
            Head::Softmax { .. } => {
                let classes: Vec<i32> = targets.into_iter().map(|class| class as i32).collect();
                Targets::Classes(Tensor::from_data(TensorData::new(classes, [batch]), device))
            }
            Head::Tokens { .. } => {
                let counts = |row: &u32| targets[*row as usize] >= 0.0;
                let rows: Vec<u32> = (0..batch as u32).filter(counts).collect();
                let tokens: Vec<i32> = rows.iter().map(|&row| targets[row as usize] as i32).collect();
                Targets::Tokens(Tensor::from_data(TensorData::new(tokens, [rows.len()]), device), rows)
            }
            Head::Sampled { .. } => Targets::FirstIsTrue,
            Head::Sigmoid => Targets::Binary(Tensor::from_data(TensorData::new(targets, [batch, 1]), device)),
            Head::Perceptron => {
                let signs: Vec<f32> = targets.into_iter().map(sign).collect();
                Targets::Signs(Tensor::from_data(TensorData::new(signs, [batch, 1]), device))
            }
            Head::Linear => Targets::Values(Tensor::from_data(TensorData::new(targets, [batch, 1]), device)),
        }
    }

    /// Mean loss of the head's outputs `[batch, outputs]`, and what is shown beside it, untracked: the share of right answers, or
    /// the mean absolute error. Each `[1]`.
    pub fn score(self, outputs: Tensor<2>) -> [Tensor<1>; 2] {
        let untracked = || outputs.clone().inner();
        match self {
            Targets::Scored(head, targets) => {
                let [loss, metric] = kernels::score(outputs, head, targets);
                [loss, metric.inner()]
            }
            Targets::Classes(classes) => {
                let metric = accuracy(untracked(), classes.clone().inner());
                [cross_entropy(outputs, classes), metric]
            }
            Targets::Tokens(tokens, rows) => {
                let outputs = if rows.len() == outputs.dims()[0] { outputs } else { kernels::lookup(outputs, &rows) };
                let metric = accuracy(outputs.clone().inner(), tokens.clone().inner());
                [cross_entropy(outputs, tokens), metric]
            }
            Targets::FirstIsTrue => {
                let metric = first_is_largest(untracked());
                [negative_sampling(outputs), metric]
            }
            // Class 1 is the answer where its probability is above ½, which is where the logit is above 0.
            Targets::Binary(classes) => {
                let metric = untracked().greater_elem(0.0).float().equal(classes.clone().inner()).float().mean();
                [binary_cross_entropy(outputs, classes), metric]
            }
            // On the line is on neither side.
            Targets::Signs(signs) => {
                let metric = (untracked() * signs.clone().inner()).greater_elem(0.0).float().mean();
                [perceptron(outputs, signs), metric]
            }
            Targets::Values(values) => {
                let metric = (untracked() - values.clone().inner()).abs().mean();
                [mean_squared_error(outputs, values), metric]
            }
        }
    }

    /// The loss alone.
    pub fn loss(self, outputs: Tensor<2>) -> Tensor<1> {
        let [loss, _metric] = self.score(outputs);
        loss
    }
}

/// The head's answer to its outputs `[batch, outputs]`: a probability for each class, that of class 1, or the value.
pub fn answer(head: Head, outputs: Tensor<2>) -> Tensor<2> {
    match head {
        Head::Softmax { .. } | Head::Tokens { .. } => softmax(outputs, 1),
        // For each word whether it is a neighbour, whatever the others are.
        Head::Sigmoid | Head::Sampled { .. } => sigmoid(outputs),
        Head::Perceptron => outputs.sign() * 0.5 + 0.5,
        Head::Linear => outputs,
    }
}

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

/// Share of rows whose first number is larger than every other, as `[1]`.
fn first_is_largest(logits: Tensor<2>) -> Tensor<1> {
    let [_batch, width] = logits.dims();
    let rival = logits.clone().narrow(1, 1, width - 1).max_dim(1);
    logits.narrow(1, 0, 1).greater(rival).float().mean()
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

/// +1 for class 1, −1 for class 0.
fn sign(class: f32) -> f32 {
    2.0 * class - 1.0
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

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: &[f32]) -> Tensor<2> {
        Tensor::from_data(TensorData::new(values.to_vec(), [values.len(), 1]), &Device::flex())
    }

    /// How targets are made.
    type Make = fn(Head, Vec<f32>, &Device) -> Targets;
    /// For the kernel, and for Burn's operations.
    const WAYS: [Make; 2] = [Targets::new, Targets::on_device];

    /// Loss and metric of one output an example, by the kernel and by Burn's operations.
    fn both(head: Head, targets: &[f32], outputs: &[f32]) -> [[f32; 2]; 2] {
        WAYS.map(|make| {
            let device = Device::flex().autodiff();
            let outputs = Tensor::from_data(TensorData::new(outputs.to_vec(), [outputs.len(), 1]), &device);
            make(head, targets.to_vec(), &device).score(outputs).map(Tensor::into_scalar)
        })
    }

    /// In double precision from the definition, −y ln p − (1 − y) ln(1 − p) with p = 1 / (1 + exp(−z)), by hand:
    /// z = 2, y = 1: ln(1 + e⁻²) = 0.126928; z = −1, y = 1: ln(1 + e) = 1.313262; z = 0.5, y = 0: ln(1 + e^0.5) = 0.974077.
    #[test]
    fn binary_cross_entropy_is_its_definition() {
        let (logits, classes) = ([2.0, -1.0, 0.5], [1.0, 1.0, 0.0]);
        let expected = [0.126_928, 1.313_262, 0.974_077];
        let loss: f32 = binary_cross_entropy(column(&logits), column(&classes)).into_scalar();
        assert!((f64::from(loss) - expected.iter().sum::<f64>() / 3.0).abs() < 1e-6, "{loss}");
        for ((logit, class), expected) in logits.into_iter().zip(classes).zip(expected) {
            assert!((judge(Head::Sigmoid, &[logit], class).loss - expected).abs() < 1e-6);
        }
        // Far out the loss is the logit itself, and the other way round 0.
        let far: f32 = binary_cross_entropy(column(&[-1000.0, 1000.0]), column(&[1.0, 1.0])).into_scalar();
        assert_eq!(far, 500.0);
    }

    #[test]
    fn a_logit_of_zero_answers_class_0_and_is_pulled_by_a_half() {
        let device = Device::flex().autodiff();
        let logits = Tensor::<2>::from_floats([[0.0], [0.0]], &device).require_grad();
        let classes = Tensor::<2>::from_floats([[0.0], [1.0]], &device);
        let grads = binary_cross_entropy(logits.clone(), classes).backward();
        // d/dz = (σ(z) − y) / N = (1/2 − y) / 2.
        let slope = logits.grad(&grads).unwrap().into_data().try_into_vec::<f32>().unwrap();
        assert_eq!(slope, [0.25, -0.25]);
        assert_eq!(judge(Head::Sigmoid, &[0.0], 0.0).predicted, Some(0));
        for [_, metric] in both(Head::Sigmoid, &[0.0, 1.0], &[0.0, 0.0]) {
            assert_eq!(metric, 0.5, "the class 0 was right, the class 1 was not");
        }
    }

    /// By hand: t z = 2, −3, 0 and −0.5; a mistake where it is not above 0. The slope for z is −t / 4 there.
    #[test]
    fn the_perceptron_loss_pulls_at_mistakes_only_and_at_zero_too() {
        let (sums, classes) = ([2.0, 3.0, 0.0, -0.5], vec![1.0, 0.0, 0.0, 1.0]);
        let device = Device::flex().autodiff();
        let outputs = Tensor::<2>::from_data(TensorData::new(sums.to_vec(), [4, 1]), &device).require_grad();
        for targets in WAYS.map(|make| make(Head::Perceptron, classes.clone(), &device)) {
            let [loss, right] = targets.score(outputs.clone());
            assert_eq!(right.into_scalar::<f32>(), 0.25);
            let slopes = outputs.grad(&loss.backward()).unwrap().into_data().try_into_vec::<f32>().unwrap();
            assert_eq!(slopes, [0.0, 0.25, 0.25, -0.25]);
            assert_eq!(loss.into_scalar::<f32>(), 3.5 / 4.0);
        }
        let judged: Vec<_> = sums.iter().zip(&classes).map(|(&z, &class)| judge(Head::Perceptron, &[z], class)).collect();
        assert_eq!(judged.iter().map(|it| it.loss).collect::<Vec<_>>(), [0.0, 3.0, 0.0, 0.5]);
        assert_eq!(judged.iter().map(|it| it.metric).collect::<Vec<_>>(), [1.0, 0.0, 0.0, 0.0]);
        assert_eq!(
            judged.iter().map(|it| it.predicted).collect::<Vec<_>>(),
            [Some(1); 3].into_iter().chain([Some(0)]).collect::<Vec<_>>()
        );
        assert_eq!(judged.iter().map(|it| it.probabilities[1]).collect::<Vec<_>>(), [1.0, 1.0, 0.5, 0.0]);
        let answers = answer(Head::Perceptron, column(&sums)).into_data().try_into_vec::<f32>().unwrap();
        assert_eq!(answers, [1.0, 1.0, 0.5, 0.0]);
    }

    #[test]
    fn regression_is_judged_by_squared_and_absolute_error() {
        let judged = judge(Head::Linear, &[0.5], -1.0);
        assert_eq!((judged.loss, judged.metric, judged.predicted), (2.25, 1.5, None));
        for [loss, metric] in both(Head::Linear, &[-1.0, 1.0], &[0.5, 0.5]) {
            assert_eq!((loss, metric), ((2.25 + 0.25) / 2.0, 1.0));
        }
        let loss: f32 = mean_squared_error(column(&[0.5, 0.5]), column(&[-1.0, 1.0])).into_scalar();
        assert_eq!(loss, (2.25 + 0.25) / 2.0);
    }

    /// By hand with ln(1 + e^−z): z = (1, 0.5, −2), the first true: 0.313262 + 0.974077 + 0.126928 = 1.414267; z = (0, 0, 0): 3 ln 2 =
    /// 2.079442, and nobody is largest. The slopes are σ(z) − y over the batch: (0.731059 − 1)/2, 0.622459/2, 0.119203/2, ∓1/4.
    #[test]
    fn negative_sampling_is_its_definition() {
        let head = Head::Sampled { negatives: 2 };
        let rows = [[1.0, 0.5, -2.0], [0.0, 0.0, 0.0]];
        let slopes = [-0.134_471, 0.311_230, 0.059_601, -0.25, 0.25, 0.25];
        for make in WAYS {
            let device = Device::flex().autodiff();
            let outputs = Tensor::<2>::from_floats(rows, &device).require_grad();
            let [loss, right] = make(head, vec![0.0, 0.0], &device).score(outputs.clone());
            assert_eq!(right.into_scalar::<f32>(), 0.5);
            let found = outputs.grad(&loss.clone().backward()).unwrap().into_data().try_into_vec::<f32>().unwrap();
            assert!(found.iter().zip(slopes).all(|(found, slope)| (found - slope).abs() < 1e-6), "{found:?}");
            assert!((loss.into_scalar::<f32>() - (1.414_267 + 2.079_442) / 2.0).abs() < 1e-5);
        }
        let judged = rows.map(|row| judge(head, &row, 0.0));
        assert!((judged[0].loss - 1.414_267).abs() < 1e-6 && (judged[1].loss - 2.079_442).abs() < 1e-6);
        assert_eq!((judged[0].metric, judged[1].metric, judged[0].predicted), (1.0, 0.0, None));
        // Far out the loss is the logit itself, and the other way round 0.
        assert_eq!(judge(head, &[-1000.0, -1000.0, 0.0], 0.0).loss, 1000.0 + 2.0_f64.ln());
    }

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
