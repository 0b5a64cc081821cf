//! Principal components: many numbers for each thing as two, so that it can be seen.

use nalgebra::{DMatrix, SymmetricEigen};

/// The two directions along which points lie most spread out, and where each lies on them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Principal {
    /// Along the first and the second direction, one for each point; the mean of all lies at 0.
    pub places: Vec<[f32; 2]>,
    /// Which share of all variance lies along each.
    pub shares: [f64; 2],
}

/// Principal components of points `[points, width]`, row by row (Pearson 1901): the eigenvectors of the covariance of the first so many
/// with the two largest eigenvalues. All points are placed along them; the shares are of those first ones' variance. A direction may
/// come out either way round.
pub fn principal_of_first(values: &[f32], width: usize, n_first: usize) -> Principal {
    let n = (values.len() / width.max(1)).min(n_first);
    if n == 0 || width == 0 || values.iter().any(|value| !value.is_finite()) {
        return Principal::default();
    }
    let points = DMatrix::from_row_iterator(n, width, values.iter().take(n * width).map(|&value| f64::from(value)));
    let mean = points.row_mean();
    let centred = DMatrix::from_fn(n, width, |row, column| points[(row, column)] - mean[column]);
    let covariance = centred.tr_mul(&centred) / n as f64;
    let total = covariance.trace();
    let eigen = SymmetricEigen::new(covariance);
    let mut order: Vec<usize> = (0..width).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    let axis = |nth: usize| -> Vec<f64> {
        order.get(nth).map(|&idx| eigen.eigenvectors.column(idx).iter().copied().collect()).unwrap_or_default()
    };
    let share = |nth: usize| match order.get(nth) {
        Some(&idx) if total > 0.0 => (eigen.eigenvalues[idx] / total).max(0.0),
        _ => 0.0,
    };
    let axes = [axis(0), axis(1)];
    let along = |row: &[f32], axis: &[f64]| -> f64 {
        axis.iter().zip(row).zip(mean.iter()).map(|((axis, &value), mean)| axis * (f64::from(value) - mean)).sum()
    };
    let places = values.chunks_exact(width).map(|row| [along(row, &axes[0]) as f32, along(row, &axes[1]) as f32]).collect();
    Principal { places, shares: [share(0), share(1)] }
}

impl Principal {
    /// The same with each direction that way round in which it lies nearer to an earlier picture, so that nothing jumps.
    pub fn like(mut self, earlier: &[[f32; 2]]) -> Principal {
        for axis in 0..2 {
            let together: f32 = self.places.iter().zip(earlier).map(|(now, before)| now[axis] * before[axis]).sum();
            if together < 0.0 {
                self.places.iter_mut().for_each(|place| place[axis] = -place[axis]);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(values: &[f32], width: usize) -> Principal {
        principal_of_first(values, width, usize::MAX)
    }

    /// Against NumPy 2.4: `w, v = np.linalg.eigh(C.T @ C / len(X))` with C = X less its mean, and `C @ v`.
    #[test]
    fn components_are_numpys() {
        #[rustfmt::skip]
        let values = [
            2.0, 0.0, 1.0, 1.0, 1.0, 3.0, 0.0, -1.0, 0.0, 1.0, 4.0, 2.0,
            -2.0, 1.0, 1.0, 0.0, 3.0, -1.0, 2.0, 5.0, 1.0, 1.0, -3.0, 1.0,
        ];
        let expected = [
            [-0.555_507, 0.569_375],
            [2.786_247, -0.296_560],
            [-1.860_096, -2.754_014],
            [1.782_134, -2.055_205],
            [-4.495_123, 1.600_493],
            [2.342_345, 2.935_91],
        ];
        let found = principal(&values, 4).like(&expected);
        assert!((found.shares[0] - 0.562_418_99).abs() < 1e-7 && (found.shares[1] - 0.325_778_26).abs() < 1e-7);
        for (found, expected) in found.places.iter().zip(expected) {
            assert!((0..2).all(|axis| (found[axis] - expected[axis]).abs() < 1e-5), "{found:?} {expected:?}");
        }
    }

    /// By hand: the first three lie at −2, 0 and 2 on one line, and the fourth, of which the directions know nothing, at (3, 5) from
    /// their mean (1, 1).
    #[test]
    fn later_points_are_placed_along_the_directions_of_the_first() {
        let found = principal_of_first(&[-1.0, 1.0, 1.0, 1.0, 3.0, 1.0, 4.0, 6.0], 2, 3).like(&[
            [-1.0, 0.0],
            [0.0; 2],
            [0.0; 2],
            [0.0, 1.0],
        ]);
        assert_eq!((found.places, found.shares), (vec![[-2.0, 0.0], [0.0, 0.0], [2.0, 0.0], [3.0, 5.0]], [1.0, 0.0]));
    }

    #[test]
    fn few_and_equal_points_are_no_trouble() {
        assert!(principal(&[], 3).places.is_empty() && principal(&[f32::NAN, 1.0], 2).places.is_empty());
        assert_eq!(principal(&[1.0, 2.0, 1.0, 2.0], 2), Principal { places: vec![[0.0; 2]; 2], shares: [0.0; 2] });
        // On a line of one number there is no second direction.
        assert_eq!(principal(&[1.0, 3.0], 1).shares, [1.0, 0.0]);
    }
}
