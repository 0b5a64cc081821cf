//! A lab of the course, or any other experiment: its own net, batch and optimizer, on made-up data of its shape.

use crate::bench::made_up;
use crate::data::LabData;
use crate::session::{Stop, Supervised};
use burn::tensor::Device;
use descent_spec::{Experiment, link};

/// A session being timed.
pub(crate) struct LabWork {
    session: Supervised,
    data: LabData,
    device: Device,
}

impl LabWork {
    /// The experiment behind a link.
    ///
    /// # Errors
    /// The first field of the link that was refused, or why its net cannot be built.
    pub(super) fn open(link: &str, device: &Device) -> Result<LabWork, String> {
        let decoded = link::decode(link);
        if let Some(refusal) = decoded.refusals.first() {
            return Err(format!("The link {link:?} was refused: {}={}: {}.", refusal.key, refusal.value, refusal.why));
        }
        let data = made_up(&decoded.experiment);
        let session = Supervised::open(&decoded.experiment, device, &data).map_err(|err| err.to_string())?;
        Ok(LabWork { session, data, device: device.clone() })
    }

    pub(super) async fn step(&mut self) -> Result<f32, String> {
        self.session.step(&self.data);
        match self.session.poll(&self.data).await {
            Ok(()) => Ok(self.session.take_points().last().map_or(f32::NAN, |point| point.loss)),
            // Rates that suit the data may be too high for noise; a step costs the same from the beginning.
            Err(Stop::Diverged(_)) => {
                let experiment = self.session.experiment().clone();
                self.session = Supervised::open(&experiment, &self.device, &self.data).map_err(|err| err.to_string())?;
                Ok(f32::NAN)
            }
            Err(stop) => Err(stop.to_string()),
        }
    }

    pub(super) fn batch(&self) -> usize {
        self.experiment().training.batch_size
    }

    pub(super) fn n_operations(&self) -> f64 {
        self.experiment().step_flop().unwrap_or(f64::NAN)
    }

    fn experiment(&self) -> &Experiment {
        self.session.experiment()
    }
}
