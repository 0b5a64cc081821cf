//! The kernels on Flex: tensors in, slices through, tensors out.

use super::conv::ConvShape;
use super::pool::PoolShape;
use super::product::{Matrix, column_sums, product};
use super::sequence::{SequenceShape, weight_gradient};
use super::update::StepRule;
use super::{Gradient, HostGradient, HostKernels, Kernels, Update, activation, conv, gru, lstm, pool, rnn, score, update};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{Shape, TensorData};
use descent_spec::{Activation, Head};
use std::borrow::Cow;

type Float = FloatTensor<Flex>;

impl Kernels for Flex {
    fn dense(x: Float, weight: Float, bias: Float, function: Activation) -> Float {
        let ([batch, inputs], [_, units]) = (x.shape().dims::<2>(), weight.shape().dims::<2>());
        let mut y = product(Matrix::new(&values(&x), batch, inputs), Matrix::new(&values(&weight), inputs, units));
        let bias = values(&bias);
        for row in y.chunks_exact_mut(units) {
            for (y, bias) in row.iter_mut().zip(bias.iter()) {
                *y += bias;
            }
        }
        activation::apply(function, &mut y);
        tensor(y, [batch, units], &x)
    }

    fn convolution(x: Float, weight: Float, bias: Float, padding: usize, function: Activation) -> Float {
        let shape = conv_shape(&x, &weight, padding);
        let mut y = conv::forward(&values(&x), &values(&weight), &values(&bias), function == Activation::Relu, &shape);
        if function != Activation::Relu {
            activation::apply(function, &mut y);
        }
        tensor(y, [shape.batch, shape.filters, shape.out_height(), shape.out_width()], &x)
    }

    fn max_pool(x: Float, size: usize) -> Float {
        let (shape, [batch, channels, ..]) = pool_shape(&x, size);
        tensor(pool::forward(&values(&x), &shape), [batch, channels, shape.out_height(), shape.out_width()], &x)
    }
}

impl Gradient for Flex {
    fn dense_gradients(x: Float, weight: Float, y: Float, dy: Float, function: Activation, of_x: bool) -> Vec<Float> {
        let ([batch, inputs], [_, units]) = (x.shape().dims::<2>(), weight.shape().dims::<2>());
        let mut dz = into_vec(dy);
        activation::apply_slope(function, &values(&y), &mut dz);
        let slopes = Matrix::new(&dz, batch, units);
        let dw = product(Matrix::new(&values(&x), batch, inputs).transposed(), slopes);
        let mut gradients = vec![tensor(dw, [inputs, units], &x), tensor(column_sums(&dz, units), [units], &x)];
        if of_x {
            let dx = product(slopes, Matrix::new(&values(&weight), inputs, units).transposed());
            gradients.push(tensor(dx, [batch, inputs], &x));
        }
        gradients
    }

    fn convolution_gradients(
        x: Float,
        weight: Float,
        y: Float,
        dy: Float,
        padding: usize,
        function: Activation,
        of_x: bool,
    ) -> Vec<Float> {
        let shape = conv_shape(&x, &weight, padding);
        let mut dz = into_vec(dy);
        activation::apply_slope(function, &values(&y), &mut dz);
        let dw = conv::weight_gradient(&values(&x), &dz, &shape);
        let db = conv::bias_gradient(&dz, &shape);
        let mut gradients =
            vec![tensor(dw, [shape.filters, shape.channels, shape.kernel, shape.kernel], &x), tensor(db, [shape.filters], &x)];
        if of_x {
            let dx = conv::input_gradient(&dz, &values(&weight), &shape);
            gradients.push(tensor(dx, [shape.batch, shape.channels, shape.height, shape.width], &x));
        }
        gradients
    }

    fn max_pool_gradient(x: Float, dy: Float, size: usize) -> Float {
        let (shape, dims) = pool_shape(&x, size);
        tensor(pool::gradient(&values(&x), &values(&dy), &shape), dims, &x)
    }
}

impl HostKernels for Flex {
    fn activate(x: Float, function: Activation) -> Float {
        let shape = x.shape();
        let mut y = values(&x).into_owned();
        activation::apply(function, &mut y);
        shaped(y, shape, &x)
    }

    fn lookup(table: Float, ids: Vec<u32>) -> Float {
        let [rows, width] = table.shape().dims::<2>();
        let from = values(&table);
        let mut out = Vec::with_capacity(ids.len() * width);
        for &id in &ids {
            debug_assert!((id as usize) < rows, "row {id} of {rows}");
            out.extend_from_slice(&from[id as usize * width..][..width]);
        }
        tensor(out, [ids.len(), width], &table)
    }

    fn rnn(sums: Float, weight: Float, first_hidden: Float) -> Float {
        let shape = sequence_shape(&sums, 1);
        let hidden = rnn::forward(into_vec(sums), &values(&weight), &values(&first_hidden), &shape);
        tensor(hidden, [shape.steps, shape.batch, shape.hidden], &weight)
    }

    fn gru(sums: Float, weight: Float, hidden_bias: Float, first_hidden: Float) -> Vec<Float> {
        let shape = sequence_shape(&sums, 3);
        let (hidden, gru::Trace { gates, candidates }) =
            gru::forward(into_vec(sums), &values(&weight), &values(&hidden_bias), &values(&first_hidden), &shape);
        let dims @ [steps, batch, units] = [shape.steps, shape.batch, shape.hidden];
        vec![tensor(hidden, dims, &weight), tensor(gates, [steps, batch, 3 * units], &weight), tensor(candidates, dims, &weight)]
    }

    fn lstm(sums: Float, weight: Float, first_hidden: Float, first_cell: Float) -> Vec<Float> {
        let shape = sequence_shape(&sums, 4);
        let (hidden, lstm::Trace { cells, gates }) =
            lstm::forward(into_vec(sums), &values(&weight), &values(&first_hidden), &values(&first_cell), &shape);
        let dims @ [steps, batch, units] = [shape.steps, shape.batch, shape.hidden];
        vec![tensor(hidden, dims, &weight), tensor(cells, dims, &weight), tensor(gates, [steps, batch, 4 * units], &weight)]
    }

    fn score(outputs: Float, head: Head, targets: Vec<f32>) -> Vec<Float> {
        let score = score::score(head, &values(&outputs), &targets);
        let shape = outputs.shape();
        vec![
            tensor(vec![score.loss], [1], &outputs),
            tensor(vec![score.metric], [1], &outputs),
            shaped(score.slope, shape, &outputs),
        ]
    }
}

impl HostGradient for Flex {
    fn activate_gradient(at: Float, dy: Float, function: Activation) -> Float {
        let shape = dy.shape();
        let mut dx = into_vec(dy);
        activation::apply_slope(function, &values(&at), &mut dx);
        shaped(dx, shape, &at)
    }

    fn lookup_gradient(dy: Float, ids: Vec<u32>, rows: usize) -> Float {
        let [_, width] = dy.shape().dims::<2>();
        let mut out = vec![0.0; rows * width];
        for (dy, &id) in values(&dy).chunks_exact(width).zip(&ids) {
            for (out, dy) in out[id as usize * width..][..width].iter_mut().zip(dy) {
                *out += dy;
            }
        }
        tensor(out, [rows, width], &dy)
    }

    fn rnn_gradients(hidden: Float, weight: Float, first_hidden: Float, d_hidden: Float, of_first: bool) -> Vec<Float> {
        let (shape, hidden) = (sequence_shape(&hidden, 1), values(&hidden));
        let mut d_first = first_gradient(of_first, &shape);
        let d_sums = rnn::backward(&hidden, &values(&weight), &mut into_vec(d_hidden), d_first.as_deref_mut(), &shape);
        let d_weight = weight_gradient(&hidden, &values(&first_hidden), &d_sums, &shape);
        let units = shape.hidden;
        let mut gradients =
            vec![tensor(d_sums, [shape.steps, shape.batch, units], &weight), tensor(d_weight, [units, units], &weight)];
        gradients.extend(d_first.map(|d_first| tensor(d_first, [shape.batch, units], &weight)));
        gradients
    }

    fn gru_gradients(trace: Vec<Float>, weight: Float, first_hidden: Float, d_hidden: Float, of_first: bool) -> Vec<Float> {
        let Ok([hidden, gates, candidates]) = <[Float; 3]>::try_from(trace) else { return Vec::new() };
        let (shape, hidden, first_hidden) = (sequence_shape(&hidden, 1), values(&hidden), values(&first_hidden));
        let mut trace = gru::Trace { gates: into_vec(gates), candidates: into_vec(candidates) };
        let (mut d_hidden, mut d_first) = (into_vec(d_hidden), first_gradient(of_first, &shape));
        gru::backward(&hidden, &mut trace, &values(&weight), &first_hidden, &mut d_hidden, d_first.as_deref_mut(), &shape);
        let gru::Trace { gates: mut slopes, candidates } = trace;
        let (units, width) = (shape.hidden, 3 * shape.hidden);
        let d_weight = weight_gradient(&hidden, &first_hidden, &slopes, &shape);
        let d_bias = column_sums(&slopes, width).split_off(2 * units);
        // What comes from below stands outside of the reset gate's product.
        for (slopes, candidate) in slopes.chunks_exact_mut(width).zip(candidates.chunks_exact(units)) {
            slopes[2 * units..].copy_from_slice(candidate);
        }
        let mut gradients = vec![
            tensor(slopes, [shape.steps, shape.batch, width], &weight),
            tensor(d_weight, [units, width], &weight),
            tensor(d_bias, [units], &weight),
        ];
        gradients.extend(d_first.map(|d_first| tensor(d_first, [shape.batch, units], &weight)));
        gradients
    }

    fn lstm_gradients(trace: Vec<Float>, weight: Float, first_hidden: Float, first_cell: Float, d_hidden: Float) -> Vec<Float> {
        let Ok([hidden, cells, gates]) = <[Float; 3]>::try_from(trace) else { return Vec::new() };
        let shape = sequence_shape(&hidden, 1);
        let mut trace = lstm::Trace { cells: into_vec(cells), gates: into_vec(gates) };
        lstm::backward(&mut trace, &values(&weight), &values(&first_cell), &mut into_vec(d_hidden), &shape);
        let d_weight = weight_gradient(&values(&hidden), &values(&first_hidden), &trace.gates, &shape);
        let width = 4 * shape.hidden;
        vec![tensor(trace.gates, [shape.steps, shape.batch, width], &weight), tensor(d_weight, [shape.hidden, width], &weight)]
    }
}

impl Update for Flex {
    fn update(weight: Float, grad: Float, first_slot: Float, second_slot: Float, rule: StepRule) -> Vec<Float> {
        let mut changed = vec![in_order(weight)];
        let n_slots = rule.spec.slot_names().len();
        changed.extend([first_slot, second_slot].into_iter().take(n_slots).map(in_order));
        let [weight, slots @ ..] = changed.as_mut_slice() else { return changed };
        let mut slots = slots.iter_mut().map(|it| it.storage_mut::<f32>());
        let slots = [slots.next().unwrap_or_default(), slots.next().unwrap_or_default()];
        update::step(&rule, weight.storage_mut(), &values(&grad), slots);
        changed
    }
}

fn conv_shape(x: &Float, weight: &Float, padding: usize) -> ConvShape {
    ConvShape::of(&x.shape(), &weight.shape(), padding)
}

fn pool_shape(x: &Float, size: usize) -> (PoolShape, [usize; 4]) {
    let dims @ [batch, channels, height, width] = x.shape().dims::<4>();
    (PoolShape { planes: batch * channels, height, width, size }, dims)
}

/// Room for the gradient of a first state, where it is wanted.
fn first_gradient(of_first: bool, shape: &SequenceShape) -> Option<Vec<f32>> {
    of_first.then(|| vec![0.0; shape.state_len()])
}

/// Sizes of a sequence from a tensor with `n_parts` numbers for each unit.
fn sequence_shape(states: &Float, n_parts: usize) -> SequenceShape {
    let [steps, batch, width] = states.shape().dims::<3>();
    SequenceShape { steps, batch, hidden: width / n_parts }
}

/// The numbers of a tensor, row by row; copied only where it is a view in another order.
fn values(tensor: &Float) -> Cow<'_, [f32]> {
    match tensor.as_slice::<f32>() {
        Some(values) => values.into(),
        None => tensor.to_contiguous().as_slice::<f32>().map(<[f32]>::to_vec).unwrap_or_default().into(),
    }
}

/// The same to be written to: without a copy where nobody else holds the tensor.
fn into_vec(tensor: Float) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap_or_default()
}

/// The tensor with its numbers row by row and nothing around them, so that its storage is its numbers.
fn in_order(tensor: Float) -> Float {
    if tensor.as_slice::<f32>().is_some_and(|values| values.len() == tensor.storage::<f32>().len()) {
        return tensor;
    }
    let shape = tensor.shape();
    let values = values(&tensor).into_owned();
    shaped(values, shape, &tensor)
}

fn tensor<const D: usize>(values: Vec<f32>, dims: [usize; D], like: &Float) -> Float {
    shaped(values, dims.into(), like)
}

fn shaped(values: Vec<f32>, shape: Shape, like: &Float) -> Float {
    Flex::float_from_data(TensorData::new(values, shape), &like.device())
}
