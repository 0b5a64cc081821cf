//! One example's way through the net and back, told number by number.

use super::lab::Lab;
use super::show::refuse;
use super::store::{examples, part_of};
use super::wire::Bulk;
use crate::data::LabData;
use crate::session::{FollowError, Followed, Stop};
use descent_spec::Split;
use descent_spec::message::{RequestId, ToApp};
use descent_spec::registry::Registry;

impl Lab {
    /// Answers [`Follow`](descent_spec::message::ToWorker::Follow).
    pub(super) async fn follow(
        &mut self,
        request: RequestId,
        (split, index): (Split, u32),
        nudge: Option<(u32, u32)>,
        data: &LabData,
    ) -> Result<(), Stop> {
        if !self.session.is_planar() {
            refuse(&self.outbox, Some(request), "Only points of a plane are followed number by number: pictures have too many.");
            return Ok(());
        }
        let pool = examples(data, part_of(split));
        let Some(idx) = self.session.pool_index(split, index as usize).filter(|&idx| idx < pool.len()) else {
            refuse(&self.outbox, Some(request), format!("There is no {} example {index}.", split.id()));
            return Ok(());
        };
        let (mut input, mut targets) = (Vec::new(), Vec::new());
        pool.fill_batch(&[idx as u32], &mut input, &mut targets);
        let target = targets.first().copied().unwrap_or_default();
        self.stop_clock();
        match self.follow_and_nudge(&input, target, nudge).await {
            Ok((followed, nudged)) => self.tell_followed(request, (input, target), followed, nudged),
            Err(FollowError::Device(err)) => return Err(err.into()),
            Err(refused) => refuse(&self.outbox, Some(request), refused.to_string()),
        }
        Ok(())
    }

    async fn follow_and_nudge(
        &self,
        input: &[f32],
        target: f32,
        nudge: Option<(u32, u32)>,
    ) -> Result<(Followed, Option<Vec<f32>>), FollowError> {
        let followed = self.session.follow(input, target).await?;
        let nudged = match nudge {
            Some((layer, unit)) => Some(self.session.nudge(layer as usize, unit as usize, input, target).await?),
            None => None,
        };
        Ok((followed, nudged))
    }

    fn tell_followed(&self, request: RequestId, (input, target): (Vec<f32>, f32), followed: Followed, nudged: Option<Vec<f32>>) {
        let Followed { answer, loss, losses, layers, slots } = followed;
        let dense = layers.iter().map(|it| it.layer as u32).collect();
        let slots = slots.iter().map(|&kind| kind.into()).collect();
        let mut arrays = vec![input, answer];
        for it in layers {
            arrays.extend([it.weights, it.biases, it.sums, it.outputs, it.slopes]);
            arrays.extend([it.sum_grads, it.output_grads, it.weight_grads, it.bias_grads]);
            arrays.extend(it.slots);
        }
        arrays.extend(nudged);
        let step = self.session.progress().step;
        let head = ToApp::Followed { request, step, target, loss, losses, dense, slots };
        self.outbox.send_with(head, arrays.into_iter().map(Bulk::Floats).collect());
    }
}
