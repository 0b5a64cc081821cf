//! "Draw a digit": a pad for mouse, finger, pen and keyboard; what the network sees of it, and what it reads.

use super::answer::{Answer, winner};
use super::painted::{Painted, settled};
use super::strokes::{PEN, Point, Strokes};
use crate::canvas::frame::Painter;
use crate::canvas::pixels::{self, Mosaic};
use crate::canvas::surface::{Align, Surface};
use crate::canvas::theme::Theme;
use crate::format::percent;
use crate::state::{Ink, Lab};
use descent_spec::shape::Shape;
use leptos::html::Canvas;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, KeyboardEvent, PointerEvent};

/// Side of the ink that goes to the worker, in pixels: seven for each of the 20 that the digit becomes.
const INK_SIDE: u32 = 140;
/// How far an arrow key moves the pen, as a share of the pad.
const KEY_STEP: f64 = 1.0 / 28.0;
/// Side of the picture that the network sees, enlarged.
const SEEN_SIDE: f64 = 84.0;

const HOW: &str = "Draw with the mouse, a finger or a pen. With the keyboard: the arrow keys move the pen, Space puts it down \
                   and lifts it, Delete wipes the pad.";

/// The pad's state; the strokes are the drawing, everything else is derived from them.
#[derive(Debug, Default)]
struct Hand {
    strokes: Strokes,
    /// Pointer whose stroke is being drawn; others are ignored meanwhile.
    pointer: Option<i32>,
    /// The keyboard's pen: where, and whether it is down. Shown once a key has moved it.
    pen: Option<(Point, bool)>,
}

/// Pad, picture and bars.
#[component]
pub fn Draw() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let facts = lab.experiment.with_untracked(|experiment| experiment.data.facts());
    let classes = facts.classes;
    let is_blank = RwSignal::new(true);
    let read = settled(
        move || {
            lab.drawing.track();
            is_blank.track();
        },
        move || describe(lab.drawing.get_untracked().as_deref(), classes),
    );
    view! {
        <section class="draw">
            <h2>"Draw a digit"</h2>
            <div class="draw-body">
                <Pad is_blank/>
                <figure class="seen">
                    <Seen/>
                    <figcaption>"as the network sees it, 28×28"</figcaption>
                </figure>
                <Answer probabilities=lab.drawing classes label="Probabilities of the drawing"/>
            </div>
            <p id="draw-how" class="visually-hidden">{HOW} " " {move || read.get()}</p>
        </section>
    }
}

#[component]
fn Pad(is_blank: RwSignal<bool>) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let node = NodeRef::<Canvas>::new();
    let hand = StoredValue::new_local(Hand::default());
    let drawn = RwSignal::new(0_u32);
    let sender = StoredValue::new_local(Painter::new(move || {
        if let Some(ink) = hand.try_with_value(|hand| ink_of(&hand.strokes)).flatten() {
            lab.draw(ink);
        }
    }));
    // Strokes are painted with the next frame; the worker hears of them at most ten times a second.
    let changed = move || {
        drawn.update(|count| *count = count.wrapping_add(1));
        is_blank.set(hand.with_value(|hand| hand.strokes.is_empty()));
        sender.with_value(Painter::request);
    };
    let clear = move || {
        hand.update_value(|hand| {
            hand.strokes.clear();
            hand.pointer = None;
        });
        changed();
        lab.clear_drawing();
    };

    let down = move |event: PointerEvent| {
        if event.button() != 0 || hand.with_value(|hand| hand.pointer.is_some()) {
            return;
        }
        let Some(canvas) = node.get_untracked() else { return };
        // The stroke goes on when the pointer leaves the pad. Where capture is refused it ends at the edge.
        let _ = canvas.set_pointer_capture(event.pointer_id());
        hand.update_value(|hand| {
            hand.pointer = Some(event.pointer_id());
            hand.pen = None;
            hand.strokes.begin(point_of(&event, &canvas));
        });
        changed();
    };
    let moved = move |event: PointerEvent| {
        if hand.with_value(|hand| hand.pointer != Some(event.pointer_id())) {
            return;
        }
        let Some(canvas) = node.get_untracked() else { return };
        hand.update_value(|hand| {
            // Browsers hand over one event per frame and keep the points between for those who ask.
            let between = event.get_coalesced_events().into_iter().filter_map(|event| event.dyn_into::<PointerEvent>().ok());
            for event in between.chain([event.clone()]) {
                hand.strokes.extend(point_of(&event, &canvas));
            }
        });
        changed();
    };
    let up = move |event: PointerEvent| {
        hand.update_value(|hand| {
            if hand.pointer == Some(event.pointer_id()) {
                hand.pointer = None;
            }
        });
    };
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let handled = match event.key().as_str() {
            "ArrowLeft" => hand.try_update_value(|hand| hand.go(-1.0, 0.0)),
            "ArrowRight" => hand.try_update_value(|hand| hand.go(1.0, 0.0)),
            "ArrowUp" => hand.try_update_value(|hand| hand.go(0.0, -1.0)),
            "ArrowDown" => hand.try_update_value(|hand| hand.go(0.0, 1.0)),
            " " => hand.try_update_value(Hand::toggle),
            "Delete" | "Backspace" => {
                clear();
                Some(())
            }
            _ => None,
        };
        if handled.is_some() {
            // The page's own keys (Space plays) must not act as well.
            event.prevent_default();
            event.stop_propagation();
            changed();
        }
    };

    view! {
        <div class="pad">
            <Painted
                node
                label=Signal::stored("Draw a digit".to_owned())
                track=|| ()
                hand=Box::new(move || drawn.track())
                draw=move |surface, theme| hand.with_value(|hand| hand.draw(surface, theme))
                attr:tabindex="0"
                attr:aria-describedby="draw-how"
                on:pointerdown=down
                on:pointermove=moved
                on:pointerup=up
                on:pointercancel=up
                on:keydown=key
            />
            <div class="pad-foot">
                <button type="button" class="text-button" disabled=move || is_blank.get() on:click=move |_| clear()>"Clear"</button>
            </div>
        </div>
    }
}

/// The centered and scaled drawing.
#[component]
fn Seen() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let shape = lab.experiment.with_untracked(|experiment| experiment.data.facts().shape);
    let label = move || match lab.drawn_input.read().is_some() {
        true => format!("The drawing as the network sees it, {shape} pixels"),
        false => "Nothing is drawn yet".to_owned(),
    };
    view! {
        <Painted
            label=Signal::derive(label)
            size=Signal::stored((SEEN_SIDE, SEEN_SIDE))
            track=move || lab.drawn_input.track()
            draw=move |surface, theme| {
                surface.rect(0.0, 0.0, surface.width(), surface.height(), theme.panel);
                let mosaic = Mosaic { tile_size: (surface.width(), surface.height()), ..Mosaic::plan(one_map(shape), SEEN_SIDE) };
                if let Some(input) = lab.drawn_input.get() {
                    pixels::draw(surface, theme, &mosaic, &input, 1.0);
                }
            }
        />
    }
}

impl Hand {
    fn go(&mut self, right: f64, down: f64) {
        let (at, is_down) = self.pen.unwrap_or(((0.5, 0.5), false));
        let at = ((at.0 + right * KEY_STEP).clamp(0.0, 1.0), (at.1 + down * KEY_STEP).clamp(0.0, 1.0));
        if is_down {
            self.strokes.extend(at);
        }
        self.pen = Some((at, is_down));
    }

    fn toggle(&mut self) {
        let (at, was_down) = self.pen.unwrap_or(((0.5, 0.5), false));
        if !was_down {
            self.strokes.begin(at);
        }
        self.pen = Some((at, !was_down));
    }

    fn draw(&self, surface: &Surface, theme: &Theme) {
        let side = surface.width();
        if self.strokes.is_empty() && self.pen.is_none() {
            surface.text("0 to 9, as large as you like", side / 2.0, side / 2.0, 12.0, Align::Center, theme.ink_2);
            return;
        }
        surface.context().set_stroke_style_str(&theme.ink.css());
        self.strokes.draw(surface.context(), side, PEN);
        if let Some((at, is_down)) = self.pen {
            let color = if is_down { theme.positive } else { theme.ink_2 };
            surface.dot(at.0 * side, at.1 * side, if is_down { 5.0 } else { 4.0 }, color);
        }
    }
}

/// A point of the unit square. The bounding box is asked for each time: the page may have scrolled.
fn point_of(event: &PointerEvent, canvas: &HtmlCanvasElement) -> Point {
    let bounds = canvas.get_bounding_client_rect();
    let along = |at: i32, start: f64, length: f64| (f64::from(at) - start) / length.max(1.0);
    (along(event.client_x(), bounds.left(), bounds.width()), along(event.client_y(), bounds.top(), bounds.height()))
}

/// The strokes as ink on a square, or `None` where there are none.
fn ink_of(strokes: &Strokes) -> Option<Ink> {
    if strokes.is_empty() {
        return None;
    }
    let canvas: HtmlCanvasElement = web_sys::window()?.document()?.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(INK_SIDE);
    canvas.set_height(INK_SIDE);
    let options = js_sys::Object::new();
    // Its pixels are read back: it must not live on the graphics processor.
    js_sys::Reflect::set(&options, &"willReadFrequently".into(), &true.into()).ok()?;
    let context: CanvasRenderingContext2d = canvas.get_context_with_context_options("2d", &options).ok()??.dyn_into().ok()?;
    strokes.draw(&context, INK_SIDE.into(), strokes.ink_pen());
    let image = context.get_image_data(0.0, 0.0, INK_SIDE.into(), INK_SIDE.into()).ok()?;
    // Black on nothing: the ink is what is opaque.
    let values = image.data().chunks_exact(4).map(|pixel| f32::from(pixel[3]) / 255.0).collect();
    Some(Ink { side: INK_SIDE, values: Arc::new(values) })
}

fn one_map(shape: Shape) -> Shape {
    match shape {
        Shape::Image { height, width, .. } => Shape::Image { channels: 1, height, width },
        flat => flat,
    }
}

fn describe(probabilities: Option<&[f32]>, classes: &[&str]) -> String {
    let read = probabilities.and_then(|all| winner(all).map(|best| (classes.get(best).copied().unwrap_or("?"), all[best])));
    match read {
        Some((class, share)) => format!("The network reads {class} with {}.", percent(share.into())),
        None => "Nothing is drawn yet.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyboard_draws() {
        let mut hand = Hand::default();
        hand.go(1.0, 0.0);
        assert!(hand.strokes.is_empty());
        hand.toggle();
        hand.go(0.0, 3.0);
        hand.toggle();
        hand.go(0.0, 30.0);
        assert!(!hand.strokes.is_empty());
        assert_eq!(hand.pen, Some(((0.5 + KEY_STEP, 1.0), false)));
    }

    #[test]
    fn the_reading_is_said_in_words() {
        assert_eq!(describe(Some(&[0.1, 0.9]), &["0", "1"]), "The network reads 1 with 90.0 %.");
        assert_eq!(describe(None, &[]), "Nothing is drawn yet.");
    }
}
