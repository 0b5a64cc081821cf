"""Reference numbers for layers on pairs of sequences, made by PyTorch in double precision.

    python3 -m venv /some/venv && /some/venv/bin/pip install torch==2.2.2 "numpy<2"
    /some/venv/bin/python tests/reference/pairs.py > tests/reference/pairs.json

`engine/tests/native/pair_layers.rs` reads them. Sources are `[batch, 4, 4]`, targets `[batch, 3, 4]`; each pair is handed to PyTorch
alone and its source as long as it is, so that nothing here knows of padding. Outputs are the target's side, gradients those of
Σ output · upstream.
"""

import json
import math
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
LENGTHS = [4, 2]
FEATURES, HEADS, HIDDEN = 4, 2, 6


def numbers(tensor):
    def rounded(value):
        return [rounded(item) for item in value] if isinstance(value, list) else float(f"{value:.12g}")

    return rounded(tensor.detach().tolist())


def ramp(*shape, scale=0.1, shift=0.0):
    count = math.prod(shape)
    return torch.tensor([scale * math.sin(1.7 * i + 0.3) + shift for i in range(count)]).reshape(shape)


def row(name, weights, run):
    """One layer: `run(source, target, weights)` takes one pair alone, `[steps, features]` both."""
    weights = {key: value.clone().requires_grad_() for key, value in weights.items()}
    source = ramp(2, 4, FEATURES, scale=1.0, shift=0.1).requires_grad_()
    target = ramp(2, 3, FEATURES, scale=0.8, shift=-0.1).requires_grad_()
    each = torch.stack([run(source[b, : LENGTHS[b]], target[b], weights) for b in range(2)])
    upstream = ramp(*each.shape, scale=1.0, shift=0.2)
    (each * upstream).sum().backward()
    return {
        "name": name, "lengths": LENGTHS, "source": numbers(source), "target": numbers(target),
        "weights": {key: numbers(value) for key, value in weights.items()}, "output": numbers(each), "upstream": numbers(upstream),
        "grads": {key: numbers(value.grad) for key, value in weights.items()},
        "grad_source": numbers(source.grad), "grad_target": numbers(target.grad),
    }


def recurrent(kind):
    """Encoder and decoder; weights as the engine has them (transposed, and one bias; a GRU's second stands in its reset gate)."""
    units = 3
    width = {"rnn": 1, "gru": 3}[kind] * units
    layer = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU}[kind](FEATURES, units)
    weights = {}
    for nth, side in enumerate(("encoder", "decoder")):
        weights |= {
            f"{side}.input_weight": ramp(FEATURES, width, scale=0.6, shift=0.05 - 0.2 * nth),
            f"{side}.hidden_weight": ramp(units, width, scale=0.5, shift=-0.05 + 0.3 * nth),
            f"{side}.bias": ramp(width, scale=0.3, shift=0.1 * nth),
        }
        if kind == "gru":
            weights[f"{side}.hidden_bias"] = ramp(units, scale=0.4, shift=-0.2 + 0.1 * nth)

    def run(source, target, w):
        state = torch.zeros(1, units)
        for x, side in ((source, "encoder"), (target, "decoder")):
            inner = torch.cat([torch.zeros(2 * units), w[f"{side}.hidden_bias"]]) if kind == "gru" else torch.zeros(width)
            states, state = torch.func.functional_call(layer, {
                "weight_ih_l0": w[f"{side}.input_weight"].T, "weight_hh_l0": w[f"{side}.hidden_weight"].T,
                "bias_ih_l0": w[f"{side}.bias"], "bias_hh_l0": inner,
            }, (x, state))
        return states

    return f"{kind}:3:all", weights, run


def attend(score):
    weights = {"weight": ramp(2 * FEATURES, FEATURES, scale=0.5, shift=0.1), "bias": ramp(FEATURES, scale=0.2)}
    if score == "additive":
        weights |= {
            "source_weight": ramp(FEATURES, FEATURES, scale=0.7), "target_weight": ramp(FEATURES, FEATURES, scale=0.6, shift=0.2),
            "score_weight": ramp(FEATURES, 1, scale=1.5, shift=0.3),
        }

    def run(source, target, w):
        if score == "dot":
            context = F.scaled_dot_product_attention(target[None], source[None], source[None], scale=1.0)[0]
        else:
            sums = torch.tanh((source @ w["source_weight"])[None] + (target @ w["target_weight"])[:, None])
            context = torch.softmax((sums @ w["score_weight"])[..., 0], dim=1) @ source
        return torch.tanh(torch.cat([context, target], dim=1) @ w["weight"] + w["bias"])

    return f"attend:{score}", weights, run


def block():
    encoder = torch.nn.TransformerEncoderLayer(FEATURES, HEADS, HIDDEN, dropout=0.0, batch_first=True)
    decoder = torch.nn.TransformerDecoderLayer(FEATURES, HEADS, HIDDEN, dropout=0.0, batch_first=True)
    weights = {}
    for nth, part in enumerate(("source_attention", "target_attention", "cross_attention")):
        for mth, of in enumerate(("query", "key", "value", "output")):
            weights[f"{part}.{of}_weight"] = ramp(FEATURES, FEATURES, scale=0.7, shift=0.1 * nth - 0.05 * mth)
            weights[f"{part}.{of}_bias"] = ramp(FEATURES, scale=0.2, shift=0.05 * mth)
    for nth, part in enumerate(("source_norm", "source_end", "target_norm", "cross_norm", "target_end")):
        weights[f"{part}.gamma"] = ramp(FEATURES, scale=0.4, shift=1.0 + 0.1 * nth)
        weights[f"{part}.beta"] = ramp(FEATURES, scale=0.3, shift=-0.1)
    for nth, part in enumerate(("source_dense", "target_dense")):
        weights |= {
            f"{part}.inner_weight": ramp(FEATURES, HIDDEN, scale=0.6, shift=0.1 * nth), f"{part}.inner_bias": ramp(HIDDEN, scale=0.1, shift=0.1),
            f"{part}.outer_weight": ramp(HIDDEN, FEATURES, scale=0.5), f"{part}.outer_bias": ramp(FEATURES, scale=0.1),
        }

    def attention(name, part, w):
        return {
            f"{name}.in_proj_weight": torch.cat([w[f"{part}.{of}_weight"].T for of in ("query", "key", "value")]),
            f"{name}.in_proj_bias": torch.cat([w[f"{part}.{of}_bias"] for of in ("query", "key", "value")]),
            f"{name}.out_proj.weight": w[f"{part}.output_weight"].T, f"{name}.out_proj.bias": w[f"{part}.output_bias"],
        }

    def norm(name, part, w):
        return {f"{name}.weight": w[f"{part}.gamma"], f"{name}.bias": w[f"{part}.beta"]}

    def dense(part, w):
        return {
            "linear1.weight": w[f"{part}.inner_weight"].T, "linear1.bias": w[f"{part}.inner_bias"],
            "linear2.weight": w[f"{part}.outer_weight"].T, "linear2.bias": w[f"{part}.outer_bias"],
        }

    def run(source, target, w):
        of_source = attention("self_attn", "source_attention", w) | norm("norm1", "source_norm", w) | norm("norm2", "source_end", w)
        memory = torch.func.functional_call(encoder, of_source | dense("source_dense", w), (source[None],))
        of_target = attention("self_attn", "target_attention", w) | attention("multihead_attn", "cross_attention", w)
        of_target |= norm("norm1", "target_norm", w) | norm("norm2", "cross_norm", w) | norm("norm3", "target_end", w)
        causal = torch.nn.Transformer.generate_square_subsequent_mask(len(target)).to(torch.float64)
        return torch.func.functional_call(decoder, of_target | dense("target_dense", w), (target[None], memory), {"tgt_mask": causal})[0]

    return f"block:{HEADS}:{HIDDEN}", weights, run


def main():
    rows = [row(*it) for it in (recurrent("rnn"), recurrent("gru"), attend("additive"), attend("dot"), block())]
    made_with = f"tests/reference/pairs.py, PyTorch {torch.__version__.split('+')[0]}, Python {sys.version.split()[0]}, float64 on the CPU"
    lines = [json.dumps(it, separators=(",", ":")) for it in rows]
    print(f'{{"made_with":{json.dumps(made_with)},"layers":[\n' + ",\n".join(lines) + "\n]}")


main()
