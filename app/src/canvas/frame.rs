//! When canvases are drawn: in animation frames, each at most ten times a second or, where motion is the matter, in each frame,
//! and never long enough to be felt.
//!
//! Browsers give no animation frames to a hidden tab, so nothing is drawn there; the requests wait until it is seen again.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

/// Time between two drawings of one canvas while numbers stream in: ten a second.
const REST_MS: f64 = 100.0;
/// Drawing time spent in one frame before the rest waits for the next: leaves half of a 16 ms frame to input and layout.
const BUDGET_MS: f64 = 8.0;

/// One canvas's right to be drawn. Dropping it ends that.
#[derive(Clone)]
pub struct Painter(Rc<Inner>);

struct Inner {
    draw: RefCell<Box<dyn FnMut()>>,
    /// Time between two drawings.
    rest_ms: f64,
    drawn_at: Cell<f64>,
    queued: Cell<bool>,
    urgent: Cell<bool>,
}

#[derive(Default)]
struct Frames {
    all: Vec<Weak<Inner>>,
    queue: VecDeque<Weak<Inner>>,
    callback: Option<Closure<dyn FnMut(f64)>>,
    scheduled: bool,
}

thread_local! {
    static FRAMES: RefCell<Frames> = RefCell::default();
}

impl Painter {
    /// A painter that calls `draw` when its turn comes, at most ten times a second.
    pub fn new(draw: impl FnMut() + 'static) -> Painter {
        Painter::resting(REST_MS, draw)
    }

    /// A painter that may draw in every frame: for the one picture that moves before the visitor's eyes.
    pub fn lively(draw: impl FnMut() + 'static) -> Painter {
        Painter::resting(0.0, draw)
    }

    fn resting(rest_ms: f64, draw: impl FnMut() + 'static) -> Painter {
        let inner = Rc::new(Inner {
            draw: RefCell::new(Box::new(draw)),
            rest_ms,
            drawn_at: Cell::new(f64::NEG_INFINITY),
            queued: Cell::new(false),
            urgent: Cell::new(false),
        });
        FRAMES.with_borrow_mut(|frames| {
            frames.all.retain(|other| other.strong_count() > 0);
            frames.all.push(Rc::downgrade(&inner));
        });
        Painter(inner)
    }

    /// Draws soon: in the next frame after its rest.
    pub fn request(&self) {
        enqueue(&self.0);
    }

    /// Draws in the next frame, because the visitor's hand is waiting for it.
    pub fn request_now(&self) {
        self.0.urgent.set(true);
        enqueue(&self.0);
    }
}

/// Has every canvas drawn again (the theme changed).
pub fn request_all() {
    let all: Vec<_> = FRAMES.with_borrow(|frames| frames.all.iter().filter_map(Weak::upgrade).collect());
    for inner in all {
        enqueue(&inner);
    }
}

fn enqueue(inner: &Rc<Inner>) {
    FRAMES.with_borrow_mut(|frames| {
        if !inner.queued.replace(true) {
            frames.queue.push_back(Rc::downgrade(inner));
        }
        schedule(frames);
    });
}

fn schedule(frames: &mut Frames) {
    if frames.scheduled {
        return;
    }
    let callback = frames.callback.get_or_insert_with(|| Closure::new(run));
    let Some(window) = web_sys::window() else {
        return;
    };
    frames.scheduled = window.request_animation_frame(callback.as_ref().unchecked_ref()).is_ok();
}

fn run(now: f64) {
    let waiting = FRAMES.with_borrow_mut(|frames| {
        frames.scheduled = false;
        frames.queue.len()
    });
    let started = clock();
    for _ in 0..waiting {
        let Some(inner) = FRAMES.with_borrow_mut(|frames| frames.queue.pop_front()).and_then(|weak| weak.upgrade()) else {
            continue;
        };
        let rested = inner.urgent.get() || now - inner.drawn_at.get() >= inner.rest_ms;
        if !rested || clock() - started > BUDGET_MS {
            FRAMES.with_borrow_mut(|frames| frames.queue.push_back(Rc::downgrade(&inner)));
            continue;
        }
        inner.queued.set(false);
        inner.urgent.set(false);
        inner.drawn_at.set(now);
        // A drawing that asks for itself again finds the cell free once this one is over: the request goes into the queue.
        if let Ok(mut draw) = inner.draw.try_borrow_mut() {
            draw();
        }
    }
    FRAMES.with_borrow_mut(|frames| {
        if !frames.queue.is_empty() {
            schedule(frames);
        }
    });
}

fn clock() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}
