//! Checkpoints and downloads, both safetensors files: names, shapes and little-endian `f32`, readable in Python in one line.
//!
//! A checkpoint holds the weights, batch norm's running statistics, the optimizer's state and, as JSON under the metadata key
//! `descent`, the experiment and the place in it. Order of examples and dropout masks are functions of seed, epoch and step, so
//! the place is all that is needed to go on to the bit.

use super::Supervised;
use crate::optim::{Optimizer, Penalty};
use crate::read::{ReadError, read_all};
use burn::tensor::{Tensor, TensorData};
use descent_spec::message::Progress;
use descent_spec::{Experiment, OwnText, link};
use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Largest checkpoint that is read: the largest model with two moments, and room for names.
const MAX_CHECKPOINT_BYTES: usize = 3 * 4 * descent_spec::model::MAX_PARAMETERS + 1024 * 1024;
const METADATA_KEY: &str = "descent";
const FORMAT: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: u32,
    experiment: Experiment,
    progress: Progress,
    optimizer_steps: u64,
}

/// Why a checkpoint was refused. The session is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Larger than any checkpoint can be.
    #[error("The saved run has {0} bytes, more than any can have.")]
    TooLarge(usize),
    /// Not a whole safetensors file, or without our header.
    #[error("The saved run cannot be read: {0}.")]
    Malformed(String),
    /// Made by another experiment.
    #[error("The saved run belongs to another experiment.")]
    OtherExperiment,
    /// Its place cannot be reached by this experiment.
    #[error("The saved run stands at an impossible place.")]
    ImpossiblePlace,
    /// A number that no running session has.
    #[error("The saved run holds values that are not numbers in {0}.")]
    NotFinite(String),
}

impl Supervised {
    /// The weights and running statistics as a safetensors file. Dense weights are `[inputs, units]`, kernels
    /// `[filters, channels, height, width]`.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn weights(&self) -> Result<Vec<u8>, ReadError> {
        self.weights_as(Dtype::F32).await
    }

    /// The same, each number rounded to 16 bits: half the bytes, for files that come with the site.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn weights_in_half(&self) -> Result<Vec<u8>, ReadError> {
        self.weights_as(Dtype::F16).await
    }

    async fn weights_as(&self, dtype: Dtype) -> Result<Vec<u8>, ReadError> {
        let tensors = self.net.named_tensors(&self.traced).into_iter().map(|it| (it.name, it.dims, it.values)).collect();
        write(tensors, dtype, HashMap::from([("link".into(), link::encode(&self.experiment))])).await
    }

    /// Begins anew from weights as [`weights`](Self::weights) and [`weights_in_half`](Self::weights_in_half) write them: at step 0,
    /// with nothing in the optimizer.
    ///
    /// # Errors
    /// Why they were refused; the session is then unchanged.
    pub fn put_weights(&mut self, bytes: &[u8]) -> Result<(), CheckpointError> {
        let malformed = |err: &dyn std::fmt::Display| CheckpointError::Malformed(err.to_string());
        if bytes.len() > MAX_CHECKPOINT_BYTES {
            return Err(CheckpointError::TooLarge(bytes.len()));
        }
        let file = SafeTensors::deserialize(bytes).map_err(|err| malformed(&err))?;
        let tensors = self.net.named_tensors(&self.traced);
        if file.len() != tensors.len() {
            return Err(malformed(&format!("it has {} arrays, and the model needs {}", file.len(), tensors.len())));
        }
        let values: Result<HashMap<_, _>, _> =
            tensors.into_iter().map(|it| read_tensor(&file, &it.name, &it.dims).map(|values| (it.name, values))).collect();
        let net = self.net.clone().replace(&self.traced, values?, &self.device).map_err(|err| malformed(&err))?;
        self.net = net;
        let training = &self.experiment.training;
        self.optimizer = Optimizer::new(training.optimizer, training.learning_rate, Penalty::of(training));
        self.progress = Progress::default();
        self.forget_pending();
        self.order_epoch();
        Ok(())
    }

    /// Everything needed to go on from here.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn checkpoint(&self) -> Result<Vec<u8>, ReadError> {
        let mut tensors = Vec::new();
        for it in self.net.named_tensors(&self.traced) {
            let slots = self.optimizer.slots(it.id).iter().zip(self.experiment.training.optimizer.slot_names());
            tensors.extend(slots.map(|(slot, kind)| (format!("{}/{kind}", it.name), it.dims.clone(), slot.clone())));
            tensors.push((it.name, it.dims, it.values));
        }
        let header = Header {
            format: FORMAT,
            experiment: self.experiment.clone(),
            progress: self.progress,
            optimizer_steps: self.optimizer.n_steps(),
        };
        let json = serde_json::to_string(&header).map_err(|err| ReadError(err.to_string()))?;
        write(tensors, Dtype::F32, HashMap::from([(METADATA_KEY.into(), json)])).await
    }

    /// Goes on from a checkpoint of the same experiment (live fields may differ; the checkpoint's count).
    ///
    /// # Errors
    /// Why it was refused; the session is then unchanged.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), CheckpointError> {
        let malformed = |err: &dyn std::fmt::Display| CheckpointError::Malformed(err.to_string());
        if bytes.len() > MAX_CHECKPOINT_BYTES {
            return Err(CheckpointError::TooLarge(bytes.len()));
        }
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|err| malformed(&err))?;
        let json =
            metadata.metadata().as_ref().and_then(|it| it.get(METADATA_KEY)).ok_or_else(|| malformed(&"it has no header"))?;
        let header: Header = serde_json::from_str(json).map_err(|err| malformed(&err))?;
        if header.format != FORMAT {
            return Err(malformed(&format!("its format is {}, and this page reads {FORMAT}", header.format)));
        }
        // The link codec knows the range of every field; an experiment that survives it is within all of them.
        // A long text is in no link; its bounds are checked here.
        let mut linked = header.experiment.clone();
        if !linked.data.text.fits_a_link() {
            linked.data.text = OwnText::example();
        }
        let decoded = link::decode(&link::encode(&linked));
        if !decoded.refusals.is_empty() || decoded.experiment != linked || header.experiment.data.check().is_err() {
            return Err(malformed(&"its settings are out of range"));
        }
        if !header.experiment.is_live_edit_of(&self.experiment) {
            return Err(CheckpointError::OtherExperiment);
        }
        let Progress { step, epoch, batch, corrections, elapsed_ms } = header.progress;
        let place = u64::from(epoch).checked_mul(self.steps_per_epoch()).and_then(|steps| steps.checked_add(batch));
        if place != Some(step)
            || batch >= self.steps_per_epoch()
            || header.optimizer_steps != step
            || corrections > step
            || !elapsed_ms.is_finite()
            || elapsed_ms < 0.0
        {
            return Err(CheckpointError::ImpossiblePlace);
        }

        let file = SafeTensors::deserialize(bytes).map_err(|err| malformed(&err))?;
        let plain = self.device.clone().inner();
        let mut values = HashMap::new();
        let mut slots = HashMap::new();
        for it in self.net.named_tensors(&self.traced) {
            values.insert(it.name.clone(), read_tensor(&file, &it.name, &it.dims)?);
            let is_trained = !it.name.contains("running") && !self.traced[it.layer_idx].layer.is_frozen();
            if step > 0 && is_trained {
                let kinds = header.experiment.training.optimizer.slot_names();
                let saved: Result<Vec<_>, _> = kinds
                    .iter()
                    .map(|kind| {
                        let slot = read_tensor(&file, &format!("{}/{kind}", it.name), &it.dims)?;
                        let len = slot.len();
                        Ok(Tensor::<1>::from_data(TensorData::new(slot, [len]), &plain))
                    })
                    .collect();
                slots.insert(it.id, saved?);
            }
        }
        let net = self.net.clone().replace(&self.traced, values, &self.device).map_err(|err| malformed(&err))?;

        self.net = net;
        // Who computes is this page's choice, not that of the page that saved.
        self.tune(&Experiment { cores: self.experiment.cores, ..header.experiment });
        self.optimizer.restore(header.optimizer_steps, slots);
        self.progress = header.progress;
        self.forget_pending();
        self.order_epoch();
        Ok(())
    }
}

fn read_tensor(file: &SafeTensors<'_>, name: &str, dims: &[usize]) -> Result<Vec<f32>, CheckpointError> {
    let view = file.tensor(name).map_err(|err| CheckpointError::Malformed(err.to_string()))?;
    if view.shape() != dims {
        return Err(CheckpointError::Malformed(format!("{name} has shape {:?}, and the model needs {dims:?}", view.shape())));
    }
    // The bytes may start at any address, so they are copied number by number.
    let values: Vec<f32> = match view.dtype() {
        Dtype::F32 => view.data().chunks_exact(4).map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]])).collect(),
        Dtype::F16 => view.data().chunks_exact(2).map(|it| f16::from_le_bytes([it[0], it[1]]).to_f32()).collect(),
        other => return Err(CheckpointError::Malformed(format!("{name} holds numbers of the kind {other:?}"))),
    };
    if values.iter().any(|value| !value.is_finite()) {
        return Err(CheckpointError::NotFinite(name.into()));
    }
    Ok(values)
}

/// Values as little-endian numbers of 32 or 16 bits.
async fn write(
    tensors: Vec<(String, Vec<usize>, Tensor<1>)>,
    dtype: Dtype,
    metadata: HashMap<String, String>,
) -> Result<Vec<u8>, ReadError> {
    let (labels, tensors): (Vec<_>, Vec<_>) = tensors.into_iter().map(|(name, dims, values)| ((name, dims), values)).unzip();
    let values = read_all(tensors).await?;
    let in_bytes = |values: &Vec<f32>| -> Vec<u8> {
        match dtype {
            Dtype::F16 => values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect(),
            _ => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    };
    let bytes: Vec<Vec<u8>> = values.iter().map(in_bytes).collect();
    let views: Result<Vec<_>, _> = labels
        .iter()
        .zip(&bytes)
        .map(|((name, dims), bytes)| TensorView::new(dtype, dims.clone(), bytes).map(|view| (name.as_str(), view)))
        .collect();
    let views = views.map_err(|err| ReadError(err.to_string()))?;
    safetensors::serialize(views, Some(metadata)).map_err(|err| ReadError(err.to_string()))
}
