//! Points of many numbers as dots of a plane, by t-SNE (van der Maaten and Hinton 2008; with the tree of van der Maaten 2014).
//!
//! The steps are those of the crate `bhtsne`. Two things are told and chosen here, because its own (version 0.7.13) fall short:
//! [`Neighbourhoods::divergence`], where the crate's `kl_divergence` takes another point's probabilities, and the distances from which
//! it finds each point's bandwidth, less the nearest one's: the neighbourhoods are the same by their formula, but `e^(-d²/2σ²)` of the
//! plain distances sinks below the precision where all neighbours are far.

#[cfg(target_arch = "wasm32")]
pub mod worker;

use bhtsne::{Neighbor, SparseAffinities, tSNE};
use descent_spec::tsne::{Picture, Points};

/// How coarse the tree may be: a cell counts as one dot where its side is less than this share of its distance. The usual choice.
const THETA: f64 = 0.5;
/// Spread of the first coordinate at a fresh start, as scikit-learn has it: so near that all dots still attract each other.
const SPECK: f64 = 1e-4;
/// Learning rate, the paper's.
const RATE: f64 = 100.0;
/// By how much the dots attract each other more at first, the paper's factor, and for how many steps; and the momentum then and
/// afterwards. Of factors 4, 6 and 12, rates 25 to 200, 100 to 250 steps and momenta 0.8 and 0.9 these led to the least divergence on
/// most of six maps of 120 and 300 points, about scikit-learn's; 12 and 250, made for tens of thousands of points, to 5 to 10 % more.
const EXAGGERATION: f64 = 4.0;
const EXAGGERATED_STEPS: usize = 100;
const MOMENTUM: [f64; 2] = [0.5, 0.9];

/// How probable it is that two points are neighbours, `p` of the paper: symmetric, with the sum 1, and kept for about three times as
/// many neighbours of each point as the perplexity says.
pub struct Neighbourhoods(SparseAffinities<f64>);

impl Neighbourhoods {
    /// Of points, near ones by their Euclidean distance.
    ///
    /// # Errors
    /// What [`Points::check`] says.
    pub fn of(points: &Points) -> Result<Neighbourhoods, String> {
        points.check()?;
        let rows = rows(points);
        // The crate panics above this.
        let perplexity = f64::from(points.perplexity).min((rows.len() - 1) as f64 / 3.0);
        let count = (3.0 * perplexity) as usize;
        let neighbours: Vec<Vec<Neighbor<f64>>> = (0..rows.len()).map(|nth| nearest(&rows, nth, count)).collect();
        let mut tsne: Tsne<'_> = tSNE::new(&rows);
        tsne.perplexity(perplexity).epochs(0).initial_embedding(vec![0.0; 2 * rows.len()]);
        tsne.barnes_hut_with_neighbors(THETA, &neighbours);
        tsne.affinities().map(Neighbourhoods).ok_or_else(|| "t-SNE found no neighbours.".into())
    }

    /// `Σ p ln(p / q)` in nats, where `q` goes with `1 / (1 + d²)` for dots at the distance `d`, with the sum 1 over all pairs.
    pub fn divergence(&self, places: &[[f32; 2]]) -> f64 {
        let closeness = |one: [f32; 2], other: [f32; 2]| {
            let [x, y] = [f64::from(one[0] - other[0]), f64::from(one[1] - other[1])];
            1.0 / (1.0 + x * x + y * y)
        };
        let halves =
            places.iter().enumerate().map(|(nth, &one)| places[..nth].iter().map(|&other| closeness(one, other)).sum::<f64>());
        let total = 2.0 * halves.sum::<f64>();
        let (bounds, columns, values) = (self.0.rows(), self.0.columns(), self.0.values());
        let of_row = |(nth, &one): (usize, &[f32; 2])| {
            let range = bounds[nth]..bounds[nth + 1];
            let pairs = columns[range.clone()].iter().zip(&values[range]).filter(|(_, p)| **p > 0.0);
            pairs.map(|(&other, &p)| p * (p * total / closeness(one, places[other as usize])).ln()).sum::<f64>()
        };
        places.iter().enumerate().map(of_row).sum()
    }
}

/// A map between two of its steps.
pub struct Moment<'a> {
    neighbourhoods: &'a Neighbourhoods,
    places: &'a [f64],
    /// Steps done.
    pub step: u32,
    /// Steps in all.
    pub n_steps: u32,
}

impl Moment<'_> {
    /// Whether no step is left.
    pub fn is_last(&self) -> bool {
        self.step == self.n_steps
    }

    /// The picture as it is; its divergence takes about as long as a step.
    pub fn picture(&self) -> Picture {
        let places: Vec<[f32; 2]> = self.places.as_chunks().0.iter().map(|&[x, y]| [x as f32, y as f32]).collect();
        Picture { step: self.step, n_steps: self.n_steps, divergence: self.neighbourhoods.divergence(&places), places }
    }
}

/// Draws a map, shown after each of its steps.
///
/// # Errors
/// What [`Points::check`] says.
pub fn draw(points: &Points, mut see: impl FnMut(Moment<'_>)) -> Result<(), String> {
    let neighbourhoods = Neighbourhoods::of(points)?;
    let rows = rows(points);
    let n_steps = points.n_steps();
    let mut tsne: Tsne<'_> = tSNE::new(&rows);
    tsne.with_affinities(neighbourhoods.0.clone()).initial_embedding(start(points)).learning_rate(RATE).epochs(n_steps as usize);
    if points.is_fresh {
        tsne.early_exaggeration(EXAGGERATION).stop_lying_epoch(EXAGGERATED_STEPS);
        tsne.momentum(MOMENTUM[0]).final_momentum(MOMENTUM[1]).momentum_switch_epoch(EXAGGERATED_STEPS);
    } else {
        tsne.momentum(MOMENTUM[1]).stop_lying_epoch(0);
    }
    let neighbourhoods = &neighbourhoods;
    tsne.epoch_callback(move |epoch, places| see(Moment { neighbourhoods, places, step: epoch as u32 + 1, n_steps }));
    // The neighbourhoods are there: nothing is measured again.
    tsne.barnes_hut(THETA, |_, _| 0.0);
    Ok(())
}

type Tsne<'data> = tSNE<'data, f64, &'data [f32]>;

fn rows(points: &Points) -> Vec<&[f32]> {
    points.values.chunks_exact(points.width as usize).collect()
}

/// The points nearest to one, the nearest first and of equals the first, each with `√(d² - d₀²)` where `d₀` is the nearest one's
/// distance.
fn nearest(rows: &[&[f32]], to: usize, count: usize) -> Vec<Neighbor<f64>> {
    let squared = |other: usize| rows[to].iter().zip(rows[other]).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
    let mut others: Vec<(f64, usize)> = (0..rows.len()).filter(|&it| it != to).map(|it| (squared(it), it)).collect();
    others.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let least = others.first().map_or(0.0, |first| first.0);
    others.into_iter().take(count).map(|(far, index)| Neighbor { index, distance: (far - least).sqrt() }).collect()
}

/// Where the dots begin.
fn start(points: &Points) -> Vec<f64> {
    let scale = if points.is_fresh { SPECK / spread(&points.start) } else { 1.0 };
    points.start.as_flattened().iter().map(|&at| f64::from(at) * scale).collect()
}

/// Standard deviation of the coordinate with the larger one; above 0 for places that are not all alike.
fn spread(places: &[[f32; 2]]) -> f64 {
    let n = places.len() as f64;
    let along = |axis: usize| {
        let mean = places.iter().map(|place| f64::from(place[axis])).sum::<f64>() / n;
        (places.iter().map(|place| (f64::from(place[axis]) - mean).powi(2)).sum::<f64>() / n).sqrt()
    };
    along(0).max(along(1)).max(f64::MIN_POSITIVE)
}
