//! What a layer makes of a shape, and what it costs.

use super::{LayerSpec, MAX_FEATURES, MAX_FILTERS, MAX_KERNEL, MAX_UNITS, Padding, Returns, in_range};
use crate::glove;
use crate::shape::Shape;

impl LayerSpec {
    /// The shape after this layer, or a sentence that says why there is none.
    ///
    /// # Errors
    /// A number out of its bounds, or an input that the layer does not take.
    pub fn output(&self, input: Shape) -> Result<Shape, String> {
        match (self, input) {
            (_, Shape::TokenPair { .. } | Shape::Pair { .. }) => self.output_of_pair(input),
            (LayerSpec::Embedding { features, .. }, Shape::Tokens { steps, .. }) => {
                in_range("Features", *features, 1, MAX_FEATURES)?;
                if self.takes_glove() && *features != glove::WIDTH {
                    return Err(format!("GloVe's vectors have {} numbers each: take as many features.", glove::WIDTH));
                }
                Ok(Shape::Sequence { steps, features: *features })
            }
            (LayerSpec::Recurrent { units, returns, .. }, Shape::Tokens { steps, .. } | Shape::Sequence { steps, .. }) => {
                in_range("Units", *units, 1, MAX_FEATURES)?;
                Ok(match returns {
                    Returns::Last => Shape::Flat { units: *units },
                    Returns::All => Shape::Sequence { steps, features: *units },
                })
            }
            (_, Shape::Tokens { .. }) => {
                Err("Tokens are names, not numbers: begin with an embedding or a recurrent layer.".into())
            }
            (LayerSpec::Dense { units, .. }, shape) => {
                in_range("Units", *units, 1, MAX_UNITS)?;
                Ok(match shape {
                    Shape::Sequence { steps, .. } => Shape::Sequence { steps, features: *units },
                    _ => Shape::Flat { units: *units },
                })
            }
            (LayerSpec::Conv1d { filters, kernel, .. }, Shape::Sequence { steps, .. }) => {
                in_range("Filters", *filters, 1, MAX_FILTERS)?;
                in_range("Kernel", *kernel, 1, MAX_KERNEL)?;
                if *kernel > steps {
                    return Err(format!("A kernel of {kernel} does not fit into {steps} steps: make it smaller."));
                }
                Ok(Shape::Sequence { steps: steps + 1 - kernel, features: *filters })
            }
            (LayerSpec::GlobalPool { .. }, Shape::Sequence { features, .. }) => Ok(Shape::Flat { units: features }),
            (LayerSpec::LayerNorm, shape @ (Shape::Sequence { .. } | Shape::Flat { .. })) => Ok(shape),
            (LayerSpec::LayerNorm, Shape::Image { .. }) => {
                Err("Layer norm takes sequences and units; for pictures there is batch norm.".into())
            }
            (LayerSpec::BatchNorm, Shape::Sequence { .. }) => {
                Err("Batch norm takes pictures and units; for sequences there is layer norm.".into())
            }
            (LayerSpec::Compare, Shape::Sequence { steps, .. }) if steps > 1 => Ok(Shape::Flat { units: steps - 1 }),
            (LayerSpec::Compare, _) => Err("Vectors are compared within a sequence of two steps or more.".into()),
            (LayerSpec::Flatten, shape) => Ok(Shape::Flat { units: shape.len() }),
            (LayerSpec::Attend { .. } | LayerSpec::Positions | LayerSpec::Transformer { .. }, _) => {
                Err("This layer needs a source and a target side by side, which dates and translations have.".into())
            }
            (LayerSpec::Embedding { .. }, _) => Err("An embedding needs tokens, so it can only be the first layer.".into()),
            (
                LayerSpec::Recurrent { .. } | LayerSpec::Conv1d { .. } | LayerSpec::GlobalPool { .. },
                Shape::Flat { .. } | Shape::Image { .. },
            ) => Err("This layer needs a sequence: let the layer before it return every state, or move it up.".into()),
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
            (LayerSpec::Conv2d { .. } | LayerSpec::MaxPool2d { .. } | LayerSpec::AvgPool2d { .. }, Shape::Sequence { .. }) => {
                Err("This layer needs a picture; for sequences there is the 1-D convolution.".into())
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
        if let Shape::TokenPair { .. } | Shape::Pair { .. } = input {
            return self.n_params_of_pair(input);
        }
        match (self, input) {
            (LayerSpec::Dense { units, .. }, Shape::Sequence { features, .. }) => features * units + units,
            (LayerSpec::Dense { units, .. }, shape) => shape.len() * units + units,
            (LayerSpec::Embedding { .. }, _) if self.is_frozen() => 0,
            (LayerSpec::Embedding { features, .. }, Shape::Tokens { vocabulary, .. }) => vocabulary * features,
            (
                LayerSpec::Recurrent { cell, units, .. },
                Shape::Tokens { vocabulary: inputs, .. } | Shape::Sequence { features: inputs, .. },
            ) => cell.n_params(inputs, *units),
            (LayerSpec::Conv1d { filters, kernel, .. }, Shape::Sequence { features, .. }) => {
                kernel * features * filters + filters
            }
            (LayerSpec::LayerNorm, Shape::Sequence { features: units, .. } | Shape::Flat { units }) => 2 * units,
            (LayerSpec::Conv2d { filters, kernel, .. }, Shape::Image { channels, .. }) => {
                kernel * kernel * channels * filters + filters
            }
            (LayerSpec::BatchNorm, Shape::Image { channels, .. }) => 2 * channels,
            (LayerSpec::BatchNorm, Shape::Flat { units }) => 2 * units,
            _ => 0,
        }
    }

    /// Multiplications of weights with inputs when one example goes forward; a look-up is none.
    pub fn n_multiplications(&self, input: Shape) -> u64 {
        if let Shape::TokenPair { .. } | Shape::Pair { .. } = input {
            return self.n_multiplications_of_pair(input);
        }
        let count = match (self, input) {
            (LayerSpec::Dense { units, .. }, shape) => shape.len() * units,
            (LayerSpec::Conv2d { .. } | LayerSpec::Conv1d { .. }, _) => {
                self.output(input).map_or(0, |output| output.len() * self.n_inputs(input))
            }
            (LayerSpec::Recurrent { cell, units, .. }, Shape::Sequence { steps, features }) => {
                steps * cell.n_gates() * units * (features + units)
            }
            (LayerSpec::Recurrent { cell, units, .. }, Shape::Tokens { steps, .. }) => steps * cell.n_gates() * units * units,
            _ => 0,
        };
        count as u64
    }

    /// Numbers that one output of a convolution is a sum of.
    fn n_inputs(&self, input: Shape) -> usize {
        match (self, input) {
            (LayerSpec::Conv2d { kernel, .. }, Shape::Image { channels, .. }) => channels * kernel * kernel,
            (LayerSpec::Conv1d { kernel, .. }, Shape::Sequence { features, .. }) => features * kernel,
            _ => 0,
        }
    }
}
