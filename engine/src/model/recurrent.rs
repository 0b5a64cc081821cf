//! Layers that carry a state through a sequence.

use crate::kernels;
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

/// Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers and others 2000); the definition is
/// PyTorch's, with one bias where PyTorch adds two, gates in the order input, forget, cell, output.
#[derive(Module, Debug)]
pub struct Lstm {
    /// `[inputs, 4 units]`.
    input_weight: Param<Tensor<2>>,
    /// `[units, 4 units]`.
    hidden_weight: Param<Tensor<2>>,
    /// `[4 units]`.
    bias: Param<Tensor<1>>,
}

/// What an LSTM carries from one sequence to the next, each `[batch, units]`.
#[derive(Debug, Clone)]
pub struct LstmState {
    /// The hidden state.
    pub hidden: Tensor<2>,
    /// The cell state.
    pub cell: Tensor<2>,
}

impl Lstm {
    /// A layer with these weights, row by row: `[inputs, 4 units]` and `[units, 4 units]`; `units` is the length of the bias by four.
    pub fn new(input_weight: Vec<f32>, hidden_weight: Vec<f32>, bias: Vec<f32>, device: &Device) -> Lstm {
        let width = bias.len();
        let rows = |values: &[f32]| values.len() / width.max(1);
        let dims = [[rows(&input_weight), width], [rows(&hidden_weight), width]];
        Lstm {
            input_weight: Param::from_data(TensorData::new(input_weight, dims[0]), device),
            hidden_weight: Param::from_data(TensorData::new(hidden_weight, dims[1]), device),
            bias: Param::from_data(TensorData::new(bias, [width]), device),
        }
    }

    /// Units of the layer.
    pub fn n_units(&self) -> usize {
        self.hidden_weight.val().dims()[0]
    }

    /// The state before anything was seen.
    pub fn zero_state(&self, batch: usize, device: &Device) -> LstmState {
        let zeros = || Tensor::zeros([batch, self.n_units()], device);
        LstmState { hidden: zeros(), cell: zeros() }
    }

    /// A sequence of vectors `[steps, batch, inputs]`: hidden states `[steps, batch, units]` and the state after it.
    pub fn forward(&self, x: Tensor<3>, first: LstmState) -> (Tensor<3>, LstmState) {
        let [steps, batch, inputs] = x.dims();
        let sums = kernels::dense(
            x.reshape([steps * batch, inputs]),
            self.input_weight.val(),
            self.bias.val(),
            descent_spec::Activation::Linear,
        );
        self.run(sums, [steps, batch], first)
    }

    /// A sequence of tokens, `[steps, batch]` row by row: what a one-hot vector times the weights would be, without the product.
    pub fn forward_tokens(&self, tokens: &[u32], batch: usize, first: LstmState) -> (Tensor<3>, LstmState) {
        let table = self.input_weight.val() + self.bias.val().unsqueeze();
        self.run(kernels::lookup(table, tokens), [tokens.len() / batch, batch], first)
    }

    fn run(&self, sums: Tensor<2>, [steps, batch]: [usize; 2], first: LstmState) -> (Tensor<3>, LstmState) {
        let width = sums.dims()[1];
        let first = [first.hidden, first.cell].map(|state| Tensor::from_inner(state.inner()));
        let [hidden, cells] = kernels::lstm(sums.reshape([steps, batch, width]), self.hidden_weight.val(), first);
        let last = |states: &Tensor<3>| states.clone().inner().narrow(0, steps - 1, 1).reshape([batch, width / 4]);
        let state = LstmState { hidden: last(&hidden), cell: last(&cells) };
        (hidden, state)
    }
}

/// TEMPORARY until the cells branch lands.
#[derive(Module, Debug)]
pub struct Recurrent {
    lstm: Lstm,
}

impl Recurrent {
    /// TEMPORARY.
    pub fn new(
        _cell: descent_spec::Cell,
        input_weight: Vec<f32>,
        hidden_weight: Vec<f32>,
        bias: Vec<f32>,
        _inner: Vec<f32>,
        device: &Device,
    ) -> Recurrent {
        Recurrent { lstm: Lstm::new(input_weight, hidden_weight, bias, device) }
    }
    /// TEMPORARY.
    pub fn device(&self) -> Device {
        self.lstm.bias.val().device()
    }
    /// TEMPORARY.
    pub fn zero_state(&self, batch: usize, device: &Device) -> LstmState {
        self.lstm.zero_state(batch, device)
    }
    /// TEMPORARY.
    pub fn forward(&self, x: Tensor<3>, first: LstmState) -> (Tensor<3>, LstmState) {
        self.lstm.forward(x, first)
    }
    /// TEMPORARY.
    pub fn forward_tokens(&self, tokens: &[u32], batch: usize, first: LstmState) -> (Tensor<3>, LstmState) {
        self.lstm.forward_tokens(tokens, batch, first)
    }
}
