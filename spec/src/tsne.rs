//! What the page and the worker that draws maps by t-SNE say to each other.
//!
//! t-SNE (van der Maaten and Hinton 2008) puts points of many numbers into a plane so that near ones stay near: it takes from the
//! distances how probable it is that two points are neighbours, and moves dots until their distances say the same. One `postMessage`
//! carries a [`Points`] or a [`Reply`] as a `Uint8Array` ([`to_bytes`](crate::message::to_bytes)).

use serde::{Deserialize, Serialize};

/// Perplexities to choose from: about how many neighbours each point has.
pub const PERPLEXITIES: [u8; 3] = [5, 15, 30];
/// The one that is chosen at first.
pub const DEFAULT_PERPLEXITY: u8 = 15;
/// Steps of gradient descent from a fresh start; in the first of them the dots attract each other more (early exaggeration).
pub const FRESH_STEPS: u32 = 1_000;
/// Steps from an earlier map, without that.
pub const FOLLOWING_STEPS: u32 = 100;
/// With fewer points no perplexity of 2 is possible.
pub const MIN_POINTS: usize = 7;
/// More than any map here has; a step takes time in proportion to `n log n`, telling how good a map is to `n²`.
pub const MAX_POINTS: usize = 2_000;
/// Numbers of a point at most.
pub const MAX_WIDTH: usize = 1_024;

/// A map is wanted of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Points {
    /// `[points, width]`, row by row.
    pub values: Vec<f32>,
    /// Numbers of a point.
    pub width: u32,
    /// About how many neighbours each point has; lowered to a third of the other points where it is more.
    pub perplexity: f32,
    /// Where the dots begin, one for each point.
    pub start: Vec<[f32; 2]>,
    /// Whether only the shape of `start` counts, drawn together into a speck; an earlier map is gone on with otherwise.
    pub is_fresh: bool,
}

impl Points {
    /// Number of points.
    pub fn len(&self) -> usize {
        self.values.len() / (self.width as usize).max(1)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Steps that will be taken.
    pub fn n_steps(&self) -> u32 {
        if self.is_fresh { FRESH_STEPS } else { FOLLOWING_STEPS }
    }

    /// Whether a map can be drawn of them.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    ///
    /// ```
    /// use descent_spec::tsne::Points;
    /// let points = Points { values: vec![0.5; 6], width: 2, perplexity: 5.0, start: vec![[0.0; 2]; 3], is_fresh: true };
    /// assert_eq!(points.check().unwrap_err(), "t-SNE needs at least 7 points and got 3.");
    /// ```
    pub fn check(&self) -> Result<(), String> {
        let (n, width) = (self.len(), self.width as usize);
        if n < MIN_POINTS {
            return Err(format!("t-SNE needs at least {MIN_POINTS} points and got {n}."));
        }
        if n > MAX_POINTS || width > MAX_WIDTH {
            return Err(format!("t-SNE takes {MAX_POINTS} points of {MAX_WIDTH} numbers at most and got {n} of {width}."));
        }
        if self.values.len() != n * width || self.start.len() != n {
            return Err("t-SNE got points that do not fit together.".into());
        }
        let is_odd = |value: &f32| !value.is_finite();
        if self.values.iter().any(is_odd) || self.start.as_flattened().iter().any(is_odd) {
            return Err("t-SNE cannot place vectors with numbers that are not finite.".into());
        }
        if self.perplexity.is_nan() || self.perplexity < 1.0 {
            return Err("t-SNE needs a perplexity of 1 or more.".into());
        }
        if self.start.iter().all(|place| *place == self.start[0]) {
            return Err("t-SNE cannot place vectors that are all alike.".into());
        }
        Ok(())
    }
}

/// How far a map has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Steps done.
    pub step: u32,
    /// Steps in all.
    pub n_steps: u32,
    /// Kullback–Leibler divergence of the dots' neighbourhoods from the points', in nats: what the steps lower.
    pub divergence: f64,
    /// Where each dot lies; their mean is 0.
    pub places: Vec<[f32; 2]>,
}

/// What the worker says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// It listens: what was sent before is lost.
    Ready,
    /// The newest picture; the last of a map has all steps done.
    Picture(Picture),
    /// No map can be drawn, and why.
    Refused(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{from_bytes, to_bytes};

    fn points() -> Points {
        let start = (0..8).map(|nth| [nth as f32, 1.0]).collect();
        Points { values: vec![0.5; 24], width: 3, perplexity: 2.0, start, is_fresh: true }
    }

    #[test]
    fn odd_points_are_refused_in_words() {
        assert_eq!(points().check(), Ok(()));
        let refused = |change: fn(&mut Points)| {
            let mut odd = points();
            change(&mut odd);
            odd.check().unwrap_err()
        };
        assert!(refused(|it| it.values.truncate(18)).contains("at least 7 points and got 6"));
        assert!(refused(|it| it.width = 0).contains("fit together"));
        assert!(refused(|it| it.values.truncate(23)).contains("fit together"));
        assert!(refused(|it| it.start.truncate(7)).contains("fit together"));
        assert!(refused(|it| it.values[3] = f32::NAN).contains("not finite"));
        assert!(refused(|it| it.start[3] = [f32::INFINITY, 0.0]).contains("not finite"));
        assert!(refused(|it| it.perplexity = f32::NAN).contains("perplexity"));
        assert!(refused(|it| it.start = vec![[1.0; 2]; 8]).contains("all alike"));
        assert!(
            refused(|it| *it = Points { values: vec![0.0; 6_003], width: 3, start: vec![[0.0; 2]; 2_001], ..points() })
                .contains("2000 points of 1024 numbers at most and got 2001 of 3")
        );
    }

    #[test]
    fn messages_travel() {
        let sent = points();
        assert_eq!(from_bytes::<Points>(&to_bytes(&sent).unwrap()), Ok(sent));
        let picture = Picture { step: 20, n_steps: 1_000, divergence: 0.75, places: vec![[1.0, -2.0]] };
        for sent in [Reply::Ready, Reply::Picture(picture), Reply::Refused("no".into())] {
            assert_eq!(from_bytes::<Reply>(&to_bytes(&sent).unwrap()), Ok(sent));
        }
    }
}
