"""Reference numbers for the engine's tests, made by PyTorch in double precision.

    python3 -m venv /some/venv && /some/venv/bin/pip install torch==2.2.2 "numpy<2"
    /some/venv/bin/python tests/reference/make_numbers.py > tests/reference/numbers.json

The engine's tests (`engine/tests/native/`) read `numbers.json`; nobody needs PyTorch to run them. Inputs are written out
here, so each number can be checked by hand or with another library.
"""

import json
import math
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def numbers(tensor):
    """A tensor as nested lists, rounded to 12 digits so that the file does not change with the order of a sum."""

    def rounded(value):
        if isinstance(value, list):
            return [rounded(item) for item in value]
        return float(f"{value:.12g}")

    return rounded(tensor.detach().tolist())


def tensor(values):
    return torch.tensor(values, requires_grad=True)


def ramp(*shape, scale=0.1, shift=0.0):
    """Values that are not symmetric, not sorted and easy to write in any language: scale · sin(1.7 i + 0.3) + shift."""
    count = math.prod(shape)
    return torch.tensor([scale * math.sin(1.7 * i + 0.3) + shift for i in range(count)]).reshape(shape)


def optimizers():
    start = [0.5, -1.2, 2.0]
    gradients = [[0.1, -0.4, 1.5], [0.3, 0.2, -0.8], [-0.25, 0.05, 0.6], [0.0, -0.9, 0.01], [1e-4, 0.7, -2.0]]
    kinds = {
        "sgd": (0.1, lambda w, **more: torch.optim.SGD(w, **more)),
        "momentum": (0.03, lambda w, **more: torch.optim.SGD(w, momentum=0.9, dampening=0, **more)),
        "nesterov": (0.03, lambda w, **more: torch.optim.SGD(w, momentum=0.9, dampening=0, nesterov=True, **more)),
        "adagrad": (0.1, lambda w, **more: torch.optim.Adagrad(w, lr_decay=0, initial_accumulator_value=0, eps=1e-10, **more)),
        "rmsprop": (0.01, lambda w, **more: torch.optim.RMSprop(w, alpha=0.99, eps=1e-8, momentum=0, **more)),
        "adam": (0.01, lambda w, **more: torch.optim.Adam(w, betas=(0.9, 0.999), eps=1e-8, **more)),
        "adamw": (0.01, lambda w, **more: torch.optim.AdamW(w, betas=(0.9, 0.999), eps=1e-8, **(more | {"weight_decay": 0.01}))),
    }
    out = []
    for name, (rate, make) in kinds.items():
        for l1, l2 in ((0.0, 0.0), (0.0, 0.05), (0.02, 0.0)):
            weights = tensor(start)
            optimizer = make([weights], lr=rate, weight_decay=l2)
            path = []
            for gradient in gradients:
                # PyTorch's optimizers know no L1: the penalty stands in the loss. AdamW's own decay is no L2, so that goes there too.
                in_loss = 0.5 * l2 if name == "adamw" else 0.0
                optimizer.zero_grad()
                ((torch.tensor(gradient) * weights).sum() + l1 * weights.abs().sum() + in_loss * (weights**2).sum()).backward()
                optimizer.step()
                path.append(numbers(weights))
            out.append(
                {"name": name, "lr": rate, "l1": l1, "l2": l2, "start": start, "gradients": gradients, "weights": path}
            )
    return out


def heads():
    """One logit for two classes, and one value, with their losses."""
    out = []
    for name, targets, loss_of in (
        ("sigmoid", [1.0, 1.0, 0.0, 0.0, 1.0], F.binary_cross_entropy_with_logits),
        ("linear", [0.3, -1.0, 0.0, 0.25, 2.0], F.mse_loss),
    ):
        outputs = tensor([[2.0], [-1.0], [0.5], [0.0], [0.0]])
        loss = loss_of(outputs, torch.tensor(targets).reshape(5, 1))
        loss.backward()
        out.append(
            {"name": name, "outputs": numbers(outputs), "targets": targets, "loss": numbers(loss), "gradient": numbers(outputs.grad)}
        )
    return out


def cross_entropy():
    logits = tensor([[0.2, -1.3, 0.8, 2.1], [3.0, -0.5, 0.1, 0.4], [-2.0, 1.5, 1.4, -0.3]])
    targets = [3, 1, 2]
    loss = F.cross_entropy(logits, torch.tensor(targets))
    loss.backward()
    return {"logits": numbers(logits), "targets": targets, "loss": numbers(loss), "gradient": numbers(logits.grad)}


def batch_norm(shape):
    channels = shape[1]
    module = (torch.nn.BatchNorm2d if len(shape) == 4 else torch.nn.BatchNorm1d)(channels, eps=1e-5, momentum=0.1)
    x = ramp(*shape, scale=2.0, shift=0.7).requires_grad_()
    gamma = [1.5, 0.5, -2.0][:channels]
    beta = [0.1, -0.3, 0.25][:channels]
    upstream = ramp(*shape, scale=1.0, shift=0.2)
    with torch.no_grad():
        module.weight.copy_(torch.tensor(gamma))
        module.bias.copy_(torch.tensor(beta))
    output = module(x)
    (output * upstream).sum().backward()
    module.eval()
    return {
        "shape": list(shape), "input": numbers(x), "gamma": gamma, "beta": beta, "upstream": numbers(upstream),
        "output": numbers(output), "running_mean": numbers(module.running_mean), "running_var": numbers(module.running_var),
        "grad_input": numbers(x.grad), "grad_gamma": numbers(module.weight.grad), "grad_beta": numbers(module.bias.grad),
        "eval_output": numbers(module(x)),
    }


def dropout():
    """Survivors are scaled by 1 / (1 − rate): read off PyTorch's own output on ones."""
    out = []
    for rate in (0.0, 0.25, 0.5, 0.8):
        torch.manual_seed(0)
        values = F.dropout(torch.ones(10_000), p=rate, training=True)
        out.append({"rate": rate, "survivor": numbers(values.max()), "eval": numbers(F.dropout(torch.ones(1), p=rate, training=False)[0])})
    return out


def activations():
    points = [-20.0, -3.0, -0.7, 0.1, 0.9, 3.0, 20.0]
    kinds = {
        "relu": F.relu,
        "leaky": lambda x: F.leaky_relu(x, 0.01),
        "elu": lambda x: F.elu(x, 1.0),
        "gelu": lambda x: F.gelu(x, approximate="none"),
        "silu": F.silu,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "softplus": F.softplus,
        "linear": lambda x: x * 1.0,
    }
    out = []
    for name, function in kinds.items():
        x = tensor(points)
        y = function(x)
        y.sum().backward()
        out.append({"name": name, "x": points, "y": numbers(y), "slope": numbers(x.grad)})
    return out


def conv2d():
    out = []
    for padding, kernel in (("valid", 3), ("same", 3), ("valid", 2)):
        x = ramp(2, 2, 5, 4, scale=1.0).requires_grad_()
        weight = ramp(3, 2, kernel, kernel, scale=0.5, shift=0.05).requires_grad_()
        bias = tensor([0.1, -0.2, 0.3])
        y = F.conv2d(x, weight, bias, padding=padding)
        upstream = ramp(*y.shape, scale=1.0, shift=0.1)
        (y * upstream).sum().backward()
        out.append({
            "padding": padding, "kernel": kernel, "input": numbers(x), "weight": numbers(weight), "bias": numbers(bias),
            "output": numbers(y), "upstream": numbers(upstream),
            "grad_input": numbers(x.grad), "grad_weight": numbers(weight.grad), "grad_bias": numbers(bias.grad),
        })
    return out


def max_pool():
    x = ramp(2, 2, 5, 4, scale=1.0).requires_grad_()
    y = F.max_pool2d(x, 2)
    upstream = ramp(*y.shape, scale=1.0, shift=0.1)
    (y * upstream).sum().backward()
    return {"size": 2, "input": numbers(x), "output": numbers(y), "upstream": numbers(upstream), "grad_input": numbers(x.grad)}


def linear():
    """PyTorch keeps `[outputs, inputs]`, the engine `[inputs, outputs]`: given here as the engine has it."""
    x = ramp(2, 4, scale=1.0).requires_grad_()
    weight = ramp(4, 3, scale=0.5, shift=0.05).requires_grad_()
    bias = tensor([0.1, -0.2, 0.3])
    y = F.linear(x, weight.T, bias)
    upstream = ramp(2, 3, scale=1.0, shift=0.1)
    (y * upstream).sum().backward()
    return {
        "input": numbers(x), "weight": numbers(weight), "bias": numbers(bias), "output": numbers(y), "upstream": numbers(upstream),
        "grad_input": numbers(x.grad), "grad_weight": numbers(weight.grad), "grad_bias": numbers(bias.grad),
    }


def recurrent(kind):
    """PyTorch keeps `[gates · units, inputs]` and adds two biases; given here as the engine has it: `[inputs, gates · units]` and one
    bias, beside which a GRU keeps the bias that stands inside its reset gate."""
    steps, batch, inputs, units = 5, 2, 3, 4
    width = {"rnn": 1, "gru": 3, "lstm": 4}[kind] * units
    x = ramp(steps, batch, inputs, scale=1.0).requires_grad_()
    input_weight = ramp(inputs, width, scale=0.6, shift=0.05).requires_grad_()
    hidden_weight = ramp(units, width, scale=0.5, shift=-0.05).requires_grad_()
    bias = ramp(width, scale=0.3, shift=0.1).requires_grad_()
    hidden_bias = ramp(units, scale=0.4, shift=-0.2).requires_grad_()
    hidden, cell = ramp(1, batch, units, scale=0.4), ramp(1, batch, units, scale=0.7, shift=0.1)
    layer = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[kind](inputs, units)
    inner = torch.cat([torch.zeros(2 * units), hidden_bias]) if kind == "gru" else torch.zeros(width)
    y, last = torch.func.functional_call(layer, {
        "weight_ih_l0": input_weight.T, "weight_hh_l0": hidden_weight.T, "bias_ih_l0": bias, "bias_hh_l0": inner,
    }, (x, (hidden, cell) if kind == "lstm" else hidden))
    upstream = ramp(*y.shape, scale=1.0, shift=0.1)
    (y * upstream).sum().backward()
    lstm, gru = kind == "lstm", kind == "gru"
    return {
        "input": numbers(x), "input_weight": numbers(input_weight), "hidden_weight": numbers(hidden_weight), "bias": numbers(bias),
        **({"hidden_bias": numbers(hidden_bias)} if gru else {}),
        "first_hidden": numbers(hidden[0]), **({"first_cell": numbers(cell[0])} if lstm else {}), "output": numbers(y),
        **({"last_cell": numbers(last[1][0])} if lstm else {}),
        "upstream": numbers(upstream), "grad_input": numbers(x.grad), "grad_input_weight": numbers(input_weight.grad),
        "grad_hidden_weight": numbers(hidden_weight.grad), "grad_bias": numbers(bias.grad),
        **({"grad_hidden_bias": numbers(hidden_bias.grad)} if gru else {}),
    }


def inside(kind, row):
    """What goes on within `row`, a result of `recurrent`, for the first of its sequences: gates and states at every step, and how
    long the gradients of the states are when the loss is a sum over the last hidden state alone. PyTorch's layers keep this to
    themselves, so the formulas of their documentation are written out, and the hidden states must be the layer's."""
    at = {name: torch.tensor(value) for name, value in row.items()}
    hidden, cell = (at[name][0].requires_grad_() if name in at else None for name in ("first_hidden", "first_cell"))
    seen, hiddens, cells = [], [], []
    for t, x in enumerate(at["input"][:, 0]):
        below, before = x @ at["input_weight"] + at["bias"], hidden @ at["hidden_weight"]
        if kind == "rnn":
            hidden = torch.tanh(below + before)
            step = {}
        elif kind == "gru":
            (r, z, n), (before_r, before_z, before_n) = below.chunk(3), before.chunk(3)
            r, z = torch.sigmoid(r + before_r), torch.sigmoid(z + before_z)
            n = torch.tanh(n + r * (before_n + at["hidden_bias"]))
            hidden = (1 - z) * n + z * hidden
            step = {"reset": r, "update": z, "candidate": n}
        else:
            i, f, g, o = (below + before).chunk(4)
            i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
            cell = f * cell + i * g
            hidden = o * torch.tanh(cell)
            cell.retain_grad()
            cells.append(cell)
            step = {"input": i, "forget": f, "candidate": g, "output": o, "cell": cell}
        assert torch.allclose(hidden, at["output"][t, 0], rtol=0, atol=1e-11), (kind, t)
        hidden.retain_grad()
        hiddens.append(hidden)
        seen.append(step | {"hidden": hidden})
    upstream = at["upstream"][-1, 0]
    (hidden * upstream).sum().backward()
    norms = lambda states: [float(f"{state.grad.norm().item():.12g}") for state in states]
    return {
        "cell": kind, "parts": {name: numbers(torch.stack([step[name] for step in seen])) for name in seen[0]},
        "hidden_gradient_norms": norms(hiddens), "cell_gradient_norms": norms(cells),
    }


def initializers():
    """Bounds and standard deviations as torch.nn.init computes them, for a dense 300→100 and a convolution 8→16 of 5×5."""
    out = []
    shapes = {"dense": (100, 300), "conv": (16, 8, 5, 5)}
    for layer, shape in shapes.items():
        empty = torch.empty(shape)
        fan_in, fan_out = torch.nn.init._calculate_fan_in_and_fan_out(empty)
        relu = torch.nn.init.calculate_gain("relu")
        rows = {
            "glorot_uniform": ("bound", math.sqrt(3.0) * math.sqrt(2.0 / (fan_in + fan_out)), torch.nn.init.xavier_uniform_),
            "glorot_normal": ("std", math.sqrt(2.0 / (fan_in + fan_out)), torch.nn.init.xavier_normal_),
            "he_uniform": ("bound", math.sqrt(3.0) * relu / math.sqrt(fan_in),
                           lambda w: torch.nn.init.kaiming_uniform_(w, nonlinearity="relu")),
            "he_normal": ("std", relu / math.sqrt(fan_in), lambda w: torch.nn.init.kaiming_normal_(w, nonlinearity="relu")),
            # What torch.nn.Linear and Conv2d do in reset_parameters.
            "fan_in_uniform": ("bound", 1.0 / math.sqrt(fan_in), lambda w: torch.nn.init.kaiming_uniform_(w, a=math.sqrt(5.0))),
            "normal": ("std", 1.0, torch.nn.init.normal_),
        }
        for name, (what, value, fill) in rows.items():
            torch.manual_seed(1)
            drawn = fill(torch.empty(shape))
            # A formula mistyped here would not pass PyTorch's own draw.
            seen = drawn.abs().max() if what == "bound" else drawn.std()
            assert abs(float(seen) - value) < 0.05 * value, (name, float(seen), value)
            out.append({"name": name, "layer": layer, "fan_in": fan_in, "fan_out": fan_out, what: float(f"{value:.12g}"),
                        "std": float(f"{value / math.sqrt(3.0) if what == 'bound' else value:.12g}")})
    return out


def tiny_net():
    """6 → 5 (ReLU) → 3, batch of 4, five steps of Adam (lr 0.05): the loss before each step and the weights after the last."""
    x = ramp(4, 6, scale=1.0)
    targets = torch.tensor([0, 2, 1, 2])
    names = ("dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias")
    shapes = ((6, 5), (5,), (5, 3), (3,))
    start = [ramp(*shape, scale=0.5, shift=0.02) for shape in shapes]
    out = []
    for l2 in (0.0, 0.01):
        params = [value.clone().requires_grad_() for value in start]
        w1, b1, w2, b2 = params
        # The penalty is on weights only, as in the engine: biases are a group of their own.
        groups = [{"params": [w1, w2], "weight_decay": l2}, {"params": [b1, b2], "weight_decay": 0.0}]
        optimizer = torch.optim.Adam(groups, lr=0.05, betas=(0.9, 0.999), eps=1e-8)
        losses, gradient_norms = [], []
        for _ in range(5):
            optimizer.zero_grad()
            loss = F.cross_entropy(F.relu(x @ w1 + b1) @ w2 + b2, targets)
            loss.backward()
            losses.append(numbers(loss))
            norms = [torch.sqrt((w.grad**2).sum() + (b.grad**2).sum()) for w, b in ((w1, b1), (w2, b2))]
            gradient_norms.append([numbers(norm) for norm in norms])
            optimizer.step()
        out.append({"l2": l2, "losses": losses, "gradient_norms": gradient_norms,
                    "weights": {name: numbers(value) for name, value in zip(names, params)}})
    return {"input": numbers(x), "targets": targets.tolist(), "lr": 0.05,
            "start": {name: numbers(value) for name, value in zip(names, start)}, "runs": out}


def main():
    cells = {kind: recurrent(kind) for kind in ("lstm", "gru", "rnn")}
    everything = {
        "made_with": f"tests/reference/make_numbers.py, PyTorch {torch.__version__.split('+')[0]}, Python {sys.version.split()[0]}, float64 on the CPU",
        "optimizers": optimizers(),
        "cross_entropy": cross_entropy(),
        "heads": heads(),
        "batch_norm": [batch_norm((4, 3)), batch_norm((2, 2, 3, 3))],
        "dropout": dropout(),
        "activations": activations(),
        "conv2d": conv2d(),
        "max_pool": max_pool(),
        "linear": linear(),
        **cells,
        "inside": [inside(kind, row) for kind, row in cells.items()],
        "initializers": initializers(),
        "tiny_net": tiny_net(),
    }
    text = json.dumps(everything, separators=(",", ":"))
    # One entry to a line: readable differences without 3,000 lines.
    for key in everything:
        text = text.replace(f'"{key}":', f'\n"{key}":', 1) if f'"{key}":' in text else text
    print(text)


main()
