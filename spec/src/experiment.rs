//! The experiment: data, model, training, seed and device, as plain data.

use crate::data::{DataSet, DataSpec};
use crate::device::DevicePreference;
use crate::model::{ModelError, ModelSpec, TracedLayer};
use crate::training::{OptimizerSpec, TrainingSpec};
use serde::{Deserialize, Serialize};

/// Everything needed to repeat a run: the same experiment gives the same losses, to the bit on the CPU.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// What it learns from.
    pub data: DataSpec,
    /// What learns.
    pub model: ModelSpec,
    /// How it learns.
    pub training: TrainingSpec,
    /// Source of every random draw: split, first weights, order of the examples, dropout.
    pub seed: u32,
    /// Where it runs.
    pub device: DevicePreference,
}

impl Default for Experiment {
    /// The MNIST lab as it opens.
    fn default() -> Self {
        Experiment::for_set(DataSet::Mnist)
    }
}

impl Experiment {
    /// The lab of this set as it opens. A link to it holds only what differs from this.
    pub fn for_set(set: DataSet) -> Experiment {
        let (model, training, device) = if set.is_planar() {
            let training = TrainingSpec {
                optimizer: OptimizerSpec::ADAM,
                learning_rate: 0.03,
                batch_size: 10,
                epochs: 1000,
                ..TrainingSpec::default()
            };
            // A step of a net this small is over before a graphics device has heard of it.
            (ModelSpec::tiny(), training, DevicePreference::Cpu)
        } else {
            (ModelSpec::mlp(), TrainingSpec::default(), DevicePreference::Auto)
        };
        Experiment { data: DataSpec::for_set(set), model, training, seed: 1, device }
    }

    /// The model's layers in place, or what does not fit.
    ///
    /// # Errors
    /// Data out of bounds, or the first layer that does not fit.
    pub fn trace(&self) -> Result<Vec<TracedLayer>, ModelError> {
        self.data.check().map_err(|message| ModelError { layer_idx: None, message })?;
        let facts = self.data.facts();
        self.model.trace(facts.shape, facts.head.n_outputs())
    }

    /// Floating-point operations of one training step: a multiplication and an addition for each weight that an example meets,
    /// once forward and twice backward. None where the model cannot be built.
    pub fn step_flop(&self) -> Option<f64> {
        let layers = self.trace().ok()?;
        let forward: f64 = layers.iter().map(|layer| 2.0 * layer.n_multiplications() as f64).sum();
        Some(3.0 * forward * self.training.batch_size as f64)
    }

    /// Whether a running session can take this experiment over without a restart: only the live fields differ
    /// (learning rate, L1, L2, number of epochs).
    pub fn is_live_edit_of(&self, running: &Experiment) -> bool {
        let mut same = self.clone();
        same.training.learning_rate = running.training.learning_rate;
        same.training.l1 = running.training.l1;
        same.training.l2 = running.training.l2;
        same.training.epochs = running.training.epochs;
        same == *running
    }
}
