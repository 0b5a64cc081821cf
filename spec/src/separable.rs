//! Whether a line can tell two sets of points apart: exactly, in whole numbers.
//!
//! A line has all points of one set strictly on one side and all of the other on the other side exactly when the convex hulls of
//! the two sets have no point in common. In the plane at most four points show that they have one (Kirchberger 1903): two
//! segments that meet, or a point within a triangle. Whatever line is drawn, it is wrong about one of those.

/// A point with whole coordinates, say thousandths, below 2⁶⁰ in size.
pub type Point = [i64; 2];

/// At most four points that no line can tell apart: those of the first set, then those of the second. None where a line can.
///
/// ```
/// use descent_spec::separable::obstacle;
/// let (low, high) = ([[0, 0], [1, 1]], [[0, 1], [1, 0]]);
/// assert!(obstacle(&low, &high).is_some(), "XOR: the diagonals cross");
/// assert!(obstacle(&[[0, 0], [0, 1], [1, 0]], &[[1, 1]]).is_none(), "AND: a line cuts one corner off");
/// ```
pub fn obstacle(first: &[Point], second: &[Point]) -> Option<[Vec<Point>; 2]> {
    let (a, b) = (hull(first), hull(second));
    let (&a_corner, &b_corner) = (a.first()?, b.first()?);
    for [p, q] in edges(&a) {
        for [r, s] in edges(&b) {
            if touch([p, q], [r, s]) {
                return Some([distinct([p, q]), distinct([r, s])]);
            }
        }
    }
    // Borders that do not meet leave two ways: apart, or one hull inside the other with all its corners.
    if let Some(triangle) = triangle_around(&b, a_corner) {
        return Some([vec![a_corner], triangle]);
    }
    triangle_around(&a, b_corner).map(|triangle| [triangle, vec![b_corner]])
}

/// Twice the signed area of the triangle: positive where it turns left.
fn turn(a: Point, b: Point, c: Point) -> i128 {
    let [ax, ay, bx, by, cx, cy] = [a[0], a[1], b[0], b[1], c[0], c[1]].map(i128::from);
    (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
}

/// Corners of the convex hull, counterclockwise and none on a straight edge (Andrew 1979, monotone chain). Points on one line
/// leave the two outermost, equal points leave one.
fn hull(points: &[Point]) -> Vec<Point> {
    let mut sorted = points.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.len() < 3 {
        return sorted;
    }
    let mut corners = half(sorted.iter());
    let upper = half(sorted.iter().rev());
    // Each half ends where the other begins.
    corners.pop();
    corners.extend_from_slice(&upper[..upper.len() - 1]);
    corners
}

fn half<'a>(points: impl Iterator<Item = &'a Point>) -> Vec<Point> {
    let mut chain: Vec<Point> = Vec::new();
    for &point in points {
        while let [.., a, b] = chain.as_slice()
            && turn(*a, *b, point) <= 0
        {
            chain.pop();
        }
        chain.push(point);
    }
    chain
}

/// The border of a hull; a single point is an edge from itself to itself.
fn edges(hull: &[Point]) -> impl Iterator<Item = [Point; 2]> + '_ {
    (0..hull.len()).map(|idx| [hull[idx], hull[(idx + 1) % hull.len()]])
}

/// Whether two segments, ends included, have a point in common: their boxes overlap, and neither lies on one side of the other.
fn touch([a, b]: [Point; 2], [c, d]: [Point; 2]) -> bool {
    let overlap = |axis: usize| a[axis].max(b[axis]) >= c[axis].min(d[axis]) && c[axis].max(d[axis]) >= a[axis].min(b[axis]);
    let straddles = |p, q, r, s| turn(p, q, r).signum() * turn(p, q, s).signum() <= 0;
    overlap(0) && overlap(1) && straddles(a, b, c, d) && straddles(c, d, a, b)
}

/// A triangle of corners with the point in it or on its border. Hulls without an inside have none: their edges are looked at.
fn triangle_around(hull: &[Point], point: Point) -> Option<Vec<Point>> {
    let (&first, rest) = hull.split_first()?;
    rest.windows(2)
        .map(|pair| [first, pair[0], pair[1]])
        .find(|&[a, b, c]| turn(a, b, point) >= 0 && turn(b, c, point) >= 0 && turn(c, a, point) >= 0)
        .map(Vec::from)
}

fn distinct([p, q]: [Point; 2]) -> Vec<Point> {
    if p == q { vec![p] } else { vec![p, q] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By another way: a direction along which all of one set come before all of the other. The directions that do form open
    /// arcs, bounded by normals of differences between a point and one of the other set; so if there are any, one of these is
    /// among them: a difference itself (an arc of half a turn), a normal, or the sum of two normals (inside a smaller arc).
    fn is_separable_by_search(first: &[Point], second: &[Point]) -> bool {
        let differences: Vec<Point> = first.iter().flat_map(|a| second.iter().map(move |b| [b[0] - a[0], b[1] - a[1]])).collect();
        let normals: Vec<Point> = differences.iter().flat_map(|d| [[-d[1], d[0]], [d[1], -d[0]]]).collect();
        let sums = normals.iter().flat_map(|n| normals.iter().map(move |m| [n[0] + m[0], n[1] + m[1]]));
        let mut candidates = differences.iter().copied().chain(normals.iter().copied()).chain(sums);
        candidates.any(|n| differences.iter().all(|d| n[0] * d[0] + n[1] * d[1] > 0))
    }

    #[test]
    fn and_and_or_can_be_told_apart_and_xor_cannot() {
        let corners = [[-1, -1], [-1, 1], [1, -1], [1, 1]];
        let split = |is_one: fn(bool, bool) -> bool| -> [Vec<Point>; 2] {
            let (ones, zeros) = corners.iter().partition(|corner| is_one(corner[0] > 0, corner[1] > 0));
            [zeros, ones]
        };
        for is_one in [|x, y| x && y, |x, y| x || y] {
            let [zeros, ones] = split(is_one);
            assert_eq!(obstacle(&zeros, &ones), None);
        }
        let [zeros, ones] = split(|x, y| x != y);
        let [mut of_zeros, mut of_ones] = obstacle(&zeros, &ones).unwrap();
        of_zeros.sort_unstable();
        of_ones.sort_unstable();
        assert_eq!((of_zeros, of_ones), (zeros, ones), "all four");
    }

    #[test]
    fn what_touches_is_not_told_apart() {
        let some = |a: &[Point], b: &[Point]| obstacle(a, b).is_some();
        assert!(some(&[[0, 0]], &[[0, 0]]), "the same point");
        assert!(!some(&[[0, 0]], &[[1, 0]]));
        assert!(some(&[[0, 0], [2, 2]], &[[1, 1]]), "a point on a segment");
        assert!(!some(&[[0, 0], [2, 2]], &[[3, 3]]), "beyond it, on the same line");
        assert!(some(&[[0, 0], [4, 0], [0, 4]], &[[1, 1]]), "a point in a triangle");
        assert!(some(&[[1, 1]], &[[0, 0], [4, 0], [0, 4]]));
        assert!(!some(&[], &[[1, 1]]) && !some(&[], &[]), "one class alone");
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_search_over_all_directions(
            first in proptest::collection::vec([-4i64..=4, -4i64..=4], 1..7),
            second in proptest::collection::vec([-4i64..=4, -4i64..=4], 1..7),
            shift in 0i64..6,
        ) {
            let second: Vec<Point> = second.iter().map(|[x, y]| [x + shift, *y]).collect();
            let found = obstacle(&first, &second);
            prop_assert_eq!(found.is_none(), is_separable_by_search(&first, &second));
            if let Some([of_first, of_second]) = found {
                // A witness: points of the sets, at most four, which are no better off alone.
                prop_assert!(of_first.len() + of_second.len() <= 4);
                prop_assert!(of_first.iter().all(|it| first.contains(it)) && of_second.iter().all(|it| second.contains(it)));
                prop_assert!(!is_separable_by_search(&of_first, &of_second));
            }
        }
    }
}
