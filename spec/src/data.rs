//! Data sets and how they are split.

use crate::registry::{Entry, Registry};
use crate::shape::Shape;
use serde::{Deserialize, Serialize};

/// A data set the engine can load. To add one: a variant, its row, its [`facts`](DataSet::facts), and its files in
/// `xtask/src/data/catalog.rs`. CONTRIBUTING.md walks through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataSet {
    /// Handwritten digits, LeCun, Cortes and Burges.
    Mnist,
    /// Pictures of clothes, Xiao, Rasul and Vollgraf.
    FashionMnist,
}

/// What the page must know about a data set before its first byte is loaded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DataFacts {
    /// Shape of one example.
    pub shape: Shape,
    /// Names of the classes, in label order.
    pub classes: &'static [&'static str],
    /// Folder below `data/` that holds the manifest; its version changes whenever a byte of the set does.
    pub folder: &'static str,
    /// Whether the examples are handwritten digits, of which a visitor can draw one more.
    pub is_digits: bool,
}

impl DataSet {
    /// Shape, classes and place of the set.
    pub fn facts(self) -> DataFacts {
        match self {
            DataSet::Mnist => DataFacts {
                shape: Shape::Image { channels: 1, height: 28, width: 28 },
                classes: &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
                folder: "mnist-v1",
                is_digits: true,
            },
            DataSet::FashionMnist => DataFacts {
                shape: Shape::Image { channels: 1, height: 28, width: 28 },
                classes: &[
                    "T-shirt/top",
                    "Trouser",
                    "Pullover",
                    "Dress",
                    "Coat",
                    "Sandal",
                    "Shirt",
                    "Sneaker",
                    "Bag",
                    "Ankle boot",
                ],
                folder: "fashion-mnist-v1",
                is_digits: false,
            },
        }
    }
}

impl Registry for DataSet {
    const WHAT: &'static str = "data set";

    fn table() -> &'static [Entry<Self>] {
        const TABLE: &[Entry<DataSet>] = &[
            Entry {
                value: DataSet::Mnist,
                id: "mnist",
                label: "MNIST handwritten digits",
                about: "70,000 grey pictures of 28×28 pixels, ten classes",
            },
            Entry {
                value: DataSet::FashionMnist,
                id: "fashion-mnist",
                label: "Fashion-MNIST clothes",
                about: "70,000 grey pictures of 28×28 pixels, ten kinds of clothes: MNIST's format, and harder to learn",
            },
        ];
        TABLE
    }
}

/// A part of the data. The model learns from `Train` only; `Test` is looked at on demand and never chooses anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// What the optimizer sees.
    Train,
    /// Held out of the training set by the seed: for choosing.
    Validation,
    /// The set's own test part: for reporting.
    Test,
}

impl Registry for Split {
    const WHAT: &'static str = "split";

    fn table() -> &'static [Entry<Self>] {
        const TABLE: &[Entry<Split>] = &[
            Entry { value: Split::Train, id: "train", label: "Train", about: "what the optimizer sees" },
            Entry {
                value: Split::Validation,
                id: "validation",
                label: "Validation",
                about: "held out of the training set by the seed: for choosing",
            },
            Entry { value: Split::Test, id: "test", label: "Test", about: "the set's own test part: for reporting" },
        ];
        TABLE
    }
}

/// Which data, and how much of the training part is held out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataSpec {
    /// The set.
    pub set: DataSet,
    /// Share of the training part that becomes the validation split, in `[0.05, 0.5]`.
    pub validation: f64,
}

impl Default for DataSpec {
    fn default() -> Self {
        DataSpec { set: DataSet::Mnist, validation: 0.2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_whole() {
        crate::registry::check_table(&[DataSet::Mnist, DataSet::FashionMnist]);
        crate::registry::check_table(&[Split::Train, Split::Validation, Split::Test]);
        for entry in DataSet::table() {
            assert!(!entry.value.facts().shape.is_empty());
        }
    }
}
