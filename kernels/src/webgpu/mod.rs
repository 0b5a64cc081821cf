//! Kernels of our own for WebGPU, where Burn's are slow on adapters without tensor cores (`docs/webgpu.md` has the figures).
//!
//! They are written in WGSL, in the files beside this one, and handed to Burn's runtime as they stand: nothing is translated on
//! the way, so what is read here is what the graphics processor runs. Sizes that decide how a program is compiled become
//! constants in front of it; sizes that change from batch to batch travel in a small buffer.

mod program;

use super::conv::ConvShape;
use super::update::StepRule;
use super::{DeviceGradient, DeviceKernels, Gradient, Kernels, Update};
use burn::backend::{Cube, TensorMetadata};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use descent_spec::{Activation, OptimizerSpec};
use program::{Program, empty, empty_like, in_fours, line_of};

impl Kernels for Cube {
    fn dense(x: CubeTensor, weight: CubeTensor, bias: CubeTensor, function: Activation) -> CubeTensor {
        product(x, weight, Some(bias), Transposed::None, function == Activation::Relu)
    }

    fn convolution(x: CubeTensor, weight: CubeTensor, bias: CubeTensor, padding: usize, function: Activation) -> CubeTensor {
        let shape = ConvShape::of(&x.shape(), &weight.shape(), padding);
        convolution(x, weight, bias, function == Activation::Relu, &shape)
    }

    fn max_pool(x: CubeTensor, size: usize) -> CubeTensor {
        max_pool(x, size)
    }
}

impl Gradient for Cube {
    fn dense_gradients(
        x: CubeTensor,
        weight: CubeTensor,
        y: CubeTensor,
        dy: CubeTensor,
        function: Activation,
        of_x: bool,
    ) -> Vec<CubeTensor> {
        let dz = if function == Activation::Relu { below_relu(y, dy) } else { dy };
        let mut gradients = vec![product(x, dz.clone(), None, Transposed::Left, false), sum_of_rows(dz.clone())];
        if of_x {
            gradients.push(product(dz, weight, None, Transposed::Right, false));
        }
        gradients
    }

    fn convolution_gradients(
        x: CubeTensor,
        weight: CubeTensor,
        y: CubeTensor,
        dy: CubeTensor,
        padding: usize,
        function: Activation,
        of_x: bool,
    ) -> Vec<CubeTensor> {
        let shape = ConvShape::of(&x.shape(), &weight.shape(), padding);
        let dz = if function == Activation::Relu { below_relu(y, dy) } else { dy };
        let mut gradients = vec![convolution_weight_gradient(x, dz.clone(), &shape), convolution_bias_gradient(dz.clone())];
        if of_x {
            gradients.push(convolution_input_gradient(weight, dz, &shape));
        }
        gradients
    }

    fn max_pool_gradient(x: CubeTensor, dy: CubeTensor, size: usize) -> CubeTensor {
        max_pool_gradient(x, dy, size)
    }
}

impl DeviceKernels for Cube {
    fn cross_entropy(logits: CubeTensor, classes: CubeTensor) -> CubeTensor {
        cross_entropy(logits, classes)
    }
}

impl DeviceGradient for Cube {
    fn cross_entropy_gradient(logits: CubeTensor, classes: CubeTensor, dy: CubeTensor) -> CubeTensor {
        cross_entropy_gradient(logits, classes, &dy)
    }
}

impl Update for Cube {
    fn update(
        weight: CubeTensor,
        grad: CubeTensor,
        first_slot: CubeTensor,
        second_slot: CubeTensor,
        rule: StepRule,
    ) -> Vec<CubeTensor> {
        update(&rule, weight, grad, [first_slot, second_slot])
    }
}

/// Partial sums of a gradient for convolution weights take at most this many numbers.
const MAX_PARTIAL: usize = 1 << 22;

static PRODUCT_QUADS: &[&str] = &[include_str!("product_quads.wgsl"), include_str!("product.wgsl")];
static PRODUCT_ANY: &[&str] = &[include_str!("product_any.wgsl"), include_str!("product.wgsl")];
static CONVOLUTION: &[&str] = &[include_str!("convolution.wgsl")];
static CONVOLUTION_WEIGHT: &[&str] = &[include_str!("convolution_weight.wgsl")];
static SUM: &[&str] = &[include_str!("sum.wgsl")];
static BELOW_RELU: &[&str] = &[include_str!("below_relu.wgsl")];
static MAX_POOL: &[&str] = &[include_str!("max_pool.wgsl")];
static MAX_POOL_GRADIENT: &[&str] = &[include_str!("max_pool_gradient.wgsl")];
static CROSS_ENTROPY: &[&str] = &[include_str!("cross_entropy.wgsl")];
static CROSS_ENTROPY_GRADIENT: &[&str] = &[include_str!("cross_entropy_gradient.wgsl")];
/// By the number of slots.
static UPDATES: [&[&str]; 3] = [
    &[include_str!("update_0.wgsl"), include_str!("update.wgsl")],
    &[include_str!("update_1.wgsl"), include_str!("update.wgsl")],
    &[include_str!("update_2.wgsl"), include_str!("update.wgsl")],
];

/// Which of two matrices is stored transposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transposed {
    /// Neither: `A B`.
    None,
    /// The left: `AᵀB`.
    Left,
    /// The right: `A Bᵀ`.
    Right,
}

/// The product of two matrices, plus a bias for each column, and `max(·, 0)` with `relu`.
fn product(left: CubeTensor, right: CubeTensor, bias: Option<CubeTensor>, transposed: Transposed, relu: bool) -> CubeTensor {
    let (left, right) = (into_contiguous(left), into_contiguous(right));
    let ([a0, a1], [b0, b1]) = (left.shape().dims::<2>(), right.shape().dims::<2>());
    let (rows, depth) = if transposed == Transposed::Left { (a1, a0) } else { (a0, a1) };
    let columns = if transposed == Transposed::Right { b0 } else { b1 };
    let bias = bias.map(into_contiguous);
    let result = empty([rows, columns], &left);
    let are_quads = [rows, columns, depth].iter().all(|size| size % 4 == 0);
    let program = Program {
        files: if are_quads { PRODUCT_QUADS } else { PRODUCT_ANY },
        numbers: None,
        constants: vec![
            ("LEFT_TRANSPOSED", usize::from(transposed == Transposed::Left)),
            ("RIGHT_TRANSPOSED", usize::from(transposed == Transposed::Right)),
            ("BIAS", usize::from(bias.is_some())),
            ("RELU", usize::from(relu)),
        ],
        group: [8, 8],
    };
    // Without a bias its place is taken by something that is there.
    let reads = [&left, &right, bias.as_ref().unwrap_or(&right)];
    let groups = [columns.div_ceil(32), rows.div_ceil(32)];
    program.launch(groups, &reads, &[&result], &[rows as u32, columns as u32, depth as u32]);
    result
}

/// Sums over the rows of a matrix: the gradient of a dense layer's biases.
fn sum_of_rows(matrix: CubeTensor) -> CubeTensor {
    let matrix = into_contiguous(matrix);
    let [rows, columns] = matrix.shape().dims();
    sum(&matrix, [1, rows, columns], [columns])
}

/// Sums over the middle of three axes.
fn sum<const D: usize>(source: &CubeTensor, [outer, middle, inner]: [usize; 3], dims: [usize; D]) -> CubeTensor {
    let result = empty(dims, source);
    let (groups, row) = line_of(outer * inner);
    Program::line(SUM, Vec::new()).launch(groups, &[source], &[&result], &[outer as u32, middle as u32, inner as u32, row]);
    result
}

/// `x ∗ w + b` with stride 1, and `max(·, 0)` with `relu`.
fn convolution(x: CubeTensor, weight: CubeTensor, bias: CubeTensor, relu: bool, shape: &ConvShape) -> CubeTensor {
    let (x, weight, bias) = (into_contiguous(x), into_contiguous(weight), into_contiguous(bias));
    let result = empty([shape.batch, shape.filters, shape.out_height(), shape.out_width()], &x);
    let constants = vec![
        ("CHANNELS", shape.channels),
        ("FILTERS", shape.filters),
        ("HEIGHT", shape.height),
        ("WIDTH", shape.width),
        ("OUT_HEIGHT", shape.out_height()),
        ("OUT_WIDTH", shape.out_width()),
        ("KERNEL", shape.kernel),
        ("PADDING", shape.padding),
        ("FLIPPED", 0),
        ("BIAS", 1),
        ("RELU", usize::from(relu)),
    ];
    let n_threads = shape.batch * shape.filters.div_ceil(8) * shape.out_height() * shape.out_width().div_ceil(4);
    let (groups, row) = line_of(n_threads);
    let numbers = [shape.batch as u32, row];
    Program::line(CONVOLUTION, constants).launch(groups, &[&x, &weight, &bias], &[&result], &numbers);
    result
}

/// Gradient of a convolution for its input.
fn convolution_input_gradient(weight: CubeTensor, dy: CubeTensor, shape: &ConvShape) -> CubeTensor {
    let (weight, dy) = (into_contiguous(weight), into_contiguous(dy));
    let result = empty([shape.batch, shape.channels, shape.height, shape.width], &dy);
    let constants = vec![
        ("CHANNELS", shape.filters),
        ("FILTERS", shape.channels),
        ("HEIGHT", shape.out_height()),
        ("WIDTH", shape.out_width()),
        ("OUT_HEIGHT", shape.height),
        ("OUT_WIDTH", shape.width),
        ("KERNEL", shape.kernel),
        // The spec's paddings are smaller than the kernel.
        ("PADDING", shape.kernel - 1 - shape.padding),
        ("FLIPPED", 1),
        ("BIAS", 0),
        ("RELU", 0),
    ];
    let n_threads = shape.batch * shape.channels.div_ceil(8) * shape.height * shape.width.div_ceil(4);
    let (groups, row) = line_of(n_threads);
    let numbers = [shape.batch as u32, row];
    Program::line(CONVOLUTION, constants).launch(groups, &[&dy, &weight, &weight], &[&result], &numbers);
    result
}

/// Gradient of a convolution for its weights: parts of the batch each for themselves, then their sum.
fn convolution_weight_gradient(x: CubeTensor, dy: CubeTensor, shape: &ConvShape) -> CubeTensor {
    let (x, dy) = (into_contiguous(x), into_contiguous(dy));
    let ConvShape { batch, channels, filters, height, width, kernel, padding } = *shape;
    let n_weights = filters * channels * kernel * kernel;
    let most_parts = (MAX_PARTIAL / n_weights).clamp(1, batch.max(1));
    let part = batch.div_ceil(most_parts).max(1);
    let n_parts = batch.div_ceil(part);
    let partial = empty([n_parts, n_weights], &x);
    let constants = vec![
        ("CHANNELS", channels),
        ("FILTERS", filters),
        ("HEIGHT", height),
        ("WIDTH", width),
        ("OUT_HEIGHT", shape.out_height()),
        ("OUT_WIDTH", shape.out_width()),
        ("KERNEL", kernel),
        ("PADDING", padding),
    ];
    let (groups, row) = line_of(n_parts * filters.div_ceil(4) * channels * kernel * kernel.div_ceil(8));
    let numbers = [batch as u32, row, part as u32, n_parts as u32];
    Program::line(CONVOLUTION_WEIGHT, constants).launch(groups, &[&x, &dy], &[&partial], &numbers);
    sum(&partial, [1, n_parts, n_weights], [filters, channels, kernel, kernel])
}

/// Gradient of a convolution for its biases.
fn convolution_bias_gradient(dy: CubeTensor) -> CubeTensor {
    let dy = into_contiguous(dy);
    let [batch, filters, height, width] = dy.shape().dims();
    let of_pictures = sum(&dy, [batch * filters, height * width, 1], [batch, filters]);
    sum(&of_pictures, [1, batch, filters], [filters])
}

/// `dy` where the ReLU's output `y` is positive, else 0.
fn below_relu(y: CubeTensor, dy: CubeTensor) -> CubeTensor {
    let (y, dy) = (into_contiguous(y), into_contiguous(dy));
    let result = empty_like(&dy);
    let (numbers, n_numbers) = in_fours(&dy);
    let (groups, row) = line_of(n_numbers);
    let program = Program { numbers: Some(numbers), ..Program::line(BELOW_RELU, Vec::new()) };
    program.launch(groups, &[&y, &dy], &[&result], &[n_numbers as u32, row]);
    result
}

/// The maximum of each window of `size` by `size`, side by side; x `[batch, channels, height, width]`.
fn max_pool(x: CubeTensor, size: usize) -> CubeTensor {
    let x = into_contiguous(x);
    let [batch, channels, height, width] = x.shape().dims();
    let result = empty([batch, channels, height / size, width / size], &x);
    let (groups, row) = line_of(batch * channels * (height / size) * (width / size));
    let constants = vec![("SIZE", size), ("HEIGHT", height), ("WIDTH", width)];
    Program::line(MAX_POOL, constants).launch(groups, &[&x], &[&result], &[(batch * channels) as u32, row]);
    result
}

/// Gradient of [`max_pool`]: the slope goes to the first of a window's largest numbers.
fn max_pool_gradient(x: CubeTensor, dy: CubeTensor, size: usize) -> CubeTensor {
    let (x, dy) = (into_contiguous(x), into_contiguous(dy));
    let [batch, channels, height, width] = x.shape().dims();
    let result = empty_like(&x);
    let (groups, row) = line_of(batch * channels * height.div_ceil(size) * width.div_ceil(size));
    let constants = vec![("SIZE", size), ("HEIGHT", height), ("WIDTH", width)];
    let numbers = [(batch * channels) as u32, row];
    Program::line(MAX_POOL_GRADIENT, constants).launch(groups, &[&x, &dy], &[&result], &numbers);
    result
}

/// Mean cross-entropy of logits `[batch, classes]` against classes `[batch]` (`i32`), as `[1]`.
fn cross_entropy(logits: CubeTensor, classes: CubeTensor) -> CubeTensor {
    let (logits, classes) = (into_contiguous(logits), into_contiguous(classes));
    let [batch, n_classes] = logits.shape().dims();
    let result = empty([1], &logits);
    let numbers = [batch as u32, n_classes as u32];
    Program::line(CROSS_ENTROPY, Vec::new()).launch([1, 1], &[&logits, &classes], &[&result], &numbers);
    result
}

/// Gradient of [`cross_entropy`] for the logits, times `dy`, `[1]`.
fn cross_entropy_gradient(logits: CubeTensor, classes: CubeTensor, dy: &CubeTensor) -> CubeTensor {
    let (logits, classes) = (into_contiguous(logits), into_contiguous(classes));
    let [batch, n_classes] = logits.shape().dims();
    let result = empty_like(&logits);
    let (groups, row) = line_of(batch);
    let numbers = [batch as u32, n_classes as u32, row];
    Program::line(CROSS_ENTROPY_GRADIENT, Vec::new()).launch(groups, &[&logits, &classes, dy], &[&result], &numbers);
    result
}

/// One step of an optimizer for one parameter: the new weights and the new state, as `optim::rule` has them.
fn update(rule: &StepRule, weight: CubeTensor, grad: CubeTensor, slots: [CubeTensor; 2]) -> Vec<CubeTensor> {
    let StepRule { spec, learning_rate, n_steps, .. } = rule;
    let (weight, grad) = (into_contiguous(weight), into_contiguous(grad));
    let slots = slots.map(into_contiguous);
    let n_slots = spec.slot_names().len();
    let (rule, of_rule) = rule_numbers(spec, *learning_rate, *n_steps);
    let (numbers, n_numbers) = in_fours(&weight);
    let (groups, row) = line_of(n_numbers);
    let new_weight = empty_like(&weight);
    let new_slots: Vec<_> = slots[..n_slots].iter().map(empty_like).collect();
    let program = Program { numbers: Some(numbers), ..Program::line(UPDATES[n_slots], vec![("RULE", rule)]) };
    let mut bits = vec![n_numbers as u32, row];
    bits.extend(of_rule.map(|number| (number as f32).to_bits()));
    let reads: Vec<_> = [&weight, &grad].into_iter().chain(&slots[..n_slots]).collect();
    let writes: Vec<_> = [&new_weight].into_iter().chain(&new_slots).collect();
    program.launch(groups, &reads, &writes, &bits);
    std::iter::once(new_weight).chain(new_slots).collect()
}

/// The number of a rule in `update.wgsl`, and what it is given, from the third number on.
fn rule_numbers(spec: &OptimizerSpec, learning_rate: f64, n_steps: u64) -> (usize, [f64; 8]) {
    let adam = |beta1: f64, beta2: f64, epsilon: f64, decay: f64| {
        let corrected_rate = learning_rate / (1.0 - beta1.powf(n_steps as f64));
        let square_correction = (1.0 - beta2.powf(n_steps as f64)).sqrt();
        [corrected_rate, beta1, beta2, epsilon, 1.0 - beta1, 1.0 - beta2, square_correction, 1.0 - learning_rate * decay]
    };
    let few = |a: f64, b: f64, epsilon: f64| [learning_rate, a, b, epsilon, 0.0, 0.0, 0.0, 0.0];
    match *spec {
        OptimizerSpec::Sgd => (0, few(0.0, 0.0, 0.0)),
        OptimizerSpec::Momentum { beta } => (1, few(beta, 0.0, 0.0)),
        OptimizerSpec::Nesterov { beta } => (2, few(beta, 0.0, 0.0)),
        OptimizerSpec::AdaGrad { epsilon } => (3, few(0.0, 0.0, epsilon)),
        OptimizerSpec::RmsProp { alpha, epsilon } => (4, few(alpha, 1.0 - alpha, epsilon)),
        OptimizerSpec::Adam { beta1, beta2, epsilon } => (5, adam(beta1, beta2, epsilon, 0.0)),
        OptimizerSpec::AdamW { beta1, beta2, epsilon, weight_decay } => (5, adam(beta1, beta2, epsilon, weight_decay)),
    }
}
