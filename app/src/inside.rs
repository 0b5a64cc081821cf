//! What goes on within a recurrent layer, as the worker told it.

use crate::client::Answer;
use descent_spec::message::{GradientRoad, InsideFacts, ToApp};

/// One window in a recurrent layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Inside {
    /// What it is about.
    pub facts: InsideFacts,
    /// The window in the units of the series, the oldest value first.
    pub window: Vec<f32>,
    /// For each part of the facts its values, `[steps, units]`.
    pub parts: Vec<Vec<f32>>,
    /// For each road of the facts the length of the loss's gradient at every step.
    pub gradients: Vec<Vec<f32>>,
}

impl Inside {
    /// Reads the answer; none where it does not hold what it says.
    pub(crate) fn read(answer: &Answer) -> Option<Inside> {
        let ToApp::Inside { facts, .. } = &answer.head else { return None };
        let window = answer.floats(0)?;
        let (n_parts, n_roads) = (facts.parts.len() as u32, facts.roads.len() as u32);
        let parts: Vec<Vec<f32>> = (1..=n_parts).filter_map(|idx| answer.floats(idx)).collect();
        let gradients: Vec<Vec<f32>> = (1 + n_parts..=n_parts + n_roads).filter_map(|idx| answer.floats(idx)).collect();
        let are_whole = parts.len() == facts.parts.len()
            && gradients.len() == facts.roads.len()
            && parts.iter().all(|part| part.len() == window.len() * facts.units as usize)
            && gradients.iter().all(|lengths| lengths.len() == window.len());
        are_whole.then(|| Inside { facts: facts.clone(), window, parts, gradients })
    }

    /// Number of steps.
    pub fn n_steps(&self) -> usize {
        self.window.len()
    }

    /// What a part holds for a unit at a step.
    pub fn value(&self, part: usize, step: usize, unit: usize) -> f32 {
        let place = step * self.facts.units as usize + unit;
        self.parts.get(part).and_then(|values| values.get(place)).copied().unwrap_or(0.0)
    }

    /// A gradient's lengths as shares of that at the last step.
    pub fn shares(&self, road: usize) -> Vec<f64> {
        let Some(lengths) = self.gradients.get(road) else { return Vec::new() };
        let last = lengths.last().copied().unwrap_or(0.0);
        lengths.iter().map(|&length| f64::from(length) / f64::from(last)).collect()
    }
}

/// What a road is called: `this LSTM, step 40`, `GRU at first weights`, `LSTM at first weights, cell state`.
pub fn name_of(road: &GradientRoad, step: u64) -> String {
    use descent_spec::registry::Registry;
    let state = if road.of_cell_state { ", cell state" } else { "" };
    match road.at_first_weights {
        true => format!("{} at first weights{state}", road.cell.label()),
        false => format!("This {}, step {}{state}", road.cell.label(), crate::format::count(step)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::Cell;

    #[test]
    fn shares_are_of_the_last_step() {
        let road = GradientRoad { cell: Cell::Gru, at_first_weights: true, of_cell_state: false };
        let facts = InsideFacts {
            step: 1200,
            layer: "gru1".into(),
            cell: Cell::Gru,
            units: 2,
            time: 9,
            parts: vec!["hidden".into()],
            roads: vec![road],
        };
        let inside =
            Inside { facts, window: vec![1.0, 2.0], parts: vec![vec![0.1, 0.2, 0.3, 0.4]], gradients: vec![vec![0.5, 2.0]] };
        assert_eq!((inside.shares(0), inside.value(0, 1, 0), inside.value(0, 5, 5)), (vec![0.25, 1.0], 0.3, 0.0));
        assert_eq!(name_of(&road, 3), "GRU at first weights");
        let own = GradientRoad { cell: Cell::Lstm, at_first_weights: false, of_cell_state: true };
        assert_eq!(name_of(&own, 1200), "This LSTM, step 1,200, cell state");
    }
}
