//! Batch normalization (Ioffe and Szegedy 2015), with PyTorch's running statistics.
//!
//! Burn's layer keeps the biased variance of the batch; PyTorch keeps the unbiased one, larger by n / (n − 1), and for small
//! batches the difference shows in every evaluation. The arithmetic is Burn's.

use burn::module::{Module, Param, RunningState};
use burn::tensor::module::{batch_norm, batch_norm_train};
use burn::tensor::{Device, Tensor};

/// Keeps the division finite.
const EPSILON: f64 = 1e-5;
/// Weight of the newest batch in the running statistics.
const MOMENTUM: f64 = 0.1;

/// `γ (x − mean) / √(var + 1e-5) + β` for each channel: with the batch's statistics while training, the running ones otherwise.
#[derive(Module, Debug)]
pub struct BatchNorm {
    gamma: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
    running_mean: RunningState<Tensor<1>>,
    running_var: RunningState<Tensor<1>>,
}

impl BatchNorm {
    /// γ = 1, β = 0, running mean 0 and variance 1.
    pub fn new(n_channels: usize, device: &Device) -> BatchNorm {
        BatchNorm {
            gamma: Param::from_tensor(Tensor::ones([n_channels], device)),
            beta: Param::from_tensor(Tensor::zeros([n_channels], device)),
            running_mean: RunningState::new(Tensor::zeros([n_channels], device)),
            running_var: RunningState::new(Tensor::ones([n_channels], device)),
        }
    }

    /// Shapes: `[batch, channels, ...]` in and out. Trains exactly when the input is tracked by autodiff.
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        if !x.device().is_autodiff() {
            return batch_norm(
                x,
                self.gamma.val(),
                self.beta.val(),
                self.running_mean.value(),
                self.running_var.value(),
                EPSILON,
            );
        }
        let dims = x.dims();
        let n = (dims.iter().product::<usize>() / dims[1]) as f64;
        let batch = batch_norm_train(x, self.gamma.val(), self.beta.val(), EPSILON);
        // A batch of one value has no unbiased variance; its biased one, zero, is kept.
        let unbiased = if n > 1.0 { n / (n - 1.0) } else { 1.0 };
        let blend = |old: &RunningState<Tensor<1>>, new: Tensor<1>| {
            old.update((old.value_sync() * (1.0 - MOMENTUM) + new.detach() * MOMENTUM).detach());
        };
        blend(&self.running_mean, batch.mean);
        blend(&self.running_var, batch.variance * unbiased);
        batch.output
    }
}
