//! The next update of one weight, foretold, and the last one held against what the step made of it.

use super::lab::Lab;
use super::show::refuse;
use crate::data::LabData;
use crate::session::{FollowError, Stop};
use descent_spec::message::{CameTrue, RequestId, ToApp, WeightUpdate};

/// A weight's place: layer, input (none for a bias), unit.
pub(super) type WeightPlace = (u32, Option<u32>, u32);

/// The last update that was told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Foretold {
    place: WeightPlace,
    step: u64,
    new_weight: f32,
    came_true: Option<CameTrue>,
}

impl Foretold {
    /// What to remember of an update, after what was told before.
    fn after(last: Option<Foretold>, place: WeightPlace, update: &WeightUpdate) -> Foretold {
        let came_true = last.filter(|it| it.place == place).and_then(|it| match update.step.checked_sub(it.step) {
            Some(0) => it.came_true,
            Some(1) => Some(CameTrue { step: update.step, foretold: it.new_weight, found: update.weight }),
            // Several steps at once were foretold by nobody.
            _ => None,
        });
        Foretold { place, step: update.step, new_weight: update.new_weight, came_true }
    }
}

impl Lab {
    /// Answers [`Foretell`](descent_spec::message::ToWorker::Foretell).
    pub(super) async fn foretell(&mut self, request: RequestId, place: WeightPlace, data: &LabData) -> Result<(), Stop> {
        if !self.session.is_planar() {
            refuse(
                &self.outbox,
                Some(request),
                "Only on points of a plane an update is foretold: a net for pictures has too many.",
            );
            return Ok(());
        }
        if !self.session.batch_ready(data) {
            refuse(&self.outbox, Some(request), "The next batch has not been loaded yet.");
            return Ok(());
        }
        self.stop_clock();
        let (layer, input, unit) = place;
        let input = input.map(|input| input as usize);
        match self.session.foretell(layer as usize, input, unit as usize, data).await {
            Ok(update) => {
                let told = Foretold::after(self.foretold, place, &update);
                self.foretold = Some(told);
                self.outbox.send(ToApp::Foretold { request, update: Box::new(update), came_true: told.came_true });
            }
            Err(FollowError::Device(err)) => return Err(err.into()),
            Err(refused) => refuse(&self.outbox, Some(request), refused.to_string()),
        }
        Ok(())
    }
}
