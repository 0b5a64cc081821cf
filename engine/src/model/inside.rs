//! One sequence through a recurrent layer on the host: what goes on within it, and how gradients shrink or grow over time.

use crate::kernels::product::{Matrix, product};
use crate::kernels::sequence::SequenceShape;
use crate::kernels::{gru, lstm, rnn};
use descent_spec::Cell;

/// Weights of a recurrent layer, row by row; `g = cell.n_gates()`, and the order of the parts is that of
/// [`Recurrent`](super::Recurrent).
#[derive(Debug, Clone, PartialEq)]
pub struct CellWeights {
    /// What a step does.
    pub cell: Cell,
    /// `[inputs, g units]`.
    pub input_weight: Vec<f32>,
    /// `[units, g units]`.
    pub hidden_weight: Vec<f32>,
    /// `[g units]`.
    pub bias: Vec<f32>,
    /// `[units]` of a GRU's candidate; empty for other cells.
    pub hidden_bias: Vec<f32>,
}

/// What a layer sees, step by step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HostSequence<'a> {
    /// Vectors, `[steps, inputs]`.
    Vectors(&'a [f32]),
    /// Tokens, as if each were a one-hot vector.
    Tokens(&'a [u32]),
}

/// A state of one sequence.
#[derive(Debug, Clone, PartialEq)]
pub struct HostState {
    /// The hidden state, `[units]`.
    pub hidden: Vec<f32>,
    /// The cell state of an LSTM, `[units]`; empty for other cells.
    pub cell: Vec<f32>,
}

/// Everything within a layer at every step, each part `[steps, units]`: gates and candidates after their functions.
#[derive(Debug, Clone, PartialEq)]
pub enum Inside {
    /// `h = tanh(…)`.
    Rnn {
        /// `h`.
        hidden: Vec<f32>,
    },
    /// `h = (1 − z) n + z h₋₁`.
    Gru {
        /// `r`: how much of the state before the candidate sees.
        reset: Vec<f32>,
        /// `z`: how much of the state before stays.
        update: Vec<f32>,
        /// `n`: what the state would become.
        candidate: Vec<f32>,
        /// `h`.
        hidden: Vec<f32>,
    },
    /// `c = f c₋₁ + i g`, `h = o tanh(c)`.
    Lstm {
        /// `i`: how much of the candidate enters the cell.
        input: Vec<f32>,
        /// `f`: how much of the cell stays.
        forget: Vec<f32>,
        /// `g`: what would enter the cell.
        candidate: Vec<f32>,
        /// `o`: how much of the cell is shown.
        output: Vec<f32>,
        /// `c`.
        cell: Vec<f32>,
        /// `h`.
        hidden: Vec<f32>,
    },
}

impl Inside {
    /// All parts by name, in the order in which a step works them out.
    pub fn parts(&self) -> Vec<(&'static str, &[f32])> {
        match self {
            Inside::Rnn { hidden } => vec![("hidden", hidden)],
            Inside::Gru { reset, update, candidate, hidden } => {
                vec![("reset", reset), ("update", update), ("candidate", candidate), ("hidden", hidden)]
            }
            Inside::Lstm { input, forget, candidate, output, cell, hidden } => vec![
                ("input", input),
                ("forget", forget),
                ("candidate", candidate),
                ("output", output),
                ("cell", cell),
                ("hidden", hidden),
            ],
        }
    }
}

/// How strongly the loss depends on the state of each step, `[steps]`.
#[derive(Debug, Clone, PartialEq)]
pub struct StepGradients {
    /// `‖∂L/∂h_t‖`, through everything that follows; an LSTM's `c_t` stays as it is when `h_t` changes.
    pub hidden: Vec<f32>,
    /// `‖∂L/∂c_t‖` of an LSTM, what goes through `h_t` included: the road that the forget gate keeps open. Empty for other cells.
    pub cell: Vec<f32>,
}

impl CellWeights {
    /// Units of the layer.
    pub fn n_units(&self) -> usize {
        self.bias.len() / self.cell.n_gates()
    }

    /// Numbers that the layer sees at each step, or tokens that there are.
    pub fn n_inputs(&self) -> usize {
        self.input_weight.len() / self.bias.len().max(1)
    }

    /// The state before anything was seen.
    pub fn zero_state(&self) -> HostState {
        let zeros = vec![0.0; self.n_units()];
        HostState { cell: if self.cell == Cell::Lstm { zeros.clone() } else { Vec::new() }, hidden: zeros }
    }

    /// Gates, candidates and states at every step of a sequence, in single precision as the layer works them out.
    pub fn inside(&self, x: HostSequence, first: &HostState) -> Inside {
        let (hidden, trace, _) = self.run(x, first);
        let part = |gates: &[f32], nth: usize| {
            let units = self.n_units();
            gates.chunks_exact(self.bias.len()).flat_map(|step| &step[nth * units..(nth + 1) * units]).copied().collect()
        };
        match trace {
            Trace::Rnn => Inside::Rnn { hidden },
            Trace::Gru(gru::Trace { gates, candidates }) => {
                Inside::Gru { reset: part(&gates, 0), update: part(&gates, 1), candidate: candidates, hidden }
            }
            Trace::Lstm(lstm::Trace { cells, gates }) => Inside::Lstm {
                input: part(&gates, 0),
                forget: part(&gates, 1),
                candidate: part(&gates, 2),
                output: part(&gates, 3),
                cell: cells,
                hidden,
            },
        }
    }

    /// The lengths of the gradients of every step's state, from the gradient at the last hidden state, `[units]`: backward through time
    /// by the layer's own backward pass. Where gradients vanish, the lengths fall towards the first step.
    pub fn step_gradients(&self, x: HostSequence, first: &HostState, d_last: &[f32]) -> StepGradients {
        let (hidden, trace, shape) = self.run(x, first);
        let units = self.n_units();
        let norms = |gradients: &[f32]| -> Vec<f32> {
            gradients.chunks_exact(units).map(|step| step.iter().map(|it| it * it).sum::<f32>().sqrt()).collect()
        };
        let mut d_hidden = vec![0.0; hidden.len()];
        if let Some(last) = d_hidden.chunks_exact_mut(units).next_back() {
            last.copy_from_slice(d_last);
        }
        let cell = match trace {
            Trace::Rnn => {
                rnn::backward(&hidden, &self.hidden_weight, &mut d_hidden, None, &shape);
                Vec::new()
            }
            Trace::Gru(mut trace) => {
                gru::backward(&hidden, &mut trace, &self.hidden_weight, &first.hidden, &mut d_hidden, None, &shape);
                Vec::new()
            }
            Trace::Lstm(mut trace) => {
                lstm::backward(&mut trace, &self.hidden_weight, &first.cell, &mut d_hidden, &shape);
                norms(&trace.cells)
            }
        };
        StepGradients { hidden: norms(&d_hidden), cell }
    }

    /// The sequence forward: hidden states and what its kernel leaves behind.
    fn run(&self, x: HostSequence, first: &HostState) -> (Vec<f32>, Trace, SequenceShape) {
        let (width, weight) = (self.bias.len(), &self.hidden_weight);
        let mut sums = match x {
            HostSequence::Vectors(x) => {
                let inputs = self.n_inputs();
                product(Matrix::new(x, x.len() / inputs, inputs), Matrix::new(&self.input_weight, inputs, width))
            }
            HostSequence::Tokens(tokens) => {
                tokens.iter().flat_map(|&token| &self.input_weight[token as usize * width..][..width]).copied().collect()
            }
        };
        for sums in sums.chunks_exact_mut(width) {
            sums.iter_mut().zip(&self.bias).for_each(|(sum, bias)| *sum += bias);
        }
        let shape = SequenceShape { steps: sums.len() / width, batch: 1, hidden: self.n_units() };
        let (hidden, trace) = match self.cell {
            Cell::Rnn => (rnn::forward(sums, weight, &first.hidden, &shape), Trace::Rnn),
            Cell::Gru => {
                let (hidden, trace) = gru::forward(sums, weight, &self.hidden_bias, &first.hidden, &shape);
                (hidden, Trace::Gru(trace))
            }
            Cell::Lstm => {
                let (hidden, trace) = lstm::forward(sums, weight, &first.hidden, &first.cell, &shape);
                (hidden, Trace::Lstm(trace))
            }
        };
        (hidden, trace, shape)
    }
}

enum Trace {
    Rnn,
    Gru(gru::Trace),
    Lstm(lstm::Trace),
}
