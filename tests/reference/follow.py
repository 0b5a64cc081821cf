"""One example forwards and backwards through 50 random small nets, by hand in NumPy and double precision.

    python3 -m venv /some/venv && /some/venv/bin/pip install numpy
    /some/venv/bin/python tests/reference/follow.py > tests/reference/follow.json

`engine/tests/native/follow.rs` reads the file. Forward: z = x W + b, a = act(z). Backward, the chain rule layer by layer:
dL/dz = dL/da · act'(z), dL/dW = xᵀ dL/dz, dL/db = dL/dz, and dL/dx = W dL/dz is dL/da of the layer below. Dropout lets everything
through and penalties are left out, so layers and options of that kind in a link must change nothing.
"""

import json
import math
import sys

import numpy as np

erf = np.vectorize(math.erf)
normal = lambda z: 0.5 * (1 + erf(z / math.sqrt(2)))
density = lambda z: np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
sigma = lambda z: 1 / (1 + np.exp(-z))

# id: (function, derivative)
ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "leaky": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1.0, 0.01)),
    "elu": (lambda z: np.where(z > 0, z, np.exp(z) - 1), lambda z: np.where(z > 0, 1.0, np.exp(z))),
    "gelu": (lambda z: z * normal(z), lambda z: normal(z) + z * density(z)),
    "silu": (lambda z: z * sigma(z), lambda z: sigma(z) * (1 + z * (1 - sigma(z)))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (sigma, lambda z: sigma(z) * (1 - sigma(z))),
    "softplus": (lambda z: np.log(1 + np.exp(z)), sigma),
    "linear": (lambda z: z, np.ones_like),
}
FEATURES = ["x", "y", "xy", "x2", "sin_y"]
# Neither these layers nor these options may act on an example that is followed.
IDLE = ["", "&l2=0.1", "&l1=0.05", "&opt=adamw"]


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def head_of(kind, z, target):
    """Answer, loss, dL/dz and the other losses, from their definitions."""
    if kind == "linear":
        error = z[0] - target
        return z, error**2, np.array([2 * error]), {"squared": error**2, "absolute": abs(error)}
    if kind == "sigmoid":
        p, t = sigma(z[0]), 2 * target - 1
        loss = -target * math.log(p) - (1 - target) * math.log(1 - p)
        others = {
            "squared": (p - target) ** 2,
            "absolute": abs(p - target),
            "categorical": -math.log(p if target == 1 else 1 - p),
            "binary": loss,
            "hinge": max(0, 1 - t * z[0]),
        }
        return np.array([p]), loss, np.array([p - target]), others
    p, y = softmax(z), np.eye(len(z))[target]
    others = {
        "squared": np.mean((p - y) ** 2),
        "absolute": np.mean(np.abs(p - y)),
        "categorical": -math.log(p[target]),
        "binary": np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p)),
        "hinge": max(0, 1 + np.delete(z, target).max() - z[target]),
    }
    return p, -math.log(p[target]), p - y, others


def net(idx, rng):
    kind = ["sigmoid", "softmax", "linear"][idx % 3]
    n_classes = int(rng.integers(3, 6)) if kind == "softmax" else {"sigmoid": 2, "linear": 0}[kind]
    n_features = int(rng.integers(1, 6))
    widths = [int(rng.integers(1, 6)) for _ in range(int(rng.integers(1, 4)))]
    names = [str(rng.choice(list(ACTIVATIONS))) for _ in widths]
    # Each activation is seen at least once, whatever is drawn.
    names[0] = list(ACTIVATIONS)[idx % len(ACTIVATIONS)]
    layers = [f"dense:{width}:{name}" for width, name in zip(widths, names)]
    if idx % 5 == 4:
        layers.insert(1, "drop:0.5")
    data = {"sigmoid": "circle", "linear": "hill", "softmax": f"gaussians?classes={n_classes}"}[kind]
    link = f"{data}{'&' if '?' in data else '?'}features={','.join(FEATURES[:n_features])}&layers={','.join(layers)}{IDLE[idx % 4]}"

    x = np.round(rng.uniform(-1.2, 1.2, n_features), 3)
    target = round(float(rng.uniform(-1, 1)), 3) if kind == "linear" else int(rng.integers(0, n_classes))
    shapes = zip([n_features, *widths], [*widths, n_classes if kind == "softmax" else 1])
    weights = [(np.round(rng.uniform(-1.5, 1.5, shape), 3), np.round(rng.uniform(-1, 1, shape[1]), 3)) for shape in shapes]

    stations, a = [], x
    for (w, b), name in zip(weights, [*names, "linear"]):
        act, slope = ACTIVATIONS[name]
        z = a @ w + b
        stations.append({"x": a, "w": w, "b": b, "z": z, "a": act(z), "slope": slope(z)})
        a = act(z)
    answer, loss, upstream, losses = head_of(kind, a, target)
    for it in reversed(stations):
        it["da"] = upstream
        it["dz"] = upstream * it["slope"]
        it["dw"] = np.outer(it["x"], it["dz"])
        it["db"] = it["dz"]
        upstream = it["w"] @ it["dz"]
    return {
        "link": link,
        "smooth": not {"relu", "leaky", "elu"} & set(names),
        "x": x,
        "target": target,
        "answer": answer,
        "loss": loss,
        "losses": losses,
        "layers": [{key: value for key, value in it.items() if key != "x"} for it in stations],
    }


def plain(value):
    """Numbers rounded to 12 digits, so that the file does not change with the order of a sum."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, np.ndarray)):
        return [plain(item) for item in value]
    return float(f"{value:.12g}") if isinstance(value, (float, np.floating)) else value


def write(what, make, seed):
    """Fifty of them as JSON, one on a line."""
    rng = np.random.default_rng(seed)
    nets = ",\n".join(json.dumps(plain(make(idx, rng)), separators=(",", ":")) for idx in range(50))
    made_with = f"tests/reference/{what}, NumPy {np.__version__}, Python {sys.version.split()[0]}, float64"
    print(f'{{\n"made_with":{json.dumps(made_with)},\n"nets":[\n{nets}\n]}}')


if __name__ == "__main__":
    write("follow.py", net, 7)
