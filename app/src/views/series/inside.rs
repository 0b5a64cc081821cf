//! Within the recurrent layer on one window: gates and states over time, and how far the loss's gradient reaches back.

use super::inside_table::{GradientTable, StateTable};
use crate::canvas::inside::{self, MOST_UNITS, Map, Part, Place, Road};
use crate::canvas::surface::Surface;
use crate::canvas::theme::Theme;
use crate::format::{count, sig3};
use crate::inside::{Inside, name_of};
use crate::state::Lab;
use crate::views::curves::Switch;
use crate::views::painted::{Painted, settled};
use descent_spec::LayerSpec;
use descent_spec::data::Split;
use leptos::html::Canvas;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use std::time::Duration;
use web_sys::{KeyboardEvent, PointerEvent};

/// Between two looks while training.
const PAUSE: Duration = Duration::from_millis(900);

/// The section; for nets without a recurrent layer it says so.
#[component]
pub fn InsideCell() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let is_recurrent = Memo::new(move |_| {
        let is = |layer: &descent_spec::model::TracedLayer| matches!(layer.layer, LayerSpec::Recurrent { .. });
        lab.facts.with(|facts| facts.as_ref().is_some_and(|facts| facts.layers.iter().any(is)))
    });
    view! {
        <section class="inside-cell" aria-labelledby="inside-title">
            <Show
                when=move || is_recurrent.get()
                fallback=|| {
                    view! {
                        <h2 id="inside-title">"Inside a cell"</h2>
                        <p class="about">"This net carries no state through time. LSTM, GRU and RNN do."</p>
                    }
                }
            >
                <Shown/>
            </Show>
        </section>
    }
}

#[component]
fn Shown() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let newest = RwSignal::new(None::<Arc<Inside>>);
    let problem = RwSignal::new(None::<String>);
    // Which window of validation; none is the last.
    let chosen = RwSignal::new(None::<u32>);
    let marked = RwSignal::new(None::<Place>);
    let [states, numbers] = [RwSignal::new(false), RwSignal::new(false)];
    let n_windows = Memo::new(move |_| lab.facts.with(|facts| facts.as_ref().map_or(0, |facts| facts.n_validation)) as u32);
    let index = Memo::new(move |_| {
        let last = n_windows.get().saturating_sub(1);
        chosen.get().unwrap_or(last).min(last)
    });
    look_on(lab, index, newest, problem);

    let map = Memo::new(move |_| {
        newest.with(|inside| {
            inside.as_ref().map_or(Map::new(6, 1, 16), |it| Map::new(it.parts.len(), it.n_steps(), it.facts.units as usize))
        })
    });
    let node = NodeRef::<Canvas>::new();
    let draw = move |surface: &Surface, theme: &Theme| {
        let inside = newest.read_untracked();
        let Some(inside) = inside.as_ref() else { return };
        let part = |(name, values): (&'_ String, &'_ Vec<f32>)| (name.clone(), values.clone());
        let parts: Vec<(String, Vec<f32>)> = inside.facts.parts.iter().zip(&inside.parts).map(part).collect();
        let parts: Vec<Part<'_>> = parts.iter().map(|(name, values)| Part { name, values }).collect();
        map.read_untracked().draw(surface, theme, &parts, inside.facts.units as usize, marked.get_untracked());
    };
    let draw_gradients = move |surface: &Surface, theme: &Theme| {
        if let Some(inside) = newest.read_untracked().as_ref() {
            inside::gradients(surface, theme, &roads(inside), marked.get_untracked().map(|place| place.step));
        }
    };
    let point = move |event: PointerEvent| {
        let Some(canvas) = node.get_untracked() else { return };
        let (x, y) = (event.offset_x().into(), event.offset_y().into());
        marked.set(map.read_untracked().place_at(x, y, canvas.client_width().into()));
    };
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let Some((n_parts, n_steps, n_units)) = newest.with_untracked(|inside| {
            inside.as_ref().map(|it| (it.parts.len(), it.n_steps(), (it.facts.units as usize).min(MOST_UNITS)))
        }) else {
            return;
        };
        let at = marked.get_untracked().unwrap_or(Place { part: 0, step: 0, unit: 0 });
        // Down through the units of a part and on into the next.
        let row = at.part * n_units + at.unit;
        let on_row = |row: usize| Place { part: row / n_units, unit: row % n_units, ..at };
        let to = match event.key().as_str() {
            "ArrowLeft" => Some(Place { step: at.step.saturating_sub(1), ..at }),
            "ArrowRight" => Some(Place { step: (at.step + 1).min(n_steps.saturating_sub(1)), ..at }),
            "ArrowUp" => Some(on_row(row.saturating_sub(1))),
            "ArrowDown" => Some(on_row((row + 1).min((n_parts * n_units).saturating_sub(1)))),
            "Escape" if marked.get_untracked().is_some() => None,
            "t" | "T" => {
                states.update(|on| *on = !*on);
                Some(at)
            }
            _ => return,
        };
        marked.set(to);
        event.stop_propagation();
        event.prevent_default();
    };
    let track = move || newest.track();
    let hand = move || marked.track();
    let label = settled(track, move || {
        newest.with_untracked(|inside| {
            inside.as_ref().map_or_else(|| "Gates and states: not looked at yet".into(), |it| described(it))
        })
    });
    let gradients_label = settled(track, move || {
        newest.with_untracked(|inside| {
            inside.as_ref().map_or_else(|| "Gradients by step: not looked at yet".into(), |it| reached(it))
        })
    });
    let reading = move || {
        let inside = newest.read();
        let Some(inside) = inside.as_ref() else { return String::new() };
        match marked.get() {
            Some(place) => read(inside, place),
            None => "blue above zero, orange below; the last step is on the right".into(),
        }
    };
    let which = move || {
        let inside = newest.read();
        let Some(inside) = inside.as_ref() else { return String::new() };
        let series = lab.series.read();
        let date = series.as_ref().and_then(|series| series.dates.get(inside.facts.time as usize)).cloned().unwrap_or_default();
        format!("{}, the window that foretells {date}, step {}", inside.facts.layer, count(inside.facts.step))
    };
    let unit = move || marked.get().map_or(0, |place| place.unit);
    view! {
        <div class="view-head">
            <h2 id="inside-title">"Inside a cell"</h2>
            <p class="subject">{which}</p>
            <div class="view-tools"><Switch on=states name="Inside a cell" text="Table" long="table"/></div>
        </div>
        <div class="row window-choice">
            <label for="inside-window">"Window of validation"</label>
            <input
                id="inside-window"
                type="range"
                min="0"
                max=move || n_windows.get().saturating_sub(1)
                prop:value=move || index.get()
                on:input=move |event| chosen.set(event_target_value(&event).parse().ok())
            />
        </div>
        <p class="problem" role="status" hidden=move || problem.read().is_none()>{problem}</p>
        <Painted
            node
            label
            size=Signal::derive(move || (0.0, map.get().height()))
            track=track
            hand=Box::new(hand)
            draw
            attr:class="wide-canvas"
            attr:tabindex="0"
            on:pointermove=point
            on:pointerdown=point
            on:pointerleave=move |_| marked.set(None)
            on:blur=move |_| marked.set(None)
            on:keydown=key
        />
        <p class="readout">{reading}</p>
        <Show when=move || states.get()>
            <StateTable inside=newest unit=Signal::derive(unit)/>
        </Show>
        <div class="view-head">
            <h3>"How far the gradient reaches back"</h3>
            <div class="view-tools"><Switch on=numbers name="Gradient by step" text="Table" long="table"/></div>
        </div>
        <Painted
            label=gradients_label
            track=track
            hand=Box::new(hand)
            draw=draw_gradients
            attr:class="chart step-gradients"
        />
        <p class="legend">
            {move || {
                let inside = newest.read();
                let Some(inside) = inside.as_ref() else { return ().into_any() };
                let lines = inside.facts.roads.iter().zip(roads(inside));
                lines
                    .map(|(road, line)| {
                        let class = match (line.color, line.is_dashed) {
                            (Some(class), dashed) => format!("road road-{class}{}", if dashed { " road-dashed" } else { "" }),
                            (None, dashed) => format!("road{}", if dashed { " road-dashed" } else { "" }),
                        };
                        view! { <span class=class>{name_of(road, inside.facts.step)}</span> }
                    })
                    .collect_view()
                    .into_any()
            }}
        </p>
        <p class="about">
            "‖∂L/∂h‖ at each step of the window as a share of the last step's, log scale: where a line falls to the left, what happened early cannot be learned from. The dashed line is the LSTM's cell state c. First weights are drawn from this run's seed, with as many units."
        </p>
        <Show when=move || numbers.get()>
            <GradientTable inside=newest/>
        </Show>
    }
}

/// Looks inside when the window or the weights are others: at once, and while training once in a while.
fn look_on(lab: Lab, index: Memo<u32>, newest: RwSignal<Option<Arc<Inside>>>, problem: RwSignal<Option<String>>) {
    let is_busy = StoredValue::new(false);
    let again = RwSignal::new(0u32);
    Effect::new(move |_| {
        again.track();
        let has_come = lab.series.read().is_some();
        let step = lab.forecasts.with(|all| all.get(&Split::Validation).map(|forecast| forecast.step));
        let wanted = index.get();
        if !has_come || step.is_none() || is_busy.get_value() || lab.hidden.get_untracked() {
            return;
        }
        is_busy.set_value(true);
        spawn_local(async move {
            let answer = lab.look_inside(Split::Validation, wanted).await;
            let is_wanted = index.try_get_untracked() == Some(wanted);
            match answer {
                Ok(inside) if is_wanted => {
                    newest.try_set(Some(Arc::new(inside)));
                    problem.try_set(None);
                }
                Ok(_) => {}
                Err(why) => drop(problem.try_set(Some(why))),
            }
            let rest = move || {
                is_busy.try_update_value(|busy| *busy = false);
                let shown = newest.try_get_untracked().flatten().map(|inside| inside.facts.step);
                let now =
                    lab.forecasts.try_with_untracked(|all| all.get(&Split::Validation).map(|forecast| forecast.step)).flatten();
                // What changed meanwhile is looked at as well.
                if index.try_get_untracked().is_some_and(|now| now != wanted) || (shown.is_some() && now > shown) {
                    again.try_update(|again| *again = again.wrapping_add(1));
                }
            };
            if is_wanted { set_timeout(rest, PAUSE) } else { rest() }
        });
    });
}

/// The gradients to draw: the run's in ink, those at first weights in the colors of classes.
fn roads(inside: &Inside) -> Vec<Road> {
    let all = inside.facts.roads.iter().enumerate();
    all.map(|(idx, road)| Road {
        shares: inside.shares(idx),
        color: road.at_first_weights.then_some(road.cell as usize),
        is_dashed: road.of_cell_state,
    })
    .collect()
}

fn read(inside: &Inside, Place { part, step, unit }: Place) -> String {
    let name = inside.facts.parts.get(part).map_or("", String::as_str);
    let value = sig3(inside.value(part, step, unit).into());
    let seen = inside.window.get(step).map_or(String::new(), |&seen| format!("; the step sees {}", sig3(seen.into())));
    format!("{name} of unit {unit} after step {}: {value}{seen}", step + 1)
}

fn described(inside: &Inside) -> String {
    let parts = inside.facts.parts.join(", ");
    let (units, steps) = (inside.facts.units, inside.n_steps());
    format!("Heat map of {parts}: {units} units over {steps} steps. Arrows read values, T shows the table.")
}

/// What of the gradient is left at the first step.
fn reached(inside: &Inside) -> String {
    let left = |(idx, road)| {
        let first = inside.shares(idx).first().copied().unwrap_or(f64::NAN);
        format!("{} {}", name_of(road, inside.facts.step), sig3(first))
    };
    let all: Vec<String> = inside.facts.roads.iter().enumerate().map(left).collect();
    format!("Gradient at the first step as a share of that at the last: {}", all.join("; "))
}
