//! The commonest words of reviews and the pairs of neighbours among them, as the engine makes them
//! (`engine/src/data/word_pairs.rs`).

use super::{PythonData, reviews, words};
use crate::plan::Plan;
use descent_spec::data::{NEGATIVES, PAIRS_PER_REVIEW, REVIEW_WORDS};

/// Python that reads the reviews and cuts them into examples.
pub(super) fn python(plan: &Plan) -> PythonData {
    let [about, whose, format] = reviews::ABOUT;
    let text = format!(
        r#"# Data

# {about}
# {whose}
# {format}
WINDOW = {}  # how far from a word its neighbours stand
NEGATIVES = {NEGATIVES}  # words drawn beside each true neighbour
N_WORDS = {REVIEW_WORDS}  # the commonest words of the reviews, which get vectors
PAIRS_PER_REVIEW = {PAIRS_PER_REVIEW}  # evenly taken from all pairs of neighbours
WORDS = []  # load() reads them


{}

{REST}

{}{LOAD}"#,
        plan.experiment.data.window,
        reviews::WORDS_OF,
        words::BESIDE,
    );
    PythonData { imports: &["import gzip", "import re", "from collections import Counter"], text }
}

const REST: &str = r#"def read(name):
    """The words of each review."""
    with gzip.open(f"imdb/{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [words_of(json.loads(line)["text"]) for line in file]


def pairs_of(review):
    """Each word of an array with each of its neighbours: [pairs, 2]."""
    place = np.arange(len(review))[:, None]
    near = place + np.array([*range(-WINDOW, 0), *range(1, WINDOW + 1)])
    is_there = (near >= 0) & (near < len(review))
    return np.stack([review[np.broadcast_to(place, near.shape)[is_there]], review[near[is_there]]], axis=1)
"#;

const LOAD: &str = r#"

def examples(reviews):
    """Words, each with a neighbour and NEGATIVES drawn words: [examples, 2 + NEGATIVES]; and which of those
    that a word is compared with is its neighbour, the first: [examples]. As Mikolov et al. 2013."""
    numbers = {word: number for number, word in enumerate(WORDS)}
    reviews = [np.array([numbers[word] for word in it[:400] if word in numbers], np.int64) for it in reviews]
    counts = np.bincount(np.concatenate(reviews), minlength=N_WORDS)
    # Frequent words are thinned out; the paper's share of 1e-5, for billions of words, would thin out all of these.
    keep = np.minimum(1, np.sqrt(1e-4 * counts.sum() / np.maximum(counts, 1)))
    pairs = np.concatenate([pairs_of(it[rng.random(len(it)) < keep[it]]) for it in reviews])
    n = PAIRS_PER_REVIEW * len(reviews)
    return beside(pairs[np.arange(n) * len(pairs) // n], counts)


def load():
    """Train, validation and test; validation is the end of the training reviews."""
    train, test = read("imdb_train_5000"), read("imdb_test_2000")
    counts = Counter(word for review in train for word in review)
    WORDS[:] = sorted(counts, key=lambda word: (-counts[word], word))[:N_WORDS]
    x, y = examples(train)
    cut = len(x) - round(len(x) * VALIDATION)
    return (x[:cut], y[:cut]), (x[cut:], y[cut:]), examples(test)


def near(vectors, word):
    """The five words whose vectors have the largest cosines with a word's."""
    units = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    order = np.argsort(-units[: len(WORDS)] @ units[WORDS.index(word)])
    return ", ".join(WORDS[number] for number in order[1:6])
"#;
