// The gradient of max_pool.wgsl: a window's slope goes to the first of its largest pixels, all others get 0. A thread writes one
// window, or what there is of one at the border.
//
// Constants before this: SIZE, HEIGHT, WIDTH.

@group(0) @binding(0) var<storage, read> picture: array<f32>;
@group(0) @binding(1) var<storage, read> slope: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;
// Planes, threads in a row of the grid.
@group(0) @binding(3) var<storage, read> sizes: array<u32>;

const OUT_HEIGHT = HEIGHT / SIZE;
const OUT_WIDTH = WIDTH / SIZE;
const ROWS = (HEIGHT + SIZE - 1u) / SIZE;
const COLUMNS = (WIDTH + SIZE - 1u) / SIZE;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let place = id.x + id.y * sizes[1];
    let column = place % COLUMNS;
    let row = (place / COLUMNS) % ROWS;
    let plane = place / (COLUMNS * ROWS);
    if (plane >= sizes[0]) {
        return;
    }
    let corner = (plane * HEIGHT + row * SIZE) * WIDTH + column * SIZE;
    let height = min(SIZE, HEIGHT - row * SIZE);
    let width = min(SIZE, WIDTH - column * SIZE);
    var first = 0xffffffffu;
    var above = 0.0;
    if (row < OUT_HEIGHT && column < OUT_WIDTH) {
        above = slope[(plane * OUT_HEIGHT + row) * OUT_WIDTH + column];
        first = corner;
        var largest = picture[corner];
        for (var y = 0u; y < SIZE; y++) {
            for (var x = 0u; x < SIZE; x++) {
                let at = corner + y * WIDTH + x;
                if (picture[at] > largest) {
                    largest = picture[at];
                    first = at;
                }
            }
        }
    }
    for (var y = 0u; y < height; y++) {
        for (var x = 0u; x < width; x++) {
            let at = corner + y * WIDTH + x;
            result[at] = select(0.0, above, at == first);
        }
    }
}
