"""Runs the programs the page shows and compares their losses with the engine's, step by step.

    python tests/parity/run.py --code CODE --dump DUMP numpy keras [pytorch]

CODE and DUMP are the built examples `code` (crate export) and `dump` (crate engine); `cargo xtask test --only parity` builds them
and runs this with the packages of requirements.txt. Each experiment of specs.py starts from the engine's first weights and learns
from the engine's batches; every loss must agree to 1e-4 relative, and to what `export/src/agreement.rs` tells the visitor.
"""

import argparse
import contextlib
import gzip
import io
import json
import math
import os
import pathlib
import runpy
import subprocess
import sys
import tempfile
import time

import numpy as np
from safetensors.numpy import load_file

import by_hand
import specs

N_STEPS = 20
LARGEST = 1e-4
# Each Keras program is compiled by XLA for 20 steps only: the compiling is what takes the time.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--code", required=True)
    parser.add_argument("--dump", required=True)
    parser.add_argument("--verbose", action="store_true", help="tell every experiment")
    parser.add_argument("dialects", nargs="+", choices=["numpy", "keras", "pytorch"])
    options = parser.parse_args()
    vocabulary = json.loads(output(options.code, "--vocabulary"))
    links, ready = specs.experiments(vocabulary), specs.ready(vocabulary)
    claims = json.loads(output(options.code, "--agreement"))
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        output(options.dump, folder, N_STEPS, *links, *specs.DROPOUT)
        for dialect in options.dialects:
            started = time.time()
            found = compare(options, dialect, links, folder, failures, vocabulary["planar"])
            if dialect != "numpy":
                by_hand.compare(lambda link: program(options, link, dialect)[0], dialect, folder, failures)
            whole_program(options, dialect, folder, links.index("mnist"), failures)
            largest, presets = max(found.values()), max(found[link] for link in ready if link in found)
            claim = claims[dialect]
            if largest > claim["largest"] or presets > claim["presets"]:
                failures.append(f"{dialect}: larger than export/src/agreement.rs tells: {claim}")
            if (N_STEPS, len(found)) != (claim["n_steps"], claim["n_experiments"]):
                failures.append(f"{dialect}: {len(found)} experiments of {N_STEPS} steps; export/src/agreement.rs tells {claim}")
            print(
                f"{dialect}: {len(found)} experiments, {N_STEPS} losses each, largest relative difference {largest:.1e}, "
                f"of the ready models {presets:.1e} ({time.time() - started:.0f} s)",
                flush=True,
            )
    for failure in failures:
        print("FAILED", failure)
    sys.exit(1 if failures else 0)


def output(*command):
    run = subprocess.run([str(it) for it in command], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{command[0]} failed: {run.stderr}")
    return run.stdout


def program(options, link, dialect):
    """The text, or None and why there is none."""
    run = subprocess.run([options.code, link, dialect], capture_output=True, text=True)
    if run.returncode == 2:
        return None, run.stderr.strip()
    if run.returncode != 0:
        sys.exit(f"{link}, {dialect}: {run.stderr}")
    return run.stdout, None


def compare(options, dialect, links, folder, failures, planar):
    """The largest relative difference of each experiment."""
    found = {}
    for idx, link in enumerate(links + specs.DROPOUT):
        text, why_not = program(options, link, dialect)
        if text is None:
            if specs.has_program(dialect, link):
                failures.append(f"{dialect}, {link}: refused: {why_not}")
            continue
        losses = run_check(text, link, folder / str(idx), failures, dialect, planar)
        expected = json.loads((folder / str(idx) / "losses.json").read_text())
        if len(losses) != N_STEPS or not all(map(math.isfinite, losses + expected)):
            failures.append(f"{dialect}, {link}: {len(losses)} losses, not all of them numbers: {losses}")
        elif link not in specs.DROPOUT:
            # The perceptron loss can be exactly 0, and then so must be the other one.
            found[link] = max(abs(a - b) / (abs(b) or 1) for a, b in zip(losses, expected))
            if found[link] > LARGEST:
                failures.append(f"{dialect}, {link}: {found[link]:.1e} relative")
            if losses[0] == losses[-1]:
                failures.append(f"{dialect}, {link}: nothing was learned: {losses}")
            if options.verbose:
                print(f"    {found[link]:.1e}  {expected[0]:.3f} to {expected[-1]:.3f}  {link}", flush=True)
    return found


def run_check(text, link, folder, failures, dialect, planar):
    """Executes the program as a module, looks at its own first weights, and calls its `check`."""
    file = folder / f"{dialect}.py"
    file.write_text(text)
    printed = io.StringIO()
    # Keras has to know before it is imported that `check` wants double precision.
    sys.argv = [str(file), "--check", str(folder)]
    with contextlib.redirect_stdout(printed):
        names = runpy.run_path(str(file), run_name="program")
        first_weights(names, dialect, load_file(folder / "weights.safetensors"), link, failures)
        if link.partition("?")[0] in planar:
            points(names, dialect, load_file(folder / "batches.safetensors"), link, failures)
        names["check"](str(folder))
    if dialect == "keras":
        names["keras"].utils.clear_session()
    return json.loads(printed.getvalue())


def first_weights(names, dialect, ours, link, failures):
    """The program's own first weights have the engine's distribution: spread and largest value, where there are enough."""
    for name, engine in ours.items():
        layer, _, field = name.rpartition(".")
        # Of a pair each side has its own: embed1.encoder.
        layer = layer.replace(".", "_")
        if field not in ("weight", "input_weight", "hidden_weight", "query_weight") or engine.size < 500:
            continue
        if layer.endswith("_encoder") and layer not in layers_of(names["model"]):
            continue  # where nothing is taken from the source
        if dialect == "numpy":
            own = names["params"][name]
        elif "-words" in link:
            # The vectors of words and of neighbours are one table on the page.
            model = names["model"]
            of_keras, of_torch = (lambda it: model.get_layer(it).get_weights()[0], lambda it: getattr(model, it).weight.detach().numpy())
            own = np.concatenate([(of_keras if dialect == "keras" else of_torch)(it) for it in ("word", "neighbour")])
        elif dialect == "keras":
            weights = names["model"].get_layer(layer).get_weights()
            # The kernel of the queries is the first of a layer with several heads.
            own = np.array(weights[field == "hidden_weight"])
        elif field == "query_weight":
            # PyTorch keeps queries, keys and values in one matrix.
            block, _, part = layer.partition("_")
            side = getattr(names["model"], f"{block}_{'encoder' if part == 'source_attention' else 'decoder'}")
            attention = side.multihead_attn if part == "cross_attention" else side.self_attn
            own = attention.in_proj_weight.detach().chunk(3)[0].numpy()
        elif "attend" in layer:
            own = getattr(names["model"], layer).output.weight.detach().numpy()
        else:
            spelled = {"input_weight": "weight_ih_l0", "hidden_weight": "weight_hh_l0"}.get(field, field)
            own = getattr(getattr(names["model"], layer), spelled).detach().numpy()
        # Four standard errors of the spread of a normal distribution, the wider of the two.
        tolerance = 4 * math.sqrt(1 / engine.size)
        if own.size != engine.size or abs(own.std() - engine.std()) > tolerance * max(engine.std(), own.std()):
            failures.append(f"{dialect}, {link}: {name} is drawn with σ {own.std():.4f}, the engine's with {engine.std():.4f}")
        # A uniform distribution fills its bounds; a normal one has tails, which a truncated one has not.
        if abs(np.abs(own).max() / max(own.std(), 1e-9) - np.abs(engine).max() / max(engine.std(), 1e-9)) > 1.5:
            failures.append(f"{dialect}, {link}: {name} has its largest value {np.abs(own).max():.4f} far from the engine's")


def layers_of(model):
    """The names of a model's layers, in Keras or in PyTorch."""
    return [it.name for it in model.layers] if hasattr(model, "layers") else [name for name, _ in model.named_children()]


def points(names, dialect, batches, link, failures):
    """The points a program draws are spread as the engine's: mean and spread of each feature and of the targets, class by class."""
    n_batches = len(batches) // 2
    ours = [np.concatenate([batches[f"{part}{n}"] for n in range(1, n_batches + 1)]) for part in "xy"]
    theirs = names["load"]()[0]
    has_classes = set(np.unique(ours[1])) <= set(range(5))
    for value in np.unique(ours[1]) if has_classes else [None]:
        a, b = ([x[y == value] if has_classes else np.column_stack([x, y]) for x, y in (ours, theirs)])
        if len(a) < 30 or len(b) < 30:
            continue
        spread = a.std(axis=0) + 0.02
        tolerance = 5 * spread * math.sqrt(1 / len(a) + 1 / len(b))
        if (abs(a.mean(axis=0) - b.mean(axis=0)) > tolerance).any() or (abs(a.std(axis=0) - b.std(axis=0)) > tolerance).any():
            failures.append(
                f"{dialect}, {link}: class {value} has means {b.mean(axis=0)} and spreads {b.std(axis=0)}, "
                f"the engine's {a.mean(axis=0)} and {a.std(axis=0)}"
            )


def whole_program(options, dialect, folder, mnist, failures):
    """Runs the ready model as a visitor would, on a small MNIST made of the dumped digits; and `--check` from the command line."""
    batches = load_file(folder / str(mnist) / "batches.safetensors")
    pixels = np.concatenate([batches[f"x{n}"] for n in range(1, N_STEPS + 1)]).reshape(-1, 28, 28)
    classes = np.concatenate([batches[f"y{n}"] for n in range(1, N_STEPS + 1)])
    (folder / "mnist").mkdir(exist_ok=True)
    for part in ("train", "t10k"):
        write_idx(folder / "mnist" / f"{part}-images-idx3-ubyte.gz", np.rint(pixels * 255).astype(np.uint8))
        write_idx(folder / "mnist" / f"{part}-labels-idx1-ubyte.gz", classes.astype(np.uint8))
    for link, last_words in [("moons?epochs=25", "accuracy"), ("hill?epochs=25", "error"), ("own?epochs=30", "accuracy")]:
        file = folder / f"planar_{dialect}.py"
        file.write_text(program(options, link, dialect)[0])
        sys.argv = [str(file)]
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            runpy.run_path(str(file))["main"]()
        last = printed.getvalue().strip().rsplit("\n", 1)[-1]
        # A guess is right half the time; the hills' values lie 0.3 from their mean.
        value = float(last.rsplit(" ", 1)[-1].rstrip("%"))
        # Eighteen of one's own points are too few to tell how well it went.
        is_good = "own" in link or (value > 75 if last_words == "accuracy" else value < 0.25)
        if last_words not in last or not is_good:
            failures.append(f"{dialect}, {link}: the whole program ended with {last!r}")
    text, _ = program(options, "mnist?epochs=10&l2=0.0001", dialect)
    file = folder / f"whole_{dialect}.py"
    file.write_text(text)
    run = subprocess.run([sys.executable, file.name], cwd=folder, capture_output=True, text=True)
    last = run.stdout.strip().rsplit("\n", 1)[-1]
    accuracy = float(last.rsplit(" ", 1)[-1].rstrip("%")) if run.returncode == 0 else 0
    if not last.startswith("test: loss") or accuracy < 90:
        failures.append(f"{dialect}: the whole program ended with {last!r} {run.stderr[-2000:]}")
    file.write_text(program(options, "mnist", dialect)[0])
    run = subprocess.run([sys.executable, file.name, "--check", str(mnist)], cwd=folder, capture_output=True, text=True)
    if run.returncode != 0 or len(json.loads(run.stdout)) != N_STEPS:
        failures.append(f"{dialect}: --check ended with {run.stdout!r} {run.stderr[-2000:]}")


def write_idx(path, values):
    header = bytes([0, 0, 8, values.ndim]) + b"".join(size.to_bytes(4, "big") for size in values.shape)
    path.write_bytes(gzip.compress(header + values.tobytes(), 1))


main()
