// The gradient of a convolution for its weights, each part of the batch for itself: `result` is [parts, filters, channels,
// kernel, kernel], to be summed over the parts. A thread makes eight taps of a kernel's row for four filters (those that are
// there), in two matrices whose column i belongs to filter i.
//
// Constants before this: CHANNELS, FILTERS, HEIGHT, WIDTH, OUT_HEIGHT, OUT_WIDTH, KERNEL, PADDING.

@group(0) @binding(0) var<storage, read> picture: array<f32>;
@group(0) @binding(1) var<storage, read> slope: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;
// Pictures in the batch, threads in a row of the grid, pictures in a part, parts.
@group(0) @binding(3) var<storage, read> sizes: array<u32>;

const EIGHTS = (KERNEL + 7u) / 8u;
const FOURS = (FILTERS + 3u) / 4u;

fn pixel(line: u32, column: u32) -> f32 {
    return select(0.0, picture[line + min(column, WIDTH - 1u)], column < WIDTH);
}

fn slopes(line: u32, column: u32) -> vec4f {
    if (OUT_WIDTH % 4u == 0u) {
        let at = line + column;
        return vec4f(slope[at], slope[at + 1u], slope[at + 2u], slope[at + 3u]);
    }
    let at = min(vec4u(column) + vec4u(0u, 1u, 2u, 3u), vec4u(OUT_WIDTH - 1u)) + line;
    let quad = vec4f(slope[at.x], slope[at.y], slope[at.z], slope[at.w]);
    return select(vec4f(), quad, vec4u(column) + vec4u(0u, 1u, 2u, 3u) < vec4u(OUT_WIDTH));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    var rest = id.x + id.y * sizes[1];
    let kx = 8u * (rest % EIGHTS);
    rest /= EIGHTS;
    let ky = rest % KERNEL;
    rest /= KERNEL;
    let channel = rest % CHANNELS;
    rest /= CHANNELS;
    let filter_0 = 4u * (rest % FOURS);
    let part = rest / FOURS;
    if (part >= sizes[3]) {
        return;
    }
    let steps = min(vec4u(0u, 1u, 2u, 3u), vec4u(FILTERS - 1u - filter_0)) * OUT_HEIGHT * OUT_WIDTH;
    var first = mat4x4f();
    var second = mat4x4f();
    // The fifth tap where it is the last, element i belongs to filter i: no matrix for one tap.
    var fifth = vec4f();
    for (var example = part * sizes[2]; example < min((part + 1u) * sizes[2], sizes[0]); example++) {
        for (var row = 0u; row < OUT_HEIGHT; row++) {
            let y = row + ky - PADDING;
            if (y >= HEIGHT) {
                continue;
            }
            let line = ((example * CHANNELS + channel) * HEIGHT + y) * WIDTH;
            let below = ((example * FILTERS + filter_0) * OUT_HEIGHT + row) * OUT_WIDTH;
            for (var column = 0u; column < OUT_WIDTH; column += 4u) {
                let dy = mat4x4f(
                    slopes(below + steps.x, column),
                    slopes(below + steps.y, column),
                    slopes(below + steps.z, column),
                    slopes(below + steps.w, column),
                );
                let x = column + kx - PADDING;
                let p0 = pixel(line, x);
                let p1 = pixel(line, x + 1u);
                let p2 = pixel(line, x + 2u);
                let p3 = pixel(line, x + 3u);
                let p4 = pixel(line, x + 4u);
                let p5 = pixel(line, x + 5u);
                let p6 = pixel(line, x + 6u);
                first += mat4x4f(vec4f(p0, p1, p2, p3), vec4f(p1, p2, p3, p4), vec4f(p2, p3, p4, p5), vec4f(p3, p4, p5, p6)) * dy;
                if (KERNEL > 4u) {
                    let p7 = pixel(line, x + 7u);
                    if (KERNEL == 5u) {
                        fifth += vec4f(p4, p5, p6, p7) * dy;
                        continue;
                    }
                    let p8 = pixel(line, x + 8u);
                    let p9 = pixel(line, x + 9u);
                    let p10 = pixel(line, x + 10u);
                    second += mat4x4f(
                        vec4f(p4, p5, p6, p7),
                        vec4f(p5, p6, p7, p8),
                        vec4f(p6, p7, p8, p9),
                        vec4f(p7, p8, p9, p10),
                    ) * dy;
                }
            }
        }
    }
    for (var i = 0u; i < min(4u, FILTERS - filter_0); i++) {
        let place = (((part * FILTERS + filter_0 + i) * CHANNELS + channel) * KERNEL + ky) * KERNEL + kx;
        for (var j = 0u; j < min(8u, KERNEL - kx); j++) {
            let of_second = select(second[i][j % 4u], fifth[i], KERNEL == 5u);
            result[place + j] = select(of_second, first[i][j % 4u], j < 4u);
        }
    }
}
