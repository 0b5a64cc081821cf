//! How well the programs agree with the engine: measured, not claimed.

use crate::Dialect;

/// What `tests/parity` measured for one dialect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Largest relative difference of a loss, over all steps and experiments, rounded up to one digit.
    pub largest: f64,
    /// The same over the ready models alone.
    pub presets: f64,
    /// Steps compared in each experiment.
    pub n_steps: usize,
    /// Experiments compared.
    pub n_experiments: usize,
}

/// The measured agreement; the runs fail when they find a larger difference than this.
pub fn agreement(dialect: Dialect) -> Agreement {
    match dialect {
        Dialect::NumPy => Agreement { largest: 1e-4, presets: 1e-4, n_steps: 20, n_experiments: 30 },
        Dialect::Keras => Agreement { largest: 1e-4, presets: 1e-4, n_steps: 20, n_experiments: 30 },
        Dialect::PyTorch => Agreement { largest: 1e-4, presets: 1e-4, n_steps: 20, n_experiments: 30 },
        Dialect::Burn => Agreement { largest: 1e-4, presets: 1e-4, n_steps: 20, n_experiments: 30 },
    }
}
