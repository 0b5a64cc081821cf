//! Losses of the heads that have one output, against PyTorch's `binary_cross_entropy_with_logits` and `mse_loss`.

use crate::support::*;
use burn::tensor::Tensor;
use descent_engine::loss::{Targets, judge};
use descent_spec::Head;

#[test]
fn loss_and_gradient_are_pytorchs() {
    for row in numbers()["heads"].as_array().unwrap() {
        let (name, head) = match row["name"].as_str().unwrap() {
            "sigmoid" => ("sigmoid", Head::Sigmoid),
            _ => ("linear", Head::Linear),
        };
        let outputs: Tensor<2> = tensor::<2>(&row["outputs"]).require_grad();
        let targets = array(&row["targets"]).0;
        let loss = Targets::new(head, targets.clone(), &device()).loss(outputs.clone());
        let expected = array(&row["loss"]).0;
        assert_close(name, &values(loss.clone()), &expected, 1e-6);
        assert_close(name, &values(outputs.grad(&loss.backward()).unwrap()), &array(&row["gradient"]).0, 1e-6);
        // The host's double precision, from which evaluations are summed, says the same.
        let rows = array(&row["outputs"]).0;
        let mean = rows.iter().zip(&targets).map(|(&output, &target)| judge(head, &[output], target).loss).sum::<f64>() / 5.0;
        assert!((mean - f64::from(expected[0])).abs() < 1e-6, "{name}: {mean}");
    }
}
