//! The visitor's hand on own points: mouse, touch and keyboard set, move and erase them in the same way.

use super::own_points::{Pressed, Tool, press};
use crate::format::sig3;
use crate::state::Lab;
use descent_spec::lesson::Control;
use descent_spec::plane::{MAX_OWN_POINTS, OwnPoint};
use leptos::prelude::*;

/// How far apart the points of a drawn stroke are set, on a plane that is 2 wide.
const SPACING: f64 = 0.1;
/// How near the cross must be to a point to mean it: no place is farther from the next one on the grid of the arrow keys.
const KEY_REACH: f64 = 0.04;

/// What the hand is doing.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Grip {
    /// Nothing.
    Open,
    /// Dragging the point with this index.
    Drags(usize),
    /// Setting points one after the other; here is the last.
    Draws((f64, f64)),
    /// Carrying the point with this index by keyboard, until the next Enter.
    Carries(usize),
}

/// Copy it into closures freely.
#[derive(Clone, Copy)]
pub struct Hand {
    lab: Lab,
    /// What a press does.
    pub tool: RwSignal<Tool>,
    grip: StoredValue<Grip>,
}

impl Hand {
    /// An empty hand that would set points of class 1.
    pub fn new(lab: Lab) -> Hand {
        Hand { lab, tool: RwSignal::new(Tool::Class(1)), grip: StoredValue::new(Grip::Open) }
    }

    /// A press: takes hold of the point within reach, sets one where there is none, or erases.
    pub fn press(self, at: (f64, f64), reach: f64) {
        if !self.lab.allows(Control::Own) {
            return;
        }
        self.grip.set_value(match self.apply(at, reach) {
            Some(Pressed::Holds(idx)) => Grip::Drags(idx),
            Some(Pressed::Set) => Grip::Draws(at),
            _ => Grip::Open,
        });
    }

    /// A move while pressed: drags, draws on or erases.
    pub fn drag(self, at: (f64, f64), reach: f64) {
        match self.grip.get_value() {
            Grip::Drags(idx) => self.carry(idx, at),
            Grip::Draws(last) => self.draw_on(last, at),
            _ if self.tool.get_untracked() == Tool::Erase && self.lab.refusal(Control::Own).is_none() => {
                self.apply(at, reach);
            }
            _ => {}
        }
    }

    /// The press is over, or the cross is gone.
    pub fn release(self) {
        self.grip.set_value(Grip::Open);
    }

    /// A key at the cross; the place the cross goes to, or none for a key that means nothing here.
    pub fn key(self, key: &str, at: (f64, f64)) -> Option<(f64, f64)> {
        match key {
            "Enter" | "Delete" | "Backspace" if !self.lab.allows(Control::Own) => Some(at),
            "Enter" => {
                self.enter(at);
                Some(at)
            }
            "Delete" | "Backspace" => {
                self.release();
                let mut erased = None;
                self.lab.experiment.update(|experiment| erased = press(experiment, Tool::Erase, at, KEY_REACH));
                self.tell(erased.as_ref(), at);
                Some(at)
            }
            "PageDown" | "PageUp" => self.beside(at, key == "PageDown"),
            _ => None,
        }
    }

    /// The cross goes on: a point that is carried goes with it.
    pub fn cross_moved(self, at: (f64, f64)) {
        if let Grip::Carries(idx) = self.grip.get_value() {
            self.carry(idx, at);
        }
    }

    fn enter(self, at: (f64, f64)) {
        if let Grip::Carries(_) = self.grip.get_value() {
            self.release();
            return self.lab.say(format!("Let go at x {}, y {}.", sig3(at.0), sig3(at.1)));
        }
        let done = self.apply(at, KEY_REACH);
        if let Some(Pressed::Holds(idx)) = done {
            self.grip.set_value(Grip::Carries(idx));
        }
        self.tell(done.as_ref(), at);
    }

    fn apply(self, at: (f64, f64), reach: f64) -> Option<Pressed> {
        let mut done = None;
        self.lab.experiment.update(|experiment| done = press(experiment, self.tool.get_untracked(), at, reach));
        if let Some(Pressed::Full) = done {
            self.lab.say(format!("{MAX_OWN_POINTS} points are the most: erase some first."));
        }
        done
    }

    fn tell(self, done: Option<&Pressed>, (x, y): (f64, f64)) {
        let n_points = self.lab.experiment.with_untracked(|experiment| experiment.data.own.len());
        let place = format!("x {}, y {}", sig3(x), sig3(y));
        match done {
            Some(Pressed::Holds(_)) => self.lab.say("Point taken: arrow keys move it, Enter lets it go."),
            Some(Pressed::Set) => self.lab.say(format!("Point set at {place}: {n_points} points.")),
            Some(Pressed::Erased) => self.lab.say(format!("Point erased at {place}: {n_points} points.")),
            Some(Pressed::Full) => {}
            None => self.lab.say(format!("No point at {place}.")),
        }
    }

    fn draw_on(self, last: (f64, f64), at: (f64, f64)) {
        let is_far = (at.0 - last.0).hypot(at.1 - last.1) >= SPACING;
        // Points that lie there already stay as they are.
        if is_far && self.apply(at, SPACING / 2.0) == Some(Pressed::Set) {
            self.grip.set_value(Grip::Draws(at));
        }
    }

    fn carry(self, idx: usize, at: (f64, f64)) {
        self.lab.experiment.update(|experiment| {
            if let Some(point) = experiment.data.own.get_mut(idx) {
                *point = OwnPoint::at(at.0, at.1, point.class);
            }
        });
    }

    /// The next point or the one before, from the one the cross is at; the first where it is at none.
    fn beside(self, at: (f64, f64), is_next: bool) -> Option<(f64, f64)> {
        if self.grip.get_value() != Grip::Open {
            return Some(at);
        }
        self.lab.experiment.with_untracked(|experiment| {
            let own = &experiment.data.own;
            let here = OwnPoint::at(at.0, at.1, 0);
            let idx = own.iter().position(|point| (point.x, point.y) == (here.x, here.y));
            let idx = match (idx, is_next) {
                (Some(idx), true) => (idx + 1) % own.len(),
                (Some(idx), false) => (idx + own.len() - 1) % own.len(),
                (None, _) => 0,
            };
            let point = own.get(idx)?;
            let (x, y) = point.position();
            self.lab.say(format!("Point {} of {}, class {}, x {}, y {}.", idx + 1, own.len(), point.class, sig3(x), sig3(y)));
            Some((x, y))
        })
    }
}
