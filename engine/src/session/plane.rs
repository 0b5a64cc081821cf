//! Looking at the whole plane: what every unit says at each point of a grid, the weights behind it, and setting one by hand.

use super::Supervised;
use crate::data::LabData;
use crate::data::points::inputs_at;
use crate::loss::answer;
use crate::model::ReplaceError;
use crate::read::{ReadError, read_all, read_one};
use burn::tensor::Tensor;
use descent_spec::line::LineFacts;
use descent_spec::plane::PLANE_EXTENT;
use descent_spec::{Feature, LayerSpec};

/// What the page draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// For each layer `[units, side, side]`, top row first; for the last one the head's answer.
    pub outputs: Vec<Vec<f32>>,
    /// Which layers are dense.
    pub dense: Vec<u32>,
    /// For each of them its weights `[inputs, units]` and its biases `[units]`.
    pub weights: Vec<Vec<f32>>,
}

/// Why a weight was not set.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SetWeightError {
    /// The layer is not dense, or has no such input or unit.
    #[error("The net has no such weight: nothing was changed.")]
    NoSuchWeight,
    /// Not a number, or infinite.
    #[error("A weight must be a finite number: nothing was changed.")]
    NotFinite,
    /// The net would not take it.
    #[error("The weight was not set: {0}.")]
    Refused(#[from] ReplaceError),
    /// The device no longer answers.
    #[error(transparent)]
    Device(#[from] ReadError),
}

impl Supervised {
    /// Sends the points of a grid through the net as it is now.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn plane(&self, side: usize) -> Result<Plane, ReadError> {
        let net = self.evaluation_net();
        let x = self.batch_tensor(self.grid(side), side * side, &self.device.clone().inner());
        let mut taps: Vec<Tensor<2>> = net.forward_with_taps(x).into_iter().map(|tap| tap.into_flat()).collect();
        if let Some(outputs) = taps.pop() {
            taps.push(answer(self.head, outputs));
        }
        // [points, units] to a picture for each unit.
        let mut wanted: Vec<Tensor<1>> = taps.into_iter().map(|tap| tap.transpose().reshape([-1])).collect();
        let n_layers = wanted.len();
        let is_dense = |layer_idx: usize| matches!(self.traced[layer_idx].layer, LayerSpec::Dense { .. });
        let dense = (0..n_layers).filter(|&idx| is_dense(idx)).map(|idx| idx as u32).collect();
        // A dense layer names its weight before its bias.
        wanted.extend(net.named_tensors(&self.traced).into_iter().filter(|it| is_dense(it.layer_idx)).map(|it| it.values));
        let mut outputs = read_all(wanted).await?;
        let weights = outputs.split_off(n_layers);
        Ok(Plane { outputs, dense, weights })
    }

    /// The line of a single neuron with these weights, a dense layer's weights and then its bias, and how the training points lie to
    /// it; none where the net draws another border.
    pub fn line(&self, weights: &[Vec<f32>], data: &LabData) -> Option<LineFacts> {
        let points = data.train_pool.points().filter(|_| self.experiment.draws_a_line())?;
        let [weights, bias] = weights else { return None };
        let of = |feature| self.experiment.data.features.iter().position(|it| *it == feature).and_then(|idx| weights.get(idx));
        let train = self.partition.train.iter().filter_map(|&idx| {
            let (x, y) = points.position(idx as usize)?;
            Some((x, y, points.target(idx as usize) as u8))
        });
        Some(LineFacts::new([*of(Feature::X)?, *of(Feature::Y)?], *bias.first()?, train))
    }

    /// What the net is given at each point of the grid, row by row from the top left.
    fn grid(&self, side: usize) -> Vec<f32> {
        let last = (side.max(2) - 1) as f64;
        let at = |idx: usize| (PLANE_EXTENT * (2.0 * idx as f64 / last - 1.0)) as f32;
        let features = &self.experiment.data.features;
        (0..side).flat_map(|row| (0..side).flat_map(move |column| inputs_at(features, at(column), -at(row)))).collect()
    }

    /// Sets a weight of a dense layer, or a bias where there is no input, to exactly this value. The optimizer's state stays.
    ///
    /// # Errors
    /// Why it was refused; nothing changes then.
    pub async fn set_weight(
        &mut self,
        layer: usize,
        input: Option<usize>,
        unit: usize,
        value: f32,
    ) -> Result<(), SetWeightError> {
        let (name, place) = self.place_of(layer, input, unit).ok_or(SetWeightError::NoSuchWeight)?;
        if !value.is_finite() {
            return Err(SetWeightError::NotFinite);
        }
        let tensors = self.net.named_tensors(&self.traced);
        let it = tensors.into_iter().find(|it| it.name == name).ok_or(SetWeightError::NoSuchWeight)?;
        let mut values = read_one(it.values).await?;
        values[place] = value;
        self.net = self.net.clone().replace_one(it.id, name, values, &self.device)?;
        Ok(())
    }

    /// The tensor a weight lies in, and its place there.
    pub(super) fn place_of(&self, layer: usize, input: Option<usize>, unit: usize) -> Option<(String, usize)> {
        let traced = self.traced.get(layer)?;
        let LayerSpec::Dense { units, .. } = traced.layer else { return None };
        if unit >= units || input.is_some_and(|input| input >= traced.input.len()) {
            return None;
        }
        Some(match input {
            Some(input) => (format!("{}.weight", traced.name), input * units + unit),
            None => (format!("{}.bias", traced.name), unit),
        })
    }

    /// Whether the session learns points of a plane.
    pub fn is_planar(&self) -> bool {
        self.experiment.data.set.is_planar()
    }
}
