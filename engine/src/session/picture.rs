//! Looking inside: one example's way through the net, and the first layer's weights as pictures.

use super::Supervised;
use crate::loss::judge;
use crate::model::Layer;
use crate::read::{ReadError, read_all, read_one};
use burn::tensor::Tensor;
use descent_spec::message::KernelFacts;
use descent_spec::{LayerSpec, Shape};

/// Most units of a dense first layer whose weights are sent as pictures.
const MAX_KERNELS: usize = 64;

/// What the page draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// One for each class; for regression the value.
    pub probabilities: Vec<f32>,
    /// Each layer's output for the example, channels first; the last are the logits, or the value.
    pub outputs: Vec<Vec<f32>>,
    /// The first layer's weights as pictures, one after the other.
    pub kernels: Option<(KernelFacts, Vec<f32>)>,
}

impl Supervised {
    /// Sends one example through the net as it is now. `example` has the length of the input's shape.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn picture(&self, example: &[f32]) -> Result<Picture, ReadError> {
        let net = self.evaluation_net();
        let x = self.batch_tensor(example.to_vec(), 1, &self.device.clone().inner());
        let mut wanted: Vec<Tensor<1>> = net.forward_with_taps(x).into_iter().map(|tap| tap.into_flat().reshape([-1])).collect();
        let kernels = self.first_kernels(&net.layers[0]);
        let facts = kernels.map(|(facts, values)| {
            wanted.push(values);
            facts
        });
        let mut outputs = read_all(wanted).await?;
        let kernels = facts.and_then(|facts| outputs.pop().map(|values| (facts, values)));
        let probabilities = judge(self.head, outputs.last().map_or(&[], Vec::as_slice), 0.0).probabilities;
        Ok(Picture { probabilities, outputs, kernels })
    }

    /// Class probabilities of one example; for regression its value.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn predict(&self, example: &[f32]) -> Result<Vec<f32>, ReadError> {
        let x = self.batch_tensor(example.to_vec(), 1, &self.device.clone().inner());
        let outputs = read_one(self.evaluation_net().forward(x)).await?;
        Ok(judge(self.head, &outputs, 0.0).probabilities)
    }

    fn first_kernels(&self, first: &Layer) -> Option<(KernelFacts, Tensor<1>)> {
        let place = &self.traced[0];
        let name = format!("{}.weight", place.name);
        let weight = || self.net.named_tensors(&self.traced).into_iter().find(|it| it.name == name);
        match (first, &place.layer, place.input) {
            (Layer::Conv2d(_), LayerSpec::Conv2d { filters, kernel, .. }, Shape::Image { channels, .. }) => {
                let shape = Shape::Image { channels, height: *kernel, width: *kernel };
                weight().map(|it| (KernelFacts { layer: place.name.clone(), count: *filters, shape }, it.values))
            }
            (Layer::Dense(_), LayerSpec::Dense { units, .. }, shape @ Shape::Image { .. }) => {
                let count = (*units).min(MAX_KERNELS);
                let facts = KernelFacts { layer: place.name.clone(), count, shape };
                // [inputs, units] to one picture a unit: [count, inputs].
                weight().map(|it| {
                    let by_unit = it.values.reshape([shape.len(), *units]).transpose().slice([0..count, 0..shape.len()]);
                    (facts, by_unit.reshape([-1]))
                })
            }
            _ => None,
        }
    }
}
