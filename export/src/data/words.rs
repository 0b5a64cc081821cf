//! Sentences of planted words and the pairs of neighbours in them, drawn as the engine does (`engine/src/data/word_pairs.rs`).

use super::PythonData;
use crate::plan::Plan;
use descent_spec::data::NEGATIVES;
use descent_spec::plant::{FAMILIES, FILLERS, Family};

/// Python that draws the sentences and cuts them into examples.
pub(super) fn python(plan: &Plan) -> PythonData {
    let families: String = FAMILIES.iter().map(family).collect();
    let text = format!(
        r#"# Data

WINDOW = {}  # how far from a word its neighbours stand
NEGATIVES = {NEGATIVES}  # words drawn beside each true neighbour

# Three families of pairs with one relation: each pair and the words that stand beside it alone, then
# what stands beside the first words of all pairs, and beside the second ones.
FAMILIES = [
{families}]
FILLERS = ({})
{SENTENCES}{BESIDE}{EXAMPLES}"#,
        plan.experiment.data.window,
        quoted(&FILLERS),
    );
    PythonData { imports: &["from itertools import chain, permutations"], text }
}

fn family(family: &Family) -> String {
    let pair = |words: &[&str; 2], own: &[&str; 2]| format!("            ({}),\n", quoted(&[*words, *own].concat()));
    let pairs: String = family.pairs.iter().map(|it| pair(&it.words, &it.own)).collect();
    let [first, second] = family.sides.map(|side| quoted(&side));
    format!("    (\n        [\n{pairs}        ],\n        [({first}), ({second})],\n    ),\n")
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

/// The function that draws words beside pairs.
pub(super) const BESIDE: &str = r#"def beside(pairs, counts):
    """Pairs [pairs, 2] with words drawn by their counts to the power of 3/4, and that the first is the true neighbour."""
    weights = counts**0.75 / (counts**0.75).sum()
    drawn = rng.choice(N_WORDS, (len(pairs), NEGATIVES), p=weights)
    while (is_true := drawn == pairs[:, 1:]).any():  # a true neighbour is drawn again
        drawn[is_true] = rng.choice(N_WORDS, is_true.sum(), p=weights)
    return np.concatenate([pairs, drawn], axis=1), np.zeros(len(pairs), np.int64)
"#;

const SENTENCES: &str = r#"WORDS = [*chain.from_iterable(chain(*pairs, *sides) for pairs, sides in FAMILIES), *FILLERS]
NUMBERS = {word: number for number, word in enumerate(WORDS)}
N_WORDS = len(WORDS)


def sentence():
    """One side of a pair, beside a word of that side and one of the pair, with fillers between them."""
    pairs, sides = FAMILIES[rng.integers(len(FAMILIES))]
    *words, own, other_own = pairs[rng.integers(len(pairs))]
    side = rng.integers(2)
    word, beside, own = words[side], rng.choice(sides[side]), rng.choice([own, other_own])
    one, other = rng.choice(FILLERS, 2)
    patterns = [[one, beside, word, other, own], [one, own, other, word, beside], [beside, one, word, own]]
    return [NUMBERS[word] for word in patterns[rng.integers(3)]]


"#;

const EXAMPLES: &str = r#"

def examples(n_sentences):
    """Words, each with a neighbour and NEGATIVES drawn words: [examples, 2 + NEGATIVES]; and which of those
    that a word is compared with is its neighbour, the first: [examples]. As Mikolov et al. 2013."""
    sentences = [sentence() for _ in range(n_sentences)]
    counts = np.bincount(list(chain(*sentences)), minlength=N_WORDS)
    # Frequent words are thinned out; the paper's share of 1e-5 instead of 0.01 would leave none of these.
    keep = np.minimum(1, np.sqrt(0.01 * counts.sum() / np.maximum(counts, 1)))
    pairs = []
    for words in sentences:
        words = [word for word in words if rng.random() < keep[word]]
        for place, word in enumerate(words):
            near = words[max(0, place - WINDOW) : place] + words[place + 1 : place + 1 + WINDOW]
            pairs += [(word, neighbour) for neighbour in near]
    return beside(np.array(pairs), counts)


def load():
    """Train, validation and test; validation is the end of the text, and the test a text of its own."""
    x, y = examples(6000)
    cut = len(x) - round(len(x) * VALIDATION)
    return (x[:cut], y[:cut]), (x[cut:], y[cut:]), examples(600)


def recovered(vectors):
    """How many of the 90 planted analogies, a : b = c : d, have d as the nearest word to b − a + c."""
    units = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    n_right = 0
    for pairs, _ in FAMILIES:
        for (a, b, *_), (c, d, *_) in permutations(pairs, 2):
            a, b, c, d = (NUMBERS[word] for word in (a, b, c, d))
            likeness = units @ (units[b] - units[a] + units[c])
            likeness[[a, b, c]] = -np.inf
            n_right += likeness.argmax() == d
    return n_right
"#;
