//! Points of a plane in Rust: the formulas of the engine (`engine/src/data/points/draw.rs`), point by point.

use super::RustData;
use crate::plan::{Plan, number};
use descent_spec::{DataSet, Feature, Head, OwnPoint, Task};

/// The text of a planar set.
pub(super) fn text(plan: &Plan) -> RustData {
    let data = &plan.experiment.data;
    let is_drawn = data.set != DataSet::Own;
    let text = if is_drawn { drawn(plan) } else { own(plan, &data.own) };
    let has_waves = data.features.iter().any(|it| matches!(it, Feature::SinX | Feature::SinY));
    let needs_tau = match data.set {
        DataSet::Circle | DataSet::Moons | DataSet::Spiral | DataSet::Gaussians => true,
        _ => has_waves,
    };
    let uses: &[&str] = if needs_tau { &["use std::f64::consts::TAU;"] } else { &[] };
    RustData { dependencies: &[], uses, is_drawn, text }
}

fn features(plan: &Plan) -> String {
    let terms: Vec<&str> = plan.experiment.data.features.iter().map(|feature| term(*feature)).collect();
    format!("[{}].map(|value| value as f32)", terms.join(", "))
}

fn term(feature: Feature) -> &'static str {
    match feature {
        Feature::X => "x",
        Feature::Y => "y",
        Feature::X2 => "x * x",
        Feature::Y2 => "y * y",
        Feature::Xy => "x * y",
        Feature::SinX => "(TAU * x).sin()",
        Feature::SinY => "(TAU * y).sin()",
    }
}

/// Type of a target, and what becomes of a class.
fn target(plan: &Plan) -> &'static str {
    match plan.head() {
        Head::Softmax { .. } | Head::Tokens { .. } => "i32",
        Head::Sigmoid | Head::Perceptron | Head::Linear | Head::Sampled { .. } => "f32",
    }
}

fn own(plan: &Plan, points: &[OwnPoint]) -> String {
    let target = target(plan);
    let class = if target == "i32" { "i32::from(class)" } else { "f32::from(class)" };
    format!(
        r#"/// Your points: x, y, class.
const POINTS: &[(f64, f64, u8)] = &[
{}];

fn load() -> Examples {{
    let inputs = POINTS.iter().flat_map(|&(x, y, _)| {}).collect();
    Examples {{ inputs, targets: POINTS.iter().map(|&(_, _, class)| {class}).collect() }}
}}
"#,
        super::own_points(points, 6),
        features(plan)
    )
}

fn drawn(plan: &Plan) -> String {
    let data = &plan.experiment.data;
    let is_regression = data.set.task() == Task::Regression;
    let target = target(plan);
    let n_classes = if is_regression { String::new() } else { format!("const N_CLASSES: usize = {};\n", data.n_classes) };
    let turns = if is_regression { "" } else { "        let class = idx % N_CLASSES; // the classes take turns\n" };
    let noise = match is_regression {
        true => "let value = value + NOISE * normal[4 * idx];",
        false => "let [x, y] = [x + NOISE * normal[4 * idx], y + NOISE * normal[4 * idx + 1]].map(|it| it.clamp(-1.5, 1.5));",
    };
    let told = if is_regression { format!("value as {target}") } else { format!("class as {target}") };
    let v = match data.set {
        DataSet::Moons | DataSet::Spiral => "let u = uniform[2 * idx];",
        DataSet::Gaussians => "",
        _ => "let (u, v) = (uniform[2 * idx], uniform[2 * idx + 1]);",
    };
    let v = if v.is_empty() { String::new() } else { format!("        {v}\n") };
    let uniform = match data.set {
        DataSet::Gaussians => "",
        _ => "    let uniform = random([n, 2], Distribution::Uniform(0.0, 1.0), device);\n",
    };
    format!(
        r#"const N_POINTS: usize = {};
{n_classes}/// Standard deviation.
const NOISE: f64 = {};

/// Points in the square from −1 to 1; those of the test are drawn apart.
fn load(is_test: bool, device: &Device) -> Examples {{
    let n = if is_test {{ N_POINTS / 2 }} else {{ N_POINTS }};
{uniform}    let normal = random([n, 4], Distribution::Normal(0.0, 1.0), device);
    let mut examples = Examples {{ inputs: Vec::new(), targets: Vec::new() }};
    for idx in 0..n {{
{turns}{v}{}
        {noise}
        examples.inputs.extend({});
        examples.targets.push({told});
    }}
    examples
}}

fn random(shape: [usize; 2], distribution: Distribution, device: &Device) -> Vec<f64> {{
    let numbers = Tensor::<2>::random(shape, distribution, &device.clone().inner());
    numbers.into_data().iter::<f64>().collect()
}}
"#,
        data.n_points,
        number(data.noise),
        formula(data.set),
        features(plan)
    )
}

/// `x` and `y` from `u` and `v`, uniform in 0 to 1, and the `class`; for regression the `value`, too.
fn formula(set: DataSet) -> &'static str {
    match set {
        DataSet::Circle => {
            "        // A disc of radius 0.5 inside a ring from 0.7 to 1, both evenly filled: hence the roots.
        let radius = if class == 0 { (0.49 + 0.51 * u).sqrt() } else { 0.5 * u.sqrt() };
        let (x, y) = (radius * (TAU * v).cos(), radius * (TAU * v).sin());"
        }
        DataSet::Moons => {
            "        // Half circles as in scikit-learn's make_moons, moved and shrunk into the square.
        let (sin, cos) = (TAU / 2.0 * u).sin_cos();
        let (x, y) = if class == 0 { (cos, sin) } else { (1.0 - cos, 0.5 - sin) };
        let (x, y) = ((x - 0.5) / 1.75, (y - 0.25) / 1.75);"
        }
        DataSet::Spiral => {
            "        // Archimedes' spiral: the radius grows with the angle.
        let radius = 0.1 + 0.9 * u;
        let angle = TAU * (class as f64 + 3.0 * radius) / N_CLASSES as f64;
        let (x, y) = (radius * angle.cos(), radius * angle.sin());"
        }
        DataSet::Xor => {
            "        // Class 0 where the signs agree; nothing within 0.05 of the axes.
        let side = (2.0 * u - 1.0).signum();
        let (x, y) = (side * (0.05 + 0.95 * (2.0 * u - 1.0).abs()), side * (0.05 + 0.95 * v));
        let y = if class == 0 { y } else { -y };"
        }
        DataSet::Gaussians => {
            "        // Round blobs on a circle, the first in the upper right.
        let angle = TAU * (class as f64 / N_CLASSES as f64 + 0.125);
        let x = 0.6 * angle.cos() + 0.12 * normal[4 * idx + 2];
        let y = 0.6 * angle.sin() + 0.12 * normal[4 * idx + 3];"
        }
        DataSet::Plane => {
            "        let (x, y) = (2.0 * u - 1.0, 2.0 * v - 1.0);
        let value = (x + y) / 2.0;"
        }
        DataSet::Hill => {
            "        let (x, y) = (2.0 * u - 1.0, 2.0 * v - 1.0);
        let hill = |a: f64, b: f64| (-((x - a).powi(2) + (y - b).powi(2)) / 0.18).exp();
        let value = hill(0.0, 0.5) - hill(-0.5, -0.4) + 0.5 * hill(0.5, -0.4);"
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
