//! The experiment: data, model, training, seed and device, as plain data.

use crate::data::DataSpec;
use crate::device::DevicePreference;
use crate::model::{ModelError, ModelSpec, TracedLayer};
use crate::training::TrainingSpec;
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
        Experiment {
            data: DataSpec::default(),
            model: ModelSpec::mlp(),
            training: TrainingSpec::default(),
            seed: 1,
            device: DevicePreference::Auto,
        }
    }
}

impl Experiment {
    /// The model's layers in place, or the first that does not fit.
    pub fn trace(&self) -> Result<Vec<TracedLayer>, ModelError> {
        let facts = self.data.set.facts();
        self.model.trace(facts.shape, facts.classes.len())
    }

    /// Floating-point operations of one training step: a multiplication and an addition for each weight that an example meets,
    /// once forward and twice backward. None where the model cannot be built.
    pub fn step_flop(&self) -> Option<f64> {
        let layers = self.trace().ok()?;
        let forward: f64 = layers.iter().map(|layer| 2.0 * layer.n_multiplications() as f64).sum();
        Some(3.0 * forward * self.training.batch_size as f64)
    }

    /// Whether a running session can take this experiment over without a restart: only the live fields differ
    /// (learning rate, L2, number of epochs).
    pub fn is_live_edit_of(&self, running: &Experiment) -> bool {
        let mut same = self.clone();
        same.training.learning_rate = running.training.learning_rate;
        same.training.l2 = running.training.l2;
        same.training.epochs = running.training.epochs;
        same == *running
    }
}
