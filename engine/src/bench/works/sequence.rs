//! The next character of a text: `lstm-char`, with 65 characters, 40 steps, 128 units and a dense layer on the last step.

use super::seeded::{first_values, token_batches};
use crate::kernels;
use crate::loss::Targets;
use crate::model::{CellWeights, Recurrent};
use crate::optim::{Optimizer, Penalty};
use crate::read::read_one;
use burn::module::{Module, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use descent_spec::{Activation, Cell, Head, OptimizerSpec};

pub(super) const BATCH: usize = 64;
const VOCABULARY: usize = 65;
const STEPS: usize = 40;
const UNITS: usize = 128;
/// Forward and both gradients of the products with the hidden state and the output; the input is looked up.
pub(super) const N_OPERATIONS: f64 = (2 * BATCH * 3 * (STEPS * UNITS * 4 * UNITS + UNITS * VOCABULARY)) as f64;

#[derive(Module, Debug)]
struct CharacterNet {
    lstm: Recurrent,
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

/// The net being trained.
pub(crate) struct SequenceWork {
    net: CharacterNet,
    optimizer: Optimizer,
    device: Device,
    batches: Vec<Vec<u32>>,
    labels: Vec<f32>,
    n_steps: usize,
}

impl SequenceWork {
    pub(super) fn new(device: &Device) -> SequenceWork {
        let device = device.clone().autodiff();
        // Tensors count in the order input weight, hidden weight, bias, output weight; a bound is 1/√fan in.
        let bound = |fan_in: usize| 1.0 / (fan_in as f64).sqrt();
        let weights = CellWeights {
            cell: Cell::Lstm,
            input_weight: first_values(0, VOCABULARY * 4 * UNITS, bound(VOCABULARY)),
            hidden_weight: first_values(1, UNITS * 4 * UNITS, bound(UNITS)),
            bias: vec![0.0; 4 * UNITS],
            hidden_bias: Vec::new(),
        };
        let weight = first_values(3, UNITS * VOCABULARY, bound(UNITS));
        let net = CharacterNet {
            lstm: Recurrent::from_weights(weights, &device),
            weight: Param::from_data(TensorData::new(weight, [UNITS, VOCABULARY]), &device),
            bias: Param::from_data(TensorData::new(vec![0.0_f32; VOCABULARY], [VOCABULARY]), &device),
        };
        SequenceWork {
            net,
            optimizer: Optimizer::new(OptimizerSpec::ADAM, 0.001, Penalty::default()),
            device,
            batches: token_batches(VOCABULARY, STEPS, BATCH),
            labels: (0..BATCH).map(|idx| (idx % VOCABULARY) as f32).collect(),
            n_steps: 0,
        }
    }

    pub(super) async fn step(&mut self) -> Result<f32, String> {
        let tokens = &self.batches[self.n_steps % self.batches.len()];
        self.n_steps += 1;
        let first = self.net.lstm.zero_state(BATCH, &self.device);
        let (hidden, _) = self.net.lstm.forward_tokens(tokens, BATCH, first);
        let last = hidden.narrow(0, STEPS - 1, 1).reshape([BATCH, UNITS]);
        let logits = kernels::dense(last, self.net.weight.val(), self.net.bias.val(), Activation::Linear);
        let targets = Targets::new(Head::Softmax { n_classes: VOCABULARY }, self.labels.clone(), &self.device);
        let loss = targets.loss(logits);
        let value = loss.clone().inner();
        let grads = GradientsParams::from_grads(loss.backward(), &self.net);
        self.net = self.optimizer.step(self.net.clone(), grads);
        read_one(value).await.map(|values| values[0]).map_err(|err| err.to_string())
    }
}
