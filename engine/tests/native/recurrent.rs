//! The LSTM: outputs and gradients are PyTorch's, and a state carried over is a sequence that never ended.

use crate::support::*;
use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use descent_engine::model::{Lstm, LstmState};
use serde_json::Value;

fn layer(row: &Value) -> Lstm {
    let flat = |name: &str| floats(&row[name]);
    Lstm::new(flat("input_weight"), flat("hidden_weight"), flat("bias"), &device())
}

fn floats(value: &Value) -> Vec<f32> {
    array(value).0
}

fn first_state(row: &Value) -> LstmState {
    LstmState { hidden: tensor::<2>(&row["first_hidden"]), cell: tensor::<2>(&row["first_cell"]) }
}

fn close(ours: &[f32], expected: &[f32], what: &str) {
    assert_eq!(ours.len(), expected.len(), "{what}");
    for (idx, (a, b)) in ours.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= 2e-6 * b.abs().max(1.0), "{what}[{idx}]: {a}, PyTorch {b}");
    }
}

/// Gradients in the order of the parameters: input weight, hidden weight, bias.
struct InOrder<'a>(&'a GradientsParams, Vec<Vec<f32>>);

impl ModuleVisitor for InOrder<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.1.push(values(self.0.get::<D>(param.id).unwrap()));
    }
}

#[test]
fn lstm_and_its_gradients_are_pytorchs() {
    let numbers = numbers();
    let row = &numbers["lstm"];
    let lstm = layer(row);
    let x = tensor::<3>(&row["input"]).require_grad();
    let (hidden, state) = lstm.forward(x.clone(), first_state(row));
    let grads = (hidden.clone() * tensor::<3>(&row["upstream"])).sum().backward();
    let grad_input = values(x.grad(&grads).unwrap());
    let grads = GradientsParams::from_grads(grads, &lstm);
    let mut in_order = InOrder(&grads, Vec::new());
    lstm.visit(&mut in_order);
    close(&values(hidden), &floats(&row["output"]), "hidden states");
    close(&values(state.cell), &floats(&row["last_cell"]), "last cell state");
    close(&grad_input, &floats(&row["grad_input"]), "gradient of the input");
    for (ours, name) in in_order.1.iter().zip(["grad_input_weight", "grad_hidden_weight", "grad_bias"]) {
        close(ours, &floats(&row[name]), name);
    }
}

#[test]
fn a_state_carried_over_is_a_sequence_that_never_ended() {
    let numbers = numbers();
    let row = &numbers["lstm"];
    let lstm = layer(row);
    let x = tensor::<3>(&row["input"]);
    let (whole, last) = lstm.forward(x.clone(), first_state(row));
    let (start, between) = lstm.forward(x.clone().narrow(0, 0, 3), first_state(row));
    let (end, last_of_two) = lstm.forward(x.narrow(0, 3, 2), between);
    assert_eq!(values(Tensor::cat(vec![start, end], 0)), values(whole));
    assert_eq!(values(last_of_two.cell), values(last.cell));
}

#[test]
fn tokens_are_one_hot_vectors() {
    let numbers = numbers();
    let row = &numbers["lstm"];
    let lstm = layer(row);
    let tokens = [2_u32, 0, 1, 1, 0, 2];
    let one_hot: Vec<f32> = tokens.iter().flat_map(|&token| (0..3).map(move |idx| f32::from(u8::from(idx == token)))).collect();
    let x = Tensor::<1>::from_floats(one_hot.as_slice(), &device()).reshape([3, 2, 3]);
    let (by_product, _) = lstm.forward(x, first_state(row));
    let (by_lookup, _) = lstm.forward_tokens(&tokens, 2, first_state(row));
    close(&values(by_lookup), &values(by_product), "hidden states");
}
