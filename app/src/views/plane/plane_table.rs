//! The plane as tables: what the large picture shows at a few places, and what it says of the points.

use super::{columns, grid_of};
use crate::canvas::plane::nearest;
use crate::format::{percent, sig3};
use crate::state::{Lab, PlanePoints, PlaneReport, Unit};
use crate::views::painted::settled;
use descent_spec::Split;
use descent_spec::message::RunFacts;
use descent_spec::model::Head;
use descent_spec::plane::PLANE_EXTENT;
use leptos::prelude::*;

/// Rows and columns of the table: more are not read by anyone.
const PLACES: usize = 9;

/// Values at places of the picture; row 0 is at the top.
#[derive(Debug, Clone, Default, PartialEq)]
struct Grid {
    /// What the values are.
    caption: String,
    /// x of the columns, from left to right; read backwards they are y of the rows.
    at: Vec<f64>,
    /// One text for each place.
    rows: Vec<Vec<String>>,
}

/// How many points of each class the picture tells to be of which.
#[derive(Debug, Clone, Default, PartialEq)]
struct Told {
    n_classes: usize,
    /// `[truth, told]`, training points, then validation points.
    counts: [Vec<usize>; 2],
}

/// Tables of the same values as the large picture.
#[component]
pub fn PlaneTable(
    /// The unit whose picture is shown large; none for the answer.
    chosen: RwSignal<Option<Unit>>,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let track = move || {
        lab.plane.track();
        lab.points.track();
        chosen.track();
    };
    let grid = settled(track, move || with_report(lab, |report, facts, _| grid(report, facts, chosen.get_untracked())));
    let told = settled(track, move || with_report(lab, |report, facts, points| told(report, facts, points?)));
    view! {
        <div class="plane-table">
            {move || grid.get().map(grid_view)}
            {move || told.get().as_ref().map(told_view)}
        </div>
    }
}

/// Reads what the worker has said last; none while there is not all of it.
fn with_report<T>(lab: Lab, read: impl FnOnce(&PlaneReport, &RunFacts, Option<&PlanePoints>) -> Option<T>) -> Option<T> {
    let (report, points) = (lab.plane.get_untracked(), lab.points.get_untracked());
    lab.facts.with_untracked(|facts| read(report.as_deref()?, facts.as_ref()?, points.as_deref()))
}

fn grid_view(grid: Grid) -> impl IntoView {
    let header = grid.at.iter().map(|x| view! { <th scope="col">{sig3(*x)}</th> }).collect_view();
    let rows = grid.at.iter().rev().zip(grid.rows).map(|(y, cells)| {
        let cells = cells.into_iter().map(|text| view! { <td>{text}</td> }).collect_view();
        view! { <tr><th scope="row">{sig3(*y)}</th>{cells}</tr> }
    });
    let rows = rows.collect_view();
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Values over the plane">
            <table class="count-table">
                <caption>{grid.caption}</caption>
                <thead><tr><th scope="col">"y \\ x"</th>{header}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn told_view(told: &Told) -> impl IntoView + use<> {
    let names = (0..told.n_classes).map(|class| format!("Class {class}")).collect::<Vec<_>>();
    let header = names.iter().map(|name| view! { <th scope="col">{format!("{name} said")}</th> }).collect_view();
    let rows = ["training", "validation"].into_iter().zip(&told.counts).flat_map(|(split, counts)| {
        counts.chunks(told.n_classes.max(1)).zip(&names).map(move |(row, name)| {
            let cells = row.iter().map(|count| view! { <td>{*count}</td> }).collect_view();
            view! { <tr><th scope="row">{format!("{name}, {split}")}</th>{cells}</tr> }
        })
    });
    let rows = rows.collect_view();
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Points by class and answer">
            <table class="count-table">
                <caption>"Points by their class and by what the picture says where they lie."</caption>
                <thead><tr><td></td>{header}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// What the large picture shows, at `PLACES × PLACES` of its points.
fn grid(report: &PlaneReport, facts: &RunFacts, chosen: Option<Unit>) -> Option<Grid> {
    let columns = columns(facts);
    let unit = chosen.filter(|unit| unit.column > 0);
    let last = columns.len().checked_sub(1)?;
    let side = report.side;
    let size = side * side;
    let last_idx = side.checked_sub(1)?;
    let at: Vec<usize> = (0..PLACES).map(|place| place * last_idx / (PLACES - 1)).collect();
    let head = facts.experiment.data.facts().head;
    let answer = report.outputs.last()?;
    let values = match unit {
        Some(unit) => grid_of(report, facts, &columns, unit)?.0,
        None => answer.get(..size)?,
    };
    let is_answer = unit.is_none_or(|unit| unit.column == last);
    let text = |at: usize| match (head, unit) {
        (Head::Softmax { .. }, None) => {
            let (best, share) = winner(answer, size, at);
            format!("{best}: {}", percent(share.into()))
        }
        (Head::Sigmoid | Head::Softmax { .. }, _) if is_answer => percent(values[at].into()),
        _ => sig3(values[at].into()),
    };
    let caption = match unit {
        Some(unit) => {
            let column = columns.get(unit.column)?;
            format!("Output of {}, {}", column.name, column.units.get(unit.unit)?)
        }
        None if matches!(head, Head::Softmax { .. }) => "The most probable class, and its probability".into(),
        None => columns.get(last)?.units.first()?.clone(),
    };
    let coordinate = |at: usize| 2.0 * PLANE_EXTENT * at as f64 / last_idx.max(1) as f64 - PLANE_EXTENT;
    let rows = at.iter().map(|row| at.iter().map(|column| text(row * side + column)).collect()).collect();
    Some(Grid { caption, at: at.iter().map(|at| coordinate(*at)).collect(), rows })
}

/// The class of the picture at every point that is learned from or chosen by; none where values are told, not classes.
fn told(report: &PlaneReport, facts: &RunFacts, points: &PlanePoints) -> Option<Told> {
    let data = facts.experiment.data.facts();
    let n_classes = match data.head {
        Head::Sigmoid | Head::Perceptron => 2,
        Head::Softmax { n_classes } => n_classes,
        Head::Linear | Head::Tokens { .. } | Head::Sampled { .. } => return None,
    };
    let (answer, size) = (report.outputs.last()?, report.side * report.side);
    let mut counts = [vec![0; n_classes * n_classes], vec![0; n_classes * n_classes]];
    for idx in 0..points.x.len() {
        let split = match points.split_of(idx) {
            Split::Train => 0,
            Split::Validation => 1,
            // Test points are looked at when they are asked for.
            Split::Test => continue,
        };
        let at = nearest(report.side, points.x[idx].into(), points.y[idx].into());
        let class = match data.head {
            Head::Sigmoid | Head::Perceptron => usize::from(*answer.get(at)? >= 0.5),
            _ => winner(answer, size, at).0,
        };
        *counts[split].get_mut(points.target[idx] as usize * n_classes + class)? += 1;
    }
    Some(Told { n_classes, counts })
}

/// The most probable class at a place of `[classes, side, side]`, and its probability.
fn winner(answer: &[f32], size: usize, at: usize) -> (usize, f32) {
    let all = answer.iter().skip(at).step_by(size.max(1)).copied().enumerate();
    all.fold((0, f32::NEG_INFINITY), |best, it| if it.1 > best.1 { it } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;
    use descent_spec::link;
    use descent_spec::manifest::Source;

    /// A session of this link whose answer is x + y at every place, squeezed into 0..1 for a probability.
    fn session(link: &str, side: usize) -> (PlaneReport, RunFacts) {
        let experiment = link::decode(link).experiment;
        let layers = experiment.trace().unwrap();
        let value = |at: usize| (at % side) as f32 / (side - 1) as f32;
        let outputs =
            layers.iter().map(|layer| (0..layer.output.len() * side * side).map(|at| value(at % (side * side))).collect());
        let report = PlaneReport { step: 0, side, outputs: outputs.collect(), dense: Vec::new(), line: None };
        let facts = RunFacts {
            experiment,
            layers,
            n_train: 1,
            n_validation: 1,
            n_test: 1,
            source: Source::Generated,
            licence: String::new(),
            citation: String::new(),
            steps_per_epoch: 1,
            vocabulary: Vec::new(),
            target_vocabulary: Vec::new(),
        };
        (report, facts)
    }

    #[test]
    fn the_table_has_the_pictures_values_from_corner_to_corner() {
        let (report, facts) = session("xor?layers=dense:2:tanh", 17);
        let answer = grid(&report, &facts, None).unwrap();
        assert_eq!((answer.at.len(), answer.rows.len(), answer.rows[0].len()), (PLACES, PLACES, PLACES));
        assert_eq!((answer.at[0], answer.at[4], answer.at[8]), (-PLANE_EXTENT, 0.0, PLANE_EXTENT));
        assert_eq!((answer.rows[3][0].as_str(), answer.rows[3][4].as_str()), (percent(0.0).as_str(), "50.0 %"));
        let unit = grid(&report, &facts, Some(Unit { column: 1, unit: 1 })).unwrap();
        assert_eq!((unit.caption.as_str(), unit.rows[0][4].as_str()), ("Output of dense1, 2", "0.500"));
        let (report, facts) = session("hill?layers=none", 9);
        assert_eq!(grid(&report, &facts, None).unwrap().rows[0][2], "0.250", "a value is no percentage");
    }

    #[test]
    fn points_are_counted_by_what_the_picture_says_there() {
        let (report, facts) = session("xor?layers=none", 9);
        // The picture says class 1 right of the middle. The last point is a test point, which nobody asked for.
        let points = PlanePoints {
            x: vec![-1.0, 1.0, 1.0, -1.0],
            y: vec![0.0; 4],
            target: vec![0.0, 0.0, 1.0, 1.0],
            n_train: 2,
            n_validation: 1,
        };
        let told = told(&report, &facts, &points).unwrap();
        assert_eq!(told.counts, [vec![1, 1, 0, 0], vec![0, 0, 0, 1]]);
        let (report, facts) = session("hill?layers=none", 9);
        assert_eq!(super::told(&report, &facts, &points), None);
    }
}
