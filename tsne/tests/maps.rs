//! Maps against scikit-learn's (`tests/reference/tsne.py`), and what no input may do.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use descent_spec::tsne::{FOLLOWING_STEPS, Picture, Points};
use descent_tsne::{Neighbourhoods, draw};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    points: Vec<Vec<f32>>,
    start: Vec<[f32; 2]>,
    told: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    perplexity: f32,
    divergence: f64,
    fitted: Vec<f64>,
    trust: Vec<f64>,
}

/// Points of a group.
const GROUP: usize = 24;

fn reference() -> Reference {
    serde_json::from_str(include_str!("../../tests/reference/tsne.json")).unwrap()
}

impl Reference {
    fn points(&self, perplexity: f32) -> Points {
        let width = self.points[0].len() as u32;
        Points { values: self.points.concat(), width, perplexity, start: self.start.clone(), is_fresh: true }
    }
}

/// On one thread, as in the browser: with more, sums are rounded in another order every time, and a map ends in another minimum.
fn last_of(points: &Points) -> Picture {
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    alone.install(|| {
        let mut last = None;
        let mut n_seen = 0;
        draw(points, |moment| {
            n_seen += 1;
            assert_eq!((moment.step, moment.n_steps), (n_seen, points.n_steps()));
            if moment.is_last() {
                last = Some(moment.picture());
            }
        })
        .unwrap();
        last.unwrap()
    })
}

/// Indices of the others, the nearest first.
fn nearest(places: &[impl AsRef<[f32]>], to: usize) -> Vec<usize> {
    let far = |one: usize| -> f32 { places[one].as_ref().iter().zip(places[to].as_ref()).map(|(a, b)| (a - b).powi(2)).sum() };
    let mut others: Vec<usize> = (0..places.len()).filter(|&it| it != to).collect();
    others.sort_by(|&a, &b| far(a).total_cmp(&far(b)));
    others
}

/// Venna and Kaski 2001, equation 2: 1 less what the intruders among the `k` nearest dots cost, each its rank among the points beyond k.
fn trustworthiness(points: &[Vec<f32>], places: &[[f32; 2]], k: usize) -> f64 {
    let n = points.len();
    let cost: usize = (0..n)
        .map(|it| {
            let ranks = nearest(points, it);
            let rank = |other: &usize| 1 + ranks.iter().position(|rank| rank == other).unwrap();
            nearest(places, it).iter().take(k).map(|other| rank(other).saturating_sub(k)).sum::<usize>()
        })
        .sum();
    1.0 - cost as f64 * 2.0 / (n * k * (2 * n - 3 * k - 1)) as f64
}

/// The neighbourhoods, in single precision and with an entropy to 1e-5 nats, against scikit-learn's, with one to the same bound.
#[test]
fn the_divergence_is_scikit_learns() {
    let reference = reference();
    for told in &reference.told {
        let neighbourhoods = Neighbourhoods::of(&reference.points(told.perplexity)).unwrap();
        let found = neighbourhoods.divergence(&reference.start);
        assert!((found / told.divergence - 1.0).abs() < 2e-4, "perplexity {}: {found}, {}", told.perplexity, told.divergence);
    }
}

/// A map is one of many minima, so it is held to be about as good as one of scikit-learn's ten, not to be the same.
#[test]
fn maps_are_as_good_as_scikit_learns() {
    let reference = reference();
    for told in &reference.told {
        let map = last_of(&reference.points(told.perplexity));
        let worst = told.fitted.iter().copied().fold(0.0, f64::max);
        assert!(map.divergence < 1.05 * worst, "perplexity {}: {}, {worst}", told.perplexity, map.divergence);
        let trust = trustworthiness(&reference.points, &map.places, 10);
        let least = told.trust.iter().copied().fold(1.0, f64::min);
        assert!(trust >= least - 0.002, "perplexity {}: {trust}, {least}", told.perplexity);
    }
}

/// The last three groups stand far from each other and from the first two, which overlap: no dot of theirs is nearest to one of another.
#[test]
fn groups_stay_together() {
    let reference = reference();
    let map = last_of(&reference.points(15.0));
    let group = |nth: usize| (nth / GROUP).max(1);
    for nth in 0..map.places.len() {
        assert_eq!(group(nearest(&map.places, nth)[0]), group(nth), "dot {nth}");
    }
    let mean = |axis: usize| map.places.iter().map(|place| place[axis]).sum::<f32>() / map.places.len() as f32;
    assert!(mean(0).abs() < 1e-3 && mean(1).abs() < 1e-3, "{} {}", mean(0), mean(1));
}

/// Gone on with from itself, a map stays where it is, and is no worse.
#[test]
fn an_earlier_map_is_gone_on_with() {
    let reference = reference();
    let fresh = reference.points(15.0);
    let first = last_of(&fresh);
    let following = Points { start: first.places.clone(), is_fresh: false, ..fresh };
    let second = last_of(&following);
    assert_eq!(second.n_steps, FOLLOWING_STEPS);
    let length = |[x, y]: [f32; 2]| x.hypot(y);
    let moved: f32 = first.places.iter().zip(&second.places).map(|(a, b)| length([a[0] - b[0], a[1] - b[1]])).sum();
    let size: f32 = first.places.iter().copied().map(length).sum();
    assert!(moved < 0.1 * size, "{moved} of {size}");
    assert!(second.divergence < first.divergence + 0.01, "{} {}", first.divergence, second.divergence);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the numbers, equal points and extreme ones among them, there is a map of finite places or a sentence.
    #[test]
    fn nothing_makes_it_panic(
        values in prop::collection::vec(prop_oneof![-1.0_f32..1.0, Just(0.0), Just(1e30), Just(f32::NAN)], 0..90),
        clean in any::<bool>(),
        width in 0_u32..5,
        perplexity in prop_oneof![0.0_f32..60.0, Just(f32::INFINITY)],
        is_fresh in any::<bool>(),
    ) {
        let values: Vec<f32> = values.into_iter().map(|it| if clean && it.abs() <= 1.0 { it } else if clean { 0.5 } else { it }).collect();
        let n = values.len() / (width as usize).max(1);
        let values = values[..n * width as usize].to_vec();
        let start: Vec<[f32; 2]> = (0..n).map(|nth| [(nth / 2) as f32, values.get(nth).copied().unwrap_or_default()]).collect();
        let points = Points { values, width, perplexity, start, is_fresh };
        let mut last = None;
        let outcome = draw(&points, |moment| if moment.is_last() { last = Some(moment.picture()) });
        prop_assert_eq!(outcome, points.check());
        if let Some(last) = last {
            prop_assert!(last.places.as_flattened().iter().all(|at| at.is_finite()), "{:?}", last);
        }
    }
}
