//! The forward and the backward pass, one line after the other, as one would write them on a blackboard.
//!
//! `h0` is the input, `h3` the output of the third layer, `z3` its weighted sums before the activation; `dh3` and `dz3` are the
//! gradients of the loss with respect to them.

use super::functions::name;
use crate::plan::{Plan, activation, batch_shape, with_comments};
use descent_spec::{LayerSpec, Shape};

/// `forward` and `backward`.
pub(super) fn text(plan: &Plan) -> String {
    let (backward, needed) = backward(plan);
    format!("{}\n\n\n{backward}", forward(plan, &needed))
}

/// A tuple of names; Python needs a comma behind a single one.
fn tuple(names: &[String]) -> String {
    match names {
        [only] => format!("({only},)"),
        _ => format!("({})", names.join(", ")),
    }
}

/// Whether the layer's weighted sums need a name of their own.
fn has_sums(layer: &LayerSpec) -> bool {
    matches!(layer, LayerSpec::Dense { .. }) && activation(layer).is_some()
}

fn forward(plan: &Plan, needed: &[String]) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    let flat = Shape::Flat { units: plan.input().len() };
    match plan.input() {
        Shape::Image { .. } | Shape::Sequence { .. } => lines.push(("    h0 = x.reshape(len(x), -1)".into(), batch_shape(flat))),
        _ => lines.push(("    h0 = x".into(), batch_shape(flat))),
    }
    let last = plan.layers.len();
    for (idx, it) in plan.layers.iter().enumerate() {
        let (below, here, layer) = (idx, idx + 1, &it.name);
        let shape = batch_shape(Shape::Flat { units: it.output.len() });
        let out = if here == last { plan.outputs().to_owned() } else { format!("h{here}") };
        let apply = activation(&it.layer).map(name);
        match (&it.layer, apply) {
            (LayerSpec::Dense { .. }, None) => {
                lines.push((format!("    {out} = h{below} @ params[\"{layer}.weight\"] + params[\"{layer}.bias\"]"), shape));
            }
            (LayerSpec::Dense { .. }, Some(apply)) => {
                lines.push((format!("    z{here} = h{below} @ params[\"{layer}.weight\"] + params[\"{layer}.bias\"]"), shape));
                lines.push((format!("    {out} = {apply}(z{here})"), String::new()));
            }
            (LayerSpec::BatchNorm, _) => {
                lines.push((format!("    {out}, {layer} = batch_norm(h{below}, \"{layer}\", training)"), String::new()));
            }
            (LayerSpec::Dropout { rate }, _) => {
                let rate = crate::plan::number(*rate);
                lines.push((format!("    mask{here} = dropout_mask(h{below}, {rate}, training)"), String::new()));
                lines.push((format!("    {out} = h{below} * mask{here}"), String::new()));
            }
            (LayerSpec::Activate { .. }, Some(apply)) => {
                lines.push((format!("    {out} = {apply}(h{below})"), String::new()));
            }
            (LayerSpec::Activate { .. }, None) | (LayerSpec::Flatten, _) => {
                lines.push((format!("    {out} = h{below}"), String::new()));
            }
            // `write` has refused them.
            _ => {}
        }
    }
    let outputs = plan.outputs();
    format!(
        "def forward(x, training):\n    \"\"\"The {outputs}, [batch, {}], and the values the backward pass needs.\"\"\"\n{}\n    return {outputs}, {}",
        plan.head().n_outputs(),
        with_comments(&lines, "#"),
        tuple(needed)
    )
}

/// The function, and the names it needs from the forward pass, in the order of that pass.
fn backward(plan: &Plan) -> (String, Vec<String>) {
    let mut lines: Vec<String> = Vec::new();
    let mut needed: Vec<String> = Vec::new();
    let lowest = plan.layers.iter().position(|it| it.n_params > 0).unwrap_or(0);
    let last = plan.layers.len();
    for (idx, it) in plan.layers.iter().enumerate().skip(lowest).rev() {
        let (below, here, layer) = (idx, idx + 1, &it.name);
        let above = if here == last { format!("d_{}", plan.outputs()) } else { format!("dh{here}") };
        let slope = activation(&it.layer).map(name);
        // Below the first parameter nobody asks for a gradient.
        let goes_on = idx > lowest;
        match (&it.layer, slope) {
            (LayerSpec::Dense { .. }, _) => {
                let mut d = above;
                if let Some(slope) = slope {
                    lines.push(format!("dz{here} = {d} * {slope}_slope(z{here})"));
                    d = format!("dz{here}");
                }
                lines.push(format!("grads[\"{layer}.weight\"] = h{below}.T @ {d}"));
                lines.push(format!("grads[\"{layer}.bias\"] = {d}.sum(axis=0)"));
                if goes_on {
                    lines.push(format!("dh{below} = {d} @ params[\"{layer}.weight\"].T"));
                }
                if has_sums(&it.layer) {
                    needed.push(format!("z{here}"));
                }
                needed.push(format!("h{below}"));
            }
            (LayerSpec::BatchNorm, _) => {
                let target = if goes_on { format!("dh{below} = ") } else { String::new() };
                lines.push(format!("{target}batch_norm_backward({above}, \"{layer}\", {layer}, grads)"));
                needed.push(layer.clone());
            }
            (LayerSpec::Dropout { .. }, _) => {
                lines.push(format!("dh{below} = {above} * mask{here}"));
                needed.push(format!("mask{here}"));
            }
            (LayerSpec::Activate { .. }, Some(slope)) => {
                lines.push(format!("dh{below} = {above} * {slope}_slope(h{below})"));
                needed.push(format!("h{below}"));
            }
            (LayerSpec::Activate { .. }, None) | (LayerSpec::Flatten, _) => lines.push(format!("dh{below} = {above}")),
            // `write` has refused them.
            _ => {}
        }
    }
    needed.reverse();
    // An activation on its own and the dense layer above it may both need what lies between them.
    let mut seen: Vec<String> = Vec::new();
    needed.retain(|name| {
        !seen.contains(name) && {
            seen.push(name.clone());
            true
        }
    });
    let body: Vec<String> = lines.iter().map(|line| format!("    {line}\n")).collect();
    let unpacked = if needed.len() == 1 { tuple(&needed) } else { needed.join(", ") };
    let text = format!(
        "def backward(d_{}, cache):\n    \"\"\"The gradient of the loss for every parameter, by the chain rule from the top down.\"\"\"\n    {} = cache\n    grads = {{}}\n{}    return grads",
        plan.outputs(),
        unpacked,
        body.concat()
    );
    (text, needed)
}
