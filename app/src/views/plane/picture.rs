//! What is on the large picture: the answer, or one unit's, as colors, and the examples as marks.

use super::{columns, grid_of, winner_color};
use crate::canvas::plane::{Mark, Square, draw_fields};
use crate::canvas::surface::Surface;
use crate::canvas::theme::Theme;
use crate::state::{Lab, PlaneReport, Unit};
use descent_spec::DataSet;
use descent_spec::data::Split;
use descent_spec::message::RunFacts;
use descent_spec::model::Head;
use descent_spec::plane::OwnPoint;
use leptos::prelude::*;

/// Draws what the net says, or the chosen unit, over the square.
pub fn draw_answer(
    surface: &Surface,
    theme: &Theme,
    report: &PlaneReport,
    facts: &RunFacts,
    chosen: Option<Unit>,
    square: Square,
) {
    let columns = columns(facts);
    let Some(last) = columns.len().checked_sub(1) else { return };
    let size = report.side * report.side;
    let unit = chosen.filter(|unit| unit.column > 0).unwrap_or(Unit { column: last, unit: 0 });
    let many = matches!(facts.experiment.head(), Head::Softmax { .. }) && chosen.is_none();
    if many {
        let Some(all) = report.outputs.last() else { return };
        let colors = (0..size).map(|at| winner_color(theme, all.iter().skip(at).step_by(size).copied()));
        draw_fields(surface, colors, report.side, &[square]);
    } else if let Some((values, scale)) = grid_of(report, facts, &columns, unit) {
        draw_fields(surface, values.iter().map(|&value| scale.color(theme, value)), report.side, &[square]);
    }
}

/// The examples as marks: the visitor's points as they are edited, else those of the running session.
pub fn marks(lab: Lab, theme: &Theme, square: Square, shows_test: bool) -> Vec<Mark> {
    let data = lab.experiment.with(|experiment| experiment.data.clone());
    let two = data.n_classes == 2;
    let color = |class: usize| match (two, class) {
        (true, 0) => theme.negative,
        (true, _) => theme.positive,
        (false, class) => theme.class(class),
    };
    if data.set == DataSet::Own {
        let mark = |point: &OwnPoint| {
            let ((x, y), class) = (point.position(), usize::from(point.class));
            Mark { at: square.place(x, y), shape: class, color: color(class), is_filled: true }
        };
        return data.own.iter().map(mark).collect();
    }
    let Some(points) = lab.points.get() else { return Vec::new() };
    let is_regression = data.n_classes == 0;
    let mark = |idx: usize, split: Split| {
        let target = points.target[idx];
        let class = target as usize;
        Mark {
            at: square.place(points.x[idx].into(), points.y[idx].into()),
            shape: if is_regression { 0 } else { class },
            color: if is_regression { theme.diverging(target) } else { color(class) },
            is_filled: split == Split::Train,
        }
    };
    (0..points.x.len())
        .map(|idx| (idx, points.split_of(idx)))
        .filter(|(_, split)| *split != Split::Test || shows_test)
        .map(|(idx, split)| mark(idx, split))
        .collect()
}
