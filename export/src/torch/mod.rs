//! PyTorch: a Sequential of modules (for sequences a module of one's own), autograd, and a loop of one's own.

mod pair;
mod sequence;
mod words;

use crate::plan::{Plan, activation, batch_shape, n_channels, number, with_comments};
use crate::python::{self, Script, main_loop, metric};
use crate::{Dialect, Unsupported, schedule};
use descent_spec::model::TracedLayer;
use descent_spec::registry::Registry;
use descent_spec::{Activation, Cell, Head, Initializer, LayerSpec, OptimizerSpec, Padding, Shape};

/// The program, or why there is none.
pub(crate) fn write(plan: &Plan) -> Result<String, Unsupported> {
    let norm_of_one = |it: &TracedLayer| {
        let per_channel = match it.input {
            Shape::Image { height, width, .. } => height * width,
            _ => 1,
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
            std_imports: if plan.is_sequence() { &[] } else { &["from collections import OrderedDict"] },
            imports: imports(plan),
            seeding: "torch.manual_seed(SEED)",
            parts: vec![model(plan), optimizer(plan), schedule::torch(plan), training(plan)],
            check: check(plan),
        },
    ))
}

fn imports(plan: &Plan) -> String {
    let schedulers = if schedule::is_constant(plan) { "" } else { "\nfrom torch.optim import lr_scheduler" };
    format!("import numpy as np\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F{schedulers}")
}

fn model(plan: &Plan) -> String {
    if plan.is_pair() {
        return pair::model(plan);
    }
    if plan.is_words() {
        return words::model(plan);
    }
    if plan.is_sequence() {
        return sequence::model(plan);
    }
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
    if let (LayerSpec::Dense { .. }, Shape::Image { .. }) = (&it.layer, it.input) {
        rows.push(row("flatten", "nn.Flatten()".into(), &batch_shape(Shape::Flat { units: it.input.len() })));
    }
    rows.push(row(name, module_of(it), &shape));
    if let (LayerSpec::Dense { .. } | LayerSpec::Conv2d { .. }, Some(function)) = (&it.layer, activation(&it.layer)) {
        rows.push(row(&format!("{name}_{}", function.id()), self::module(function).into(), ""));
    }
    rows
}

/// The module that is the layer, without its activation; pooling over time is none.
fn module_of(it: &TracedLayer) -> String {
    let channels = n_channels(it.input);
    match (&it.layer, it.input) {
        // Of a sequence each step is taken by itself.
        (LayerSpec::Dense { units, .. }, Shape::Sequence { .. } | Shape::Pair { .. }) => {
            format!("nn.Linear({channels}, {units})")
        }
        (LayerSpec::Dense { units, .. }, input) => format!("nn.Linear({}, {units})", input.len()),
        (LayerSpec::Conv2d { filters, kernel, padding, .. }, _) => {
            let padding = match padding {
                Padding::Valid => "",
                Padding::Same => ", padding=\"same\"",
            };
            format!("nn.Conv2d({channels}, {filters}, {kernel}{padding})")
        }
        (LayerSpec::MaxPool2d { size }, _) => format!("nn.MaxPool2d({size})"),
        (LayerSpec::AvgPool2d { size }, _) => format!("nn.AvgPool2d({size})"),
        (LayerSpec::BatchNorm, input) => {
            let dims = if matches!(input, Shape::Image { .. }) { 2 } else { 1 };
            format!("nn.BatchNorm{dims}d({channels}, eps=1e-5, momentum=0.1)")
        }
        (LayerSpec::Dropout { rate }, _) => format!("nn.Dropout({})", number(*rate)),
        (LayerSpec::Activate { activation }, _) => module(*activation).into(),
        (LayerSpec::LayerNorm, _) => format!("nn.LayerNorm({channels}, eps=1e-5)"),
        // `code` has refused the dot products.
        (LayerSpec::Flatten | LayerSpec::Compare, _) => "nn.Flatten()".into(),
        (LayerSpec::Embedding { features, .. }, _) => format!("nn.Embedding({channels}, {features})"),
        (LayerSpec::Recurrent { cell, units, .. }, _) => {
            let class = match cell {
                Cell::Rnn => "RNN",
                Cell::Gru => "GRU",
                Cell::Lstm => "LSTM",
            };
            format!("nn.{class}({channels}, {units}, batch_first=True)")
        }
        (LayerSpec::Conv1d { filters, kernel, .. }, _) => format!("nn.Conv1d({channels}, {filters}, {kernel})"),
        (LayerSpec::GlobalPool { .. }, _) => "nn.Identity()".into(),
        // `pair` writes them.
        (LayerSpec::Attend { .. } | LayerSpec::Positions | LayerSpec::Transformer { .. }, _) => "nn.Identity()".into(),
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

/// What first weights are, and the statement that draws those of a layer unless they are PyTorch's own.
fn draw(initializer: Initializer) -> (&'static str, Option<&'static str>) {
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
        Initializer::UnitNormal => ("Normal, σ = 1 whatever the width: deep nets explode", "nn.init.normal_(layer.weight)"),
        Initializer::Zeros => ("All zero: hidden units never become different", "nn.init.zeros_(layer.weight)"),
        Initializer::FanInUniform => {
            return ("First weights and biases are PyTorch's own: uniform in ±1 / √(fan in)", None);
        }
    };
    (about, Some(draw))
}

fn initializer(initializer: Initializer, has_convolution: bool) -> String {
    let (about, draw) = draw(initializer);
    let Some(draw) = draw else { return format!("# {about}.\n") };
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
        OptimizerSpec::Nesterov { beta } => ("SGD", format!(", momentum={}, nesterov=True", number(beta))),
        OptimizerSpec::AdaGrad { epsilon } => ("Adagrad", format!(", eps={}", number(epsilon))),
        OptimizerSpec::RmsProp { alpha, epsilon } => ("RMSprop", format!(", alpha={}, eps={}", number(alpha), number(epsilon))),
        OptimizerSpec::Adam { beta1, beta2, epsilon } => {
            ("Adam", format!(", betas=({}, {}), eps={}", number(beta1), number(beta2), number(epsilon)))
        }
        OptimizerSpec::AdamW { beta1, beta2, epsilon, weight_decay } => {
            let [beta1, beta2, epsilon, weight_decay] = [beta1, beta2, epsilon, weight_decay].map(number);
            ("AdamW", format!(", betas=({beta1}, {beta2}), eps={epsilon}, weight_decay={weight_decay}"))
        }
    };
    let make = format!("# Training\n\noptimizer = torch.optim.{class}(model.parameters(), lr=LEARNING_RATE{options})\n");
    if !plan.has_penalty() {
        return make;
    }
    let mut terms = Vec::new();
    let mut about = Vec::new();
    if training.l1 > 0.0 {
        about.push("λ ‖w‖₁");
        terms.push("L1 * sum(w.abs().sum() for w in weights)");
    }
    if training.l2 > 0.0 {
        about.push("λ/2 ‖w‖²");
        terms.push("L2 / 2 * sum(w.square().sum() for w in weights)");
    }
    format!(
        r#"{make}

def penalty():
    """{} over weights and kernels. An optimizer's weight_decay would pull on biases, too."""
    weights = [p for p in model.parameters() if p.dim() > 1]
    return {}
"#,
        about.join(" + "),
        terms.join(" + ")
    )
}

fn training(plan: &Plan) -> String {
    let outputs = plan.outputs();
    let (name, _) = metric(plan);
    let (loss, column, total, sum) = match plan.head() {
        Head::Softmax { .. } => ("F.cross_entropy", "", "right", format!("({outputs}.argmax(dim=1) == part_y).sum().item()")),
        Head::Tokens { .. } => ("cross_entropy", "", "right", format!("({outputs}.argmax(dim=2) == part_y).sum().item()")),
        Head::Sigmoid => {
            let sum = format!("(({outputs} > 0) == (part_y > 0.5)).sum().item()");
            ("F.binary_cross_entropy_with_logits", "[:, 0]", "right", sum)
        }
        Head::Perceptron => ("perceptron", "[:, 0]", "right", format!("((2 * part_y - 1) * {outputs} > 0).sum().item()")),
        Head::Sampled { .. } => ("negative_sampling", "", "right", format!("({outputs}.argmax(dim=1) == part_y).sum().item()")),
        Head::Linear => ("F.mse_loss", "[:, 0]", "errors", format!("({outputs} - part_y).abs().sum().item()")),
    };
    let objective = if plan.has_penalty() { "(loss + penalty())" } else { "loss" };
    let (scheduler, go_on, before) = match schedule::is_constant(plan) {
        true => ("", "", String::new()),
        false => {
            let make = format!("    scheduler = make_scheduler({})\n", schedule::argument(plan, ""));
            (", scheduler", "\n    scheduler.step()", schedule::python_steps(plan).to_owned() + &make)
        }
    };
    let batches = format!(
        "        batches = torch.randperm(len(x)).split(BATCH_SIZE)
        losses = [train_step(x[batch], y[batch]{scheduler}) for batch in batches]"
    );
    let convert = |load: &str| format!("[(torch.from_numpy(x), torch.from_numpy(y)) for x, y in {load}]");
    let own_loss = match plan.head() {
        Head::Perceptron => PERCEPTRON,
        Head::Tokens { .. } => EVERY_STEP,
        Head::Sampled { .. } => words::LOSS,
        Head::Softmax { .. } | Head::Sigmoid | Head::Linear => "",
    };
    let besides = python::told_besides(plan, "model.word.weight.detach().numpy()", "*test");
    let answers = if plan.is_pair() { pair::WHOLLY_RIGHT } else { "" };
    // Of a text every step counts that has a target.
    let (all, count) = match plan.head() {
        Head::Tokens { .. } if plan.is_pair() => ("tokens of all answers", "(y >= 0).sum().item()"),
        Head::Tokens { .. } => ("steps of all windows", "(y >= 0).sum().item()"),
        Head::Softmax { .. } | Head::Sigmoid | Head::Perceptron | Head::Linear | Head::Sampled { .. } => ("examples", "len(x)"),
    };
    format!(
        r#"{own_loss}def train_step(x, y{scheduler}):
    """One batch: forward, backward, update. Returns the loss before the update, without a penalty."""
    optimizer.zero_grad()
    loss = {loss}(model(x){column}, y)
    {objective}.backward()
    optimizer.step(){go_on}
    return loss.item()


@torch.no_grad()
def evaluate(x, y):
    """Mean loss and {name} over all {all}, a thousand at a time."""
    model.eval()
    loss, {total} = 0.0, 0.0
    for part_x, part_y in zip(x.split(1000), y.split(1000)):
        {outputs} = model(part_x){column}
        loss += {loss}({outputs}, part_y, reduction="sum").item()
        {total} += {sum}
    model.train()
    return loss / {count}, {total} / {count}


{answers}{}"#,
        main_loop(plan, [&before, &batches, &besides], convert)
    )
}

const PERCEPTRON: &str = r#"def perceptron(z, y, reduction="mean"):
    """max(0, −t z) with t = 2 y − 1; where z is 0 the slope is −t, too, so that zero weights learn."""
    t = 2 * y - 1
    losses = -t * z * (t * z <= 0)
    return losses.sum() if reduction == "sum" else losses.mean()


"#;

const EVERY_STEP: &str = r#"def cross_entropy(logits, y, reduction="mean"):
    """Of every step: −log softmax(logits)[y]. A target of −1 is none, so that the step does not count."""
    return F.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=-1, reduction=reduction)


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
    if plan.any(|layer| matches!(layer, LayerSpec::LayerNorm)) {
        kinds.push(
            "            if isinstance(layer, nn.LayerNorm):
                layer.weight.copy_(weights[f\"{name}.gamma\"])
                layer.bias.copy_(weights[f\"{name}.beta\"])",
        );
    }
    let of_sequences = sequence::loaded(plan);
    kinds.extend(of_sequences.iter().map(String::as_str));
    kinds.extend(pair::loaded(plan));
    let helpers = pair::helpers(plan);
    let children = match plan.is_pair() {
        true => {
            "for child, layer in model.named_children():
            name = child.replace(\"_\", \".\")  # gru1_encoder is the page's gru1.encoder"
        }
        false => "for name, layer in model.named_children():",
    };
    let inputs = if plan.has_tokens() { "long" } else { "double" };
    let targets = match plan.head() {
        Head::Softmax { .. } | Head::Tokens { .. } | Head::Sampled { .. } => "long",
        Head::Sigmoid | Head::Perceptron | Head::Linear => "double",
    };
    let (scheduler, make) = match schedule::is_constant(plan) {
        true => ("", String::new()),
        false => (", scheduler", format!("    scheduler = make_scheduler({})\n", schedule::argument(plan, ""))),
    };
    let make = schedule::python_check_steps(plan).to_owned() + &make;
    let put = match plan.is_words() {
        true => words::LOADED.to_owned(),
        false => format!("        {children}\n{}", kinds.join("\n")),
    };
    let (before, x) = match plan.is_words() {
        true => (words::INPUTS, "x".to_owned()),
        false => ("", format!("batches[f\"x{{n}}\"].{inputs}()")),
    };
    format!(
        r#"    from safetensors.torch import load_file

    weights = load_file(f"{{folder}}/weights.safetensors")
{helpers}    with torch.no_grad():
{put}
    batches = load_file(f"{{folder}}/batches.safetensors")
    model.double()
{make}    losses = []
    for n in range(1, len(batches) // 2 + 1):
{before}        losses.append(train_step({x}, batches[f"y{{n}}"].{targets}(){scheduler}))
"#
    )
}
