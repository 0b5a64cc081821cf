//! Activation functions and their slopes on plain slices, eight numbers at a time.
//!
//! `wide` brings exponential, logarithm and hyperbolic tangent; the normal distribution below is ours. The tests hold each function
//! and each slope against `descent_spec::Activation` in double precision: within 4e-7, relative where the value is above 1.

use descent_spec::Activation;
use std::f32::consts::FRAC_1_SQRT_2;
use wide::f32x8;

/// Slope of a leaky ReLU below zero, as in `descent_spec::Activation`.
const LEAK: f32 = 0.01;
/// `1 / √(2π)`: the height of the normal density.
const NORMAL_PEAK: f32 = 0.398_942_3;

/// Whether the slope can be had from the output alone; else it needs the sum.
pub fn slope_needs_only_output(function: Activation) -> bool {
    !matches!(function, Activation::Gelu | Activation::Silu | Activation::Softplus)
}

/// `z ← f(z)`.
pub fn apply(function: Activation, values: &mut [f32]) {
    match function {
        Activation::Linear => {}
        Activation::Relu => map(values, relu),
        Activation::LeakyRelu => map(values, |z| z.simd_gt(f32x8::ZERO).select(z, z * LEAK)),
        Activation::Elu => map(values, |z| z.simd_gt(f32x8::ZERO).select(z, z.exp_m1())),
        Activation::Gelu => map(values, |z| z * normal(z)),
        Activation::Silu => map(values, |z| z * sigmoid(z)),
        Activation::Tanh => map(values, f32x8::tanh),
        Activation::Sigmoid => map(values, sigmoid),
        // ln(1 + eᶻ), written so that a large z does not overflow.
        Activation::Softplus => map(values, |z| z.max(f32x8::ZERO) + (-z.abs()).exp().ln_1p()),
    }
}

/// `dy ← dy f′`, where `at` holds the outputs if [`slope_needs_only_output`], else the sums.
pub fn apply_slope(function: Activation, at: &[f32], dy: &mut [f32]) {
    let one = f32x8::ONE;
    match function {
        Activation::Linear => {}
        Activation::Relu => zip(dy, at, |dy, y| y.simd_gt(f32x8::ZERO).select(dy, f32x8::ZERO)),
        Activation::LeakyRelu => zip(dy, at, |dy, y| y.simd_gt(f32x8::ZERO).select(dy, dy * LEAK)),
        Activation::Elu => zip(dy, at, |dy, y| y.simd_gt(f32x8::ZERO).select(dy, dy * (y + one))),
        Activation::Tanh => zip(dy, at, |dy, y| dy * (one - y * y)),
        Activation::Sigmoid => zip(dy, at, |dy, y| dy * (y * (one - y))),
        Activation::Gelu => zip(dy, at, |dy, z| dy * (normal(z) + z * (z * z * -0.5).exp() * NORMAL_PEAK)),
        // σ(−z) is 1 − σ(z) without what cancels.
        Activation::Silu => zip(dy, at, |dy, z| dy * (sigmoid(z) * (one + z * sigmoid(-z)))),
        Activation::Softplus => zip(dy, at, |dy, z| dy * sigmoid(z)),
    }
}

/// `max(z, 0)` that keeps what is not a number, so that a run that diverged is seen to.
#[inline(always)]
fn relu(z: f32x8) -> f32x8 {
    f32x8::ZERO.simd_gt(z).select(f32x8::ZERO, z)
}

/// `1 / (1 + e⁻ᶻ)`.
#[inline(always)]
pub(super) fn sigmoid(z: f32x8) -> f32x8 {
    f32x8::ONE / (f32x8::ONE + (-z).exp())
}

/// Distribution function of the standard normal distribution: `erfc(−z / √2) / 2`, from the tail that is small, so that nothing
/// cancels.
#[inline(always)]
fn normal(z: f32x8) -> f32x8 {
    let tail = erfc(z.abs() * FRAC_1_SQRT_2) * 0.5;
    z.simd_gt(f32x8::ZERO).select(f32x8::ONE - tail, tail)
}

/// The complementary error function for `x ≥ 0`, by the Chebyshev fit in "Numerical Recipes" (Press and others 1992, section 6.2),
/// whose relative error is below 1.2e-7.
#[inline(always)]
fn erfc(x: f32x8) -> f32x8 {
    let t = f32x8::ONE / (x * 0.5 + 1.0);
    let fit = [
        0.170_872_77,
        -0.822_152_2,
        1.488_515_9,
        -1.135_204,
        0.278_868_07,
        -0.186_288_06,
        0.096_784_18,
        0.374_091_96,
        1.000_023_7,
    ];
    let exponent = fit.into_iter().fold(f32x8::ZERO, |sum, it| (sum + it) * t) - 1.265_512_2;
    t * (exponent - x * x).exp()
}

/// Replaces each number.
#[inline(always)]
pub(super) fn map(values: &mut [f32], f: impl Fn(f32x8) -> f32x8) {
    let (chunks, rest) = values.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = f(f32x8::new(*chunk)).to_array();
    }
    for value in rest {
        *value = f(f32x8::splat(*value)).to_array()[0];
    }
}

/// Replaces each number by a function of itself and its partner.
#[inline(always)]
pub(super) fn zip(values: &mut [f32], partners: &[f32], f: impl Fn(f32x8, f32x8) -> f32x8) {
    let (chunks, rest) = values.as_chunks_mut::<8>();
    let (partner_chunks, partner_rest) = partners.as_chunks::<8>();
    for (chunk, partner) in chunks.iter_mut().zip(partner_chunks) {
        *chunk = f(f32x8::new(*chunk), f32x8::new(*partner)).to_array();
    }
    for (value, partner) in rest.iter_mut().zip(partner_rest) {
        *value = f(f32x8::splat(*value), f32x8::splat(*partner)).to_array()[0];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::registry::Registry;

    /// From −20 to 20 in steps of 1/512, which passes all kinks and turns, and a length that is no multiple of eight.
    fn sums() -> Vec<f32> {
        (-10_240..=10_242).map(|step| step as f32 / 512.0).collect()
    }

    #[test]
    fn values_and_slopes_are_those_in_double_precision() {
        for entry in Activation::table() {
            let (function, z) = (entry.value, sums());
            let mut y = z.clone();
            apply(function, &mut y);
            let mut slopes = vec![1.0; z.len()];
            apply_slope(function, if slope_needs_only_output(function) { &y } else { &z }, &mut slopes);
            for ((&z, &y), &slope) in z.iter().zip(&y).zip(&slopes) {
                let near = |ours: f32, exact: f64| (f64::from(ours) - exact).abs() <= 4e-7 * exact.abs().max(1.0);
                let exact = function.value(f64::from(z));
                assert!(near(y, exact), "{function:?}({z}) is {exact}, not {y}");
                let exact = function.slope(f64::from(z));
                assert!(near(slope, exact), "{function:?}'({z}) is {exact}, not {slope}");
            }
        }
    }

    #[test]
    fn what_is_not_a_number_stays_that_and_nothing_overflows() {
        for entry in Activation::table() {
            let mut values = [f32::NAN, 1e4, -1e4, f32::NAN, 0.0, 1.0, 2.0, 3.0, f32::NAN];
            apply(entry.value, &mut values);
            assert!(values[0].is_nan() && values[3].is_nan() && values[8].is_nan(), "{:?}: {values:?}", entry.value);
            assert!(values[1].is_finite() && values[2].is_finite(), "{:?}: {values:?}", entry.value);
        }
    }
}
