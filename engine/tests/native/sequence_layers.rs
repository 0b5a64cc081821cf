//! Layers on sequences: outputs and gradients are PyTorch's, which was given each sequence alone, so that it knew of no padding.

use crate::support::*;
use burn::optim::GradientsParams;
use burn::tensor::{Tensor, TensorData};
use descent_engine::model::{Sequence, Signal};
use descent_spec::registry::Registry;
use descent_spec::{Activation, Cell, LayerSpec, Pooling, Returns, Shape};
use serde_json::Value;
use std::sync::Arc;

const BATCH: usize = 3;
const STEPS: usize = 5;
const FEATURES: usize = 4;
const VOCABULARY: usize = 7;

/// `embed,global:mean` as the numbers name layers.
fn layers(name: &str) -> Vec<LayerSpec> {
    let layer = |text: &str| match text.split_once(':').unwrap_or((text, "")) {
        ("embed", _) => LayerSpec::embedding(3),
        ("conv1d", _) => LayerSpec::Conv1d { filters: 3, kernel: 2, activation: Activation::Linear },
        ("lnorm", _) => LayerSpec::LayerNorm,
        ("flat", _) => LayerSpec::Flatten,
        ("global", how) => LayerSpec::GlobalPool { pooling: Pooling::parse(how).unwrap() },
        (cell, what) => {
            let (cell, returns) = (Cell::parse(cell).unwrap(), Returns::parse(what).unwrap());
            LayerSpec::Recurrent { cell, units: 3, returns }
        }
    };
    name.split(',').map(layer).collect()
}

/// Lists of different lengths as one row.
fn joined(rows: &Value) -> Vec<f32> {
    rows.as_array().unwrap().iter().flat_map(|row| array(row).0).collect()
}

#[test]
fn layers_on_sequences_are_pytorchs() {
    let numbers: Value = serde_json::from_str(include_str!("../../../tests/reference/sequences.json")).unwrap();
    for row in numbers["layers"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        let lengths: Option<Arc<[usize]>> =
            row.get("lengths").map(|it| it.as_array().unwrap().iter().map(|len| len.as_u64().unwrap() as usize).collect());
        let what = format!("{name}, lengths {lengths:?}");
        let (input, _) = array(&row["input"]);
        let has_tokens = row.get("grad_input").is_none();
        let shape = match has_tokens {
            true => Shape::Tokens { steps: STEPS, vocabulary: VOCABULARY, is_padded: lengths.is_some() },
            false => Shape::Sequence { steps: STEPS, features: FEATURES },
        };
        let first = layers(name)[0].kind();
        let weights = row["weights"].as_object().unwrap();
        let named: Vec<(String, &Value)> = weights.iter().map(|(field, value)| (format!("{first}1.{field}"), value)).collect();
        let named: Vec<(&str, &Value)> = named.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let (net, traced) = net_with(&layers(name), shape, &named);

        let x = Tensor::<3>::from_data(
            TensorData::new(input.clone(), [BATCH, STEPS, if has_tokens { 1 } else { FEATURES }]),
            &device(),
        );
        let x = x.require_grad();
        let signal = if has_tokens {
            Signal::of_rows(shape, input, BATCH, &device())
        } else {
            // What is padding is zero, as an embedding leaves it.
            let ends = lengths.as_deref().unwrap_or(&[STEPS; BATCH]);
            let there = (0..BATCH * STEPS).map(|at| f32::from(u8::from(at % STEPS < ends[at / STEPS]))).collect::<Vec<_>>();
            let there = Tensor::<3>::from_data(TensorData::new(there, [BATCH, STEPS, 1]), &device());
            Signal::Sequence(Sequence { values: (x.clone() * there).swap_dims(0, 1), lengths: lengths.clone() })
        };
        // [batch, …], a sequence step by step.
        let output = net.forward_with_taps(signal).pop().unwrap().into_flat();
        let upstream = Tensor::<1>::from_floats(joined(&row["upstream"]).as_slice(), &device()).reshape(output.dims());
        let grads = (output.clone() * upstream).sum().backward();
        assert_close(&format!("{what}: output"), &values(output), &joined(&row["output"]), 1e-5);
        if !has_tokens {
            let gradient = values(x.grad(&grads).unwrap());
            assert_close(&format!("{what}: gradient of the input"), &gradient, &array(&row["grad_input"]).0, 1e-5);
        }
        let grads = GradientsParams::from_grads(grads, &net);
        for it in net.named_tensors(&traced) {
            let field = it.name.split_once('.').unwrap().1;
            let gradient = if it.dims.len() == 1 { grads.get::<1>(it.id).map(values) } else { grads.get::<2>(it.id).map(values) };
            let expected = array(&row["grads"][field]).0;
            assert_close(&format!("{what}: gradient of {field}"), &gradient.unwrap(), &expected, 1e-5);
        }
    }
}
