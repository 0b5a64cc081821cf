// A convolution with stride 1, plus a bias for each filter, then ReLU; or, FLIPPED, the gradient for its input, which is a
// convolution of the output's gradient with the kernels turned by half a turn and filters and channels exchanged.
// A thread makes four neighbours in a row for four filters.
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
const FOURS = (FILTERS + 3u) / 4u;
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

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    var rest = id.x + id.y * sizes[1];
    let column = 4u * (rest % QUADS);
    rest /= QUADS;
    let row = rest % OUT_HEIGHT;
    rest /= OUT_HEIGHT;
    let filter_0 = 4u * (rest % FOURS);
    let example = rest / FOURS;
    if (example >= sizes[0]) {
        return;
    }
    let steps = min(vec4u(0u, 1u, 2u, 3u), vec4u(FILTERS - 1u - filter_0)) * FILTER_STEP;
    var sums_0 = vec4f();
    var sums_1 = vec4f();
    var sums_2 = vec4f();
    var sums_3 = vec4f();
    for (var channel = 0u; channel < CHANNELS; channel++) {
        for (var ky = 0u; ky < KERNEL; ky++) {
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
                sums_0 += weight[tap + steps.x] * window;
                sums_1 += weight[tap + steps.y] * window;
                sums_2 += weight[tap + steps.z] * window;
                sums_3 += weight[tap + steps.w] * window;
                if (FLIPPED == 1u) {
                    tap -= 1u;
                } else {
                    tap += 1u;
                }
            }
        }
    }
    let sums = mat4x4f(sums_0, sums_1, sums_2, sums_3);
    for (var i = 0u; i < min(4u, FILTERS - filter_0); i++) {
        var sum = sums[i];
        if (BIAS == 1u) {
            sum += bias[filter_0 + i];
        }
        if (RELU == 1u) {
            sum = max(sum, vec4f());
        }
        let place = ((example * FILTERS + filter_0 + i) * OUT_HEIGHT + row) * OUT_WIDTH + column;
        for (var j = 0u; j < min(4u, OUT_WIDTH - column); j++) {
            result[place + j] = sum[j];
        }
    }
}
