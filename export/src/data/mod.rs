//! Where a program gets its examples from: one part for each data set and language.

mod idx;
mod pairs;
mod points_python;
mod points_rust;
mod review_words;
mod reviews;
mod series;
mod text;
mod words;

use crate::plan::{Plan, number};
use descent_spec::{DataSet, OwnPoint};

/// Python text that defines `load()`.
pub(crate) struct PythonData {
    /// What it imports from the standard library, line by line.
    pub(crate) imports: &'static [&'static str],
    /// Constants, functions and `load()`, which returns train, validation and test, each `(inputs, targets)` in NumPy arrays:
    /// inputs `[examples, …shape]` as `float32`, channels first, tokens as whole numbers; targets `[examples]` as whole numbers for a
    /// softmax, of a text and of pairs `[examples, steps]`, else as `float32`. Own points have no test part.
    pub(crate) text: String,
}

/// How a program in Python loads the plan's data.
pub(crate) fn python(plan: &Plan) -> PythonData {
    match plan.experiment.data.set {
        DataSet::Mnist => idx::python(plan, &idx::MNIST),
        DataSet::FashionMnist => idx::python(plan, &idx::FASHION_MNIST),
        DataSet::Stocks
        | DataSet::Sunspots
        | DataSet::Temperatures
        | DataSet::Passengers
        | DataSet::RandomWalk
        | DataSet::OwnSeries => series::python(plan),
        DataSet::Shakespeare | DataSet::OwnText => text::python(plan),
        DataSet::Imdb => reviews::python(plan),
        DataSet::Dates | DataSet::FraEng => pairs::python(plan),
        DataSet::PlantedWords => words::python(plan),
        DataSet::ReviewWords => review_words::python(plan),
        DataSet::Circle
        | DataSet::Moons
        | DataSet::Spiral
        | DataSet::Xor
        | DataSet::Gaussians
        | DataSet::Own
        | DataSet::Plane
        | DataSet::Hill => points_python::text(plan),
    }
}

/// Rust text that defines `load(is_test, device)`.
pub(crate) struct RustData {
    /// Lines for `Cargo.toml`.
    pub(crate) dependencies: &'static [&'static str],
    /// What it uses, line by line.
    pub(crate) uses: &'static [&'static str],
    /// Whether `load` draws numbers from a device, and so takes one.
    pub(crate) is_drawn: bool,
    /// Functions and `load(is_test)`, which returns the training or the test part as `Examples`.
    pub(crate) text: String,
}

/// How a program in Rust loads the plan's data.
pub(crate) fn rust(plan: &Plan) -> RustData {
    match plan.experiment.data.set {
        DataSet::Mnist => idx::rust(&idx::MNIST),
        DataSet::FashionMnist => idx::rust(&idx::FASHION_MNIST),
        DataSet::Stocks
        | DataSet::Sunspots
        | DataSet::Temperatures
        | DataSet::Passengers
        | DataSet::RandomWalk
        | DataSet::OwnSeries => series::rust(plan),
        DataSet::Shakespeare | DataSet::OwnText => text::rust(plan),
        DataSet::Imdb => reviews::rust(plan),
        // `code` has refused pairs and words.
        DataSet::Dates
        | DataSet::FraEng
        | DataSet::Circle
        | DataSet::Moons
        | DataSet::Spiral
        | DataSet::Xor
        | DataSet::Gaussians
        | DataSet::Own
        | DataSet::Plane
        | DataSet::Hill
        | DataSet::PlantedWords
        | DataSet::ReviewWords => points_rust::text(plan),
    }
}

/// The visitor's points as either language lists them, so many a line: x, y, class.
fn own_points(points: &[OwnPoint], per_line: usize) -> String {
    let literal = |point: &OwnPoint| {
        let (x, y) = point.position();
        format!("({}, {}, {})", number(x), number(y), point.class)
    };
    let line = |points: &[OwnPoint]| format!("    {},\n", points.iter().map(literal).collect::<Vec<_>>().join(", "));
    points.chunks(per_line).map(line).collect()
}
