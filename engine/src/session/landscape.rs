//! All weights of a net as one long list of numbers, and the loss as a function of it.

use super::Supervised;
use crate::data::LabData;
use crate::loss::judge;
use crate::model::{Net, ReplaceError, Signal};
use crate::read::{ReadError, read_all, read_one};
use burn::tensor::Device;
use descent_spec::model::TracedLayer;
use descent_spec::{Head, Split};
use std::collections::HashMap;

/// The mean loss over all training examples, at any weights. Dropout is off and penalties are left out, as in an evaluation.
pub struct Landscape {
    net: Net,
    traced: Vec<TracedLayer>,
    /// Name and length of each tensor, in the order of a position.
    parts: Vec<(String, usize)>,
    head: Head,
    device: Device,
    inputs: Signal,
    targets: Vec<f32>,
}

/// Why there is no loss at a place.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LandscapeError {
    /// The place has too few or too many coordinates.
    #[error("The net cannot be put there: {0}.")]
    Place(#[from] ReplaceError),
    /// The device no longer answers.
    #[error(transparent)]
    Device(#[from] ReadError),
}

impl Supervised {
    /// Where the session stands in the space of its weights: every weight and bias, layer by layer, `[parameters]`.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn position(&self) -> Result<Vec<f32>, ReadError> {
        let tensors = self.net.named_tensors(&self.traced).into_iter().map(|it| it.values).collect();
        Ok(read_all(tensors).await?.concat())
    }

    /// The loss over the training part, ready to be asked at other weights. The examples must be loaded.
    pub fn landscape(&self, data: &LabData) -> Landscape {
        let net = self.evaluation_net();
        let device = self.device.clone().inner();
        let n_examples = self.n_examples(Split::Train, data);
        let indices: Vec<u32> =
            (0..n_examples).filter_map(|index| self.pool_index(Split::Train, index)).map(|idx| idx as u32).collect();
        let (mut inputs, mut targets) = (Vec::new(), Vec::new());
        data.train_pool.fill_batch(&indices, &mut inputs, &mut targets);
        let parts = net.named_tensors(&self.traced).into_iter().map(|it| (it.name, it.dims.iter().product())).collect();
        let inputs = self.batch_tensor(inputs, indices.len(), &device);
        Landscape { net, traced: self.traced.clone(), parts, head: self.head, device, inputs, targets }
    }
}

impl Landscape {
    /// The mean loss with these weights, summed in double precision; not finite where the net's answers are not.
    ///
    /// # Errors
    /// When the position has another length than the net, or the device no longer answers.
    pub async fn loss_at(&self, position: &[f32]) -> Result<f64, LandscapeError> {
        let mut values = HashMap::new();
        let mut rest = position;
        for (name, len) in &self.parts {
            let (own, others) = rest.split_at((*len).min(rest.len()));
            values.insert(name.clone(), own.to_vec());
            rest = others;
        }
        let net = self.net.clone().replace(&self.traced, values, &self.device)?;
        let outputs = read_one(net.forward(self.inputs.clone())).await?; // [examples × outputs]
        let each = outputs.chunks_exact(self.head.n_outputs()).zip(&self.targets);
        let sum: f64 = each.map(|(outputs, &target)| judge(self.head, outputs, target).loss).sum();
        Ok(sum / self.targets.len().max(1) as f64)
    }
}
