// A convolution with stride 1, plus a bias for each filter, then ReLU; or, FLIPPED, the gradient for its input, which is a
// convolution of the output's gradient with the kernels turned by half a turn and filters and channels exchanged.
// A thread makes four neighbours in a row for eight filters (those that are there).
//
// Constants before this: CHANNELS, FILTERS, HEIGHT, WIDTH (of what is read), OUT_HEIGHT, OUT_WIDTH, KERNEL, PADDING, FLIPPED,
// BIAS, RELU.

@group(0) @binding(0) var<storage, read> picture: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;
// Pictures in the batch, threads in a row of the grid.
@group(0) @binding(4) var<storage, read> sizes: array<u32>;

const QUADS = (OUT_WIDTH + 3u) / 4u;
const EIGHTS = (FILTERS + 7u) / 8u;
// Between two filters in the weights, and between two channels.
const FILTER_STEP = select(CHANNELS * KERNEL * KERNEL, KERNEL * KERNEL, FLIPPED == 1u);
const CHANNEL_STEP = select(KERNEL * KERNEL, FILTERS * KERNEL * KERNEL, FLIPPED == 1u);

fn pixel(line: u32, column: u32) -> f32 {
    if (PADDING == 0u && OUT_WIDTH % 4u == 0u) {
        return picture[line + column];
    }
    // Left of the picture the column has wrapped around and is far to the right.
    return select(0.0, picture[line + min(column, WIDTH - 1u)], column < WIDTH);
}

// What is put for one filter.
fn put(which: u32, example: u32, row: u32, column: u32, total: vec4f) {
    if (which >= FILTERS) {
        return;
    }
    var sum = total;
    if (BIAS == 1u) {
        sum += bias[which];
    }
    if (RELU == 1u) {
        sum = max(sum, vec4f());
    }
    let place = ((example * FILTERS + which) * OUT_HEIGHT + row) * OUT_WIDTH + column;
    result[place] = sum.x;
    if (OUT_WIDTH % 4u == 0u || column + 1u < OUT_WIDTH) {
        result[place + 1u] = sum.y;
    }
    if (OUT_WIDTH % 4u == 0u || column + 2u < OUT_WIDTH) {
        result[place + 2u] = sum.z;
    }
    if (OUT_WIDTH % 4u == 0u || column + 3u < OUT_WIDTH) {
        result[place + 3u] = sum.w;
    }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    var rest = id.x + id.y * sizes[1];
    let column = 4u * (rest % QUADS);
    rest /= QUADS;
    let row = rest % OUT_HEIGHT;
    rest /= OUT_HEIGHT;
    let filter_0 = 8u * (rest % EIGHTS);
    let example = rest / EIGHTS;
    if (example >= sizes[0]) {
        return;
    }
    // Where a filter's weights begin, seen from the first one's; the last is taken again where there are fewer.
    let last = FILTERS - 1u - filter_0;
    let step_1 = min(1u, last) * FILTER_STEP;
    let step_2 = min(2u, last) * FILTER_STEP;
    let step_3 = min(3u, last) * FILTER_STEP;
    let step_4 = min(4u, last) * FILTER_STEP;
    let step_5 = min(5u, last) * FILTER_STEP;
    let step_6 = min(6u, last) * FILTER_STEP;
    let step_7 = min(7u, last) * FILTER_STEP;
    // Variables of their own: an array would lie in memory on a software adapter.
    var sum_0 = vec4f();
    var sum_1 = vec4f();
    var sum_2 = vec4f();
    var sum_3 = vec4f();
    var sum_4 = vec4f();
    var sum_5 = vec4f();
    var sum_6 = vec4f();
    var sum_7 = vec4f();
    for (var channel = 0u; channel < CHANNELS; channel++) {
        for (var ky = 0u; ky < KERNEL; ky++) {
            // Above the picture the row has wrapped around and is far below.
            let y = row + ky - PADDING;
            if (y >= HEIGHT) {
                continue;
            }
            let line = ((example * CHANNELS + channel) * HEIGHT + y) * WIDTH;
            let x = column - PADDING;
            var window = vec4f(0.0, pixel(line, x), pixel(line, x + 1u), pixel(line, x + 2u));
            var tap = filter_0 * FILTER_STEP + channel * CHANNEL_STEP + ky * KERNEL;
            if (FLIPPED == 1u) {
                tap = filter_0 * FILTER_STEP + channel * CHANNEL_STEP + (KERNEL - 1u - ky) * KERNEL + KERNEL - 1u;
            }
            for (var kx = 0u; kx < KERNEL; kx++) {
                window = vec4f(window.yzw, pixel(line, x + kx + 3u));
                sum_0 += weight[tap] * window;
                sum_1 += weight[tap + step_1] * window;
                sum_2 += weight[tap + step_2] * window;
                sum_3 += weight[tap + step_3] * window;
                sum_4 += weight[tap + step_4] * window;
                sum_5 += weight[tap + step_5] * window;
                sum_6 += weight[tap + step_6] * window;
                sum_7 += weight[tap + step_7] * window;
                if (FLIPPED == 1u) {
                    tap -= 1u;
                } else {
                    tap += 1u;
                }
            }
        }
    }
    put(filter_0, example, row, column, sum_0);
    put(filter_0 + 1u, example, row, column, sum_1);
    put(filter_0 + 2u, example, row, column, sum_2);
    put(filter_0 + 3u, example, row, column, sum_3);
    put(filter_0 + 4u, example, row, column, sum_4);
    put(filter_0 + 5u, example, row, column, sum_5);
    put(filter_0 + 6u, example, row, column, sum_6);
    put(filter_0 + 7u, example, row, column, sum_7);
}
