//! Points of a plane in Python: the formulas of the engine (`engine/src/data/points/draw.rs`), for whole arrays.

use super::PythonData;
use crate::plan::{Plan, number};
use descent_spec::{DataSet, Feature, Head, OwnPoint, Task};

/// The text of a planar set.
pub(super) fn text(plan: &Plan) -> PythonData {
    let data = &plan.experiment.data;
    let text = match data.set {
        DataSet::Own => own(plan, &data.own),
        _ => drawn(plan),
    };
    PythonData { imports: &[], text: format!("# Data\n\n{text}") }
}

/// The function that computes what the net is given.
fn inputs(plan: &Plan) -> String {
    let terms: Vec<&str> = plan.experiment.data.features.iter().map(|feature| term(*feature)).collect();
    format!(
        r#"def features(x, y):
    """What the net is given of each point: [points, {}]."""
    return np.stack([{}], axis=1).astype(np.float32)
"#,
        terms.len(),
        terms.join(", ")
    )
}

fn term(feature: Feature) -> &'static str {
    match feature {
        Feature::X => "x",
        Feature::Y => "y",
        Feature::X2 => "x * x",
        Feature::Y2 => "y * y",
        Feature::Xy => "x * y",
        Feature::SinX => "np.sin(2 * np.pi * x)",
        Feature::SinY => "np.sin(2 * np.pi * y)",
    }
}

fn target_type(plan: &Plan) -> &'static str {
    match plan.head() {
        Head::Softmax { .. } | Head::Tokens { .. } => "np.int64",
        Head::Sigmoid | Head::Perceptron | Head::Linear | Head::Sampled { .. } => "np.float32",
    }
}

fn own(plan: &Plan, points: &[OwnPoint]) -> String {
    format!(
        r#"# Your points: x, y, class.
POINTS = [
{}]


{}

def load():
    """Train and validation, each as inputs [points, features] and targets [points]."""
    x, y, target = np.array(POINTS).T
    inputs, target = features(x, y), target.astype({})
    order = rng.permutation(len(x))
    n_validation = round(len(x) * VALIDATION)
    held_out, train = order[:n_validation], order[n_validation:]
    return (inputs[train], target[train]), (inputs[held_out], target[held_out])
"#,
        super::own_points(points, 5),
        inputs(plan),
        target_type(plan)
    )
}

fn drawn(plan: &Plan) -> String {
    let data = &plan.experiment.data;
    let is_regression = data.set.task() == Task::Regression;
    let (turns, noise) = match is_regression {
        true => ("", "target = target + NOISE * rng.standard_normal(n)"),
        false => (
            "    target = np.arange(n) % N_CLASSES  # the classes take turns\n",
            "x, y = [(it + NOISE * rng.standard_normal(n)).clip(-1.5, 1.5) for it in (x, y)]",
        ),
    };
    let n_classes = if is_regression { String::new() } else { format!("N_CLASSES = {}\n", data.n_classes) };
    let about = if is_regression { "with values" } else { "with classes" };
    format!(
        r#"N_POINTS = {}
{n_classes}NOISE = {}  # standard deviation


{}

def draw(n):
    """n points in the square from −1 to 1, {about}: inputs [n, features] and targets [n]."""
{turns}    u, v = rng.random(n), rng.random(n)
{}
    {noise}
    return features(x, y), target.astype({})


def load():
    """Train, validation and test; the test points are drawn apart."""
    x, y = draw(N_POINTS)
    order = rng.permutation(len(x))
    n_validation = round(len(x) * VALIDATION)
    held_out, train = order[:n_validation], order[n_validation:]
    return (x[train], y[train]), (x[held_out], y[held_out]), draw(N_POINTS // 2)
"#,
        data.n_points,
        number(data.noise),
        inputs(plan),
        indented(formula(data.set)),
        target_type(plan)
    )
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// x and y from `u` and `v`, uniform in 0 to 1, and the class `target`; for regression the target, too.
fn formula(set: DataSet) -> &'static str {
    match set {
        DataSet::Circle => {
            "\
# A disc of radius 0.5 inside a ring from 0.7 to 1, both evenly filled: hence the roots.
radius = np.where(target == 0, np.sqrt(0.7**2 + (1 - 0.7**2) * u), 0.5 * np.sqrt(u))
x, y = radius * np.cos(2 * np.pi * v), radius * np.sin(2 * np.pi * v)"
        }
        DataSet::Moons => {
            "\
# Half circles as in scikit-learn's make_moons, moved and shrunk into the square.
x = np.where(target == 0, np.cos(np.pi * u), 1 - np.cos(np.pi * u))
y = np.where(target == 0, np.sin(np.pi * u), 0.5 - np.sin(np.pi * u))
x, y = (x - 0.5) / 1.75, (y - 0.25) / 1.75"
        }
        DataSet::Spiral => {
            "\
# Archimedes' spiral: the radius grows with the angle.
radius = 0.1 + 0.9 * u
angle = 2 * np.pi * (target + 3 * radius) / N_CLASSES
x, y = radius * np.cos(angle), radius * np.sin(angle)"
        }
        DataSet::Xor => {
            "\
# Class 0 where the signs agree; nothing within 0.05 of the axes.
x, side = 0.05 + 0.95 * np.abs(2 * u - 1), np.sign(2 * u - 1)
y = (0.05 + 0.95 * v) * side * np.where(target == 0, 1, -1)
x = x * side"
        }
        DataSet::Gaussians => {
            "\
# Round blobs on a circle, the first in the upper right.
angle = 2 * np.pi * (target / N_CLASSES + 1 / 8)
x = 0.6 * np.cos(angle) + 0.12 * rng.standard_normal(n)
y = 0.6 * np.sin(angle) + 0.12 * rng.standard_normal(n)"
        }
        DataSet::Plane => {
            "\
x, y = 2 * u - 1, 2 * v - 1
target = (x + y) / 2"
        }
        DataSet::Hill => {
            "\
x, y = 2 * u - 1, 2 * v - 1
hills = [(0.0, 0.5, 1.0), (-0.5, -0.4, -1.0), (0.5, -0.4, 0.5)]  # x, y, height
target = sum(h * np.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * 0.3**2)) for a, b, h in hills)"
        }
        // Not drawn.
        DataSet::Mnist
        | DataSet::FashionMnist
        | DataSet::Own
        | DataSet::Stocks
        | DataSet::Sunspots
        | DataSet::Temperatures
        | DataSet::Passengers
        | DataSet::RandomWalk
        | DataSet::OwnSeries
        | DataSet::Shakespeare
        | DataSet::OwnText
        | DataSet::Imdb
        | DataSet::Dates
        | DataSet::FraEng
        | DataSet::PlantedWords
        | DataSet::ReviewWords => "",
    }
}
