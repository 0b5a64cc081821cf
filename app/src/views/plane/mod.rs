//! The stage of a lab on points of a plane: the net with a picture on every unit, and what it says everywhere.

pub mod csv_file;
pub mod field;
pub mod follow;
pub mod hand;
pub mod line;
pub mod net_view;
pub mod own_points;
pub mod picture;
pub mod plane_table;
pub mod unit_panel;

use crate::canvas::theme::{Color, Theme};
use crate::lesson::Guarded;
use crate::state::{PlaneReport, Unit};
use crate::views::code::CodeView;
use descent_spec::lesson::Control;
use descent_spec::message::RunFacts;
use descent_spec::model::Head;
use descent_spec::registry::Registry;
use field::Field;
use follow::{FollowPanel, Following};
use leptos::prelude::*;
use net_view::NetView;
use unit_panel::UnitPanel;

/// The middle pane of a lab on points.
#[component]
pub fn PlaneStage() -> impl IntoView {
    let chosen = RwSignal::new(None::<Unit>);
    let following = Following::default();
    view! {
        <div class="plane-view">
            <NetView chosen/>
            <Field chosen following/>
            <UnitPanel chosen/>
            <Guarded control=Control::Follow>
                <FollowPanel chosen following/>
            </Guarded>
            <Guarded control=Control::Code>
                <CodeView/>
            </Guarded>
        </div>
    }
}

/// A column of the drawn net: the features, or a dense layer with what follows it up to the next.
#[derive(Debug, Clone, PartialEq)]
struct Column {
    /// `input`, `dense1`, …, `output`.
    name: String,
    /// Names of its units.
    units: Vec<String>,
    /// The layer of [`RunFacts::layers`] whose output its tiles show; none for the features.
    shown: Option<usize>,
    /// The dense layer of the column; none for the features.
    dense: Option<usize>,
}

/// The columns of a net, from the features to the answer.
fn columns(facts: &RunFacts) -> Vec<Column> {
    let features = facts.experiment.data.features.iter().map(|feature| feature.label().to_owned()).collect();
    let mut columns = vec![Column { name: "input".into(), units: features, shown: None, dense: None }];
    let is_dense = |idx: usize| matches!(facts.layers[idx].layer, descent_spec::LayerSpec::Dense { .. });
    let dense: Vec<usize> = (0..facts.layers.len()).filter(|&idx| is_dense(idx)).collect();
    for (nth, &layer) in dense.iter().enumerate() {
        let next = dense.get(nth + 1).copied().unwrap_or(facts.layers.len());
        let is_last = next == facts.layers.len();
        let name = if is_last { "output".into() } else { facts.layers[layer].name.clone() };
        let count = facts.layers[layer].output.len();
        let units = if is_last { outputs(facts, count) } else { (1..=count).map(|unit| unit.to_string()).collect() };
        columns.push(Column { name, units, shown: Some(next - 1), dense: Some(layer) });
    }
    columns
}

fn outputs(facts: &RunFacts, count: usize) -> Vec<String> {
    let data = facts.experiment.data.facts();
    match facts.experiment.head() {
        Head::Sigmoid => vec!["P(class 1)".into()],
        Head::Perceptron => vec!["class".into()],
        Head::Linear => vec!["value".into()],
        Head::Softmax { .. } | Head::Tokens { .. } | Head::Sampled { .. } => {
            data.classes.iter().take(count).map(|class| format!("P(class {class})")).collect()
        }
    }
}

/// How strong the color of a certain answer is: the marks of the examples must stand out from it.
const FULL: f32 = 0.8;

/// What the colors of a grid mean.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    /// From `-strongest` (negative) over zero to `strongest` (positive).
    Signed {
        /// The value of full color.
        strongest: f32,
    },
    /// A probability: of class 1 against class 0.
    TwoClasses,
    /// A probability: of this class against the others.
    OneClass(usize),
}

impl Scale {
    fn color(self, theme: &Theme, value: f32) -> Color {
        match self {
            Scale::Signed { strongest } => theme.diverging(value / strongest),
            Scale::TwoClasses => theme.diverging(FULL * (2.0 * value - 1.0)),
            Scale::OneClass(class) => theme.panel.mix(theme.class(class), value),
        }
    }
}

/// The color of the most probable class, paler where others are nearly as probable.
fn winner_color(theme: &Theme, probabilities: impl Iterator<Item = f32> + Clone) -> Color {
    let n_classes = probabilities.clone().count().max(2) as f32;
    let best = probabilities.enumerate().fold((0, f32::NEG_INFINITY), |best, it| if it.1 > best.1 { it } else { best });
    let certainty = (best.1 - 1.0 / n_classes) / (1.0 - 1.0 / n_classes);
    theme.panel.mix(theme.class(best.0), FULL * (0.15 + 0.85 * certainty.clamp(0.0, 1.0)))
}

/// The grid of one unit with its scale; none while there is no report that fits.
fn grid_of<'a>(report: &'a PlaneReport, facts: &RunFacts, columns: &[Column], unit: Unit) -> Option<(&'a [f32], Scale)> {
    let column = columns.get(unit.column)?;
    let layer = column.shown?;
    let size = report.side * report.side;
    let values = report.outputs.get(layer)?.get(unit.unit * size..(unit.unit + 1) * size)?;
    let is_output = unit.column + 1 == columns.len();
    let scale = match (is_output, facts.experiment.head()) {
        (true, Head::Sigmoid | Head::Perceptron) => Scale::TwoClasses,
        (true, Head::Softmax { .. } | Head::Tokens { .. } | Head::Sampled { .. }) => Scale::OneClass(unit.unit),
        (true, Head::Linear) => Scale::Signed { strongest: 1.0 },
        (false, _) => Scale::Signed { strongest: crate::canvas::pixels::strongest(values) },
    };
    Some((values, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_winner_is_paler_where_it_wins_narrowly() {
        let theme = Theme { panel: Color { rgb: [255; 3] }, classes: [Color { rgb: [0, 0, 0] }; 5], ..Theme::default() };
        let sure = winner_color(&theme, [0.0, 1.0, 0.0].into_iter());
        let unsure = winner_color(&theme, [0.33, 0.34, 0.33].into_iter());
        assert_eq!(sure.rgb, [51; 3], "0.8 of the way from white");
        assert!(unsure.rgb[0] > 200);
    }
}
