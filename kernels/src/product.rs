//! Matrix products on plain slices, added to what is there.
//!
//! Large ones go to the crate `gemm`, which Flex uses too; called here without copies of transposed operands and into memory that
//! is there already. Products of a few hundred multiplications, as small nets have them, cost less than that call: they are loops.

use gemm::Parallelism;

/// Multiplications up to which loops are faster, natively and in wasm (`examples/kernels.rs`).
const SMALL: usize = 4096;

/// A matrix within a slice.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    cols: usize,
    /// Distance between neighbours in a column, and in a row.
    strides: [usize; 2],
}

impl<'a> Matrix<'a> {
    /// Row by row, `values` of length `rows × cols`.
    pub fn new(values: &'a [f32], rows: usize, cols: usize) -> Matrix<'a> {
        assert_eq!(values.len(), rows * cols, "a matrix of {rows} × {cols}");
        Matrix { values, rows, cols, strides: [cols, 1] }
    }

    /// Rows become columns; nothing moves.
    pub fn transposed(self) -> Matrix<'a> {
        Matrix { values: self.values, rows: self.cols, cols: self.rows, strides: [self.strides[1], self.strides[0]] }
    }

    fn row(&self, row: usize) -> impl Iterator<Item = f32> + '_ {
        let [down, right] = self.strides;
        (0..self.cols).map(move |col| self.values[row * down + col * right])
    }
}

/// `c ← c + a b`; c row by row, `[a.rows, b.cols]`.
pub fn add_product(c: &mut [f32], a: Matrix, b: Matrix) {
    multiply(c, a, b, true);
}

/// `a b`, row by row, `[a.rows, b.cols]`.
pub fn product(a: Matrix, b: Matrix) -> Vec<f32> {
    let mut c = vec![0.0; a.rows * b.cols];
    multiply(&mut c, a, b, false);
    c
}

/// `keep` tells whether what is in `c` counts; if not it must be zero, which saves reading it.
fn multiply(c: &mut [f32], a: Matrix, b: Matrix, keep: bool) {
    assert_eq!(a.cols, b.rows, "columns on the left are rows on the right");
    assert_eq!(c.len(), a.rows * b.cols, "a result of {} × {}", a.rows, b.cols);
    if a.rows * a.cols * b.cols <= SMALL {
        if b.strides[1] == 1 { add_rows(c, a, b) } else { add_dots(c, a, b) }
    } else {
        add_large(c, a, b, keep);
    }
}

/// Adds multiples of the rows of `b`, which lie side by side.
fn add_rows(c: &mut [f32], a: Matrix, b: Matrix) {
    for (i, c) in c.chunks_exact_mut(b.cols).enumerate() {
        for (k, factor) in a.row(i).enumerate() {
            for (c, b) in c.iter_mut().zip(&b.values[k * b.strides[0]..][..b.cols]) {
                *c += factor * b;
            }
        }
    }
}

/// Sums along the columns of `b`, which lie side by side when it is transposed.
fn add_dots(c: &mut [f32], a: Matrix, b: Matrix) {
    for (i, c) in c.chunks_exact_mut(b.cols).enumerate() {
        for (j, c) in c.iter_mut().enumerate() {
            let column = &b.values[j * b.strides[1]..];
            *c += a.row(i).enumerate().map(|(k, a)| a * column[k * b.strides[0]]).sum::<f32>();
        }
    }
}

#[allow(unsafe_code, reason = "gemm takes pointers; the proof stands at the call")]
fn add_large(c: &mut [f32], a: Matrix, b: Matrix, keep: bool) {
    let stride = |matrix: &Matrix, axis: usize| matrix.strides[axis] as isize;
    // SAFETY: the pointers come from slices that live through the call, and c is borrowed mutably, so that it overlaps neither.
    // Every access is in bounds: a `Matrix` is made by `new` alone, which checks that its slice has rows × cols numbers with
    // strides [cols, 1], and `transposed` swaps both pairs; the largest offset, (rows − 1) · cols + (cols − 1), is within. c has
    // a.rows × b.cols numbers and the strides [b.cols, 1]; `multiply` has checked both that and that a.cols = b.rows.
    unsafe {
        gemm::gemm(
            a.rows,
            b.cols,
            a.cols,
            c.as_mut_ptr(),
            1,
            b.cols as isize,
            keep,
            a.values.as_ptr(),
            stride(&a, 1),
            stride(&a, 0),
            b.values.as_ptr(),
            stride(&b, 1),
            stride(&b, 0),
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

/// Sums of the columns of `values`, row by row with `cols` columns.
pub fn column_sums(values: &[f32], cols: usize) -> Vec<f32> {
    let mut sums = vec![0.0; cols];
    for row in values.chunks_exact(cols) {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += value;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `[i, k] → (3 i + 5 k) mod 7 − 3`: small whole numbers, so that sums are exact in any order.
    fn whole(rows: usize, cols: usize) -> Vec<f32> {
        (0..rows * cols).map(|idx| ((3 * (idx / cols) + 5 * (idx % cols)) % 7) as f32 - 3.0).collect()
    }

    fn by_definition(a: &[f32], b: &[f32], [m, k, n]: [usize; 3]) -> Vec<f32> {
        (0..m * n).map(|idx| (0..k).map(|l| a[idx / n * k + l] * b[l * n + idx % n]).sum()).collect()
    }

    fn turned(values: &[f32], rows: usize, cols: usize) -> Vec<f32> {
        (0..rows * cols).map(|idx| values[idx % rows * cols + idx / rows]).collect()
    }

    #[test]
    fn small_and_large_products_are_their_definition() {
        for [m, k, n] in [[1, 1, 1], [3, 5, 2], [10, 8, 8], [17, 33, 29], [64, 100, 31]] {
            let (a, b) = (whole(m, k), whole(k, n));
            let expected = by_definition(&a, &b, [m, k, n]);
            let (a_turned, b_turned) = (turned(&a, m, k), turned(&b, k, n));
            let lefts = [Matrix::new(&a, m, k), Matrix::new(&a_turned, k, m).transposed()];
            let rights = [Matrix::new(&b, k, n), Matrix::new(&b_turned, n, k).transposed()];
            for left in lefts {
                for right in rights {
                    assert_eq!(product(left, right), expected, "{m} × {k} × {n}");
                    let mut sum = vec![2.0; m * n];
                    add_product(&mut sum, left, right);
                    assert!(sum.iter().zip(&expected).all(|(sum, expected)| *sum == expected + 2.0), "{m} × {k} × {n}");
                }
            }
        }
    }

    #[test]
    fn columns_are_summed() {
        assert_eq!(column_sums(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2), [9.0, 12.0]);
    }

    #[test]
    #[should_panic(expected = "a matrix of 2 × 3")]
    fn a_slice_too_short_is_refused() {
        let _ = Matrix::new(&[0.0; 5], 2, 3);
    }
}
