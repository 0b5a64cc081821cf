//! 2-D convolution with stride 1 on plain slices: forward, input gradient and weight gradient, without im2col.
//!
//! Each of the three is a direct loop whose innermost block keeps its sums in registers: 4 filters × 8 pixels forward, 8 filters
//! × the taps of a kernel row for the weight gradient. A picture's rows and the weights of four filters stay in the first-level
//! cache, so little is packed, and no column matrix is written and read again. The order of every sum is fixed.
//!
//! Registers are `wide`'s types: arrays left to LLVM's vectorizer were five times slower where it chose the wrong axis.

use burn::tensor::Shape;
use wide::{f32x4, f32x8};

/// Shape of one convolution with stride 1 over a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvShape {
    /// Pictures.
    pub batch: usize,
    /// Channels in.
    pub channels: usize,
    /// Filters, which are the channels out.
    pub filters: usize,
    /// Rows of the input.
    pub height: usize,
    /// Columns of the input.
    pub width: usize,
    /// Side of the kernel.
    pub kernel: usize,
    /// Zeros added on every side.
    pub padding: usize,
}

impl ConvShape {
    /// From the shapes of input `[batch, channels, height, width]` and weight `[filters, channels, kernel, kernel]`.
    pub(super) fn of(x: &Shape, weight: &Shape, padding: usize) -> ConvShape {
        let ([batch, channels, height, width], [filters, _, kernel, _]) = (x.dims::<4>(), weight.dims::<4>());
        ConvShape { batch, channels, filters, height, width, kernel, padding }
    }

    /// Rows of the output.
    pub fn out_height(&self) -> usize {
        self.height + 2 * self.padding + 1 - self.kernel
    }

    /// Columns of the output.
    pub fn out_width(&self) -> usize {
        self.width + 2 * self.padding + 1 - self.kernel
    }

    /// Numbers in the output.
    pub fn out_len(&self) -> usize {
        self.batch * self.filters * self.out_height() * self.out_width()
    }

    /// Numbers in the input.
    pub fn in_len(&self) -> usize {
        self.batch * self.channels * self.height * self.width
    }

    /// Numbers in the kernels.
    pub fn weight_len(&self) -> usize {
        self.filters * self.channels * self.kernel * self.kernel
    }
}

/// Filters worked on together.
const F: usize = 4;
/// Filters worked on together in the weight gradient: two SIMD registers.
const WIDE: usize = 8;

/// `y[b, f] = bias[f] + Σ_c x[b, c] ⋆ w[f, c]`, and `max(y, 0)` with `relu`.
///
/// Shapes: x `[batch, channels, height, width]`, w `[filters, channels, kernel, kernel]`, bias `[filters]`, result
/// `[batch, filters, out_height, out_width]`.
pub fn forward(x: &[f32], weight: &[f32], bias: &[f32], relu: bool, shape: &ConvShape) -> Vec<f32> {
    let padded = pad(x, shape.batch * shape.channels, shape.height, shape.width, shape.padding);
    let packed = pack(shape.filters, shape.channels, shape.kernel, |f, c, tap| {
        weight[(f * shape.channels + c) * shape.kernel * shape.kernel + tap]
    });
    let (height, width) = (shape.height + 2 * shape.padding, shape.width + 2 * shape.padding);
    let mut out = vec![0.0; shape.out_len()];
    let plan = Plan { batch: shape.batch, inputs: shape.channels, outputs: shape.filters, height, width, kernel: shape.kernel };
    plan.run(&padded, &packed, bias, relu, &mut out);
    out
}

/// Gradient with respect to the input: the output's gradient, bordered with zeros, convolved with the kernels turned by 180°.
///
/// Shapes: dy as the output of [`forward`], result as its x.
pub fn input_gradient(dy: &[f32], weight: &[f32], shape: &ConvShape) -> Vec<f32> {
    let border = shape.kernel - 1 - shape.padding;
    let padded = pad(dy, shape.batch * shape.filters, shape.out_height(), shape.out_width(), border);
    let taps = shape.kernel * shape.kernel;
    let packed =
        pack(shape.channels, shape.filters, shape.kernel, |c, f, tap| weight[(f * shape.channels + c) * taps + taps - 1 - tap]);
    let (height, width) = (shape.out_height() + 2 * border, shape.out_width() + 2 * border);
    let mut out = vec![0.0; shape.in_len()];
    let plan = Plan { batch: shape.batch, inputs: shape.filters, outputs: shape.channels, height, width, kernel: shape.kernel };
    plan.run(&padded, &packed, &vec![0.0; shape.channels], false, &mut out);
    out
}

/// Gradient with respect to the kernels: `dw[f, c, i, j] = Σ_b Σ_(p, q) dy[b, f, p, q] · x[b, c, p + i, q + j]`.
///
/// Shapes: x and dy as in [`forward`], result as its weight.
pub fn weight_gradient(x: &[f32], dy: &[f32], shape: &ConvShape) -> Vec<f32> {
    let padded = pad(x, shape.batch * shape.channels, shape.height, shape.width, shape.padding);
    let dy_by_filter = interleave(dy, shape);
    // As many taps of a kernel row at once as the usual kernels have.
    match shape.kernel {
        5 | 10 => weight_gradient_blocks::<5>(&padded, &dy_by_filter, shape),
        3 | 6 | 9 => weight_gradient_blocks::<3>(&padded, &dy_by_filter, shape),
        _ => weight_gradient_blocks::<1>(&padded, &dy_by_filter, shape),
    }
}

/// Works on [`WIDE`] filters and `T` taps of a kernel row at a time; `T` divides the kernel.
fn weight_gradient_blocks<const T: usize>(padded: &[f32], dy: &[[f32; WIDE]], shape: &ConvShape) -> Vec<f32> {
    let (height, width) = (shape.height + 2 * shape.padding, shape.width + 2 * shape.padding);
    let (out_height, out_width) = (shape.out_height(), shape.out_width());
    let (channels, kernel) = (shape.channels, shape.kernel);
    let mut out = vec![0.0; shape.weight_len()];
    for (block_idx, dy) in dy.chunks_exact(shape.batch * out_height * out_width).enumerate() {
        for c in 0..channels {
            for i in 0..kernel {
                for j0 in (0..kernel).step_by(T) {
                    let mut sums = [f32x8::ZERO; T];
                    for (b, dy) in dy.chunks_exact(out_height * out_width).enumerate() {
                        let picture = &padded[(b * channels + c) * height * width..][..height * width];
                        for (row, dy) in dy.chunks_exact(out_width).enumerate() {
                            let x_row = &picture[(row + i) * width + j0..][..out_width + T - 1];
                            for (x, dy) in x_row.array_windows::<T>().zip(dy) {
                                let dy = f32x8::new(*dy);
                                for t in 0..T {
                                    sums[t] += f32x8::splat(x[t]) * dy;
                                }
                            }
                        }
                    }
                    let f0 = block_idx * WIDE;
                    for (t, sums) in sums.iter().enumerate() {
                        for (l, sum) in sums.to_array().iter().enumerate().take(shape.filters - f0) {
                            out[(((f0 + l) * channels + c) * kernel + i) * kernel + j0 + t] = *sum;
                        }
                    }
                }
            }
        }
    }
    out
}

/// The output's gradient with [`WIDE`] filters side by side: `[⌈filters / WIDE⌉, batch, places][WIDE]`; filters that are not
/// there are zero.
fn interleave(dy: &[f32], shape: &ConvShape) -> Vec<[f32; WIDE]> {
    let places = shape.out_height() * shape.out_width();
    let mut out = vec![[0.0; WIDE]; shape.filters.div_ceil(WIDE) * shape.batch * places];
    for (plane_idx, plane) in dy.chunks_exact(places).enumerate() {
        let (b, f) = (plane_idx / shape.filters, plane_idx % shape.filters);
        let block = &mut out[((f / WIDE) * shape.batch + b) * places..][..places];
        for (value, place) in plane.iter().zip(block) {
            place[f % WIDE] = *value;
        }
    }
    out
}

/// Sum of the output's gradient over batch and places: the gradient of the bias.
pub fn bias_gradient(dy: &[f32], shape: &ConvShape) -> Vec<f32> {
    let plane = shape.out_height() * shape.out_width();
    let mut out = vec![0.0_f32; shape.filters];
    for picture in dy.chunks_exact(plane * shape.filters) {
        for (sum, values) in out.iter_mut().zip(picture.chunks_exact(plane)) {
            let mut sums = [0.0_f32; 8];
            let chunks = values.chunks_exact(8);
            let rest: f32 = chunks.remainder().iter().sum();
            for chunk in chunks {
                for l in 0..8 {
                    sums[l] += chunk[l];
                }
            }
            *sum += sums.iter().sum::<f32>() + rest;
        }
    }
    out
}

/// A valid convolution over pictures that are bordered already.
struct Plan {
    batch: usize,
    inputs: usize,
    outputs: usize,
    height: usize,
    width: usize,
    kernel: usize,
}

impl Plan {
    fn run(&self, x: &[f32], packed: &[f32], bias: &[f32], relu: bool, out: &mut [f32]) {
        // With the usual kernels known to the compiler its loops unroll, and no index is checked within.
        match self.kernel {
            5 => self.run_with::<5>(x, packed, bias, relu, out),
            3 => self.run_with::<3>(x, packed, bias, relu, out),
            _ => self.run_with::<0>(x, packed, bias, relu, out),
        }
    }

    /// Side of the kernel: `K`, or what is not known before if that is 0.
    #[inline(always)]
    fn side<const K: usize>(&self) -> usize {
        if K == 0 { self.kernel } else { K }
    }

    fn run_with<const K: usize>(&self, x: &[f32], packed: &[f32], bias: &[f32], relu: bool, out: &mut [f32]) {
        let &Plan { batch, inputs, outputs, height, width, .. } = self;
        let kernel = self.side::<K>();
        let (out_height, out_width) = (height + 1 - kernel, width + 1 - kernel);
        let floor = if relu { 0.0 } else { f32::NEG_INFINITY };
        for b in 0..batch {
            let picture = &x[b * inputs * height * width..][..inputs * height * width];
            for (block_idx, weights) in packed.chunks_exact(inputs * kernel * kernel * F).enumerate() {
                let f0 = block_idx * F;
                let start: [f32; F] = std::array::from_fn(|f| bias.get(f0 + f).copied().unwrap_or(0.0));
                let planes = &mut out[(b * outputs + f0) * out_height * out_width..];
                for row in 0..out_height {
                    let mut col = 0;
                    while col < out_width {
                        // The last block of a row is moved back so that it is full; some of its pixels are worked out twice.
                        let left = out_width - col;
                        let n_filters = F.min(outputs - f0);
                        if out_width >= 8 && left > 4 {
                            col = col.min(out_width - 8);
                            let sums = self.block::<2, K>(picture, weights, start, row, col);
                            for (f, sums) in sums.iter().enumerate().take(n_filters) {
                                let at = (f * out_height + row) * out_width + col;
                                if let Some(out) = planes[at..].first_chunk_mut::<8>() {
                                    for (v, sums) in sums.iter().enumerate() {
                                        out[4 * v..4 * v + 4].copy_from_slice(at_least(*sums, floor).as_array());
                                    }
                                }
                            }
                            col += 8;
                        } else if out_width >= 4 {
                            col = col.min(out_width - 4);
                            let sums = self.block::<1, K>(picture, weights, start, row, col);
                            for (f, [sums]) in sums.iter().enumerate().take(n_filters) {
                                let at = (f * out_height + row) * out_width + col;
                                if let Some(out) = planes[at..].first_chunk_mut::<4>() {
                                    *out = at_least(*sums, floor).to_array();
                                }
                            }
                            col += 4;
                        } else {
                            let sums = self.pixel(picture, weights, start, row, col);
                            for (f, sum) in sums.iter().enumerate().take(n_filters) {
                                let at = (f * out_height + row) * out_width + col;
                                planes[at] = at_least(f32x4::splat(*sum), floor).to_array()[0];
                            }
                            col += 1;
                        }
                    }
                }
            }
        }
    }

    /// `F` filters at `4 V` neighbouring pixels.
    #[inline(always)]
    fn block<const V: usize, const K: usize>(
        &self,
        picture: &[f32],
        weights: &[f32],
        start: [f32; F],
        row: usize,
        col: usize,
    ) -> [[f32x4; V]; F] {
        let kernel = self.side::<K>();
        let mut sums = start.map(|bias| [f32x4::splat(bias); V]);
        let mut rows_of_taps = weights.as_chunks::<F>().0.chunks_exact(kernel);
        for c in 0..self.inputs {
            for i in 0..kernel {
                let Some(taps) = rows_of_taps.next() else { return sums };
                let x_row = &picture[(c * self.height + row + i) * self.width + col..][..4 * V + kernel - 1];
                for (j, tap) in taps.iter().enumerate() {
                    let x: [f32x4; V] = std::array::from_fn(|v| load(x_row, j + 4 * v));
                    for f in 0..F {
                        let tap = f32x4::splat(tap[f]);
                        for v in 0..V {
                            sums[f][v] += tap * x[v];
                        }
                    }
                }
            }
        }
        sums
    }

    /// `F` filters at one pixel, for pictures narrower than a register.
    fn pixel(&self, picture: &[f32], weights: &[f32], start: [f32; F], row: usize, col: usize) -> [f32; F] {
        let mut sums = start;
        let mut taps = weights.as_chunks::<F>().0.iter();
        for c in 0..self.inputs {
            for i in 0..self.kernel {
                let x_row = &picture[(c * self.height + row + i) * self.width + col..][..self.kernel];
                for (x, tap) in x_row.iter().zip(taps.by_ref()) {
                    for f in 0..F {
                        sums[f] += tap[f] * x;
                    }
                }
            }
        }
        sums
    }
}

/// Not below `floor`; what is not a number stays that.
#[inline(always)]
fn at_least(values: f32x4, floor: f32) -> f32x4 {
    let floor = f32x4::splat(floor);
    floor.simd_gt(values).select(floor, values)
}

#[inline(always)]
fn load(values: &[f32], at: usize) -> f32x4 {
    f32x4::new(values[at..].first_chunk().copied().unwrap_or_default())
}

/// Borders every plane with zeros.
fn pad(x: &[f32], n_planes: usize, height: usize, width: usize, border: usize) -> std::borrow::Cow<'_, [f32]> {
    if border == 0 {
        return x.into();
    }
    let (new_height, new_width) = (height + 2 * border, width + 2 * border);
    let mut out = vec![0.0; n_planes * new_height * new_width];
    for (plane, new) in x.chunks_exact(height * width).zip(out.chunks_exact_mut(new_height * new_width)) {
        for (row, new) in plane.chunks_exact(width).zip(new[border * new_width..].chunks_exact_mut(new_width)) {
            new[border..border + width].copy_from_slice(row);
        }
    }
    out.into()
}

/// Weights of [`F`] outputs side by side, `[⌈outputs / F⌉, inputs, taps, F]`; outputs that are not there weigh nothing.
fn pack(outputs: usize, inputs: usize, kernel: usize, weight: impl Fn(usize, usize, usize) -> f32) -> Vec<f32> {
    let taps = kernel * kernel;
    let mut out = Vec::with_capacity(outputs.div_ceil(F) * F * inputs * taps);
    for o0 in (0..outputs).step_by(F) {
        for i in 0..inputs {
            for tap in 0..taps {
                out.extend((o0..o0 + F).map(|o| if o < outputs { weight(o, i, tap) } else { 0.0 }));
            }
        }
    }
    out
}
