//! The numbers every library is fed with in a comparison: batches and first weights.

use descent_spec::model::TracedLayer;
use descent_spec::{LayerSpec, Shape};
use std::collections::HashMap;

/// Different batches, taken in turn.
pub(super) const N_BATCHES: usize = 4;

/// Examples with values in `[0, 1)`, one after the other, in each of the batches; pictures channels first.
pub(super) fn value_batches(shape: Shape, batch: usize) -> Vec<Vec<f32>> {
    let mut uniform = mulberry32(1234);
    let mut draw = || (0..shape.len()).map(|_| uniform() as f32).collect::<Vec<_>>();
    (0..N_BATCHES).map(|_| (0..batch).flat_map(|_| channels_first(&draw(), shape)).collect()).collect()
}

/// Tokens below `vocabulary`, `[steps, batch]` row by row, in each of the batches.
pub(super) fn token_batches(vocabulary: usize, steps: usize, batch: usize) -> Vec<Vec<u32>> {
    let mut uniform = mulberry32(1234);
    let mut draw = || (uniform() * vocabulary as f64) as u32;
    (0..N_BATCHES).map(|_| (0..steps * batch).map(|_| draw()).collect()).collect()
}

/// `[height, width, channels]` to `[channels, height, width]`.
fn channels_first(theirs: &[f32], shape: Shape) -> Vec<f32> {
    match shape {
        Shape::Image { channels, .. } => {
            (0..channels).flat_map(|channel| theirs.iter().skip(channel).step_by(channels)).copied().collect()
        }
        Shape::Flat { .. } | Shape::Sequence { .. } | Shape::Tokens { .. } | Shape::TokenPair { .. } | Shape::Pair { .. } => {
            theirs.to_vec()
        }
    }
}

/// Numbers in ±`bound`, from the generator that belongs to the `position`th tensor of a net.
pub(super) fn first_values(position: u32, len: usize, bound: f64) -> Vec<f32> {
    let mut uniform = mulberry32(100 + position);
    (0..len).map(|_| ((2.0 * uniform() - 1.0) * bound) as f32).collect()
}

/// The generator the bench's inputs are drawn with, mulberry32 (Ettinger, 2017, public domain): uniform in `[0, 1)`.
fn mulberry32(seed: u32) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x6d2b_79f5);
        let mut mixed = (state ^ (state >> 15)).wrapping_mul(1 | state);
        mixed = mixed.wrapping_add((mixed ^ (mixed >> 7)).wrapping_mul(61 | mixed)) ^ mixed;
        f64::from(mixed ^ (mixed >> 14)) / 4_294_967_296.0
    }
}

/// First weights by name: uniform in ±1/√fan in, each tensor from a generator of its own, biases zero.
pub(super) fn first_weights(traced: &[TracedLayer]) -> HashMap<String, Vec<f32>> {
    let mut weights = HashMap::new();
    // A weight and a bias for each layer that has them; the position in that list seeds the generator.
    let mut position = 0;
    for place in traced {
        let (n_weights, n_units) = match place.layer {
            LayerSpec::Dense { units, .. } => (place.input.len() * units, units),
            LayerSpec::Conv2d { filters, .. } => (place.n_params - filters, filters),
            _ => continue,
        };
        let bound = 1.0 / (n_weights as f64 / n_units as f64).sqrt();
        let theirs = first_values(position, n_weights, bound);
        weights.insert(format!("{}.weight", place.name), in_our_order(&theirs, place));
        weights.insert(format!("{}.bias", place.name), vec![0.0; n_units]);
        position += 2;
    }
    weights
}

/// From channels-last to channels-first: kernels `[height, width, in, out]` to `[out, in, height, width]`, and the rows of a
/// dense layer behind a picture from `[height, width, channels]` to `[channels, height, width]`.
fn in_our_order(theirs: &[f32], place: &TracedLayer) -> Vec<f32> {
    match (&place.layer, place.input) {
        (LayerSpec::Conv2d { filters, kernel, .. }, Shape::Image { channels, .. }) => {
            let (n_out, n_in, side) = (*filters, channels, *kernel);
            let mut ours = Vec::with_capacity(theirs.len());
            for out in 0..n_out {
                for channel in 0..n_in {
                    ours.extend((0..side * side).map(|cell| theirs[(cell * n_in + channel) * n_out + out]));
                }
            }
            ours
        }
        (LayerSpec::Dense { units, .. }, Shape::Image { channels, height, width }) => {
            let rows = (0..channels).flat_map(|channel| (0..height * width).map(move |cell| cell * channels + channel));
            rows.flat_map(|row| theirs[row * units..(row + 1) * units].iter().copied()).collect()
        }
        _ => theirs.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::{Initializer, ModelSpec};

    fn trace(layers: &str) -> Vec<TracedLayer> {
        let layers = layers.split(',').map(|layer| LayerSpec::from_link(layer).unwrap()).collect();
        let model = ModelSpec { layers, initializer: Initializer::GlorotUniform };
        model.trace(Shape::Image { channels: 1, height: 28, width: 28 }, 10).unwrap()
    }

    #[test]
    fn pixels_change_places_as_arithmetic_says() {
        // Row 1, column 0 of a picture of 2 × 3 pixels in three colours: number 9 to 11 there, fourth of each colour here.
        let theirs: Vec<f32> = (0..18).map(|idx| idx as f32).collect();
        let ours = channels_first(&theirs, Shape::Image { channels: 3, height: 2, width: 3 });
        assert_eq!([ours[3], ours[9], ours[15]], [9.0, 10.0, 11.0]);
    }

    #[test]
    fn the_generator_is_mulberry32() {
        // Computed by the JavaScript function of this name, seed 1234: the first three numbers.
        let mut uniform = mulberry32(1234);
        for expected in [314_799_534.0, 3_021_131_492.0, 3_877_737_075.0] {
            assert_eq!(uniform() * 4_294_967_296.0, expected);
        }
    }

    #[test]
    fn kernels_and_rows_change_places_as_arithmetic_says() {
        let traced = trace("conv:8:5:valid:relu,pool:2,conv:16:5:valid:relu,pool:2,dense:64:relu");
        // Second convolution, [5, 5, 8, 16] to [16, 8, 5, 5]: kernel row 2, column 3, channel 5, filter 7.
        let theirs: Vec<f32> = (0..5 * 5 * 8 * 16).map(|idx| idx as f32).collect();
        let ours = in_our_order(&theirs, &traced[2]);
        assert_eq!(ours[((7 * 8 + 5) * 5 + 2) * 5 + 3], theirs[((2 * 5 + 3) * 8 + 5) * 16 + 7]);
        // Dense behind a 4×4×16 picture: row 1, column 2, channel 9, unit 33.
        let theirs: Vec<f32> = (0..256 * 64).map(|idx| idx as f32).collect();
        let ours = in_our_order(&theirs, &traced[4]);
        assert_eq!(ours[((9 * 4 + 1) * 4 + 2) * 64 + 33], theirs[((4 + 2) * 16 + 9) * 64 + 33]);
        // Dense behind the one-channel input keeps its rows.
        let flat = trace("dense:128:relu");
        let theirs: Vec<f32> = (0..784 * 128).map(|idx| idx as f32).collect();
        assert_eq!(in_our_order(&theirs, &flat[0]), theirs);
    }
}
