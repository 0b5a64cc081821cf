// The maximum of each window of SIZE by SIZE, side by side; what is left at the right and lower border belongs to no window.
//
// Constants before this: SIZE, HEIGHT, WIDTH.

@group(0) @binding(0) var<storage, read> picture: array<f32>;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;
// Planes, threads in a row of the grid.
@group(0) @binding(2) var<storage, read> sizes: array<u32>;

const OUT_HEIGHT = HEIGHT / SIZE;
const OUT_WIDTH = WIDTH / SIZE;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let place = id.x + id.y * sizes[1];
    let column = place % OUT_WIDTH;
    let row = (place / OUT_WIDTH) % OUT_HEIGHT;
    let plane = place / (OUT_WIDTH * OUT_HEIGHT);
    if (plane >= sizes[0]) {
        return;
    }
    let corner = (plane * HEIGHT + row * SIZE) * WIDTH + column * SIZE;
    var largest = picture[corner];
    for (var y = 0u; y < SIZE; y++) {
        for (var x = 0u; x < SIZE; x++) {
            largest = max(largest, picture[corner + y * WIDTH + x]);
        }
    }
    result[place] = largest;
}
