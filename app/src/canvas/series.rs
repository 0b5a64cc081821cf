//! Curves as lists of points: smoothed, thinned to what a screen can show, and looked up.

/// A point of a curve: step and value.
pub type Point = (f64, f64);

/// The exponential moving average, corrected for its start as Adam's moments are: `s ← w s + (1 − w) y; ŝ = s / (1 − wᵗ)`.
///
/// Points that are not numbers are left out.
///
/// ```
/// use descent_app::canvas::series::smoothed;
/// assert_eq!(smoothed(&[(1.0, 4.0), (2.0, 8.0)], 0.5), [(1.0, 4.0), (2.0, (0.25 * 4.0 + 0.5 * 8.0) / 0.75)]);
/// ```
pub fn smoothed(points: &[Point], weight: f64) -> Vec<Point> {
    let (mut mean, mut decay) = (0.0, 1.0);
    let finite = points.iter().filter(|(_, y)| y.is_finite());
    finite
        .map(|&(x, y)| {
            mean = weight * mean + (1.0 - weight) * y;
            decay *= weight;
            (x, mean / (1.0 - decay))
        })
        .collect()
}

/// At most two points for each of `columns` pixel columns between 0 and `x_high`: the lowest and the highest, in the order
/// they came, so no spike is lost. Points that are not numbers are left out.
pub fn decimated(points: &[Point], x_high: f64, columns: usize) -> Vec<Point> {
    let mut thin: Vec<Point> = Vec::with_capacity(points.len().min(2 * columns));
    let column_of = |x: f64| ((x / x_high) * columns as f64) as usize;
    let mut open: Option<(usize, Point, Point)> = None;
    for &point in points.iter().filter(|(x, y)| x.is_finite() && y.is_finite()) {
        let column = column_of(point.0);
        open = Some(match open {
            Some((current, first, second)) if current == column => {
                let [mut low, mut high] = if first.1 <= second.1 { [first, second] } else { [second, first] };
                if point.1 < low.1 {
                    low = point;
                }
                if point.1 >= high.1 {
                    high = point;
                }
                if low.0 <= high.0 { (column, low, high) } else { (column, high, low) }
            }
            finished => {
                close(finished, &mut thin);
                (column, point, point)
            }
        });
    }
    close(open, &mut thin);
    thin
}

fn close(column: Option<(usize, Point, Point)>, into: &mut Vec<Point>) {
    if let Some((_, first, second)) = column {
        into.push(first);
        if second != first {
            into.push(second);
        }
    }
}

/// The point whose step is nearest.
pub fn nearest(points: &[Point], x: f64) -> Option<Point> {
    let after = points.partition_point(|point| point.0 < x);
    let candidates = [after.checked_sub(1).and_then(|idx| points.get(idx)), points.get(after)];
    candidates.into_iter().flatten().copied().min_by(|a, b| (a.0 - x).abs().total_cmp(&(b.0 - x).abs()))
}

/// Lowest and highest value of the curves, or `None` where there is no number at all.
pub fn extent<'a>(curves: impl IntoIterator<Item = &'a [Point]>) -> Option<(f64, f64)> {
    let values = curves.into_iter().flatten().map(|point| point.1).filter(|y| y.is_finite());
    values.fold(None, |range, y| match range {
        None => Some((y, y)),
        Some((low, high)) => Some((f64::min(low, y), f64::max(high, y))),
    })
}

/// At most `most` of the items, evenly spread, the last always among them: rows of a table that stays readable.
pub fn spread<T: Copy>(items: &[T], most: usize) -> Vec<T> {
    if items.len() <= most {
        return items.to_vec();
    }
    (1..=most).map(|nth| items[nth * items.len() / most - 1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothing_keeps_constants_and_skips_what_is_no_number() {
        let flat: Vec<Point> = (0..50).map(|x| (f64::from(x), 3.0)).collect();
        assert!(smoothed(&flat, 0.9).iter().all(|point| (point.1 - 3.0).abs() < 1e-12));
        assert_eq!(smoothed(&[(1.0, f64::NAN), (2.0, 5.0)], 0.9).len(), 1);
        assert_eq!(smoothed(&[(1.0, 2.0), (2.0, 6.0)], 0.0), [(1.0, 2.0), (2.0, 6.0)]);
    }

    #[test]
    fn a_spike_survives_decimation() {
        let mut points: Vec<Point> = (0..10_000).map(|x| (f64::from(x), 1.0)).collect();
        points[5_432].1 = 99.0;
        points[5_433].1 = -99.0;
        let thin = decimated(&points, 10_000.0, 100);
        assert!(thin.len() <= 200);
        assert!(thin.contains(&(5_432.0, 99.0)) && thin.contains(&(5_433.0, -99.0)));
        assert!(thin.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(thin.first(), Some(&(0.0, 1.0)));
    }

    #[test]
    fn few_points_stay_as_they_are() {
        let points = [(1.0, 3.0), (2.0, 1.0), (3.0, 2.0)];
        assert_eq!(decimated(&points, 3.0, 300), points);
        assert_eq!(decimated(&[], 1.0, 10), []);
        assert_eq!(decimated(&[(1.0, f64::INFINITY), (2.0, 1.0)], 2.0, 10), [(2.0, 1.0)]);
    }

    #[test]
    fn looking_up_and_spreading() {
        let points = [(1.0, 3.0), (2.0, 1.0), (5.0, 2.0)];
        assert_eq!(nearest(&points, 3.1), Some((2.0, 1.0)));
        assert_eq!(nearest(&points, 99.0), Some((5.0, 2.0)));
        assert_eq!(nearest(&[], 1.0), None);
        assert_eq!(extent([&points[..], &[(9.0, f64::NAN)]]), Some((1.0, 3.0)));
        assert_eq!(extent([&[][..]]), None);
        assert_eq!(spread(&[1, 2, 3, 4, 5, 6, 7], 3), [2, 4, 7]);
        assert_eq!(spread(&[1, 2], 3), [1, 2]);
    }
}
