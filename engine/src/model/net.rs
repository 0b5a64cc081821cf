//! A stack of layers below a head.

use super::layer::Layer;
use super::recurrent::State;
use super::signal::Signal;
use crate::rng::{Stream, Streams};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use descent_spec::Initializer;
use descent_spec::model::TracedLayer;

/// A network built from a traced model.
#[derive(Module, Debug)]
pub struct Net {
    /// In the order of the trace; the last is the one below the head.
    pub layers: Vec<Layer>,
}

/// What the recurrent layers of a net carry from one stretch of a sequence to the next; empty before the first.
#[derive(Debug, Clone, Default)]
pub struct Memory(Vec<Option<State>>);

impl Net {
    /// Builds the net with weights from the seed's `Init` stream, one sub-stream a layer: adding a layer on top changes nothing below.
    pub fn init(traced: &[TracedLayer], initializer: Initializer, streams: &Streams, device: &Device) -> Net {
        Net::init_from(traced, &[], initializer, streams, device)
    }

    /// The same with vectors that are known for some tokens, for an embedding that starts from such.
    pub fn init_from(
        traced: &[TracedLayer],
        known: &[(usize, &[f32])],
        initializer: Initializer,
        streams: &Streams,
        device: &Device,
    ) -> Net {
        let layers = traced
            .iter()
            .enumerate()
            .map(|(idx, layer)| Layer::init(layer, known, initializer, &mut streams.rng(Stream::Init, idx as u64), device))
            .collect();
        Net { layers }
    }

    /// Outputs `[batch, outputs]` of a batch, before the head: logits, or values. Where the head answers after every step,
    /// `[steps · batch, outputs]`, time first.
    pub fn forward(&self, x: Signal) -> Tensor<2> {
        self.layers.iter().fold(x, |x, layer| layer.forward(x)).into_rows()
    }

    /// The same for the next stretch of a sequence whose beginning left `memory` behind; afterwards it holds what this stretch leaves.
    pub fn forward_from(&self, x: Signal, memory: &mut Memory) -> Tensor<2> {
        memory.0.resize(self.layers.len(), None);
        let through = |x, (layer, state): (&Layer, &mut Option<State>)| match layer {
            Layer::Recurrent(carried) => carried.forward_from(x, state),
            layer => layer.forward(x),
        };
        self.layers.iter().zip(&mut memory.0).fold(x, through).into_rows()
    }

    /// Outputs as [`forward`](Self::forward), and for each head of each layer with attention its index, that of the head, and the
    /// weights with which the target attends to the source, `[batch, target, source]`.
    pub fn forward_with_maps(&self, x: Signal) -> (Tensor<2>, Vec<(usize, usize, Tensor<3>)>) {
        let mut maps = Vec::new();
        let through = |x, (idx, layer): (usize, &Layer)| match x {
            Signal::Pair(pair) if matches!(layer, Layer::Attend(_) | Layer::Transformer(_)) => {
                let (pair, weights) = layer.attend(pair);
                maps.extend(weights.into_iter().enumerate().map(|(head, weights)| (idx, head, weights)));
                Signal::Pair(pair)
            }
            x => layer.forward(x),
        };
        let outputs = self.layers.iter().enumerate().fold(x, through).into_rows();
        (outputs, maps)
    }

    /// The output of every layer, in order; the last are the head's inputs.
    pub fn forward_with_taps(&self, x: Signal) -> Vec<Signal> {
        let tap = |x: &mut Signal, layer: &Layer| {
            *x = layer.forward(x.clone());
            Some(x.clone())
        };
        self.layers.iter().scan(x, tap).collect()
    }
}
