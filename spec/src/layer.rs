//! Layers: what each one is, what it does to a shape, how many parameters it has, and how a link spells it.
//!
//! To add a layer: a variant here with its row in [`LAYER_KINDS`] and its arms in the methods of [`LayerSpec`], then its twin in
//! the engine (`engine/src/model/layer.rs`). CONTRIBUTING.md walks through it.

use crate::activation::Activation;
use crate::registry::{Entry, Registry};
use crate::shape::Shape;
use serde::{Deserialize, Serialize};

/// Largest width of a dense layer.
pub const MAX_UNITS: usize = 1024;
/// Largest number of filters of a convolution.
pub const MAX_FILTERS: usize = 128;
/// Largest side of a kernel or pooling window.
pub const MAX_KERNEL: usize = 11;

/// How a convolution treats the border.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Padding {
    /// No padding: the picture shrinks by kernel − 1.
    Valid,
    /// Zeros around the picture, so that at stride 1 its size stays.
    Same,
}

impl Registry for Padding {
    const WHAT: &'static str = "padding";

    fn table() -> &'static [Entry<Self>] {
        const TABLE: &[Entry<Padding>] = &[
            Entry {
                value: Padding::Valid, id: "valid", label: "Valid", about: "no padding: the picture shrinks by kernel − 1"
            },
            Entry { value: Padding::Same, id: "same", label: "Same", about: "zeros around the picture: its size stays" },
        ];
        TABLE
    }
}

/// One layer of a model, with everything needed to build it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerSpec {
    /// Fully connected: `y = act(x W + b)`, `W` of shape `[inputs, units]`. Pictures are flattened first.
    Dense {
        /// Number of outputs.
        units: usize,
        /// Applied to each output.
        activation: Activation,
    },
    /// 2-D convolution with stride 1: `y = act(x ∗ K + b)`, `K` of shape `[filters, channels, kernel, kernel]`.
    Conv2d {
        /// Number of output channels.
        filters: usize,
        /// Side of the square kernel.
        kernel: usize,
        /// Border treatment.
        padding: Padding,
        /// Applied to each output.
        activation: Activation,
    },
    /// The maximum of each `size × size` window; stride = size, an incomplete border is dropped.
    MaxPool2d {
        /// Side of the window.
        size: usize,
    },
    /// The mean of each `size × size` window, `Σ x / size²`; stride = size, an incomplete border is dropped.
    AvgPool2d {
        /// Side of the window.
        size: usize,
    },
    /// Batch normalisation over each channel or unit: `γ (x − mean) / √(var + 1e-5) + β`, running statistics with momentum 0.1.
    BatchNorm,
    /// In training, sets each value to zero with probability `rate` and scales the rest by `1 / (1 − rate)`.
    Dropout {
        /// Probability of dropping, in `[0, 1)`.
        rate: f64,
    },
    /// An activation on its own, for orders such as dense, batch norm, ReLU.
    Activate {
        /// The function.
        activation: Activation,
    },
}

/// The kinds of layer a visitor can add, with the values they start from.
pub const LAYER_KINDS: &[Entry<LayerSpec>] = &[
    Entry {
        value: LayerSpec::Dense { units: 64, activation: Activation::Relu },
        id: "dense",
        label: "Dense",
        about: "every output sees every input",
    },
    Entry {
        value: LayerSpec::Conv2d { filters: 8, kernel: 3, padding: Padding::Valid, activation: Activation::Relu },
        id: "conv",
        label: "Convolution",
        about: "the same small kernel at every place of the picture",
    },
    Entry {
        value: LayerSpec::MaxPool2d { size: 2 },
        id: "pool",
        label: "Max pool",
        about: "keeps the largest value of each window",
    },
    Entry {
        value: LayerSpec::AvgPool2d { size: 2 },
        id: "avgpool",
        label: "Average pool",
        about: "keeps the mean of each window",
    },
    Entry {
        value: LayerSpec::BatchNorm,
        id: "bn",
        label: "Batch norm",
        about: "gives each channel mean 0 and variance 1 over the batch",
    },
    Entry {
        value: LayerSpec::Dropout { rate: 0.25 },
        id: "drop",
        label: "Dropout",
        about: "switches random units off while training",
    },
    Entry {
        value: LayerSpec::Activate { activation: Activation::Relu },
        id: "act",
        label: "Activation",
        about: "a non-linear function on its own",
    },
];

impl LayerSpec {
    /// The shape after this layer, or a sentence that says why there is none.
    pub fn output(&self, input: Shape) -> Result<Shape, String> {
        match (self, input) {
            (LayerSpec::Dense { units, .. }, _) => {
                in_range("Units", *units, 1, MAX_UNITS)?;
                Ok(Shape::Flat { units: *units })
            }
            (LayerSpec::Conv2d { filters, kernel, padding, .. }, Shape::Image { height, width, .. }) => {
                in_range("Filters", *filters, 1, MAX_FILTERS)?;
                in_range("Kernel", *kernel, 1, MAX_KERNEL)?;
                let (height, width) = match padding {
                    Padding::Same if kernel % 2 == 0 => {
                        return Err(format!(
                            "Same padding needs an odd kernel, and {kernel} is even: take {} or valid padding.",
                            kernel + 1
                        ));
                    }
                    Padding::Same => (height, width),
                    Padding::Valid if *kernel > height || *kernel > width => {
                        return Err(format!(
                            "A {kernel}×{kernel} kernel does not fit into {height}×{width}: make it smaller, or take same padding."
                        ));
                    }
                    Padding::Valid => (height - kernel + 1, width - kernel + 1),
                };
                Ok(Shape::Image { channels: *filters, height, width })
            }
            (LayerSpec::MaxPool2d { size } | LayerSpec::AvgPool2d { size }, Shape::Image { channels, height, width }) => {
                in_range("Window", *size, 1, MAX_KERNEL)?;
                if *size > height || *size > width {
                    return Err(format!(
                        "A {size}×{size} window does not fit into {height}×{width}: remove this layer or an earlier pooling."
                    ));
                }
                Ok(Shape::Image { channels, height: height / size, width: width / size })
            }
            (LayerSpec::Conv2d { .. } | LayerSpec::MaxPool2d { .. } | LayerSpec::AvgPool2d { .. }, Shape::Flat { .. }) => {
                Err("This layer needs a picture, but a dense layer before it has flattened the picture: move it up.".into())
            }
            (LayerSpec::Dropout { rate }, _) if !(0.0..=0.95).contains(rate) => {
                Err(format!("The rate must lie between 0 and 0.95, and {rate} does not."))
            }
            (LayerSpec::BatchNorm | LayerSpec::Dropout { .. } | LayerSpec::Activate { .. }, shape) => Ok(shape),
        }
    }

    /// Number of trained parameters, given the input's shape.
    ///
    /// ```
    /// use descent_spec::{Activation, LayerSpec, Padding, Shape};
    /// let picture = Shape::Image { channels: 1, height: 28, width: 28 };
    /// let conv = LayerSpec::Conv2d { filters: 8, kernel: 5, padding: Padding::Valid, activation: Activation::Relu };
    /// assert_eq!(conv.n_params(picture), 5 * 5 * 1 * 8 + 8);
    /// let dense = LayerSpec::Dense { units: 10, activation: Activation::Linear };
    /// assert_eq!(dense.n_params(picture), 784 * 10 + 10);
    /// ```
    pub fn n_params(&self, input: Shape) -> usize {
        match (self, input) {
            (LayerSpec::Dense { units, .. }, shape) => shape.len() * units + units,
            (LayerSpec::Conv2d { filters, kernel, .. }, Shape::Image { channels, .. }) => {
                kernel * kernel * channels * filters + filters
            }
            (LayerSpec::BatchNorm, Shape::Image { channels, .. }) => 2 * channels,
            (LayerSpec::BatchNorm, Shape::Flat { units }) => 2 * units,
            _ => 0,
        }
    }

    /// Whether the layer takes pictures only, so that it must stand before the first dense layer.
    pub fn needs_picture(&self) -> bool {
        match self {
            LayerSpec::Conv2d { .. } | LayerSpec::MaxPool2d { .. } | LayerSpec::AvgPool2d { .. } => true,
            LayerSpec::Dense { .. } | LayerSpec::BatchNorm | LayerSpec::Dropout { .. } | LayerSpec::Activate { .. } => false,
        }
    }

    /// What the page calls the layer: `Conv 5×5, 8, ReLU`.
    pub fn title(&self) -> String {
        let with = |text: String, activation: &Activation| match activation {
            Activation::Linear => text,
            other => format!("{text}, {}", other.label()),
        };
        match self {
            LayerSpec::Dense { units, activation } => with(format!("Dense {units}"), activation),
            LayerSpec::Conv2d { filters, kernel, activation, .. } => {
                with(format!("Conv {kernel}×{kernel}, {filters}"), activation)
            }
            LayerSpec::MaxPool2d { size } => format!("Max pool {size}×{size}"),
            LayerSpec::AvgPool2d { size } => format!("Average pool {size}×{size}"),
            LayerSpec::BatchNorm => "Batch norm".into(),
            LayerSpec::Dropout { rate } => format!("Dropout {rate}"),
            LayerSpec::Activate { activation } => activation.label().into(),
        }
    }

    /// The kind's id in [`LAYER_KINDS`], which is also the first word of its link spelling: `conv`.
    pub fn kind(&self) -> &'static str {
        let same = std::mem::discriminant(self);
        LAYER_KINDS.iter().find(|entry| std::mem::discriminant(&entry.value) == same).map_or("", |entry| entry.id)
    }

    /// The spelling in links: `conv:8:5:valid:relu`, `dense:64:relu`, `pool:2`, `avgpool:2`, `bn`, `drop:0.25`, `act:relu`.
    pub fn to_link(&self) -> String {
        let kind = self.kind();
        match self {
            LayerSpec::Dense { units, activation } => format!("{kind}:{units}:{}", activation.id()),
            LayerSpec::Conv2d { filters, kernel, padding, activation } => {
                format!("{kind}:{filters}:{kernel}:{}:{}", padding.id(), activation.id())
            }
            LayerSpec::MaxPool2d { size } | LayerSpec::AvgPool2d { size } => format!("{kind}:{size}"),
            LayerSpec::BatchNorm => kind.into(),
            LayerSpec::Dropout { rate } => format!("{kind}:{rate}"),
            LayerSpec::Activate { activation } => format!("{kind}:{}", activation.id()),
        }
    }

    /// Reads [`to_link`](Self::to_link)'s spelling; the error is a sentence.
    pub fn from_link(text: &str) -> Result<LayerSpec, String> {
        let words: Vec<&str> = text.split(':').collect();
        match words.as_slice() {
            ["dense", units, activation] => {
                Ok(LayerSpec::Dense { units: whole(units)?, activation: Activation::parse(activation)? })
            }
            ["conv", filters, kernel, padding, activation] => Ok(LayerSpec::Conv2d {
                filters: whole(filters)?,
                kernel: whole(kernel)?,
                padding: Padding::parse(padding)?,
                activation: Activation::parse(activation)?,
            }),
            ["pool", size] => Ok(LayerSpec::MaxPool2d { size: whole(size)? }),
            ["avgpool", size] => Ok(LayerSpec::AvgPool2d { size: whole(size)? }),
            ["bn"] => Ok(LayerSpec::BatchNorm),
            ["drop", rate] => match rate.parse::<f64>() {
                Ok(rate) if (0.0..=0.95).contains(&rate) => Ok(LayerSpec::Dropout { rate }),
                _ => Err("a dropout rate must be a number between 0 and 0.95".into()),
            },
            ["act", activation] => Ok(LayerSpec::Activate { activation: Activation::parse(activation)? }),
            _ => {
                let known: Vec<_> = LAYER_KINDS.iter().map(|entry| entry.value.to_link()).collect();
                Err(format!("a layer is written like one of {}", known.join(", ")))
            }
        }
    }
}

fn in_range(name: &str, value: usize, low: usize, high: usize) -> Result<(), String> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(format!("{name} must lie between {low} and {high}, and {value} does not."))
    }
}

fn whole(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "expected a whole number".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: Shape = Shape::Image { channels: 1, height: 28, width: 28 };

    #[test]
    fn shapes_follow_the_textbook() {
        let conv = |kernel, padding| LayerSpec::Conv2d { filters: 8, kernel, padding, activation: Activation::Relu };
        assert_eq!(conv(5, Padding::Valid).output(PICTURE), Ok(Shape::Image { channels: 8, height: 24, width: 24 }));
        assert_eq!(conv(5, Padding::Same).output(PICTURE), Ok(Shape::Image { channels: 8, height: 28, width: 28 }));
        let small = Shape::Image { channels: 4, height: 7, width: 6 };
        for pool in [LayerSpec::MaxPool2d { size: 2 }, LayerSpec::AvgPool2d { size: 2 }] {
            assert_eq!(pool.output(small), Ok(Shape::Image { channels: 4, height: 3, width: 3 }));
            assert_eq!(pool.n_params(small), 0);
        }
    }

    #[test]
    fn impossible_shapes_are_explained() {
        let tiny = Shape::Image { channels: 1, height: 3, width: 3 };
        let conv = LayerSpec::Conv2d { filters: 8, kernel: 5, padding: Padding::Valid, activation: Activation::Relu };
        assert!(conv.output(tiny).unwrap_err().contains("does not fit into 3×3"));
        assert!(conv.output(Shape::Flat { units: 9 }).unwrap_err().contains("needs a picture"));
        for pool in [LayerSpec::MaxPool2d { size: 4 }, LayerSpec::AvgPool2d { size: 4 }, LayerSpec::AvgPool2d { size: 0 }] {
            assert!(pool.output(tiny).is_err());
        }
        assert!(LayerSpec::Dense { units: 0, activation: Activation::Relu }.output(tiny).is_err());
        assert!(LayerSpec::Dense { units: 1_000_000, activation: Activation::Relu }.output(tiny).is_err());
    }

    #[test]
    fn what_needs_a_picture_refuses_a_row_of_units() {
        for entry in LAYER_KINDS {
            assert_eq!(entry.value.needs_picture(), entry.value.output(Shape::Flat { units: 9 }).is_err(), "{}", entry.id);
        }
    }

    #[test]
    fn every_kind_survives_its_link_spelling() {
        for entry in LAYER_KINDS {
            assert_eq!(LayerSpec::from_link(&entry.value.to_link()).as_ref(), Ok(&entry.value));
            assert_eq!(entry.value.kind(), entry.id);
        }
        for bad in
            ["", "dense", "dense:ten:relu", "dense:10:wild", "conv:8:5:relu", "drop:1", "drop:NaN", "pool:-2", "dense:64:relu:x"]
        {
            assert!(LayerSpec::from_link(bad).is_err(), "{bad}");
        }
    }
}
