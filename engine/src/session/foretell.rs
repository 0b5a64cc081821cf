//! The next update of one weight, as the next step will make it: the same gradients, the same optimizer, on copies.

use super::{FollowError, Part, Supervised};
use crate::data::LabData;
use crate::model::{Layer, Net};
use crate::optim::{Optimizer, working};
use crate::read::{ReadError, read_all};
use burn::module::ParamId;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use descent_spec::message::{Memory, WeightUpdate};

impl Supervised {
    /// What the next step does to a weight of a dense layer, or to a bias where there is no input. The caller has checked
    /// [`batch_ready`](Self::batch_ready). Nothing of the session changes: its net and its optimizer are copied, and the generator
    /// of dropout is seeded by each step anew.
    ///
    /// # Errors
    /// A layer that cannot be followed, no such weight, or a device that no longer answers.
    pub async fn foretell(
        &self,
        layer: usize,
        input: Option<usize>,
        unit: usize,
        data: &LabData,
    ) -> Result<WeightUpdate, FollowError> {
        self.refuse_other_layers()?;
        let (name, place) = self.place_of(layer, input, unit).ok_or(FollowError::NoSuchUnit)?;
        let tensors = self.net.named_tensors(&self.traced);
        let it = tensors.into_iter().find(|it| it.name == name).ok_or(FollowError::NoSuchUnit)?;
        let training = &self.experiment.training;
        let learning_rate = self.next_rate();
        let mut optimizer = self.optimizer.clone();
        optimizer.set_rate(learning_rate);

        let Part { grads, .. } = self.differentiate(data).ok_or(FollowError::NoSuchUnit)?;
        let before = slots_of(&optimizer, it.id);
        let stepped = match it.dims.len() {
            1 => Stepped::take::<1>(self.net.clone(), &mut optimizer, &grads, it.id, &it.values, [it.dims[0]]),
            _ => Stepped::take::<2>(self.net.clone(), &mut optimizer, &grads, it.id, &it.values, [it.dims[0], it.dims[1]]),
        }
        .ok_or(FollowError::NoSuchUnit)?;
        let after = slots_of(&optimizer, it.id);
        let new = stepped.net.named_tensors(&self.traced).into_iter().find(|new| new.id == it.id);
        let new = new.ok_or(FollowError::NoSuchUnit)?.values;

        let wanted = [it.values, stepped.loss_gradient, stepped.gradient, new].into_iter().chain(after).chain(before).collect();
        let read: Option<Vec<f32>> = read_all(wanted).await?.iter().map(|values| values.get(place).copied()).collect();
        let told = read.ok_or_else(|| ReadError("a tensor came back too short".into()))?;
        let [weight, loss_gradient, gradient, new_weight, ref slots @ ..] = told[..] else {
            return Err(ReadError("a tensor is missing".into()).into());
        };
        let kinds = training.optimizer.slot_names();
        let (after, before) = slots.split_at(kinds.len());
        let memory = kinds.iter().enumerate().map(|(nth, &kind)| Memory {
            kind: kind.into(),
            // Before its first step an optimizer keeps nothing, which counts as zero.
            before: before.get(nth).copied().unwrap_or_default(),
            after: after[nth],
        });
        let step = self.progress.step;
        Ok(WeightUpdate {
            step,
            batch: self.next_batch().len() as u32,
            optimizer: training.optimizer,
            learning_rate,
            penalties: if input.is_some() { [training.l1, training.l2] } else { [0.0, 0.0] },
            weight,
            loss_gradient,
            gradient,
            memory: memory.collect(),
            working: working(training.optimizer, learning_rate, step + 1, weight, gradient, after),
            new_weight,
        })
    }

    /// Only dense layers are followed; dropout may stand between them.
    pub(super) fn refuse_other_layers(&self) -> Result<(), FollowError> {
        let is_other = |layer: &Layer| !matches!(layer, Layer::Dense(_) | Layer::Dropout(_));
        match self.net.layers.iter().position(is_other) {
            Some(idx) => Err(FollowError::OtherLayer(self.traced[idx].layer.title())),
            None => Ok(()),
        }
    }
}

fn slots_of(optimizer: &Optimizer, id: ParamId) -> Vec<Tensor<1>> {
    optimizer.slots(id).to_vec()
}

/// A net one step on in one of its tensors, and what made the step, each as one row.
struct Stepped {
    net: Net,
    loss_gradient: Tensor<1>,
    gradient: Tensor<1>,
}

impl Stepped {
    fn take<const D: usize>(
        net: Net,
        optimizer: &mut Optimizer,
        grads: &GradientsParams,
        id: ParamId,
        weight: &Tensor<1>,
        dims: [usize; D],
    ) -> Option<Stepped> {
        let grad = grads.get::<D>(id)?;
        let pulled = optimizer.pulled(grad.clone(), &weight.clone().reshape(dims));
        // The others have no gradient here, so that they stay.
        let mut only = GradientsParams::new();
        only.register(id, grad.clone());
        let net = optimizer.step(net, only);
        Some(Stepped { net, loss_gradient: grad.reshape([-1]), gradient: pulled.reshape([-1]) })
    }
}
