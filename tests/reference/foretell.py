"""The next update of single weights in 50 random small nets after some steps of training, in NumPy and double precision.

    python3 -m venv /some/venv && /some/venv/bin/pip install numpy
    /some/venv/bin/python tests/reference/foretell.py > tests/reference/foretell.json

`engine/tests/native/foretell.rs` reads the file. A net learns from nine points in batches of four, four and one. The gradient is that
of the batch's mean loss; the penalties add l2 w + l1 sign(w) to it for weights, not for biases; the rules are PyTorch's, written out
in `update`. Foretold is the step after the last one done: its gradient, the optimizer's state before and after, the new weight.
"""

import numpy as np

from follow import ACTIVATIONS, head_of, write

# What `descent_engine::data::epoch_order` makes of nine examples and seed 1, epoch by epoch; the Rust test looks whether it still does.
ORDERS = [[3, 1, 5, 0, 8, 4, 7, 2, 6], [2, 5, 0, 8, 4, 3, 1, 7, 6], [6, 0, 1, 5, 2, 4, 8, 3, 7]]
BATCH = 4
N_POINTS = 9
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
FEATURES = {
    "x": lambda x, y: x,
    "y": lambda x, y: y,
    "xy": lambda x, y: x * y,
    "x2": lambda x, y: x * x,
    "sin_y": lambda x, y: np.sin(2 * np.pi * y),
}
# (spelling in a link, hyper-parameters, learning rate)
RULES = [
    ("sgd", {}, 0.3),
    ("momentum", {"beta": 0.9}, 0.1),
    ("nesterov:0.8", {"beta": 0.8}, 0.1),
    ("adagrad", {"epsilon": 1e-10}, 0.05),
    ("rmsprop:0.9:1e-6", {"alpha": 0.9, "epsilon": 1e-6}, 0.01),
    ("adam", {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, 0.02),
    ("adamw:0.8:0.99:1e-7:0.1", {"beta1": 0.8, "beta2": 0.99, "epsilon": 1e-7, "decay": 0.1}, 0.02),
    ("adamw", {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "decay": 0.01}, 0.02),
]
PENALTIES = [(0, 0), (0, 0.1), (0.05, 0), (0.02, 0.03)]
KINKED = {"relu", "leaky", "elu"}


def n_slots(name):
    return {"sgd": 0, "adam": 2, "adamw": 2}.get(name.split(":")[0], 1)


def update(name, hyper, lr, t, w, g, slots):
    """New weight, new state, and for Adam what is corrected; `t` counts from 1."""
    match name.split(":")[0]:
        case "sgd":
            return w - lr * g, [], []
        case "momentum":
            v = hyper["beta"] * slots[0] + g
            return w - lr * v, [v], []
        case "nesterov":
            v = hyper["beta"] * slots[0] + g
            return w - lr * (g + hyper["beta"] * v), [v], []
        case "adagrad":
            s = slots[0] + g**2
            return w - lr * g / (np.sqrt(s) + hyper["epsilon"]), [s], []
        case "rmsprop":
            s = hyper["alpha"] * slots[0] + (1 - hyper["alpha"]) * g**2
            return w - lr * g / (np.sqrt(s) + hyper["epsilon"]), [s], []
    m = hyper["beta1"] * slots[0] + (1 - hyper["beta1"]) * g
    v = hyper["beta2"] * slots[1] + (1 - hyper["beta2"]) * g**2
    m_hat, v_hat = m / (1 - hyper["beta1"] ** t), v / (1 - hyper["beta2"] ** t)
    kept = w - lr * hyper.get("decay", 0) * w
    return kept - lr * m_hat / (np.sqrt(v_hat) + hyper["epsilon"]), [m, v], [m_hat, v_hat]


def gradients(kind, names, params, xs, targets):
    """Of the mean loss of a batch, for each tensor; and how near any sum comes to a kink."""
    total, nearest = [np.zeros_like(p) for p in params], np.inf
    for x, target in zip(xs, targets):
        a, seen = x, []
        for nth, name in enumerate([*names, "linear"]):
            z = a @ params[2 * nth] + params[2 * nth + 1]
            seen.append((a, z, name))
            a = ACTIVATIONS[name][0](z)
            if name in KINKED:
                nearest = min(nearest, np.abs(z).min())
        upstream = head_of(kind, a, target)[2]
        for nth, (x_in, z, name) in reversed(list(enumerate(seen))):
            dz = upstream * ACTIVATIONS[name][1](z)
            total[2 * nth] += np.outer(x_in, dz) / len(xs)
            total[2 * nth + 1] += dz / len(xs)
            upstream = params[2 * nth] @ dz
    return total, nearest


def two_digits(thousandths):
    return DIGITS[(thousandths + 1500) // 64] + DIGITS[(thousandths + 1500) % 64]


def draw(idx, rng):
    """None where rounding to 32 bits could decide something: at a kink, and where a rule divides by a gradient of nearly nothing."""
    kind = ["sigmoid", "softmax"][idx % 2]
    n_classes = int(rng.integers(3, 6)) if kind == "softmax" else 2
    n_features = int(rng.integers(2, 6))
    widths = [int(rng.integers(1, 5)) for _ in range(int(rng.integers(1, 3)))]
    names = [str(rng.choice(list(ACTIVATIONS))) for _ in widths]
    names[0] = list(ACTIVATIONS)[idx % len(ACTIVATIONS)]
    rule, hyper, lr = RULES[idx % len(RULES)]
    l1, l2 = PENALTIES[int(rng.integers(0, 4))]
    n_steps = int(rng.integers(0, 8))

    points = rng.integers(-1200, 1201, (N_POINTS, 2))
    targets = rng.integers(0, n_classes, N_POINTS)
    own = "".join(f"{c}{two_digits(x)}{two_digits(y)}" for (x, y), c in zip(points.tolist(), targets.tolist()))
    layers = ",".join(f"dense:{width}:{name}" for width, name in zip(widths, names))
    features = list(FEATURES)[:n_features]
    link = f"own?classes={n_classes}&features={','.join(features)}&layers={layers}&opt={rule}&lr={lr}&batch={BATCH}"
    link += f"&l1={l1}" * (l1 > 0) + f"&l2={l2}" * (l2 > 0) + f"&val=0.05&own={own}"
    inputs = np.array([[FEATURES[name](x / 1000, y / 1000) for name in features] for x, y in points])

    shapes = list(zip([n_features, *widths], [*widths, n_classes if kind == "softmax" else 1]))
    params = []
    for shape in shapes:
        params += [np.round(rng.uniform(-1.5, 1.5, shape), 3), np.round(rng.uniform(-1, 1, shape[1]), 3)]
    first = [p.copy() for p in params]
    state = [[np.zeros_like(p) for _ in range(n_slots(rule))] for p in params]
    batches = [order[at : at + BATCH] for order in ORDERS for at in range(0, N_POINTS, BATCH)]
    told = []
    for t, batch in enumerate(batches[: n_steps + 1], start=1):
        grads, nearest = gradients(kind, names, params, inputs[batch], targets[batch])
        pulled = [g + (l2 * p + l1 * np.sign(p) if g.ndim == 2 else 0) for g, p in zip(grads, params)]
        is_small = any(((np.abs(g) < 1e-3) & (g != 0)).any() for g in pulled)
        if nearest < 1e-3 or any((p == 0).any() for p in params) or (is_small and n_slots(rule) and "epsilon" in hyper):
            return None
        results = [update(rule, hyper, lr, t, p, g, s) for p, g, s in zip(params, pulled, state)]
        if t == n_steps + 1:
            told = [
                {"w": p, "loss_gradient": g, "gradient": gp, "new": new, "before": s, "after": after, "corrected": corrected}
                for p, g, gp, s, (new, after, corrected) in zip(params, grads, pulled, state, results)
            ]
        params, state = [new for new, _, _ in results], [after for _, after, _ in results]

    def at(nth, input, unit):
        place = (unit,) if input is None else (input, unit)
        values = {key: value[place] for key, value in told[2 * nth + (input is None)].items() if isinstance(value, np.ndarray)}
        lists = {key: [it[place] for it in value] for key, value in told[2 * nth + (input is None)].items() if isinstance(value, list)}
        return {"layer": nth, "input": input, "unit": unit, **values, **lists}

    # A weight of the first layer, a bias of it, and a weight of the last one.
    last = len(shapes) - 1
    places = [(0, int(rng.integers(shapes[0][0])), 0), (0, None, shapes[0][1] - 1), (last, int(rng.integers(shapes[last][0])), 0)]
    start = [{"w": w, "b": b} for w, b in zip(first[::2], first[1::2])]
    return {"link": link, "n_steps": n_steps, "layers": start, "told": [at(*place) for place in places]}


def net(idx, rng):
    while (drawn := draw(idx, rng)) is None:
        pass
    return drawn


write("foretell.py", net, 11)
