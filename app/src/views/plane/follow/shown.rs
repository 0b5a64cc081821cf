//! What all views of a followed example share: the numbers, the names of what they belong to, and the unit looked at.

use super::super::Column;
use crate::followed::{Followed, FollowedLayer};
use crate::format::sig3;
use crate::state::Unit;
use descent_spec::message::RunFacts;
use descent_spec::model::Head;
use descent_spec::{Activation, LayerSpec};
use leptos::prelude::*;

/// A followed example and one unit of the net it went through.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub(super) followed: Followed,
    /// The dense layer of the unit, counted among the dense ones.
    pub(super) nth: usize,
    /// The unit's index in its layer.
    pub(super) unit: usize,
    /// Its name: `P(class 1)`, `dense1, unit 2`.
    pub(super) name: String,
    /// Names of what comes into the layer.
    pub(super) inputs: Vec<String>,
    /// Names of the layer's units.
    pub(super) units: Vec<String>,
    pub(super) activation: Activation,
    pub(super) head: Head,
    pub(super) learning_rate: f64,
}

impl Shown {
    /// None where the numbers belong to another net than the names.
    pub(super) fn new(facts: &RunFacts, columns: &[Column], followed: Followed, unit: Unit) -> Option<Shown> {
        let nth = unit.column.checked_sub(1)?;
        let layer = followed.layers.get(nth)?;
        let (before, column) = (columns.get(nth)?, columns.get(unit.column)?);
        let LayerSpec::Dense { activation, .. } = facts.layers.get(layer.layer as usize)?.layer else { return None };
        let fits = column.dense == Some(layer.layer as usize)
            && columns.len() == followed.layers.len() + 1
            && column.units.len() == layer.biases.len()
            && before.units.len() == followed.input_of(nth).len()
            && unit.unit < column.units.len();
        if !fits {
            return None;
        }
        let name = &column.units[unit.unit];
        let is_output = unit.column + 1 == columns.len();
        let input = |it: &String| if nth == 0 { it.clone() } else { format!("{} {it}", before.name) };
        Some(Shown {
            nth,
            unit: unit.unit,
            name: if is_output { name.clone() } else { format!("{}, unit {name}", column.name) },
            inputs: before.units.iter().map(input).collect(),
            units: column.units.clone(),
            activation,
            head: facts.experiment.head(),
            learning_rate: facts.experiment.training.learning_rate,
            followed,
        })
    }

    pub(super) fn layer(&self) -> &FollowedLayer {
        &self.followed.layers[self.nth]
    }

    pub(super) fn is_output(&self) -> bool {
        self.nth + 1 == self.followed.layers.len()
    }
}

/// A cell with a number: three digits to read, all of them to point at.
pub(super) fn cell(value: impl Into<f64>) -> impl IntoView {
    let value = value.into();
    view! { <td title=value.to_string()>{sig3(value)}</td> }
}

/// A number as a factor or a term: in brackets where its sign would stand beside an operator.
pub(super) fn term(value: impl Into<f64>) -> String {
    let value = value.into();
    if value < 0.0 { format!("({})", sig3(value)) } else { sig3(value) }
}
