"""First three losses of the bench works `cnn-cifar`, `lstm-char` and `tiny`, in double precision with NumPy.

Inputs and first weights are those of the comparison: mulberry32, seed 1234 for the batches and 100 + position for the tensor at
that position in the list of parameters, weights uniform in ±1/√fan in. Run it and compare with `engine/src/bench/mod.rs`:

    python3 tests/reference/bench.py
"""

import numpy as np


def mulberry32(seed, count):
    state = (seed + 0x6D2B79F5 * np.arange(1, count + 1, dtype=np.uint64)).astype(np.uint64) & 0xFFFFFFFF
    multiply = lambda a, b: (a * b) & 0xFFFFFFFF
    mixed = multiply(state ^ (state >> np.uint64(15)), state | np.uint64(1))
    mixed = ((mixed + multiply(mixed ^ (mixed >> np.uint64(7)), mixed | np.uint64(61))) & 0xFFFFFFFF) ^ mixed
    return (mixed ^ (mixed >> np.uint64(14))).astype(np.float64) / 2**32


def first_weights(shapes):
    weights = []
    for position, shape in enumerate(shapes):
        if len(shape) == 1:
            weights.append(np.zeros(shape))
            continue
        size = int(np.prod(shape))
        bound = 1 / np.sqrt(size / shape[-1])
        weights.append(np.float32((2 * mulberry32(100 + position, size) - 1) * bound).astype(np.float64).reshape(shape))
    return weights


class Adam:
    def __init__(self, weights, rate):
        self.rate, self.step = rate, 0
        self.mean = [np.zeros_like(w) for w in weights]
        self.square = [np.zeros_like(w) for w in weights]

    def update(self, weights, grads):
        self.step += 1
        for w, g, m, v in zip(weights, grads, self.mean, self.square):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            w -= self.rate * (m / (1 - 0.9**self.step)) / (np.sqrt(v / (1 - 0.999**self.step)) + 1e-8)


def cross_entropy(logits, labels):
    shifted = logits - logits.max(1, keepdims=True)
    p = np.exp(shifted) / np.exp(shifted).sum(1, keepdims=True)
    rows = np.arange(len(labels))
    loss = -np.log(p[rows, labels]).mean()
    p[rows, labels] -= 1
    return loss, p / len(labels)


def columns(x, kernel):
    """Channels-last patches with a border of zeros, [batch, height, width, kernel, kernel, channels]."""
    border = kernel // 2
    x = np.pad(x, ((0, 0), (border, border), (border, border), (0, 0)))
    return np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), (1, 2)).transpose(0, 1, 2, 4, 5, 3)


def conv_relu(x, w, b):
    patches = columns(x, w.shape[0])
    y = np.maximum(np.tensordot(patches, w, 3) + b, 0)
    def backward(dy):
        dz = dy * (y > 0)
        dw = np.tensordot(patches, dz, ((0, 1, 2), (0, 1, 2)))
        dx = np.tensordot(columns(dz, w.shape[0]), w[::-1, ::-1].transpose(0, 1, 3, 2), 3)
        return dx, dw, dz.sum((0, 1, 2))
    return y, backward


def pool(x):
    b, h, w, c = x.shape
    windows = x.reshape(b, h // 2, 2, w // 2, 2, c).transpose(0, 1, 3, 5, 2, 4).reshape(b, h // 2, w // 2, c, 4)
    winner = windows.argmax(-1)
    def backward(dy):
        out = np.zeros_like(windows)
        np.put_along_axis(out, winner[..., None], dy[..., None], -1)
        return out.reshape(b, h // 2, w // 2, c, 2, 2).transpose(0, 1, 4, 2, 5, 3).reshape(b, h, w, c)
    return windows.max(-1), backward


def cnn_cifar():
    w = first_weights([(3, 3, 3, 32), (32,), (3, 3, 32, 64), (64,), (4096, 128), (128,), (128, 10), (10,)])
    x = np.float32(mulberry32(1234, 4 * 64 * 3072)).astype(np.float64).reshape(4, 64, 32, 32, 3)
    labels, adam = np.arange(64) % 10, Adam(w, 0.001)
    for step in range(3):
        h1, back1 = conv_relu(x[step], w[0], w[1])
        p1, unpool1 = pool(h1)
        h2, back2 = conv_relu(p1, w[2], w[3])
        p2, unpool2 = pool(h2)
        flat = p2.reshape(64, -1)
        hidden = np.maximum(flat @ w[4] + w[5], 0)
        loss, d = cross_entropy(hidden @ w[6] + w[7], labels)
        yield loss
        dh = (d @ w[6].T) * (hidden > 0)
        dp1, dk2, dc2 = back2(unpool2((dh @ w[4].T).reshape(p2.shape)))
        _, dk1, dc1 = back1(unpool1(dp1))
        adam.update(w, [dk1, dc1, dk2, dc2, flat.T @ dh, dh.sum(0), hidden.T @ d, d.sum(0)])


def lstm_char():
    sigmoid = lambda z: 1 / (1 + np.exp(-z))
    w = first_weights([(65, 512), (128, 512), (512,), (128, 65), (65,)])
    tokens = np.floor(mulberry32(1234, 4 * 40 * 64) * 65).astype(int).reshape(4, 40, 64)
    labels, adam = np.arange(64) % 65, Adam(w, 0.001)
    for step in range(3):
        h, c, kept = np.zeros((64, 128)), np.zeros((64, 128)), []
        for ids in tokens[step]:
            i, f, g, o = np.split(w[0][ids] + h @ w[1] + w[2], 4, axis=1)
            i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
            kept.append((ids, h, c, i, f, g, o))
            c = f * c + i * g
            h = o * np.tanh(c)
            kept[-1] += (c,)
        loss, d = cross_entropy(h @ w[3] + w[4], labels)
        yield loss
        grads = [np.zeros_like(it) for it in w]
        grads[3], grads[4] = h.T @ d, d.sum(0)
        dh, dc = d @ w[3].T, 0
        for ids, before, c_before, i, f, g, o, c in reversed(kept):
            dc = dc + dh * o * (1 - np.tanh(c) ** 2)
            ds = np.concatenate([dc * g * i * (1 - i), dc * c_before * f * (1 - f), dc * i * (1 - g * g),
                                 dh * np.tanh(c) * o * (1 - o)], axis=1)
            np.add.at(grads[0], ids, ds)
            grads[1] += before.T @ ds
            grads[2] += ds.sum(0)
            dh, dc = ds @ w[1].T, dc * f
        adam.update(w, grads)


def tiny():
    w = first_weights([(2, 8), (8,), (8, 8), (8,), (8, 1), (1,)])
    x = np.float32(mulberry32(1234, 4 * 20)).astype(np.float64).reshape(4, 10, 2)
    y = (np.arange(10) % 2 * 2 - 1)[:, None]
    for step in range(3):
        a = np.tanh(x[step] @ w[0] + w[1])
        b = np.tanh(a @ w[2] + w[3])
        error = b @ w[4] + w[5] - y
        yield 0.5 * (error**2).mean()
        d = error / 10
        db = (d @ w[4].T) * (1 - b * b)
        da = (db @ w[2].T) * (1 - a * a)
        for weight, grad in zip(w, [x[step].T @ da, da.sum(0), a.T @ db, db.sum(0), b.T @ d, d.sum(0)]):
            weight -= 0.03 * grad


for work in (cnn_cifar, lstm_char, tiny):
    print(work.__name__, [float(f"{loss:.6f}") for loss in work()])
