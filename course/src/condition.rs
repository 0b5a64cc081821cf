//! What an exercise asks of a running experiment, as data: `validation_accuracy >= 0.95`, `data_set = xor`, `diverged = yes`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Something a running experiment can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Id of the data set.
    DataSet,
    /// Id of the optimizer.
    Optimizer,
    /// Id of the activation that all hidden layers share, else `mixed`, or `none` where there is no hidden layer.
    Activation,
    /// Id of the initializer.
    Initializer,
    /// Id of the cell that all recurrent layers share, else `mixed`, or `none` where there is no recurrent layer.
    Cell,
    /// Layers with weights before the output layer.
    HiddenLayers,
    /// Weights and biases of the whole model.
    Parameters,
    /// Steps of a window; 0 for data that are not cut into windows.
    Window,
    /// Steps from the last one of the window to what is foretold; 0 where no later value is.
    Horizon,
    /// Step size.
    LearningRate,
    /// Id of the learning rate's schedule.
    Schedule,
    /// Examples in a step.
    BatchSize,
    /// Factor of the L2 penalty.
    L2,
    /// Optimizer steps done.
    Step,
    /// Whole epochs done.
    Epoch,
    /// Id of the loss that was chosen: `cross_entropy` or `perceptron`.
    Loss,
    /// Training points on the wrong side of the line of a single neuron, or on it.
    TrainingMistakes,
    /// Loss of the newest batch.
    TrainingLoss,
    /// Newest loss on validation data.
    ValidationLoss,
    /// Newest accuracy on validation data, as a share.
    ValidationAccuracy,
    /// Gradient norm of the lowest layer that learns over that of the highest: far below 1 gradients vanish, far above they
    /// explode.
    GradientRatio,
    /// Whether the loss has ceased to be a number.
    Diverged,
}

/// What the values of a quantity are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// A share from 0 to 1, told as a percentage.
    Share,
    /// An id from one of the registries of `descent-spec`.
    Name,
    /// Yes or no.
    Flag,
}

/// One quantity: how authors spell it and how hints name it.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The quantity.
    pub quantity: Quantity,
    /// As it stands in `weeks/*.md`.
    pub id: &'static str,
    /// As a sentence begins with it.
    pub label: &'static str,
    /// What it is compared with.
    pub kind: Kind,
}

/// Every quantity.
pub const QUANTITIES: &[Row] = &[
    row(Quantity::DataSet, "data_set", "The data set", Kind::Name),
    row(Quantity::Optimizer, "optimizer", "The optimizer", Kind::Name),
    row(Quantity::Activation, "activation", "The activation of the hidden layers", Kind::Name),
    row(Quantity::Initializer, "initializer", "The initializer", Kind::Name),
    row(Quantity::Cell, "cell", "The cell of the recurrent layers", Kind::Name),
    row(Quantity::HiddenLayers, "hidden_layers", "The number of hidden layers", Kind::Number),
    row(Quantity::Parameters, "parameters", "The number of parameters", Kind::Number),
    row(Quantity::Window, "window", "The window", Kind::Number),
    row(Quantity::Horizon, "horizon", "The horizon", Kind::Number),
    row(Quantity::LearningRate, "learning_rate", "The learning rate", Kind::Number),
    row(Quantity::Schedule, "schedule", "The schedule", Kind::Name),
    row(Quantity::BatchSize, "batch_size", "The batch size", Kind::Number),
    row(Quantity::L2, "l2", "L2", Kind::Number),
    row(Quantity::Step, "step", "The step", Kind::Number),
    row(Quantity::Epoch, "epoch", "The number of epochs done", Kind::Number),
    row(Quantity::Loss, "loss", "The loss", Kind::Name),
    row(Quantity::TrainingMistakes, "training_mistakes", "The number of training mistakes", Kind::Number),
    row(Quantity::TrainingLoss, "training_loss", "Training loss", Kind::Number),
    row(Quantity::ValidationLoss, "validation_loss", "Validation loss", Kind::Number),
    row(Quantity::ValidationAccuracy, "validation_accuracy", "Validation accuracy", Kind::Share),
    row(Quantity::GradientRatio, "gradient_ratio", "Gradient ratio, lowest layer over highest,", Kind::Number),
    row(Quantity::Diverged, "diverged", "Divergence", Kind::Flag),
];

const fn row(quantity: Quantity, id: &'static str, label: &'static str, kind: Kind) -> Row {
    Row { quantity, id, label, kind }
}

impl Quantity {
    /// The row of this quantity.
    pub fn row(self) -> &'static Row {
        // A test sees to it that every quantity has a row, so the first is never taken by mistake.
        QUANTITIES.iter().find(|row| row.quantity == self).unwrap_or(&QUANTITIES[0])
    }
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relation {
    /// Greater or equal.
    #[serde(rename = ">=")]
    AtLeast,
    /// Less or equal.
    #[serde(rename = "<=")]
    AtMost,
    /// Greater.
    #[serde(rename = ">")]
    Above,
    /// Less.
    #[serde(rename = "<")]
    Below,
    /// Equal.
    #[serde(rename = "=")]
    Is,
}

/// The two-character spellings stand first, so that `>=` is not read as `>`.
const RELATIONS: [(Relation, &str); 5] =
    [(Relation::AtLeast, ">="), (Relation::AtMost, "<="), (Relation::Above, ">"), (Relation::Below, "<"), (Relation::Is, "=")];

impl Relation {
    /// Whether `value` stands in this relation to `bound`. Nothing does to what is not a number.
    pub fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Relation::AtLeast => value >= bound,
            Relation::AtMost => value <= bound,
            Relation::Above => value > bound,
            Relation::Below => value < bound,
            Relation::Is => value == bound,
        }
    }
}

/// What a quantity is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A number, or a share from 0 to 1.
    Number(f64),
    /// An id from a registry.
    Name(String),
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// What is looked at.
    pub quantity: Quantity,
    /// How it is compared; [`Relation::Is`] for names and flags.
    pub relation: Relation,
    /// With what.
    pub value: Value,
}

impl Condition {
    /// Reads one comparison.
    ///
    /// # Errors
    /// A sentence that says what cannot be read.
    pub fn parse(text: &str) -> Result<Condition, String> {
        let (relation, sign) = RELATIONS
            .into_iter()
            .find(|(_, sign)| text.contains(sign))
            .ok_or_else(|| format!("“{text}” compares nothing: write it like `validation_accuracy >= 0.95`"))?;
        let (left, right) = text.split_once(sign).unwrap_or((text, ""));
        let (left, right) = (left.trim(), right.trim());
        let row = QUANTITIES.iter().find(|row| row.id == left).ok_or_else(|| {
            let known: Vec<_> = QUANTITIES.iter().map(|row| row.id).collect();
            format!("there is no quantity {left}; there are {}", known.join(", "))
        })?;
        if matches!(row.kind, Kind::Name | Kind::Flag) && relation != Relation::Is {
            return Err(format!("{left} can only be compared with =, not with {sign}"));
        }
        let value = match row.kind {
            Kind::Name
                if !right.is_empty() && right.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) =>
            {
                Value::Name(right.into())
            }
            Kind::Name => return Err(format!("{left} must be compared with an id, and “{right}” is none")),
            Kind::Flag if right == "yes" || right == "no" => Value::Flag(right == "yes"),
            Kind::Flag => return Err(format!("{left} is yes or no, not “{right}”")),
            Kind::Number | Kind::Share => match right.parse::<f64>() {
                Ok(number) if row.kind == Kind::Share && !(0.0..=1.0).contains(&number) => {
                    return Err(format!("{left} is a share from 0 to 1, not {number}"));
                }
                Ok(number) if number.is_finite() => Value::Number(number),
                _ => return Err(format!("{left} must be compared with a number, and “{right}” is none")),
            },
        };
        Ok(Condition { quantity: row.quantity, relation, value })
    }
}

/// The spelling that [`Condition::parse`] reads.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = RELATIONS.iter().find(|(relation, _)| *relation == self.relation).map_or("=", |(_, sign)| sign);
        write!(f, "{} {sign} ", self.quantity.row().id)?;
        match &self.value {
            Value::Flag(flag) => f.write_str(if *flag { "yes" } else { "no" }),
            Value::Number(number) => write!(f, "{number}"),
            Value::Name(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_survive_their_spelling() {
        for text in [
            "validation_accuracy >= 0.95",
            "parameters <= 25",
            "learning_rate > 1",
            "l2 < 0.5",
            "step = 3",
            "data_set = xor",
            "diverged = no",
        ] {
            assert_eq!(Condition::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for text in [
            "",
            "accuracy >= 0.9",
            "validation_accuracy >= 95",
            "validation_accuracy",
            "data_set >= xor",
            "data_set = ",
            "data_set = a b",
            "diverged = maybe",
            "step > many",
            "step > inf",
        ] {
            assert!(Condition::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_quantity_has_one_row() {
        use Quantity::*;
        let all = [
            DataSet,
            Optimizer,
            Activation,
            Initializer,
            Cell,
            HiddenLayers,
            Parameters,
            Window,
            Horizon,
            LearningRate,
            Schedule,
            BatchSize,
            L2,
            Step,
            Epoch,
            Loss,
            TrainingMistakes,
            TrainingLoss,
            ValidationLoss,
            ValidationAccuracy,
            GradientRatio,
            Diverged,
        ];
        assert_eq!(QUANTITIES.len(), all.len());
        assert!(all.iter().all(|quantity| quantity.row().quantity == *quantity));
    }

    #[test]
    fn nothing_holds_of_what_is_not_a_number() {
        for (relation, _) in RELATIONS {
            assert!(!relation.holds(f64::NAN, 1.0));
        }
        assert!(Relation::AtLeast.holds(1.0, 1.0) && !Relation::Above.holds(1.0, 1.0));
    }
}
