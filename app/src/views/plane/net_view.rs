//! The net: every unit a picture of what it says over the plane, every weight a curve.

use super::{Column, Scale, columns, grid_of};
use crate::canvas::net::{Hit, NetPlan};
use crate::canvas::pixels::strongest;
use crate::canvas::plane::{Square, draw_fields};
use crate::canvas::surface::{Align, Surface};
use crate::canvas::theme::{Color, Theme};
use crate::format::sig3;
use crate::state::{Lab, PlaneReport, Unit};
use crate::views::painted::{Painted, settled, width_of};
use descent_spec::message::RunFacts;
use descent_spec::plane::PLANE_EXTENT;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use web_sys::{KeyboardEvent, PointerEvent};

/// Width assumed until the page has been laid out.
const ROOM: f64 = 480.0;

/// With more weights than this the faintest are not drawn: nobody can tell one from the next, and each costs time.
const CROWD: usize = 400;
/// Share of the strongest weight below which a weight is faint.
const FAINTEST: f32 = 0.05;

const HOW: &str = "Point at a curve to read its weight; choose a unit to see it large and to set its weights. Blue is above \
                   zero, orange below.";

/// The drawn net with a line that reads what is pointed at.
#[component]
pub fn NetView(
    /// The unit whose picture is shown large and whose weights can be set.
    chosen: RwSignal<Option<Unit>>,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let pointed = RwSignal::new(None::<Hit>);
    let row = NodeRef::<Div>::new();
    let room = width_of(row, ROOM);
    let shown = Memo::new(move |_| lab.facts.read().as_ref().map(columns).unwrap_or_default());
    let plan = Memo::new(move |_| NetPlan::new(shown.read().iter().map(|column| column.units.len()).collect(), room.get()));
    // Another net has other units.
    Effect::new(move |before: Option<Vec<Column>>| {
        let now = shown.get();
        if before.is_some_and(|before| before != now) {
            chosen.set(None);
            pointed.set(None);
        }
        now
    });
    let node = NodeRef::<Canvas>::new();
    let draw = move |surface: &Surface, theme: &Theme| {
        let (plan, columns, report) = (plan.get(), shown.get(), lab.plane.get());
        lab.facts.with(|facts| {
            let Some(facts) = facts else { return };
            draw_weights(surface, theme, &plan, &columns, report.as_deref(), pointed.get());
            draw_units(surface, theme, &plan, &columns, report.as_deref(), facts);
        });
        if let Some(Unit { column, unit }) = chosen.get() {
            let (left, top) = plan.corner(column, unit);
            surface.frame(left - 2.0, top - 2.0, plan.tile + 4.0, plan.tile + 4.0, theme.ink, 2.0);
        }
    };
    let label = settled(
        move || {
            lab.plane.track();
            shown.track();
        },
        move || described(&shown.get_untracked()),
    );
    let hit = move |event: &PointerEvent| plan.get_untracked().hit(f64::from(event.offset_x()), f64::from(event.offset_y()));
    let point = move |event: PointerEvent| {
        let now = hit(&event);
        if pointed.get_untracked() != now {
            pointed.set(now);
        }
    };
    let choose = move |event: PointerEvent| {
        let unit = match hit(&event) {
            Some(Hit::Unit { column, unit } | Hit::Weight { column, unit, .. }) => Some(Unit { column, unit }),
            None => None,
        };
        // A second click lets go.
        chosen.update(|now| *now = if *now == unit { None } else { unit });
    };
    let step = move |event: KeyboardEvent| {
        let counts = plan.get_untracked().counts;
        let Some(to) = moved(chosen.get_untracked(), &event.key(), &counts) else { return };
        event.prevent_default();
        event.stop_propagation();
        chosen.set(to);
    };
    view! {
        <section class="net" aria-labelledby="net-title">
            <div class="view-head">
                <h2 id="net-title">"The network"</h2>
            </div>
            <div class="net-room" node_ref=row>
                <Painted
                    node
                    label
                    size=Signal::derive(move || plan.get().size())
                    track=move || {
                        lab.plane.track();
                        plan.track();
                    }
                    hand=Box::new(move || {
                        pointed.track();
                        chosen.track();
                    })
                    draw
                    attr:tabindex="0"
                    on:pointermove=point
                    on:pointerleave=move |_| pointed.set(None)
                    on:pointerdown=choose
                    on:keydown=step
                />
            </div>
            <p class="readout">{move || reading(lab, &shown.get(), pointed.get())}</p>
        </section>
    }
}

fn draw_weights(
    surface: &Surface,
    theme: &Theme,
    plan: &NetPlan,
    columns: &[Column],
    report: Option<&PlaneReport>,
    pointed: Option<Hit>,
) {
    let most =
        report.map_or(1.0, |report| report.dense.iter().map(|dense| strongest(&dense.weights)).fold(f32::MIN_POSITIVE, f32::max));
    // The one pointed at lies on top.
    let (under, over): (Vec<Hit>, Vec<Hit>) = plan.weights().partition(|hit| Some(*hit) != pointed);
    let faintest = if plan.weights().count() > CROWD { FAINTEST } else { 0.0 };
    for hit in under.into_iter().chain(over) {
        let weight = report.and_then(|report| weight_of(report, columns, hit)).unwrap_or(0.0);
        if (weight / most).abs() < faintest && Some(hit) != pointed {
            continue;
        }
        plan.draw_weight(surface, theme, hit, weight / most, Some(hit) == pointed);
    }
}

fn draw_units(
    surface: &Surface,
    theme: &Theme,
    plan: &NetPlan,
    columns: &[Column],
    report: Option<&PlaneReport>,
    facts: &RunFacts,
) {
    let Some(report) = report else { return };
    let stride = stride_for(report.side, plan.tile * surface.density());
    let side = (report.side - 1) / stride + 1;
    let mut squares = Vec::new();
    let mut colors: Vec<Color> = Vec::new();
    for (idx, column) in columns.iter().enumerate() {
        for unit in 0..column.units.len() {
            let (left, top) = plan.corner(idx, unit);
            squares.push(Square { left, top, side: plan.tile });
            match grid_of(report, facts, columns, Unit { column: idx, unit }) {
                Some((values, scale)) => {
                    colors.extend(thinned(values, report.side, stride).map(|value| scale.color(theme, value)));
                }
                None => colors
                    .extend(feature_grid(facts, unit, side).map(|value| Scale::Signed { strongest: 1.0 }.color(theme, value))),
            }
        }
    }
    draw_fields(surface, colors.into_iter(), side, &squares);
    for square in &squares {
        surface.frame(square.left, square.top, square.side, square.side, theme.line, 1.0);
    }
    if plan.tile >= 28.0 {
        for (unit, name) in columns.first().map_or(&[][..], |column| column.units.as_slice()).iter().enumerate() {
            let (left, top) = plan.corner(0, unit);
            surface.text(name, left + plan.tile / 2.0, top + plan.tile / 2.0, 11.0, Align::Center, theme.ink);
        }
    }
}

/// Every how many values of a grid a tile shows: no more than it has pixels. A large net has a hundred tiles, and they are small.
fn stride_for(side: usize, pixels: f64) -> usize {
    let fits = |stride: &usize| (side - 1).is_multiple_of(*stride) && ((side - 1) / stride + 1) as f64 >= pixels;
    (1..=4).rev().find(fits).unwrap_or(1)
}

/// Every `stride`-th value of every `stride`-th row.
fn thinned(values: &[f32], side: usize, stride: usize) -> impl Iterator<Item = f32> + '_ {
    values.chunks_exact(side).step_by(stride).flat_map(move |row| row.iter().copied().step_by(stride))
}

/// What a feature is over the plane: its definition, row by row from the top.
fn feature_grid(facts: &RunFacts, unit: usize, side: usize) -> impl Iterator<Item = f32> {
    let feature = facts.experiment.data.features.get(unit).copied().unwrap_or(descent_spec::Feature::X);
    let at = move |idx: usize| 2.0 * PLANE_EXTENT * idx as f64 / side.saturating_sub(1).max(1) as f64 - PLANE_EXTENT;
    (0..side * side).map(move |idx| feature.at(at(idx % side), -at(idx / side)) as f32)
}

/// The weight of a curve as it was reported.
fn weight_of(report: &PlaneReport, columns: &[Column], hit: Hit) -> Option<f32> {
    let Hit::Weight { column, input, unit } = hit else { return None };
    let layer = columns.get(column)?.dense?;
    let dense = report.dense.iter().find(|dense| dense.layer == layer)?;
    dense.weights.get(input * dense.biases.len() + unit).copied()
}

/// The unit an arrow key leads to; the outer `None` where the key is none of ours.
fn moved(now: Option<Unit>, key: &str, counts: &[usize]) -> Option<Option<Unit>> {
    let last = counts.len().checked_sub(1)?;
    let Some(Unit { column, unit }) = now else {
        return key.starts_with("Arrow").then_some(Some(Unit { column: last.min(1), unit: 0 }));
    };
    let across = |column: usize| Unit { column, unit: unit.min(counts[column].saturating_sub(1)) };
    Some(match key {
        "Escape" => None,
        "ArrowRight" => Some(across((column + 1).min(last))),
        "ArrowLeft" => Some(across(column.saturating_sub(1))),
        "ArrowDown" => Some(Unit { column, unit: (unit + 1).min(counts[column].saturating_sub(1)) }),
        "ArrowUp" => Some(Unit { column, unit: unit.saturating_sub(1) }),
        _ => return None,
    })
}

/// The text alternative: the shape of the net.
fn described(columns: &[Column]) -> String {
    let said = |column: &Column| match column.units.len() {
        1 => format!("{}, 1 unit", column.name),
        n => format!("{}, {n} units", column.name),
    };
    format!(
        "The network: {}. The arrow keys choose a unit, Escape lets go.",
        columns.iter().map(said).collect::<Vec<_>>().join("; ")
    )
}

/// What is pointed at, with its number.
fn reading(lab: Lab, columns: &[Column], pointed: Option<Hit>) -> String {
    let Some(hit) = pointed else { return HOW.into() };
    let name = |column: usize, unit: usize| {
        let Some(it) = columns.get(column) else { return String::new() };
        let unit = it.units.get(unit).map_or("", String::as_str);
        if column == 0 || column + 1 == columns.len() { unit.to_owned() } else { format!("{} unit {unit}", it.name) }
    };
    match hit {
        Hit::Unit { column, unit } => {
            let report = lab.plane.get();
            let range = lab.facts.with(|facts| {
                let (values, _) = grid_of(report.as_deref()?, facts.as_ref()?, columns, Unit { column, unit })?;
                let (low, high) = values.iter().fold((f32::MAX, f32::MIN), |(low, high), &v| (low.min(v), high.max(v)));
                Some(format!(", from {} to {} over the plane", sig3(low.into()), sig3(high.into())))
            });
            format!("{}{}", name(column, unit), range.unwrap_or_default())
        }
        Hit::Weight { column, input, unit } => {
            let weight = lab.plane.with(|report| report.as_ref().and_then(|report| weight_of(report, columns, hit)));
            let weight = weight.map_or("–".into(), |weight| sig3(weight.into()));
            format!("Weight from {} to {}: {weight}. A click opens it.", name(column - 1, input), name(column, unit))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_tiles_show_fewer_values() {
        assert_eq!([stride_for(49, 40.0), stride_for(49, 16.0), stride_for(49, 80.0), stride_for(50, 16.0)], [1, 3, 1, 1]);
        let grid: Vec<f32> = (0..25).map(|value| value as f32).collect();
        assert_eq!(thinned(&grid, 5, 2).collect::<Vec<_>>(), [0.0, 2.0, 4.0, 10.0, 12.0, 14.0, 20.0, 22.0, 24.0]);
    }

    #[test]
    fn arrow_keys_walk_through_the_net() {
        let counts = [2, 4, 1];
        let at = |column, unit| Some(Unit { column, unit });
        assert_eq!(moved(None, "ArrowRight", &counts), Some(at(1, 0)));
        assert_eq!(moved(at(1, 3), "ArrowRight", &counts), Some(at(2, 0)));
        assert_eq!(moved(at(1, 3), "ArrowDown", &counts), Some(at(1, 3)));
        assert_eq!(moved(at(1, 3), "ArrowLeft", &counts), Some(at(0, 1)));
        assert_eq!(moved(at(0, 0), "ArrowUp", &counts), Some(at(0, 0)));
        assert_eq!(moved(at(0, 0), "Escape", &counts), Some(None));
        assert_eq!(moved(at(0, 0), "a", &counts), None);
        assert_eq!(moved(None, "Escape", &counts), None);
    }
}
