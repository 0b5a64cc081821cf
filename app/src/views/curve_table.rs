//! The values of a chart as a table.

use super::curves::{Quantity, Series};
use super::painted::settled;
use crate::canvas::series::{Point, spread};
use crate::format::count;
use crate::state::Lab;
use leptos::prelude::*;

/// Rows for training steps, evenly spread: more are not read by anyone, and they are built anew each second.
const MOST_ROWS: usize = 25;

/// One row: the step and what is known of it.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    step: u64,
    train: Option<f64>,
    smooth: Option<f64>,
    validation: Option<f64>,
}

/// A table of the same values as the chart of this quantity.
#[component]
pub fn CurveTable(
    /// What the chart shows.
    quantity: Quantity,
    /// Whether the chart smooths the training curve.
    smooth: RwSignal<bool>,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let rows = settled(
        move || {
            lab.history_tick.track();
            smooth.track();
        },
        move || rows(&lab.history.with_value(|history| quantity.series(history, smooth.get_untracked()))),
    );
    let cell = move |value: Option<f64>| view! { <td>{value.map_or("–".into(), |value| quantity.text(value))}</td> };
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label=format!("{} by step", quantity.label())>
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Step"</th>
                        {quantity.has_training().then(|| view! { <th scope="col">"Train"</th><th scope="col">"Smoothed"</th> })}
                        <th scope="col">"Validation"</th>
                    </tr>
                </thead>
                <tbody>
                    {move || {
                        rows.get()
                            .into_iter()
                            .rev()
                            .map(|row| {
                                view! {
                                    <tr>
                                        <th scope="row">{count(row.step)}</th>
                                        {quantity.has_training().then(|| view! { {cell(row.train)}{cell(row.smooth)} })}
                                        {cell(row.validation)}
                                    </tr>
                                }
                            })
                            .collect_view()
                    }}
                </tbody>
            </table>
        </div>
    }
}

/// Training steps evenly spread, and every evaluation on validation data (the newest when there are very many).
fn rows(series: &Series) -> Vec<Row> {
    let validation = spread(&series.validation, 2 * MOST_ROWS);
    let mut steps: Vec<f64> = spread(&series.train, MOST_ROWS).iter().chain(&validation).map(|point| point.0).collect();
    steps.sort_by(f64::total_cmp);
    steps.dedup();
    let at =
        |points: &[Point], step: f64| points.binary_search_by(|point| point.0.total_cmp(&step)).ok().map(|idx| points[idx].1);
    let row = |step: f64| Row {
        step: step as u64,
        train: at(&series.train, step),
        smooth: at(&series.smooth, step),
        validation: at(&series.validation, step),
    };
    steps.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_charts_values() {
        let train: Vec<Point> = (1..=100).map(|step| (f64::from(step), 1.0 / f64::from(step))).collect();
        let series = Series { smooth: Vec::new(), validation: vec![(0.0, 3.0), (50.0, 0.5), (100.0, 0.1)], train };
        let rows = rows(&series);
        assert_eq!(rows.len(), MOST_ROWS + 2);
        assert_eq!(rows[0], Row { step: 0, train: None, smooth: None, validation: Some(3.0) });
        assert_eq!(rows.last(), Some(&Row { step: 100, train: Some(0.01), smooth: None, validation: Some(0.1) }));
        assert!(rows.windows(2).all(|pair| pair[0].step < pair[1].step));
    }
}
