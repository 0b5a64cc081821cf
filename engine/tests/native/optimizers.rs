//! Optimizers: five steps each are PyTorch's, and so are five steps of a whole net.

use crate::support::*;
use burn::optim::GradientsParams;
use burn::tensor::{Int, Tensor};
use descent_engine::loss::cross_entropy;
use descent_engine::model::Signal;
use descent_engine::optim::{Optimizer, Penalty};
use descent_spec::training::OPTIMIZERS;
use descent_spec::{Activation, LayerSpec, OptimizerSpec, Shape};
use serde_json::json;

#[test]
fn every_optimizer_with_and_without_penalties() {
    let mut n_seen = 0;
    for row in numbers()["optimizers"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        let penalty = Penalty { l1: row["l1"].as_f64().unwrap(), l2: row["l2"].as_f64().unwrap() };
        let spec = OptimizerSpec::from_link(name).unwrap();
        // Three weights of a dense layer from three inputs to one output, without a bias to confuse.
        let start: Vec<_> = array(&row["start"]).0.into_iter().map(|weight| vec![weight]).collect();
        let layer = LayerSpec::Dense { units: 1, activation: Activation::Linear };
        let (mut net, traced) =
            net_with(&[layer], Shape::Flat { units: 3 }, &[("dense1.weight", &json!(start)), ("dense1.bias", &json!([0.25]))]);
        let id = net.named_tensors(&traced)[0].id;
        let mut optimizer = Optimizer::new(spec, row["lr"].as_f64().unwrap(), penalty);
        let path = row["gradients"].as_array().unwrap().iter().zip(row["weights"].as_array().unwrap());
        for (step, (gradient, expected)) in path.enumerate() {
            let mut grads = GradientsParams::new();
            grads.register(id, tensor::<1>(gradient).inner().reshape([3, 1]));
            net = optimizer.step(net, grads);
            let after = named(&net, &traced);
            let what = format!("{name}, {penalty:?}, step {}", step + 1);
            assert_close(&what, &after["dense1.weight"], &array(expected).0, 2e-6);
            assert_eq!(after["dense1.bias"], [0.25], "{what}: a parameter without a gradient stays");
        }
        n_seen += 1;
    }
    // Each with none, with L2, and with L1.
    assert_eq!(n_seen, 3 * OPTIMIZERS.len());
}

/// The magnitude has no slope at 0 (PyTorch says 0 too), so a weight that is 0 stays 0 under L1 alone.
#[test]
fn l1_leaves_a_zero_alone_and_biases_too() {
    let layer = LayerSpec::Dense { units: 1, activation: Activation::Linear };
    let weights = [("dense1.weight", &json!([[0.0], [0.5], [-0.5]])), ("dense1.bias", &json!([0.25]))];
    let (mut net, traced) = net_with(&[layer], Shape::Flat { units: 3 }, &weights);
    let mut grads = GradientsParams::new();
    for it in net.named_tensors(&traced) {
        match it.dims.len() {
            1 => grads.register(it.id, Tensor::<1>::zeros([1], &device().inner())),
            _ => grads.register(it.id, Tensor::<2>::zeros([3, 1], &device().inner())),
        }
    }
    net = Optimizer::new(OptimizerSpec::Sgd, 0.1, Penalty { l1: 0.5, l2: 0.0 }).step(net, grads);
    let after = named(&net, &traced);
    assert_close("weights", &after["dense1.weight"], &[0.0, 0.45, -0.45], 1e-6);
    assert_eq!(after["dense1.bias"], [0.25]);
}

#[test]
fn five_steps_of_adam_on_a_whole_net() {
    let numbers = numbers();
    let tiny = &numbers["tiny_net"];
    let layers = [
        LayerSpec::Dense { units: 5, activation: Activation::Relu },
        LayerSpec::Dense { units: 3, activation: Activation::Linear },
    ];
    let weights: Vec<_> = tiny["start"].as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value)).collect();
    let x: Tensor<2> = tensor(&tiny["input"]);
    let classes = tiny["targets"].as_array().unwrap().iter().map(|class| class.as_i64().unwrap() as i32).collect::<Vec<_>>();
    let classes = Tensor::<1, Int>::from_ints(classes.as_slice(), &device());
    for run in tiny["runs"].as_array().unwrap() {
        let (mut net, traced) = net_with(&layers, Shape::Flat { units: 6 }, &weights);
        let adam = OptimizerSpec::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
        let mut optimizer =
            Optimizer::new(adam, tiny["lr"].as_f64().unwrap(), Penalty { l1: 0.0, l2: run["l2"].as_f64().unwrap() });
        let mut losses = Vec::new();
        for _ in 0..5 {
            let loss = cross_entropy(net.forward(Signal::Flat(x.clone())), classes.clone());
            losses.extend(values(loss.clone()));
            let grads = GradientsParams::from_grads(loss.backward(), &net);
            net = optimizer.step(net, grads);
        }
        assert_close("losses", &losses, &array(&run["losses"]).0, 1e-5);
        let after = named(&net, &traced);
        for (name, expected) in run["weights"].as_object().unwrap() {
            assert_close(name, &after[name], &array(expected).0, 1e-5);
        }
    }
}
