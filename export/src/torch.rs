//! PyTorch: a Sequential of modules, autograd, and a loop of one's own.

use crate::plan::{Plan, activation, batch_shape, number, with_comments};
use crate::python::{self, Script};
use crate::{Dialect, Unsupported};
use descent_spec::model::TracedLayer;
use descent_spec::registry::Registry;
use descent_spec::{Activation, Initializer, LayerSpec, OptimizerSpec, Padding, Shape};

/// The program, or why there is none.
pub(crate) fn write(plan: &Plan) -> Result<String, Unsupported> {
    let norm_of_one = |it: &TracedLayer| {
        let per_channel = match it.input {
            Shape::Image { height, width, .. } => height * width,
            Shape::Flat { .. } => 1,
        };
        matches!(it.layer, LayerSpec::BatchNorm) && per_channel * plan.experiment.training.batch_size == 1
    };
    if plan.layers.iter().any(norm_of_one) {
        return Err(Unsupported(
            "There is no PyTorch code for batch norm on batches of one example: PyTorch refuses to train it, because one value \
             has no variance. Take a larger batch size."
                .into(),
        ));
    }
    Ok(python::write(
        plan,
        Script {
            dialect: Dialect::PyTorch,
            packages: "torch numpy  # and safetensors, for --check",
            std_imports: &["from collections import OrderedDict"],
            imports: "import numpy as np\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F".into(),
            seeding: "torch.manual_seed(SEED)",
            parts: vec![model(plan), optimizer(plan), LOOP.into()],
            check: check(plan),
        },
    ))
}

fn model(plan: &Plan) -> String {
    let mut rows: Vec<(String, String)> = Vec::new();
    for it in &plan.layers {
        rows.extend(layer(it));
    }
    format!(
        "# Model\n\nmodel = nn.Sequential(\n    OrderedDict(\n{}\n    )\n)\n{}",
        with_comments(&rows, "#"),
        initializer(plan.experiment.model.initializer, plan.any(|layer| matches!(layer, LayerSpec::Conv2d { .. })))
    )
}

/// The rows of one layer, each with the shape after it.
fn layer(it: &TracedLayer) -> Vec<(String, String)> {
    let name = &it.name;
    let shape = batch_shape(it.output);
    let row = |name: &str, module: String, note: &str| (format!("        {name}={module},"), note.to_owned());
    let mut rows = Vec::new();
    let module = match (&it.layer, it.input) {
        (LayerSpec::Dense { units, .. }, input) => {
            if let Shape::Image { .. } = input {
                rows.push(row("flatten", "nn.Flatten()".into(), &batch_shape(Shape::Flat { units: input.len() })));
            }
            format!("nn.Linear({}, {units})", input.len())
        }
        (LayerSpec::Conv2d { filters, kernel, padding, .. }, input) => {
            let padding = match padding {
                Padding::Valid => "",
                Padding::Same => ", padding=\"same\"",
            };
            format!("nn.Conv2d({}, {filters}, {kernel}{padding})", n_channels(input))
        }
        (LayerSpec::MaxPool2d { size }, _) => format!("nn.MaxPool2d({size})"),
        (LayerSpec::AvgPool2d { size }, _) => format!("nn.AvgPool2d({size})"),
        (LayerSpec::BatchNorm, input) => {
            let dims = if matches!(input, Shape::Image { .. }) { 2 } else { 1 };
            format!("nn.BatchNorm{dims}d({}, eps=1e-5, momentum=0.1)", n_channels(input))
        }
        (LayerSpec::Dropout { rate }, _) => format!("nn.Dropout({})", number(*rate)),
        (LayerSpec::Activate { activation }, _) => module(*activation).into(),
    };
    rows.push(row(name, module, &shape));
    if let (LayerSpec::Dense { .. } | LayerSpec::Conv2d { .. }, Some(function)) = (&it.layer, activation(&it.layer)) {
        rows.push(row(&format!("{name}_{}", function.id()), self::module(function).into(), ""));
    }
    rows
}

fn n_channels(shape: Shape) -> usize {
    match shape {
        Shape::Image { channels, .. } => channels,
        Shape::Flat { units } => units,
    }
}

fn module(activation: Activation) -> &'static str {
    match activation {
        Activation::Linear => "nn.Identity()",
        Activation::Relu => "nn.ReLU()",
        Activation::LeakyRelu => "nn.LeakyReLU(0.01)",
        Activation::Elu => "nn.ELU()",
        Activation::Gelu => "nn.GELU()",
        Activation::Silu => "nn.SiLU()",
        Activation::Tanh => "nn.Tanh()",
        Activation::Sigmoid => "nn.Sigmoid()",
        Activation::Softplus => "nn.Softplus()",
    }
}

fn initializer(initializer: Initializer, has_convolution: bool) -> String {
    let (about, draw) = match initializer {
        Initializer::GlorotUniform => {
            ("Glorot and Bengio 2010: uniform in ±√(6 / (fan in + fan out)); biases 0", "nn.init.xavier_uniform_(layer.weight)")
        }
        Initializer::GlorotNormal => {
            ("Glorot and Bengio 2010: normal, σ = √(2 / (fan in + fan out)); biases 0", "nn.init.xavier_normal_(layer.weight)")
        }
        Initializer::HeUniform => (
            "He et al. 2015: uniform in ±√(6 / fan in); biases 0",
            "nn.init.kaiming_uniform_(layer.weight, nonlinearity=\"relu\")",
        ),
        Initializer::HeNormal => (
            "He et al. 2015: normal, σ = √(2 / fan in); biases 0",
            "nn.init.kaiming_normal_(layer.weight, nonlinearity=\"relu\")",
        ),
        Initializer::Zeros => ("All zero: hidden units never become different", "nn.init.zeros_(layer.weight)"),
        Initializer::FanInUniform => {
            return "# First weights and biases are PyTorch's own: uniform in ±1 / √(fan in).\n".into();
        }
    };
    let kinds = if has_convolution { "nn.Conv2d | nn.Linear" } else { "nn.Linear" };
    format!(
        "# {about}.\nfor layer in model:\n    if isinstance(layer, {kinds}):\n        {draw}\n        nn.init.zeros_(layer.bias)\n"
    )
}

fn optimizer(plan: &Plan) -> String {
    let training = &plan.experiment.training;
    let (class, options) = match training.optimizer {
        OptimizerSpec::Sgd => ("SGD", String::new()),
        OptimizerSpec::Momentum { beta } => ("SGD", format!(", momentum={}", number(beta))),
        OptimizerSpec::RmsProp { alpha, epsilon } => ("RMSprop", format!(", alpha={}, eps={}", number(alpha), number(epsilon))),
        OptimizerSpec::Adam { beta1, beta2, epsilon } => {
            ("Adam", format!(", betas=({}, {}), eps={}", number(beta1), number(beta2), number(epsilon)))
        }
    };
    let make = |parameters: &str| format!("optimizer = torch.optim.{class}({parameters}, lr=LEARNING_RATE{options})");
    if training.l2 == 0.0 {
        return format!("# Training\n\n{}\n", make("model.parameters()"));
    }
    format!(
        r#"# Training

# PyTorch's weight_decay adds λ w to the gradient: the gradient of λ/2 ‖w‖². Biases and batch norm
# (rank 1) go without.
weights = [p for p in model.parameters() if p.dim() > 1]
others = [p for p in model.parameters() if p.dim() == 1]
groups = [{{"params": weights, "weight_decay": L2}}, {{"params": others, "weight_decay": 0.0}}]
{}
"#,
        make("groups")
    )
}

const LOOP: &str = r#"def train_step(x, y):
    """One batch: forward, backward, update. Returns the loss before the update."""
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def evaluate(x, y):
    """Mean loss and accuracy over all examples, a thousand at a time."""
    model.eval()
    loss, right = 0.0, 0
    for part_x, part_y in zip(x.split(1000), y.split(1000)):
        logits = model(part_x)
        loss += F.cross_entropy(logits, part_y, reduction="sum").item()
        right += (logits.argmax(dim=1) == part_y).sum().item()
    model.train()
    return loss / len(x), right / len(x)


def main():
    (x, y), validation, test = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in load()]
    for epoch in range(EPOCHS):
        losses = [train_step(x[batch], y[batch]) for batch in torch.randperm(len(x)).split(BATCH_SIZE)]
        loss, accuracy = evaluate(*validation)
        print(
            f"epoch {epoch + 1}: training loss {np.mean(losses):.4f}, "
            f"validation loss {loss:.4f}, accuracy {accuracy:.2%}"
        )
    loss, accuracy = evaluate(*test)
    print(f"test: loss {loss:.4f}, accuracy {accuracy:.2%}")
"#;

fn check(plan: &Plan) -> String {
    let mut kinds = vec![
        "            if isinstance(layer, nn.Linear):  # the page keeps [inputs, units], PyTorch its transpose
                layer.weight.copy_(weights[f\"{name}.weight\"].T)
                layer.bias.copy_(weights[f\"{name}.bias\"])",
    ];
    if plan.any(|layer| matches!(layer, LayerSpec::Conv2d { .. })) {
        kinds.push(
            "            if isinstance(layer, nn.Conv2d):
                layer.weight.copy_(weights[f\"{name}.weight\"])
                layer.bias.copy_(weights[f\"{name}.bias\"])",
        );
    }
    if plan.any(|layer| matches!(layer, LayerSpec::BatchNorm)) {
        kinds.push(
            "            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                layer.weight.copy_(weights[f\"{name}.gamma\"])
                layer.bias.copy_(weights[f\"{name}.beta\"])",
        );
    }
    format!(
        r#"    from safetensors.torch import load_file

    weights = load_file(f"{{folder}}/weights.safetensors")
    with torch.no_grad():
        for name, layer in model.named_children():
{}
    batches = load_file(f"{{folder}}/batches.safetensors")
    model.double()
    losses = []
    for n in range(1, len(batches) // 2 + 1):
        losses.append(train_step(batches[f"x{{n}}"].double(), batches[f"y{{n}}"].long()))
"#,
        kinds.join("\n")
    )
}
