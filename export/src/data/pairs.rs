//! Pairs of sequences: dates as people write them, drawn as the engine does (`engine/src/data/dates.rs`), and sentences with their
//! translations, cut as the page's are (`xtask/src/data/pairs.rs`).

use super::PythonData;
use crate::plan::Plan;
use descent_spec::pairs::SPECIAL_TOKENS;
use descent_spec::{DataSet, Shape};

/// Python that draws or reads the pairs.
pub(super) fn python(plan: &Plan) -> PythonData {
    let Shape::TokenPair { source, target, source_vocabulary, target_vocabulary } = plan.input() else {
        return PythonData { imports: &[], text: String::new() };
    };
    let n_special = SPECIAL_TOKENS.len();
    match plan.experiment.data.set {
        DataSet::FraEng => PythonData {
            imports: &[
                "import re",
                "from collections import Counter",
                "from hashlib import sha256",
                "from itertools import islice",
            ],
            text: format!(
                r#"# Data

SOURCE_STEPS, TARGET_STEPS = {source}, {target}  # words and marks, and the end or the begin
N_SOURCE, N_TARGET = {source_vocabulary}, {target_vocabulary}  # tokens of each language: {n_special} special ones and the most frequent
{NUMBERS}

{SENTENCES}"#
            ),
        },
        _ => PythonData {
            imports: &["from datetime import date, timedelta"],
            text: format!(
                r#"# Data

SOURCE_STEPS, TARGET_STEPS = {source}, {target}  # characters, and the end or the begin
{NUMBERS}

{DATES}"#
            ),
        },
    }
}

const NUMBERS: &str = r#"PADDING, BEGIN, END, UNKNOWN = range(4)


def numbers(tokens):
    """The number of each token, behind those of the special ones."""
    return {token: number for number, token in enumerate(tokens, start=4)}


def rows(pairs, of_source, of_target):
    """What the net is given, [pairs, SOURCE_STEPS + TARGET_STEPS]: the source and its end, then the begin
    and the target; and what it should answer, [pairs, TARGET_STEPS]: the target and its end, then −1."""
    x = np.full((len(pairs), SOURCE_STEPS + TARGET_STEPS), PADDING)
    y = np.full((len(pairs), TARGET_STEPS), -1)
    for given, answer, (source, target) in zip(x, y, pairs):
        source = [of_source.get(token, UNKNOWN) for token in source]
        target = [of_target.get(token, UNKNOWN) for token in target]
        given[: len(source) + 1] = [*source, END]
        given[SOURCE_STEPS : SOURCE_STEPS + len(target) + 1] = [BEGIN, *target]
        answer[: len(target) + 1] = [*target, END]
    return x, y
"#;

const DATES: &str = r#"def written(day, way):
    """A day as people write it, in one of twelve ways."""
    month, weekday = f"{day:%B}".lower(), f"{day:%A}".lower()
    ending = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day.day, "th")
    return [
        f"{day.day} {month} {day.year}",
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month[:3]} {day.year}",
        f"{month[:3]} {day.day}, {day.year}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day.month}/{day.day}/{day.year}",
        f"{day:%d.%m.%y}",
        f"{day:%m/%d/%y}",
        f"{weekday}, {month} {day.day}, {day.year}",
        f"{weekday[:3]} {day.day} {month[:3]} {day.year}",
        f"{day.day}{ending} of {month} {day.year}",
        f"{month} {day.day}{ending}, {day.year}",
    ][way]


def load():
    """Train, validation and test: of 11,000 different days from 1950 to 2049 the last 1,000 are the test."""
    days = [date(1950, 1, 1) + timedelta(days=int(n)) for n in rng.permutation(36_525)[:11_000]]
    pairs = [(written(day, rng.integers(12)), day.isoformat()) for day in days]
    of_source, of_target = numbers(" ,./-0123456789abcdefghijklmnopqrstuvwxyz"), numbers("-0123456789")
    x, y = rows(pairs, of_source, of_target)
    cut = 10_000 - round(10_000 * VALIDATION)
    parts = [slice(0, cut), slice(cut, 10_000), slice(10_000, None)]
    return [(x[part], y[part]) for part in parts]
"#;

const SENTENCES: &str = r#"# Words keep their hyphens and apostrophes, and French ones end behind an apostrophe; marks stand alone.
ENGLISH = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*|\S")
FRENCH = re.compile(r"[^\W_]+(?:-[^\W_]+)*(?:'(?=[^\W_]))?|\S")


def read():
    """English sentences, each with all its French translations that are short enough.

    The first 30,000 lines of `fra.txt`, which lies beside the program: sentences of Tatoeba, selected by
    C. Kelly, <https://www.manythings.org/anki/fra-eng.zip>. The page has the file of September 2017.
    """
    translations = {}
    with open("fra.txt", encoding="utf-8") as file:
        for line in islice(file, 30_000):
            english, french = re.sub("[’‘]", "'", line.rstrip("\n").lower()).split("\t")[:2]
            source, target = ENGLISH.findall(english), FRENCH.findall(french)
            if 0 < len(source) < SOURCE_STEPS and 0 < len(target) < TARGET_STEPS:
                its = translations.setdefault(tuple(source), [])
                if target not in its:
                    its.append(target)
    return translations


def load():
    """Train, validation and test. A sentence is in one part with all its translations, so that none of them
    was learned from; some 1,500 pairs are the test, chosen by a hash."""
    translations = read()
    sentences = sorted(translations, key=lambda words: sha256(" ".join(words).encode()).hexdigest())
    n_pairs = np.cumsum([len(translations[sentence]) for sentence in sentences])
    n_test = int((n_pairs < 1500).sum()) + 1
    test, pool = sentences[:n_test], sentences[n_test:]
    rng.shuffle(pool)
    n_validation = round(len(pool) * VALIDATION)
    parts = [
        [(source, target) for source in part for target in translations[source]]
        for part in (pool[n_validation:], pool[:n_validation], test)
    ]

    def most_frequent(side, n):
        counts = Counter(token for pair in parts[0] + parts[1] for token in pair[side])
        return numbers(sorted(counts, key=lambda token: (-counts[token], token))[: n - 4])

    of_source, of_target = most_frequent(0, N_SOURCE), most_frequent(1, N_TARGET)
    return [rows(part, of_source, of_target) for part in parts]
"#;
