//! Max-pooling over windows that do not overlap, on plain slices.

/// Windows of `size × size` over planes of `height × width`; what does not fill a window at the right and lower edge is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolShape {
    /// Pictures times channels.
    pub planes: usize,
    /// Rows of a plane.
    pub height: usize,
    /// Columns of a plane.
    pub width: usize,
    /// Side of the window, and the stride.
    pub size: usize,
}

impl PoolShape {
    /// Rows of the output.
    pub fn out_height(&self) -> usize {
        self.height / self.size
    }

    /// Columns of the output.
    pub fn out_width(&self) -> usize {
        self.width / self.size
    }
}

/// Largest number of each window: `[planes, height, width]` to `[planes, out_height, out_width]`.
pub fn forward(x: &[f32], shape: &PoolShape) -> Vec<f32> {
    let mut out = Vec::with_capacity(shape.planes * shape.out_height() * shape.out_width());
    if shape.size == 2 {
        for (upper, lower) in row_pairs(x, shape) {
            let pairs = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
            out.extend(pairs.map(|(upper, lower)| larger(larger(upper[0], upper[1]), larger(lower[0], lower[1]))));
        }
        return out;
    }
    for_each_window(shape, |corner| out.push(x[winner(x, corner, shape)]));
    out
}

/// Gradient with respect to the input: each number of `dy` goes to the first of the largest numbers of its window.
pub fn gradient(x: &[f32], dy: &[f32], shape: &PoolShape) -> Vec<f32> {
    let mut dx = vec![0.0; x.len()];
    if shape.size == 2 {
        gradient_of_pairs(x, dy, shape, &mut dx);
        return dx;
    }
    let mut dy = dy.iter();
    for_each_window(shape, |corner| {
        if let Some(dy) = dy.next() {
            dx[winner(x, corner, shape)] = *dy;
        }
    });
    dx
}

/// Windows of 2 × 2 without a branch: which of four is the largest cannot be guessed.
fn gradient_of_pairs(x: &[f32], dy: &[f32], shape: &PoolShape, dx: &mut [f32]) {
    let width = shape.width;
    let mut dy_rows = dy.chunks_exact(shape.out_width());
    for (x, dx) in x.chunks_exact(shape.height * width).zip(dx.chunks_exact_mut(shape.height * width)) {
        for ((x, dx), dy) in x.chunks_exact(2 * width).zip(dx.chunks_exact_mut(2 * width)).zip(&mut dy_rows) {
            let (upper, lower) = x.split_at(width);
            for (col, &dy) in dy.iter().enumerate() {
                let at = 2 * col;
                let [a, b, c, d] = [upper[at], upper[at + 1], lower[at], lower[at + 1]];
                let (of_upper, of_lower) = (usize::from(b > a), usize::from(d > c));
                let (most_of_upper, most_of_lower) = (if b > a { b } else { a }, if d > c { d } else { c });
                let winner = if most_of_lower > most_of_upper { width + of_lower } else { of_upper };
                dx[at + winner] = dy;
            }
        }
    }
}

/// What is not a number wins, so that a run that diverged is seen to.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if b > a || b.is_nan() { b } else { a }
}

/// Rows in twos, without the last of an odd height; odd columns are dropped by the caller's pairs.
fn row_pairs<'a>(x: &'a [f32], shape: &PoolShape) -> impl Iterator<Item = (&'a [f32], &'a [f32])> {
    let width = shape.width;
    x.chunks_exact(shape.height * width)
        .flat_map(move |plane| plane.chunks_exact(2 * width).map(move |rows| rows.split_at(width)))
}

/// Calls `f` with the index of each window's upper left corner, in the order of the output.
#[inline(always)]
fn for_each_window(shape: &PoolShape, mut f: impl FnMut(usize)) {
    for plane in 0..shape.planes {
        for row in 0..shape.out_height() {
            let start = (plane * shape.height + row * shape.size) * shape.width;
            for col in 0..shape.out_width() {
                f(start + col * shape.size);
            }
        }
    }
}

/// Index of the first of the largest numbers of the window at `corner`.
#[inline(always)]
fn winner(x: &[f32], corner: usize, shape: &PoolShape) -> usize {
    let mut best = corner;
    let mut most = x[corner];
    for row in 0..shape.size {
        let start = corner + row * shape.width;
        for (col, &value) in x[start..start + shape.size].iter().enumerate() {
            if value > most || value.is_nan() {
                (best, most) = (start + col, value);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Two windows of 2 × 2 side by side; the fifth column and the third row are left out.
        #[rustfmt::skip]
        let x = [
            1.0, 7.0, 0.0, 0.0, 9.0,
            3.0, 2.0, 0.0, -1.0, 9.0,
            9.0, 9.0, 9.0, 9.0, 9.0,
        ];
        let shape = PoolShape { planes: 1, height: 3, width: 5, size: 2 };
        assert_eq!(forward(&x, &shape), [7.0, 0.0]);
        let dx = gradient(&x, &[10.0, 20.0], &shape);
        // Of equals the first takes it all.
        assert_eq!((dx[1], dx[2]), (10.0, 20.0));
        assert_eq!(dx.iter().filter(|it| **it != 0.0).count(), 2);
    }

    #[test]
    fn what_is_not_a_number_wins() {
        for at in 0..4 {
            let mut x = [1.0; 4];
            x[at] = f32::NAN;
            let shape = PoolShape { planes: 1, height: 2, width: 2, size: 2 };
            assert!(forward(&x, &shape)[0].is_nan());
            let shape = PoolShape { size: 1, ..shape };
            assert_eq!(forward(&x, &shape).iter().filter(|it| it.is_nan()).count(), 1);
        }
    }
}
