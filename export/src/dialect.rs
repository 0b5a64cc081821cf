//! The frameworks a program can be written for.

use descent_spec::registry::{Entry, Registry};

/// A framework and its language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Python with arrays only: forward and backward pass written out.
    NumPy,
    /// Keras 3 on any of its backends.
    Keras,
    /// PyTorch.
    PyTorch,
    /// Rust with Burn, which this page itself runs on.
    Burn,
}

impl Registry for Dialect {
    const WHAT: &'static str = "dialect";

    fn table() -> &'static [Entry<Self>] {
        const TABLE: &[Entry<Dialect>] = &[
            Entry { value: Dialect::NumPy, id: "numpy", label: "NumPy", about: "arrays only: every gradient is written out" },
            Entry { value: Dialect::Keras, id: "keras", label: "Keras", about: "Keras 3, on JAX, TensorFlow or PyTorch" },
            Entry { value: Dialect::PyTorch, id: "pytorch", label: "PyTorch", about: "modules, autograd, a loop of one's own" },
            Entry { value: Dialect::Burn, id: "burn", label: "Burn", about: "Rust, as this page itself is written" },
        ];
        TABLE
    }
}

impl Dialect {
    /// Ending of the program's file.
    pub fn extension(self) -> &'static str {
        match self {
            Dialect::NumPy | Dialect::Keras | Dialect::PyTorch => "py",
            Dialect::Burn => "rs",
        }
    }

    /// What a comment to the end of the line begins with.
    pub fn comment(self) -> &'static str {
        match self {
            Dialect::NumPy | Dialect::Keras | Dialect::PyTorch => "#",
            Dialect::Burn => "//",
        }
    }
}
