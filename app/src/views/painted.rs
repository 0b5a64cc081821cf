//! A canvas that keeps itself drawn: when its values, its size or the theme change, and only while it can be seen.

use crate::canvas::frame::Painter;
use crate::canvas::surface::Surface;
use crate::canvas::theme::{self, Theme};
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::ResizeObserver;

/// How often a text alternative follows numbers that stream: fast enough to be true, slow enough to be read out.
const TEXT_MS: u64 = 1_000;

/// A canvas with a text alternative.
///
/// `track` reads the signals that the picture depends on; `draw` draws it, untracked, when the canvas's turn comes. Listeners
/// and attributes given to the component go to the canvas.
#[component]
pub fn Painted(
    /// What the picture shows, with its values, in words.
    #[prop(into)]
    label: Signal<String>,
    /// Reads the signals whose change asks for a drawing.
    track: impl Fn() + 'static,
    /// Draws on a cleared surface.
    draw: impl Fn(&Surface, &Theme) + 'static,
    /// Width and height on the page; zero leaves the side to the style sheet.
    #[prop(into, default = Signal::stored((0.0, 0.0)))]
    size: Signal<(f64, f64)>,
    /// Reads the signals that a visitor's hand moves: the picture follows them with the next frame, not ten times a second.
    #[prop(optional)]
    hand: Option<Tracking>,
    /// Follows its signals in every frame, not ten times a second.
    #[prop(optional)]
    is_lively: bool,
    /// The element, for those who need it.
    #[prop(optional)]
    node: NodeRef<Canvas>,
) -> impl IntoView {
    painted(label, Box::new(track), Box::new(draw), size, hand, is_lively, node)
}

/// A closure that reads signals.
type Tracking = Box<dyn Fn()>;
/// A closure that draws on a cleared surface.
type Drawing = Box<dyn Fn(&Surface, &Theme)>;

/// One canvas for all pictures: with the closures' types it would be compiled once for each picture of the course.
fn painted(
    label: Signal<String>,
    track: Tracking,
    draw: Drawing,
    size: Signal<(f64, f64)>,
    hand: Option<Tracking>,
    is_lively: bool,
    node: NodeRef<Canvas>,
) -> impl IntoView {
    let draw = StoredValue::new_local(draw);
    let paint = move || {
        let Some(canvas) = node.try_get_untracked().flatten() else { return };
        if let Some(surface) = Surface::open(&canvas) {
            draw.try_with_value(|draw| untrack(|| draw(&surface, &theme::current())));
        }
    };
    let painter = StoredValue::new_local(if is_lively { Painter::lively(paint) } else { Painter::new(paint) });
    let request = move |now: bool| {
        painter.try_with_value(|painter| if now { painter.request_now() } else { painter.request() });
    };
    Effect::new(move |_| {
        track();
        size.track();
        request(false);
    });
    if let Some(hand) = hand {
        Effect::new(move |_| {
            hand();
            request(true);
        });
    }
    on_resize(node, move |_| request(true));
    let side = |length: f64| if length > 0.0 { Some(format!("{length}px")) } else { None };
    view! {
        <canvas
            node_ref=node
            role="img"
            aria-label=move || label.get()
            style:width=move || side(size.get().0)
            style:height=move || side(size.get().1)
        ></canvas>
    }
}

/// The width of a block, as it changes with the window.
pub fn width_of(node: NodeRef<Div>, before: f64) -> Signal<f64> {
    let width = RwSignal::new(before);
    on_resize(node, move |element| {
        let now = f64::from(element.client_width());
        if now > 0.0 && now != width.get_untracked() {
            width.set(now);
        }
    });
    width.into()
}

/// Calls `changed` when the element appears, disappears or changes its size.
fn on_resize<E>(node: NodeRef<E>, changed: impl Fn(&web_sys::Element) + Clone + 'static)
where
    E: leptos::html::ElementType,
    E::Output: JsCast + Clone + AsRef<web_sys::Element> + 'static,
{
    let watch = StoredValue::new_local(None::<Watch>);
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let element: web_sys::Element = AsRef::<web_sys::Element>::as_ref(&element).clone();
        let changed = changed.clone();
        watch.set_value(Watch::start(&element, move |element| changed(element)));
    });
}

/// An element whose size is watched until this is dropped.
struct Watch {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl Watch {
    fn start(element: &web_sys::Element, changed: impl Fn(&web_sys::Element) + 'static) -> Option<Watch> {
        let observed = element.clone();
        let callback = Closure::<dyn FnMut()>::new(move || changed(&observed));
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Watch { observer, _callback: callback })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // An element that goes changes its size, and the callback goes with this.
        self.observer.disconnect();
    }
}

/// A value that follows what `track` reads once a second: for text alternatives and tables of streaming numbers.
pub fn settled<T>(track: impl Fn() + 'static, value: impl Fn() -> T + 'static) -> Signal<T>
where
    T: Clone + Send + Sync + 'static,
{
    let settled = RwSignal::new(untrack(&value));
    settling(
        Box::new(track),
        Box::new(move || {
            let now = untrack(&value);
            settled.try_update(|settled| *settled = now);
        }),
    );
    settled.into()
}

/// Calls `renew` a second after what `track` reads has changed.
fn settling(track: Tracking, renew: Box<dyn Fn()>) {
    let renew = StoredValue::new_local(renew);
    let waiting = StoredValue::new(false);
    Effect::new(move |_| {
        track();
        if waiting.get_value() {
            return;
        }
        waiting.set_value(true);
        set_timeout(
            move || {
                // The view may have gone while the second passed, and its signals with it.
                waiting.try_update_value(|waiting| *waiting = false);
                renew.try_with_value(|renew| renew());
            },
            Duration::from_millis(TEXT_MS),
        );
    });
}
