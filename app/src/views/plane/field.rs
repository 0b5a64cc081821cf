//! What the net says everywhere, with the examples on it; and, for own points, the place to set them.

use super::columns;
use super::follow::Following;
use super::hand::Hand;
use super::line::{LineWords, draw_line};
use super::own_points::Tools;
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
use descent_spec::plane::PLANE_EXTENT;
use leptos::html::Canvas;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, KeyboardEvent, PointerEvent};

/// How far an arrow key moves the read-out, alone and with Shift.
const KEY_STEPS: (f64, f64) = (0.05, 0.01);
/// How near a press must come to a point to take hold of it, in pixels, by mouse and by finger.
const REACH: (f64, f64) = (10.0, 18.0);
/// Side of the frame around the example that is followed, in pixels.
const FRAME: f64 = 14.0;

/// What can be done to own points.
const OWN: &str = "Press to set a point, go on to draw more; press on one to move it. Keys: arrows move the cross, Enter sets, takes \
                   and lets go, Delete erases, Page Down finds the next point.";

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
    let is_own = Memo::new(move |_| lab.experiment.read().data.set == DataSet::Own);
    let hand = Hand::new(lab);

    let draw = move |surface: &Surface, theme: &Theme| {
        let square = Square { left: 0.0, top: 0.0, side: surface.width().min(surface.height()) };
        let report = lab.plane.get();
        lab.facts.with(|facts| {
            if let (Some(report), Some(facts)) = (report.as_deref(), facts) {
                draw_answer(surface, theme, report, facts, chosen.get(), square);
                if let Some(line) = report.line.filter(|_| chosen.get().is_none_or(|unit| unit.column > 0)) {
                    draw_line(surface, theme, &line, square);
                }
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
        let reach = reach_of(&event, &canvas);
        if is_own.get_untracked() {
            // Where capture is refused the drag ends at the edge.
            let _ = canvas.set_pointer_capture(event.pointer_id());
            hand.press(at, reach);
        } else if let Some(following) = following.filter(|_| lab.refusal(Control::Follow).is_none()) {
            following.pick(lab, at, reach, shows_test.get_untracked());
        }
    };
    let moved = move |event: PointerEvent| {
        let at = place(&event);
        probe.set(Some(at));
        if is_own.get_untracked() && event.buttons() & 1 == 1 {
            hand.drag(at, reach_of(&event, &event_target::<HtmlCanvasElement>(&event)));
        }
    };
    let key = move |event: KeyboardEvent| {
        let at = probe.get_untracked().unwrap_or((0.0, 0.0));
        let (x, y) = at;
        let step = if event.shift_key() { KEY_STEPS.1 } else { KEY_STEPS.0 };
        let to = match event.key().as_str() {
            "ArrowLeft" => Some((x - step, y)),
            "ArrowRight" => Some((x + step, y)),
            "ArrowUp" => Some((x, y + step)),
            "ArrowDown" => Some((x, y - step)),
            "Escape" if probe.get_untracked().is_some() => {
                event.stop_propagation();
                hand.release();
                return probe.set(None);
            }
            other if is_own.get_untracked() => hand.key(other, at),
            _ => None,
        };
        let Some(to) = to else { return };
        event.prevent_default();
        event.stop_propagation();
        let kept = |value: f64| value.clamp(-PLANE_EXTENT, PLANE_EXTENT);
        let to = (kept(to.0), kept(to.1));
        probe.set(Some(to));
        hand.cross_moved(to);
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
                    <Tools tool=hand.tool/>
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
                on:pointerup=move |_| hand.release()
                on:pointercancel=move |_| hand.release()
                on:pointerleave=move |_| probe.set(None)
                on:keydown=key
                on:blur=move |_| {
                    hand.release();
                    probe.set(None);
                }
            />
            <p class="readout" hidden=is_quiet>{move || reading(lab, probe.get(), is_own.get())}</p>
            <Show when=move || table.get()>
                <PlaneTable chosen/>
            </Show>
            <Show when=move || !is_quiet>
                <LineWords/>
            </Show>
        </section>
    }
}

/// How near a press must come, on the plane.
fn reach_of(event: &PointerEvent, canvas: &HtmlCanvasElement) -> f64 {
    let pixels = if event.pointer_type() == "touch" { REACH.1 } else { REACH.0 };
    pixels / side_of(canvas) * 2.0 * PLANE_EXTENT
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
        return if is_own { OWN.into() } else { how.into() };
    };
    let at = format!("x {}, y {}", sig3(x), sig3(y));
    let report = lab.plane.get();
    let said = lab.facts.with(|facts| {
        let (report, facts) = (report.as_deref()?, facts.as_ref()?);
        let answer = report.outputs.last()?;
        let (size, idx) = (report.side * report.side, nearest(report.side, x, y));
        let values: Vec<f32> = answer.iter().skip(idx).step_by(size).copied().collect();
        let first = *values.first()?;
        Some(match facts.experiment.head() {
            Head::Sigmoid => format!("P(class 1) = {}", percent(first.into())),
            Head::Perceptron if first == 0.5 => "on the line".into(),
            Head::Perceptron => format!("class {}", u8::from(first > 0.5)),
            Head::Linear => sig3(first.into()),
            Head::Softmax { .. } | Head::Tokens { .. } | Head::Sampled { .. } => {
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
