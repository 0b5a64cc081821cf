"""Reference numbers for layers on sequences, made by PyTorch in double precision.

    python3 -m venv /some/venv && /some/venv/bin/pip install torch==2.2.2 "numpy<2"
    /some/venv/bin/python tests/reference/sequences.py > tests/reference/sequences.json

`engine/tests/native/sequence_layers.rs` reads them. Inputs are `[batch, steps, features]` or tokens `[batch, steps]`; where
`lengths` are given, each sequence is handed to PyTorch alone and as long as it is, so that nothing here knows of padding.
Gradients are those of Σ output · upstream.
"""

import json
import math
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
LENGTHS = [5, 3, 1]
TOKENS = torch.tensor([[3, 1, 4, 1, 2], [2, 6, 5, 0, 0], [1, 0, 0, 0, 0]])


def numbers(tensor):
    def rounded(value):
        return [rounded(item) for item in value] if isinstance(value, list) else float(f"{value:.12g}")

    return rounded(tensor.detach().tolist())


def ramp(*shape, scale=0.1, shift=0.0):
    count = math.prod(shape)
    return torch.tensor([scale * math.sin(1.7 * i + 0.3) + shift for i in range(count)]).reshape(shape)


def row(name, weights, run, lengths=None, tokens=None):
    """One layer: `run(x, weights)` takes one sequence alone, `[steps, features]` or `[steps]`."""
    weights = {key: value.clone().requires_grad_() for key, value in weights.items()}
    x = TOKENS[:, : tokens] if tokens else ramp(3, 5, 4, scale=1.0, shift=0.1).requires_grad_()
    each = [run(x[b, : (lengths[b] if lengths else None)], weights) for b in range(3)]
    upstream = [ramp(*it.shape, scale=1.0, shift=0.1 + b) for b, it in enumerate(each)]
    sum((it * up).sum() for it, up in zip(each, upstream)).backward()
    out = {
        "name": name, "input": x.tolist() if tokens else numbers(x), "weights": {key: numbers(value) for key, value in weights.items()},
        "output": [numbers(it.flatten()) for it in each], "upstream": [numbers(it.flatten()) for it in upstream],
        "grads": {key: numbers(value.grad) for key, value in weights.items()},
    }
    out |= {"lengths": lengths} if lengths else {}
    return out if tokens else out | {"grad_input": numbers(x.grad)}


def cell(kind, inputs, last, one_hot=False):
    """Weights as the engine has them (transposed, and one bias; a GRU's second stands inside its reset gate), and the layer."""
    units = 3
    width = {"rnn": 1, "gru": 3, "lstm": 4}[kind] * units
    layer = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[kind](inputs, units)
    weights = {
        "input_weight": ramp(inputs, width, scale=0.6, shift=0.05), "hidden_weight": ramp(units, width, scale=0.5, shift=-0.05),
        "bias": ramp(width, scale=0.3, shift=0.1),
    }
    if kind == "gru":
        weights["hidden_bias"] = ramp(units, scale=0.4, shift=-0.2)

    def run(x, w):
        x = F.one_hot(x, inputs).to(torch.float64) if one_hot else x
        inner = torch.cat([torch.zeros(2 * units), w["hidden_bias"]]) if kind == "gru" else torch.zeros(width)
        states, _ = torch.func.functional_call(layer, {
            "weight_ih_l0": w["input_weight"].T, "weight_hh_l0": w["hidden_weight"].T, "bias_ih_l0": w["bias"], "bias_hh_l0": inner,
        }, x)
        return states[-1] if last else states

    return weights, run


def conv1d(x, w):
    """The engine keeps [kernel · features, filters]."""
    kernel = w["weight"].reshape(2, 4, 3).permute(2, 1, 0)
    return F.conv1d(x.T, kernel, w["bias"]).T


def main():
    table = {"weight": ramp(7, 3, scale=0.8, shift=0.1)}
    kernel = {"weight": ramp(8, 3, scale=0.5, shift=0.05), "bias": torch.tensor([0.1, -0.2, 0.3])}
    norm = {"gamma": torch.tensor([1.5, 0.5, -2.0, 1.0]), "beta": torch.tensor([0.1, -0.3, 0.25, 0.0])}
    rows = [
        row("embed", table, lambda x, w: F.embedding(x, w["weight"]), tokens=5),
        row("embed,global:mean", table, lambda x, w: F.embedding(x, w["weight"]).mean(0), LENGTHS, tokens=5),
        row("embed,global:max", table, lambda x, w: F.embedding(x, w["weight"]).amax(0), LENGTHS, tokens=5),
        row("conv1d", kernel, conv1d),
        row("conv1d,global:mean", kernel, lambda x, w: conv1d(F.pad(x, (0, 0, 0, max(0, 2 - len(x)))), w).mean(0), LENGTHS),
        row("lnorm", norm, lambda x, w: F.layer_norm(x, (4,), w["gamma"], w["beta"], 1e-5)),
        row("global:mean", {}, lambda x, w: x.mean(0), LENGTHS),
        row("global:max", {}, lambda x, w: x.max(0).values, LENGTHS),
        row("flat", {}, lambda x, w: x.flatten()),
    ]
    for kind in ("rnn", "gru", "lstm"):
        rows.append(row(f"{kind}:all", *cell(kind, 4, last=False)))
        rows.append(row(f"{kind}:last", *cell(kind, 4, last=True)))
        rows.append(row(f"{kind}:last", *cell(kind, 4, last=True), LENGTHS))
        rows.append(row(f"{kind}:last", *cell(kind, 7, last=True, one_hot=True), LENGTHS, tokens=5))
    made_with = f"tests/reference/sequences.py, PyTorch {torch.__version__.split('+')[0]}, Python {sys.version.split()[0]}, float64 on the CPU"
    lines = [json.dumps(it, separators=(",", ":")) for it in rows]
    print(f'{{"made_with":{json.dumps(made_with)},"layers":[\n' + ",\n".join(lines) + "\n]}")


main()
