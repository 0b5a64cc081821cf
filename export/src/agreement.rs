//! How well the programs agree with the engine: measured, not claimed.

use crate::Dialect;

/// What was measured for one dialect: by `tests/parity`, and for Burn by `engine/tests/native/exported.rs`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// No loss of any step of any experiment differed by more, relative to its value. Measured and rounded up.
    pub largest: f64,
    /// The same over the labs as they open alone.
    pub presets: f64,
    /// Steps compared in each experiment.
    pub n_steps: usize,
    /// Experiments compared.
    pub n_experiments: usize,
}

/// The measured agreement. The runs fail when they find a larger difference than is told here; `docs/parity.md` has the figures.
pub fn agreement(dialect: Dialect) -> Agreement {
    match dialect {
        Dialect::NumPy => Agreement { largest: 2e-6, presets: 2e-6, n_steps: 20, n_experiments: 36 },
        Dialect::Keras => Agreement { largest: 2e-5, presets: 2e-6, n_steps: 20, n_experiments: 93 },
        Dialect::PyTorch => Agreement { largest: 2e-5, presets: 2e-6, n_steps: 20, n_experiments: 93 },
        // In single precision on both sides: see docs/parity.md.
        Dialect::Burn => Agreement { largest: 2e-3, presets: 2e-3, n_steps: 20, n_experiments: 23 },
    }
}
