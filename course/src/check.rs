//! Checks an exercise against a running experiment, and says what is still missing.

use crate::condition::{Condition, Kind, Quantity, Relation, Value};
use crate::model::Exercise;
use descent_spec::message::EvalPoint;
use descent_spec::model::TracedLayer;
use descent_spec::registry::Registry;
use descent_spec::schedule::SCHEDULES;
use descent_spec::{Activation, Cell, DataSet, Experiment, Initializer, LayerSpec, Loss, training};

/// A running experiment at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// What runs: not what is being edited.
    pub experiment: Experiment,
    /// Weights and biases of the whole model.
    pub n_parameters: usize,
    /// Optimizer steps done.
    pub step: u64,
    /// Whole epochs done.
    pub epoch: u32,
    /// Training points that a single neuron's line is wrong about, where one is drawn.
    pub training_mistakes: Option<u32>,
    /// Loss of the newest batch.
    pub training_loss: Option<f32>,
    /// Newest evaluation on validation data.
    pub validation: Option<EvalPoint>,
    /// [`gradient_ratio`] of the newest batch.
    pub gradient_ratio: Option<f32>,
    /// Whether training was stopped because the loss is no longer a number.
    pub has_diverged: bool,
}

/// What a check says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the exercise is solved.
    pub done: bool,
    /// One or two sentences: what solved it, or what is missing and what to try.
    pub hint: String,
}

impl Exercise {
    /// Whether this state solves the exercise, and if not, what is missing.
    pub fn check(&self, snapshot: &Snapshot) -> Verdict {
        let Some(missing) = self.check.iter().find(|condition| !condition.holds(snapshot)) else {
            return Verdict { done: true, hint: solved(&self.check, snapshot) };
        };
        let advice = self.advice.iter().find(|advice| advice.when.iter().all(|condition| condition.holds(snapshot)));
        let mut hint = missing.hint(snapshot);
        if let Some(advice) = advice {
            hint.push(' ');
            hint.push_str(&advice.text);
        }
        Verdict { done: false, hint }
    }
}

/// Gradient norm of the lowest layer that learns over that of the highest; `norms` has one for each layer.
pub fn gradient_ratio(layers: &[TracedLayer], norms: &[f32]) -> Option<f32> {
    let mut learning = layers.iter().zip(norms).filter(|(layer, _)| layer.n_params > 0).map(|(_, norm)| *norm);
    let lowest = learning.next()?;
    let ratio = lowest / learning.next_back()?;
    ratio.is_finite().then_some(ratio)
}

/// A value read from a snapshot.
enum Reading {
    Name(&'static str),
    Number(f64),
    Flag(bool),
    /// Not measured yet.
    Unknown,
}

fn read(quantity: Quantity, snapshot: &Snapshot) -> Reading {
    let Snapshot { experiment, validation, .. } = snapshot;
    let measured = |value: Option<f32>| value.map_or(Reading::Unknown, |value| Reading::Number(rounded(value)));
    match quantity {
        Quantity::DataSet => Reading::Name(experiment.data.set.id()),
        Quantity::Optimizer => Reading::Name(experiment.training.optimizer.entry().id),
        Quantity::Activation => Reading::Name(shared_activation(&experiment.model.layers)),
        Quantity::Initializer => Reading::Name(experiment.model.initializer.id()),
        Quantity::Cell => Reading::Name(shared_cell(&experiment.model.layers)),
        Quantity::HiddenLayers => {
            Reading::Number(experiment.model.layers.iter().filter(|layer| has_weights(layer)).count() as f64)
        }
        Quantity::Parameters => Reading::Number(snapshot.n_parameters as f64),
        Quantity::Window => Reading::Number(experiment.data.window as f64),
        Quantity::Horizon => Reading::Number(experiment.data.horizon as f64),
        Quantity::LearningRate => Reading::Number(experiment.training.learning_rate),
        Quantity::Schedule => Reading::Name(experiment.training.schedule.entry().id),
        Quantity::BatchSize => Reading::Number(experiment.training.batch_size as f64),
        Quantity::L2 => Reading::Number(experiment.training.l2),
        Quantity::Step => Reading::Number(snapshot.step as f64),
        Quantity::Epoch => Reading::Number(snapshot.epoch.into()),
        Quantity::Loss => Reading::Name(experiment.training.loss.id()),
        Quantity::TrainingMistakes => snapshot.training_mistakes.map_or(Reading::Unknown, |count| Reading::Number(count.into())),
        Quantity::TrainingLoss => measured(snapshot.training_loss),
        Quantity::ValidationLoss => measured(validation.map(|point| point.loss)),
        Quantity::ValidationAccuracy => measured(validation.map(|point| point.accuracy)),
        Quantity::GradientRatio => measured(snapshot.gradient_ratio),
        Quantity::Diverged => Reading::Flag(snapshot.has_diverged),
    }
}

/// A single as the double with the same digits: 0.95 measured in single precision reaches a bound of 0.95.
fn rounded(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

fn has_weights(layer: &LayerSpec) -> bool {
    matches!(
        layer,
        LayerSpec::Dense { .. }
            | LayerSpec::Conv2d { .. }
            | LayerSpec::Conv1d { .. }
            | LayerSpec::Recurrent { .. }
            | LayerSpec::Attend { .. }
            | LayerSpec::Transformer { .. }
    )
}

/// The activation that all layers with weights have: their own, or for linear ones that of a layer on its own that follows.
fn shared_activation(layers: &[LayerSpec]) -> &'static str {
    let mut all: Vec<Activation> = Vec::new();
    for layer in layers {
        match layer {
            LayerSpec::Dense { activation, .. } | LayerSpec::Conv2d { activation, .. } | LayerSpec::Conv1d { activation, .. } => {
                all.push(*activation);
            }
            LayerSpec::Activate { activation } => match all.last_mut() {
                Some(last) if *last == Activation::Linear => *last = *activation,
                _ => all.push(*activation),
            },
            _ => {}
        }
    }
    match all.as_slice() {
        [] => "none",
        [first, rest @ ..] if rest.iter().all(|other| other == first) => first.id(),
        _ => "mixed",
    }
}

/// The cell that all recurrent layers have.
fn shared_cell(layers: &[LayerSpec]) -> &'static str {
    let mut cells =
        layers.iter().filter_map(|layer| if let LayerSpec::Recurrent { cell, .. } = layer { Some(*cell) } else { None });
    match cells.next() {
        None => "none",
        Some(first) if cells.all(|other| other == first) => first.id(),
        Some(_) => "mixed",
    }
}

impl Condition {
    /// Whether it holds now. Nothing holds of what has not been measured.
    pub fn holds(&self, snapshot: &Snapshot) -> bool {
        match (read(self.quantity, snapshot), &self.value) {
            (Reading::Name(name), Value::Name(wanted)) => name == wanted,
            (Reading::Flag(flag), Value::Flag(wanted)) => flag == *wanted,
            (Reading::Number(number), Value::Number(bound)) => self.relation.holds(number, *bound),
            _ => false,
        }
    }

    /// What is, and what is asked for.
    fn hint(&self, snapshot: &Snapshot) -> String {
        let row = self.quantity.row();
        match read(self.quantity, snapshot) {
            Reading::Unknown => format!("{} is not measured yet: press Play.", row.label),
            Reading::Flag(_) => match (self.value == Value::Flag(true), snapshot.training_loss) {
                (true, Some(loss)) => format!("The loss is still a number, {loss:.3}."),
                (true, None) => "Nothing has been trained yet: press Play.".into(),
                (false, _) => "The loss is no longer a number: press Reset and take a smaller learning rate.".into(),
            },
            Reading::Name(name) => {
                format!("{} is {}; {} is asked for.", row.label, named(self.quantity, name), self.asked())
            }
            Reading::Number(number) => format!("{} is {}; {} is asked for.", row.label, said(row.kind, number), self.asked()),
        }
    }

    /// `at least 95 %`, `25 at most`, `XOR`.
    fn asked(&self) -> String {
        let kind = self.quantity.row().kind;
        match (&self.value, self.relation) {
            (Value::Name(name), _) => named(self.quantity, name),
            (Value::Flag(flag), _) => if *flag { "yes" } else { "no" }.into(),
            (Value::Number(number), Relation::AtLeast) => format!("at least {}", said(kind, *number)),
            (Value::Number(number), Relation::AtMost) => format!("at most {}", said(kind, *number)),
            (Value::Number(number), Relation::Above) => format!("more than {}", said(kind, *number)),
            (Value::Number(number), Relation::Below) => format!("less than {}", said(kind, *number)),
            (Value::Number(number), Relation::Is) => said(kind, *number),
        }
    }
}

/// What the page calls a name, or the name itself where there is no row for it.
fn named(quantity: Quantity, id: &str) -> String {
    fn label<T: Registry>(id: &str) -> Option<&'static str> {
        T::parse(id).ok().map(Registry::label)
    }
    let label = match quantity {
        Quantity::DataSet => label::<DataSet>(id),
        Quantity::Activation => label::<Activation>(id),
        Quantity::Initializer => label::<Initializer>(id),
        Quantity::Cell => label::<Cell>(id),
        Quantity::Loss => label::<Loss>(id),
        Quantity::Schedule => SCHEDULES.iter().find(|entry| entry.id == id).map(|entry| entry.label),
        Quantity::Optimizer => training::OPTIMIZERS.iter().find(|entry| entry.id == id).map(|entry| entry.label),
        _ => None,
    };
    label.unwrap_or(id).into()
}

/// A number as short as it can be told; shares as percentages that never round up to what is asked for.
fn said(kind: Kind, number: f64) -> String {
    match kind {
        Kind::Share => format!("{} %", (number * 1000.0 + 1e-6).floor() / 10.0),
        _ if number.fract() == 0.0 && number.abs() < 1e9 => format!("{number}"),
        _ => format!("{}", format!("{number:.2e}").parse().unwrap_or(number)),
    }
}

/// What solved it: the measured values that were asked for.
fn solved(check: &[Condition], snapshot: &Snapshot) -> String {
    let mut parts: Vec<String> = Vec::new();
    for condition in check {
        let row = condition.quantity.row();
        if let Reading::Number(number) = read(condition.quantity, snapshot) {
            let label = row.label.strip_prefix("The ").unwrap_or(row.label).to_lowercase();
            parts.push(format!("{label} {}", said(row.kind, number)));
        }
    }
    if snapshot.has_diverged {
        parts.push("the loss is no longer a number".into());
    }
    if parts.is_empty() { "Done.".into() } else { format!("Done: {}.", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::link;

    fn snapshot(link: &str, accuracy: Option<f32>) -> Snapshot {
        let experiment = link::decode(link).experiment;
        let validation = accuracy.map(|accuracy| EvalPoint { step: 100, loss: 0.2, accuracy, count: 1000 });
        Snapshot {
            experiment,
            n_parameters: 7_850,
            step: 100,
            epoch: 0,
            training_mistakes: None,
            training_loss: Some(0.25),
            validation,
            gradient_ratio: None,
            has_diverged: false,
        }
    }

    fn exercise(check: &[&str]) -> Exercise {
        Exercise {
            id: "it".into(),
            title: "It".into(),
            html: "<p>Do it.</p>".into(),
            lab: "lab".into(),
            check: check.iter().map(|text| Condition::parse(text).unwrap()).collect(),
            advice: vec![crate::model::Advice {
                when: vec![Condition::parse("step > 50").unwrap()],
                text: "Try something else.".into(),
            }],
        }
    }

    #[test]
    fn the_first_thing_missing_is_told() {
        let it = exercise(&["optimizer = sgd", "parameters <= 8000", "validation_accuracy >= 0.95"]);
        let verdict = it.check(&snapshot("mnist?layers=none", Some(0.9)));
        assert_eq!(verdict.hint, "The optimizer is Adam; SGD is asked for. Try something else.");
        let verdict = it.check(&snapshot("mnist?layers=none&opt=sgd", Some(0.949_99)));
        assert_eq!(verdict.hint, "Validation accuracy is 94.9 %; at least 95 % is asked for. Try something else.");
        let verdict = it.check(&snapshot("mnist?layers=none&opt=sgd", None));
        assert!(verdict.hint.starts_with("Validation accuracy is not measured yet: press Play."), "{}", verdict.hint);
        let verdict = it.check(&snapshot("mnist?layers=none&opt=sgd", Some(0.95)));
        assert_eq!(verdict, Verdict { done: true, hint: "Done: number of parameters 7850, validation accuracy 95 %.".into() });
    }

    #[test]
    fn a_loss_that_is_no_number_is_divergence_and_no_accuracy() {
        let it = exercise(&["diverged = yes"]);
        let mut state = snapshot("mnist?opt=sgd&lr=10", None);
        assert_eq!(it.check(&state).hint, "The loss is still a number, 0.250. Try something else.");
        state.has_diverged = true;
        state.training_loss = Some(f32::NAN);
        assert_eq!(it.check(&state).hint, "Done: the loss is no longer a number.");
        assert!(!exercise(&["training_loss < 1"]).check(&state).done);
    }

    /// Norms 0.01 at the bottom and 0.5 on top; the dropout and the activation in between learn nothing.
    #[test]
    fn gradients_are_compared_from_the_lowest_layer_that_learns_to_the_highest() {
        let layers = link::decode("mnist?layers=drop:0.5,dense:8:linear,act:tanh,dense:8:tanh").experiment.trace().unwrap();
        assert_eq!(gradient_ratio(&layers, &[0.0, 0.01, 0.0, 0.2, 0.5]), Some(0.02));
        assert_eq!(gradient_ratio(&layers, &[0.0, 0.0, 0.0, 0.0, 0.5]), Some(0.0));
        assert_eq!(gradient_ratio(&layers, &[0.0, 0.01, 0.0, 0.2, 0.0]), None, "nothing is compared with nothing");
        assert_eq!(gradient_ratio(&layers, &[]), None);
        assert_eq!(gradient_ratio(&link::decode("mnist?layers=none").experiment.trace().unwrap(), &[0.3]), None);
        let it = exercise(&["gradient_ratio < 0.05"]);
        let state = Snapshot { gradient_ratio: Some(0.02), ..snapshot("mnist", None) };
        assert!(it.check(&state).done);
    }

    #[test]
    fn hidden_layers_and_their_activation() {
        let of = |layers: &str| {
            let experiment = link::decode(&format!("mnist?layers={layers}")).experiment;
            let state = Snapshot { experiment, ..snapshot("mnist", None) };
            let n_hidden = match read(Quantity::HiddenLayers, &state) {
                Reading::Number(number) => number,
                _ => f64::NAN,
            };
            (shared_activation(&state.experiment.model.layers), n_hidden)
        };
        assert_eq!(of("none"), ("none", 0.0));
        assert_eq!(of("dense:8:tanh,drop:0.5,dense:8:tanh"), ("tanh", 2.0));
        assert_eq!(of("dense:8:tanh,dense:8:relu"), ("mixed", 2.0));
        assert_eq!(of("dense:8:linear,bn,act:gelu"), ("gelu", 1.0));
    }

    #[test]
    fn what_is_special_to_sequences_can_be_asked_for() {
        let holds = |link: &str, condition: &str| Condition::parse(condition).unwrap().holds(&snapshot(link, None));
        for (layers, cell, n_hidden) in [
            ("embed:16,global:mean", "none", 0),
            ("embed:16,rnn:8:all,global:mean", "rnn", 1),
            ("embed:16,gru:8:all,conv1d:4:3:relu,gru:8:last", "gru", 3),
            ("embed:16,gru:8:all,lstm:8:last", "mixed", 2),
        ] {
            let link = format!("imdb?window=80&layers={layers}");
            assert!(holds(&link, &format!("cell = {cell}")), "{layers}");
            assert!(holds(&link, &format!("hidden_layers = {n_hidden}")), "{layers}");
            assert!(holds(&link, "window = 80") && holds(&link, "horizon = 0"));
        }
        assert!(holds("sunspots?horizon=12", "horizon = 12"));
        let it = exercise(&["cell = lstm", "window <= 20"]);
        assert_eq!(
            it.check(&snapshot("stocks?layers=rnn:8:last", None)).hint,
            "The cell of the recurrent layers is RNN; LSTM is asked for. Try something else."
        );
        assert_eq!(it.check(&snapshot("stocks", None)).hint, "The window is 30; at most 20 is asked for. Try something else.");
    }
}
