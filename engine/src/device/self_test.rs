//! Does this device compute what the CPU computes? Drivers differ, and a wrong gradient is worse than a slow one.

use crate::loss::cross_entropy;
use crate::model::{Net, Signal};
use crate::optim::{Optimizer, Penalty};
use crate::read::{ReadError, read_all};
use crate::rng::{Stream, Streams, uniform_f32};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Int, Tensor, TensorData};
use descent_spec::{Activation, Initializer, LayerSpec, ModelSpec, OptimizerSpec, Padding, Shape};

/// Largest difference that is taken for rounding, relative to the largest value of the tensor: sums of a few hundred products
/// in 32 bits differ by some 10⁻⁶ between orders of summation, a wrong kernel by much more than 10⁻³.
const TOLERANCE: f32 = 1e-3;

/// Why a device is not trusted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SelfTestError {
    /// It does not answer.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It answers otherwise than the CPU.
    #[error("The device computes wrong results: {what} differs from the CPU's by {difference:.1e}.")]
    Wrong {
        /// What differs.
        what: String,
        /// By how much, relative to the largest value.
        difference: f32,
    },
    /// The test itself could not be built.
    #[error("The self-test could not be built: {0}.")]
    Unbuilt(String),
}

/// One step of plain gradient descent on a tiny net on both devices: convolution, ReLU, max pooling, matrix product and softmax
/// cross-entropy, each forward and backward.
///
/// # Errors
/// What differs, when the device is not to be trusted.
pub async fn self_test(device: &Device, cpu: &Device) -> Result<(), SelfTestError> {
    let (found, expected) = (one_step(device).await?, one_step(cpu).await?);
    for ((what, found), (_, expected)) in found.iter().zip(&expected) {
        let scale = expected.iter().fold(f32::EPSILON, |largest, value| largest.max(value.abs()));
        let largest = found
            .iter()
            .zip(expected)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, |largest: f32, difference| if difference.is_nan() { f32::INFINITY } else { largest.max(difference) });
        if largest / scale > TOLERANCE || found.len() != expected.len() {
            return Err(SelfTestError::Wrong { what: what.clone(), difference: largest / scale });
        }
    }
    Ok(())
}

/// The loss, the logits and every parameter after one step.
async fn one_step(device: &Device) -> Result<Vec<(String, Vec<f32>)>, SelfTestError> {
    const BATCH: usize = 5;
    let shape = Shape::Image { channels: 2, height: 9, width: 9 };
    let model = ModelSpec {
        layers: vec![
            LayerSpec::Conv2d { filters: 3, kernel: 3, padding: Padding::Valid, activation: Activation::Relu },
            LayerSpec::MaxPool2d { size: 2 },
        ],
        initializer: Initializer::GlorotUniform,
    };
    let traced = model.trace(shape, 4).map_err(|err| SelfTestError::Unbuilt(err.to_string()))?;
    let device = device.clone().autodiff();
    let streams = Streams::new(0);
    let net = Net::init(&traced, model.initializer, &streams, &device);
    let mut rng = streams.rng(Stream::Race, 0);
    let pixels: Vec<f32> = (0..BATCH * shape.len()).map(|_| uniform_f32(&mut rng)).collect();
    let classes = TensorData::new(vec![0, 1, 2, 3, 0], [BATCH]);
    let x = Signal::Image(Tensor::from_data(TensorData::new(pixels, [BATCH, 2, 9, 9]), &device));
    let logits = net.forward(x);
    let loss = cross_entropy(logits.clone(), Tensor::<1, Int>::from_data(classes, &device));
    let mut named = vec![("the loss".to_owned(), loss.clone().inner()), ("the output".into(), logits.inner().reshape([-1]))];
    let grads = GradientsParams::from_grads(loss.backward(), &net);
    let net = Optimizer::new(OptimizerSpec::Sgd, 1.0, Penalty::default()).step(net, grads);
    named.extend(net.named_tensors(&traced).into_iter().map(|it| (format!("the gradient of {}", it.name), it.values)));
    let (names, tensors): (Vec<_>, Vec<_>) = named.into_iter().unzip();
    Ok(names.into_iter().zip(read_all(tensors).await?).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_passes_its_own_test() {
        pollster::block_on(self_test(&Device::flex(), &Device::flex())).unwrap();
    }

    #[test]
    fn the_test_covers_every_parameter_and_moves_it() {
        let values = pollster::block_on(one_step(&Device::flex())).unwrap();
        let names: Vec<_> = values.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), 6, "loss, output, two weights and two biases: {names:?}");
        // Biases start at zero, so what they are now is their gradient.
        let bias = values.iter().find(|(name, _)| name.contains("conv1.bias")).unwrap();
        assert!(bias.1.iter().all(|value| *value != 0.0));
    }
}
