//! Within a recurrent layer on one window: gates, candidates and states step by step, and the loss's gradient on its way back.

use super::Supervised;
use crate::data::Windows;
use crate::loss::Targets;
use crate::model::{CellWeights, HostSequence, Layer, Net, Signal};
use crate::read::{ReadError, read_all};
use burn::tensor::Tensor;
use descent_spec::message::{GradientRoad, InsideFacts};
use descent_spec::model::TracedLayer;
use descent_spec::registry::Registry;
use descent_spec::{Cell, LayerSpec, Returns};

/// Why there is nothing to show.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InsideError {
    /// No layer carries a state.
    #[error("No layer of this net carries a state through time: choose LSTM, GRU or RNN as the model.")]
    NoLayer,
    /// The window is not there.
    #[error("The window has not come yet.")]
    NoWindow,
    /// The device no longer answers.
    #[error(transparent)]
    Device(#[from] ReadError),
}

/// One window on its way to a recurrent layer, and the gradient that comes back to it.
struct Visit {
    weights: CellWeights,
    /// What the layer sees, `[steps, inputs]`.
    seen: Vec<f32>,
    /// The loss's gradient at the last hidden state, `[units]`; none where the layer hands on every state.
    d_last: Option<Vec<f32>>,
}

impl Supervised {
    /// What goes on within the last recurrent layer on one window, with the arrays that
    /// [`ToApp::Inside`](descent_spec::message::ToApp::Inside) sends. The gradients of the three cells at first weights are those of
    /// this experiment with its cell exchanged.
    ///
    /// # Errors
    /// Where no layer carries a state, or the device no longer answers.
    pub async fn inside(&self, windows: &Windows, idx: usize) -> Result<(InsideFacts, Vec<Vec<f32>>), InsideError> {
        let (layer_idx, traced) = last_recurrent(&self.traced).ok_or(InsideError::NoLayer)?;
        let LayerSpec::Recurrent { cell, units, .. } = traced.layer else { return Err(InsideError::NoLayer) };
        let measured = windows.given(idx).ok_or(InsideError::NoWindow)?.to_vec();
        let mut input = Vec::new();
        windows.fill_inputs(&[idx as u32], &mut input);
        let target = windows.target(idx);

        let visit = self.visit(&self.net, layer_idx, &input, target).await?;
        let first = visit.weights.zero_state();
        let inside = visit.weights.inside(HostSequence::Vectors(&visit.seen), &first);
        let parts = inside.parts();
        let mut arrays = vec![measured];
        arrays.extend(parts.iter().map(|(_, values)| values.to_vec()));
        let names = parts.iter().map(|(name, _)| (*name).to_owned()).collect();

        let mut roads = Vec::new();
        let mut add = |visit: &Visit, cell: Cell, at_first_weights: bool| {
            let Some(d_last) = &visit.d_last else { return };
            let first = visit.weights.zero_state();
            let lengths = visit.weights.step_gradients(HostSequence::Vectors(&visit.seen), &first, d_last);
            for (of_cell_state, lengths) in [(false, lengths.hidden), (true, lengths.cell)] {
                if !lengths.is_empty() {
                    roads.push(GradientRoad { cell, at_first_weights, of_cell_state });
                    arrays.push(lengths);
                }
            }
        };
        add(&visit, cell, false);
        for entry in Cell::table() {
            let net = self.at_first_weights(layer_idx, entry.value);
            add(&self.visit(&net, layer_idx, &input, target).await?, entry.value, true);
        }
        let facts = InsideFacts {
            step: self.progress.step,
            layer: traced.name.clone(),
            cell,
            units: units as u32,
            time: windows.time(idx) as u32,
            parts: names,
            roads,
        };
        Ok((facts, arrays))
    }

    /// The net as the seed draws it, with another cell in one of its layers.
    fn at_first_weights(&self, layer_idx: usize, cell: Cell) -> Net {
        let mut traced = self.traced.clone();
        if let LayerSpec::Recurrent { cell: own, .. } = &mut traced[layer_idx].layer {
            *own = cell;
        }
        Net::init(&traced, self.experiment.model.initializer, &self.streams, &self.device)
    }

    /// Sends a window through a net and its loss back to the layer, without dropout.
    async fn visit(&self, net: &Net, layer_idx: usize, input: &[f32], target: f32) -> Result<Visit, InsideError> {
        let mut x = self.batch_tensor(input.to_vec(), 1, &self.device);
        for layer in &net.layers[..layer_idx] {
            x = forward_calmly(layer, x);
        }
        let Layer::Recurrent(carried) = &net.layers[layer_idx] else { return Err(InsideError::NoLayer) };
        let Signal::Sequence(sequence) = &x else { return Err(InsideError::NoLayer) };
        let seen = sequence.values.clone().inner().reshape([-1]);
        let out = carried.forward(x.clone());
        let (seen, d_last) = match out {
            Signal::Flat(last) => {
                // Autodiff keeps gradients only at leaves, and the gradient at a leaf that is added to a value is the gradient there.
                let zero = Tensor::<2>::from_inner(last.clone().inner().zeros_like()).require_grad();
                let mut x = Signal::Flat(last + zero.clone());
                for layer in &net.layers[layer_idx + 1..] {
                    x = forward_calmly(layer, x);
                }
                let grads = Targets::new(self.head, vec![target], &self.device).loss(x.into_rows()).backward();
                let gradient = zero.grad(&grads).unwrap_or_else(|| zero.clone().inner().zeros_like());
                let mut read = read_all(vec![seen, gradient.reshape([-1])]).await?.into_iter();
                (read.next().unwrap_or_default(), read.next())
            }
            _ => (read_all(vec![seen]).await?.pop().unwrap_or_default(), None),
        };
        Ok(Visit { weights: carried.recurrent.weights().await?, seen, d_last })
    }
}

/// A layer forward without dropout, which would draw from the run's generator.
fn forward_calmly(layer: &Layer, x: Signal) -> Signal {
    if matches!(layer, Layer::Dropout(_)) { x } else { layer.forward(x) }
}

/// The last recurrent layer that hands on its last state alone, or else the last of all.
fn last_recurrent(traced: &[TracedLayer]) -> Option<(usize, &TracedLayer)> {
    let recurrent = || traced.iter().enumerate().filter(|(_, layer)| matches!(layer.layer, LayerSpec::Recurrent { .. }));
    let hands_on_last =
        |(_, layer): &(usize, &TracedLayer)| matches!(layer.layer, LayerSpec::Recurrent { returns: Returns::Last, .. });
    recurrent().filter(hands_on_last).last().or_else(|| recurrent().last())
}
