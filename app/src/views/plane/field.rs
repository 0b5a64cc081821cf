//! What the net says everywhere, with the examples on it; and, for own points, the place to set them.

use super::columns;
use super::follow::Following;
use super::own_points::{Pressed, Tool, Tools, press};
use super::picture::{draw_answer, marks};
use super::plane_table::PlaneTable;
use crate::canvas::plane::{Square, draw_mark, nearest};
use crate::canvas::surface::Surface;
use crate::canvas::theme::Theme;
use crate::format::{percent, sig3};
use crate::lesson::Guarded;
use crate::state::{Lab, PlanePoints, Unit};
use crate::views::curves::Switch;
use crate::views::painted::{Painted, settled};
use descent_spec::DataSet;
use descent_spec::lesson::Control;
use descent_spec::model::Head;
use descent_spec::plane::{MAX_OWN_POINTS, OwnPoint, PLANE_EXTENT};
use leptos::html::Canvas;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, KeyboardEvent, PointerEvent};

/// How far an arrow key moves the read-out.
const KEY_STEP: f64 = 0.05;
/// How near a press must come to a point to take hold of it, in pixels.
const REACH: f64 = 10.0;
/// Side of the frame around the example that is followed, in pixels.
const FRAME: f64 = 14.0;

/// The large picture.
#[component]
pub fn Field(
    /// The unit whose picture is shown large; none for the answer.
    chosen: RwSignal<Option<Unit>>,
    /// The example that is followed: framed, and chosen by a press.
    #[prop(optional)]
    following: Option<Following>,
    /// Only the picture, without what is there to work with.
    #[prop(optional)]
    is_quiet: bool,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let node = NodeRef::<Canvas>::new();
    let probe = RwSignal::new(None::<(f64, f64)>);
    let shows_test = RwSignal::new(false);
    let table = RwSignal::new(false);
    let tool = RwSignal::new(Tool::Class(1));
    let is_own = Memo::new(move |_| lab.experiment.read().data.set == DataSet::Own);
    let held = StoredValue::new(None::<usize>);

    let draw = move |surface: &Surface, theme: &Theme| {
        let square = Square { left: 0.0, top: 0.0, side: surface.width().min(surface.height()) };
        let report = lab.plane.get();
        lab.facts.with(|facts| {
            if let (Some(report), Some(facts)) = (report.as_deref(), facts) {
                draw_answer(surface, theme, report, facts, chosen.get(), square);
            }
        });
        for mark in marks(lab, theme, square, shows_test.get()) {
            draw_mark(surface, theme, mark);
        }
        if let Some((x, y)) = following.and_then(|following| following.place(lab)) {
            let (across, down) = square.place(x, y);
            surface.frame(across - FRAME / 2.0, down - FRAME / 2.0, FRAME, FRAME, theme.ink, 2.0);
        }
        if let Some((x, y)) = probe.get() {
            let (across, down) = square.place(x, y);
            surface.hairline(across - 8.0, across + 8.0, down, theme.ink);
            surface.upright(across, down - 8.0, down + 8.0, theme.ink);
        }
    };
    let place = move |event: &PointerEvent| {
        let side = side_of(&event_target::<HtmlCanvasElement>(event));
        Square { left: 0.0, top: 0.0, side }.point(f64::from(event.offset_x()), f64::from(event.offset_y()))
    };
    let down = move |event: PointerEvent| {
        let at = place(&event);
        probe.set(Some(at));
        if event.button() != 0 {
            return;
        }
        let canvas = event_target::<HtmlCanvasElement>(&event);
        let reach = REACH / side_of(&canvas) * 2.0 * PLANE_EXTENT;
        if !is_own.get_untracked() {
            if let Some(following) = following.filter(|_| lab.refusal(Control::Follow).is_none()) {
                following.pick(lab, at, reach, shows_test.get_untracked());
            }
            return;
        }
        if !lab.allows(Control::Own) {
            return;
        }
        // Where capture is refused the drag ends at the edge.
        let _ = canvas.set_pointer_capture(event.pointer_id());
        let mut said = None;
        lab.experiment.update(|experiment| said = press(experiment, tool.get_untracked(), at, reach));
        match said {
            Some(Pressed::Holds(idx)) => held.set_value(Some(idx)),
            Some(Pressed::Full) => lab.say(format!("{MAX_OWN_POINTS} points are the most: erase some first.")),
            None => {}
        }
    };
    let moved = move |event: PointerEvent| {
        let at = place(&event);
        probe.set(Some(at));
        let reach = REACH / side_of(&event_target::<HtmlCanvasElement>(&event)) * 2.0 * PLANE_EXTENT;
        let is_pressed = event.buttons() & 1 == 1;
        if let (Some(idx), true) = (held.get_value(), is_pressed) {
            lab.experiment.update(|experiment| {
                if let Some(point) = experiment.data.own.get_mut(idx) {
                    *point = OwnPoint::at(at.0, at.1, point.class);
                }
            });
        } else if is_own.get_untracked()
            && is_pressed
            && lab.refusal(Control::Own).is_none()
            && tool.get_untracked() == Tool::Erase
        {
            lab.experiment.update(|experiment| {
                press(experiment, Tool::Erase, at, reach);
            });
        }
    };
    let key = move |event: KeyboardEvent| {
        let (x, y) = probe.get_untracked().unwrap_or((0.0, 0.0));
        let to = match event.key().as_str() {
            "ArrowLeft" => (x - KEY_STEP, y),
            "ArrowRight" => (x + KEY_STEP, y),
            "ArrowUp" => (x, y + KEY_STEP),
            "ArrowDown" => (x, y - KEY_STEP),
            "Enter" if is_own.get_untracked() => {
                if lab.allows(Control::Own) {
                    lab.experiment.update(|experiment| {
                        press(experiment, tool.get_untracked(), (x, y), 0.03);
                    });
                }
                (x, y)
            }
            "Escape" if probe.get_untracked().is_some() => {
                event.stop_propagation();
                return probe.set(None);
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        let kept = |value: f64| value.clamp(-PLANE_EXTENT, PLANE_EXTENT);
        probe.set(Some((kept(to.0), kept(to.1))));
    };
    let label = settled(
        move || {
            lab.plane.track();
            lab.points.track();
        },
        move || described(lab),
    );
    let title = move || match chosen.get() {
        None => "What the network says".to_owned(),
        Some(unit) => lab.facts.with(|facts| {
            let Some(facts) = facts else { return String::new() };
            columns(facts).get(unit.column).map_or(String::new(), |column| {
                let name = column.units.get(unit.unit).map_or("", String::as_str);
                if column.dense.is_some() && unit.column + 1 < columns(facts).len() {
                    format!("What unit {name} of {} says", column.name)
                } else {
                    format!("What {name} is")
                }
            })
        }),
    };
    view! {
        <section class="field" aria-labelledby="field-title">
            <div class="view-head">
                <h2 id="field-title">{title}</h2>
                <div class="view-tools">
                    <Show when=move || !is_own.get() && !is_quiet>
                        <button
                            type="button"
                            class="switch"
                            aria-pressed=move || shows_test.get().to_string()
                            on:click=move |_| shows_test.update(|shows| *shows = !*shows)
                        >
                            "Test points"
                        </button>
                    </Show>
                    <Show when=move || !is_quiet>
                        <Switch on=table name="Plane" text="Table" long="table"/>
                    </Show>
                </div>
            </div>
            <Show when=move || is_own.get()>
                <Guarded control=Control::Own>
                    <Tools tool/>
                </Guarded>
            </Show>
            <Painted
                node
                label
                track=move || {
                    lab.plane.track();
                    lab.points.track();
                }
                hand=Box::new(move || {
                    probe.track();
                    chosen.track();
                    if let Some(following) = following {
                        following.track();
                    }
                    shows_test.track();
                    lab.experiment.track();
                })
                draw
                is_lively=true
                attr:class="plane"
                attr:tabindex="0"
                on:pointerdown=down
                on:pointermove=moved
                on:pointerup=move |_| held.set_value(None)
                on:pointercancel=move |_| held.set_value(None)
                on:pointerleave=move |_| probe.set(None)
                on:keydown=key
                on:blur=move |_| probe.set(None)
            />
            <p class="readout" hidden=is_quiet>{move || reading(lab, probe.get(), is_own.get())}</p>
            <Show when=move || table.get()>
                <PlaneTable chosen/>
            </Show>
        </section>
    }
}

fn side_of(canvas: &HtmlCanvasElement) -> f64 {
    f64::from(canvas.unchecked_ref::<web_sys::Element>().client_width()).max(1.0)
}

/// The text alternative: how many points, and what the picture is.
fn described(lab: Lab) -> String {
    let n_points = lab
        .points
        .with_untracked(|points: &Option<std::sync::Arc<PlanePoints>>| points.as_ref().map_or(0, |points| points.x.len()));
    format!("What the network says at every place of the plane, with {n_points} points on it")
}

/// The answer at a place, as numbers.
fn reading(lab: Lab, probe: Option<(f64, f64)>, is_own: bool) -> String {
    let Some((x, y)) = probe else {
        let how = "Point at the plane to read the answer there. Filled marks are training points, outlined ones are held out.";
        return if is_own { "Press to set a point, drag to move one.".into() } else { how.into() };
    };
    let at = format!("x {}, y {}", sig3(x), sig3(y));
    let report = lab.plane.get();
    let said = lab.facts.with(|facts| {
        let (report, facts) = (report.as_deref()?, facts.as_ref()?);
        let answer = report.outputs.last()?;
        let (size, idx) = (report.side * report.side, nearest(report.side, x, y));
        let values: Vec<f32> = answer.iter().skip(idx).step_by(size).copied().collect();
        let first = *values.first()?;
        Some(match facts.experiment.data.facts().head {
            Head::Sigmoid => format!("P(class 1) = {}", percent(first.into())),
            Head::Linear => sig3(first.into()),
            Head::Softmax { .. } => {
                let best = (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b]))?;
                format!("class {best}, {}", percent(values[best].into()))
            }
        })
    });
    match said {
        Some(said) => format!("{at}: {said}"),
        None => at,
    }
}
