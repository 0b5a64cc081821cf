//! A map of words: dots, and as many names as fit without covering each other.

use super::surface::{Align, Surface, room_for};
use super::theme::Theme;

/// Size of names.
const TEXT: f64 = 12.0;
/// Height that a name takes.
const LINE: f64 = 15.0;
/// Between a dot and its name.
const GAP: f64 = 5.0;
/// Between the outermost dots and the edge.
const MARGIN: f64 = 28.0;

/// What part of the map is seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// In the middle of the canvas.
    pub centre: [f64; 2],
    /// From the middle to the nearer edge.
    pub reach: f64,
}

impl Frame {
    /// All of the map.
    pub fn around(places: &[[f32; 2]]) -> Frame {
        let range = |axis: usize| {
            let values = places.iter().map(move |place| f64::from(place[axis]));
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)))
        };
        let [across, down] = [range(0), range(1)];
        let half = (across.1 - across.0).max(down.1 - down.0) / 2.0;
        if !half.is_finite() {
            return Frame { centre: [0.0; 2], reach: 1.0 };
        }
        Frame { centre: [(across.0 + across.1) / 2.0, (down.0 + down.1) / 2.0], reach: half.max(1e-6) }
    }

    /// Where a place of the map lies on a canvas of this size.
    pub fn to_canvas(self, place: [f32; 2], (width, height): (f64, f64)) -> (f64, f64) {
        let scale = (width.min(height) / 2.0 - MARGIN).max(1.0) / self.reach;
        let [x, y] = [f64::from(place[0]) - self.centre[0], f64::from(place[1]) - self.centre[1]];
        (width / 2.0 + x * scale, height / 2.0 - y * scale)
    }
}

/// A name's box: left, top, right, bottom.
type Room = [f64; 4];

/// Where names go: those first in `order` choose first, each to the right of its dot, or else to the left, above or below, and not at
/// all where every side is taken. For each name that fits: the word, and the left edge and middle of its box.
pub fn place_names(
    order: &[usize],
    places: &[(f64, f64)],
    width_of: impl Fn(usize) -> f64,
    size: (f64, f64),
) -> Vec<(usize, (f64, f64))> {
    let mut taken: Vec<Room> = Vec::new();
    let mut put = Vec::new();
    for &word in order {
        let Some(&(x, y)) = places.get(word) else { continue };
        if x < 0.0 || y < 0.0 || x > size.0 || y > size.1 {
            continue;
        }
        let width = width_of(word);
        let corners = [
            (x + GAP, y - LINE / 2.0),
            (x - GAP - width, y - LINE / 2.0),
            (x - width / 2.0, y - GAP - LINE),
            (x - width / 2.0, y + GAP),
        ];
        let rooms = corners.map(|(left, top)| [left, top, left + width, top + LINE]);
        let fits = |room: &&Room| {
            room[0] >= 0.0 && room[1] >= 0.0 && room[2] <= size.0 && room[3] <= size.1 && taken.iter().all(|it| apart(it, room))
        };
        if let Some(&room) = rooms.iter().find(fits) {
            put.push((word, (room[0], room[1] + LINE / 2.0)));
            taken.push(room);
        }
    }
    put
}

fn apart(one: &Room, other: &Room) -> bool {
    one[2] <= other[0] || other[2] <= one[0] || one[3] <= other[1] || other[3] <= one[1]
}

/// The word whose dot is nearest to a place of the canvas.
pub fn nearest(places: &[(f64, f64)], (x, y): (f64, f64)) -> Option<usize> {
    let far = |&(a, b): &(f64, f64)| (a - x).powi(2) + (b - y).powi(2);
    (0..places.len()).min_by(|&one, &other| far(&places[one]).total_cmp(&far(&places[other])))
}

/// The next word in a direction, `(±1, 0)` or `(0, ±1)` with y downwards: the nearest of those that lie within 45° of it.
pub fn next_towards(places: &[(f64, f64)], from: usize, (dx, dy): (f64, f64)) -> Option<usize> {
    let &(x, y) = places.get(from)?;
    let ahead = |word: &usize| {
        let (along, aside) =
            ((places[*word].0 - x) * dx + (places[*word].1 - y) * dy, (places[*word].0 - x) * dy + (places[*word].1 - y) * dx);
        along > 0.0 && aside.abs() <= along
    };
    let far = |word: usize| (places[word].0 - x).powi(2) + (places[word].1 - y).powi(2);
    (0..places.len()).filter(|&word| word != from).filter(ahead).min_by(|&a, &b| far(a).total_cmp(&far(b)))
}

/// What is drawn.
pub struct WordMap<'a> {
    /// Where each word lies on the canvas.
    pub places: &'a [(f64, f64)],
    /// How each is spelled.
    pub name: &'a dyn Fn(usize) -> &'a str,
    /// Its color among those of classes; none for quiet words.
    pub group: &'a dyn Fn(usize) -> Option<usize>,
    /// Words between which a line is drawn.
    pub lines: &'a [[usize; 2]],
    /// The chosen word, and those nearest to it.
    pub chosen: Option<usize>,
    /// The nearest first.
    pub near: &'a [usize],
    /// Words in the order in which they get their names, after the chosen one and its neighbours.
    pub order: &'a [usize],
}

impl WordMap<'_> {
    /// Draws it.
    pub fn draw(&self, surface: &Surface, theme: &Theme) {
        let context = surface.context();
        context.set_line_width(1.0);
        for [one, other] in self.lines {
            let (Some(from), Some(to)) = (self.places.get(*one), self.places.get(*other)) else { continue };
            context.set_stroke_style_str(&theme.line.css());
            context.begin_path();
            context.move_to(from.0, from.1);
            context.line_to(to.0, to.1);
            context.stroke();
        }
        let is_shown = |word: usize| Some(word) == self.chosen || self.near.contains(&word);
        let color = |word: usize| (self.group)(word).map_or(theme.ink_2, |group| theme.class(group).mix(theme.ink, 0.3));
        for (word, &(x, y)) in self.places.iter().enumerate() {
            surface.dot(x, y, if is_shown(word) { 4.0 } else { 2.5 }, color(word));
        }
        if let Some(&(x, y)) = self.chosen.and_then(|chosen| self.places.get(chosen)) {
            context.set_stroke_style_str(&theme.ink.css());
            context.set_line_width(1.5);
            context.begin_path();
            if context.arc(x, y, 7.0, 0.0, std::f64::consts::TAU).is_ok() {
                context.stroke();
            }
        }
        let first = self.chosen.iter().chain(self.near).copied();
        let rest = self.order.iter().copied().filter(|&word| !is_shown(word));
        let order: Vec<usize> = first.chain(rest).collect();
        let size = (surface.width(), surface.height());
        for (word, (x, y)) in place_names(&order, self.places, |word| room_for([(self.name)(word)], TEXT), size) {
            let ink = if is_shown(word) { theme.ink } else { theme.ink_2 };
            surface.text((self.name)(word), x, y, TEXT, Align::Start, ink);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_never_cover_each_other() {
        // Twenty dots on four places 40 pixels apart: by hand, all four have room on the right and the first on the left, and names above
        // and below would reach 2.5 pixels into those.
        let places: Vec<(f64, f64)> = (0..20).map(|idx| (60.0 + 40.0 * f64::from(idx % 4), 80.0)).collect();
        let order: Vec<usize> = (0..20).collect();
        let put = place_names(&order, &places, |_| 34.0, (240.0, 160.0));
        assert_eq!(put.len(), 5);
        assert_eq!(put[0].0, 0, "who comes first is named first");
        for (idx, (_, one)) in put.iter().enumerate() {
            for (_, other) in &put[idx + 1..] {
                assert!((one.0 - other.0).abs() >= 34.0 || (one.1 - other.1).abs() >= LINE, "{one:?} {other:?}");
            }
        }
        assert!(place_names(&[0], &[(-5.0, 10.0)], |_| 30.0, (100.0, 100.0)).is_empty(), "what is out of sight has no name");
    }

    /// By hand: the map runs from −1 to 3 and from 0 to 2: the middle is (1, 1), the reach 2; on 200 by 100 pixels the nearer edge is
    /// 50 − 28 = 22 pixels away.
    #[test]
    fn the_whole_map_is_within_the_canvas() {
        let frame = Frame::around(&[[-1.0, 0.0], [3.0, 2.0]]);
        assert_eq!(frame, Frame { centre: [1.0, 1.0], reach: 2.0 });
        assert_eq!(frame.to_canvas([3.0, 2.0], (200.0, 100.0)), (122.0, 39.0));
        assert_eq!(Frame::around(&[]).reach, 1.0);
    }

    #[test]
    fn arrows_go_to_the_nearest_word_that_way() {
        let places = [(50.0, 50.0), (60.0, 52.0), (90.0, 50.0), (50.0, 20.0)];
        assert_eq!(next_towards(&places, 0, (1.0, 0.0)), Some(1));
        assert_eq!(next_towards(&places, 0, (0.0, -1.0)), Some(3));
        assert_eq!(next_towards(&places, 0, (-1.0, 0.0)), None);
        assert_eq!(nearest(&places, (88.0, 60.0)), Some(2));
    }
}
