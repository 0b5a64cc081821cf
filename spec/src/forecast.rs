//! Forecasts of a series: who makes them, how far off they are, and whether the difference means anything.

use crate::registry::{Entry, Registry};
use serde::{Deserialize, Serialize};

/// Who foretells a value from the window before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The net of the session.
    Model,
    /// The last value of the window, unchanged.
    LastValue,
    /// The mean of the window.
    MovingAverage,
    /// The weighted sum of the window's values and a constant that had the least squares on the training windows.
    Linear,
}

impl Registry for Method {
    const WHAT: &'static str = "way to forecast";

    fn table() -> &'static [Entry<Self>] {
        const fn row(value: Method, id: &'static str, label: &'static str, about: &'static str) -> Entry<Method> {
            Entry { value, id, label, about }
        }
        const TABLE: &[Entry<Method>] = &[
            row(Method::Model, "model", "Model", "the net as it is now"),
            row(Method::LastValue, "last", "Last value", "the same as the last value of the window"),
            row(Method::MovingAverage, "mean", "Moving average", "the mean of the window"),
            row(Method::Linear, "linear", "Linear", "least squares of the window's values, fitted on the training period"),
        ];
        TABLE
    }
}

/// What the data can show about two ways to forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The first is nearer to the truth, and by more than chance explains.
    Better,
    /// The first is farther from the truth, and by more than chance explains.
    Worse,
    /// Chance alone makes differences like this one.
    NoDifference,
}

/// The absolute errors of one way to forecast, less those of [`Method::LastValue`] at the same times.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Their mean: below 0 where the errors are smaller than the last value's.
    pub difference: f64,
    /// The standard error of that mean, which takes account of forecasts that overlap.
    pub standard_error: f64,
    /// What follows.
    pub finding: Finding,
}

/// How far off one way to forecast is over a part of the time, in the units of the series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ForecastErrors {
    /// Who foretells.
    pub method: Method,
    /// Mean absolute error.
    pub absolute: f64,
    /// Root of the mean squared error.
    pub root_squared: f64,
    /// Against the last value; none for the last value itself.
    pub against_last: Option<Comparison>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_one_row() {
        crate::registry::check_table(&[Method::Model, Method::LastValue, Method::MovingAverage, Method::Linear]);
    }
}
