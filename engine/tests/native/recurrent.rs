//! Recurrent layers: outputs, gradients and what goes on inside are PyTorch's, and a state carried over is a sequence that never
//! ended.

use crate::support::*;
use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use descent_engine::model::{CellWeights, HostSequence, HostState, Inside, Recurrent, State};
use descent_spec::Cell;
use descent_spec::registry::Registry;
use serde_json::Value;

/// A cell with the numbers PyTorch has for it.
struct Reference {
    cell: Cell,
    row: Value,
    weights: CellWeights,
}

fn references() -> Vec<Reference> {
    let numbers = numbers();
    let references = Cell::table().iter().map(|entry| {
        let row = &numbers[entry.id];
        let flat = |name: &str| floats(&row[name]);
        let weights = CellWeights {
            cell: entry.value,
            input_weight: flat("input_weight"),
            hidden_weight: flat("hidden_weight"),
            bias: flat("bias"),
            hidden_bias: if entry.value == Cell::Gru { flat("hidden_bias") } else { Vec::new() },
        };
        Reference { cell: entry.value, row: row.clone(), weights }
    });
    references.collect()
}

impl Reference {
    fn layer(&self) -> Recurrent {
        Recurrent::from_weights(self.weights.clone(), &device())
    }

    fn first_state(&self) -> State {
        let cell = (self.cell == Cell::Lstm).then(|| tensor::<2>(&self.row["first_cell"]));
        State { hidden: tensor(&self.row["first_hidden"]), cell }
    }

    /// That of the first sequence.
    fn first_host_state(&self) -> HostState {
        let cell = if self.cell == Cell::Lstm { floats(&self.row["first_cell"][0]) } else { Vec::new() };
        HostState { hidden: floats(&self.row["first_hidden"][0]), cell }
    }

    /// What the first sequence sees, `[steps, inputs]`.
    fn first_sequence(&self) -> Vec<f32> {
        self.row["input"].as_array().unwrap().iter().flat_map(|step| floats(&step[0])).collect()
    }

    /// The gradient of the first sequence's last hidden state.
    fn d_last(&self) -> Vec<f32> {
        floats(&self.row["upstream"].as_array().unwrap().last().unwrap()[0])
    }

    /// What PyTorch has for the inside of the first sequence.
    fn inside(&self) -> Value {
        let numbers = numbers();
        numbers["inside"].as_array().unwrap().iter().find(|it| it["cell"] == self.cell.id()).unwrap().clone()
    }
}

fn floats(value: &Value) -> Vec<f32> {
    array(value).0
}

#[track_caller]
fn close(ours: &[f32], expected: &[f32], what: &str) {
    assert_close(what, ours, expected, 2e-6);
}

/// Gradients in the order of the parameters: input weight, hidden weight, bias and a GRU's second one.
struct InOrder<'a>(&'a GradientsParams, Vec<Vec<f32>>);

impl ModuleVisitor for InOrder<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.1.push(values(self.0.get::<D>(param.id).unwrap()));
    }
}

#[test]
fn layers_and_their_gradients_are_pytorchs() {
    for reference in references() {
        let (layer, row, id) = (reference.layer(), &reference.row, reference.cell.id());
        let x = tensor::<3>(&row["input"]).require_grad();
        let (hidden, state) = layer.forward(x.clone(), reference.first_state());
        let grads = (hidden.clone() * tensor::<3>(&row["upstream"])).sum().backward();
        let grad_input = values(x.grad(&grads).unwrap());
        let grads = GradientsParams::from_grads(grads, &layer);
        let mut in_order = InOrder(&grads, Vec::new());
        layer.visit(&mut in_order);
        close(&values(hidden), &floats(&row["output"]), &format!("{id}: hidden states"));
        if let Some(cell) = state.cell {
            close(&values(cell), &floats(&row["last_cell"]), &format!("{id}: last cell state"));
        }
        close(&grad_input, &floats(&row["grad_input"]), &format!("{id}: gradient of the input"));
        let mut names = vec!["grad_input_weight", "grad_hidden_weight", "grad_bias"];
        names.extend((reference.cell == Cell::Gru).then_some("grad_hidden_bias"));
        assert_eq!(in_order.1.len(), names.len(), "{id}");
        for (ours, name) in in_order.1.iter().zip(names) {
            close(ours, &floats(&row[name]), &format!("{id}: {name}"));
        }
        assert_eq!(layer.num_params(), reference.cell.n_params(3, 4), "{id}");
    }
}

#[test]
fn a_state_carried_over_is_a_sequence_that_never_ended() {
    for reference in references() {
        let layer = reference.layer();
        let x = tensor::<3>(&reference.row["input"]);
        let (whole, last) = layer.forward(x.clone(), reference.first_state());
        let (start, between) = layer.forward(x.clone().narrow(0, 0, 3), reference.first_state());
        let (end, last_of_two) = layer.forward(x.narrow(0, 3, 2), between);
        assert_eq!(values(Tensor::cat(vec![start, end], 0)), values(whole));
        assert_eq!(values(last_of_two.hidden), values(last.hidden));
        assert_eq!(last_of_two.cell.map(values), last.cell.map(values));
    }
}

#[test]
fn a_layer_without_autodiff_gives_the_same() {
    for reference in references() {
        let layer = reference.layer();
        let x = tensor::<3>(&reference.row["input"]);
        let (tracked, after) = layer.forward(x.clone(), reference.first_state());
        // Evaluation goes on from a state that training left behind, and training from one of evaluation.
        let (plain, after_plain) = layer.valid().forward(x.inner(), reference.first_state());
        assert!(!plain.is_autodiff());
        assert_eq!(values(plain), values(tracked));
        assert_eq!(values(after_plain.hidden.clone()), values(after.hidden.clone()));
        let (plain, _) = layer.valid().forward_tokens(&[0, 2], 2, after);
        let (tracked, _) = layer.forward_tokens(&[0, 2], 2, after_plain);
        assert_eq!(values(plain), values(tracked));
    }
}

#[test]
fn tokens_are_one_hot_vectors() {
    for reference in references() {
        let layer = reference.layer();
        let tokens = [2_u32, 0, 1, 1, 0, 2];
        let one_hot: Vec<f32> =
            tokens.iter().flat_map(|&token| (0..3).map(move |idx| f32::from(u8::from(idx == token)))).collect();
        let x = Tensor::<1>::from_floats(one_hot.as_slice(), &device()).reshape([3, 2, 3]);
        let (by_product, _) = layer.forward(x, reference.first_state());
        let (by_lookup, _) = layer.forward_tokens(&tokens, 2, reference.first_state());
        close(&values(by_lookup), &values(by_product), "hidden states");

        let first = reference.first_host_state();
        let by_product = reference.weights.inside(HostSequence::Vectors(&one_hot), &first);
        let by_lookup = reference.weights.inside(HostSequence::Tokens(&tokens), &first);
        for ((name, ours), (_, expected)) in by_lookup.parts().into_iter().zip(by_product.parts()) {
            close(ours, expected, name);
        }
    }
}

#[test]
fn what_goes_on_inside_is_pytorchs() {
    for reference in references() {
        let inside = reference.weights.inside(HostSequence::Vectors(&reference.first_sequence()), &reference.first_host_state());
        let expected = reference.inside();
        let expected = expected["parts"].as_object().unwrap();
        assert_eq!(inside.parts().len(), expected.len());
        for (name, ours) in inside.parts() {
            close(ours, &floats(&expected[name]), &format!("{}: {name}", reference.cell.id()));
        }
    }
}

#[test]
fn the_inside_on_the_host_is_that_of_the_layer() {
    for reference in references() {
        let layer = reference.layer();
        let weights = pollster::block_on(layer.weights()).unwrap();
        assert_eq!(weights, reference.weights);
        let (hidden, state) = layer.forward(tensor(&reference.row["input"]), reference.first_state());
        let inside = weights.inside(HostSequence::Vectors(&reference.first_sequence()), &reference.first_host_state());
        let of_first = values(hidden.narrow(1, 0, 1));
        let (Inside::Rnn { hidden } | Inside::Gru { hidden, .. } | Inside::Lstm { hidden, .. }) = &inside;
        assert_eq!(*hidden, of_first);
        if let (Inside::Lstm { cell, .. }, Some(last)) = (&inside, state.cell) {
            assert_eq!(cell[cell.len() - 4..], values(last)[..4]);
        }
    }
}

#[test]
fn gradients_of_the_steps_are_pytorchs() {
    for reference in references() {
        let first = reference.first_host_state();
        let x = reference.first_sequence();
        let ours = reference.weights.step_gradients(HostSequence::Vectors(&x), &first, &reference.d_last());
        let expected = reference.inside();
        let id = reference.cell.id();
        close(&ours.hidden, &floats(&expected["hidden_gradient_norms"]), &format!("{id}: hidden"));
        close(&ours.cell, &floats(&expected["cell_gradient_norms"]), &format!("{id}: cell"));
    }
}

/// The same by finite differences: a step's state is shaken unit by unit, and the steps after it run on from there. Rounding leaves
/// about 1e-7 / 5e-3 = 2e-5 in a difference, and curvature about as much.
#[test]
fn gradients_of_the_steps_are_finite_differences() {
    const SHAKE: f32 = 5e-3;
    for reference in references() {
        let (weights, x, d_last) = (&reference.weights, reference.first_sequence(), reference.d_last());
        let first = reference.first_host_state();
        let gradients = weights.step_gradients(HostSequence::Vectors(&x), &first, &d_last);
        let inside = weights.inside(HostSequence::Vectors(&x), &first);
        let (units, inputs) = (weights.n_units(), weights.n_inputs());
        let (hidden, cell) = match &inside {
            Inside::Rnn { hidden } | Inside::Gru { hidden, .. } => (hidden, None),
            Inside::Lstm { hidden, cell, .. } => (hidden, Some(cell)),
        };
        let n_steps = hidden.len() / units;
        assert_eq!(gradients.hidden.len(), n_steps);
        // Loss of what follows step t; behind the last one it is a function of the state itself.
        let loss_from = |t: usize, state: &HostState| -> f64 {
            let last = if t + 1 == n_steps {
                state.hidden.clone()
            } else {
                let inside = weights.inside(HostSequence::Vectors(&x[(t + 1) * inputs..]), state);
                let (_, hidden) = inside.parts().pop().unwrap();
                hidden[hidden.len() - units..].to_vec()
            };
            last.iter().zip(&d_last).map(|(&h, &d)| f64::from(h) * f64::from(d)).sum()
        };
        let step = |states: &[f32], t: usize| states[t * units..(t + 1) * units].to_vec();
        for t in 0..n_steps {
            let at = HostState { hidden: step(hidden, t), cell: cell.map(|cell| step(cell, t)).unwrap_or_default() };
            let norm = |shaken: &dyn Fn(usize, f32) -> HostState| {
                let slope = |j| (loss_from(t, &shaken(j, SHAKE)) - loss_from(t, &shaken(j, -SHAKE))) / f64::from(2.0 * SHAKE);
                (0..units).map(|j| slope(j).powi(2)).sum::<f64>().sqrt()
            };
            let of_hidden = norm(&|j, by| {
                let mut state = at.clone();
                state.hidden[j] += by;
                state
            });
            let id = reference.cell.id();
            let near = |ours: f32, expected: f64| (f64::from(ours) - expected).abs() < 1e-4 + 1e-3 * expected;
            assert!(near(gradients.hidden[t], of_hidden), "{id}, h {t}: {}, by differences {of_hidden}", gradients.hidden[t]);
            let Inside::Lstm { output, .. } = &inside else { continue };
            let of_cell = norm(&|j, by| {
                let mut state = at.clone();
                state.cell[j] += by;
                state.hidden[j] = output[t * units + j] * state.cell[j].tanh();
                state
            });
            assert!(near(gradients.cell[t], of_cell), "{id}, c {t}: {}, by differences {of_cell}", gradients.cell[t]);
        }
    }
}
