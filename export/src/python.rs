//! What the three Python dialects have in common: the head of the file, the constants, the data, and the comparison with the page.

use crate::Dialect;
use crate::data;
use crate::plan::{Plan, join, number};
use crate::schedule;
use descent_spec::registry::Registry;
use descent_spec::{DataSet, Head};

/// What is particular to a dialect.
pub(crate) struct Script {
    /// What `pip` installs.
    pub(crate) packages: &'static str,
    /// Which program this is.
    pub(crate) dialect: Dialect,
    /// Imports from the standard library besides those of every script.
    pub(crate) std_imports: &'static [&'static str],
    /// The other imports, one paragraph.
    pub(crate) imports: String,
    /// Statements that seed the framework's own generator.
    pub(crate) seeding: &'static str,
    /// Functions, model, training and `main()`, in order.
    pub(crate) parts: Vec<String>,
    /// The body of `check(folder)`: sets the weights and collects `losses`; indented.
    pub(crate) check: String,
}

/// The whole file.
pub(crate) fn write(plan: &Plan, script: Script) -> String {
    let data = data::python(plan);
    let mut std_imports: Vec<&str> = ["import json", "import sys"].into_iter().chain(data.imports.iter().copied()).collect();
    std_imports.extend(script.std_imports);
    // `import x` before `from x import y`, each by name: as isort puts them.
    std_imports.sort_by_key(|line| (line.starts_with("from"), *line));
    std_imports.dedup();
    let mut parts = vec![
        head(plan, &script) + "\n" + &join(&[std_imports.join("\n"), script.imports.clone(), constants(plan, &script)], 1),
        data.text,
    ];
    parts.extend(script.parts);
    parts.push(check(plan, &script.check));
    parts.push(MAIN.into());
    join(&parts, 2)
}

fn head(plan: &Plan, script: &Script) -> String {
    let Script { dialect, packages, .. } = script;
    let (title, framework, link) = (plan.experiment.data.set.label(), dialect.label(), plan.link());
    let drawn = plan.drawn();
    let file = crate::file_name(plan.experiment, *dialect);
    format!(
        r#""""{title} with {framework}: an experiment of Descent.

    pip install {packages}
    python {file}

    #/{link}

Model, hyper-parameters and updates are those of the page. {drawn} are drawn
here, so a curve only resembles the page's; `--check` (at the end) starts from the page's own weights
and batches, and then the losses are the same.
"""
"#
    )
}

fn constants(plan: &Plan, script: &Script) -> String {
    let training = &plan.experiment.training;
    let rate_note = if schedule::is_constant(plan) { "" } else { "the base of the schedule" };
    let mut lines = vec![
        (format!("SEED = {}", plan.experiment.seed), String::new()),
        (format!("EPOCHS = {}", training.epochs), String::new()),
        (format!("BATCH_SIZE = {}", training.batch_size), "the last batch of an epoch may be smaller".to_owned()),
        (format!("LEARNING_RATE = {}", number(training.learning_rate)), rate_note.to_owned()),
    ];
    if training.l1 > 0.0 {
        lines.push((format!("L1 = {}", number(training.l1)), "λ of the penalty λ ‖w‖₁ on weights, not on biases".into()));
    }
    if training.l2 > 0.0 {
        lines.push((format!("L2 = {}", number(training.l2)), "λ of the penalty λ/2 ‖w‖² on weights, not on biases".into()));
    }
    lines.push((format!("VALIDATION = {}", number(plan.experiment.data.validation)), "share of the training set".into()));
    let seeding = script.seeding;
    format!("{}\n\nrng = np.random.default_rng(SEED)\n{seeding}", crate::plan::with_comments(&lines, "#"))
}

fn check(plan: &Plan, body: &str) -> String {
    let dropout = match plan.has_dropout() {
        true => "\n    Dropout draws other units than the page does, so these losses only resemble the page's.\n",
        false => "",
    };
    format!(
        r#"# Optional: compare with the page


def check(folder):
    """Starts from the page's weights, learns from the page's batches, and prints the losses as JSON.

    In double precision, so that a difference is the rounding of the page. It grows in nets whose
    steps are so large that rounding decides which unit is on.
{dropout}
    `weights.safetensors` holds `dense1.weight` and so on, `batches.safetensors` the inputs x1, x2, …
    and the targets y1, y2, … of the first steps.
    """
{body}    print(json.dumps(losses))
"#
    )
}

/// What evaluations tell beside the loss: its name in the program, and how it is printed.
pub(crate) fn metric(plan: &Plan) -> (&'static str, &'static str) {
    match plan.head() {
        Head::Softmax { .. } | Head::Tokens { .. } | Head::Sigmoid | Head::Perceptron | Head::Sampled { .. } => {
            ("accuracy", "accuracy {accuracy:.2%}")
        }
        Head::Linear => ("error", "mean absolute error {error:.4f}"),
    }
}

/// What `main()` tells before the test beside loss and metric: of `vectors` of words, an array, what they have recovered or whose
/// are near; of pairs
/// which share of the test answers, the arguments `test`, is wholly right.
pub(crate) fn told_besides(plan: &Plan, vectors: &str, test: &str) -> String {
    if plan.experiment.data.set == DataSet::ReviewWords {
        return format!(
            r#"    for word in [word for word in ("good", "funny", "actress", "war") if word in WORDS]:
        print(f"near {{word}}: {{near({vectors}, word)}}")
"#
        );
    }
    match (plan.is_words(), plan.is_pair()) {
        (true, _) => format!("    print(f\"{{recovered({vectors})}} of 90 planted analogies are recovered\")\n"),
        (_, true) => format!("    print(f\"{{wholly_right({test}):.2%}} of the test answers are right to the end\")\n"),
        _ => String::new(),
    }
}

/// The body of `main()` from the data to the test, for a loop of one's own; `before` stands before the loop, `batches` makes
/// `losses` of one epoch, `after` stands behind it, and `convert` stands around what `load()` returns.
pub(crate) fn main_loop(plan: &Plan, [before, batches, after]: [&str; 3], convert: fn(&str) -> String) -> String {
    let (name, told) = metric(plan);
    let parts = if plan.has_test() { "(x, y), validation, test" } else { "(x, y), validation" };
    let (condition, indent) = match plan.told_epochs() {
        Some(n) => (format!("        if (epoch + 1) % {n} == 0:\n"), "    "),
        None => (String::new(), ""),
    };
    let test = match plan.has_test() {
        true => format!("    loss, {name} = evaluate(*test)\n    print(f\"test: loss {{loss:.4f}}, {told}\")\n"),
        false => String::new(),
    };
    format!(
        r#"def main():
    {parts} = {}
{before}    for epoch in range(EPOCHS):
{batches}
{condition}{indent}        loss, {name} = evaluate(*validation)
{indent}        print(
{indent}            f"epoch {{epoch + 1}}: training loss {{np.mean(losses):.4f}}, "
{indent}            f"validation loss {{loss:.4f}}, {told}"
{indent}        )
{after}{test}"#,
        convert("load()")
    )
}

const MAIN: &str = r#"if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        check(sys.argv[2])
    else:
        main()
"#;
