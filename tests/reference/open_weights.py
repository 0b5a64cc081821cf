"""Opens a downloaded weights file with NumPy alone and computes what the engine computed.

    python3 tests/reference/open_weights.py FOLDER

FOLDER holds `weights.safetensors`, as the page's `weights()` returns it, and `expected.json` with
`{"rows": [{"pixels": [784 numbers], "probabilities": [10 numbers]}]}`. The model is read from the file's metadata.
"""

import json
import math
import pathlib
import sys

import numpy as np
from safetensors import safe_open

ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "leaky": lambda x: np.where(x > 0, x, 0.01 * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "gelu": np.vectorize(lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2)))),
    "softplus": lambda x: np.logaddexp(0, x),
}
PRESETS = {"mlp": "dense:128:relu", "cnn": "conv:16:5:valid:relu,pool:2,conv:32:5:valid:relu,pool:2,dense:64:relu"}


def layers_of(link):
    fields = dict(pair.split("=", 1) for pair in link.partition("?")[2].split("&") if pair)
    text = fields.get("layers", PRESETS[fields.get("model", "mlp")])
    hidden = [] if text == "none" else [layer.split(":") for layer in text.split(",")]
    return hidden + [["dense", "10", "linear"]]


def convolve(x, weight, bias, padding):
    _filters, _channels, kernel, _ = weight.shape
    if padding == "same":
        border = kernel // 2
        x = np.pad(x, ((0, 0), (border, border), (border, border)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), axis=(1, 2))  # [channels, height, width, k, k]
    return np.einsum("chwij,fcij->fhw", windows, weight) + bias[:, None, None]


def pool(x, size):
    channels, height, width = x.shape
    rows, columns = height // size, width // size
    return x[:, : rows * size, : columns * size].reshape(channels, rows, size, columns, size).max(axis=(2, 4))


def forward(tensors, layers, x):
    count = {}
    for kind, *words in layers:
        count[kind] = count.get(kind, 0) + 1

        def get(field):
            return tensors[f"{kind}{count[kind]}.{field}"].astype(np.float64)

        if kind == "dense":
            x = ACTIVATIONS[words[1]](x.reshape(-1) @ get("weight") + get("bias"))
        elif kind == "conv":
            x = ACTIVATIONS[words[3]](convolve(x, get("weight"), get("bias"), words[2]))
        elif kind == "pool":
            x = pool(x, int(words[0]))
        elif kind == "bn":
            shape = (-1,) + (1,) * (x.ndim - 1)
            mean, var, gamma, beta = (get(it).reshape(shape) for it in ("running_mean", "running_var", "gamma", "beta"))
            x = (x - mean) / np.sqrt(var + 1e-5) * gamma + beta
        elif kind == "act":
            x = ACTIVATIONS[words[0]](x)
        else:
            assert kind == "drop", kind  # Nothing is dropped outside training.
    exps = np.exp(x - x.max())
    return exps / exps.sum()


def main():
    folder = pathlib.Path(sys.argv[1])
    with safe_open(folder / "weights.safetensors", framework="numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        link = file.metadata()["link"]
    layers = layers_of(link)
    worst = 0.0
    rows = json.loads((folder / "expected.json").read_text())["rows"]
    for row in rows:
        probabilities = forward(tensors, layers, np.array(row["pixels"]).reshape(1, 28, 28))
        worst = max(worst, float(np.abs(probabilities - row["probabilities"]).max()))
    print(f"{link}: {len(tensors)} tensors, {len(rows)} examples, largest difference {worst:.1e}")
    if worst > 1e-5:
        sys.exit("The probabilities differ by more than 1e-5.")


main()
