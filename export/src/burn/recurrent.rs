//! Recurrent layers, written out step by step: Burn's own have two biases in every gate, ours one.

use super::model::{draw, is_default_init};
use crate::plan::{INNER_BIAS, Plan};
use descent_spec::Cell;

/// The type that holds a recurrent layer.
pub(super) fn class(cell: Cell) -> &'static str {
    match cell {
        Cell::Rnn => "Rnn",
        Cell::Gru => "Gru",
        Cell::Lstm => "Lstm",
    }
}

/// Struct, first weights and forward pass.
pub(super) fn text(plan: &Plan, cell: Cell) -> String {
    let n_gates = cell.n_gates();
    let (about, note) = match cell {
        Cell::Rnn => ("h = tanh(x W + h₋₁ U + b) (Elman 1990).", ""),
        Cell::Gru => (
            "A GRU (Cho et al. 2014): h = (1 − z) n + z h₋₁. What each unit sums up lies part by part: reset gate, update gate, candidate.",
            "\n/// Burn's own has two biases in every gate.",
        ),
        Cell::Lstm => (
            "An LSTM (Hochreiter and Schmidhuber 1997): c = f c₋₁ + i g, h = o tanh(c). What each unit sums up lies part by part: input\n/// gate, forget gate, candidate, output gate.",
            " Burn's own has two biases a gate.",
        ),
    };
    let class = class(cell);
    let is_gru = cell == Cell::Gru;
    let (inner_field, inner_made) = match (is_gru, is_default_init(plan)) {
        (false, _) => (String::new(), String::new()),
        (true, true) => (
            format!("    {INNER_BIAS}: Param<Tensor<1>>,\n"),
            format!("            {INNER_BIAS}: initializer.init([units], device),\n"),
        ),
        (true, false) => (
            format!("    {INNER_BIAS}: Param<Tensor<1>>,\n"),
            format!("            {INNER_BIAS}: Initializer::Zeros.init([units], device),\n"),
        ),
    };
    let width = if n_gates == 1 { "units".to_owned() } else { format!("{n_gates} * units") };
    let (initializer, weights, bias) = match draw(plan.experiment.model.initializer) {
        None => (
            "        // As PyTorch draws all of them.\n        let bound = 1.0 / (units as f64).sqrt();\n        let initializer = Initializer::Uniform { min: -bound, max: bound };\n".to_owned(),
            ["inputs", "units"].map(|rows| format!("initializer.init([{rows}, {width}], device)")),
            format!("initializer.init([{width}], device)"),
        ),
        Some((init, _)) => (
            format!("        let initializer = Initializer::{init};\n"),
            ["inputs", "units"].map(|rows| format!("initializer.init_with([{rows}, {width}], Some({rows}), Some({width}), device)")),
            match cell {
                Cell::Lstm => "Param::from_tensor(Tensor::cat(vec![zeros.clone(), zeros.clone() + 1.0, zeros.clone(), zeros], 0))".into(),
                Cell::Rnn | Cell::Gru => format!("Initializer::Zeros.init([{width}], device)"),
            },
        ),
    };
    let zeros = match cell {
        Cell::Lstm if !is_default_init(plan) => {
            "        // The forget gate begins by remembering.\n        let zeros = Tensor::<1>::zeros([units], device);\n"
        }
        _ => "",
    };
    let [of_input, of_state] = weights;
    let step = match cell {
        Cell::Rnn => "            h = (x.matmul(w.clone()) + h.matmul(u.clone()) + b.clone()).tanh();",
        Cell::Gru => {
            "            let (below, before) = (x.matmul(w.clone()) + b.clone(), h.clone().matmul(u.clone()));
            let part = |sums: &Tensor<2>, n: usize| sums.clone().narrow(1, n * units, units);
            let r = activation::sigmoid(part(&below, 0) + part(&before, 0));
            let z = activation::sigmoid(part(&below, 1) + part(&before, 1));
            let n = (part(&below, 2) + r * (part(&before, 2) + inner.clone())).tanh();
            h = n.clone() + z * (h - n);"
        }
        Cell::Lstm => {
            "            let sums = x.matmul(w.clone()) + h.matmul(u.clone()) + b.clone();
            let part = |n: usize| sums.clone().narrow(1, n * units, units);
            let (i, f) = (activation::sigmoid(part(0)), activation::sigmoid(part(1)));
            let (g, o) = (part(2).tanh(), activation::sigmoid(part(3)));
            c = f * c + i * g;
            h = o * c.clone().tanh();"
        }
    };
    let inner = match is_gru {
        true => format!("        let inner = self.{INNER_BIAS}.val().unsqueeze::<2>();\n"),
        false => String::new(),
    };
    let cell_state = if cell == Cell::Lstm { "        let mut c = h.clone();\n" } else { "" };
    format!(
        r#"/// {about}{note}
#[derive(Module, Debug)]
struct {class} {{
    input_weight: Param<Tensor<2>>,
    hidden_weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
{inner_field}}}

impl {class} {{
    fn new(inputs: usize, units: usize, device: &Device) -> {class} {{
{initializer}{zeros}        {class} {{
            input_weight: {of_input},
            hidden_weight: {of_state},
            bias: {bias},
{inner_made}        }}
    }}

    /// The state after every step, [batch, steps, units], of [batch, steps, inputs].
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {{
        let (w, u, b) = (self.input_weight.val(), self.hidden_weight.val(), self.bias.val().unsqueeze::<2>());
{inner}        let ([batch, _, _], [units, _]) = (x.dims(), u.dims());
        let mut h = Tensor::<2>::zeros([batch, units], &x.device());
{cell_state}        let mut states = Vec::new();
        for x in x.iter_dim(1) {{
            let x = x.squeeze_dim::<2>(1);
{step}
            states.push(h.clone());
        }}
        Tensor::stack(states, 1)
    }}
}}
"#
    )
}
