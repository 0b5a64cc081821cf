//! Where a number of the network came from, in words.

use descent_spec::activation::Activation;
use descent_spec::layer::{LayerSpec, Padding, Pooling};
use descent_spec::model::TracedLayer;
use descent_spec::registry::Registry;
use descent_spec::shape::Shape;

/// Where a value stands: `map 3, row 4, column 7`, or `unit 12`. Counted from 0, as in code.
///
/// ```
/// use descent_app::views::origin::position;
/// use descent_spec::Shape;
/// assert_eq!(position(Shape::Image { channels: 8, height: 2, width: 3 }, 9), "map 1, row 1, column 0");
/// assert_eq!(position(Shape::Flat { units: 64 }, 9), "unit 9");
/// ```
pub fn position(shape: Shape, flat: usize) -> String {
    let (channel, row, column) = coordinates(shape, flat);
    match shape {
        Shape::Flat { .. } => format!("unit {flat}"),
        Shape::Image { channels: 1, .. } => format!("row {row}, column {column}"),
        Shape::Image { .. } => format!("map {channel}, row {row}, column {column}"),
        Shape::Sequence { .. } | Shape::Pair { .. } => format!("step {row}, feature {column}"),
        Shape::Tokens { .. } | Shape::TokenPair { .. } => format!("token {flat}"),
    }
}

/// What the layer did to make the value with this index, given the name of the layer before it.
pub fn origin(traced: &TracedLayer, before: &str, flat: usize) -> String {
    let (channel, row, column) = coordinates(traced.output, flat);
    match &traced.layer {
        LayerSpec::Dense { activation, .. } => {
            let n_inputs = match traced.input {
                Shape::Sequence { features, .. } => features,
                input => input.len(),
            };
            let n = crate::format::count(n_inputs as u64);
            activated(*activation, &format!("the sum of all {n} values of {before}, each times its weight, plus a bias"))
        }
        LayerSpec::Conv2d { kernel, padding, activation, .. } => {
            let Shape::Image { channels, height, width } = traced.input else { return String::new() };
            let margin = if *padding == Padding::Same { kernel / 2 } else { 0 };
            let (rows, columns) = (window(row, 1, *kernel, margin, height), window(column, 1, *kernel, margin, width));
            let maps = if channels == 1 { String::new() } else { format!(" in all {channels} maps") };
            activated(
                *activation,
                &format!(
                    "the sum of {before}, {}, {}{maps}, times kernel {channel}, plus a bias",
                    say("rows", rows),
                    say("columns", columns)
                ),
            )
        }
        LayerSpec::MaxPool2d { size } => format!("the largest of {}", pooled(*size, before, traced, flat)),
        LayerSpec::AvgPool2d { size } => format!("the mean of {}", pooled(*size, before, traced, flat)),
        LayerSpec::BatchNorm => {
            format!(
                "{}, less the mean and divided by the spread, then scaled and shifted by learned γ and β",
                same(before, traced, flat)
            )
        }
        LayerSpec::Dropout { .. } => format!("{}, unchanged: dropout acts in training only", same(before, traced, flat)),
        LayerSpec::Activate { activation } => activated(*activation, &same(before, traced, flat)),
        LayerSpec::Embedding { .. } => format!("number {column} of the vector of the token at step {row}"),
        LayerSpec::Recurrent { cell, .. } => match traced.output {
            Shape::Sequence { .. } => format!("unit {column} of the state after step {row}, by {}", cell.entry().about),
            _ => format!("unit {flat} of the state after the last step, by {}", cell.entry().about),
        },
        LayerSpec::Conv1d { kernel, activation, .. } => activated(
            *activation,
            &format!("the sum of {before}, {}, times kernel {column}, plus a bias", say("steps", (row, row + kernel - 1))),
        ),
        LayerSpec::GlobalPool { pooling: Pooling::Mean } => format!("the mean of {before}, feature {flat}, over all steps"),
        LayerSpec::GlobalPool { pooling: Pooling::Max } => format!("the largest of {before}, feature {flat}, over all steps"),
        LayerSpec::LayerNorm => format!(
            "{}, less the mean and divided by the spread of all features there, then scaled and shifted by learned γ and β",
            same(before, traced, flat)
        ),
        LayerSpec::Attend { .. } => format!("feature {column}: tanh of the target's state and what it found in the source"),
        LayerSpec::Positions => format!("{}, stretched, plus a wave of the step's number", same(before, traced, flat)),
        LayerSpec::Transformer { .. } => format!("feature {column} at step {row}, from all steps that it attends to"),
        LayerSpec::Compare => format!("the word's vector times that of word {flat} of those compared with it"),
        LayerSpec::Flatten => format!("{before}, {}, unchanged", position(traced.input, flat)),
    }
}

/// The window that a pooling layer looks at.
fn pooled(size: usize, before: &str, traced: &TracedLayer, flat: usize) -> String {
    let Shape::Image { height, width, .. } = traced.input else { return String::new() };
    let (channel, row, column) = coordinates(traced.output, flat);
    let (rows, columns) = (window(row, size, size, 0, height), window(column, size, size, 0, width));
    format!("{before}, map {channel}, {}, {}", say("rows", rows), say("columns", columns))
}

fn same(before: &str, traced: &TracedLayer, flat: usize) -> String {
    format!("{before}, {}", position(traced.output, flat))
}

fn activated(activation: Activation, of: &str) -> String {
    if activation == Activation::Linear { of.to_owned() } else { format!("{} of {of}", activation.label()) }
}

fn coordinates(shape: Shape, flat: usize) -> (usize, usize, usize) {
    match shape {
        Shape::Flat { .. } | Shape::Tokens { .. } | Shape::TokenPair { .. } => (flat, 0, 0),
        Shape::Sequence { features, .. } | Shape::Pair { features, .. } => (0, flat / features, flat % features),
        Shape::Image { height, width, .. } => (flat / (height * width), flat / width % height, flat % width),
    }
}

/// First and last input index that the output index `at` looks at; the padding outside has none.
fn window(at: usize, stride: usize, kernel: usize, margin: usize, length: usize) -> (usize, usize) {
    let start = at * stride;
    (start.saturating_sub(margin), (start + kernel - 1 - margin.min(start + kernel - 1)).min(length.saturating_sub(1)))
}

fn say(what: &str, (first, last): (usize, usize)) -> String {
    if first == last { format!("{} {first}", what.trim_end_matches('s')) } else { format!("{what} {first}–{last}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::model::ModelSpec;

    const MNIST: Shape = Shape::Image { channels: 1, height: 28, width: 28 };

    #[test]
    fn a_cnn_explains_itself() {
        let links = ["conv:8:5:valid:relu", "pool:2", "conv:16:5:valid:relu", "avgpool:2", "dense:64:relu"];
        let layers = links.map(|link| LayerSpec::from_link(link).unwrap()).to_vec();
        let model = ModelSpec { layers, ..ModelSpec::cnn() };
        let layers = model.trace(MNIST, 10).unwrap();
        assert_eq!(
            origin(&layers[0], "input", 3 * 576 + 4 * 24 + 7),
            "ReLU of the sum of input, rows 4–8, columns 7–11, times kernel 3, plus a bias"
        );
        assert_eq!(origin(&layers[1], "conv1", 144 + 12 + 2), "the largest of conv1, map 1, rows 2–3, columns 4–5");
        assert_eq!(
            origin(&layers[2], "pool1", 0),
            "ReLU of the sum of pool1, rows 0–4, columns 0–4 in all 8 maps, times kernel 0, plus a bias"
        );
        assert_eq!(origin(&layers[3], "conv2", 2 * 16 + 4 + 3), "the mean of conv2, map 2, rows 2–3, columns 6–7");
        assert_eq!(origin(&layers[5], "dense1", 7), "the sum of all 64 values of dense1, each times its weight, plus a bias");
    }

    #[test]
    fn same_padding_looks_past_no_edge() {
        assert_eq!(window(0, 1, 5, 2, 28), (0, 2));
        assert_eq!(window(27, 1, 5, 2, 28), (25, 27));
        assert_eq!(window(10, 1, 5, 2, 28), (8, 12));
        assert_eq!(window(3, 2, 2, 0, 24), (6, 7));
        assert_eq!(window(0, 1, 1, 0, 1), (0, 0));
    }
}
