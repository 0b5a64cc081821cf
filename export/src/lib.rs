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
use descent_spec::{Experiment, Kind};
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
    let plan = Plan::new(experiment)?;
    if experiment.wants_glove() {
        return Err(Unsupported(
            "There is no program for GloVe's vectors yet: what is shown here has been run against the engine, and this has not. With \
             drawn first vectors there is one; in it, put GloVe's rows into the embedding's weights."
                .into(),
        ));
    }
    if let Some(why) = refusal(experiment.data.set.kind(), dialect) {
        return Err(Unsupported(why.into()));
    }
    match dialect {
        Dialect::NumPy => numpy::write(&plan),
        Dialect::Keras => Ok(keras::write(&plan)),
        Dialect::PyTorch => torch::write(&plan),
        Dialect::Burn => Ok(burn::write(&plan)),
    }
}

/// Why there is no program for this kind of data in a dialect, whatever the model.
fn refusal(kind: Kind, dialect: Dialect) -> Option<&'static str> {
    match (kind, dialect) {
        (Kind::Pairs, Dialect::NumPy) => Some(
            "There is no NumPy code for pairs of sequences, because an encoder, a decoder and attention with every gradient written \
             out would bury what they do; Keras and PyTorch have it.",
        ),
        (Kind::Pairs, Dialect::Burn) => Some(
            "There is no Burn code for pairs of sequences yet, because what is shown has been run against the page, and none of \
             this has; Keras and PyTorch have it.",
        ),
        (Kind::Words, Dialect::NumPy | Dialect::Burn) => Some(
            "There is no such code for word vectors yet, because what is shown has been run against the page, and none of this \
             has; Keras and PyTorch have it.",
        ),
        (Kind::Pairs | Kind::Words | Kind::Pictures | Kind::Plane | Kind::Series | Kind::Text | Kind::Reviews, _) => None,
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
