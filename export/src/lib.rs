//! An experiment as a program: the same data, model and training as NumPy, Keras, PyTorch or Burn source text.
//!
//! Pure text: this crate knows what an experiment is and how each framework spells it, and nothing of engine, page or browser.
//! Whether the programs really do what the page does is measured, not claimed: `tests/parity` runs them on the engine's weights
//! and batches, and [`agreement`] holds what it found.
//!
//! Every choice of the spec is matched exhaustively in each dialect, so the compiler names the places that a new layer,
//! activation, optimizer or data set must be written in. Reading order: [`code`], `plan`, then one dialect, `numpy` for instance.

pub mod agreement;
mod burn;
mod data;
mod dialect;
mod keras;
mod numpy;
mod plan;
mod python;
mod schedule;
mod torch;

pub use dialect::Dialect;

use descent_spec::registry::Registry;
use descent_spec::{Cell, Experiment, Kind, LayerSpec};
use plan::Plan;

/// Why an experiment has no program in a dialect: sentences for the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported(pub String);

impl std::fmt::Display for Unsupported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unsupported {}

/// The experiment as a whole program that can be saved and run.
///
/// ```
/// use descent_export::{Dialect, code};
/// use descent_spec::link;
/// let text = code(&link::decode("mnist?opt=sgd&lr=0.1").experiment, Dialect::PyTorch).unwrap();
/// assert!(text.contains("nn.Linear(784, 128)"));
/// assert!(text.contains("torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)"));
/// assert!(code(&link::decode("mnist?model=cnn").experiment, Dialect::NumPy).is_err());
/// ```
///
/// # Errors
/// When the model cannot be built, or the dialect has no short way to write a part of it.
pub fn code(experiment: &Experiment, dialect: Dialect) -> Result<String, Unsupported> {
    if experiment.data.set.kind() == Kind::Words {
        return Err(Unsupported(
            "There is no program for word vectors yet: what is shown here has been run against the engine, and none of this has. \
             The loss stands in the course's week on language."
                .into(),
        ));
    }
    let plan = Plan::new(experiment)?;
    match dialect {
        Dialect::NumPy => numpy::write(&plan),
        // Keras's layer mixes precisions in the double precision that programs are compared in (JAX, Keras 3).
        Dialect::Keras if plan.any(|layer| matches!(layer, LayerSpec::Recurrent { cell: Cell::Rnn, .. })) => Err(Unsupported(
            "There is no Keras code for the simple recurrent layer: what is shown here has been run against the engine, and \
             Keras's own cannot be, in double precision. PyTorch has it; GRU and LSTM are here, too."
                .into(),
        )),
        Dialect::Keras => Ok(keras::write(&plan)),
        Dialect::PyTorch => torch::write(&plan),
        Dialect::Burn if matches!(experiment.data.set.kind(), Kind::Series | Kind::Text | Kind::Reviews) => Err(Unsupported(
            "There is no Burn code for sequences yet: what is shown here has been compiled and run, and it has not. Keras and \
             PyTorch have it."
                .into(),
        )),
        Dialect::Burn => Ok(burn::write(&plan)),
    }
}

/// A name for the program's file: `mnist_pytorch.py`.
pub fn file_name(experiment: &Experiment, dialect: Dialect) -> String {
    // Python imports a file only when its name holds no hyphen.
    let set = experiment.data.set.id().replace('-', "_");
    format!("{set}_{}.{}", dialect.id(), dialect.extension())
}

#[cfg(test)]
mod tests;
