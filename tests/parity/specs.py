"""The experiments that are compared: the ready models, and random ones that are the same on every machine."""

import random
import re

N_DENSE, N_PLANAR, N_PICTURES = 10, 10, 10
# These run, but their losses are not compared: the engine's dropout masks are its own.
DROPOUT = [
    "imdb?model=lstm",
    "fra-eng",
    "fra-eng?model=transformer",
    "mnist?layers=dense:64:relu,drop:0.5",
    "mnist?layers=conv:4:3:same:relu,drop:0.25,pool:2,dense:16:tanh,drop:0.1",
]
# The loss that two classes of points can have beside their own: the rule of 1958, and with hidden layers and a penalty.
PERCEPTRON = [
    "xor?layers=none&init=zeros&loss=perceptron&opt=sgd&lr=1&batch=4&seed=3",
    "moons?layers=dense:6:tanh&loss=perceptron&opt=momentum&lr=0.003&batch=64&l2=0.001",
]
KINDS = {"dense", "conv", "pool", "avgpool", "bn", "drop", "act"}
SEQUENCE_KINDS = {"embed", "rnn", "gru", "lstm", "conv1d", "global", "lnorm", "flat"}
PAIR_KINDS = {"attend", "pos", "block"}


def ready(vocabulary):
    """Every data set as its lab opens, but the one that opens with dropout, and the ready models."""
    return [it for it in vocabulary["sets"] if it not in DROPOUT] + ["mnist?model=cnn"]


# One of every kind whose twenty steps show what it does, whatever the random ones happen to draw.
SCHEDULED = [
    "moons?epochs=2&schedule=cosine",
    "circle?opt=sgd&lr=0.1&epochs=3&schedule=warmup_cosine:7",
    "hill?opt=momentum&lr=0.005&batch=100&schedule=step:2:epochs:0.5",
]


def experiments(vocabulary):
    """Links of the ready experiments and of the random ones; every spelling of the vocabulary occurs."""
    unknown = set(vocabulary["layers"]) - KINDS - SEQUENCE_KINDS - PAIR_KINDS
    if unknown:
        raise SystemExit(f"tests/parity/specs.py draws no layer of the kind {', '.join(sorted(unknown))}: add it there.")
    draw = random.Random(20)
    # Lists are gone through in turn rather than drawn from, so that nothing is left out.
    activations, optimizers = (Turns(draw, vocabulary[it]) for it in ("activations", "optimizers"))
    # Weights of size 1 over 784 pixels make logits in the hundreds, where rounding decides: one small net has them.
    initializers = Turns(draw, [it for it in vocabulary["initializers"] if it != "normal"])
    planar = Turns(draw, vocabulary["planar"])
    out = ready(vocabulary) + SCHEDULED
    schedules = random.Random(21)
    for n in range(N_DENSE + N_PLANAR + N_PICTURES):
        is_planar = N_DENSE <= n < N_DENSE + N_PLANAR
        init, optimizer = initializers.next(), optimizers.next()
        init = "normal" if n == N_DENSE else init
        layers = picture_layers(draw, activations) if n >= N_DENSE + N_PLANAR else dense_layers(draw, activations, is_planar)
        if init == "zeros":
            # Units that are all the same leave differences of nothing but rounding, which batch norm, RMSprop, AdaGrad and Adam
            # then divide by their own size: no two programs agree on that.
            layers = [layer for layer in layers if layer != "bn"]
            optimizer = vocabulary["optimizers"][0]
        fields = {
            "layers": ",".join(layers),
            "init": init,
            "opt": optimizer["id"],
            # Below what one would train with: with larger steps rounding soon decides which unit is on, in any framework.
            "lr": f"{optimizer['learning_rate'] * draw.choice([0.1, 0.2, 0.3]):.4g}",
            # With 900 an epoch of the 8,000 generated digits is over after nine steps, the last of them smaller.
            "batch": draw.choice([16, 32, 64, 100]) if n != 4 else 900,
            "l1": draw.choice([0, 0, 0.001]),
            "l2": draw.choice([0, 0, 0.001, 0.01]),
            "seed": draw.randrange(1_000_000),
            # From a generator of its own, so that the nets are those of earlier releases.
            "schedule": schedule(schedules, vocabulary),
        }
        out.append((planar_set(draw, planar.next(), vocabulary, fields) if is_planar else "mnist?") + link_fields(fields))
    return out + PERCEPTRON + varied(SEQUENCES, 22, vocabulary) + BESIDE + varied(PAIRS, 23, vocabulary) + BESIDE_PAIRS + varied(WORDS, 24, vocabulary)


# Every layer that sequences have, over windows of a series, over a text, and over reviews with padding. {0} is an activation.
SEQUENCES = [
    "stocks?window=12&horizon=3&layers=conv1d:6:3:{0},global:mean",
    "sunspots?window=15&layers=lstm:6:all,lnorm,gru:5:last",
    "temperatures?window=10&layers=rnn:8:all,dense:6:{0},flat",
    "passengers?layers=gru:8:all,conv1d:4:2:{0},global:max,lnorm",
    "random-walk?window=8&horizon=2&layers=rnn:12:last,dense:6:{0}",
    "shakespeare?window=16&layers=embed:8,gru:16:all,lnorm",
    "shakespeare?window=12&layers=rnn:24:all,dense:12:{0}",
    "shakespeare?window=20&layers=embed:6,lstm:12:all,drop:0,lstm:12:all",
    "imdb?window=30&layers=embed:8,conv1d:6:4:{0},conv1d:5:3:{0},global:max",
    "imdb?window=20&layers=embed:6,gru:8:last",
    "imdb?window=24&layers=embed:6,lstm:8:all,global:mean,dense:6:{0}",
    "imdb?window=20&layers=rnn:6:last",
    "imdb?window=20&layers=embed:3,flat,dense:6:{0}",
]
# What sequences brought, over points and pictures; and the other ready models of sequences.
BESIDE = [
    "moons?layers=dense:8:linear,lnorm,act:tanh",
    "mnist?layers=conv:3:5:valid:tanh,pool:4,flat,lnorm,dense:8:relu&lr=0.001",
    "stocks?model=mlp",
    "sunspots?model=gru",
    "temperatures?model=rnn",
    "shakespeare?model=gru",
]


# Every layer that pairs have: encoders and decoders above vectors and above the tokens themselves, both attentions, two layers of
# each side, blocks with a different number of heads, and what only the answer goes on through.
PAIRS = [
    "dates?layers=embed:8,gru:12:all,attend:additive",
    "dates?layers=embed:6,rnn:10:all,attend:dot,dense:12:{0}",
    "dates?layers=gru:8:all,drop:0",
    "dates?layers=embed:8,drop:0,gru:10:all,attend:additive,gru:8:all,act:{0}",
    "dates?layers=embed:8,pos,drop:0,block:2:12",
    "dates?layers=embed:6,pos,block:3:10,block:1:8,lnorm,lstm:6:all",
    "fra-eng?layers=embed:8,rnn:12:all,attend:additive,lnorm",
    "fra-eng?layers=embed:7,pos,attend:dot,dense:10:{0}",
    "fra-eng?layers=embed:8,pos,block:4:16",
    "fra-eng?layers=embed:8,act:{0}",
]
# The lab that opens with dropout, and the ready model that has some, without it.
BESIDE_PAIRS = [
    "fra-eng?layers=embed:64,gru:128:all,attend:additive",
    "fra-eng?layers=embed:64,pos,block:4:128",
]
# Word vectors are one table and nothing else: what varies is how near a neighbour stands, and how they are learned.
WORDS = ["planted-words?window=1&layers=embed:8", "planted-words?window=5&layers=embed:24", "planted-words?layers=embed:3"]
WORDS += ["review-words?window=3&layers=embed:6"]


def varied(links, seed, vocabulary):
    """Experiments, each with an initializer, an optimizer and penalties that take their turn."""
    draw = random.Random(seed)
    activations, optimizers = (Turns(draw, vocabulary[it]) for it in ("activations", "optimizers"))
    initializers = Turns(draw, [it for it in vocabulary["initializers"] if it not in ("normal", "zeros")])
    out = []
    for link in links:
        optimizer = optimizers.next()
        fields = {
            "init": initializers.next(),
            "opt": optimizer["id"],
            "lr": f"{optimizer['learning_rate'] * draw.choice([0.1, 0.2, 0.3]):.4g}",
            "batch": draw.choice([16, 32]),
            "l1": draw.choice([0, 0, 0.001]),
            "l2": draw.choice([0, 0, 0.001]),
            "seed": draw.randrange(1_000_000),
            "schedule": schedule(draw, vocabulary),
        }
        out.append(f"{link.format(activations.next())}&{link_fields(fields)}")
    return out


def has_program(dialect, link):
    """Whether there is a program. In NumPy for nets of dense layers, over windows of a series only as one row."""
    name = link.partition("?")[0]
    if dialect != "numpy":
        return True
    kinds = re.split("[:,&]", link.partition("layers=")[2])
    if any(kind in link for kind in ("conv:", "pool:", "model=cnn")) or "lnorm" in kinds:
        return False
    return name not in IN_TIME or "model=mlp" in link


IN_TIME = {"stocks", "sunspots", "temperatures", "passengers", "random-walk", "own-series", "shakespeare", "own-text", "imdb"}
IN_TIME |= {"dates", "fra-eng", "planted-words", "review-words"}


def schedule(draw, vocabulary):
    """Any schedule, with numbers that twenty steps can show."""
    kind = draw.choice(vocabulary["schedules"])
    numbers = {
        "step": [draw.choice(["3:steps", "7:steps", "1:epochs"]), draw.choice([0.5, 0.9])],
        "exp": [draw.choice([0.5, 0.9])],
        "warmup": [draw.choice([1, 5, 50])],
        "warmup_cosine": [draw.choice([3, 10])],
    }
    return ":".join(str(it) for it in [kind, *numbers.get(kind, [])])


def link_fields(fields):
    return "&".join(f"{key}={value}" for key, value in fields.items())


def planar_set(draw, name, vocabulary, fields):
    """The set with features of its own and, where it has the choice, a number of classes and noise."""
    features = draw.sample(vocabulary["features"], draw.randint(1, 7))
    fields["features"] = ",".join(features)
    if name in ("spiral", "gaussians"):
        fields["classes"] = draw.randint(2, 5)
    if name != "own":
        fields["noise"] = draw.choice([0, 0.1, 0.3])
    return f"{name}?"


def dense_layers(draw, activations, is_planar):
    layers = []
    for _ in range(draw.randint(1, 6 if is_planar else 4)):
        units = draw.choice([2, 4, 8, 16] if is_planar else [8, 16, 24, 48, 100])
        if draw.random() < 0.3:
            layers += [f"dense:{units}:linear", "bn", f"act:{activations.next()}"]
        else:
            layers.append(f"dense:{units}:{activations.next()}")
        # A rate of zero drops nothing, so that the code of dropout is compared, too.
        layers += ["drop:0"] if draw.random() < 0.15 else []
    return layers


def picture_layers(draw, activations):
    layers, side = [], 28
    for _ in range(draw.randint(1, 2)):
        kernel, padding = draw.choice([3, 5]), draw.choice(["valid", "same"])
        layers.append(f"conv:{draw.choice([2, 4, 6])}:{kernel}:{padding}:{activations.next()}")
        side -= kernel - 1 if padding == "valid" else 0
        layers += ["bn"] if draw.random() < 0.4 else []
        size = draw.choice([2, 3])
        layers.append(f"{draw.choice(['pool', 'pool', 'avgpool'])}:{size}")
        side //= size
    layers += [f"dense:{draw.choice([12, 20])}:{activations.next()}"] if draw.random() < 0.6 else []
    return layers


class Turns:
    """One item after the other, in an order that is shuffled once a round."""

    def __init__(self, draw, items):
        self.draw, self.items, self.rest = draw, list(items), []

    def next(self):
        if not self.rest:
            self.rest = self.items[:]
            self.draw.shuffle(self.rest)
        return self.rest.pop()
