//! First weights, drawn on the host: the same numbers on every device.

use crate::rng::{normal_f32, uniform_f32};
use descent_spec::Initializer;
use rand_chacha::ChaCha8Rng;

/// Draws `count` weights of a layer whose units each see `fan_in` inputs and feed `fan_out` outputs.
///
/// Bounds as in `torch.nn.init` with gain 1 (Glorot) and √2 (He):
/// uniform in ±√(6 / (fan in + fan out)) or ±√(6 / fan in), normal with σ = √(2 / (fan in + fan out)) or √(2 / fan in);
/// `torch.nn.init.normal_` for σ = 1.
pub fn draw(initializer: Initializer, fan_in: usize, fan_out: usize, count: usize, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let (fan_in, fan_out) = (fan_in as f64, fan_out as f64);
    let mut uniform = |bound: f64| (0..count).map(|_| ((2.0 * f64::from(uniform_f32(rng)) - 1.0) * bound) as f32).collect();
    match initializer {
        Initializer::GlorotUniform => uniform((6.0 / (fan_in + fan_out)).sqrt()),
        Initializer::HeUniform => uniform((6.0 / fan_in).sqrt()),
        Initializer::FanInUniform => uniform((1.0 / fan_in).sqrt()),
        Initializer::GlorotNormal => normal((2.0 / (fan_in + fan_out)).sqrt(), count, rng),
        Initializer::HeNormal => normal((2.0 / fan_in).sqrt(), count, rng),
        Initializer::UnitNormal => normal(1.0, count, rng),
        Initializer::Zeros => vec![0.0; count],
    }
}

fn normal(sigma: f64, count: usize, rng: &mut ChaCha8Rng) -> Vec<f32> {
    (0..count).map(|_| (f64::from(normal_f32(rng)) * sigma) as f32).collect()
}

/// Biases start at zero, except where PyTorch draws them like the weights.
pub(super) fn draw_bias(initializer: Initializer, fan_in: usize, count: usize, rng: &mut ChaCha8Rng) -> Vec<f32> {
    match initializer {
        Initializer::FanInUniform => draw(initializer, fan_in, 0, count, rng),
        _ => vec![0.0; count],
    }
}
