//! Points of a plane: what the net is given of one, and the visitor's own.

use crate::registry::{Entry, Registry};
use serde::{Deserialize, Serialize};

/// Half the side of the square that a [`Plane`](crate::message::ToApp::Plane) shows: the data, which lie in `[-1, 1]²`, and a margin.
pub const PLANE_EXTENT: f64 = 1.2;
/// No coordinate is further out, whatever the noise.
pub const MAX_COORDINATE: f64 = 1.5;
/// Most own points: their link stays below [`MAX_LINK_BYTES`](crate::link::MAX_LINK_BYTES).
pub const MAX_OWN_POINTS: usize = 500;
/// Fewest own points that can be trained on.
pub const MIN_OWN_POINTS: usize = 2;

/// What the net is given of a point (x, y).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// x.
    X,
    /// y.
    Y,
    /// x².
    X2,
    /// y².
    Y2,
    /// x y.
    Xy,
    /// sin(2πx): two periods over the data.
    SinX,
    /// sin(2πy).
    SinY,
}

impl Registry for Feature {
    const WHAT: &'static str = "feature";

    fn table() -> &'static [Entry<Self>] {
        const fn row(value: Feature, id: &'static str, label: &'static str, about: &'static str) -> Entry<Feature> {
            Entry { value, id, label, about }
        }
        const TABLE: &[Entry<Feature>] = &[
            row(Feature::X, "x", "x", "left to right"),
            row(Feature::Y, "y", "y", "bottom to top"),
            row(Feature::X2, "x2", "x²", "a parabola: the same on both sides"),
            row(Feature::Y2, "y2", "y²", "a parabola: the same above and below"),
            row(Feature::Xy, "xy", "x y", "positive where the signs agree"),
            row(Feature::SinX, "sin_x", "sin 2πx", "two waves from left to right"),
            row(Feature::SinY, "sin_y", "sin 2πy", "two waves from bottom to top"),
        ];
        TABLE
    }
}

impl Feature {
    /// Its value at a point.
    ///
    /// ```
    /// use descent_spec::Feature;
    /// assert_eq!(Feature::Xy.at(0.5, -0.5), -0.25);
    /// assert!((Feature::SinX.at(0.25, 0.0) - 1.0).abs() < 1e-12);
    /// ```
    pub fn at(self, x: f64, y: f64) -> f64 {
        match self {
            Feature::X => x,
            Feature::Y => y,
            Feature::X2 => x * x,
            Feature::Y2 => y * y,
            Feature::Xy => x * y,
            Feature::SinX => (std::f64::consts::TAU * x).sin(),
            Feature::SinY => (std::f64::consts::TAU * y).sin(),
        }
    }

    /// Whether a net can be given these: at least one, each once.
    pub(crate) fn check(features: &[Feature]) -> Result<(), String> {
        if features.is_empty() {
            return Err("The net needs at least one feature: switch one on.".into());
        }
        let is_repeated = |(idx, feature)| features[..idx].contains(feature);
        if features.iter().enumerate().any(is_repeated) {
            return Err("A feature is listed twice: remove one.".into());
        }
        Ok(())
    }

    pub(crate) fn to_link(features: &[Feature]) -> String {
        features.iter().map(|feature| feature.id()).collect::<Vec<_>>().join(",")
    }

    pub(crate) fn from_link(text: &str) -> Result<Vec<Feature>, String> {
        if text.split(',').count() > Feature::table().len() {
            return Err(format!("there are only {} features", Feature::table().len()));
        }
        let features = text.split(',').map(Feature::parse).collect::<Result<Vec<_>, _>>()?;
        Feature::check(&features).map(|()| features)
    }
}

/// A point the visitor has set, in thousandths, so that a link carries it exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OwnPoint {
    /// 1000 x, in `-1500..=1500`.
    pub x: i16,
    /// 1000 y, in `-1500..=1500`.
    pub y: i16,
    /// Its class, from 0.
    pub class: u8,
}

const MAX_THOUSANDTHS: i16 = (1000.0 * MAX_COORDINATE) as i16;
/// The digits of base 64 that need no escape in a link (RFC 4648, section 5).
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Class, two digits of x, two digits of y.
const POINT_CHARS: usize = 5;

impl OwnPoint {
    /// The point nearest to (x, y) that a link can carry.
    pub fn at(x: f64, y: f64, class: u8) -> OwnPoint {
        let thousandths = |value: f64| (1000.0 * value.clamp(-MAX_COORDINATE, MAX_COORDINATE)).round() as i16;
        OwnPoint { x: thousandths(x), y: thousandths(y), class }
    }

    /// (x, y).
    pub fn position(self) -> (f64, f64) {
        (f64::from(self.x) / 1000.0, f64::from(self.y) / 1000.0)
    }

    /// Five characters a point: the class as a digit, then x + 1500 and y + 1500 thousandths as two digits of base 64 each.
    pub(crate) fn to_link(points: &[OwnPoint]) -> String {
        let mut text = String::with_capacity(POINT_CHARS * points.len());
        for point in points {
            text.push(char::from(b'0' + point.class.min(9)));
            for value in [point.x, point.y] {
                let value = (value.clamp(-MAX_THOUSANDTHS, MAX_THOUSANDTHS) + MAX_THOUSANDTHS) as usize;
                text.extend([value / 64, value % 64].map(|digit| char::from(DIGITS[digit])));
            }
        }
        text
    }

    pub(crate) fn from_link(text: &str, n_classes: usize) -> Result<Vec<OwnPoint>, String> {
        let bytes = text.as_bytes();
        let n_points = bytes.len() / POINT_CHARS;
        if !bytes.len().is_multiple_of(POINT_CHARS) {
            return Err(format!("each point has {POINT_CHARS} characters, and the last one is cut short"));
        }
        if !(MIN_OWN_POINTS..=MAX_OWN_POINTS).contains(&n_points) {
            return Err(format!("there can be {MIN_OWN_POINTS} to {MAX_OWN_POINTS} points, and these are {n_points}"));
        }
        bytes.chunks_exact(POINT_CHARS).map(|chars| OwnPoint::from_chars(chars, n_classes)).collect()
    }

    fn from_chars(chars: &[u8], n_classes: usize) -> Result<OwnPoint, String> {
        let digit = |idx: usize| DIGITS.iter().position(|&digit| digit == chars[idx]).map(|value| value as i16);
        let coordinate = |idx: usize| {
            let value = 64 * digit(idx)? + digit(idx + 1)? - MAX_THOUSANDTHS;
            (value <= MAX_THOUSANDTHS).then_some(value)
        };
        let class = chars[0].wrapping_sub(b'0');
        match (coordinate(1), coordinate(3)) {
            (Some(x), Some(y)) if usize::from(class) < n_classes => Ok(OwnPoint { x, y, class }),
            (Some(_), Some(_)) => Err(format!("a point has no class between 0 and {}", n_classes.saturating_sub(1))),
            _ => Err("a point has a coordinate that cannot be read".into()),
        }
    }
}

/// What lies there before the visitor sets anything: twenty points of class 1 inside forty of class 0.
pub(crate) fn own_default() -> Vec<OwnPoint> {
    let ring = |n: u32, radius: f64, class: u8| {
        (0..n).map(move |idx| {
            let angle = std::f64::consts::TAU * f64::from(idx) / f64::from(n);
            // Alternately a little nearer and a little farther, so that they do not look like a line.
            let radius = radius + if idx % 2 == 0 { 0.05 } else { -0.05 };
            OwnPoint::at(radius * angle.cos(), radius * angle.sin(), class)
        })
    };
    ring(20, 0.3, 1).chain(ring(40, 0.8, 0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_has_one_row() {
        use Feature::*;
        crate::registry::check_table(&[X, Y, X2, Y2, Xy, SinX, SinY]);
    }

    #[test]
    fn points_are_spelled_in_base_64() {
        // 0.5 + 1.5 = 2000 thousandths = 31 · 64 + 16: digits f and Q. −1.5 is AA, 1.5 is 3000 = 46 · 64 + 56: u and 4.
        let points = [OwnPoint::at(0.5, -1.5, 0), OwnPoint::at(2.0, 0.5, 1)];
        assert_eq!(points[1].position(), (1.5, 0.5), "clamped");
        assert_eq!(OwnPoint::to_link(&points), "0fQAA1u4fQ");
        assert_eq!(OwnPoint::from_link("0fQAA1u4fQ", 2).as_deref(), Ok(&points[..]));
    }

    #[test]
    fn points_that_cannot_be_read_are_refused() {
        // Cut short, one point only, no base 64, past 1.5, no such class, not text at all.
        for bad in ["0fQAA1u4f", "0fQAA", "0fQAA1u4f!", "0fQAA1u5fQ", "0fQAA1__fQ", "0fQAA2u4fQ", "0fQAA/u4fQ", "äöüäö", ""]
        {
            assert!(OwnPoint::from_link(bad, 2).is_err(), "{bad}");
        }
        assert!(OwnPoint::from_link(&"0AAAA".repeat(MAX_OWN_POINTS + 1), 2).is_err());
        let most = OwnPoint::from_link(&"0AAAA".repeat(MAX_OWN_POINTS), 2).unwrap();
        assert_eq!(most.len(), MAX_OWN_POINTS);
    }
}
