//! Reviews of films as words: the vocabulary and the tokens are the page's (`spec/src/words.rs`).

use super::{PythonData, RustData};
use crate::plan::Plan;

pub(super) const ABOUT: [&str; 3] = [
    "Reviews of films, 5,000 to learn from and 2,000 for the final test: a cut of the Large Movie Review Dataset of",
    "A. L. Maas et al. 2011, <https://ai.stanford.edu/~amaas/data/sentiment/>. Both files lie in the folder `imdb`;",
    "each line is a JSON object with the `text` and its `label`, 1 where the review praises.",
];

/// The function that makes words of a text.
pub(super) const WORDS_OF: &str = r#"def words_of(text):
    """Runs of letters and digits in lower case, with apostrophes inside."""
    text = text.replace("<br />", " ").replace("’", "'").lower()
    runs = (run.strip("'") for run in re.findall(r"(?:[^\W_]|')+", text))
    return [run for run in runs if run]
"#;

/// Python that reads the reviews.
pub(super) fn python(plan: &Plan) -> PythonData {
    let [about, whose, format] = ABOUT;
    let text = format!(
        r#"# Data

# {about}
# {whose}
# {format}
WINDOW = {}  # tokens of a review that count; a shorter one is filled up with 0
N_TOKENS = {}  # 0 fills up, 1 is an unknown word, then come the most frequent ones


{WORDS_OF}

def read(name):
    with gzip.open(f"imdb/{{name}}.jsonl.gz", "rt", encoding="utf-8") as file:
        reviews = [json.loads(line) for line in file]
    return [words_of(it["text"]) for it in reviews], np.array([it["label"] for it in reviews], np.float32)


def load():
    """Train, validation and test: tokens [reviews, WINDOW], and whether each praises [reviews]."""
    (train, y), (test, y_test) = read("imdb_train_5000"), read("imdb_test_2000")
    counts = Counter(word for review in train for word in review)
    frequent = sorted(counts, key=lambda word: (-counts[word], word))[: N_TOKENS - 2]
    numbers = {{word: number for number, word in enumerate(frequent, start=2)}}

    def tokens(reviews):
        x = np.zeros((len(reviews), WINDOW), np.int64)
        for row, review in zip(x, reviews):
            review = review[:WINDOW]
            row[: len(review)] = [numbers.get(word, 1) for word in review]
        return x

    x = tokens(train)
    order = rng.permutation(len(x))
    n_validation = round(len(x) * VALIDATION)
    held_out, train = order[:n_validation], order[n_validation:]
    return (x[train], y[train]), (x[held_out], y[held_out]), (tokens(test), y_test)
"#,
        plan.experiment.data.window,
        plan.vocabulary(),
    );
    PythonData { imports: &["import gzip", "import re", "from collections import Counter"], text }
}

/// The same in Rust.
pub(super) fn rust(plan: &Plan) -> RustData {
    let [about, whose, format] = ABOUT;
    let text = format!(
        r#"/// Tokens of a review that count; a shorter one is filled up with 0.
const WINDOW: usize = {};
/// 0 fills up, 1 is an unknown word, then come the most frequent ones.
const N_TOKENS: usize = {};

/// {about}
/// {whose}
/// {format}
fn load(is_test: bool) -> Result<Examples> {{
    let train = read("imdb_train_5000")?;
    let mut counts: HashMap<&str, i32> = HashMap::new();
    for word in train.iter().flat_map(|(review, _)| review) {{
        *counts.entry(word).or_default() += 1;
    }}
    let mut frequent: Vec<(&str, i32)> = counts.into_iter().collect();
    frequent.sort_unstable_by_key(|&(word, count)| (-count, word));
    let frequent = frequent.into_iter().take(N_TOKENS - 2);
    let numbers: HashMap<String, i32> = frequent.zip(2..).map(|((word, _), number)| (word.to_owned(), number)).collect();
    let reviews = if is_test {{ read("imdb_test_2000")? }} else {{ train }};
    let mut examples = Examples {{ inputs: Vec::new(), targets: Vec::new() }};
    for (idx, (review, label)) in reviews.iter().enumerate() {{
        examples.inputs.extend(review.iter().take(WINDOW).map(|word| numbers.get(word).copied().unwrap_or(1)));
        examples.inputs.resize((idx + 1) * WINDOW, 0);
        examples.targets.push(*label);
    }}
    Ok(examples)
}}

/// Each review as its words, and its label.
fn read(name: &str) -> Result<Vec<(Vec<String>, f32)>> {{
    let mut lines = String::new();
    GzDecoder::new(File::open(format!("imdb/{{name}}.jsonl.gz"))?).read_to_string(&mut lines)?;
    let review = |line: &str| -> Result<(Vec<String>, f32)> {{
        let review: serde_json::Value = serde_json::from_str(line)?;
        let text = review["text"].as_str().ok_or("a review has no text")?;
        Ok((words_of(text), if review["label"] == 1 {{ 1.0 }} else {{ 0.0 }}))
    }};
    lines.lines().map(review).collect()
}}

/// Runs of letters and digits in lower case, with apostrophes inside.
fn words_of(text: &str) -> Vec<String> {{
    let text = text.replace("<br />", " ").replace('’', "'").to_lowercase();
    let runs = text.split(|c: char| !c.is_alphanumeric() && c != '\'').map(|run| run.trim_matches('\''));
    runs.filter(|run| !run.is_empty()).map(str::to_owned).collect()
}}
"#,
        plan.experiment.data.window,
        plan.vocabulary(),
    );
    RustData {
        dependencies: &["flate2 = \"1\"", "serde_json = \"1\""],
        uses: &["use flate2::read::GzDecoder;", "use std::collections::HashMap;", "use std::fs::File;", "use std::io::Read;"],
        is_drawn: false,
        text,
    }
}
