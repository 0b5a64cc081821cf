//! A text, character by character: windows of it, cut as the engine does (`engine/src/data/text.rs`).

use super::{PythonData, RustData};
use crate::plan::Plan;
use descent_spec::DataSet;

const FILE: &str = "tinyshakespeare.input.txt";
/// Where a program looks for the visitor's text.
const OWN_FILE: &str = "own-text.txt";
const ADDRESS: &str = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt";

/// Python that reads the text and cuts it; of the visitor's, which lies beside the program, one window at least is held out.
pub(super) fn python(plan: &Plan) -> PythonData {
    let is_own = plan.experiment.data.set == DataSet::OwnText;
    let (source, fetch, held_out): (String, &str, &str) = match is_own {
        true => (format!("# Your text, in UTF-8.\nDATA = Path(\"{OWN_FILE}\")"), "", "max(1, round(len(x) * VALIDATION))"),
        false => (
            format!(
                "# Plays of Shakespeare, compiled by A. Karpathy. The text is fetched once, unless it is there.\n\
                 DATA = Path(\"{FILE}\")\nADDRESS = \"{ADDRESS}\""
            ),
            "    if not DATA.exists():\n        DATA.write_bytes(urlopen(ADDRESS).read())\n",
            "round(len(x) * VALIDATION)",
        ),
    };
    let text = format!(
        r#"# Data

{source}
WINDOW = {}  # characters


def windows(tokens):
    """One window behind the other, [windows, WINDOW], and for each token the one that follows."""
    n = (len(tokens) - 1) // WINDOW
    return tokens[: n * WINDOW].reshape(n, WINDOW), tokens[1 : n * WINDOW + 1].reshape(n, WINDOW)


def load():
    """Train, validation and test in the order of the text; the last 5 % are the test.

    A token is the number of its character in the alphabet of the text, {} in all.
    """
{fetch}    text = DATA.read_text(encoding="utf-8")
    numbers = {{character: number for number, character in enumerate(sorted(set(text)))}}
    tokens = np.array([numbers[character] for character in text], np.int64)
    test_from = len(tokens) - round(0.05 * len(tokens))
    x, y = windows(tokens[:test_from])
    cut = len(x) - {held_out}
    return (x[:cut], y[:cut]), (x[cut:], y[cut:]), windows(tokens[test_from:])
"#,
        plan.experiment.data.window,
        plan.vocabulary(),
    );
    let imports: &'static [&'static str] = match is_own {
        true => &["from pathlib import Path"],
        false => &["from pathlib import Path", "from urllib.request import urlopen"],
    };
    PythonData { imports, text }
}

/// The same in Rust.
pub(super) fn rust(plan: &Plan) -> RustData {
    let is_own = plan.experiment.data.set == DataSet::OwnText;
    let file = if is_own { OWN_FILE } else { FILE };
    let about = if is_own {
        "Windows of your text, one behind the other, and for each token the one that follows; the last 5 % are the test. The text,\n\
         /// in UTF-8,"
            .to_owned()
    } else {
        format!(
            "Windows of Shakespeare's plays, one behind the other, and for each token the one that follows; the last 5 % are the \
             test. The\n/// text, <{ADDRESS}>,"
        )
    };
    let text = format!(
        r#"/// Characters of a window.
const WINDOW: usize = {};

/// {about}
/// lies beside the program. A token is the number of its character in the alphabet of the text, {} in all.
fn load(is_test: bool) -> Result<Examples> {{
    let text = std::fs::read_to_string("{file}")?;
    let alphabet: BTreeSet<char> = text.chars().collect();
    let numbers: HashMap<char, i32> = alphabet.into_iter().zip(0..).collect();
    let tokens: Vec<i32> = text.chars().map(|character| numbers[&character]).collect();
    let test_from = tokens.len() - (tokens.len() as f64 * 0.05).round() as usize;
    let part = if is_test {{ &tokens[test_from..] }} else {{ &tokens[..test_from] }};
    let n = (part.len() - 1) / WINDOW * WINDOW;
    Ok(Examples {{ inputs: part[..n].to_vec(), targets: part[1..=n].to_vec() }})
}}
"#,
        plan.experiment.data.window,
        plan.vocabulary(),
    );
    RustData { dependencies: &[], uses: &["use std::collections::{BTreeSet, HashMap};"], is_drawn: false, text }
}
