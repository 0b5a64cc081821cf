//! The plane on which paths through thousands of weights are looked at.
//!
//! Its origin is where all racers start, and its directions are the first two principal directions of everything they moved away
//! from there (as Li and others 2018, "Visualizing the loss landscape of neural nets", section 7, who take the end for the
//! origin). Of all planes through the start this one holds the largest share of the squared distances. A plane through the start
//! and the ends of two racers would show those two well, and of the others only what they happen to have in common with them.

use crate::session::{Landscape, LandscapeError};
use descent_spec::contest::SLICE_SIDE;
use descent_spec::message::SliceFacts;

/// Places of each path that decide about the plane: their products with each other are what it costs.
const PLACES: usize = 24;
/// Turns of the power method. Directions that are not told apart by then matter equally.
const TURNS: usize = 500;
/// How much wider than the paths the picture is.
const MARGIN: f64 = 1.3;

/// A slice being measured, one point of its grid at a time.
pub struct Slicing {
    landscape: Landscape,
    start: Vec<f32>,
    directions: [Vec<f64>; 2],
    facts: SliceFacts,
    paths: Vec<Vec<f32>>,
    grid: Vec<f32>,
}

/// A slice as it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// Its place and what it shows.
    pub facts: SliceFacts,
    /// `[side, side]`, top row first; `NaN` where the loss is no number.
    pub grid: Vec<f32>,
    /// For each racer `[places, 2]`, the start first; empty for one without a path.
    pub paths: Vec<Vec<f32>>,
}

impl Slicing {
    /// Finds the plane; none where nobody moved.
    pub(super) fn new(landscape: Landscape, start: Vec<f32>, paths: &[Option<Vec<Vec<f32>>>]) -> Option<Slicing> {
        let moved = |place: &Vec<f32>| place.iter().zip(&start).map(|(&to, &from)| f64::from(to) - f64::from(from)).collect();
        let moves: Vec<Option<Vec<Vec<f64>>>> =
            paths.iter().map(|path| path.as_ref().map(|path| path.iter().map(moved).collect())).collect();
        let chosen: Vec<&Vec<f64>> = moves.iter().flatten().flat_map(|path| spread(path)).collect();
        let directions = directions(&chosen)?;
        let project = |place: &Vec<f64>| [dot(place, &directions[0]), dot(place, &directions[1])];
        let flat: Vec<Option<Vec<[f64; 2]>>> =
            moves.iter().map(|path| path.as_ref().map(|path| path.iter().map(project).collect())).collect();
        // (in the plane, in all): sums of squared distances from the start.
        let squares = |path: &Vec<Vec<f64>>, flat: &Vec<[f64; 2]>| {
            let seen: f64 = flat.iter().map(|[a, b]| a * a + b * b).sum();
            (seen, path.iter().map(|place| dot(place, place)).sum::<f64>())
        };
        let sums: Vec<Option<(f64, f64)>> =
            moves.iter().zip(&flat).map(|(path, flat)| Some(squares(path.as_ref()?, flat.as_ref()?))).collect();
        let (seen, all) = sums.iter().flatten().fold((0.0, 0.0), |(a, b), (seen, all)| (a + seen, b + all));
        let share = |seen: f64, all: f64| (seen / all).clamp(0.0, 1.0);
        let facts = SliceFacts {
            side: SLICE_SIDE,
            view: view_of(flat.iter().flatten().flatten()),
            share: share(seen, all),
            shares: sums.iter().map(|sums| sums.filter(|(_, all)| *all > 0.0).map(|(seen, all)| share(seen, all))).collect(),
        };
        let told = |path: &Option<Vec<[f64; 2]>>| match path {
            Some(path) => [0.0, 0.0].into_iter().chain(path.iter().flat_map(|it| it.map(|value| value as f32))).collect(),
            None => Vec::new(),
        };
        let paths = flat.iter().map(told).collect();
        Some(Slicing { landscape, start, directions, facts, paths, grid: Vec::new() })
    }

    /// Measures the next point; says whether there is more to do.
    ///
    /// # Errors
    /// When the device no longer answers.
    pub async fn advance(&mut self) -> Result<bool, LandscapeError> {
        let side = self.facts.side as usize;
        if self.grid.len() < side * side {
            let [left, right, low, high] = self.facts.view;
            let (row, column) = (self.grid.len() / side, self.grid.len() % side);
            let last = (side - 1) as f64;
            let across = left + (right - left) * column as f64 / last;
            let up = high - (high - low) * row as f64 / last;
            let [first, second] = &self.directions;
            let place: Vec<f32> = self
                .start
                .iter()
                .zip(first.iter().zip(second))
                .map(|(&from, (a, b))| (f64::from(from) + across * a + up * b) as f32)
                .collect();
            let loss = self.landscape.loss_at(&place).await?;
            self.grid.push(if loss.is_finite() { loss as f32 } else { f32::NAN });
        }
        Ok(self.grid.len() < side * side)
    }

    /// What was measured.
    pub fn finish(self) -> Slice {
        Slice { facts: self.facts, grid: self.grid, paths: self.paths }
    }
}

/// At most [`PLACES`] of a path, evenly spread, its end among them.
fn spread(path: &[Vec<f64>]) -> impl Iterator<Item = &Vec<f64>> {
    let count = path.len().min(PLACES);
    (1..=count).map(move |nth| &path[nth * path.len() / count - 1])
}

/// The two orthonormal directions that hold the most of these moves: those of the largest eigenvalues of `Σ d dᵀ`, found through
/// the much smaller matrix of their products `dᵢ · dⱼ`. None where nothing moved.
///
/// ```
/// use descent_engine::contest::directions;
/// let (far, near) = (vec![3.0, 0.0, 0.0], vec![0.0, 0.0, 1.0]);
/// let [first, second] = directions(&[&far, &near]).unwrap();
/// assert!((first[0] - 1.0).abs() < 1e-12 && (second[2] - 1.0).abs() < 1e-12);
/// ```
pub fn directions(moves: &[&Vec<f64>]) -> Option<[Vec<f64>; 2]> {
    let products: Vec<Vec<f64>> = moves.iter().map(|a| moves.iter().map(|b| dot(a, b)).collect()).collect();
    let total: f64 = (0..moves.len()).map(|idx| products[idx][idx]).sum();
    if !(total > 0.0 && total.is_finite()) {
        return None;
    }
    let first = strongest(&products, None)?;
    let along = unit(combined(moves, &first))?;
    let second = strongest(&products, Some(&first)).and_then(|second| {
        let mut across = combined(moves, &second);
        subtract(&mut across, &along);
        let mut across = if dot(&across, &across) > 1e-12 * total { unit(across)? } else { return None };
        // Twice is enough: what rounding left of the first direction is gone.
        subtract(&mut across, &along);
        unit(across)
    });
    let across = match second {
        Some(across) => across,
        // Everybody moved along one line: any direction across it will do, and this one is the same every time.
        None => {
            let flattest = (0..along.len()).min_by(|&a, &b| along[a].abs().total_cmp(&along[b].abs()))?;
            let mut other = vec![0.0; along.len()];
            other[flattest] = 1.0;
            subtract(&mut other, &along);
            unit(other)?
        }
    };
    Some([along, across].map(|direction| turned(direction, moves)))
}

/// The eigenvector of the largest eigenvalue, by the power method, among those at right angles to `against`; none where nothing is
/// left there but rounding.
fn strongest(matrix: &[Vec<f64>], against: Option<&Vec<f64>>) -> Option<Vec<f64>> {
    // The golden ratio's multiples favor no direction.
    let mut vector: Vec<f64> = (0..matrix.len()).map(|idx| 1.0 + (idx as f64 * 0.618_033_988_75).fract()).collect();
    if let Some(against) = against {
        subtract(&mut vector, against);
    }
    for _ in 0..TURNS {
        let mut next: Vec<f64> = matrix.iter().map(|row| dot(row, &vector)).collect();
        next = unit(next)?;
        if let Some(against) = against {
            subtract(&mut next, against);
            if dot(&next, &next) < 1e-12 {
                return None;
            }
        }
        vector = unit(next)?;
    }
    Some(vector)
}

fn combined(moves: &[&Vec<f64>], weights: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; moves.first().map_or(0, |it| it.len())];
    for (it, weight) in moves.iter().zip(weights) {
        sum.iter_mut().zip(*it).for_each(|(sum, value)| *sum += weight * value);
    }
    sum
}

/// An eigenvector's sign means nothing: the moves go rightwards and upwards on the whole.
fn turned(direction: Vec<f64>, moves: &[&Vec<f64>]) -> Vec<f64> {
    let sum: f64 = moves.iter().map(|it| dot(it, &direction)).sum();
    if sum < 0.0 { direction.into_iter().map(|value| -value).collect() } else { direction }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Takes the part along a unit vector away.
fn subtract(from: &mut [f64], unit: &[f64]) {
    let part = dot(from, unit);
    from.iter_mut().zip(unit).for_each(|(value, along)| *value -= part * along);
}

fn unit(vector: Vec<f64>) -> Option<Vec<f64>> {
    let length = dot(&vector, &vector).sqrt();
    (length > 0.0 && length.is_finite()).then(|| vector.into_iter().map(|value| value / length).collect())
}

/// A square around all places and the start, so that distances are the same in both directions.
fn view_of<'a>(places: impl Iterator<Item = &'a [f64; 2]>) -> [f64; 4] {
    let mut bounds = [0.0_f64; 4];
    for [a, b] in places {
        bounds = [bounds[0].min(*a), bounds[1].max(*a), bounds[2].min(*b), bounds[3].max(*b)];
    }
    let [left, right, low, high] = bounds;
    let half = ((right - left).max(high - low) / 2.0 * MARGIN).max(1e-6);
    let (x, y) = (f64::midpoint(left, right), f64::midpoint(low, high));
    [x - half, x + half, y - half, y + half]
}
