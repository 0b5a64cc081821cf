use super::draw::{BLOB_RADIUS, BLOB_SIGMA, DISC, RING, SPIRAL_START, SPIRAL_TURNS, XOR_MARGIN};
use super::*;
use descent_spec::plane::MAX_COORDINATE;
use descent_spec::registry::Registry;
use std::f64::consts::TAU;

/// A set without noise, whose points obey their formula to rounding.
fn exact(set: DataSet, n_classes: usize) -> Points {
    let default = DataSpec::for_set(set);
    let n_classes = if set.has_class_choice() { n_classes } else { default.n_classes };
    Points::new(&DataSpec { noise: 0.0, n_classes, n_points: 1000, ..default }, Part::Pool, 1)
}

fn each(points: &Points) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
    (0..points.len()).map(|idx| (f64::from(points.x[idx]), f64::from(points.y[idx]), f64::from(points.targets[idx])))
}

fn drawn_sets() -> impl Iterator<Item = DataSet> {
    DataSet::table().iter().map(|entry| entry.value).filter(|set| set.is_drawn())
}

#[test]
fn classes_are_balanced() {
    for set in drawn_sets().filter(|set| set.task() == descent_spec::Task::Classification) {
        for n_classes in 2..=5 {
            let points = exact(set, n_classes);
            let n_classes = points.n_classes();
            let counts: Vec<usize> =
                (0..n_classes).map(|class| points.targets.iter().filter(|&&it| it == class as f32).count()).collect();
            assert_eq!(counts.iter().sum::<usize>(), 1000, "{}: every target is a class", set.id());
            assert!(counts.iter().all(|&count| count.abs_diff(1000 / n_classes) <= 1), "{}: {counts:?}", set.id());
        }
    }
}

#[test]
fn the_seed_decides_and_the_test_part_is_drawn_apart() {
    for set in drawn_sets() {
        let data = DataSpec::for_set(set);
        let pool = Points::new(&data, Part::Pool, 1);
        assert_eq!(pool, Points::new(&data, Part::Pool, 1));
        assert_ne!(pool.x, Points::new(&data, Part::Pool, 2).x);
        let test = Points::new(&data, Part::Test, 1);
        assert_eq!((pool.len(), test.len()), (500, 250));
        let positions = |points: &Points| (0..points.len()).filter_map(|idx| points.position(idx)).collect::<Vec<_>>();
        assert!(positions(&test).iter().all(|point| !positions(&pool).contains(point)), "{}", set.id());
    }
}

#[test]
fn more_points_keep_the_first_ones() {
    let data = DataSpec::for_set(DataSet::Moons);
    let (few, many) =
        (Points::new(&data, Part::Pool, 1), Points::new(&DataSpec { n_points: 1000, ..data.clone() }, Part::Pool, 1));
    assert_eq!(few.x, many.x[..500]);
    assert_eq!(few.targets, many.targets[..500]);
}

#[test]
fn noise_moves_points_by_its_standard_deviation_and_never_past_the_border() {
    for set in drawn_sets() {
        let data = |noise| DataSpec { noise, n_points: 1000, ..DataSpec::for_set(set) };
        let [still, noisy, wild] = [0.0, 0.1, 0.5].map(|noise| Points::new(&data(noise), Part::Pool, 1));
        let moved = |a: &[f32], b: &[f32]| (a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>() / 1000.0).sqrt();
        // The standard error of a standard deviation of 0.1 from 1000 draws is 0.1 / √2000 = 0.0022.
        let is_noise = |value: f64| (value - 0.1).abs() < 0.01;
        match set.task() {
            descent_spec::Task::Classification => {
                assert!(is_noise(moved(&still.x, &noisy.x)) && is_noise(moved(&still.y, &noisy.y)), "{}", set.id());
                assert_eq!(still.targets, noisy.targets);
            }
            descent_spec::Task::Regression | descent_spec::Task::NextToken | descent_spec::Task::Neighbour => {
                assert!(is_noise(moved(&still.targets, &noisy.targets)), "{}", set.id());
                assert_eq!(still.x, noisy.x);
            }
        }
        assert!(wild.x.iter().chain(&wild.y).all(|value| f64::from(value.abs()) <= MAX_COORDINATE));
        assert!(still.x.iter().chain(&still.y).all(|value| value.abs() <= 1.0) || set == DataSet::Gaussians, "{}", set.id());
    }
}

#[test]
fn a_circle_is_a_disc_in_a_ring() {
    let points = exact(DataSet::Circle, 2);
    for (x, y, class) in each(&points) {
        let radius = x.hypot(y);
        assert!(if class == 1.0 { radius <= DISC + 1e-6 } else { (RING - 1e-6..=1.0 + 1e-6).contains(&radius) }, "{x} {y}");
    }
    // Evenly spread over the disc: a quarter of it lies within half its radius; ±3 standard errors of 500 draws.
    let inner = each(&points).filter(|(x, y, class)| *class == 1.0 && x.hypot(*y) < DISC / 2.0).count();
    assert!((96..=154).contains(&inner), "{inner}");
}

#[test]
fn moons_are_half_circles() {
    for (x, y, class) in each(&exact(DataSet::Moons, 2)) {
        let (x, y) = (1.75 * x + 0.5, 1.75 * y + 0.25);
        let (center, side) = if class == 0.0 { ((0.0, 0.0), y) } else { ((1.0, 0.5), 0.5 - y) };
        assert!(((x - center.0).hypot(y - center.1) - 1.0).abs() < 1e-6);
        assert!(side >= -1e-6, "{x} {y}");
    }
}

#[test]
fn spiral_arms_wind_evenly() {
    for n_arms in 2..=5 {
        for (x, y, class) in each(&exact(DataSet::Spiral, n_arms)) {
            let radius = x.hypot(y);
            assert!((SPIRAL_START - 1e-6..=1.0 + 1e-6).contains(&radius));
            let turns = (y.atan2(x) / TAU - (class + SPIRAL_TURNS * radius) / n_arms as f64).rem_euclid(1.0);
            assert!(turns.min(1.0 - turns) < 1e-5, "{n_arms} arms: {x} {y} of class {class}");
        }
    }
}

#[test]
fn xor_goes_by_the_signs() {
    let mut quadrants = [0; 4];
    for (x, y, class) in each(&exact(DataSet::Xor, 2)) {
        assert_eq!(x * y < 0.0, class == 1.0);
        assert!(x.abs().min(y.abs()) >= XOR_MARGIN - 1e-6);
        quadrants[usize::from(x > 0.0) + 2 * usize::from(y > 0.0)] += 1;
    }
    // 250 each, standard deviation √(500 / 4) = 11.
    assert!(quadrants.iter().all(|count| (205..=295).contains(count)), "{quadrants:?}");
}

#[test]
fn blobs_are_normal_around_their_centers() {
    for n_classes in 2..=5 {
        let points = exact(DataSet::Gaussians, n_classes);
        for class in 0..n_classes {
            let angle = TAU * (class as f64 / n_classes as f64 + 0.125);
            let here: Vec<f64> = each(&points)
                .filter(|point| point.2 == class as f64)
                .flat_map(|(x, y, _)| [x - BLOB_RADIUS * angle.cos(), y - BLOB_RADIUS * angle.sin()])
                .collect();
            let n = here.len() as f64;
            let mean = here.iter().sum::<f64>() / n;
            let sigma = (here.iter().map(|it| it * it).sum::<f64>() / n).sqrt();
            assert!(mean.abs() < 4.0 * BLOB_SIGMA / n.sqrt(), "{mean}");
            assert!((sigma - BLOB_SIGMA).abs() < 0.015, "{sigma}");
        }
    }
}

#[test]
fn regression_targets_are_their_formulas() {
    for (x, y, value) in each(&exact(DataSet::Plane, 0)) {
        assert!((value - (x + y) / 2.0).abs() < 1e-6);
    }
    for (x, y, value) in each(&exact(DataSet::Hill, 0)) {
        // 1/(2 · 0.3²) = 5.5556.
        let top = |a: f64, b: f64| (-5.555_555_6 * ((x - a).powi(2) + (y - b).powi(2))).exp();
        assert!((value - (top(0.0, 0.5) - top(-0.5, -0.4) + 0.5 * top(0.5, -0.4))).abs() < 1e-6);
    }
}

#[test]
fn features_are_computed_from_what_the_page_is_told() {
    let features = Feature::table().iter().map(|entry| entry.value).collect();
    let points = Points::new(&DataSpec { features, ..DataSpec::for_set(DataSet::Moons) }, Part::Pool, 1);
    for (idx, (x, y, _)) in each(&points).enumerate() {
        let expected = [x, y, x * x, y * y, x * y, (TAU * x).sin(), (TAU * y).sin()];
        assert_eq!(points.input(idx), expected.map(|value| value as f32));
    }
}

#[test]
fn own_points_are_taken_as_they_are() {
    let own = vec![descent_spec::OwnPoint::at(0.25, -0.5, 1), descent_spec::OwnPoint::at(-1.0, 1.5, 0)];
    let data = DataSpec { own, ..DataSpec::for_set(DataSet::Own) };
    let points = Points::new(&data, Part::Pool, 7);
    assert_eq!((points.x.as_slice(), points.y.as_slice()), (&[0.25, -1.0][..], &[-0.5, 1.5][..]));
    assert_eq!(points.targets, [1.0, 0.0]);
    assert!(Points::new(&data, Part::Test, 7).is_empty());
}
