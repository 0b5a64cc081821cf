//! The update rules, one match arm each, in the notation of `descent_spec::OptimizerSpec`.

use burn::tensor::Tensor;
use descent_spec::OptimizerSpec;

/// One step of one parameter: the new weights, with `slots` updated.
///
/// Shapes: everything `[len]`. `n_steps` counts this step (1 for the first). Definitions are those of PyTorch's `SGD`, `Adagrad`,
/// `RMSprop`, `Adam` and `AdamW` with default flags.
pub(crate) fn apply(
    spec: &OptimizerSpec,
    learning_rate: f64,
    n_steps: u64,
    weight: Tensor<1>,
    grad: Tensor<1>,
    slots: &mut Vec<Tensor<1>>,
) -> Tensor<1> {
    if slots.is_empty() {
        slots.extend(spec.slot_names().iter().map(|_| grad.zeros_like()));
    }
    match (*spec, slots.as_mut_slice()) {
        (OptimizerSpec::Momentum { beta }, [velocity]) => {
            *velocity = velocity.clone() * beta + grad;
            weight - velocity.clone() * learning_rate
        }
        (OptimizerSpec::Nesterov { beta }, [velocity]) => {
            *velocity = velocity.clone() * beta + grad.clone();
            weight - (grad + velocity.clone() * beta) * learning_rate
        }
        (OptimizerSpec::AdaGrad { epsilon }, [square]) => {
            *square = square.clone() + grad.clone() * grad.clone();
            weight - grad * learning_rate / (square.clone().sqrt() + epsilon)
        }
        (OptimizerSpec::RmsProp { alpha, epsilon }, [square]) => {
            *square = square.clone() * alpha + grad.clone() * grad.clone() * (1.0 - alpha);
            weight - grad * learning_rate / (square.clone().sqrt() + epsilon)
        }
        (OptimizerSpec::Adam { beta1, beta2, epsilon }, [mean, square]) => {
            weight - adam_step((beta1, beta2, epsilon), learning_rate, n_steps, grad, mean, square)
        }
        (OptimizerSpec::AdamW { beta1, beta2, epsilon, weight_decay }, [mean, square]) => {
            let decayed = weight * (1.0 - learning_rate * weight_decay);
            decayed - adam_step((beta1, beta2, epsilon), learning_rate, n_steps, grad, mean, square)
        }
        // Plain SGD has no state; the other rules always meet the slots they made.
        _ => weight - grad * learning_rate,
    }
}

/// `lr m̂ / (√v̂ + ε)`, with the averages moved on by this gradient.
fn adam_step(
    (beta1, beta2, epsilon): (f64, f64, f64),
    learning_rate: f64,
    n_steps: u64,
    grad: Tensor<1>,
    mean: &mut Tensor<1>,
    square: &mut Tensor<1>,
) -> Tensor<1> {
    *mean = mean.clone() * beta1 + grad.clone() * (1.0 - beta1);
    *square = square.clone() * beta2 + grad.clone() * grad * (1.0 - beta2);
    // The averages start at zero; dividing by 1 − βᵗ removes that bias.
    let mean_correction = 1.0 - beta1.powf(n_steps as f64);
    let square_correction = 1.0 - beta2.powf(n_steps as f64);
    let denominator = square.clone().sqrt() * (1.0 / square_correction.sqrt()) + epsilon;
    mean.clone() * (learning_rate / mean_correction) / denominator
}
