//! Layers that carry a state through a sequence.

use super::inside::CellWeights;
use crate::kernels;
use crate::read::{ReadError, read_all};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use descent_spec::{Activation, Cell};

/// A recurrent layer; its [`Cell`] says what a step does. Definitions are PyTorch's, with one bias where PyTorch adds two.
///
/// What each unit sums up lies part by part, `g = n_gates` parts: a GRU's reset gate, update gate and candidate; an LSTM's input gate,
/// forget gate, candidate and output gate.
#[derive(Module, Debug)]
pub struct Recurrent {
    #[module(skip)]
    cell: Cell,
    /// `[inputs, g units]`.
    input_weight: Param<Tensor<2>>,
    /// `[units, g units]`.
    hidden_weight: Param<Tensor<2>>,
    /// `[g units]`.
    bias: Param<Tensor<1>>,
    /// `[units]`, of a GRU's candidate, within the reset gate's product: `r (h₋₁ W + b′)`.
    hidden_bias: Option<Param<Tensor<1>>>,
}

/// What a layer carries from one sequence to the next, each `[batch, units]`. Gradients do not flow back through it.
#[derive(Debug, Clone)]
pub struct State {
    /// The hidden state.
    pub hidden: Tensor<2>,
    /// The cell state of an LSTM; other cells have none.
    pub cell: Option<Tensor<2>>,
}

impl Recurrent {
    /// A layer with these weights, row by row: of the inputs `[inputs, g units]`, of the state `[units, g units]`, the bias `[g units]`
    /// and that of a GRU's candidate `[units]`, which other cells do without.
    pub fn new(
        cell: Cell,
        input_weight: Vec<f32>,
        hidden_weight: Vec<f32>,
        bias: Vec<f32>,
        hidden_bias: Vec<f32>,
        device: &Device,
    ) -> Recurrent {
        let width = bias.len();
        let matrix = |values: Vec<f32>| {
            let rows = values.len() / width.max(1);
            Param::from_data(TensorData::new(values, [rows, width]), device)
        };
        let vector = |values: Vec<f32>| {
            let len = values.len();
            Param::from_data(TensorData::new(values, [len]), device)
        };
        Recurrent {
            cell,
            input_weight: matrix(input_weight),
            hidden_weight: matrix(hidden_weight),
            bias: vector(bias),
            hidden_bias: (cell == Cell::Gru).then(|| vector(hidden_bias)),
        }
    }

    /// The same from weights on the host, such as [`Recurrent::weights`] reads.
    pub fn from_weights(weights: CellWeights, device: &Device) -> Recurrent {
        let CellWeights { cell, input_weight, hidden_weight, bias, hidden_bias } = weights;
        Recurrent::new(cell, input_weight, hidden_weight, bias, hidden_bias, device)
    }

    /// Where its weights lie.
    pub fn device(&self) -> Device {
        self.bias.val().device()
    }

    /// What a step does.
    pub fn cell(&self) -> Cell {
        self.cell
    }

    /// Units of the layer.
    pub fn n_units(&self) -> usize {
        self.hidden_weight.val().dims()[0]
    }

    /// The state before anything was seen.
    pub fn zero_state(&self, batch: usize, device: &Device) -> State {
        let zeros = || Tensor::zeros([batch, self.n_units()], device);
        State { hidden: zeros(), cell: (self.cell == Cell::Lstm).then(zeros) }
    }

    /// A sequence of vectors `[steps, batch, inputs]`, at least one step: hidden states `[steps, batch, units]` and the state after it.
    pub fn forward(&self, x: Tensor<3>, first: State) -> (Tensor<3>, State) {
        let [steps, batch, inputs] = x.dims();
        let sums =
            kernels::dense(x.reshape([steps * batch, inputs]), self.input_weight.val(), self.bias.val(), Activation::Linear);
        self.run(sums, [steps, batch], first)
    }

    /// A sequence of tokens, `[steps, batch]` row by row: what a one-hot vector times the weights would be, without the product.
    pub fn forward_tokens(&self, tokens: &[u32], batch: usize, first: State) -> (Tensor<3>, State) {
        let table = self.input_weight.val() + self.bias.val().unsqueeze();
        self.run(kernels::lookup(table, tokens), [tokens.len() / batch, batch], first)
    }

    /// The same as [`forward`](Self::forward) from a hidden state that gradients flow back through; no LSTM. States alone.
    pub fn forward_from(&self, x: Tensor<3>, first: Tensor<2>) -> Tensor<3> {
        let [steps, batch, inputs] = x.dims();
        let sums =
            kernels::dense(x.reshape([steps * batch, inputs]), self.input_weight.val(), self.bias.val(), Activation::Linear);
        let width = sums.dims()[1];
        self.states(sums.reshape([steps, batch, width]), State::of_hidden(first)).0
    }

    /// The same of tokens.
    pub fn forward_tokens_from(&self, tokens: &[u32], batch: usize, first: Tensor<2>) -> Tensor<3> {
        let table = self.input_weight.val() + self.bias.val().unsqueeze();
        let sums = kernels::lookup(table, tokens);
        let width = sums.dims()[1];
        self.states(sums.reshape([tokens.len() / batch, batch, width]), State::of_hidden(first)).0
    }

    /// Its weights on the host.
    ///
    /// # Errors
    /// When the device was lost.
    pub async fn weights(&self) -> Result<CellWeights, ReadError> {
        let row = |matrix: &Param<Tensor<2>>| matrix.val().inner().reshape([-1]);
        let mut tensors = vec![row(&self.input_weight), row(&self.hidden_weight), self.bias.val().inner()];
        tensors.extend(self.hidden_bias.as_ref().map(|bias| bias.val().inner()));
        let mut values = read_all(tensors).await?.into_iter();
        let mut next = || values.next().unwrap_or_default();
        Ok(CellWeights { cell: self.cell, input_weight: next(), hidden_weight: next(), bias: next(), hidden_bias: next() })
    }

    fn run(&self, sums: Tensor<2>, [steps, batch]: [usize; 2], first: State) -> (Tensor<3>, State) {
        let (units, width) = (self.n_units(), sums.dims()[1]);
        let is_autodiff = sums.is_autodiff();
        let constant = |state: Tensor<2>| if is_autodiff { state.inner().autodiff() } else { state.inner() };
        let last = |states: &Tensor<3>| states.clone().inner().narrow(0, steps - 1, 1).reshape([batch, units]);
        let first = State { hidden: constant(first.hidden), cell: first.cell.map(constant) };
        let (hidden, cells) = self.states(sums.reshape([steps, batch, width]), first);
        let state = State { hidden: last(&hidden), cell: cells.as_ref().map(last) };
        (hidden, state)
    }

    /// Hidden states, and of an LSTM cell states, from sums `[steps, batch, g units]` and a first state on the same device.
    fn states(&self, sums: Tensor<3>, first: State) -> (Tensor<3>, Option<Tensor<3>>) {
        let (units, weight, before) = (self.n_units(), self.hidden_weight.val(), first.hidden);
        match self.cell {
            Cell::Rnn => (kernels::rnn(sums, weight, before), None),
            Cell::Gru => {
                let bias = self.hidden_bias.as_ref().map_or_else(|| Tensor::zeros([units], &before.device()), Param::val);
                (kernels::gru(sums, weight, bias, before), None)
            }
            Cell::Lstm => {
                let before_cell = first.cell.unwrap_or_else(|| before.zeros_like());
                let [hidden, cells] = kernels::lstm(sums, weight, [before, before_cell]);
                (hidden, Some(cells))
            }
        }
    }
}
