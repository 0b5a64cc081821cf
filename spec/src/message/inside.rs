//! What goes on within a recurrent layer.

#[cfg(doc)]
use super::ToApp;
use crate::cell::Cell;
use serde::{Deserialize, Serialize};

/// What [`ToApp::Inside`] holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InsideFacts {
    /// Steps done when it was taken.
    pub step: u64,
    /// Name of the layer: `lstm1`.
    pub layer: String,
    /// What its steps do.
    pub cell: Cell,
    /// Its units.
    pub units: u32,
    /// When the value was measured that the window foretells, as an index into the series.
    pub time: u32,
    /// Gates, candidates and states by name, in the order in which a step works them out.
    pub parts: Vec<String>,
    /// Whose gradients over time there are: the running net's first, then those of each cell at first weights. None where the layer
    /// hands on more than its last state, so that the loss reaches each step by more than one way.
    pub roads: Vec<GradientRoad>,
}

/// A way that the loss's gradient goes back through time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradientRoad {
    /// What a step does.
    pub cell: Cell,
    /// Whether the weights are those that the seed draws, and not those of the run.
    pub at_first_weights: bool,
    /// Whether it is the gradient of an LSTM's cell state, and not of the hidden state.
    pub of_cell_state: bool,
}
