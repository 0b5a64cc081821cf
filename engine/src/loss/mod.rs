//! Losses and metrics, by the head of the net: on tensors for training, on the host for evaluation.

mod formulas;
mod judged;

use crate::kernels::{self, is_host};
use burn::tensor::activation::{sigmoid, softmax};
use burn::tensor::{Device, Int, Tensor, TensorData};
use descent_spec::Head;
use formulas::first_is_largest;
pub use formulas::{accuracy, binary_cross_entropy, cross_entropy, mean_squared_error, negative_sampling, perceptron};
pub use judged::{Judged, compare, judge, score};

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

/// +1 for class 1, −1 for class 0.
fn sign(class: f32) -> f32 {
    2.0 * class - 1.0
}

#[cfg(test)]
mod tests;
