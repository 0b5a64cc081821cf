//! How a recurrent layer's state changes in a step.

use crate::registry::{Entry, Registry};
use serde::{Deserialize, Serialize};

/// The step of a recurrent layer: from the input x and the state h before it to the state after it. Definitions are PyTorch's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// `h = tanh(x W + h₋₁ U + b)` (Elman 1990).
    Rnn,
    /// `r, z = σ(x W + h₋₁ U + b)`, `n = tanh(x W + b + r (h₋₁ U + b′))`, `h = (1 − z) n + z h₋₁` (Cho et al. 2014).
    Gru,
    /// `i, f, o = σ(x W + h₋₁ U + b)`, `g = tanh(x W + h₋₁ U + b)`, `c = f c₋₁ + i g`, `h = o tanh(c)` (Hochreiter and
    /// Schmidhuber 1997; Gers et al. 2000).
    Lstm,
}

impl Registry for Cell {
    const WHAT: &'static str = "recurrent cell";

    fn table() -> &'static [Entry<Self>] {
        const TABLE: &[Entry<Cell>] = &[
            Entry { value: Cell::Rnn, id: "rnn", label: "RNN", about: "h = tanh(x W + h₋₁ U + b)" },
            Entry { value: Cell::Gru, id: "gru", label: "GRU", about: "h = (1 − z) n + z h₋₁: the gate z keeps the state" },
            Entry {
                value: Cell::Lstm, id: "lstm", label: "LSTM", about: "c = f c₋₁ + i g, h = o tanh(c): a memory with gates"
            },
        ];
        TABLE
    }
}

impl Cell {
    /// Sums that each unit makes in a step: the gates and the candidate.
    pub fn n_gates(self) -> usize {
        match self {
            Cell::Rnn => 1,
            Cell::Gru => 3,
            Cell::Lstm => 4,
        }
    }

    /// Trained parameters of a layer: weights of inputs and of the state, and biases; a GRU's candidate has a second one, inside
    /// the reset gate.
    ///
    /// ```
    /// use descent_spec::Cell;
    /// assert_eq!(Cell::Lstm.n_params(1, 16), 4 * 16 * (1 + 16 + 1));
    /// assert_eq!(Cell::Gru.n_params(1, 16), 3 * 16 * (1 + 16 + 1) + 16);
    /// ```
    pub fn n_params(self, inputs: usize, units: usize) -> usize {
        let inner = if self == Cell::Gru { units } else { 0 };
        self.n_gates() * units * (inputs + units + 1) + inner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_has_one_row() {
        crate::registry::check_table(&[Cell::Rnn, Cell::Gru, Cell::Lstm]);
    }
}
