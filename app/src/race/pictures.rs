//! The two pictures of a race: paths over the ground, and losses over the steps.

use super::run::{Run, ground_of};
use super::state::RaceLab;
use crate::canvas::contest::{Ground, Line, draw_curves, draw_map, levels};
use crate::canvas::scale::Axis;
use crate::canvas::series::{Point, extent, smoothed};
use crate::format::{percent, sig3};
use crate::views::curves::Switch;
use crate::views::painted::Painted;
use descent_spec::contest::Arena;
use leptos::prelude::*;

/// Share of the past in the smoothed curves of a net's noisy batches.
const SMOOTHING: f64 = 0.9;
/// Losses below this are shown at it: on a surface they fall to zero itself.
const LOWEST: f64 = 1e-8;

/// Paths over a surface, or over the slice of a net's loss.
#[component]
pub fn Map(
    /// The race.
    race: RaceLab,
) -> impl IntoView {
    let ground = Memo::new(move |_| ground(race));
    let label = move || {
        let run = race.run.read();
        let what = match &*race.arena.read() {
            Arena::Surface { surface, .. } => descent_spec::registry::Registry::label(*surface).to_owned(),
            Arena::Net { .. } => "the slice of the net's loss".to_owned(),
        };
        let ends: Vec<String> = run.runners.iter().filter_map(|it| Some(end_words(it.name(), *it.path.last()?))).collect();
        match ends.is_empty() {
            true => format!("Map of {what}: no paths yet"),
            false => format!("Paths over {what}. {}", ends.join(" ")),
        }
    };
    let label = crate::views::painted::settled(
        move || {
            race.run.track();
            race.arena.track();
        },
        label,
    );
    let start = move || match &*race.arena.read() {
        Arena::Surface { start, .. } => *start,
        Arena::Net { .. } => (0.0, 0.0),
    };
    view! {
        <figure class="race-map">
            <Painted
                label
                track=move || {
                    ground.track();
                    race.run.track();
                    race.arena.track();
                }
                draw=move |surface, theme| {
                    let run = race.run.read();
                    let Some(ground) = ground.get() else { return };
                    draw_map(surface, theme, &ground, &lines(&run, |it| it.path.as_slice()), start());
                }
            />
            <figcaption class="small quiet">{move || caption(race)}</figcaption>
        </figure>
    }
}

/// Losses over the steps.
#[component]
pub fn Losses(
    /// The race.
    race: RaceLab,
) -> impl IntoView {
    let log = RwSignal::new(true);
    let label = crate::views::painted::settled(
        move || race.run.track(),
        move || {
            let run = race.run.read();
            let ends = run.runners.iter().filter_map(|it| Some(format!("{} {}", it.name(), sig3(it.losses.last()?.1))));
            let ends: Vec<String> = ends.collect();
            if ends.is_empty() {
                "Losses over the steps: no steps yet".into()
            } else {
                format!("Losses over the steps: {}", ends.join(", "))
            }
        },
    );
    let draw = move |surface: &crate::canvas::surface::Surface, theme: &crate::canvas::theme::Theme| {
        let run = race.run.read();
        let curves: Vec<Vec<Point>> = run.runners.iter().map(|it| curve(&run, &it.losses)).collect();
        let lines = run.runners.iter().zip(&curves).map(|(it, points)| Line { row: it.row, name: it.name(), points });
        let lines: Vec<Line<'_>> = lines.collect();
        // Who runs away does not decide the heights for those who stay: everybody began with the highest that matters.
        let first = run.runners.iter().filter_map(|it| it.losses.first()).map(|point| point.1).fold(0.0, f64::max);
        let range = extent(curves.iter().map(Vec::as_slice)).map(|(low, high)| (low, high.min(3.0 * first.max(LOWEST))));
        let axis = match (log.get(), range) {
            (true, Some((low, high))) => Axis::log(low.max(LOWEST), high),
            (true, None) => Axis::log(0.01, 1.0),
            (false, range) => Axis::linear(range.map_or(1.0, |range| range.1)),
        };
        draw_curves(surface, theme, &lines, &axis, f64::from(run.setup.steps.max(1)));
    };
    let what = move || match &*race.arena.read() {
        Arena::Surface { .. } => "Height before each step.",
        Arena::Net { .. } => "Loss of the batch before each step, smoothed.",
    };
    view! {
        <figure class="race-losses">
            <div class="view-head">
                <h2>"Loss"</h2>
                <div class="view-tools">
                    <Switch on=log name="Loss" text="Log" long="log scale"/>
                </div>
            </div>
            <Painted label track=move || race.run.track() hand=Box::new(move || log.track()) draw/>
            <figcaption class="small quiet">{what}</figcaption>
        </figure>
    }
}

fn end_words(name: &str, (x, y): Point) -> String {
    format!("{name} at {}, {}.", sig3(x), sig3(y))
}

fn lines<'a>(run: &'a Run, points: fn(&'a super::run::Runner) -> &'a [Point]) -> Vec<Line<'a>> {
    run.runners.iter().map(|it| Line { row: it.row, name: it.name(), points: points(it) }).collect()
}

/// Batches differ from step to step more than racers do; heights of a surface do not.
fn curve(run: &Run, losses: &[Point]) -> Vec<Point> {
    match run.setup.arena {
        Arena::Surface { .. } => losses.to_vec(),
        Arena::Net { .. } => smoothed(losses, SMOOTHING),
    }
}

/// None on a net whose slice is not measured.
fn ground(race: RaceLab) -> Option<Ground> {
    match &*race.arena.read() {
        Arena::Surface { surface, .. } => Some(ground_of(*surface)),
        Arena::Net { .. } => {
            let slice = race.run.with(|run| run.slice.clone())?;
            let levels = race.heights.with(|heights| levels(heights, slice.side as usize));
            Some(Ground { view: slice.view, levels, minima: Vec::new() })
        }
    }
}

/// What the picture shows, with how much of the paths it shows.
fn caption(race: RaceLab) -> String {
    match &*race.arena.read() {
        Arena::Surface { surface, .. } => {
            let [left, right, low, high] = surface.facts().view;
            let text = format!("x from {left} to {right}, y from {low} to {high}; crosses are minima. The stronger the grey, the higher, by the logarithm.");
            text.replace('-', "−")
        }
        Arena::Net { .. } => race.run.with(|run| match &run.slice {
            None => "The slice of the loss is measured after the race, over all training points.".into(),
            Some(slice) => format!(
                "The loss over all training points on the plane through the start along the two principal directions of all paths. It \
                 holds {} of their squared distances from the start; the rest lies across it, and a path may look higher or lower \
                 here than its racer stands.",
                percent(slice.share)
            ),
        }),
    }
}
