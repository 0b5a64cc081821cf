"""Trains a session's model again with PyTorch, from the same first weights on the same batches, and compares the losses.

    python3 tests/reference/replay.py FOLDER

FOLDER holds `start.safetensors` (the weights before the first step), `batches.safetensors` (`pixels` [steps, batch, 784] and
`classes` [steps, batch]) and `expected.json` with `{"losses": [..], "optimizer": "adam", "lr": .., "l2": ..}`.
Models without dropout only: its masks are the engine's own.
"""

import json
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors import safe_open

ACTIVATIONS = {
    "linear": lambda x: x, "relu": F.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "elu": F.elu, "silu": F.silu,
    "gelu": F.gelu, "softplus": F.softplus, "leaky": lambda x: F.leaky_relu(x, 0.01),
}


def build(layers, tensors):
    """A function from pixels to logits, and the trained parameters: those with the penalty, and those without."""
    steps, with_l2, without_l2, count = [], [], [], {}
    for kind, *words in layers:
        count[kind] = count.get(kind, 0) + 1
        name = f"{kind}{count[kind]}"
        if kind in ("dense", "conv"):
            weight = tensors[f"{name}.weight"].clone().requires_grad_()
            bias = tensors[f"{name}.bias"].clone().requires_grad_()
            with_l2.append(weight)
            without_l2.append(bias)
            activation = ACTIVATIONS[words[-1]]
            if kind == "dense":
                steps.append(lambda x, w=weight, b=bias, a=activation: a(x.flatten(1) @ w + b))
            else:
                steps.append(lambda x, w=weight, b=bias, a=activation, p=words[2]: a(F.conv2d(x, w, b, padding=p)))
        elif kind == "pool":
            steps.append(lambda x, size=int(words[0]): F.max_pool2d(x, size))
        elif kind == "avgpool":
            steps.append(lambda x, size=int(words[0]): F.avg_pool2d(x, size))
        elif kind == "bn":
            gamma = tensors[f"{name}.gamma"].clone().requires_grad_()
            beta = tensors[f"{name}.beta"].clone().requires_grad_()
            without_l2 += [gamma, beta]
            steps.append(lambda x, g=gamma, b=beta: F.batch_norm(x, None, None, g, b, training=True, eps=1e-5))
        elif kind == "act":
            steps.append(ACTIVATIONS[words[0]])
        else:
            sys.exit(f"cannot replay a layer of kind {kind}")

    def forward(x):
        for step in steps:
            x = step(x)
        return x

    return forward, with_l2, without_l2


def main():
    folder = pathlib.Path(sys.argv[1])
    expected = json.loads((folder / "expected.json").read_text())
    with safe_open(folder / "start.safetensors", framework="pt") as file:
        tensors = {name: file.get_tensor(name).double() for name in file.keys()}
    with safe_open(folder / "batches.safetensors", framework="pt") as file:
        pixels, classes = file.get_tensor("pixels").double(), file.get_tensor("classes").long()
    layers = [layer.split(":") for layer in expected["layers"].split(",")] + [["dense", "10", "linear"]]
    forward, with_l2, without_l2 = build(layers, tensors)
    groups = [{"params": with_l2, "weight_decay": expected["l2"]}, {"params": without_l2, "weight_decay": 0.0}]
    optimizer = {
        "sgd": lambda: torch.optim.SGD(groups, lr=expected["lr"]),
        "momentum": lambda: torch.optim.SGD(groups, lr=expected["lr"], momentum=0.9),
        "rmsprop": lambda: torch.optim.RMSprop(groups, lr=expected["lr"], alpha=0.99, eps=1e-8),
        "adam": lambda: torch.optim.Adam(groups, lr=expected["lr"], eps=1e-8),
    }[expected["optimizer"]]()
    worst = 0.0
    for x, y, ours in zip(pixels, classes, expected["losses"]):
        optimizer.zero_grad()
        loss = F.cross_entropy(forward(x.reshape(-1, 1, 28, 28)), y)
        loss.backward()
        optimizer.step()
        worst = max(worst, abs(loss.item() - ours) / loss.item())
    print(f"{expected['optimizer']}, {expected['layers']}: {len(expected['losses'])} losses, largest difference {worst:.1e} relative")
    if worst > 1e-3:
        sys.exit("The losses differ by more than 1e-3 relative.")


main()
