//! The works of the bench page, fed with the numbers every library is fed with.

use crate::loss::cross_entropy;
use crate::model::{Net, Signal};
use crate::optim::{Optimizer, Penalty};
use crate::read::read_one;
use crate::rng::Streams;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Int, Tensor, TensorData};
use descent_spec::model::TracedLayer;
use descent_spec::{Initializer, LayerSpec, ModelSpec, Shape, TrainingSpec};
use std::collections::HashMap;

/// Examples in a step.
pub(super) const BATCH: usize = 64;
/// Different batches, taken in turn.
const N_BATCHES: usize = 4;
const SIDE: usize = 28;
const N_CLASSES: usize = 10;

/// A net being trained on one work's batches.
pub(super) struct Trainer {
    net: Net,
    optimizer: Optimizer,
    device: Device,
    batches: Vec<Vec<f32>>,
    labels: Vec<i32>,
    n_steps: usize,
}

/// The models are those of the comparison, whatever the page's own presets are.
fn model_of(work: &str) -> Result<ModelSpec, String> {
    let layers = match work {
        "mlp" => "dense:128:relu",
        "cnn" => "conv:8:5:valid:relu,pool:2,conv:16:5:valid:relu,pool:2,dense:64:relu",
        other => return Err(format!("There is no work named {other:?} here; there are mlp and cnn.")),
    };
    let layers = layers.split(',').map(LayerSpec::from_link).collect::<Result<_, _>>()?;
    Ok(ModelSpec { layers, initializer: Initializer::GlorotUniform })
}

impl Trainer {
    pub(super) fn new(work: &str, device: &Device) -> Result<Trainer, String> {
        let model = model_of(work)?;
        let shape = Shape::Image { channels: 1, height: SIDE, width: SIDE };
        let traced = model.trace(shape, N_CLASSES).map_err(|err| err.to_string())?;
        let device = device.clone().autodiff();
        let net = Net::init(&traced, model.initializer, &Streams::new(0), &device);
        let net = net.replace(&traced, first_weights(&traced), &device).map_err(|err| err.to_string())?;
        let TrainingSpec { optimizer, .. } = TrainingSpec::default(); // Adam
        let mut uniform = mulberry32(1234);
        let mut batch = || (0..BATCH * shape.len()).map(|_| uniform() as f32).collect();
        Ok(Trainer {
            net,
            optimizer: Optimizer::new(optimizer, 0.001, Penalty::default()),
            device,
            batches: (0..N_BATCHES).map(|_| batch()).collect(),
            labels: (0..BATCH).map(|idx| (idx % N_CLASSES) as i32).collect(),
            n_steps: 0,
        })
    }

    /// Uploads the next batch, takes one step and reads the loss.
    pub(super) async fn step(&mut self) -> Result<f32, String> {
        let pixels = self.batches[self.n_steps % N_BATCHES].clone();
        self.n_steps += 1;
        let x = Signal::Image(Tensor::from_data(TensorData::new(pixels, [BATCH, 1, SIDE, SIDE]), &self.device));
        let y = Tensor::<1, Int>::from_data(TensorData::new(self.labels.clone(), [BATCH]), &self.device);
        let loss = cross_entropy(self.net.forward(x), y);
        let value = loss.clone().inner();
        let grads = GradientsParams::from_grads(loss.backward(), &self.net);
        self.net = self.optimizer.step(self.net.clone(), grads);
        read_one(value).await.map(|values| values[0]).map_err(|err| err.to_string())
    }
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
fn first_weights(traced: &[TracedLayer]) -> HashMap<String, Vec<f32>> {
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
        let mut uniform = mulberry32(100 + position);
        let theirs: Vec<f32> = (0..n_weights).map(|_| ((2.0 * uniform() - 1.0) * bound) as f32).collect();
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
        let model = model_of("cnn").unwrap();
        let traced = model.trace(Shape::Image { channels: 1, height: SIDE, width: SIDE }, N_CLASSES).unwrap();
        // Second convolution, [5, 5, 8, 16] to [16, 8, 5, 5]: kernel row 2, column 3, channel 5, filter 7.
        let theirs: Vec<f32> = (0..5 * 5 * 8 * 16).map(|idx| idx as f32).collect();
        let ours = in_our_order(&theirs, &traced[2]);
        assert_eq!(ours[((7 * 8 + 5) * 5 + 2) * 5 + 3], theirs[((2 * 5 + 3) * 8 + 5) * 16 + 7]);
        // Dense behind a 4×4×16 picture: row 1, column 2, channel 9, unit 33.
        let theirs: Vec<f32> = (0..256 * 64).map(|idx| idx as f32).collect();
        let ours = in_our_order(&theirs, &traced[4]);
        assert_eq!(ours[((9 * 4 + 1) * 4 + 2) * 64 + 33], theirs[((4 + 2) * 16 + 9) * 64 + 33]);
        // Dense behind the one-channel input keeps its rows.
        let flat = model_of("mlp").unwrap().trace(Shape::Image { channels: 1, height: SIDE, width: SIDE }, N_CLASSES).unwrap();
        let theirs: Vec<f32> = (0..784 * 128).map(|idx| idx as f32).collect();
        assert_eq!(in_our_order(&theirs, &flat[0]), theirs);
    }
}
